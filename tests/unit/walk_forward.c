/* SPDX-License-Identifier: Apache-2.0 */
/* Windows by hand, picks that are right, no look at what follows, and books that go on. */
#include "unit.h"

#include "core/base/check.h"
#include "core/trial/walk_forward.h"
#include "walk_market.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

#define DAYS(n) ((int64_t)(n)*INSTANT_DAY_US)
#define BARS    2400 /* 100 days of hours */
#define SETS    3

static const PaperCosts usual_costs = {1000, 250, 500};

/* Sets of fast and slow averages; the other parameters as preset. */
static void make_sets(double *sets) {
    static const double pairs[SETS][2] = {{5, 20}, {20, 60}, {50, 200}};
    const Strategy *strategy = strategy_find("trend_following");
    for (unsigned set = 0; set < SETS; set++) {
        strategy_presets(strategy, sets + set * STRATEGY_PARAMETERS_MAX);
        sets[set * STRATEGY_PARAMETERS_MAX] = pairs[set][0];
        sets[set * STRATEGY_PARAMETERS_MAX + 1] = pairs[set][1];
    }
}

typedef struct Stage {
    WalkMarket walk;
    TrialPlan trial;
    double sets[SETS * STRATEGY_PARAMETERS_MAX];
    WalkForwardPlan plan;
    WalkForwardWindow windows[100];
    double equity[BARS];
    int64_t equity_us[BARS];
    TrialTrade trades[2000];
    TrialOutput stitched;
    WalkForward result;
} Stage;

static Stage *stage_of(uint64_t seed) {
    Stage *stage = calloc(1, sizeof *stage);
    stage->walk = walk_market(&(WalkPlan){BARS, INSTANT_HOUR_US, 0.01, 0, seed, false});
    stage->trial = walk_trial(&stage->walk, "trend_following", usual_costs);
    make_sets(stage->sets);
    stage->plan = (WalkForwardPlan){.trial = &stage->trial,
                                    .sets = stage->sets,
                                    .set_count = SETS,
                                    .train_us = DAYS(30),
                                    .test_us = DAYS(20),
                                    .purge_us = DAYS(1),
                                    .embargo_us = DAYS(1)};
    return stage;
}

static void go(Stage *stage) {
    void *memory = malloc(walk_forward_memory(&stage->plan));
    stage->stitched = (TrialOutput){.trades = stage->trades,
                                    .trades_max = 2000,
                                    .equity = stage->equity,
                                    .equity_us = stage->equity_us,
                                    .equity_max = BARS};
    Error error;
    if (!walk_forward_of(&stage->plan, memory, stage->windows, &stage->stitched, &stage->result,
                         &error))
        fail_msg("%s: %s", error.message, error.where);
    free(memory);
}

static void end(Stage *stage) {
    walk_end(&stage->walk);
    free(stage);
}

/* 100 days: 30 to learn, 2 of gap, then windows of 20: from day 32, 52, 72, 92 (8 days left). */
static void windows_by_hand(void **state) {
    (void)state;
    Stage *stage = stage_of(1);
    int64_t start_us = stage->walk.market.candles.time_us[0];
    assert_int_equal(walk_forward_windows(&stage->plan), 4);
    static const int64_t rolling[4][4] = {
        {0, 30, 32, 52}, {20, 50, 52, 72}, {40, 70, 72, 92}, {60, 90, 92, 100}};
    for (unsigned number = 0; number < 4; number++) {
        WalkForwardWindow window = walk_forward_window(&stage->plan, number);
        assert_int_equal(window.train_first_us, start_us + DAYS(rolling[number][0]));
        assert_int_equal(window.train_end_us, start_us + DAYS(rolling[number][1]));
        assert_int_equal(window.test_first_us, start_us + DAYS(rolling[number][2]));
        assert_int_equal(window.test_end_us, start_us + DAYS(rolling[number][3]));
    }
    stage->plan.anchored = true;
    WalkForwardWindow window = walk_forward_window(&stage->plan, 3);
    assert_int_equal(window.train_first_us, start_us);
    assert_int_equal(window.train_end_us, start_us + DAYS(90));
    stage->plan.purge_us = DAYS(29); /* 30 + 29 + 1 = 60: two windows of 20 fit exactly */
    assert_int_equal(walk_forward_windows(&stage->plan), 2);
    stage->plan.train_us = DAYS(70);
    assert_int_equal(walk_forward_windows(&stage->plan), 0);
    stage->plan.train_us = 0;
    assert_int_equal(walk_forward_windows(&stage->plan), 0);
    end(stage);
}

