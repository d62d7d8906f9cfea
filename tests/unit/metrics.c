/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of a result on cases worked by hand, against published reference values, and where
 * they are not defined. */
#include "check_aborts.h"
#include "trial_stage.h"
#include "unit.h"

#include "core/base/elementary.h"
#include "core/trial/sharpe_interval.h"

#define DAY_US INSTANT_DAY_US

static double scratch[20000];

static MetricsInput input_of(const double *equity, size_t count, int64_t length_us) {
    return (MetricsInput){.initial = {100 * (__int128)STAGE_COIN},
                          .final = {(__int128)(equity[count - 1] * (double)STAGE_COIN)},
                          .turnover = {210 * (__int128)STAGE_COIN},
                          .equity = equity,
                          .count = count,
                          .length_us = length_us,
                          .first_us = 1704067200000000LL,
                          .last_us = 1704067200000000LL + (int64_t)count * length_us,
                          .bars = count,
                          .exposed = count / 2,
                          .benchmark_return = 0.05};
}

/* Daily equity 110, 99, 99, 121 from 100: returns +0.1, -0.1, 0, +0.2222...
 *   mean 0.0555555..., deviations 0.0444..., -0.1555..., -0.0555..., 0.1666...: squares sum to
 *   0.00197531 + 0.02419753 + 0.00308642 + 0.02777778 = 0.05703704; / 3 = 0.01901235, root
 *   0.13788526: Sharpe 0.40291150 x sqrt(365) = 7.69757
 *   downside: sqrt(0.01 / 4) = 0.05: Sortino 1.1111111 x 19.10497317
 *   gains 0.32222222, losses 0.1: Omega 3.2222222
 *   drawdown from 110 to 99: 10 %, from the close of day 1 to that of day 4: 3 days
 *   four days: growth 1.21 ^ (365 / 4)
 *   mean equity 107.25: turnover 210 / 107.25 */
static void test_four_days(void **state) {
    (void)state;
    static const double equity[] = {110, 99, 99, 121};
    MetricsInput input = input_of(equity, 4, DAY_US);
    Metrics metrics;
    metrics_of(&input, scratch, &metrics);
    assert_close(metrics.return_pct, 21, 1e-9);
    assert_close(metrics.mean, 0.5 / 9, 1e-15);
    assert_close(metrics.deviation, 0.13788526, 1e-8);
    assert_close(metrics.sharpe_ratio, 7.69757, 1e-4);
    assert_close(metrics.volatility_pct, 13.788526 * sqrt(365), 1e-5);
    assert_close(metrics.sortino_ratio, 10.0 / 9 * sqrt(365), 1e-9);
    assert_close(metrics.omega_ratio, 29.0 / 9, 1e-12);
    assert_close(metrics.max_drawdown_pct, 10, 1e-12);
    assert_close(metrics.max_drawdown_days, 3, 0);
    double cagr = 100 * (pow(1.21, 365.0 / 4) - 1);
    assert_close(metrics.cagr_pct, cagr, cagr * 1e-12);
    assert_close(metrics.calmar_ratio, cagr / 10, cagr * 1e-12);
    assert_close(metrics.turnover, 210 / 107.25, 1e-12);
    assert_close(metrics.exposure, 0.5, 0);
    assert_close(metrics.benchmark_return_pct, 5, 1e-12);
    assert_true(metrics.sharpe_low < metrics.sharpe_ratio);
    assert_close(metrics.sharpe_low + metrics.sharpe_high, 2 * metrics.sharpe_ratio, 1e-9);
}

/* Of -4 ... 5 %, in any order: the 5 % quantile lies 0.45 of the way from -4 to -3: 3.55 % are
 * lost; the steps at and beyond it are the one of -4 %. */
static void test_value_at_risk(void **state) {
    (void)state;
    double returns[] = {0.03, -0.04, 0.05, 0.01, -0.01, 0, 0.04, -0.03, 0.02, -0.02};
    double loss, beyond;
    metrics_value_at_risk(returns, 10, 0.95, &loss, &beyond);
    assert_close(loss, 0.0355, 1e-15);
    assert_close(beyond, 0.04, 1e-15);
}

/* A loss of a day is a day's, whatever the bar: four bars of 12 hours from midnight are two days.
 */
static void test_losses_are_of_a_day(void **state) {
    (void)state;
    static const double equity[] = {90, 95, 100, 114};
    MetricsInput input = input_of(equity, 4, DAY_US / 2);
    Metrics metrics;
    metrics_of(&input, scratch, &metrics); /* days: -5 %, +20 %; quantile -5 + 0.05 x 25 */
    assert_close(metrics.var95_pct, 3.75, 1e-12);
    assert_close(metrics.cvar95_pct, 5, 1e-12);
    input.first_us += DAY_US / 2; /* from noon: the first day is only touched */
    metrics_of(&input, scratch, &metrics);
    assert_close(metrics.var95_pct, -(100.0 / 90 - 1) * 100, 1e-9); /* the one whole day gained */
}

