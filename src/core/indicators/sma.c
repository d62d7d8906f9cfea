/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simple moving average: the mean of the last n closes. Their sum slides without ever being
 * rounded (core/num/sliding.h), so that what left the window left no trace.
 */
#include "core/indicators/indicator.h"
#include "core/num/columns.h"
#include "core/num/sliding.h"

static unsigned sma_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned sma_window(const double *options) {
    return (unsigned)options[0];
}

static size_t sma_state_size(const double *options) {
    return sliding_size((unsigned)options[0]);
}

static void sma_init(void *state, const double *options) {
    sliding_init(state, (unsigned)options[0]);
}

static void sma_step(void *state, const IndicatorBar *bar, double *outputs) {
    outputs[0] = sliding_push(state, bar->close) ? sliding_mean(state) : (double)NAN;
}

static void sma_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    double unwanted[INDICATOR_BLOCK];
    for (unsigned lane = 0; lane < lane_count; lane++)
        columns_sliding_mean(lanes[lane].state, lanes[lane].bars.close, count,
                             lanes[lane].outputs[0] ? lanes[lane].outputs[0] : unwanted);
}

const Indicator indicator_sma = {
    .name = "sma",
    .group = GROUP_TREND,
    .sentence = "Simple moving average: the mean of the last `period` closes.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"sma", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = sma_warmup,
    .window = sma_window,
    .state_size = sma_state_size,
    .init = sma_init,
    .step = sma_step,
    .batch = sma_batch,
};
