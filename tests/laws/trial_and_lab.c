/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The law of trial and lab: where the whole system runs one strategy alone, and no limit of the
 * portfolio binds, it makes the trades of the short backtest, each with the same bars, times,
 * prices, quantity, fees, result and reason, and ends with the same money. Over every registered
 * strategy, on generated and on real candles, of one symbol and of several that share cash.
 *
 * The executor carries out single entries and whole exits. Strategies that wish for more (grids,
 * schedules of purchases) are told apart by what the lab itself refuses, and are named.
 */
#include "lab_stage.h"

#include "check_aborts.h"
#include "core/bus/shape.h"

#define TRADES_MAX 20000
#define HOURS_BTC "ohlcv/1h/BTCUSDT-1h-to_2024-12-31.csv.gz"
#define HOURS_ETH "ohlcv/1h/ETHUSDT-1h-to_2024-12-31.csv.gz"
#define MINUTES_BTC "ohlcv/1m/BTCUSDT-1m-2021-09-17_2021-10-17.csv.gz"

typedef struct Sides {
    TrialTrade *trial, *lab;
    TrialResult trial_result;
    LabResult lab_result;
    unsigned partial; /* wishes that the executor does not carry out */
} Sides;

static Sides sides;

static int open_sides(void **state) {
    (void)state;
    sides.trial = malloc(TRADES_MAX * sizeof *sides.trial);
    sides.lab = malloc(TRADES_MAX * sizeof *sides.lab);
    return sides.trial && sides.lab ? 0 : -1;
}

static int close_sides(void **state) {
    (void)state;
    free(sides.trial);
    free(sides.lab);
    return 0;
}

/* ---- the two engines ----------------------------------------------------------------------- */

static void hear_partial(void *context, const Message *message) {
    const Refusal *refusal = message->payload;
    const LogLine *line = message->payload;
    unsigned *partial = context;
    if (message->topic == TOPIC_REFUSALS) *partial += refusal->code == DENIED_POSITION_OPEN;
    if (message->topic == TOPIC_LOG_LINES) *partial += strstr(line->text, "does not do") != NULL;
}

static void run_lab(const StageMarkets *stage, const Settings *settings) {
    TrialOutput output = {.trades = sides.lab, .trades_max = TRADES_MAX};
    LabPlan plan = stage_plan(stage, settings);
    plan.flatten = true;
    plan.hash = false;
    plan.watch = hear_partial;
    plan.watch_context = &sides.partial;
    sides.partial = 0;
    sides.lab_result = stage_run_lab(&plan, &output);
}

static void run_trial(const StageMarkets *stage, const Settings *settings,
                      const Strategy *strategy) {
    TrialOutput output = {.trades = sides.trial, .trades_max = TRADES_MAX};
    TrialMarket markets[LIMIT_SYMBOLS];
    TrialPlan plan = stage_trial_plan(stage, settings, strategy, markets);
    sides.trial_result = stage_run_trial(&plan, &output);
}

/* ---- the comparison ------------------------------------------------------------------------ */

static void print_trade(const char *side, const TrialTrade *trade) {
    print_error("  %s: market %u bars %u to %u, %lld to %lld, entry %lld exit %lld, quantity %lld, "
                "gain %lld fees %lld slippage %lld, %s, %g %g\n",
                side, trade->market, trade->entry_bar, trade->exit_bar,
                (long long)trade->entry_us, (long long)trade->exit_us,
                (long long)trade->entry.units, (long long)trade->exit.units,
                (long long)trade->quantity.units, (long long)trade->gain.units,
                (long long)trade->fees.units, (long long)trade->slippage.units,
                TradeReason_text(trade->reason), trade->worst, trade->best);
}

static bool same_trade(const TrialTrade *a, const TrialTrade *b) {
    return a->market == b->market && a->entry_bar == b->entry_bar && a->exit_bar == b->exit_bar &&
           a->entry_us == b->entry_us && a->exit_us == b->exit_us &&
           a->entry.units == b->entry.units && a->exit.units == b->exit.units &&
           a->quantity.units == b->quantity.units && money_compare(a->gain, b->gain) == 0 &&
           money_compare(a->fees, b->fees) == 0 && money_compare(a->slippage, b->slippage) == 0 &&
           a->reason == b->reason && a->worst == b->worst && a->best == b->best;
}

static void expect_same_trades(const char *name) {
    const TrialResult *trial = &sides.trial_result, *lab = &sides.lab_result.trial;
    uint32_t count = trial->trades < lab->trades ? trial->trades : lab->trades;
    assert_true(trial->trades <= TRADES_MAX && lab->trades <= TRADES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (same_trade(&sides.trial[i], &sides.lab[i])) continue;
        print_error("%s: trade %u of %u and %u differs\n", name, i, trial->trades, lab->trades);
        print_trade("trial", &sides.trial[i]);
        print_trade("lab", &sides.lab[i]);
        fail();
    }
    if (trial->trades != lab->trades)
        fail_msg("%s: %u trades in the trial, %u in the lab", name, trial->trades, lab->trades);
    assert_int_equal(trial->hash, lab->hash);
    assert_true(money_compare(trial->final, lab->final) == 0);
    assert_true(money_compare(trial->fees, lab->fees) == 0);
    assert_true(money_compare(trial->slippage, lab->slippage) == 0);
    assert_true(money_compare(trial->turnover, lab->turnover) == 0);
    assert_int_equal(trial->bars, lab->bars);
    assert_int_equal(trial->exposed, lab->exposed);
    assert_null(trial->ledger_fault);
}

