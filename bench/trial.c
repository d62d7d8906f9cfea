/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a trial is: bars a second over 1e6 generated one-minute bars with fees, spread,
 * slippage, a stop, a target, equity, drawdown and Sharpe ratio. Equality first: no figure without
 * the same trades by hash. Best of several rounds, since whatever else the machine does can only
 * add.
 */
#include "bench/figure.h"
#include "core/base/check.h"
#include "core/trial/sweep.h"
#include "core/trial/trial_fast.h"
#include "core/trial/trial_walk.h"
#include "shell/accel/accel.h"
#include "trial_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define BENCH_BARS    1000000
#define BENCH_ROUNDS  20 /* of the fast trial: 30 ms each */
#define PLAIN_ROUNDS  4
#define SWEEP_ROUNDS  2
#define SWEEP_GRID    "fast=5:50:5,slow=60:250:10" /* 200 sets */
#define SWEEP_SETS    200
#define SWEEP_CHECKED 10 /* of them, every twentieth, against its single run */

/* A 50th of equity a trade, so that there is something to trade with until the end. */
static TrialPlan plan_of(const TrialMarket *market, const WideKernels *wide) {
    TrialPlan plan = stage_trial(market, 1);
    plan.strategy = strategy_find("trend_following");
    plan.wide = wide;
    strategy_presets(plan.strategy, plan.parameters);
    const char *const names[] = {"stop_pct", "target_pct", "size"};
    const double values[] = {1, 2, 0.02};
    for (unsigned i = 0; i < STRATEGY_PARAMETERS_MAX && plan.strategy->parameters[i].name; i++)
        for (unsigned each = 0; each < 3; each++)
            if (strcmp(plan.strategy->parameters[i].name, names[each]) == 0)
                plan.parameters[i] = values[each];
    return plan;
}

static double plain_rate(const TrialPlan *plan, TrialResult *result) {
    void *memory = malloc(trial_memory(plan));
    double best = 0;
    for (unsigned turn = 0; turn < PLAIN_ROUNDS; turn++) {
        Error error;
        double start = figure_now_ns();
        bool ran = trial_run(plan, memory, NULL, result, &error);
        double rate = BENCH_BARS * 1e3 / (figure_now_ns() - start);
        CHECK(ran, "the bench's plan can be run");
        if (rate > best) best = rate;
    }
    free(memory);
    return best;
}

static double fast_rate(const TrialPlan *plan, TrialResult *result) {
    void *memory = malloc(trial_fast_memory(plan));
    double best = 0;
    for (unsigned turn = 0; turn < BENCH_ROUNDS; turn++) {
        Error error;
        TrialSummary summary;
        double start = figure_now_ns();
        bool ran = trial_fast_run(plan, memory, NULL, result, &summary, &error);
        double rate = BENCH_BARS * 1e3 / (figure_now_ns() - start);
        CHECK(ran, "the bench's plan can be run");
        if (rate > best) best = rate;
    }
    free(memory);
    return best;
}

static bool same_trades(const TrialResult *left, const TrialResult *right, const char *what) {
    if (left->hash == right->hash && left->trades == right->trades) return true;
    fprintf(stderr, "bench trial: %s has other trades than the plain trial\n", what);
    return false;
}

/* The run alone, its columns given: what kernels that are handed signals measure. */
static double walk_rate(const TrialPlan *plan) {
    double best = 0;
    StrategyPlan rules;
    strategy_make_plan(plan->strategy, plan->parameters, &rules);
    size_t size = (size_t)1 << 22;
    void *memory = malloc(size);
    for (unsigned turn = 0; turn < BENCH_ROUNDS; turn++) {
        Arena arena = arena_in(memory, size);
        RuleColumns columns;
        TrialResult result;
        Error error;
        double spent = 0;
        TrialWalk *walk = arena_take(&arena, trial_walk_size());
        TrialWindow *window = arena_take(&arena, sizeof *window);
        rule_columns_init(&columns, &arena, PLAN_COLUMNS_MAX, STAGE_MINUTE);
        bool added = rule_columns_add(&columns, &rules, walk->places, &error);
        CHECK(added, "the bench's plan has columns");
        rule_columns_open(&columns, &arena, RULE_MASK_WINDOW);
        trial_walk_begin(walk, plan, &rules, NULL);
        for (size_t from = 0; from < BENCH_BARS; from += RULE_MASK_WINDOW) {
            size_t count = rule_columns_next(&columns, &plan->markets[0].candles, NULL);
            double start = figure_now_ns();
            trial_window_fill(window, &plan->markets[0], &columns, from, count);
            trial_walk_window(walk, window);
            spent += figure_now_ns() - start;
        }
        trial_walk_end(walk, &result);
        if (BENCH_BARS * 1e3 / spent > best) best = BENCH_BARS * 1e3 / spent;
    }
    free(memory);
    return best;
}

