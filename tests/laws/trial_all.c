/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every strategy at its presets over all shared hours of eight symbols, one by one and as one
 * portfolio with shared cash: no run fails, every ledger reconciles to the last unit, the gains of
 * the trades and what is left in the books are the result, and the figures are numbers.
 */
#include "check_aborts.h"
#include "trial_stage.h"
#include "unit.h"

#include "core/trial/trial_fast.h"
#include "shell/accel/accel.h"

#define SYMBOLS    8
#define HOURS_MAX  80000
#define TRADES_MAX 200000

static const char *const names[SYMBOLS] = {"ADA",  "BTC", "DOGE", "ETH",
                                           "LINK", "LTC", "SOL",  "XRP"};
static TrialMarket markets[SYMBOLS];
static TrialTrade trades[TRADES_MAX];
static double equity[HOURS_MAX], scratch[HOURS_MAX];
static int64_t equity_us[HOURS_MAX];

static int read_hours(void **state) {
    (void)state;
    for (unsigned i = 0; i < SYMBOLS; i++) {
        char path[100];
        snprintf(path, sizeof path, "ohlcv/1h/%sUSDT-1h-to_2024-12-31.csv.gz", names[i]);
        const char *root = getenv("TRADER_DATA");
        char full[1200];
        snprintf(full, sizeof full, "%s/%s", root ? root : "../shared/data", path);
        if (access(full, R_OK) != 0) return 0; /* the test says which is absent */
        markets[i] = stage_market(stage_file(full, INSTANT_HOUR_US, HOURS_MAX));
        markets[i].filters.tick = price_of(100); /* 0.000001: finer than any of them */
    }
    return 0;
}

static void judge(const TrialPlan *plan, const TrialOutput *output, const TrialResult *result) {
    Money fees = money_of(0);
    assert_null(result->ledger_fault);
    assert_true(result->trades <= TRADES_MAX);
    for (uint32_t i = 0; i < result->trades; i++)
        fees = money_add(fees, trades[i].fees);
    assert_true(money_compare(fees, result->fees) == 0);
    MetricsInput input = metrics_input(plan, output, result);
    Metrics metrics;
    metrics_of(&input, scratch, &metrics);
    assert_true(isfinite(metrics.return_pct) && isfinite(metrics.cagr_pct));
    assert_true(metrics.max_drawdown_pct >= 0 && metrics.max_drawdown_pct < 100);
    assert_true(metrics.exposure >= 0 && metrics.exposure <= 1);
    assert_true(isnan(metrics.sharpe_ratio) || isfinite(metrics.sharpe_ratio));
    assert_close(output->equity[output->equity_count - 1], money_double(result->final), 1e-6);
}

static uint32_t run(const TrialPlan *plan) {
    TrialOutput output = {.trades = trades,
                          .trades_max = TRADES_MAX,
                          .equity = equity,
                          .equity_us = equity_us,
                          .equity_max = HOURS_MAX};
    TrialResult result, other;
    Error error = {0};
    void *memory = malloc(trial_memory(plan) + trial_fast_memory(plan));
    bool ran = trial_run(plan, memory, &output, &result, &error);
    if (!ran) print_error("%s: %s (%s)\n", plan->strategy->name, error.message, error.where);
    assert_true(ran);
    judge(plan, &output, &result);
    if (trial_fast_fits(plan)) {
        assert_true(trial_fast_run(plan, memory, NULL, &other, NULL, &error));
        assert_memory_equal(&result, &other, sizeof result);
    }
    free(memory);
    return result.trades;
}

static void test_every_strategy_on_every_symbol(void **state) {
    (void)state;
    uint64_t all = 0, bars = 0;
    for (unsigned i = 0; i < SYMBOLS; i++) {
        char path[100];
        snprintf(path, sizeof path, "ohlcv/1h/%sUSDT-1h-to_2024-12-31.csv.gz", names[i]);
        (void)shared_data(path);
        assert_true(markets[i].candles.count > 30000);
        bars += markets[i].candles.count;
    }
    for (unsigned index = 0; index < strategy_count; index++) {
        uint32_t count = 0;
        for (unsigned i = 0; i < SYMBOLS; i++) {
            TrialPlan plan = stage_trial(&markets[i], 1);
            plan.strategy = strategy_table[index];
            plan.wide = accel_wide();
            strategy_presets(plan.strategy, plan.parameters);
            count += run(&plan);
        }
        if (count == 0 && !strategy_table[index]->needs_social)
            print_error("%s never traded\n", strategy_table[index]->name);
        assert_true(count > 0 || strategy_table[index]->needs_social);
        all += count;
    }
    print_message("%u strategies over %u hours: %u trades\n", strategy_count, (unsigned)bars,
                  (unsigned)all);
}

static void test_portfolios(void **state) {
    (void)state;
    (void)shared_data("ohlcv/1h/BTCUSDT-1h-to_2024-12-31.csv.gz");
    if (markets[SYMBOLS - 1].candles.count == 0) skip();
    for (unsigned index = 0; index < strategy_count; index++) {
        TrialPlan plan = stage_trial(markets, SYMBOLS);
        plan.strategy = strategy_table[index];
        plan.positions_max = 5;
        plan.size_limit = 0.2;
        strategy_presets(plan.strategy, plan.parameters);
        (void)run(&plan);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_strategy_on_every_symbol),
        cmocka_unit_test(test_portfolios),
    };
    return cmocka_run_group_tests(tests, read_hours, NULL);
}