/* The same equity told hourly and daily has the same year: annualised by calendar time. */
static void test_a_year_is_a_year(void **state) {
    (void)state;
    static double hourly[240], daily[10];
    double equity = 100;
    Random random = random_stream(1, 3);
    for (unsigned i = 0; i < 240; i++) {
        equity *= 1 + 0.01 * (random_uniform(&random) - 0.48);
        hourly[i] = equity;
        if (i % 24 == 23) daily[i / 24] = equity;
    }
    Metrics fine, coarse;
    MetricsInput input = input_of(hourly, 240, INSTANT_HOUR_US);
    metrics_of(&input, scratch, &fine);
    input = input_of(daily, 10, DAY_US);
    metrics_of(&input, scratch, &coarse);
    assert_close(fine.cagr_pct, coarse.cagr_pct, 1e-9 * fabs(fine.cagr_pct));
    assert_close(fine.var95_pct, coarse.var95_pct, 1e-12);
    assert_close(fine.volatility_pct / fine.deviation, 100 * sqrt(365 * 24), 1e-9);
    assert_close(coarse.volatility_pct / coarse.deviation, 100 * sqrt(365), 1e-9);
}

/* Gains 30, -10, 20, -20, 0: won 2 of 5; 50 / 30; 4 a trade, in units of the mean loss of 15. */
static void test_trades(void **state) {
    (void)state;
    static const double equity[] = {100};
    static const int gains[] = {30, -10, 20, -20, 0};
    TrialTrade trades[5] = {0};
    for (unsigned i = 0; i < 5; i++)
        trades[i].gain = money_of(gains[i] * (__int128)STAGE_COIN);
    MetricsInput input = input_of(equity, 1, DAY_US);
    input.trades = trades;
    input.trade_count = 5;
    Metrics metrics;
    metrics_of(&input, scratch, &metrics);
    assert_int_equal(metrics.total_trades, 5);
    assert_int_equal(metrics.winning_trades, 2);
    assert_int_equal(metrics.losing_trades, 2);
    assert_close(metrics.win_rate, 0.4, 1e-15);
    assert_close(metrics.profit_factor, 5.0 / 3, 1e-15);
    assert_close(metrics.average_trade, 4, 1e-15);
    assert_close(metrics.expectancy, 4.0 / 15, 1e-15);
}

static void test_what_is_not_defined(void **state) {
    (void)state;
    static const double flat[] = {100, 100, 100};
    MetricsInput input = input_of(flat, 3, DAY_US);
    Metrics metrics;
    metrics_of(&input, scratch, &metrics);
    assert_true(isnan(metrics.sharpe_ratio) && isnan(metrics.sharpe_low));
    assert_true(isnan(metrics.sortino_ratio) && isnan(metrics.omega_ratio));
    assert_true(isnan(metrics.calmar_ratio) && isnan(metrics.profit_factor));
    assert_true(isnan(metrics.win_rate) && isnan(metrics.expectancy));
    assert_close(metrics.max_drawdown_pct, 0, 0);
    assert_close(metrics.max_drawdown_days, 0, 0);
    assert_close(metrics.volatility_pct, 0, 0);
    assert_close(metrics.return_pct, 0, 0);
    input.count = 0;
    metrics_of(&input, scratch, &metrics);
    assert_true(isnan(metrics.turnover) && isnan(metrics.max_drawdown_pct));
}

/* Under water from the opening balance on, without a new peak until the end. */
static void test_a_drawdown_that_lasts(void **state) {
    (void)state;
    static const double equity[] = {99, 98, 99, 99.5};
    MetricsInput input = input_of(equity, 4, INSTANT_HOUR_US);
    Metrics metrics;
    metrics_of(&input, scratch, &metrics);
    assert_close(metrics.max_drawdown_days, 4.0 / 24, 1e-15);
    assert_close(metrics.max_drawdown_pct, 2, 1e-12);
}

/* ---- the ratio's error --------------------------------------------------------------------- */

static double error_of(const double *returns, size_t count) {
    return sharpe_interval(&(MetricsInput){.count = count}, returns).error;
}

/* Of independent normal returns: sqrt((1 + ratio^2 / 2) / n), Lo 2002. Of returns that follow one
 * another with a correlation of 0.3, (1 + 0.3) / (1 - 0.3) times the variance. */
