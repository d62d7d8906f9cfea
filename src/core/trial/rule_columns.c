/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/rule_columns.h"

#include <math.h>
#include <string.h>

#include "core/trial/rule_columns_batch.h"
#include "core/trial/rule_stream.h"

#define LANES      8 /* doubles in 64 bytes; a column has so many in front of its first */
#define LINE_BYTES 64

/* ---- which columns there are --------------------------------------------------------------- */

static uint32_t slots_for(uint32_t capacity) {
    uint32_t slots = 16;
    while (slots < 2 * capacity)
        slots *= 2;
    return slots;
}

size_t rule_columns_size(uint32_t capacity) {
    return arena_rounded(slots_for(capacity) * sizeof(uint32_t)) +
           arena_rounded(capacity * sizeof(RuleColumnsEntry)) +
           arena_rounded(capacity * sizeof(RuleColumnsSource)) +
           arena_rounded(RULE_COLUMNS_LENGTHS_MAX * sizeof(RuleColumnsLonger));
}

void rule_columns_init(RuleColumns *columns, Arena *arena, uint32_t capacity, int64_t length_us) {
    CHECK(capacity < NO_ENTRY / 4, "a set of columns has a size");
    CHECK(length_us > 0, "candles have a length");
    *columns =
        (RuleColumns){.length_us = length_us, .capacity = capacity, .slots = slots_for(capacity)};
    columns->wide = &wide_plain;
    columns->finder = arena_take(arena, columns->slots * sizeof(uint32_t));
    columns->entries = arena_take(arena, capacity * sizeof(RuleColumnsEntry));
    columns->sources = arena_take(arena, capacity * sizeof(RuleColumnsSource));
    columns->longer = arena_take(arena, RULE_COLUMNS_LENGTHS_MAX * sizeof(RuleColumnsLonger));
}

static unsigned option_count(const RuleColumn *column) {
    return column->kind == COLUMN_INDICATOR ? indicator_option_count(column->indicator) : 0;
}

/* What does not matter to a column's kind is zero, so that equal columns are equal field by field.
 */
static RuleColumn normal_form(const RuleColumn *column, int64_t length_us) {
    RuleColumn normal = {.kind = column->kind, .lag = column->lag, .factor = column->factor};
    if (column->kind == COLUMN_CONSTANT) normal.lag = 0;
    if (column->kind == COLUMN_BAR) normal.field = column->field;
    if (column->kind == COLUMN_EXTERNAL) normal.external = column->external;
    if (column->kind == COLUMN_BAR || column->kind == COLUMN_INDICATOR)
        normal.length_us = column->length_us == length_us ? 0 : column->length_us;
    if (column->kind != COLUMN_INDICATOR) return normal;
    normal.indicator = column->indicator;
    normal.output = column->output;
    memcpy(normal.options, column->options, option_count(column) * sizeof(double));
    return normal;
}

static bool same_options(const double *left, const double *right) {
    for (unsigned index = 0; index < INDICATOR_OPTIONS_MAX; index++)
        if (left[index] != right[index]) return false;
    return true;
}

static bool same_column(const RuleColumn *left, const RuleColumn *right) {
    return left->kind == right->kind && left->field == right->field &&
           left->indicator == right->indicator && left->output == right->output &&
           left->external == right->external && left->lag == right->lag &&
           left->length_us == right->length_us && left->factor == right->factor &&
           same_options(left->options, right->options);
}

static uint64_t mixed(uint64_t hash, uint64_t value) { /* FNV-1a by words, and a shift that mixes */
    hash = (hash ^ value) * 0x100000001b3u;
    return hash ^ (hash >> 29);
}

static uint64_t mixed_double(uint64_t hash, double value) {
    uint64_t bits;
    value += 0.0; /* -0 equals 0 */
    memcpy(&bits, &value, sizeof bits);
    return mixed(hash, bits);
}

/* An indicator counts by its name's letters: an address would differ from run to run. */
static uint64_t column_hash(const RuleColumn *column) {
    uint64_t hash = 0xcbf29ce484222325u;
    hash = mixed(hash, (uint64_t)column->kind << 16 | (uint64_t)column->field << 8 |
                           (uint64_t)column->external);
    hash = mixed(hash, (uint64_t)column->lag << 8 | column->output);
    hash = mixed(hash, (uint64_t)column->length_us);
    hash = mixed_double(hash, column->factor);
    for (unsigned index = 0; index < INDICATOR_OPTIONS_MAX; index++)
        hash = mixed_double(hash, column->options[index]);
    for (const char *at = column->indicator ? column->indicator->name : ""; *at; at++)
        hash = mixed(hash, (uint64_t)*at);
    return hash;
}

