/* SPDX-License-Identifier: Apache-2.0 */
/* A trial's fills and books on worked cases; the figures stand in the comments. */
#include "check_aborts.h"
#include "trial_record.h"

static void assert_money(Money money, const char *text) {
    char is[DECIMAL_TEXT_MAX];
    money_to_text(money, is);
    assert_string_equal(is, text);
}

static void assert_price(Price price, const char *text) {
    assert_money(money_of(price.units), text);
}

static const StrategyWish half = {.kind = WISH_ENTER, .fraction = 0.5};
static const StrategyWish leaves = {.kind = WISH_LEAVE, .fraction = 1};

/* Five bars around 100; what a test changes it says. */
#define BARS(name, ...) static const StageBar name[] = {__VA_ARGS__}
#define COUNT(bars)     (sizeof(bars) / sizeof(bars)[0])

/* ---- fills --------------------------------------------------------------------------------- */

/* 5000 of 10000 at 100.00 are 50. Bought at the open 101 x 1.0004 = 101.0404, on the tick 101.05:
 * 5052.50, fee 0.05 of the 50. Sold at 103 x 0.9996 = 102.9588, on the tick 102.95: 49.95 bring
 * 5142.3525, fee 5.1423525. */
static void test_the_next_open_with_costs(void **state) {
    (void)state;
    BARS(bars, {10000, 10000, 10000, 10000}, {10100, 10300, 10000, 10200},
         {10200, 10300, 10150, 10250}, {10300, 10400, 10200, 10350});
    TrialMarket market = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    TrialPlan plan = stage_trial(&market, 1);
    stage_forget();
    stage_script[0][0] = half;
    stage_script[0][2] = leaves;
    TrialResult result = run(&plan);
    assert_int_equal(result.trades, 1);
    assert_price(trades[0].entry, "101.05");
    assert_price(trades[0].exit, "102.95");
    assert_int_equal(trades[0].quantity.units, 50 * STAGE_COIN);
    assert_int_equal(trades[0].entry_bar, 1);
    assert_int_equal(trades[0].exit_bar, 3);
    assert_int_equal(trades[0].entry_us, market.candles.time_us[1]);
    assert_int_equal(trades[0].exit_us, market.candles.time_us[3]);
    assert_int_equal(trades[0].reason, REASON_SIGNAL);
    assert_money(trades[0].gain, "84.7101475");
    assert_money(trades[0].fees, "10.1948525");
    assert_money(trades[0].slippage, "4.9975");
    assert_money(result.final, "10084.7101475");
    assert_money(result.turnover, "10194.8525");
    assert_int_equal(result.bars, 4);
    assert_int_equal(result.exposed, 2);
    assert_int_equal(output.equity_count, 4);
    assert_close(equity[0], 10000, 0);
    assert_close(equity[1], 4947.5 + 49.95 * 102, 1e-9); /* marked while the position is open */
    assert_close(equity[2], 4947.5 + 49.95 * 102.5, 1e-9);
    assert_close(equity[3], 10084.7101475, 1e-9);
    assert_int_equal(equity_us[0], market.candles.time_us[1]);
    assert_close(trades[0].worst, 100 / 101.05 - 1, 1e-12);
    assert_close(trades[0].best, 103 / 101.05 - 1, 1e-12);
    stage_free(&market.candles);
}

/* One entry with a stop of 2 % and a target of 4 % on the third bar's shape. */
static TrialResult bracket(StageBar third) {
    StageBar bars[] = {{10000, 10000, 10000, 10000},
                       {10000, 10050, 9990, 10000},
                       third,
                       {10000, 10000, 10000, 10000},
                       {10000, 10000, 10000, 10000}};
    TrialMarket market = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    TrialPlan plan = stage_trial(&market, 1);
    stage_forget();
    stage_script[0][0] = (StrategyWish){
        .kind = WISH_ENTER, .fraction = 0.5, .stop_fraction = 0.02, .target_fraction = 0.04};
    TrialResult result = run(&plan);
    assert_int_equal(result.trades, 1);
    assert_price(trades[0].entry, "100.04"); /* 100 x 1.0004 */
    stage_free(&market.candles);
    return result;
}

/* The stop stands at 100.04 x 0.98 = 98.0392, up to 98.04; the target at 104.0416, down to 104.04.
 * A stop sells at its price x 0.9996, down to the tick: 98.04 gives 98.000784, so 98.00. */
