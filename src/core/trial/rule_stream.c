/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/rule_stream.h"

#include <math.h>
#include <string.h>

#include "core/base/arena.h"

/* What stands at the front of the state. */
typedef struct RuleState {
    uint64_t bars;      /* fed */
    uint64_t decisions; /* asked for */
    uint64_t seed;
    int64_t close_us; /* of the newest bar */
    double now[PLAN_COLUMNS_MAX], before[PLAN_COLUMNS_MAX];
    IndicatorBar own[2]; /* the newest bar and the one before */
    double external[2][EXTERNAL_COUNT];
} RuleState;

/* One longer interval. */
typedef struct RuleLonger {
    CandleFold fold;
    IndicatorBar closed[2]; /* the newest and the one before; NaN where there is none */
    int64_t dropped_us;     /* start of the bucket that the series began in the middle of */
} RuleLonger;

/* ---- what is wrong with a plan ------------------------------------------------------------- */

static const char *column_fault(const RuleColumn *column) {
    if (!isfinite(column->factor)) return "a column's factor is not a number";
    if (column->length_us < 0 || column->length_us > RULE_LENGTH_MOST_US)
        return "a column's interval is no time up to a year";
    if (column->lag > 1) return "a column looks more than one candle back";
    switch (column->kind) {
    case COLUMN_CONSTANT:
        return NULL;
    case COLUMN_BAR:
        return (unsigned)column->field > BAR_VOLUME ? "a bar has no such field" : NULL;
    case COLUMN_EXTERNAL:
        return (unsigned)column->external >= EXTERNAL_COUNT ? "there is no such series" : NULL;
    case COLUMN_INDICATOR:
        break;
    default:
        return "a column is of no kind";
    }
    if (!column->indicator) return "a column names no indicator";
    if (column->output >= indicator_output_count(column->indicator))
        return "the indicator has no such output";
    return indicator_options_fault(column->indicator, column->options)
               ? "an indicator's options are out of bounds"
               : NULL;
}

static const char *list_fault(const StrategyPlan *plan, const RuleList *list) {
    if (list->count > PLAN_GROUPS_MAX) return "a list has too many groups";
    for (unsigned group = 0; group < list->count; group++) {
        if (list->groups[group].count > PLAN_CONDITIONS_MAX)
            return "a group has too many conditions";
        for (unsigned index = 0; index < list->groups[group].count; index++) {
            const RuleCondition *condition = &list->groups[group].conditions[index];
            if ((unsigned)condition->test > TEST_CROSSES_BELOW) return "a condition tests nothing";
            if (condition->left >= plan->column_count || condition->right >= plan->column_count)
                return "a condition reads a column that is not there";
        }
    }
    return NULL;
}

static bool level_sound(const StrategyPlan *plan, const LevelRule *level, double most) {
    if (level->column > plan->column_count) return false;
    double size = level->column ? level->multiple : level->fraction;
    return isfinite(size) && size >= 0 && (level->column ? size > 0 : size < most);
}

static bool trailing_sound(const TrailingRule *rule) {
    return rule->activation_fraction >= 0 && isfinite(rule->activation_fraction) &&
           rule->trail_fraction > 0 && rule->trail_fraction < 1 && rule->step_fraction >= 0 &&
           isfinite(rule->step_fraction) && rule->pause_us >= 0;
}

const char *rule_plan_fault(const StrategyPlan *plan) {
    const char *fault = NULL;
    if (plan->column_count > PLAN_COLUMNS_MAX) return "a plan has too many columns";
    for (unsigned index = 0; index < plan->column_count && !fault; index++)
        fault = column_fault(&plan->columns[index]);
    if (!fault) fault = list_fault(plan, &plan->enter);
    if (!fault) fault = list_fault(plan, &plan->leave);
    if (fault) return fault;
    if (!level_sound(plan, &plan->stop, 1)) return "the stop is not a level below the price";
    if (!level_sound(plan, &plan->target, (double)INFINITY)) return "the target is not a level";
    if (plan->trails && !trailing_sound(&plan->trailing)) return "the trailing stop is none";
    if (!(plan->size_fraction > 0 && plan->size_fraction <= 1))
        return "the size is not a share of equity";
    return NULL;
}

