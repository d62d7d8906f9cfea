/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Value averaging (Edleson, "Value Averaging", 1991): what is held is to be worth an amount that
 * grows by the same share, and its own growth, at every slot of a schedule. What is missing is
 * bought, at most `purchase_max` shares at once; what is too much is sold. So it buys more after a
 * fall and sells into a rise. The path ends at the allocation. It measures in equity of the run's
 * start and trades nothing while it is not told how equity has grown since. After a stop or target
 * the path begins again.
 *
 * Presets: the described system's schedule; its growth of the path, 5 % a month, by the day.
 */
#include "core/strategies/strategy.h"

enum { HOURS, SHARE, GROWTH, ALLOCATION, PURCHASE_MAX, SELLS, STOP, TARGET };

typedef struct DcaValue {
    int64_t interval_us, slot_us; /* slot_us: start of the last one that was used */
    double share, ratio, allocation, purchase_max;
    double path; /* what is to be held, in equity of the start */
    uint32_t sells, held;
} DcaValue;

static const char *misfit(const double *parameters) {
    return parameters[SHARE] <= 100 * parameters[ALLOCATION] ? NULL : "share_pct";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[ALLOCATION]);
}

static size_t state_size(const double *parameters) {
    (void)parameters;
    return sizeof(DcaValue);
}

static void init(void *state, const double *parameters) {
    *(DcaValue *)state = (DcaValue){.interval_us = (int64_t)parameters[HOURS] * INSTANT_HOUR_US,
                                    .slot_us = INT64_MIN,
                                    .share = parameters[SHARE] / 100,
                                    .ratio = 1 + parameters[GROWTH] / 100,
                                    .allocation = parameters[ALLOCATION],
                                    .purchase_max = parameters[PURCHASE_MAX],
                                    .sells = (uint32_t)parameters[SELLS]};
}

/* One slot on: the path grows by itself and by a share. */
static void walk_path(DcaValue *schedule, bool open) {
    if (schedule->held && !open) schedule->path = 0; /* stop or target */
    schedule->held = open;
    schedule->path = schedule->path * schedule->ratio + schedule->share;
    if (schedule->path > schedule->allocation) schedule->path = schedule->allocation;
}

static StrategyWish step(void *state, const StrategyView *view) {
    DcaValue *schedule = state;
    int64_t slot_us = interval_floor(view->time_us, schedule->interval_us);
    if (slot_us == schedule->slot_us || !(view->growth > 0)) return (StrategyWish){0};
    schedule->slot_us = slot_us;
    walk_path(schedule, view->open);
    double value = view->open ? view->held_fraction * view->growth : 0;
    double missing = schedule->path - value, most = schedule->purchase_max * schedule->share;
    /* Less than a tenth of a share is not worth an order's costs. */
    if (!(missing > schedule->share / 10)) {
        bool sells = schedule->sells && view->open && missing < -schedule->share / 10;
        return (StrategyWish){.kind = sells ? WISH_REDUCE : WISH_NONE,
                              .fraction = sells ? -missing / value : 0};
    }
    return (StrategyWish){
        .kind = WISH_ADD, .fraction = missing < most ? missing : most, .of_start = true};
}

const Strategy strategy_dca_value = {
    .name = "dca_value",
    .group = "accumulation",
    .sentence = "Value averaging: at every slot of a schedule buys what is missing from a growing "
                "value, and sells what is too much.",
    .parameters = {{"interval_hours", .preset = 24, .lowest = 1, .highest = 720, .step = 12,
                    .unit = "hours", .whole = true},
                   {"share_pct", .preset = 1, .lowest = 0.1, .highest = 100, .step = 0.5,
                    .unit = "percent of the start"},
                   {"growth_pct", .preset = 0.16, .lowest = 0, .highest = 20, .step = 0.1,
                    .unit = "percent a slot"},
                   {"allocation", .preset = 0.3, .lowest = 0.01, .highest = 1, .step = 0.1,
                    .unit = "of the start"},
                   {"purchase_max", .preset = 3, .lowest = 1, .highest = 20, .step = 1,
                    .unit = "shares"},
                   {"sells", .preset = 1, .lowest = 0, .highest = 1, .step = 1, .unit = "1: yes",
                    .whole = true},
                   STRATEGY_STOP(0),
                   STRATEGY_TARGET(0)},
    .misfit = misfit,
    .plan = plan,
    .state_size = state_size,
    .init = init,
    .step = step,
};
