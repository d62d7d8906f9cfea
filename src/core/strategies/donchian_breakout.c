/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Donchian breakout, the turtles' rule: in on a close above the highest high of the bars before it,
 * out on a close below their lowest low, the stop twice the average true range away (Faith, "The
 * Original Turtle Trading Rules", 2003: 20 and 10 days, N of 20 days, 2 N). The channel is that of
 * the bars *before* the newest: no close is above a high that it helped to make. Presets in bars of
 * the run, as the turtles' were of theirs.
 */
#include "core/strategies/strategy.h"

enum { ENTRY, EXIT, RANGE, STOP_RANGES, TARGET, TRAIL, SIZE };
enum { DONCHIAN_UPPER = 1, DONCHIAN_LOWER = 2 };

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t close = plan_bar(plan, BAR_CLOSE);
    uint8_t upper = plan_indicator(plan, "donchian", DONCHIAN_UPPER, &parameters[ENTRY], 1);
    uint8_t lower = plan_indicator(plan, "donchian", DONCHIAN_LOWER, &parameters[EXIT], 1);
    uint8_t range = plan_indicator(plan, "atr", 0, &parameters[RANGE], 1);
    plan->columns[upper].lag = plan->columns[lower].lag = 1;
    plan_when(&plan->enter, close, TEST_ABOVE, upper);
    plan_when(&plan->leave, close, TEST_BELOW, lower);
    plan_protect(plan, 0, parameters[TARGET], parameters[SIZE]);
    plan->stop = (LevelRule){.multiple = parameters[STOP_RANGES], .column = (uint8_t)(range + 1)};
    plan_trail(plan, parameters[TRAIL]);
}

const Strategy strategy_donchian_breakout = {
    .name = "donchian_breakout",
    .group = "breakout",
    .sentence = "Buys a close above the highest high before it, leaves below the lowest low "
                "(turtles).",
    .parameters = {STRATEGY_BARS("entry", 20, 2, 500, 5),
                   STRATEGY_BARS("exit", 10, 2, 500, 5),
                   STRATEGY_BARS("range", 20, 2, 200, 5),
                   {"stop_ranges", .preset = 2, .lowest = 0.25, .highest = 20, .step = 0.25,
                    .unit = "average true ranges"},
                   STRATEGY_TARGET(0),
                   STRATEGY_TRAIL(0),
                   STRATEGY_SIZE(1)},
    .plan = plan,
};
