/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SuperTrend: in on the bar on which the trailing stop of so many average true ranges changes to
 * the side below the price, out when it has changed back (Seban; 10 bars and 3 ranges are his). The
 * indicator is its own stop at the close; `stop_pct` holds inside a bar.
 */
#include "core/strategies/strategy.h"

enum { PERIOD, MULTIPLIER, STOP, TARGET, SIZE };
enum { SUPERTREND_DIRECTION = 1 };

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t side = plan_indicator(plan, "supertrend", SUPERTREND_DIRECTION, parameters, 2);
    uint8_t zero = plan_constant(plan, 0);
    plan_when(&plan->enter, side, TEST_CROSSES_ABOVE, zero);
    plan_when(&plan->leave, side, TEST_BELOW, zero);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
}

const Strategy strategy_supertrend = {
    .name = "supertrend",
    .group = "trend",
    .sentence = "Buys when the SuperTrend turns up, leaves when it turns down.",
    .parameters = {STRATEGY_BARS("period", 10, 2, 500, 2),
                   {"multiplier", .preset = 3, .lowest = 0.5, .highest = 20, .step = 0.25,
                    .unit = "average true ranges"},
                   STRATEGY_STOP(10),
                   STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .plan = plan,
};