typedef struct Compared {
    unsigned strategies, partial, traded, trades;
} Compared;

static Compared compare_all(const StageMarkets *stage) {
    Compared compared = {0};
    for (unsigned i = 0; i < strategy_count; i++) {
        const Strategy *strategy = strategy_table[i];
        Settings settings = stage_free_settings(stage, strategy);
        run_lab(stage, &settings);
        if (sides.partial > 0) {
            print_message("  %s adds or sells in parts: not compared\n", strategy->name);
            compared.partial++;
            continue;
        }
        run_trial(stage, &settings, strategy);
        expect_same_trades(strategy->name);
        compared.strategies++;
        compared.traded += sides.trial_result.trades > 0;
        compared.trades += sides.trial_result.trades;
    }
    print_message("%u strategies compared, of which %u traded, %u trades; %u not compared\n",
                  compared.strategies, compared.traded, compared.trades, compared.partial);
    return compared;
}

/* ---- the markets --------------------------------------------------------------------------- */

static void test_same_trades_on_generated_minutes(void **state) {
    (void)state;
    StageMarkets stage = stage_generated(21, 1, 10, INTERVAL_1M);
    Compared compared = compare_all(&stage);
    assert_true(compared.traded >= 8 && compared.trades > 50);
    stage_markets_free(&stage);
}

static void test_same_trades_on_generated_hours_of_several_symbols(void **state) {
    (void)state;
    StageMarkets stage = stage_generated(22, 3, 200, INTERVAL_1H);
    for (unsigned i = 0; i < stage.count; i++) stage.markets[i].first = 500; /* warms up */
    Compared compared = compare_all(&stage);
    assert_true(compared.traded >= 8 && compared.trades > 20);
    stage_markets_free(&stage);
}

static StageMarkets real(const char *const *names, unsigned count) {
    const char *paths[LIMIT_SYMBOLS];
    Error error;
    for (unsigned i = 0; i < count; i++) paths[i] = shared_data(names[i]);
    FeedReplayPlan plan = {.paths = paths, .path_count = count};
    Feed *feed = feed_replay_open(&plan, &error);
    if (!feed) fail_msg("%s: %s", error.where, error.message);
    return stage_of_feed(feed);
}

static void test_same_trades_on_real_hours(void **state) {
    (void)state;
    const char *names[] = {HOURS_BTC, HOURS_ETH};
    StageMarkets stage = real(names, 2);
    Compared compared = compare_all(&stage);
    assert_true(compared.traded >= 8 && compared.trades > 100);
    stage_markets_free(&stage);
}

static void test_same_trades_on_real_minutes(void **state) {
    (void)state;
    const char *names[] = {MINUTES_BTC};
    StageMarkets stage = real(names, 1);
    Compared compared = compare_all(&stage);
    assert_true(compared.traded >= 8 && compared.trades > 100);
    stage_markets_free(&stage);
}

/* ---- minutes in, hours decided on ---------------------------------------------------------- */

/* Without stops what happens inside of an hour does not matter: whether hours come in, or minutes
 * that are folded to hours, the trades are the same. */
static void test_hours_folded_from_minutes_are_hours(void **state) {
    (void)state;
    const Interval intervals[] = {INTERVAL_1M, INTERVAL_1H};
    TrialTrade *trades[] = {sides.trial, sides.lab};
    LabResult results[2];
    for (unsigned i = 0; i < 2; i++) {
        StageMarkets stage = stage_generated(23, 1, 60, intervals[i]);
        stage.markets[0].first = i ? 10 * 24 : 10 * 1440;
        Settings settings = stage_free_settings(&stage, strategy_find("trend_following"));
        strcpy(settings.strategy.interval, "1h");
        strcpy(settings.strategy.parameters, "stop_pct=0,fast=5,slow=20");
        LabPlan plan = stage_plan(&stage, &settings);
        plan.flatten = true;
        results[i] = stage_run_lab(
            &plan, &(TrialOutput){.trades = trades[i], .trades_max = TRADES_MAX});
        stage_markets_free(&stage);
    }
    assert_int_equal(results[0].trial.trades, results[1].trial.trades);
    assert_true(results[0].trial.trades > 20);
    assert_true(money_compare(results[0].trial.final, results[1].trial.final) == 0);
    for (uint32_t i = 0; i < results[0].trial.trades; i++) {
        assert_int_equal(trades[0][i].entry_us, trades[1][i].entry_us);
        assert_int_equal(trades[0][i].exit.units, trades[1][i].exit.units);
        assert_int_equal(trades[0][i].quantity.units, trades[1][i].quantity.units);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_trades_on_generated_minutes),
        cmocka_unit_test(test_same_trades_on_generated_hours_of_several_symbols),
        cmocka_unit_test(test_same_trades_on_real_hours),
        cmocka_unit_test(test_same_trades_on_real_minutes),
        cmocka_unit_test(test_hours_folded_from_minutes_are_hours),
    };
    return cmocka_run_group_tests(tests, open_sides, close_sides);
}