/* The slot that holds the column, or the empty one where it belongs. */
static uint32_t slot_of(const RuleColumns *columns, const RuleColumn *column) {
    uint32_t slot = (uint32_t)(column_hash(column) & (columns->slots - 1));
    while (columns->finder[slot] &&
           !same_column(&columns->entries[columns->finder[slot] - 1].column, column))
        slot = (slot + 1) & (columns->slots - 1);
    return slot;
}

static bool place_length(RuleColumns *columns, int64_t length_us, uint32_t *place, Error *error) {
    *place = 0;
    if (length_us == 0) return true;
    if (length_us % columns->length_us != 0)
        return error_set(error, ERROR_DATA,
                         "the strategy reads candles of an interval to which those of the run do "
                         "not add up",
                         "strategy", "run it on a shorter interval that divides the strategy's");
    for (uint32_t index = 0; index < columns->length_count; index++)
        if (columns->longer[index].length_us == length_us) *place = index + 1;
    if (*place) return true;
    if (columns->length_count == RULE_COLUMNS_LENGTHS_MAX)
        return error_set(error, ERROR_LIMIT, "the plans read too many intervals", "strategy",
                         "at most 8 besides the run's own");
    columns->longer[columns->length_count] = (RuleColumnsLonger){.length_us = length_us};
    *place = ++columns->length_count;
    return true;
}

static uint32_t place_source(RuleColumns *columns, const RuleColumnsEntry *entry) {
    const RuleColumn *column = &entry->column;
    for (uint32_t index = columns->source_count; index-- > 0;) {
        RuleColumnsSource *source = &columns->sources[index];
        if (source->indicator == column->indicator && source->length == entry->length &&
            same_options(source->options, column->options))
            return index;
    }
    RuleColumnsSource *source = &columns->sources[columns->source_count];
    *source = (RuleColumnsSource){
        .indicator = column->indicator, .length = entry->length, .first = NO_ENTRY};
    memcpy(source->options, column->options, sizeof source->options);
    return columns->source_count++;
}

static bool add_column(RuleColumns *columns, const RuleColumn *column, uint32_t *place,
                       Error *error) {
    RuleColumn normal = normal_form(column, columns->length_us);
    uint32_t slot = slot_of(columns, &normal);
    if (columns->finder[slot]) {
        *place = columns->finder[slot] - 1;
        return true;
    }
    if (columns->count == columns->capacity)
        return error_set(error, ERROR_LIMIT, "there are more columns than there is room for",
                         "columns", "run fewer parameter sets at once");
    RuleColumnsEntry entry = {.column = normal, .source = NO_ENTRY, .next = NO_ENTRY};
    if (!place_length(columns, normal.length_us, &entry.length, error)) return false;
    if (normal.kind == COLUMN_INDICATOR) {
        entry.source = place_source(columns, &entry);
        entry.next = columns->sources[entry.source].first;
        columns->sources[entry.source].first = columns->count;
    }
    *place = columns->count;
    columns->entries[columns->count++] = entry;
    columns->finder[slot] = columns->count;
    return true;
}

bool rule_columns_add(RuleColumns *columns, const StrategyPlan *plan,
                      uint32_t places[static PLAN_COLUMNS_MAX], Error *error) {
    CHECK(columns->window == 0, "columns are added before they are opened");
    const char *fault = rule_plan_fault(plan);
    if (fault) return error_set(error, ERROR_CONFIG, fault, "plan", "mend the plan");
    for (unsigned index = 0; index < plan->column_count; index++)
        if (!add_column(columns, &plan->columns[index], &places[index], error)) return false;
    return true;
}

/* ---- memory of their values ---------------------------------------------------------------- */

static size_t values_bytes(size_t window) {
    return arena_rounded((window + 2 * LANES) * sizeof(double) + LINE_BYTES);
}

size_t rule_columns_memory(const RuleColumns *columns, size_t window) {
    size_t size = arena_rounded((BLOCK_BARS + 1) * sizeof(IndicatorBar)) +
                  (4 + INDICATOR_OUTPUTS_MAX) * arena_rounded(BLOCK_BARS * sizeof(double));
    for (uint32_t index = 0; index < columns->count; index++)
        if (columns->entries[index].column.kind != COLUMN_CONSTANT) size += values_bytes(window);
    for (uint32_t index = 0; index < columns->source_count; index++)
        size += arena_rounded(
            columns->sources[index].indicator->state_size(columns->sources[index].options));
    return size + columns->length_count * (arena_rounded((BLOCK_BARS + 1) * sizeof(IndicatorBar)) +
                                           arena_rounded((BLOCK_BARS + 1) * sizeof(uint32_t)));
}

/* The first value begins a line, behind LANES places of which the last is the value before. */
static double *aligned_values(Arena *arena, size_t window) {
    uint8_t *at = arena_take(arena, values_bytes(window));
    size_t past = (uintptr_t)at % LINE_BYTES;
    return (double *)(at + (past ? LINE_BYTES - past : 0)) + LANES;
}

