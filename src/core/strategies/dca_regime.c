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
    StrategySchedule schedule;
    double below, above; /* times the share */
} DcaRegime;

static const char *misfit(const double *parameters) {
    return strategy_share_misfit(parameters[SHARE], parameters[ALLOCATION]);
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
    *(DcaRegime *)state = (DcaRegime){
        .schedule = strategy_schedule(parameters[HOURS], parameters[SHARE], parameters[ALLOCATION]),
        .below = parameters[BELOW],
        .above = parameters[ABOVE]};
}

static StrategyWish step(void *state, const StrategyView *view) {
    DcaRegime *regime = state;
    StrategySchedule *schedule = &regime->schedule;
    double average = view->columns[AVERAGE_COLUMN];
    if (!(average > 0) || !strategy_slot_begins(schedule, view->time_us)) return (StrategyWish){0};
    double factor = view->price < average ? regime->below : regime->above;
    return strategy_purchase(schedule, view, schedule->share * factor);
}

const Strategy strategy_dca_regime = {
    .name = "dca_regime",
    .group = "accumulation",
    .sentence = "Buys at every slot of a schedule, more below the long average than above it.",
    .parameters = {STRATEGY_HOURS(24),
                   STRATEGY_SHARE(1),
                   STRATEGY_ALLOCATION(0.3),
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
