/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that may be asked of any indicator; the answers stand in its constant. */
#include "core/indicators/indicator.h"

#include <math.h>

IndicatorBar indicator_bar(const Bar *bar) {
    bool said = bar->taker_volume > 0 || !(bar->volume > 0);
    return (IndicatorBar){.open = price_double(bar->open),
                          .high = price_double(bar->high),
                          .low = price_double(bar->low),
                          .close = price_double(bar->close),
                          .volume = bar->volume,
                          .taker = said ? bar->taker_volume : (double)NAN,
                          .time_us = bar->time_us};
}

static char unified(char letter) {
    return letter == '-' ? '_' : letter;
}

static bool same_name(const char *left, const char *right) {
    while (*left && unified(*left) == unified(*right))
        left++, right++;
    return !*left && !*right;
}

const Indicator *indicator_find(const char *name) {
    for (unsigned index = 0; index < indicator_count; index++)
        if (same_name(indicator_table[index]->name, name)) return indicator_table[index];
    return NULL;
}

unsigned indicator_option_count(const Indicator *indicator) {
    unsigned count = 0;
    while (count < INDICATOR_OPTIONS_MAX && indicator->options[count].name)
        count++;
    return count;
}

unsigned indicator_output_count(const Indicator *indicator) {
    unsigned count = 0;
    while (count < INDICATOR_OUTPUTS_MAX && indicator->outputs[count].name)
        count++;
    return count;
}

void indicator_presets(const Indicator *indicator, double options[static INDICATOR_OPTIONS_MAX]) {
    for (unsigned index = 0; index < INDICATOR_OPTIONS_MAX; index++)
        options[index] = indicator->options[index].preset;
}

const char *indicator_options_fault(const Indicator *indicator, const double *options) {
    unsigned count = indicator_option_count(indicator);
    for (unsigned index = 0; index < count; index++) {
        const IndicatorOption *option = &indicator->options[index];
        double value = options[index];
        if (!(value >= option->lowest && value <= option->highest)) return option->name;
        if (option->whole && floor(value) != value) return option->name;
    }
    return indicator->misfit ? indicator->misfit(options) : NULL;
}

IndicatorLane indicator_lane(const Indicator *indicator, const double *options, void *state) {
    indicator->init(state, options);
    return (IndicatorLane){.state = state, .warmup = indicator->warmup(options)};
}

/* The lane as it stands at bar `at` of its columns. */
static IndicatorLane lane_at(const IndicatorLane *lane, size_t at) {
    IndicatorLane part = *lane;
    const double **columns[] = {&part.bars.open,  &part.bars.high,   &part.bars.low,
                                &part.bars.close, &part.bars.volume, &part.bars.taker};
    for (unsigned column = 0; column < sizeof columns / sizeof columns[0]; column++)
        if (*columns[column]) *columns[column] += at;
    if (part.bars.time_us) part.bars.time_us += at;
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
        if (part.outputs[output]) part.outputs[output] += at;
    return part;
}

static double column_value(const double *column, size_t at) {
    return column ? column[at] : (double)NAN;
}

static void step_lane(const Indicator *indicator, const IndicatorLane *lane, size_t count) {
    const IndicatorColumns *bars = &lane->bars;
    double outputs[INDICATOR_OUTPUTS_MAX];
    for (size_t at = 0; at < count; at++) {
        IndicatorBar bar = {.open = column_value(bars->open, at),
                            .high = column_value(bars->high, at),
                            .low = column_value(bars->low, at),
                            .close = column_value(bars->close, at),
                            .volume = column_value(bars->volume, at),
                            .taker = column_value(bars->taker, at),
                            .time_us = bars->time_us ? bars->time_us[at] : 0};
        indicator->step(lane->state, &bar, outputs);
        for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
            if (lane->outputs[output]) lane->outputs[output][at] = outputs[output];
    }
}

/* One block: lanes that are still warming up step, the others go together. */
static void batch_block(const Indicator *indicator, IndicatorLane *lanes, unsigned lane_count,
                        size_t at, size_t count) {
    IndicatorLane warm[INDICATOR_LANES];
    unsigned warm_count = 0;
    for (unsigned lane = 0; lane < lane_count; lane++) {
        IndicatorLane part = lane_at(&lanes[lane], at);
        if (indicator->batch && lanes[lane].seen > lanes[lane].warmup)
            warm[warm_count++] = part;
        else
            step_lane(indicator, &part, count);
        lanes[lane].seen += count;
        if (warm_count == INDICATOR_LANES || (warm_count && lane + 1 == lane_count)) {
            indicator->batch(warm, warm_count, count);
            warm_count = 0;
        }
    }
}

void indicator_batch(const Indicator *indicator, IndicatorLane *lanes, unsigned lane_count,
                     size_t count) {
    indicator_batch_pass(&(IndicatorPass){indicator, lanes, lane_count}, 1, count);
}

void indicator_batch_pass(const IndicatorPass *passes, unsigned pass_count, size_t count) {
    for (size_t at = 0; at < count; at += INDICATOR_BLOCK) {
        size_t block = count - at < INDICATOR_BLOCK ? count - at : INDICATOR_BLOCK;
        for (unsigned pass = 0; pass < pass_count; pass++)
            batch_block(passes[pass].indicator, passes[pass].lanes, passes[pass].lane_count, at,
                        block);
    }
}