void rule_columns_open(RuleColumns *columns, Arena *arena, size_t window) {
    CHECK(window > 0, "a window holds a bar");
    columns->window = window;
    /* one place in front, for the bar before the block */
    columns->block = (IndicatorBar *)arena_take(arena, (BLOCK_BARS + 1) * sizeof(IndicatorBar)) + 1;
    for (unsigned price = 0; price < 4; price++)
        columns->converted[price] = arena_take(arena, BLOCK_BARS * sizeof(double));
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
        columns->outputs[output] = arena_take(arena, BLOCK_BARS * sizeof(double));
    for (uint32_t index = 0; index < columns->count; index++)
        if (columns->entries[index].column.kind != COLUMN_CONSTANT)
            columns->entries[index].values = aligned_values(arena, window);
    for (uint32_t index = 0; index < columns->source_count; index++) {
        RuleColumnsSource *source = &columns->sources[index];
        source->state = arena_take(arena, source->indicator->state_size(source->options));
        columns->reads_bars |= !rule_columns_in_batches(source);
        if (rule_columns_in_batches(source)) columns->inputs |= source->indicator->inputs;
    }
    for (uint32_t index = 0; index < columns->count; index++)
        columns->reads_bars |= columns->entries[index].column.kind == COLUMN_BAR;
    for (uint32_t index = 0; index < columns->length_count; index++) {
        RuleColumnsLonger *longer = &columns->longer[index];
        longer->closed = arena_take(arena, (BLOCK_BARS + 1) * sizeof(IndicatorBar));
        longer->at = arena_take(arena, (BLOCK_BARS + 1) * sizeof(uint32_t));
    }
    rule_columns_rewind(columns);
}

void rule_columns_rewind(RuleColumns *columns) {
    double none = (double)NAN;
    IndicatorBar no_bar = {none, none, none, none, none, none, 0};
    columns->block[-1] = no_bar;
    columns->next = columns->newest_count = 0;
    for (uint32_t index = 0; index < columns->count; index++)
        if (columns->entries[index].values) columns->entries[index].values[-1] = none;
    for (uint32_t index = 0; index < columns->source_count; index++) {
        RuleColumnsSource *source = &columns->sources[index];
        source->indicator->init(source->state, source->options);
        source->seen = 0;
        for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
            source->outputs[0][output] = source->outputs[1][output] = none;
    }
    for (uint32_t index = 0; index < columns->length_count; index++) {
        RuleColumnsLonger *longer = &columns->longer[index];
        candle_fold_init_lengths(&longer->fold, columns->length_us, longer->length_us);
        longer->dropped_us = INT64_MIN;
        longer->closed_count = 0;
        longer->before[0] = longer->before[1] = no_bar;
    }
}

/* ---- one block of bars --------------------------------------------------------------------- */

static void fold_block(RuleColumnsLonger *longer, const CandleSeries *series, size_t from,
                       uint32_t count) {
    if (longer->closed_count) {
        uint32_t last = longer->closed_count - 1;
        longer->before[1] = last ? longer->closed[last - 1] : longer->before[0];
        longer->before[0] = longer->closed[last];
    }
    longer->closed_count = 0;
    for (uint32_t bar = 0; bar < count; bar++) {
        Bar next = candle_series_bar(series, from + bar), closed[2];
        int64_t start_us = interval_floor(next.time_us, longer->length_us);
        if (from + bar == 0 && start_us != next.time_us) longer->dropped_us = start_us;
        if (start_us == longer->dropped_us) continue;
        unsigned given = candle_fold_add(&longer->fold, &next, closed);
        for (unsigned each = 0; each < given; each++) {
            longer->at[longer->closed_count] = bar;
            longer->closed[longer->closed_count++] = indicator_bar(&closed[each]);
        }
    }
}

/* One candle, and what the columns that look a candle back will read. */
static void step_source(RuleColumnsSource *source, const IndicatorBar *bar) {
    memcpy(source->outputs[1], source->outputs[0], sizeof source->outputs[0]);
    source->indicator->step(source->state, bar, source->outputs[0]);
}

/* The indicator steps where a candle has closed; between longer ones its value stays. */
static void step_block(RuleColumns *columns, RuleColumnsSource *source, size_t into,
                       uint32_t count) {
    const RuleColumnsLonger *longer = source->length ? &columns->longer[source->length - 1] : NULL;
    uint32_t done = 0;
    for (uint32_t bar = 0; bar < count; bar++) {
        if (!longer) step_source(source, &columns->block[bar]);
        for (; longer && done < longer->closed_count && longer->at[done] == bar; done++)
            step_source(source, &longer->closed[done]);
        for (uint32_t at = source->first; at != NO_ENTRY; at = columns->entries[at].next) {
            const RuleColumn *column = &columns->entries[at].column;
            columns->entries[at].values[into + bar] =
                source->outputs[column->lag][column->output] * column->factor;
        }
    }
}

