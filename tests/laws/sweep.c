/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sweep's rows are those of single runs, however the range of indices is cut; and an index gives
 * the same parameters everywhere: a grid in order, at random within bounds, quasi-random evenly.
 */
#include "check_aborts.h"
#include "trial_stage.h"
#include "unit.h"

#include "core/trial/sweep.h"

#define ROWS_MAX 700

static SweepRow rows[ROWS_MAX], others[ROWS_MAX];

static SweepSpace space_of(const char *strategy, const char *text) {
    SweepSpace space;
    Error error = {0};
    const Strategy *found = strategy_find(strategy);
    assert_non_null(found);
    bool parsed = sweep_space_parse(&space, found, text, &error);
    if (!parsed) print_error("%s (%s)\n", error.message, error.where);
    assert_true(parsed);
    return space;
}

static void sweep(const SweepSpace *space, const TrialPlan *plan, uint64_t from, uint32_t count,
                  SweepRow *into) {
    Error error = {0};
    SweepRange range = {from, count};
    void *memory = malloc(sweep_memory(space, plan, range));
    bool ran = sweep_run(space, plan, range, memory, into, &error);
    if (!ran) print_error("%s (%s)\n", error.message, error.where);
    assert_true(ran);
    free(memory);
}

static void assert_single(const SweepSpace *space, const TrialPlan *plan, const SweepRow *row) {
    TrialPlan own = *plan;
    TrialResult result;
    TrialSummary summary;
    Error error;
    own.strategy = space->strategy;
    memcpy(own.parameters, row->parameters, sizeof own.parameters);
    assert_int_equal(row->fits, !strategy_fault(own.strategy, own.parameters));
    if (!row->fits) return;
    bool fits = trial_fast_fits(&own);
    void *memory = malloc(trial_memory(&own) + trial_fast_memory(&own));
    assert_true(trial_run(&own, memory, NULL, &result, &error));
    assert_memory_equal(&result, &row->result, sizeof result);
    if (fits) {
        assert_true(trial_fast_run(&own, memory, NULL, &result, &summary, &error));
        assert_memory_equal(&summary, &row->summary, sizeof summary);
    }
    free(memory);
}

/* ---- laws ---------------------------------------------------------------------------------- */

static void test_rows_are_single_runs(void **state) {
    (void)state;
    static const char *const sweeps[][2] = {
        {"trend_following", "fast=2:60:4,slow=10:100:15,stop_pct=0:2:1"},
        {"rsi_reversion", "period=3:21:6"},
        {"random_entry", "chance=0.01:0.05:0.02"},
        {"buy_and_hold", "size=0.5"},
    };
    TrialMarket market = stage_market(stage_walk(6500, 3, 0.004));
    market.first = 700;
    market.end = 6400;
    TrialPlan plan = stage_trial(&market, 1);
    uint64_t traded = 0, total = 0;
    for (unsigned each = 0; each < sizeof sweeps / sizeof sweeps[0]; each++) {
        SweepSpace space = space_of(sweeps[each][0], sweeps[each][1]);
        uint32_t count = (uint32_t)sweep_count(&space);
        assert_true(count <= ROWS_MAX);
        sweep(&space, &plan, 0, count, rows);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].index, i);
            assert_single(&space, &plan, &rows[i]);
            traded += rows[i].result.trades;
        }
        total += count;
    }
    assert_true(traded > 1000 && total > 300);
    stage_free(&market.candles);
}

/* Cut anywhere, the rows are the same bytes. */
static void test_any_cut_gives_the_same_rows(void **state) {
    (void)state;
    TrialMarket market = stage_market(stage_walk(3000, 4, 0.004));
    TrialPlan plan = stage_trial(&market, 1);
    SweepSpace space = space_of("trend_following", "fast=2:40:1,slow=10:60:5");
    uint32_t count = (uint32_t)sweep_count(&space);
    assert_int_equal(count, 39 * 11);
    sweep(&space, &plan, 0, count, rows); /* more than one pass */
    memset(others, 0, sizeof others);
    for (uint32_t from = 0, step = 1; from < count; from += step, step = step * 3 + 1) {
        uint32_t some = count - from < step ? count - from : step;
        sweep(&space, &plan, from, some, others + from);
    }
    assert_memory_equal(rows, others, count * sizeof *rows);
    stage_free(&market.candles);
}

/* Two markets run bar by bar. */
static void test_several_markets(void **state) {
    (void)state;
    TrialMarket markets[2] = {stage_market(stage_walk(1500, 5, 0.004)),
                              stage_market(stage_walk(1500, 6, 0.004))};
    TrialPlan plan = stage_trial(markets, 2);
    plan.positions_max = 2;
    SweepSpace space = space_of("trend_following", "fast=5:15:5");
    sweep(&space, &plan, 0, 3, rows);
    for (unsigned i = 0; i < 3; i++) {
        assert_single(&space, &plan, &rows[i]);
        assert_true(rows[i].result.trades > 10);
        assert_true(rows[i].summary.deviation > 0);
    }
    for (unsigned i = 0; i < 2; i++)
        stage_free(&markets[i].candles);
}

