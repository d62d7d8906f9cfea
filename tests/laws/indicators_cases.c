/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases worked by hand where no public vector is known: pivots, session average, volume profile and
 * the two volatilities; which way the combined indicators point; and the sums that windows stand
 * on: what they promise to forget, and when.
 */
#include "unit.h"

#include "core/base/check.h"
#include "core/indicators/indicator.h"
#include "core/num/sliding.h"
#include "core/num/weighted.h"
#include "series.h"

static IndicatorBar bars[SERIES_BARS];
static double rows[SERIES_BARS][INDICATOR_OUTPUTS_MAX];

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

/* Options by order, the others preset; `count` of `bars` into `rows`. */
static void run(const char *name, const double *given, unsigned given_count, unsigned count) {
    double options[INDICATOR_OPTIONS_MAX];
    const Indicator *plug = indicator_find(name);
    assert_non_null(plug);
    indicator_presets(plug, options);
    for (unsigned index = 0; index < given_count; index++)
        options[index] = given[index];
    assert_null(indicator_options_fault(plug, options));
    void *state = malloc(plug->state_size(options));
    assert_non_null(state);
    plug->init(state, options);
    for (unsigned bar = 0; bar < count; bar++)
        plug->step(state, &bars[bar], rows[bar]);
    free(state);
}

static IndicatorBar bar_at(long hour, double high, double low, double close, double volume) {
    return (IndicatorBar){.open = close,
                          .high = high,
                          .low = low,
                          .close = close,
                          .volume = volume,
                          .taker = (double)NAN,
                          .time_us = (SERIES_MONDAY_HOUR + hour) * 3600000000LL};
}

static void require_row(unsigned bar, unsigned count, const double *expected) {
    for (unsigned output = 0; output < count; output++)
        assert_close(rows[bar][output], expected[output], 1e-12 * fabs(expected[output]));
}

/* A day of 110, 90 and a close of 100, spread over three bars; then a weekend without bars. */
static void test_pivots(void **context) {
    (void)context;
    bars[0] = bar_at(0, 105, 95, 104, 1);
    bars[1] = bar_at(7, 110, 100, 101, 1);
    bars[2] = bar_at(23, 102, 90, 100, 1);
    bars[3] = bar_at(24, 130, 99, 101, 1);
    bars[4] = bar_at(47, 104, 70, 100, 1);
    bars[5] = bar_at(96, 104, 103, 103, 1);
    run("pivot_points", NULL, 0, 6);
    assert_true(isnan(rows[0][0]) && isnan(rows[2][6]));
    require_row(3, 7, (double[]){100, 110, 120, 130, 90, 80, 70});
    require_row(4, 7, (double[]){100, 110, 120, 130, 90, 80, 70});
    require_row(5, 7, (double[]){100, 130, 160, 190, 70, 40, 10});
    bars[0].time_us += 3600000000LL; /* the first bar of the day was not seen */
    run("pivot_points", NULL, 0, 6);
    assert_true(isnan(rows[3][0]) && isnan(rows[4][0]));
    require_row(5, 7, (double[]){100, 130, 160, 190, 70, 40, 10});
}

static void test_session_average(void **context) {
    (void)context;
    bars[0] = bar_at(22, 60, 60, 60, 1);
    bars[1] = bar_at(23, 90, 90, 90, 2);
    bars[2] = bar_at(24, 10, 10, 10, 0);
    bars[3] = bar_at(25, 20, 20, 20, 0);
    bars[4] = bar_at(26, 33, 27, 30, 4);
    bars[5] = bar_at(27, 50, 50, 50, 4);
    run("session_vwap", NULL, 0, 6);
    const double expected[6] = {60, 80, 10, 15, 30, 40};
    for (unsigned bar = 0; bar < 6; bar++)
        assert_close(rows[bar][0], expected[bar], 1e-12 * expected[bar]);
    run("session_vwap", (double[]){168}, 1, 6); /* a week: nothing begins anew */
    assert_close(rows[5][0], 560.0 / 11, 1e-12 * 50);
}

/* Ten bins of 1 from 100 to 110: the most, 50, at 102 to 103, its second, 40, apart at 107 to 108.
 * By falling bins 70 of 100 would be these two; the contiguous area has to walk there over the 10
 * between. */
static void test_volume_profile(void **context) {
    (void)context;
    bars[0] = bar_at(0, 103, 102, 102, 50);
    bars[1] = bar_at(1, 108, 107, 107, 30);
    bars[2] = bar_at(2, 110, 100, 105, 20);
    run("volume_profile", (double[]){3, 10, 0.7}, 3, 3);
    /* 52 + 2 + 2 + 2 + 2 upwards, which wins ties, make 60; the next holds 32. */
    require_row(2, 3, (double[]){102.5, 108, 102});
    assert_true(rows[2][3] == 0);
    run("volume_profile", (double[]){3, 10, 0.52}, 3, 3);
    require_row(2, 3, (double[]){102.5, 103, 102});
    bars[0].taker = 40; /* bought 40, sold 10 */
    bars[2].taker = 5;  /* bought 5, sold 15; of bar 1 nobody knows */
    run("volume_profile", (double[]){3, 10, 0.7}, 3, 3);
    assert_close(rows[2][3], (30.0 - 10.0) / 70, 1e-15);
}

