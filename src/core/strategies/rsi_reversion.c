/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSI reversion: buys the setback (RSI below `oversold`) and sells the recovery (above
 * `recovered`), only above the long average, so that a setback is one and not a fall; or after so
 * many bars, because what has not recovered by then does not. Presets: Connors and Alvarez, "High
 * Probability ETF Trading", 2009: RSI of 4 bars below 25, above the average of 200, out above 55; a
 * slow index (Wilder's own 14 below 30) is hardly ever oversold in a rising market. 0 bars switch
 * the average or the longest stay off.
 */
#include "core/strategies/strategy.h"

enum { PERIOD, OVERSOLD, RECOVERED, TREND, HOLD, STOP, TARGET, SIZE };

static const char *misfit(const double *parameters) {
    return parameters[OVERSOLD] < parameters[RECOVERED] ? NULL : "oversold";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t strength = plan_indicator(plan, "rsi", 0, &parameters[PERIOD], 1);
    plan_when(&plan->enter, strength, TEST_BELOW, plan_constant(plan, parameters[OVERSOLD]));
    if (parameters[TREND] > 0) {
        uint8_t trend = plan_indicator(plan, "sma", 0, &parameters[TREND], 1);
        plan_and(&plan->enter, plan_bar(plan, BAR_CLOSE), TEST_ABOVE, trend);
    }
    plan_when(&plan->leave, strength, TEST_ABOVE, plan_constant(plan, parameters[RECOVERED]));
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan->bars_max = (uint32_t)parameters[HOLD];
}

const Strategy strategy_rsi_reversion = {
    .name = "rsi_reversion",
    .group = "mean reversion",
    .sentence = "Buys an oversold RSI above the long average, sells its recovery.",
    .parameters = {STRATEGY_BARS("period", 4, 2, 100, 1),
                   {"oversold", .preset = 25, .lowest = 1, .highest = 60, .step = 1,
                    .unit = "points"},
                   {"recovered", .preset = 55, .lowest = 20, .highest = 95, .step = 1,
                    .unit = "points"},
                   STRATEGY_BARS("trend", 200, 0, 500, 20),
                   STRATEGY_BARS("hold", 48, 0, 1000, 12),
                   STRATEGY_STOP(5),
                   STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
};
