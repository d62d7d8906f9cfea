/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/rule_columns_batch.h"

#include <string.h>

bool rule_columns_in_batches(const RuleColumnsSource *source) {
    const Indicator *indicator = source->indicator;
    return source->length == 0 && (indicator->batch || indicator->stages.run) &&
           !(indicator->inputs & (INPUT_TAKER | INPUT_TIME));
}

/* Sources whose blocks are computed together. */
#define GROUP_SOURCES INDICATOR_LANES

typedef struct SourceGroup {
    RuleColumnsSource *sources[GROUP_SOURCES];
    IndicatorLane lanes[GROUP_SOURCES];
    IndicatorPass passes[GROUP_SOURCES];
    unsigned count, aside; /* aside: outputs that do not go straight into a column */
} SourceGroup;

/* Where the source writes its outputs: at once into a column that is nothing but the output, aside
 * where something else is made of it. False if there is no more room aside. */
static bool aim_outputs(RuleColumns *columns, const RuleColumnsSource *source, size_t into,
                        unsigned *aside, double *outputs[static INDICATOR_OUTPUTS_MAX]) {
    unsigned used = *aside;
    for (uint32_t at = source->first; at != NO_ENTRY; at = columns->entries[at].next) {
        const RuleColumn *column = &columns->entries[at].column;
        if (column->lag == 0 && column->factor == 1)
            outputs[column->output] = columns->entries[at].values + into;
    }
    for (uint32_t at = source->first; at != NO_ENTRY; at = columns->entries[at].next) {
        unsigned output = columns->entries[at].column.output;
        if (outputs[output]) continue;
        if (used == INDICATOR_OUTPUTS_MAX) return false;
        outputs[output] = columns->outputs[used++];
    }
    *aside = used;
    return true;
}

/* What columns make of the outputs of a block. */
static void read_outputs(RuleColumns *columns, RuleColumnsSource *source, double *const *outputs,
                         size_t into, uint32_t count) {
    for (uint32_t at = source->first; at != NO_ENTRY; at = columns->entries[at].next) {
        const RuleColumn *column = &columns->entries[at].column;
        const double *output = outputs[column->output];
        double *values = columns->entries[at].values + into;
        if (values == output) continue;
        if (column->lag) values[0] = source->outputs[0][column->output] * column->factor;
        for (uint32_t bar = column->lag; bar < count; bar++)
            values[bar] = output[bar - column->lag] * column->factor;
    }
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++) {
        if (!outputs[output]) continue;
        double last = source->outputs[0][output];
        source->outputs[1][output] = count > 1 ? outputs[output][count - 2] : last;
        source->outputs[0][output] = outputs[output][count - 1];
    }
}

static void run_group(RuleColumns *columns, SourceGroup *group, size_t into, uint32_t count) {
    indicator_wide_pass(columns->wide, group->passes, group->count, count);
    for (unsigned index = 0; index < group->count; index++) {
        group->sources[index]->seen = group->lanes[index].seen;
        read_outputs(columns, group->sources[index], group->lanes[index].outputs, into, count);
    }
    group->count = group->aside = 0;
}

static void group_source(RuleColumns *columns, SourceGroup *group, RuleColumnsSource *source,
                         size_t into, uint32_t count) {
    IndicatorLane lane = {.state = source->state,
                          .seen = source->seen,
                          .bars = columns->prices,
                          .warmup = source->indicator->warmup(source->options)};
    unsigned aside = group->aside;
    if (group->count == GROUP_SOURCES ||
        !aim_outputs(columns, source, into, &aside, lane.outputs)) {
        run_group(columns, group, into, count);
        memset(lane.outputs, 0, sizeof lane.outputs);
        aside = 0;
        bool fits = aim_outputs(columns, source, into, &aside, lane.outputs);
        CHECK(fits, "one indicator's outputs have room aside");
    }
    unsigned place = group->count++;
    group->aside = aside;
    group->sources[place] = source;
    group->lanes[place] = lane;
    group->passes[place] = (IndicatorPass){source->indicator, &group->lanes[place], 1, false};
}

void rule_columns_batch(RuleColumns *columns, size_t into, uint32_t count) {
    SourceGroup group = {.count = 0};
    for (uint32_t index = 0; index < columns->source_count; index++)
        if (rule_columns_in_batches(&columns->sources[index]))
            group_source(columns, &group, &columns->sources[index], into, count);
    if (group.count) run_group(columns, &group, into, count);
}