/* ---- spaces -------------------------------------------------------------------------------- */

static void test_a_grid_in_order(void **state) {
    (void)state;
    SweepSpace space = space_of("trend_following", " fast = 5:15:5 , slow=30:50:10,stop-pct=0.5");
    double parameters[STRATEGY_PARAMETERS_MAX];
    assert_int_equal(sweep_count(&space), 9);
    static const double expected[9][2] = {{5, 30},  {5, 40},  {5, 50},  {10, 30}, {10, 40},
                                          {10, 50}, {15, 30}, {15, 40}, {15, 50}};
    for (unsigned i = 0; i < 9; i++) {
        assert_true(sweep_parameters(&space, i, parameters));
        assert_close(parameters[0], expected[i][0], 0);
        assert_close(parameters[1], expected[i][1], 0);
        assert_close(parameters[2], 0.5, 0);
    }
    space = space_of("trend_following", "fast=40:60:10,slow=50");
    assert_int_equal(sweep_count(&space), 3);
    assert_true(sweep_parameters(&space, 0, parameters));
    assert_false(sweep_parameters(&space, 1, parameters));       /* fast is not below slow */
    space = space_of("trend_following", "stop_pct=0.1:0.3:0.1"); /* 0.1 + 2 x 0.1 > 0.3 */
    assert_int_equal(sweep_count(&space), 3);
}

static void test_words_that_are_no_grid(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",           "fast",         "fast=",         "fast=a",    "fast=5:",
        "fast=5:4:1", "fast=5:15:-1", "fast=5:15:1:1", "fast=5.5",  "fast=5:15:0.5",
        "fast=1:15",  "fast=5:1000",  "fast=5,fast=6", "speed=1:2", ",fast=5",
        "fast=nan",   "fast=5;slow=6"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        SweepSpace space;
        Error error = {0};
        bool parsed = sweep_space_parse(&space, strategy_find("trend_following"), bad[i], &error);
        if (parsed) print_error("'%s' was taken\n", bad[i]);
        assert_false(parsed);
        assert_int_equal(error.code, ERROR_USAGE);
        assert_true(error.where[0] || i == 14);
    }
    SweepSpace large = space_of("trend_following", "stop_pct=0:50:0.000001,size=0.01:1:0.000001");
    assert_int_equal(sweep_count(&large), 0);
}

/* Of 1000 numbers in ten equal parts each part gets 100: at random within a few dozen,
 * quasi-random within a few. */
static void test_random_and_quasi_random(void **state) {
    (void)state;
    static const SweepKind kinds[] = {SWEEP_RANDOM, SWEEP_HALTON};
    static const unsigned slack[] = {50, 12};
    SweepSpace space =
        space_of("trend_following", "fast=2:200,slow=5:500,size=0.1:1,stop_pct=0:10");
    for (unsigned i = 2; i < 4; i++)
        space.axes[i].step = 0; /* any value */
    for (unsigned each = 0; each < 2; each++) {
        unsigned parts[2][10] = {{0}};
        space.kind = kinds[each];
        space.count = 1000;
        space.seed = 7;
        assert_int_equal(sweep_count(&space), 1000);
        for (uint64_t i = 0; i < 1000; i++) {
            double parameters[STRATEGY_PARAMETERS_MAX], again[STRATEGY_PARAMETERS_MAX];
            (void)!sweep_parameters(&space, i, parameters);
            (void)!sweep_parameters(&space, i, again);
            assert_memory_equal(parameters, again, sizeof again);
            assert_close(parameters[0], floor(parameters[0]), 0);
            assert_true(parameters[4] >= 0.1 && parameters[4] <= 1);
            assert_true(parameters[2] >= 0 && parameters[2] <= 10);
            parts[0][(unsigned)((parameters[4] - 0.1) / 0.9000001 * 10)]++;
            parts[1][(unsigned)(parameters[2] / 10.000001 * 10)]++;
        }
        for (unsigned axis = 0; axis < 2; axis++)
            for (unsigned part = 0; part < 10; part++)
                assert_true(parts[axis][part] > 100 - slack[each] &&
                            parts[axis][part] < 100 + slack[each]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_single_runs),
        cmocka_unit_test(test_any_cut_gives_the_same_rows),
        cmocka_unit_test(test_several_markets),
        cmocka_unit_test(test_a_grid_in_order),
        cmocka_unit_test(test_words_that_are_no_grid),
        cmocka_unit_test(test_random_and_quasi_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