/* ---- from a plan to places in a block ------------------------------------------------------ */

/* 0 for the run's own interval, else index + 1; the Error is set where there is no place. */
static bool place_length(RuleStream *stream, int64_t length_us, uint8_t *place, Error *error) {
    *place = 0;
    if (length_us == 0 || length_us == stream->length_us) return true;
    if (length_us % stream->length_us != 0)
        return error_set(error, ERROR_DATA,
                         "the strategy reads candles of an interval to which "
                         "those of the run do not add up",
                         "strategy", "run it on a shorter interval that divides the strategy's");
    for (unsigned index = 0; index < stream->length_count; index++)
        if (stream->lengths_us[index] == length_us) *place = (uint8_t)(index + 1);
    if (*place) return true;
    if (stream->length_count == RULE_LENGTHS_MAX)
        return error_set(error, ERROR_LIMIT, "the plan reads too many intervals", "strategy",
                         "at most 4 besides the run's own");
    stream->lengths_us[stream->length_count++] = length_us;
    *place = stream->length_count;
    return true;
}

static uint16_t indicator_place(const Indicator *indicator) {
    for (unsigned index = 0; index < indicator_count; index++)
        if (indicator_table[index] == indicator) return (uint16_t)index;
    CHECK(false, "an indicator of a plan stands in the table");
    return 0;
}

static bool same_source(const RuleSource *source, const RuleSource *other) {
    if (source->indicator != other->indicator || source->length != other->length) return false;
    unsigned count = indicator_option_count(indicator_table[source->indicator]);
    for (unsigned index = 0; index < count; index++)
        if (source->options[index] != other->options[index]) return false;
    return true;
}

static uint8_t place_source(RuleStream *stream, const RuleColumn *column, uint8_t length) {
    RuleSource source = {.indicator = indicator_place(column->indicator), .length = length};
    memcpy(source.options, column->options, sizeof source.options);
    for (uint8_t index = 0; index < stream->source_count; index++)
        if (same_source(&stream->sources[index], &source)) return index;
    stream->sources[stream->source_count] = source;
    return stream->source_count++;
}

static bool place_columns(RuleStream *stream, const StrategyPlan *plan, Error *error) {
    stream->column_count = plan->column_count;
    for (unsigned index = 0; index < plan->column_count; index++) {
        const RuleColumn *column = &plan->columns[index];
        RuleStreamColumn *placed = &stream->columns[index];
        *placed = (RuleStreamColumn){.kind = column->kind,
                                     .field = column->field,
                                     .external = column->external,
                                     .output = (uint8_t)column->output,
                                     .lag = column->lag,
                                     .factor = column->factor};
        bool of_candles = column->kind == COLUMN_BAR || column->kind == COLUMN_INDICATOR;
        if (of_candles && !place_length(stream, column->length_us, &placed->length, error))
            return false;
        if (column->kind != COLUMN_INDICATOR) continue;
        placed->source = place_source(stream, column, placed->length);
        stream->sources[placed->source].lagged |= column->lag;
    }
    return true;
}

static void place_state(RuleStream *stream, const Strategy *strategy) {
    size_t size = arena_rounded(sizeof(RuleState));
    stream->longer_at = size;
    size += arena_rounded(stream->length_count * sizeof(RuleLonger));
    for (unsigned index = 0; index < stream->source_count; index++) {
        RuleSource *source = &stream->sources[index];
        source->outputs_at = (uint32_t)size;
        size += arena_rounded(2 * INDICATOR_OUTPUTS_MAX * sizeof(double));
        source->state_at = (uint32_t)size;
        size += arena_rounded(indicator_table[source->indicator]->state_size(source->options));
    }
    stream->strategy_at = size;
    if (strategy && strategy->state_size)
        size += arena_rounded(strategy->state_size(stream->parameters));
    stream->size = size;
}

/* ---- warm-up ------------------------------------------------------------------------------- */

/* Candles of the source's own length. Sessions warm up in hours, and one may have to begin first:
 * at most a week of them passes by. */
