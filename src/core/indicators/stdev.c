/* SPDX-License-Identifier: Apache-2.0 */
/* The standard deviation of the last n closes, of the population: divided by n, as Bollinger's
 * bands have it. */
#include "core/indicators/indicator.h"
#include "core/num/columns.h"
#include "core/num/halved.h"
#include "core/num/window.h"

static unsigned stdev_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned stdev_window(const double *options) {
    return (unsigned)options[0];
}

static size_t stdev_state_size(const double *options) {
    return halved_size((unsigned)options[0], HALVES_SPREAD);
}

static void stdev_init(void *state, const double *options) {
    halved_init(state, (unsigned)options[0], HALVES_SPREAD);
}

static void stdev_step(void *state, const IndicatorBar *bar, double *outputs) {
    halves_Run run;
    bool full = halved_step(state, bar->close, 0, HALVES_SPREAD, &run);
    outputs[0] = full ? sqrt(run.spread / halved_values(state)->length) : (double)NAN;
}

static void stdev_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    _Alignas(64) double room[COLUMNS_ROOM];
    double means[INDICATOR_BLOCK], squares[INDICATOR_BLOCK];
    for (unsigned lane = 0; lane < lane_count; lane++) {
        Window *closes = halved_values(lanes[lane].state);
        halved_stale(lanes[lane].state);
        double *restrict into = lanes[lane].outputs[0];
        size_t length = closes->length;
        ColumnsPart part =
            (ColumnsPart){lanes[lane].bars.close, count, lanes[lane].behind, lanes[lane].ahead};
        const double *line = columns_line(closes, &part, room);
        columns_spread(line, length, count, means, squares);
        for (size_t bar = 0; into && bar < count; bar++)
            into[bar] = sqrt(squares[bar] / (double)length);
    }
}

const Indicator indicator_stdev = {
    .name = "stdev",
    .group = GROUP_VOLATILITY,
    .sentence = "Standard deviation of the last `period` closes, of the population.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"stdev", .lowest = 0, .highest = (double)INFINITY, .flat = 0,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = stdev_warmup,
    .window = stdev_window,
    .state_size = stdev_state_size,
    .init = stdev_init,
    .step = stdev_step,
    .batch = stdev_batch,
};