/* One run by other means: the set over the bars from first to last. */
static TrialResult plain(const Stage *stage, uint32_t set, int64_t first_us, int64_t end_us,
                         Money balance) {
    TrialPlan trial = stage->trial;
    TrialMarket market = stage->walk.market;
    market.first = candle_series_before(&market.candles, first_us);
    market.end = candle_series_before(&market.candles, end_us);
    trial.markets = &market;
    trial.balance = balance;
    memcpy(trial.parameters, stage->sets + set * STRATEGY_PARAMETERS_MAX, sizeof trial.parameters);
    void *memory = malloc(trial_memory(&trial));
    TrialResult result;
    assert_true(trial_run(&trial, memory, NULL, &result, NULL));
    free(memory);
    return result;
}

static void picks_are_the_best_and_books_go_on(void **state) {
    (void)state;
    Stage *stage = stage_of(2);
    stage->plan.measure = WALK_FORWARD_GROWTH;
    go(stage);
    Money balance = stage->trial.balance;
    uint32_t trades = 0;
    for (unsigned number = 0; number < stage->result.windows; number++) {
        const WalkForwardWindow *window = &stage->windows[number];
        double best = -1;
        uint32_t pick = WALK_FORWARD_NONE;
        for (uint32_t set = 0; set < SETS; set++) {
            TrialResult seen = plain(stage, set, window->train_first_us, window->train_end_us,
                                     stage->trial.balance);
            double growth = money_double(seen.final) / money_double(stage->trial.balance) - 1;
            if (seen.trades == 0 || growth <= best) continue;
            best = growth;
            pick = set;
        }
        assert_int_equal(window->picked, pick);
        assert_close(window->inside.growth, best, 1e-12);
        TrialResult after = plain(stage, pick, window->test_first_us, window->test_end_us, balance);
        assert_int_equal(window->outside.trades, after.trades);
        assert_close(window->outside.growth, money_double(after.final) / money_double(balance) - 1,
                     1e-12);
        balance = after.final;
        trades += after.trades;
    }
    assert_int_equal(money_compare(balance, stage->result.final), 0);
    assert_int_equal(stage->result.outside.trades, trades);
    assert_int_equal(stage->result.runs, 12);
    /* one point of equity for each bar from day 32 to the end, in order of time */
    assert_int_equal(stage->stitched.equity_count, 68 * 24);
    for (size_t step = 1; step < stage->stitched.equity_count; step++)
        assert_int_equal(stage->equity_us[step] - stage->equity_us[step - 1], INSTANT_HOUR_US);
    assert_close(stage->equity[68 * 24 - 1], money_double(balance), 1e-9);
    for (uint32_t index = 0; index < trades; index++) {
        assert_true(stage->trades[index].entry_us >= stage->windows[0].test_first_us);
        if (index > 0)
            assert_true(stage->trades[index].entry_us >= stage->trades[index - 1].exit_us);
    }
    double growth = money_double(balance) / 10000 - 1;
    assert_close(stage->result.outside.growth, growth, 1e-12);
    assert_close(stage->result.outside.rate, pow(1 + growth, 365.0 / 68) - 1, 1e-9);
    end(stage);
}

