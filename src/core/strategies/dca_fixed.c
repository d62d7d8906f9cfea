/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fixed cost averaging: the same amount at every slot of a schedule on the UTC clock, until the
 * allocation is spent (Constantinides, "A note on the suboptimality of dollar-cost averaging",
 * 1979, says what it is not: a way to earn more; it is a way to buy without choosing the day). A
 * slot in which no candle closed is not made up for. After a stop or target it begins again.
 *
 * Presets: the described system's hundred of ten thousand every 24 hours, up to 30 % of it.
 */
#include "core/strategies/strategy.h"

enum { HOURS, SHARE, ALLOCATION, STOP, TARGET };

static const char *misfit(const double *parameters) {
    return strategy_share_misfit(parameters[SHARE], parameters[ALLOCATION]);
}

static void plan(const double *parameters, StrategyPlan *plan) {
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[ALLOCATION]);
}

static size_t state_size(const double *parameters) {
    (void)parameters;
    return sizeof(StrategySchedule);
}

static void init(void *state, const double *parameters) {
    *(StrategySchedule *)state =
        strategy_schedule(parameters[HOURS], parameters[SHARE], parameters[ALLOCATION]);
}

static StrategyWish step(void *state, const StrategyView *view) {
    StrategySchedule *schedule = state;
    if (!strategy_slot_begins(schedule, view->time_us)) return (StrategyWish){0};
    return strategy_purchase(schedule, view, schedule->share);
}

const Strategy strategy_dca_fixed = {
    .name = "dca_fixed",
    .group = "accumulation",
    .sentence = "Buys the same amount at every slot of a schedule until the allocation is spent.",
    .parameters = {STRATEGY_HOURS(24), STRATEGY_SHARE(1), STRATEGY_ALLOCATION(0.3),
                   STRATEGY_STOP(0), STRATEGY_TARGET(0)},
    .misfit = misfit,
    .plan = plan,
    .state_size = state_size,
    .init = init,
    .step = step,
};
