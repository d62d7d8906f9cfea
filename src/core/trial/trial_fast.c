/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/trial_fast.h"

#include <math.h>

#include "core/trial/trial_plan.h"
#include "core/trial/trial_walk.h"

#define LINE_BYTES 64

bool trial_fast_fits(const TrialPlan *plan) {
    bool rules = plan->rules || (plan->strategy && !plan->strategy->step);
    return rules && plan->market_count == 1 && plan->markets[0].finer.count == 0;
}

/* The columns of one plan; false where the plan cannot be run. */
static bool make_columns(const TrialPlan *plan, const StrategyPlan *rules, Arena *arena,
                         RuleColumns *columns, uint32_t *places, Error *error) {
    rule_columns_init(columns, arena, PLAN_COLUMNS_MAX, plan->markets[0].candles.length_us);
    return rule_columns_add(columns, rules, places, error);
}

static size_t fixed_memory(void) {
    return arena_rounded(trial_walk_size()) + arena_rounded(sizeof(TrialWindow) + LINE_BYTES) +
           rule_columns_size(PLAN_COLUMNS_MAX);
}

/* The columns' values need to be known before their size is: more than any plan's. */
static size_t values_memory(const TrialPlan *plan, const StrategyPlan *rules) {
    uint8_t scratch[16384];
    Arena arena = arena_in(scratch, sizeof scratch);
    RuleColumns columns;
    uint32_t places[PLAN_COLUMNS_MAX];
    CHECK(rule_columns_size(PLAN_COLUMNS_MAX) <= sizeof scratch, "a plan's columns are few");
    if (!make_columns(plan, rules, &arena, &columns, places, NULL)) return 0;
    return rule_columns_memory(&columns, RULE_MASK_WINDOW);
}

size_t trial_fast_memory(const TrialPlan *plan) {
    StrategyPlan rules;
    RuleStream stream;
    if (!trial_fast_fits(plan) || !trial_plan_stream(plan, &rules, &stream, NULL)) return 1;
    return fixed_memory() + values_memory(plan, &rules);
}

TrialSummary trial_summary(const TrialPlan *plan, const TrialResult *result,
                           const EquityTrack *track) {
    int64_t length_us = plan->markets[0].candles.length_us;
    double steps = (double)(365 * INSTANT_DAY_US) / (double)length_us;
    double mean = equity_track_mean(track), deviation = equity_track_deviation(track);
    return (TrialSummary){
        .return_pct = 100 * (money_double(result->final) / money_double(plan->balance) - 1),
        .sharpe_ratio = deviation > 0 ? mean / deviation * sqrt(steps) : (double)NAN,
        .max_drawdown_pct = 100 * equity_track_drawdown(track),
        .mean = mean,
        .deviation = deviation};
}

bool trial_fast_run(const TrialPlan *plan, void *memory, TrialOutput *output, TrialResult *result,
                    TrialSummary *summary, Error *error) {
    StrategyPlan rules;
    RuleStream stream;
    RuleColumns columns;
    if (!trial_plan_stream(plan, &rules, &stream, error)) return false;
    if (!trial_fast_fits(plan))
        return error_set(error, ERROR_CONFIG, "this trial is not one of rules on one market",
                         "strategy", "run it bar by bar");
    Arena arena = arena_in(memory, trial_fast_memory(plan));
    TrialWalk *walk = arena_take(&arena, trial_walk_size());
    TrialWindow *window = arena_take(&arena, sizeof(TrialWindow));
    if (!make_columns(plan, &rules, &arena, &columns, walk->places, error)) return false;
    rule_columns_open(&columns, &arena, RULE_MASK_WINDOW);
    if (plan->wide) columns.wide = plan->wide;
    if (output) output->equity_count = 0;
    const TrialMarket *market = &plan->markets[0];
    trial_walk_begin(walk, plan, &rules, output);
    for (size_t from = 0; from < market->end; from += RULE_MASK_WINDOW) {
        size_t count = rule_columns_next(&columns, &market->candles, market->external);
        trial_window_fill(window, market, &columns, from, count);
        trial_walk_window(walk, window);
    }
    trial_walk_end(walk, result);
    if (summary) *summary = trial_summary(plan, result, &walk->track);
    return true;
}
