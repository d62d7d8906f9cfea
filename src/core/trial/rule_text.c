/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/rule_text.h"

#include <math.h>

/* A percent from a fraction, without the last bits of the product. */
static void put_percent(Text *text, double fraction) {
    text_double(text, rint(fraction * 1e10) / 1e8);
    text_put(text, " %");
}

static void put_length(Text *text, int64_t length_us) {
    static const struct {
        int64_t unit_us;
        const char *name;
    } units[] = {{INSTANT_DAY_US, "d"}, {INSTANT_HOUR_US, "h"}, {INSTANT_MINUTE_US, "m"}};
    for (unsigned index = 0; index < sizeof units / sizeof units[0]; index++) {
        if (length_us % units[index].unit_us != 0) continue;
        text_format(text, "%D%s", length_us / units[index].unit_us, units[index].name);
        return;
    }
    text_format(text, "%D us", length_us);
}

static void put_indicator(Text *text, const RuleColumn *column) {
    unsigned count = indicator_option_count(column->indicator);
    text_put(text, column->indicator->outputs[column->output].name);
    for (unsigned index = 0; index < count; index++) {
        text_put(text, index ? ", " : "(");
        text_double(text, column->options[index]);
    }
    if (count) text_char(text, ')');
}

static void put_source(Text *text, const RuleColumn *column) {
    static const char *const fields[] = {"open", "high", "low", "close", "volume"};
    static const char *const series[EXTERNAL_COUNT] = {"sentiment", "social volume", "engagement",
                                                       "news impact"};
    if (column->lag) text_put(text, "earlier ");
    if (column->kind == COLUMN_BAR) text_put(text, fields[column->field]);
    if (column->kind == COLUMN_INDICATOR) put_indicator(text, column);
    if (column->kind == COLUMN_EXTERNAL) text_put(text, series[column->external]);
    if (!column->length_us || column->kind == COLUMN_EXTERNAL) return;
    text_put(text, " of ");
    put_length(text, column->length_us);
}

void rule_text_column(Text *text, const RuleColumn *column) {
    if (column->kind == COLUMN_CONSTANT) {
        text_double(text, column->factor);
        return;
    }
    if (column->factor != 1) {
        text_double(text, column->factor);
        text_put(text, " x ");
    }
    put_source(text, column);
}

static void put_condition(Text *text, const StrategyPlan *plan, const RuleCondition *condition) {
    static const char *const tests[] = {" above ", " below ", " crosses above ", " crosses below "};
    rule_text_column(text, &plan->columns[condition->left]);
    text_put(text, tests[condition->test]);
    rule_text_column(text, &plan->columns[condition->right]);
}

void rule_text_list(Text *text, const StrategyPlan *plan, const RuleList *list) {
    for (unsigned group = 0; group < list->count; group++) {
        if (group) text_put(text, ", or ");
        for (unsigned index = 0; index < list->groups[group].count; index++) {
            if (index) text_put(text, " and ");
            put_condition(text, plan, &list->groups[group].conditions[index]);
        }
    }
}

static const char *put_level(Text *text, const char *between, const char *name,
                             const StrategyPlan *plan, const LevelRule *level) {
    if (!level->column && level->fraction == 0) return between;
    text_format(text, "%s%s ", between, name);
    if (!level->column) {
        put_percent(text, level->fraction);
        return ", ";
    }
    text_double(text, level->multiple);
    text_put(text, " x ");
    rule_text_column(text, &plan->columns[level->column - 1]);
    return ", ";
}

void rule_text_exits(Text *text, const StrategyPlan *plan) {
    const char *between = put_level(text, "", "stop", plan, &plan->stop);
    between = put_level(text, between, "target", plan, &plan->target);
    if (plan->trails) {
        text_format(text, "%strailing stop ", between);
        put_percent(text, plan->trailing.trail_fraction);
        between = ", ";
    }
    if (plan->bars_max) {
        text_format(text, "%sat most %D bars", between, (int64_t)plan->bars_max);
        between = ", ";
    }
    if (plan->bars_pause)
        text_format(text, "%sno entry for %D bars after", between, (int64_t)plan->bars_pause);
}

static bool has_exits(const StrategyPlan *plan) {
    bool stop = plan->stop.column || plan->stop.fraction > 0;
    bool target = plan->target.column || plan->target.fraction > 0;
    return stop || target || plan->trails || plan->bars_max || plan->bars_pause;
}

void rule_text_plan(Text *text, const StrategyPlan *plan, const char *before, const char *after) {
    if (plan->enter.count) {
        text_format(text, "%senters: ", before);
        rule_text_list(text, plan, &plan->enter);
        text_put(text, after);
    }
    if (plan->leave.count) {
        text_format(text, "%sleaves: ", before);
        rule_text_list(text, plan, &plan->leave);
        text_put(text, after);
    }
    if (!has_exits(plan)) return;
    text_format(text, "%sexits: ", before);
    rule_text_exits(text, plan);
    text_put(text, after);
}