static void test_volatilities(void **context) {
    (void)context;
    bars[0] = bar_at(0, 2, 1, 1, 0);
    run("garman_klass", (double[]){1, 1}, 2, 1);
    assert_close(rows[0][0], log(2) / sqrt(2), 1e-15);
    bars[0].close = 2; /* ln 2 throughout: 1/2 - (2 ln 2 - 1) of its square */
    run("garman_klass", (double[]){1, 4}, 2, 1);
    assert_close(rows[0][0], 2 * log(2) * sqrt(1.5 - 2 * log(2)), 1e-15);
    for (unsigned bar = 0; bar < 3; bar++)
        bars[bar] = bar_at(bar, 100, 100, bar == 1 ? 110 : bar == 2 ? 99 : 100, 0);
    run("historical_volatility", (double[]){2, 9}, 2, 3);
    assert_close(rows[2][0], 3 * (log(1.1) - log(0.9)) / sqrt(2), 1e-15);
}

/* A rise that quickens, then one that tires: price still up, strength down. */
static void test_directions(void **context) {
    (void)context;
    double price = 100;
    for (unsigned bar = 0; bar < 60; bar++) {
        price *= bar < 40 ? 1.004 + 0.0002 * bar : bar % 2 ? 1.004 : 0.999;
        bars[bar] = bar_at(bar, price * 1.001, price * 0.999, price, bar == 39 ? 30 : 10);
    }
    run("trend_confirmation", NULL, 0, 60);
    assert_true(rows[39][0] > 0.9);
    run("breakout", NULL, 0, 60);
    assert_true(rows[39][0] > 0.5);
    run("volume_price_confirmation", NULL, 0, 60);
    assert_true(rows[39][0] > 0.5 && fabs(rows[38][0]) < 0.1);
    run("oscillator_consensus", NULL, 0, 60);
    assert_true(rows[39][0] > 0.9);
    run("divergence", NULL, 0, 60);
    assert_true(rows[39][0] == 0 && rows[52][0] < -0.3);
    run("reversal_probability", NULL, 0, 60);
    assert_true(rows[52][1] > 0.1 && rows[52][0] == 0);
    run("market_regime_indicator", NULL, 0, 60);
    for (unsigned bar = 50; bar < 60; bar++)
        assert_close(rows[bar][0] + rows[bar][1] + rows[bar][2], 1, 1e-15);
}

/* A bar of trades without a taker's part is one of a source that does not say it. */
static void test_bar(void **context) {
    (void)context;
    Bar bar = {.time_us = 60000000,
               .open = price_of(100000000),
               .high = price_of(200000000),
               .low = price_of(50000000),
               .close = price_of(150000000),
               .volume = 3,
               .taker_volume = 1};
    IndicatorBar read = indicator_bar(&bar);
    assert_true(read.open == 1 && read.high == 2 && read.low == 0.5 && read.close == 1.5);
    assert_true(read.volume == 3 && read.taker == 1 && read.time_us == 60000000);
    bar.taker_volume = 0;
    assert_true(isnan(indicator_bar(&bar).taker));
    bar.volume = 0;
    assert_true(indicator_bar(&bar).taker == 0);
}

/* The mean of n equal values is that value, for every n an option may have and any value. */
static void test_equal_values(void **context) {
    (void)context;
    uint64_t seed = 5, memory[4 * 500 + 64];
    for (unsigned length = 1; length <= 500; length++) {
        double value = ldexp(0.5 + series_uniform(&seed), (int)(series_bits(&seed) % 40) - 20);
        Sliding *sliding = (Sliding *)memory;
        sliding_init(sliding, length);
        for (unsigned turn = 0; turn < length + 3; turn++)
            sliding_push(sliding, value);
        assert_true(sliding_mean(sliding) == value);
        Weighted *weighted = (Weighted *)memory;
        double mean = 0;
        weighted_init(weighted, length);
        for (unsigned turn = 0; turn < length + 3; turn++)
            mean = weighted_next(weighted, value);
        assert_true(mean == value);
    }
}

/* What has left a window is gone, whatever it was, even if the sum could not hold both. */
static void test_forgetting(void **context) {
    (void)context;
    const double spikes[] = {1e3, 1e9, 1e40, 1e300};
    enum { LENGTH = 20 };
    for (unsigned spike = 0; spike < 4; spike++) {
        uint64_t seed = 9, memory[2][4 * LENGTH + 64];
        Sliding *plain = (Sliding *)memory[0], *struck = (Sliding *)memory[1];
        sliding_init(plain, LENGTH);
        sliding_init(struck, LENGTH);
        for (unsigned turn = 0; turn < 200; turn++) {
            double value = 100 * series_uniform(&seed);
            sliding_push(plain, value);
            sliding_push(struck, turn == 33 ? value * spikes[spike] : value);
            if (turn >= 33 + LENGTH) assert_true(sliding_sum(plain) == sliding_sum(struck));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pivots),         cmocka_unit_test(test_session_average),
        cmocka_unit_test(test_volume_profile), cmocka_unit_test(test_volatilities),
        cmocka_unit_test(test_directions),     cmocka_unit_test(test_bar),
        cmocka_unit_test(test_equal_values),   cmocka_unit_test(test_forgetting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