static void test_sharpe_error(void **state) {
    (void)state;
    static double returns[20000];
    Random random = random_stream(3, 4);
    double last = 0;
    for (unsigned i = 0; i < 20000; i++)
        returns[i] = 0.001 + 0.01 * random_normal(&random);
    double expected = sqrt((1 + 0.01 / 2) / 20000);
    assert_close(error_of(returns, 20000) / expected, 1, 0.1);
    for (unsigned i = 0; i < 20000; i++) {
        last = 0.3 * last + 0.01 * random_normal(&random);
        returns[i] = 0.0002 + last;
    }
    assert_close(error_of(returns, 20000) / sqrt(13.0 / 7 / 20000), 1, 0.1);
}

/* The interval holds the true ratio in 95 of 100 samples of fat-tailed returns (4000 samples: the
 * frequency's own error is 0.35 %). */
static void test_the_interval_has_its_coverage(void **state) {
    (void)state;
    static double equity[300];
    unsigned held = 0;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        Random random = random_stream(seed, 5);
        double value = 100;
        for (unsigned i = 0; i < 300; i++)
            equity[i] = value *= 1 + 0.0005 + 0.01 * random_student_t(&random, 6) / sqrt(1.5);
        MetricsInput input = input_of(equity, 300, DAY_US);
        Metrics metrics;
        metrics_of(&input, scratch, &metrics);
        double truth = 0.05 * sqrt(365);
        held += metrics.sharpe_low <= truth && truth <= metrics.sharpe_high;
    }
    print_message("the 95 %% interval held the true Sharpe ratio in %.1f %% of 4000 samples\n",
                  held / 40.0);
    assert_true(held > 0.93 * 4000 && held < 0.97 * 4000);
}

/* ---- published figures --------------------------------------------------------------------- */

/* reference/ml/btc_daily_reference.json, "risk_daily_logret": 1563 log returns of the daily close.
 */
static void test_reference_figures(void **state) {
    (void)state;
    const char *path = shared_data("ohlcv/1d/BTCUSDT-1d-2020-09-20_2024-12-31.csv.gz");
    char command[1200];
    snprintf(command, sizeof command, "zcat '%s' | cut -d, -f5", path);
    FILE *file = popen(command, "r");
    static double closes[2000], returns[2000];
    size_t count = 0;
    char line[64];
    while (fgets(line, sizeof line, file) && count < 2000)
        if (strtod(line, NULL) > 0) closes[count++] = strtod(line, NULL);
    pclose(file);
    assert_int_equal(count, 1564);
    for (size_t i = 1; i < count; i++)
        returns[i - 1] = log(closes[i] / closes[i - 1]);
    double loss, beyond;
    metrics_value_at_risk(returns, count - 1, 0.95, &loss, &beyond);
    assert_close(loss, 0.05097507947747133, 1e-15);
    assert_close(beyond, 0.07604155682524404, 1e-15);
    metrics_value_at_risk(returns, count - 1, 0.99, &loss, &beyond);
    assert_close(loss, 0.09297822664872055, 1e-15);
    assert_close(beyond, 0.12010917467979432, 1e-15);
    MetricsInput input = input_of(closes, count, DAY_US);
    input.initial = money_of((__int128)(closes[0] * (double)STAGE_COIN));
    Metrics metrics;
    metrics_of(&input, scratch, &metrics);
    assert_close(metrics.max_drawdown_pct, 76.62925431645935, 1e-9);
    /* Equity whose steps are those logarithms has the reference's mean, deviation, moments. */
    static double steps[2000];
    double equity = 100;
    for (size_t i = 1; i < count; i++)
        steps[i - 1] = equity *= 1 + log(closes[i] / closes[i - 1]);
    input = input_of(steps, count - 1, DAY_US);
    metrics_of(&input, scratch, &metrics);
    assert_close(metrics.mean, 0.001374377689913456, 1e-15);
    assert_close(metrics.deviation, 0.03239596749333799, 1e-14);
    assert_close(metrics.skewness, -0.10302379554981965, 1e-11);
    assert_close(metrics.kurtosis - 3, 3.3349592129030095, 1e-11);
    assert_close(metrics.sharpe_ratio, 0.810515966312361, 1e-11);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_four_days),
        cmocka_unit_test(test_value_at_risk),
        cmocka_unit_test(test_losses_are_of_a_day),
        cmocka_unit_test(test_a_year_is_a_year),
        cmocka_unit_test(test_trades),
        cmocka_unit_test(test_what_is_not_defined),
        cmocka_unit_test(test_a_drawdown_that_lasts),
        cmocka_unit_test(test_sharpe_error),
        cmocka_unit_test(test_the_interval_has_its_coverage),
        cmocka_unit_test(test_reference_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
