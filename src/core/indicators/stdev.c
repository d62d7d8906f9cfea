/* SPDX-License-Identifier: Apache-2.0 */
/* The standard deviation of the last n closes, of the population: divided by n, as Bollinger's
 * bands have it. */
#include "core/indicators/indicator.h"
#include "core/num/moments.h"
#include "core/num/wide_window.h"

static unsigned stdev_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned stdev_window(const double *options) {
    return (unsigned)options[0];
}

static size_t stdev_state_size(const double *options) {
    return window_size((unsigned)options[0]);
}

static void stdev_init(void *state, const double *options) {
    window_init(state, (unsigned)options[0]);
}

static void stdev_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *closes = state;
    outputs[0] = (double)NAN;
    if (!window_push(closes, bar->close)) return;
    double mean = moments_mean(window_all(closes), closes->length);
    outputs[0] = moments_deviation(window_all(closes), closes->length, mean);
}

static void stdev_block(void *state, const IndicatorBlock *block) {
    Window *closes = state;
    double row[WIDE_WINDOW_SIZE], means[WIDE_WINDOW_CHUNK];
    size_t done = 0;
    for (; done < block->count && !wide_window_ready(closes); done++)
        stdev_step(state, &(IndicatorBar){.close = block->closes[done]}, block->outputs[0] + done);
    while (done < block->count) {
        size_t left = block->count - done;
        size_t some = left < WIDE_WINDOW_CHUNK ? left : WIDE_WINDOW_CHUNK;
        wide_window_push(closes, block->closes + done, some, row);
        block->wide->means(row, some, closes->length, means);
        block->wide->deviations(row, means, some, closes->length, block->outputs[0] + done);
        done += some;
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
    .block = stdev_block,
};
