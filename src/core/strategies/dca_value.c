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
    StrategySchedule schedule;
    double ratio, purchase_max;
    double path; /* what is to be held, in equity of the start */
    uint32_t sells, held;
} DcaValue;

static const char *misfit(const double *parameters) {
    return strategy_share_misfit(parameters[SHARE], parameters[ALLOCATION]);
}

static void plan(const double *parameters, StrategyPlan *plan) {
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[ALLOCATION]);
}

static size_t state_size(const double *parameters) {
    (void)parameters;
    return sizeof(DcaValue);
}

static void init(void *state, const double *parameters) {
    *(DcaValue *)state = (DcaValue){
        .schedule = strategy_schedule(parameters[HOURS], parameters[SHARE], parameters[ALLOCATION]),
        .ratio = 1 + parameters[GROWTH] / 100,
        .purchase_max = parameters[PURCHASE_MAX],
        .sells = (uint32_t)parameters[SELLS]};
}

/* One slot on: the path grows by itself and by a share. */
static void walk_path(DcaValue *value, bool open) {
    const StrategySchedule *schedule = &value->schedule;
    if (value->held && !open) value->path = 0; /* stop or target */
    value->held = open;
    value->path = value->path * value->ratio + schedule->share;
    if (value->path > schedule->allocation) value->path = schedule->allocation;
}

static StrategyWish step(void *state, const StrategyView *view) {
    DcaValue *value = state;
    double share = value->schedule.share;
    if (!(view->growth > 0) || !strategy_slot_begins(&value->schedule, view->time_us))
        return (StrategyWish){0};
    walk_path(value, view->open);
    double worth = view->open ? view->held_fraction * view->growth : 0;
    double missing = value->path - worth, most = value->purchase_max * share;
    /* Less than a tenth of a share is not worth an order's costs. */
    if (!(missing > share / 10)) {
        bool sells = value->sells && view->open && missing < -share / 10;
        return (StrategyWish){.kind = sells ? WISH_REDUCE : WISH_NONE,
                              .fraction = sells ? -missing / worth : 0};
    }
    return (StrategyWish){
        .kind = WISH_ADD, .fraction = missing < most ? missing : most, .of_start = true};
}

const Strategy strategy_dca_value = {
    .name = "dca_value",
    .group = "accumulation",
    .sentence = "Value averaging: at every slot of a schedule buys what is missing from a growing "
                "value, and sells what is too much.",
    .parameters = {STRATEGY_HOURS(24),
                   STRATEGY_SHARE(1),
                   {"growth_pct", .preset = 0.16, .lowest = 0, .highest = 20, .step = 0.1,
                    .unit = "percent a slot"},
                   STRATEGY_ALLOCATION(0.3),
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
