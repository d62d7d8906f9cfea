/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bollinger reversion: buys below the lower band and sells where the price is back at its middle
 * (Bollinger, "Bollinger on Bollinger Bands", 2001: 20 bars, 2 deviations). Prices that walk along
 * a band are a trend, so there is no entry while the directional index says one (Wilder 1978; above
 * 25 to 30 is a trend). Positions are shares of the band: 0 the lower, 1 the upper.
 */
#include "core/strategies/strategy.h"

enum { PERIOD, DEVIATIONS, ENTRY_AT, EXIT_AT, ADX_MAX, HOLD, STOP, TARGET, SIZE };
enum { BOLLINGER_POSITION = 3 };
#define ADX_PERIOD 14 /* Wilder's */

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t position = plan_indicator(plan, "bollinger", BOLLINGER_POSITION, parameters, 2);
    uint8_t trend = plan_indicator(plan, "adx", 0, (double[]){ADX_PERIOD}, 1);
    plan_when(&plan->enter, position, TEST_BELOW, plan_constant(plan, parameters[ENTRY_AT]));
    plan_and(&plan->enter, trend, TEST_BELOW, plan_constant(plan, parameters[ADX_MAX]));
    plan_when(&plan->leave, position, TEST_ABOVE, plan_constant(plan, parameters[EXIT_AT]));
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan->bars_max = (uint32_t)parameters[HOLD];
}

const Strategy strategy_bollinger_reversion = {
    .name = "bollinger_reversion",
    .group = "mean reversion",
    .sentence = "Buys below the lower Bollinger band of a market without trend, sells at its "
                "middle.",
    .parameters = {STRATEGY_BARS("period", 20, 2, 500, 2),
                   {"deviations", .preset = 2, .lowest = 0.5, .highest = 5, .step = 0.25,
                    .unit = "deviations"},
                   {"entry_at", .preset = 0, .lowest = -1, .highest = 0.4, .step = 0.05,
                    .unit = "of the band"},
                   {"exit_at", .preset = 0.5, .lowest = 0.45, .highest = 2, .step = 0.05,
                    .unit = "of the band"},
                   {"adx_max", .preset = 30, .lowest = 10, .highest = 100, .step = 5,
                    .unit = "points"},
                   STRATEGY_BARS("hold", 96, 0, 1000, 12),
                   STRATEGY_STOP(5),
                   STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .plan = plan,
};