/* Everything after a window's training changes: its pick, and all before, stay as they were. */
static void no_pick_sees_what_follows(void **state) {
    (void)state;
    for (unsigned anchored = 0; anchored < 2; anchored++) {
        Stage *first = stage_of(3), *second = stage_of(3);
        first->plan.anchored = second->plan.anchored = anchored;
        go(first);
        size_t change =
            candle_series_before(&second->walk.market.candles, first->windows[2].train_end_us);
        for (unsigned column = 1; column < 5; column++)
            for (size_t bar = change; bar < BARS; bar++)
                second->walk.cells[column * BARS + bar] *= 1 + (int64_t)(bar % 3);
        for (size_t bar = change; bar < BARS; bar++) { /* and the candles are sound again */
            int64_t *open = &second->walk.cells[BARS + bar];
            open[2 * BARS] = open[0];
            open[BARS] = open[0] > open[BARS] ? open[0] : open[BARS];
        }
        go(second);
        for (unsigned number = 0; number < 2; number++) /* their tests end with training 3 + gap */
            assert_int_equal(first->windows[number].picked, second->windows[number].picked);
        assert_int_equal(first->windows[2].picked, second->windows[2].picked);
        assert_memory_equal(&first->windows[2].inside, &second->windows[2].inside,
                            sizeof first->windows[2].inside);
        assert_true(first->windows[3].inside.growth != second->windows[3].inside.growth);
        end(first);
        end(second);
    }
}

/* Where no set trades enough, the balance stands still, and says so. */
static void without_a_pick_nothing_is_traded(void **state) {
    (void)state;
    Stage *stage = stage_of(4);
    stage->plan.trades_min = 1000;
    go(stage);
    assert_int_equal(stage->result.traded, 0);
    assert_int_equal(stage->windows[1].picked, WALK_FORWARD_NONE);
    assert_true(isnan(stage->windows[1].median) && isnan(stage->result.efficiency));
    assert_int_equal(stage->stitched.equity_count, 68 * 24);
    assert_close(stage->equity[1000], 10000, 0);
    assert_int_equal(money_compare(stage->result.final, stage->trial.balance), 0);
    end(stage);
}

/* Two markets; the second begins late, and its trades bear its own number. */
static void a_market_that_begins_late_joins(void **state) {
    (void)state;
    Stage *stage = stage_of(5);
    WalkMarket late = walk_market(&(WalkPlan){BARS, INSTANT_HOUR_US, 0.01, 0, 50, false});
    TrialMarket markets[2] = {late.market, stage->walk.market};
    snprintf(markets[0].candles.symbol.text, sizeof markets[0].candles.symbol.text, "LATEUSDT");
    markets[0].first = 60 * 24;
    stage->trial.markets = markets;
    stage->trial.market_count = 2;
    stage->trial.positions_max = 2;
    stage->trial.size_limit = 0.4;
    go(stage);
    unsigned seen[2] = {0, 0};
    for (uint32_t index = 0; index < stage->result.outside.trades; index++) {
        assert_true(stage->trades[index].market < 2);
        seen[stage->trades[index].market]++;
        if (stage->trades[index].market == 0)
            assert_true(stage->trades[index].entry_bar >= 60 * 24);
    }
    assert_true(seen[0] > 0 && seen[1] > seen[0]);
    walk_end(&late);
    end(stage);
}

static void what_makes_no_window_is_refused(void **state) {
    (void)state;
    Stage *stage = stage_of(6);
    Error error;
    stage->plan.train_us = DAYS(99);
    assert_false(walk_forward_of(&stage->plan, NULL, stage->windows, &stage->stitched,
                                 &stage->result, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    stage->plan.train_us = DAYS(30);
    stage->plan.set_count = 0;
    assert_false(walk_forward_of(&stage->plan, NULL, stage->windows, &stage->stitched,
                                 &stage->result, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    stage->plan.set_count = SETS;
    stage->sets[0] = 100; /* above the slow one */
    void *memory = malloc(walk_forward_memory(&stage->plan));
    assert_false(walk_forward_of(&stage->plan, memory, stage->windows, &stage->stitched,
                                 &stage->result, &error));
    assert_int_equal(error.code, ERROR_CONFIG);
    free(memory);
    end(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_by_hand),
        cmocka_unit_test(picks_are_the_best_and_books_go_on),
        cmocka_unit_test(no_pick_sees_what_follows),
        cmocka_unit_test(without_a_pick_nothing_is_traded),
        cmocka_unit_test(a_market_that_begins_late_joins),
        cmocka_unit_test(what_makes_no_window_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
