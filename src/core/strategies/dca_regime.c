/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cost averaging by regime: at every slot of a schedule, more where the price stands below its long
 * average and less above it. The average is the regime that one candle series can tell without a
 * model (200 bars: Faber, "A quantitative approach to tactical asset allocation", 2007, who uses
 * the side of a ten-month average). Until there is an average, nothing is bought.
 *
 * Presets: the described system's schedule, its bear adjustment of 1.5 and the inverse halves.
 */
#include "core/strategies/strategy.h"

enum { HOURS, SHARE, ALLOCATION, AVERAGE, BELOW, ABOVE, STOP, TARGET };
enum { AVERAGE_COLUMN };

typedef struct DcaRegime {
    int64_t interval_us, slot_us; /* slot_us: start of the last one that was used */
    double share, allocation, below, above, spent;
} DcaRegime;

static const char *misfit(const double *parameters) {
    return parameters[SHARE] <= 100 * parameters[ALLOCATION] ? NULL : "share_pct";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    plan_indicator(plan, "sma", 0, &parameters[AVERAGE], 1);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[ALLOCATION]);
}

static size_t state_size(const double *parameters) {
    (void)parameters;
    return sizeof(DcaRegime);
}

static void init(void *state, const double *parameters) {
    *(DcaRegime *)state = (DcaRegime){.interval_us = (int64_t)parameters[HOURS] * INSTANT_HOUR_US,
                                      .slot_us = INT64_MIN,
                                      .share = parameters[SHARE] / 100,
                                      .allocation = parameters[ALLOCATION],
                                      .below = parameters[BELOW],
                                      .above = parameters[ABOVE]};
}

static StrategyWish step(void *state, const StrategyView *view) {
    DcaRegime *schedule = state;
    double average = view->columns[AVERAGE_COLUMN];
    int64_t slot_us = interval_floor(view->time_us, schedule->interval_us);
    if (!view->open) schedule->spent = 0;
    if (slot_us == schedule->slot_us || !(average > 0)) return (StrategyWish){0};
    schedule->slot_us = slot_us;
    double share = schedule->share * (view->price < average ? schedule->below : schedule->above);
    double left = schedule->allocation - schedule->spent;
    if (share > left) share = left;
    /* What is left of rounding is no purchase. */
    if (share < schedule->share / 1000) return (StrategyWish){0};
    schedule->spent += share;
    return (StrategyWish){.kind = WISH_ADD, .fraction = share, .of_start = true};
}

const Strategy strategy_dca_regime = {
    .name = "dca_regime",
    .group = "accumulation",
    .sentence = "Buys at every slot of a schedule, more below the long average than above it.",
    .parameters = {{"interval_hours", .preset = 24, .lowest = 1, .highest = 720, .step = 12,
                    .unit = "hours", .whole = true},
                   {"share_pct", .preset = 1, .lowest = 0.1, .highest = 100, .step = 0.5,
                    .unit = "percent of the start"},
                   {"allocation", .preset = 0.3, .lowest = 0.01, .highest = 1, .step = 0.1,
                    .unit = "of the start"},
                   STRATEGY_BARS("average", 200, 2, 500, 20),
                   {"below_factor", .preset = 1.5, .lowest = 0, .highest = 10, .step = 0.25,
                    .unit = "times"},
                   {"above_factor", .preset = 0.5, .lowest = 0, .highest = 10, .step = 0.25,
                    .unit = "times"},
                   STRATEGY_STOP(0),
                   STRATEGY_TARGET(0)},
    .misfit = misfit,
    .plan = plan,
    .state_size = state_size,
    .init = init,
    .step = step,
};
