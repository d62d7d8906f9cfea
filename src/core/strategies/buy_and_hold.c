/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buy and hold: in at the first close, out with the end. What every other strategy has to be better
 * than (Sharpe, "The arithmetic of active management", 1991: after costs the average active one is
 * not).
 */
#include "core/strategies/strategy.h"

enum { STOP, TARGET, SIZE };

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t close = plan_bar(plan, BAR_CLOSE);
    plan_when(&plan->enter, close, TEST_ABOVE, plan_constant(plan, 0));
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
}

const Strategy strategy_buy_and_hold = {
    .name = "buy_and_hold",
    .group = "accumulation",
    .sentence = "Buys at the first close and holds.",
    .parameters = {STRATEGY_STOP(0), STRATEGY_TARGET(0), STRATEGY_SIZE(1)},
    .plan = plan,
};