static void test_stop_and_target(void **state) {
    (void)state;
    bracket((StageBar){10000, 10000, 9804, 9900});
    assert_price(trades[0].exit, "98");
    assert_int_equal(trades[0].reason, REASON_STOP_LOSS);
    assert_int_equal(trades[0].exit_bar, 2);
    assert_int_equal(trades[0].exit_us, trades[0].entry_us + 2 * STAGE_MINUTE - 1);
    bracket((StageBar){10000, 10404, 9805, 10100});
    assert_price(trades[0].exit, "104.04"); /* a resting limit loses nothing to the spread */
    assert_int_equal(trades[0].reason, REASON_TAKE_PROFIT);
    bracket((StageBar){10000, 10500, 9700, 10100}); /* both: the stop */
    assert_price(trades[0].exit, "98");
    bracket((StageBar){9500, 10500, 9400, 10100}); /* a gap: 95 x 0.9996 = 94.962 */
    assert_price(trades[0].exit, "94.96");
    assert_int_equal(trades[0].exit_us, trades[0].entry_us + STAGE_MINUTE);
    bracket((StageBar){10600, 10700, 9000, 10100}); /* a gap over the target: the better open */
    assert_price(trades[0].exit, "106");
    assert_int_equal(trades[0].reason, REASON_TAKE_PROFIT);
    bracket((StageBar){10000, 10403, 9805, 10100}); /* neither: until the data end */
    assert_int_equal(trades[0].reason, REASON_FLATTEN);
    assert_int_equal(trades[0].exit_bar, 4);
    assert_price(trades[0].exit, "99.96");
}

/* The protection stands from the fill on: the entry's own bar may touch it. */
static void test_the_entry_bar_is_judged(void **state) {
    (void)state;
    BARS(bars, {10000, 10000, 10000, 10000}, {10000, 10050, 9700, 10000},
         {10000, 10000, 10000, 10000});
    TrialMarket market = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    TrialPlan plan = stage_trial(&market, 1);
    stage_forget();
    stage_script[0][0] = (StrategyWish){.kind = WISH_ENTER, .fraction = 0.5, .stop_fraction = 0.02};
    stage_script[0][1] = half; /* at the close of the exit's bar: allowed */
    TrialResult result = run(&plan);
    assert_int_equal(result.trades, 2);
    assert_int_equal(trades[0].exit_bar, 1);
    assert_int_equal(trades[1].entry_bar, 2);
    assert_int_equal(result.exposed, 1);
    stage_free(&market.candles);
}

/* 100.04 at entry; trails 1 % behind the high once it is 1 % up, at least 0.1 % a move, and waits
 * 60 s: at the close of the entry's bar 59.999999 s have gone by, at the next open 60. The high of
 * bar 1 is 102, so the stop goes to 100.98 at the open of bar 2, and bar 2's low of 100.9 touches
 * it: 100.98 x 0.9996 = 100.939608. */
static void test_trailing(void **state) {
    (void)state;
    BARS(bars, {10000, 10000, 10000, 10000}, {10000, 10200, 9990, 10150},
         {10150, 10150, 10090, 10100}, {10100, 10100, 10100, 10100});
    TrialMarket market = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    TrialPlan plan = stage_trial(&market, 1);
    StrategyPlan rules = {.size_fraction = 0.5, .trails = true};
    rules.trailing = (TrailingRule){.activation_fraction = 0.01,
                                    .trail_fraction = 0.01,
                                    .step_fraction = 0.001,
                                    .pause_us = STAGE_MINUTE};
    rules.stop.fraction = 0.05;
    uint8_t close = plan_bar(&rules, BAR_CLOSE), hundred = plan_constant(&rules, 100.5);
    plan_when(&rules.enter, close, TEST_BELOW, hundred);
    plan.rules = &rules;
    run(&plan);
    assert_int_equal(trades[0].entry_bar, 1);
    assert_int_equal(trades[0].exit_bar, 2);
    assert_price(trades[0].exit, "100.93");
    assert_int_equal(trades[0].reason, REASON_TRAILING_STOP);
    rules.trailing.pause_us = 10 * STAGE_MINUTE;
    run(&plan);
    assert_int_equal(trades[0].reason, REASON_FLATTEN);
    stage_free(&market.candles);
}

