/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time series momentum: what rose over the look-back is held while it has risen over the shorter
 * one (Moskowitz, Ooi and Pedersen, "Time series momentum", Journal of Financial Economics 104,
 * 2012, there 12 months). In crypto the effect stands at one to four weeks (Liu and Tsyvinski,
 * "Risks and returns of cryptocurrency", Review of Financial Studies 34, 2021): preset a week of
 * hours, leaving on the sign of two days. The trailing stop is for the end of a rise, which comes
 * faster than a look-back can tell.
 */
#include "core/strategies/strategy.h"

enum { LOOKBACK, EXIT_LOOKBACK, RISE, STOP, TARGET, TRAIL, SIZE };

static const char *misfit(const double *parameters) {
    return parameters[EXIT_LOOKBACK] <= parameters[LOOKBACK] ? NULL : "exit_lookback";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t rise = plan_indicator(plan, "roc", 0, &parameters[LOOKBACK], 1);
    uint8_t late = plan_indicator(plan, "roc", 0, &parameters[EXIT_LOOKBACK], 1);
    uint8_t zero = plan_constant(plan, 0);
    plan_when(&plan->enter, rise, TEST_ABOVE, plan_constant(plan, parameters[RISE]));
    plan_and(&plan->enter, late, TEST_ABOVE, zero);
    plan_when(&plan->leave, late, TEST_BELOW, zero);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan_trail(plan, parameters[TRAIL]);
}

const Strategy strategy_momentum = {
    .name = "momentum",
    .group = "momentum",
    .sentence = "Holds what has risen over the look-back, until the shorter look-back falls.",
    .parameters = {STRATEGY_BARS("lookback", 168, 2, 500, 12),
                   STRATEGY_BARS("exit_lookback", 48, 1, 500, 12),
                   {"rise_pct", .preset = 2, .lowest = 0, .highest = 50, .step = 0.5,
                    .unit = "percent"},
                   STRATEGY_STOP(8),
                   STRATEGY_TARGET(0),
                   STRATEGY_TRAIL(10),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
};
