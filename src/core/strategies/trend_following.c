/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trend following: in from the bar on which the fast average rises above the slow one by the band,
 * out when it has fallen below it. The oldest rule of the trade (Donchian 1960); with the band
 * against sideways noise as Brock, Lakonishok and LeBaron tested it ("Simple technical trading
 * rules", Journal of Finance 47, 1992, band 1 %). Presets: 20 and 50 bars, the usual short and
 * middle averages; a stop wider than a day's usual range in crypto, so that the average decides and
 * the stop only ends accidents.
 */
#include "core/strategies/strategy.h"

enum { FAST, SLOW, STOP, TARGET, SIZE, BAND, TRAIL };

static const char *misfit(const double *parameters) {
    return parameters[FAST] < parameters[SLOW] ? NULL : "fast";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t fast = plan_indicator(plan, "sma", 0, &parameters[FAST], 1);
    uint8_t slow = plan_indicator(plan, "sma", 0, &parameters[SLOW], 1);
    uint8_t above = slow;
    if (parameters[BAND] > 0) above = plan_scaled(plan, slow, 1 + parameters[BAND] / 100);
    plan_when(&plan->enter, fast, TEST_CROSSES_ABOVE, above);
    plan_when(&plan->leave, fast, TEST_BELOW, slow);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan_trail(plan, parameters[TRAIL]);
}

const Strategy strategy_trend_following = {
    .name = "trend_following",
    .group = "trend",
    .sentence = "Buys when the fast average rises above the slow one, leaves when it is below.",
    .parameters = {STRATEGY_BARS("fast", 20, 2, 200, 1),
                   STRATEGY_BARS("slow", 50, 5, 500, 5),
                   STRATEGY_STOP(5),
                   STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1),
                   {"band_pct", .preset = 0, .lowest = 0, .highest = 5, .step = 0.25,
                    .unit = "percent"},
                   STRATEGY_TRAIL(0)},
    .misfit = misfit,
    .plan = plan,
};