static uint64_t source_warmup(const RuleSource *source, int64_t length_us) {
    const Indicator *indicator = indicator_table[source->indicator];
    uint64_t warmup = indicator->warmup(source->options);
    if (indicator->memory != MEMORY_SESSION) return warmup;
    int64_t hours_us = (int64_t)warmup * INSTANT_HOUR_US + 7 * INSTANT_DAY_US;
    return (uint64_t)((hours_us + length_us - 1) / length_us);
}

/* In bars of the run: a bucket begun in its middle is dropped, then warm-up + 1 candles close. */
static uint64_t in_bars(const RuleStream *stream, uint8_t length, uint64_t warmup) {
    if (length == 0) return warmup;
    uint64_t ratio = (uint64_t)(stream->lengths_us[length - 1] / stream->length_us);
    return (ratio - 1) + (warmup + 1) * ratio - 1;
}

static unsigned warmup_of(const RuleStream *stream) {
    uint64_t most = 0;
    for (unsigned index = 0; index < stream->column_count; index++) {
        const RuleStreamColumn *column = &stream->columns[index];
        uint64_t warmup = 0;
        int64_t length_us =
            column->length ? stream->lengths_us[column->length - 1] : stream->length_us;
        if (column->kind == COLUMN_INDICATOR)
            warmup = source_warmup(&stream->sources[column->source], length_us);
        warmup += column->lag;
        warmup = in_bars(stream, column->length, warmup);
        if (warmup > most) most = warmup;
    }
    return most < UINT32_MAX ? (unsigned)most : UINT32_MAX;
}

bool rule_stream_init(RuleStream *stream, const StrategyPlan *plan, const Strategy *strategy,
                      const double *parameters, int64_t length_us, Error *error) {
    const char *fault = rule_plan_fault(plan);
    if (fault)
        return error_set(error, ERROR_CONFIG, fault, strategy ? strategy->name : "plan",
                         "mend the plan");
    CHECK(length_us > 0, "candles have a length");
    memset(stream, 0, sizeof *stream);
    stream->length_us = length_us;
    stream->bars_max = plan->bars_max;
    stream->bars_pause = plan->bars_pause;
    stream->enter = plan->enter;
    stream->leave = plan->leave;
    stream->stop = plan->stop;
    stream->target = plan->target;
    stream->size_fraction = plan->size_fraction;
    if (strategy) memcpy(stream->parameters, parameters, sizeof stream->parameters);
    if (!place_columns(stream, plan, error)) return false;
    place_state(stream, strategy);
    stream->warmup = warmup_of(stream);
    return true;
}

unsigned rule_stream_warmup(const RuleStream *stream) {
    return stream->warmup;
}

/* ---- bars in ------------------------------------------------------------------------------- */

static RuleLonger *longer_of(const RuleStream *stream, void *state) {
    return (RuleLonger *)((uint8_t *)state + stream->longer_at);
}

void rule_stream_start(const RuleStream *stream, const Strategy *strategy, void *state,
                       uint64_t seed) {
    memset(state, 0, stream->size);
    RuleState *rules = state;
    double none = (double)NAN;
    IndicatorBar no_bar = {none, none, none, none, none, none, 0};
    rules->seed = seed;
    rules->own[0] = rules->own[1] = no_bar;
    for (unsigned index = 0; index < PLAN_COLUMNS_MAX; index++)
        rules->now[index] = rules->before[index] = none;
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        rules->external[0][series] = rules->external[1][series] = none;
    RuleLonger *longer = longer_of(stream, state);
    for (unsigned index = 0; index < stream->length_count; index++) {
        candle_fold_init_lengths(&longer[index].fold, stream->length_us, stream->lengths_us[index]);
        longer[index].closed[0] = longer[index].closed[1] = no_bar;
        longer[index].dropped_us = INT64_MIN;
    }
    for (unsigned index = 0; index < stream->source_count; index++) {
        const RuleSource *source = &stream->sources[index];
        double *outputs = (double *)((uint8_t *)state + source->outputs_at);
        for (unsigned output = 0; output < 2 * INDICATOR_OUTPUTS_MAX; output++)
            outputs[output] = none;
        indicator_table[source->indicator]->init((uint8_t *)state + source->state_at,
                                                 source->options);
    }
    if (strategy && strategy->init)
        strategy->init((uint8_t *)state + stream->strategy_at, stream->parameters);
}