/* M bar-parameters a second; 0: other trades. */
static double sweep_rate(const TrialPlan *plan) {
    static SweepRow rows[SWEEP_SETS];
    SweepSpace space;
    Error error;
    double best = 0;
    bool parsed = sweep_space_parse(&space, plan->strategy, SWEEP_GRID, &error);
    CHECK(parsed && sweep_count(&space) == SWEEP_SETS, "the bench's grid has 200 sets");
    memcpy(space.others, plan->parameters, sizeof space.others);
    SweepRange range = {0, SWEEP_SETS};
    void *memory = malloc(sweep_memory(&space, plan, range));
    for (unsigned turn = 0; turn < SWEEP_ROUNDS; turn++) {
        double start = figure_now_ns();
        bool ran = sweep_run(&space, plan, range, memory, rows, &error);
        double rate = (double)SWEEP_SETS * BENCH_BARS * 1e3 / (figure_now_ns() - start);
        CHECK(ran, "the bench's sweep can be run");
        if (rate > best) best = rate;
    }
    free(memory);
    uint64_t trades = 0;
    for (unsigned i = 0; i < SWEEP_SETS; i++)
        trades += rows[i].result.trades;
    fprintf(stderr, "the sweep made %.1f M trades\n", (double)trades / 1e6);
    for (unsigned i = 0; i < SWEEP_SETS; i += SWEEP_SETS / SWEEP_CHECKED) {
        TrialPlan own = *plan;
        TrialResult single;
        memcpy(own.parameters, rows[i].parameters, sizeof own.parameters);
        memory = malloc(trial_memory(&own));
        bool ran = trial_run(&own, memory, NULL, &single, &error);
        CHECK(ran, "the bench's plan can be run");
        free(memory);
        if (!same_trades(&rows[i].result, &single, "a set of the sweep")) return 0;
    }
    return best;
}

static double peak_mib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

int main(void) {
    TrialMarket market = stage_market(stage_walk(BENCH_BARS, 1, 0.002));
    TrialPlan plan = plan_of(&market, accel_wide()), old = plan_of(&market, &wide_plain);
    TrialResult plain, fast, older;
    double slow = plain_rate(&plan, &plain), quick = fast_rate(&plan, &fast);
    double narrow = fast_rate(&old, &older), walk = walk_rate(&plan), sweep = sweep_rate(&plan);
    if (!same_trades(&fast, &plain, "the fast trial") || sweep == 0 ||
        !same_trades(&older, &plain, "the fast trial without vector units"))
        return 1;
    fprintf(stderr, "%u trades, %.2f of the bars with a position, kernels: %s\n", plain.trades,
            (double)plain.exposed / (double)plain.bars, plan.wide->name);
    figure_put(&(Figure){"trial, bar by bar", "M bars/s", slow, 3, 0, 1});
    figure_put(&(Figure){"trial, columns included", "M bars/s", quick, 20, 60, 1});
    figure_put(&(Figure){"trial, columns included, plain kernels", "M bars/s", narrow, 0, 0, 1});
    figure_put(&(Figure){"trial, columns given", "M bars/s", walk, 20, 60, 1});
    figure_put(&(Figure){"sweep of 200 sets", "M bar-parameters/s", sweep, 100, 400, 1});
    figure_put(&(Figure){"sweep, memory with its candles", "MiB", peak_mib(), 100, 64, 0});
    stage_free(&market.candles);
    return 0;
}
