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

typedef struct DcaFixed {
    int64_t interval_us, slot_us; /* slot_us: start of the last one that was used */
    double share, allocation, spent;
} DcaFixed;

static const char *misfit(const double *parameters) {
    return parameters[SHARE] <= 100 * parameters[ALLOCATION] ? NULL : "share_pct";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[ALLOCATION]);
}

static size_t state_size(const double *parameters) {
    (void)parameters;
    return sizeof(DcaFixed);
}

static void init(void *state, const double *parameters) {
    *(DcaFixed *)state = (DcaFixed){.interval_us = (int64_t)parameters[HOURS] * INSTANT_HOUR_US,
                                    .slot_us = INT64_MIN,
                                    .share = parameters[SHARE] / 100,
                                    .allocation = parameters[ALLOCATION]};
}

static StrategyWish step(void *state, const StrategyView *view) {
    DcaFixed *schedule = state;
    int64_t slot_us = interval_floor(view->time_us, schedule->interval_us);
    if (!view->open) schedule->spent = 0;
    if (slot_us == schedule->slot_us) return (StrategyWish){0};
    schedule->slot_us = slot_us;
    double left = schedule->allocation - schedule->spent;
    double share = schedule->share < left ? schedule->share : left;
    /* What is left of rounding is no purchase. */
    if (share < schedule->share / 1000) return (StrategyWish){0};
    schedule->spent += share;
    return (StrategyWish){.kind = WISH_ADD, .fraction = share, .of_start = true};
}

const Strategy strategy_dca_fixed = {
    .name = "dca_fixed",
    .group = "accumulation",
    .sentence = "Buys the same amount at every slot of a schedule until the allocation is spent.",
    .parameters = {{"interval_hours", .preset = 24, .lowest = 1, .highest = 720, .step = 12,
                    .unit = "hours", .whole = true},
                   {"share_pct", .preset = 1, .lowest = 0.1, .highest = 100, .step = 0.5,
                    .unit = "percent of the start"},
                   {"allocation", .preset = 0.3, .lowest = 0.01, .highest = 1, .step = 0.1,
                    .unit = "of the start"},
                   STRATEGY_STOP(0),
                   STRATEGY_TARGET(0)},
    .misfit = misfit,
    .plan = plan,
    .state_size = state_size,
    .init = init,
    .step = step,
};
