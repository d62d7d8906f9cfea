/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simple moving average: the mean of the last n closes, by halves (core/num/halves.h), so that
 * what left the window left no trace.
 */
#include "core/indicators/indicator.h"
#include "core/num/columns.h"
#include "core/num/halved.h"

static unsigned sma_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned sma_window(const double *options) {
    return (unsigned)options[0];
}

static size_t sma_state_size(const double *options) {
    return halved_size((unsigned)options[0], HALVES_MEAN);
}

static void sma_init(void *state, const double *options) {
    halved_init(state, (unsigned)options[0], HALVES_MEAN);
}

static void sma_step(void *state, const IndicatorBar *bar, double *outputs) {
    halves_Run run;
    bool full = halved_step(state, bar->close, 0, HALVES_MEAN, &run);
    outputs[0] = full ? run.mean : (double)NAN;
}

static void sma_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    _Alignas(64) double room[COLUMNS_ROOM];
    for (unsigned lane = 0; lane < lane_count; lane++) {
        Window *closes = halved_values(lanes[lane].state);
        size_t length = closes->length;
        ColumnsPart part =
            (ColumnsPart){lanes[lane].bars.close, count, lanes[lane].behind, lanes[lane].ahead};
        const double *line = columns_line(closes, &part, room);
        halved_stale(lanes[lane].state);
        if (lanes[lane].outputs[0])
            columns_mean(line, length, count, lanes[lane].outputs[0], lanes[lane].streams);
    }
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