static void step_sources(const RuleStream *stream, uint8_t *state, unsigned length,
                         const IndicatorBar *bar) {
    for (unsigned index = 0; index < stream->source_count; index++) {
        const RuleSource *source = &stream->sources[index];
        if (source->length != length) continue;
        double *outputs = (double *)(state + source->outputs_at);
        if (source->lagged)
            memcpy(outputs + INDICATOR_OUTPUTS_MAX, outputs,
                   INDICATOR_OUTPUTS_MAX * sizeof(double));
        indicator_table[source->indicator]->step(state + source->state_at, bar, outputs);
    }
}

/* Folds the bar in; what closes steps the indicators of that length. */
static void feed_longer(const RuleStream *stream, void *state, unsigned index, const Bar *bar) {
    RuleLonger *longer = &longer_of(stream, state)[index];
    int64_t start_us = interval_floor(bar->time_us, stream->lengths_us[index]);
    if (((RuleState *)state)->bars == 0 && start_us != bar->time_us) longer->dropped_us = start_us;
    if (start_us == longer->dropped_us) return;
    Bar closed[2];
    unsigned count = candle_fold_add(&longer->fold, bar, closed);
    for (unsigned each = 0; each < count; each++) {
        longer->closed[1] = longer->closed[0];
        longer->closed[0] = indicator_bar(&closed[each]);
        step_sources(stream, state, index + 1, &longer->closed[0]);
    }
}

double rule_bar_field(const IndicatorBar *bar, BarField field) {
    switch (field) {
    case BAR_OPEN:
        return bar->open;
    case BAR_HIGH:
        return bar->high;
    case BAR_LOW:
        return bar->low;
    case BAR_CLOSE:
        return bar->close;
    default:
        return bar->volume;
    }
}

static double column_value(const RuleStream *stream, const RuleStreamColumn *column, void *state) {
    const RuleState *rules = state;
    switch (column->kind) {
    case COLUMN_CONSTANT:
        return column->factor;
    case COLUMN_BAR: {
        const IndicatorBar *bars =
            column->length ? longer_of(stream, state)[column->length - 1].closed : rules->own;
        return rule_bar_field(&bars[column->lag], column->field) * column->factor;
    }
    case COLUMN_INDICATOR: {
        const RuleSource *source = &stream->sources[column->source];
        const double *outputs = (const double *)((uint8_t *)state + source->outputs_at);
        return outputs[column->lag * INDICATOR_OUTPUTS_MAX + column->output] * column->factor;
    }
    default:
        return rules->external[column->lag][column->external] * column->factor;
    }
}

void rule_stream_feed(const RuleStream *stream, void *state, const Bar *bar,
                      const double *external) {
    RuleState *rules = state;
    rules->own[1] = rules->own[0];
    rules->own[0] = indicator_bar(bar);
    memcpy(rules->external[1], rules->external[0], sizeof rules->external[0]);
    for (unsigned series = 0; external && series < EXTERNAL_COUNT; series++)
        rules->external[0][series] = external[series];
    step_sources(stream, state, 0, &rules->own[0]);
    for (unsigned index = 0; index < stream->length_count; index++)
        feed_longer(stream, state, index, bar);
    memcpy(rules->before, rules->now, stream->column_count * sizeof(double));
    for (unsigned index = 0; index < stream->column_count; index++)
        rules->now[index] = column_value(stream, &stream->columns[index], state);
    rules->bars++;
    rules->close_us = bar->time_us + stream->length_us;
}

const double *rule_stream_columns(const RuleStream *stream, const void *state) {
    (void)stream;
    return ((const RuleState *)state)->now;
}

const double *rule_stream_columns_before(const RuleStream *stream, const void *state) {
    (void)stream;
    return ((const RuleState *)state)->before;
}

/* ---- wishes out ---------------------------------------------------------------------------- */

bool rule_condition_holds(const RuleCondition *condition, const double *now, const double *before) {
    double left = now[condition->left], right = now[condition->right];
    switch (condition->test) {
    case TEST_ABOVE:
        return left > right;
    case TEST_BELOW:
        return left < right;
    case TEST_CROSSES_ABOVE:
        return left > right && before[condition->left] <= before[condition->right];
    default:
        return left < right && before[condition->left] >= before[condition->right];
    }
}

