/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scalping: small dips of a rising market, bought and sold within minutes. In when a very short RSI
 * turns up through `dip` above the average; out at a near target, a near stop, on the RSI's other
 * side, or after so many bars, whichever comes first; then a pause, because a dip that was stopped
 * out is seldom the last. For bars of a minute to a quarter of an hour. The target has to earn
 * twice fee, half spread and slippage (0.1 %, 0.02 % each): 0.8 % leaves 0.5 %; the described
 * system held no longer than 15 minutes.
 */
#include "core/strategies/strategy.h"

enum { PERIOD, DIP, PEAK, TREND, HOLD, PAUSE, STOP, TARGET, SIZE };

static const char *misfit(const double *parameters) {
    return parameters[DIP] < parameters[PEAK] ? NULL : "dip";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t strength = plan_indicator(plan, "rsi", 0, &parameters[PERIOD], 1);
    uint8_t trend = plan_indicator(plan, "ema", 0, &parameters[TREND], 1);
    plan_when(&plan->enter, strength, TEST_CROSSES_ABOVE, plan_constant(plan, parameters[DIP]));
    plan_and(&plan->enter, plan_bar(plan, BAR_CLOSE), TEST_ABOVE, trend);
    plan_when(&plan->leave, strength, TEST_ABOVE, plan_constant(plan, parameters[PEAK]));
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan->bars_max = (uint32_t)parameters[HOLD];
    plan->bars_pause = (uint32_t)parameters[PAUSE];
}

const Strategy strategy_scalping = {
    .name = "scalping",
    .group = "scalping",
    .sentence = "Buys a small dip of a rising market and sells it within bars, at a near target "
                "or stop.",
    .parameters = {STRATEGY_BARS("period", 4, 2, 30, 1),
                   {"dip", .preset = 25, .lowest = 5, .highest = 50, .step = 5, .unit = "points"},
                   {"peak", .preset = 85, .lowest = 40, .highest = 98, .step = 5, .unit = "points"},
                   STRATEGY_BARS("trend", 60, 2, 500, 10),
                   STRATEGY_BARS("hold", 15, 1, 120, 1),
                   STRATEGY_BARS("pause", 5, 0, 120, 1),
                   STRATEGY_STOP(0.6),
                   STRATEGY_TARGET(0.8),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
};
