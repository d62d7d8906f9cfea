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
#include "shell/accel/accel.h"
#include "trial_stage.h"

#include <stdio.h>
#include <stdlib.h>

#define BENCH_BARS   1000000
#define BENCH_ROUNDS 5

static TrialPlan plan_of(const TrialMarket *market) {
    TrialPlan plan = stage_trial(market, 1);
    plan.strategy = strategy_find("trend_following");
    plan.wide = accel_wide();
    strategy_presets(plan.strategy, plan.parameters);
    return plan;
}

static double plain_rate(const TrialPlan *plan, TrialResult *result) {
    void *memory = malloc(trial_memory(plan));
    double best = 0;
    for (unsigned turn = 0; turn < BENCH_ROUNDS; turn++) {
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

int main(void) {
    TrialMarket market = stage_market(stage_walk(BENCH_BARS, 1, 0.002));
    TrialPlan plan = plan_of(&market);
    TrialResult plain, fast;
    double slow = plain_rate(&plan, &plain), quick = fast_rate(&plan, &fast);
    if (plain.hash != fast.hash) {
        fprintf(stderr, "bench trial: the fast trial has other trades than the plain one\n");
        return 1;
    }
    fprintf(stderr, "%u trades, %.3f exposed\n", plain.trades,
            (double)plain.exposed / (double)plain.bars);
    figure_put(&(Figure){"trial, bar by bar", "M bars/s", slow, 3, 0, 1});
    figure_put(&(Figure){"trial, fast, columns included", "M bars/s", quick, 20, 60, 1});
    stage_free(&market.candles);
    return 0;
}
