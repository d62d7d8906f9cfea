/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that may be asked of any strategy, and the writing of plans. */
#include "core/strategies/strategy.h"

#include <math.h>

#include "core/base/check.h"

const Strategy *strategy_find(const char *name) {
    for (unsigned index = 0; index < strategy_count; index++)
        if (slice_same_name(slice_of(name), strategy_table[index]->name))
            return strategy_table[index];
    return NULL;
}

unsigned strategy_parameter_count(const Strategy *strategy) {
    unsigned count = 0;
    while (count < STRATEGY_PARAMETERS_MAX && strategy->parameters[count].name)
        count++;
    return count;
}

void strategy_presets(const Strategy *strategy, double parameters[static STRATEGY_PARAMETERS_MAX]) {
    for (unsigned index = 0; index < STRATEGY_PARAMETERS_MAX; index++)
        parameters[index] = strategy->parameters[index].preset;
}

const char *strategy_fault(const Strategy *strategy, const double *parameters) {
    unsigned count = strategy_parameter_count(strategy);
    for (unsigned index = 0; index < count; index++) {
        const StrategyParameter *parameter = &strategy->parameters[index];
        double value = parameters[index];
        if (!(value >= parameter->lowest && value <= parameter->highest)) return parameter->name;
        if (parameter->whole && floor(value) != value) return parameter->name;
    }
    return strategy->misfit ? strategy->misfit(parameters) : NULL;
}

void strategy_make_plan(const Strategy *strategy, const double *parameters, StrategyPlan *plan) {
    *plan = (StrategyPlan){.size_fraction = 1};
    strategy->plan(parameters, plan);
}

static uint8_t add_column(StrategyPlan *plan, const RuleColumn *column) {
    CHECK(plan->column_count < PLAN_COLUMNS_MAX, "a plan has room for its columns");
    plan->columns[plan->column_count] = *column;
    return plan->column_count++;
}

uint8_t plan_constant(StrategyPlan *plan, double value) {
    return add_column(plan, &(RuleColumn){.kind = COLUMN_CONSTANT, .factor = value});
}

uint8_t plan_bar(StrategyPlan *plan, BarField field) {
    return add_column(plan, &(RuleColumn){.kind = COLUMN_BAR, .field = field, .factor = 1});
}

uint8_t plan_indicator(StrategyPlan *plan, const char *name, unsigned output, const double *options,
                       unsigned count) {
    RuleColumn column = {.kind = COLUMN_INDICATOR, .output = output, .factor = 1};
    column.indicator = indicator_find(name);
    CHECK(column.indicator, "a strategy names an indicator that there is");
    indicator_presets(column.indicator, column.options);
    for (unsigned index = 0; index < count; index++)
        column.options[index] = options[index];
    return add_column(plan, &column);
}

uint8_t plan_external(StrategyPlan *plan, ExternalSeries series) {
    return add_column(plan,
                      &(RuleColumn){.kind = COLUMN_EXTERNAL, .external = series, .factor = 1});
}

static uint8_t add_copy(StrategyPlan *plan, uint8_t column) {
    CHECK(column < plan->column_count, "a copy is of a column that there is");
    return add_column(plan, &plan->columns[column]);
}

uint8_t plan_earlier(StrategyPlan *plan, uint8_t column) {
    uint8_t copy = add_copy(plan, column);
    plan->columns[copy].lag = 1;
    return copy;
}

uint8_t plan_scaled(StrategyPlan *plan, uint8_t column, double factor) {
    uint8_t copy = add_copy(plan, column);
    plan->columns[copy].factor *= factor;
    return copy;
}

uint8_t plan_longer(StrategyPlan *plan, uint8_t column, int64_t length_us) {
    uint8_t copy = add_copy(plan, column);
    plan->columns[copy].length_us = length_us;
    return copy;
}

static void append(RuleGroup *group, uint8_t left, RuleTest test, uint8_t right) {
    CHECK(group->count < PLAN_CONDITIONS_MAX, "a group has room for its conditions");
    group->conditions[group->count++] = (RuleCondition){.test = test, .left = left, .right = right};
}

void plan_when(RuleList *list, uint8_t left, RuleTest test, uint8_t right) {
    CHECK(list->count < PLAN_GROUPS_MAX, "a list has room for its groups");
    append(&list->groups[list->count++], left, test, right);
}

void plan_and(RuleList *list, uint8_t left, RuleTest test, uint8_t right) {
    CHECK(list->count > 0, "the first condition of a list begins a group");
    append(&list->groups[list->count - 1], left, test, right);
}

void plan_protect(StrategyPlan *plan, double stop_pct, double target_pct, double size) {
    plan->stop.fraction = stop_pct / 100;
    plan->target.fraction = target_pct / 100;
    plan->size_fraction = size;
}

void plan_trail(StrategyPlan *plan, double trail_pct) {
    plan->trails = trail_pct > 0;
    plan->trailing.trail_fraction = trail_pct / 100;
}

static void plan_also(RuleList *list, uint8_t left, RuleTest test, uint8_t right) {
    if (list->count)
        plan_and(list, left, test, right);
    else
        plan_when(list, left, test, right);
}

uint8_t plan_enter_above(StrategyPlan *plan, ExternalSeries series, double least) {
    uint8_t column = plan_external(plan, series);
    plan_also(&plan->enter, column, TEST_ABOVE, plan_constant(plan, least));
    return column;
}

void plan_leave_below(StrategyPlan *plan, uint8_t column, double least) {
    plan_when(&plan->leave, column, TEST_BELOW, plan_constant(plan, least));
}

void plan_above_average(StrategyPlan *plan, const double *bars) {
    uint8_t close = plan_bar(plan, BAR_CLOSE), average = plan_indicator(plan, "sma", 0, bars, 1);
    plan_also(&plan->enter, close, TEST_ABOVE, average);
    plan_when(&plan->leave, close, TEST_BELOW, average);
}

/* ---- purchases on a schedule ----------------------------------------------------------------- */

const char *strategy_share_misfit(double share_pct, double allocation) {
    return share_pct <= 100 * allocation ? NULL : "share_pct";
}

StrategySchedule strategy_schedule(double hours, double share_pct, double allocation) {
    return (StrategySchedule){.interval_us = (int64_t)hours * INSTANT_HOUR_US,
                              .slot_us = INT64_MIN,
                              .share = share_pct / 100,
                              .allocation = allocation};
}

bool strategy_slot_begins(StrategySchedule *schedule, int64_t time_us) {
    int64_t slot_us = interval_floor(time_us, schedule->interval_us);
    bool begins = slot_us != schedule->slot_us;
    schedule->slot_us = slot_us;
    return begins;
}

StrategyWish strategy_purchase(StrategySchedule *schedule, const StrategyView *view, double share) {
    if (!view->open) schedule->spent = 0;
    double left = schedule->allocation - schedule->spent;
    if (share > left) share = left;
    /* What is left of rounding is no purchase. */
    if (share < schedule->share / 1000) return (StrategyWish){0};
    schedule->spent += share;
    return (StrategyWish){.kind = WISH_ADD, .fraction = share, .of_start = true};
}
