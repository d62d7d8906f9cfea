/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trend following: in while the fast average stands above the slow one, from the bar on which it
 * crosses. The oldest rule of the trade (Donchian 1960; Brock, Lakonishok and LeBaron 1992, "Simple
 * technical trading rules").
 */
#include "core/strategies/strategy.h"

enum { FAST, SLOW, STOP, TARGET, SIZE };

static const char *misfit(const double *parameters) {
    return parameters[FAST] < parameters[SLOW] ? NULL : "fast";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t fast = plan_indicator(plan, "sma", 0, &parameters[FAST], 1);
    uint8_t slow = plan_indicator(plan, "sma", 0, &parameters[SLOW], 1);
    plan_when(&plan->enter, fast, TEST_CROSSES_ABOVE, slow);
    plan_when(&plan->leave, fast, TEST_CROSSES_BELOW, slow);
    plan->stop.fraction = parameters[STOP] / 100;
    plan->target.fraction = parameters[TARGET] / 100;
    plan->size_fraction = parameters[SIZE];
}

const Strategy strategy_trend_following = {
    .name = "trend_following",
    .group = "trend",
    .sentence = "Buys when the fast average crosses above the slow one, sells when it falls below.",
    .parameters =
        {{"fast", .preset = 20, .lowest = 2, .highest = 200, .step = 1, .unit = "bars",
          .whole = true},
         {"slow", .preset = 50, .lowest = 5, .highest = 500, .step = 5, .unit = "bars",
          .whole = true},
         {"stop_pct", .preset = 5, .lowest = 0, .highest = 50, .step = 0.5, .unit = "percent"},
         {"target_pct", .preset = 0, .lowest = 0, .highest = 500, .step = 0.5, .unit = "percent"},
         {"size", .preset = 1, .lowest = 0.01, .highest = 1, .step = 0.05, .unit = "of equity"}},
    .misfit = misfit,
    .plan = plan,
};