static void bar_block(RuleColumns *columns, const RuleColumnsEntry *entry, size_t into,
                      uint32_t count) {
    const RuleColumn *column = &entry->column;
    for (uint32_t bar = 0; bar < count; bar++)
        entry->values[into + bar] =
            rule_bar_field(&columns->block[(ptrdiff_t)bar - column->lag], column->field) *
            column->factor;
}

static void longer_block(RuleColumns *columns, const RuleColumnsEntry *entry, size_t into,
                         uint32_t count) {
    const RuleColumnsLonger *longer = &columns->longer[entry->length - 1];
    const RuleColumn *column = &entry->column;
    IndicatorBar newest[2] = {longer->before[0], longer->before[1]};
    uint32_t done = 0;
    for (uint32_t bar = 0; bar < count; bar++) {
        for (; done < longer->closed_count && longer->at[done] == bar; done++) {
            newest[1] = newest[0];
            newest[0] = longer->closed[done];
        }
        entry->values[into + bar] =
            rule_bar_field(&newest[column->lag], column->field) * column->factor;
    }
}

/* `from`: the block's first bar in the series. */
static void external_block(const RuleColumnsEntry *entry, const double *values, size_t from,
                           size_t into, uint32_t count) {
    const RuleColumn *column = &entry->column;
    for (uint32_t bar = 0; bar < count; bar++) {
        bool known = values && from + bar >= column->lag;
        entry->values[into + bar] =
            known ? values[from + bar - column->lag] * column->factor : (double)NAN;
    }
}

static void convert_bars(RuleColumns *columns, const CandleSeries *series, size_t from,
                         uint32_t count) {
    const int64_t *units[4] = {series->open, series->high, series->low, series->close};
    for (unsigned price = 0; price < 4; price++) /* INPUT_OPEN is the first bit of the four */
        if (columns->inputs & (INPUT_OPEN << price))
            columns->wide->scaled(units[price] + from, count, (double)DECIMAL_SCALE,
                                  columns->converted[price]);
    columns->prices = (IndicatorColumns){.open = columns->converted[0],
                                         .high = columns->converted[1],
                                         .low = columns->converted[2],
                                         .close = columns->converted[3],
                                         .volume = series->volume + from};
    if (!columns->reads_bars) return;
    if (from > 0) {
        Bar before = candle_series_bar(series, from - 1);
        columns->block[-1] = indicator_bar(&before);
    }
    for (uint32_t bar = 0; bar < count; bar++) {
        Bar own = candle_series_bar(series, from + bar);
        columns->block[bar] = indicator_bar(&own);
    }
}

static void compute_block(RuleColumns *columns, const CandleSeries *series,
                          const double *const *external, size_t into, uint32_t count) {
    size_t from = columns->next + into;
    convert_bars(columns, series, from, count);
    for (uint32_t index = 0; index < columns->length_count; index++)
        fold_block(&columns->longer[index], series, from, count);
    rule_columns_batch(columns, into, count);
    for (uint32_t index = 0; index < columns->source_count; index++)
        if (!rule_columns_in_batches(&columns->sources[index]))
            step_block(columns, &columns->sources[index], into, count);
    for (uint32_t index = 0; index < columns->count; index++) {
        const RuleColumnsEntry *entry = &columns->entries[index];
        if (entry->column.kind == COLUMN_BAR)
            (entry->length ? longer_block : bar_block)(columns, entry, into, count);
        if (entry->column.kind == COLUMN_EXTERNAL)
            external_block(entry, external ? external[entry->column.external] : NULL, from, into,
                           count);
    }
}

size_t rule_columns_next(RuleColumns *columns, const CandleSeries *series,
                         const double *const *external) {
    CHECK(columns->window > 0, "columns are opened before they are computed");
    CHECK(series->length_us == columns->length_us, "the series has the columns' interval");
    size_t left = series->count - columns->next;
    size_t total = left < columns->window ? left : columns->window;
    if (total == 0) return 0;
    for (uint32_t index = 0; index < columns->count; index++) {
        double *values = columns->entries[index].values;
        if (values && columns->newest_count) values[-1] = values[columns->newest_count - 1];
    }
    for (size_t into = 0; into < total; into += BLOCK_BARS) {
        size_t count = total - into < BLOCK_BARS ? total - into : BLOCK_BARS;
        compute_block(columns, series, external, into, (uint32_t)count);
    }
    columns->next += total;
    columns->newest_count = total;
    return total;
}

const double *rule_columns_values(const RuleColumns *columns, uint32_t place) {
    CHECK(place < columns->count, "a place of a column");
    return columns->entries[place].values;
}