static void test_bars_held_and_pause(void **state) {
    (void)state;
    StageBar bars[12];
    for (unsigned i = 0; i < 12; i++)
        bars[i] = (StageBar){10000, 10000, 10000, 10000};
    TrialMarket market = stage_market(stage_bars(bars, 12, STAGE_MINUTE));
    TrialPlan plan = stage_trial(&market, 1);
    StrategyPlan rules = {.size_fraction = 0.5, .bars_max = 2, .bars_pause = 1};
    uint8_t close = plan_bar(&rules, BAR_CLOSE), zero = plan_constant(&rules, 0);
    plan_when(&rules.enter, close, TEST_ABOVE, zero);
    plan.rules = &rules;
    TrialResult result = run(&plan);
    /* bought at 1, left at the close of 2, sold at 3, whose close goes by; bought at 5, ... */
    assert_int_equal(result.trades, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(trades[i].entry_bar, 1 + 4 * i);
        assert_int_equal(trades[i].exit_bar, 3 + 4 * i);
    }
    stage_free(&market.candles);
}

/* ---- more than one fill -------------------------------------------------------------------- */

/* 20 at 100.04 and, from 10000 x 0.3 at 90, 33.33333 at 90 x 1.0004 = 90.04: together 53.33333 for
 * 2000.8 + 3001.3330332 = 5002.1330332, 93.79000023 each. Half of the inventory of 53.27999667
 * (fees off; on the step 53.27999) is 26.63999. */
static void test_adding_and_reducing(void **state) {
    (void)state;
    BARS(bars, {10000, 10000, 10000, 10000}, {10000, 10000, 9000, 9000}, {9000, 9500, 9000, 9400},
         {9400, 9400, 9400, 9400}, {9400, 9400, 8000, 9000}, {9000, 9000, 9000, 9000});
    TrialMarket market = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    TrialPlan plan = stage_trial(&market, 1);
    stage_forget();
    stage_script[0][0] = (StrategyWish){.kind = WISH_ADD, .fraction = 0.2};
    stage_script[0][1] =
        (StrategyWish){.kind = WISH_ADD, .fraction = 0.3, .of_start = true, .stop_fraction = 0.1};
    stage_script[0][2] = (StrategyWish){.kind = WISH_REDUCE, .fraction = 0.5};
    TrialResult result = run(&plan);
    assert_int_equal(result.trades, 1);
    assert_int_equal(trades[0].quantity.units, 20 * STAGE_COIN + 3333333000);
    assert_price(trades[0].entry, "93.79000023");
    assert_int_equal(trades[0].exit_bar, 4);
    assert_int_equal(trades[0].reason, REASON_STOP_LOSS);
    /* half at 94 x 0.9996 = 93.96; the rest, 26.64, at the stop 84.41099... up to 84.42, x 0.9996
     * = 84.38 */
    assert_close(price_double(trades[0].exit), (26.63999 * 93.96 + 26.64 * 84.38) / 53.27999, 1e-7);
    stage_free(&market.candles);
}

/* ---- several markets ----------------------------------------------------------------------- */

static void test_markets_share_cash_and_places(void **state) {
    (void)state;
    static const double rows[4] = {1, 1, 1, 1};
    BARS(bars, {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000},
         {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000});
    TrialMarket markets[2];
    for (unsigned i = 0; i < 2; i++)
        markets[i] = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    markets[1].external[EXTERNAL_SENTIMENT] = rows;
    TrialPlan plan = stage_trial(markets, 2);
    stage_forget();
    stage_script[0][0] = stage_script[1][0] = (StrategyWish){.kind = WISH_ENTER, .fraction = 0.8};
    TrialResult result = run(&plan); /* one place: the first of them */
    assert_int_equal(result.trades, 1);
    assert_int_equal(result.refused, 1);
    plan.positions_max = 2;
    result = run(&plan);
    assert_int_equal(result.trades, 2);
    assert_int_equal(trades[0].quantity.units, 80 * STAGE_COIN);
    /* 8000 x 1.02 are locked: 98 % of 1840 are left, 18.032 */
    assert_int_equal(trades[1].quantity.units, 1803200000);
    assert_int_equal(output.equity_count, 4);
    assert_int_equal(result.bars, 8);
    /* What leaves at one close holds its place until the next open. */
    plan.positions_max = 1;
    stage_forget();
    stage_script[0][0] = half;
    stage_script[0][1] = leaves;
    stage_script[1][1] = stage_script[1][2] = half;
    result = run(&plan);
    assert_int_equal(result.refused, 1);
    assert_int_equal(result.trades, 2);
    assert_int_equal(trades[1].entry_bar, 3);
    for (unsigned i = 0; i < 2; i++)
        stage_free(&markets[i].candles);
}