bool rule_list_holds(const RuleList *list, const double *now, const double *before) {
    for (unsigned index = 0; index < list->count; index++) {
        const RuleGroup *group = &list->groups[index];
        bool holds = group->count > 0;
        for (unsigned each = 0; each < group->count && holds; each++)
            holds = rule_condition_holds(&group->conditions[each], now, before);
        if (holds) return true;
    }
    return false;
}

double rule_level(const LevelRule *level, const double *now, double close, bool is_stop) {
    if (!level->column) return level->fraction;
    double distance = level->multiple * now[level->column - 1] / close;
    bool sound = distance > 0 && distance < (is_stop ? 1 : (double)INFINITY);
    return sound ? distance : (double)NAN;
}

static StrategyWish wish_of_rules(const RuleStream *stream, const RuleState *rules, bool open) {
    if (open) {
        bool leaves = rule_list_holds(&stream->leave, rules->now, rules->before);
        return (StrategyWish){.kind = leaves ? WISH_LEAVE : WISH_NONE, .fraction = leaves};
    }
    if (!rule_list_holds(&stream->enter, rules->now, rules->before) ||
        rule_list_holds(&stream->leave, rules->now, rules->before))
        return (StrategyWish){0};
    return (StrategyWish){.kind = WISH_ENTER, .fraction = stream->size_fraction};
}

static StrategyWish wish_of_step(const RuleStream *stream, const Strategy *strategy, void *state,
                                 const RulePosition *position) {
    RuleState *rules = state;
    StrategyView view = {.index = rules->decisions,
                         .time_us = rules->close_us,
                         .columns = rules->now,
                         .open = position->open,
                         .bars_held = position->bars_held,
                         .price = rules->own[0].close,
                         .average = position->average,
                         .held_fraction = position->held_fraction,
                         .growth = position->growth,
                         .seed = rules->seed};
    return strategy->step((uint8_t *)state + stream->strategy_at, &view);
}

static bool can_be_done(WishKind kind, bool open) {
    if (kind == WISH_ENTER) return !open;
    return kind == WISH_ADD || open;
}

/* An indicator has no value before its warm-up, and ever after one. */
static bool candles_known(const RuleStream *stream, const RuleState *rules) {
    for (unsigned index = 0; index < stream->column_count; index++)
        if (stream->columns[index].kind != COLUMN_EXTERNAL && isnan(rules->now[index]))
            return false;
    return true;
}

/* What buys gets the plan's levels where the strategy gave none. */
static StrategyWish protected_wish(const RuleStream *stream, const RuleState *rules,
                                   StrategyWish wish) {
    if (wish.stop_fraction == 0)
        wish.stop_fraction = rule_level(&stream->stop, rules->now, rules->own[0].close, true);
    if (wish.target_fraction == 0)
        wish.target_fraction = rule_level(&stream->target, rules->now, rules->own[0].close, false);
    bool sound = wish.stop_fraction >= 0 && wish.target_fraction >= 0 && wish.fraction > 0;
    return sound ? wish : (StrategyWish){0};
}

StrategyWish rule_stream_wish(const RuleStream *stream, const Strategy *strategy, void *state,
                              const RulePosition *position) {
    RuleState *rules = state;
    CHECK(rules->bars > 0, "a wish is asked for at a bar's close");
    StrategyWish wish = strategy && strategy->step ? wish_of_step(stream, strategy, state, position)
                                                   : wish_of_rules(stream, rules, position->open);
    rules->decisions++;
    if (position->open && stream->bars_max && position->bars_held >= stream->bars_max)
        return (StrategyWish){.kind = WISH_LEAVE, .fraction = 1};
    if (!can_be_done(wish.kind, position->open)) return (StrategyWish){0};
    bool buys = wish.kind == WISH_ENTER || wish.kind == WISH_ADD;
    if (buys && !candles_known(stream, rules)) return (StrategyWish){0};
    if (buys && !position->open && position->bars_flat <= stream->bars_pause)
        return (StrategyWish){0};
    return buys ? protected_wish(stream, rules, wish) : wish;
}
