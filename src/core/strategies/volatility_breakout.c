/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Volatility breakout: quiet is followed by motion. The market is squeezed while the Bollinger
 * bands stand inside of the Keltner channel; a close above the channel's upper line while it was
 * squeezed within the last bar is the way out (Carter, "Mastering the Trade", 2005: 20 bars, 2
 * deviations, 1.5 ranges). Out when the close is back below the channel's middle. `squeeze` 0 buys
 * every close above the line (Keltner, "How to Make Money in Commodities", 1960).
 */
#include "core/strategies/strategy.h"

enum { PERIOD, DEVIATIONS, RANGES, SQUEEZE, STOP_RANGES, TARGET, TRAIL, SIZE };
enum { KELTNER_MIDDLE, KELTNER_UPPER };
enum { BOLLINGER_UPPER = 1 };

static void plan(const double *parameters, StrategyPlan *plan) {
    const double channel[] = {parameters[PERIOD], parameters[RANGES], parameters[PERIOD]};
    uint8_t close = plan_bar(plan, BAR_CLOSE);
    uint8_t middle = plan_indicator(plan, "keltner", KELTNER_MIDDLE, channel, 3);
    uint8_t upper = plan_indicator(plan, "keltner", KELTNER_UPPER, channel, 3);
    uint8_t band = plan_indicator(plan, "bollinger", BOLLINGER_UPPER, parameters, 2);
    uint8_t range = plan_indicator(plan, "atr", 0, parameters, 1);
    plan_when(&plan->enter, close, TEST_ABOVE, upper);
    if (parameters[SQUEEZE] > 0)
        plan_and(&plan->enter, plan_earlier(plan, band), TEST_BELOW, plan_earlier(plan, upper));
    plan_when(&plan->leave, close, TEST_BELOW, middle);
    plan_protect(plan, 0, parameters[TARGET], parameters[SIZE]);
    plan->stop = (LevelRule){.multiple = parameters[STOP_RANGES], .column = (uint8_t)(range + 1)};
    plan_trail(plan, parameters[TRAIL]);
}

const Strategy strategy_volatility_breakout = {
    .name = "volatility_breakout",
    .group = "breakout",
    .sentence = "Buys the first close above the Keltner channel out of a squeeze, leaves below "
                "its middle.",
    .parameters = {STRATEGY_BARS("period", 20, 2, 200, 2),
                   {"deviations", .preset = 2, .lowest = 0.5, .highest = 5, .step = 0.25,
                    .unit = "deviations"},
                   {"ranges", .preset = 1.5, .lowest = 0.25, .highest = 5, .step = 0.25,
                    .unit = "average true ranges"},
                   {"squeeze", .preset = 1, .lowest = 0, .highest = 1, .step = 1, .unit = "1: yes",
                    .whole = true},
                   {"stop_ranges", .preset = 2, .lowest = 0.25, .highest = 20, .step = 0.25,
                    .unit = "average true ranges"},
                   STRATEGY_TARGET(0),
                   STRATEGY_TRAIL(0),
                   STRATEGY_SIZE(1)},
    .plan = plan,
};