/* A missing bar is missing: the order waits for the next one that is there, and each market's bars
 * are its own. */
static void test_gaps(void **state) {
    (void)state;
    static const double rows[3] = {1, 1, 1};
    BARS(bars, {10000, 10000, 10000, 10000}, {11000, 11000, 11000, 11000},
         {12000, 12000, 12000, 12000});
    TrialMarket markets[2];
    for (unsigned i = 0; i < 2; i++)
        markets[i] = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    int64_t *times = (int64_t *)(uintptr_t)markets[1].candles.time_us;
    times[1] += 5 * STAGE_MINUTE;
    times[2] += 5 * STAGE_MINUTE;
    markets[1].external[EXTERNAL_SENTIMENT] = rows;
    TrialPlan plan = stage_trial(markets, 2);
    plan.positions_max = 2;
    stage_forget();
    stage_script[1][0] = half;
    TrialResult result = run(&plan);
    assert_int_equal(result.trades, 1);
    assert_int_equal(trades[0].entry_us, times[1]);
    assert_int_equal(trades[0].entry_bar, 1);
    assert_int_equal(output.equity_count, 5); /* 0, 1, 2 and 6, 7 */
    assert_int_equal(equity_us[3], times[1] + STAGE_MINUTE);
    for (unsigned i = 0; i < 2; i++)
        stage_free(&markets[i].candles);
}

/* ---- finer candles ------------------------------------------------------------------------- */

/* A bar of five minutes that touches both: by itself the stop; minute by minute the target came
 * first. Where the minutes lack, the bar's own range. */
static void test_finer_candles(void **state) {
    (void)state;
    BARS(bars, {10000, 10000, 10000, 10000}, {10000, 10600, 9000, 9500}, {9500, 9500, 9500, 9500});
    BARS(minutes, {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000},
         {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000},
         {10000, 10100, 9990, 10100}, {10500, 10600, 10000, 10000}, {10000, 10000, 9000, 9100},
         {9100, 9500, 9100, 9500}, {9500, 9500, 9500, 9500});
    TrialMarket market = stage_market(stage_bars(bars, COUNT(bars), 5 * STAGE_MINUTE));
    TrialPlan plan = stage_trial(&market, 1);
    stage_forget();
    stage_script[0][0] = (StrategyWish){
        .kind = WISH_ENTER, .fraction = 0.5, .stop_fraction = 0.02, .target_fraction = 0.04};
    run(&plan);
    assert_int_equal(trades[0].reason, REASON_STOP_LOSS);
    market.finer = stage_bars(minutes, COUNT(minutes), STAGE_MINUTE);
    run(&plan);
    assert_int_equal(trades[0].reason, REASON_TAKE_PROFIT);
    assert_price(trades[0].exit, "105"); /* the minute opened above the target */
    assert_int_equal(trades[0].exit_us, market.candles.time_us[1] + 2 * STAGE_MINUTE - 1);
    market.finer.count = 6; /* up to the first minute of the bar */
    run(&plan);
    assert_int_equal(trades[0].reason, REASON_STOP_LOSS);
    stage_free(&market.finer);
    stage_free(&market.candles);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void test_small_wishes_are_refused(void **state) {
    (void)state;
    BARS(bars, {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000},
         {10000, 10000, 10000, 10000});
    TrialMarket market = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    TrialPlan plan = stage_trial(&market, 1);
    stage_forget();
    stage_script[0][0] = half;
    plan.balance = money_of(30 * (__int128)STAGE_COIN); /* less than the smallest entry */
    TrialResult result = run(&plan);
    assert_int_equal(result.trades, 0);
    assert_int_equal(result.refused, 1);
    plan.balance = money_of(10000 * (__int128)STAGE_COIN);
    market.filters.notional_min = money_of(5000 * (__int128)STAGE_COIN);
    result = run(&plan); /* 5000 is below the smallest notional and its headroom of 10 % */
    assert_int_equal(result.refused, 1);
    market.filters = stage_market(market.candles).filters;
    ((int64_t *)(uintptr_t)market.candles.open)[1] = 250 * STAGE_COIN;
    ((int64_t *)(uintptr_t)market.candles.high)[1] = 250 * STAGE_COIN;
    result = run(&plan); /* at the open 50 cost more than there is */
    assert_int_equal(result.trades, 0);
    assert_int_equal(result.refused, 1);
    assert_money(result.final, "10000");
    stage_free(&market.candles);
}

/* 1 % fees on a step of 1: of 1 bought, 0.99 stay, and no order can sell them. */
static void test_dust_ends_the_trade(void **state) {
    (void)state;
    BARS(bars, {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000},
         {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000});
    TrialMarket market = stage_market(stage_bars(bars, COUNT(bars), STAGE_MINUTE));
    market.filters.step = market.filters.quantity_min = quantity_of(STAGE_COIN);
    TrialPlan plan = stage_trial(&market, 1);
    plan.costs = (PaperCosts){.fee_ppm = 10000};
    stage_forget();
    stage_script[0][0] = (StrategyWish){.kind = WISH_ENTER, .fraction = 0.01};
    stage_script[0][1] = leaves;
    TrialResult result = run(&plan);
    assert_int_equal(result.trades, 1);
    assert_int_equal(trades[0].exit_bar, 1);
    assert_int_equal(trades[0].exit.units, 0); /* nothing was sold */
    assert_money(trades[0].gain, "0");
    assert_money(result.final, "9999"); /* 0.99 at 100 stay in the inventory */
    stage_free(&market.candles);
}

static void refuses(const TrialPlan *plan, const char *where) {
    TrialResult result;
    Error error = {0};
    void *memory = malloc(trial_memory(plan));
    assert_false(trial_run(plan, memory, NULL, &result, &error));
    assert_string_equal(error.where, where);
    free(memory);
}

static void test_plans_that_cannot_be_run(void **state) {
    (void)state;
    BARS(bars, {10000, 10000, 10000, 10000}, {10000, 10000, 10000, 10000});
    TrialMarket markets[2] = {stage_market(stage_bars(bars, 2, STAGE_MINUTE)),
                              stage_market(stage_bars(bars, 2, 5 * STAGE_MINUTE))};
    TrialPlan good = stage_trial(markets, 1), plan = good;
    plan.balance = money_of(0);
    refuses(&plan, "the balance is above 0");
    plan = good;
    plan.market_count = 0;
    refuses(&plan, "1 to 32 markets");
    plan = good;
    plan.positions_max = 0;
    refuses(&plan, "at least one position is allowed");
    plan = good;
    plan.size_limit = (double)NAN;
    refuses(&plan, "the size limit is a share of equity, above 0 and at most 1");
    plan = good;
    plan.costs.fee_ppm = 1000000;
    refuses(&plan, "costs are shares of the price, from 0 to below 1");
    plan = good;
    plan.strategy = NULL;
    refuses(&plan, "strategy");
    plan = good;
    plan.market_count = 2; /* of two intervals */
    refuses(&plan, "TESTUSDT");
    plan = good;
    markets[0].first = 2;
    refuses(&plan, "TESTUSDT");
    markets[0].first = 0;
    markets[0].finer = markets[1].candles;
    refuses(&plan, "TESTUSDT");
    markets[0].finer.count = 0;
    plan = good;
    plan.strategy = strategy_find("trend_following");
    strategy_presets(plan.strategy, plan.parameters);
    plan.parameters[0] = -1;
    refuses(&plan, "fast");
    for (unsigned i = 0; i < 2; i++)
        stage_free(&markets[i].candles);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_next_open_with_costs),
        cmocka_unit_test(test_stop_and_target),
        cmocka_unit_test(test_the_entry_bar_is_judged),
        cmocka_unit_test(test_trailing),
        cmocka_unit_test(test_bars_held_and_pause),
        cmocka_unit_test(test_adding_and_reducing),
        cmocka_unit_test(test_markets_share_cash_and_places),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_finer_candles),
        cmocka_unit_test(test_small_wishes_are_refused),
        cmocka_unit_test(test_dust_ends_the_trade),
        cmocka_unit_test(test_plans_that_cannot_be_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
