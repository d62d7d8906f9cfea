/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simple moving average: the mean of the last n closes, formed anew each bar, so that what left
 * the window left no trace.
 */
#include "core/indicators/indicator.h"
#include "core/num/moments.h"
#include "core/num/wide_window.h"

static unsigned sma_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned sma_window(const double *options) {
    return (unsigned)options[0];
}

static size_t sma_state_size(const double *options) {
    return window_size((unsigned)options[0]);
}

static void sma_init(void *state, const double *options) {
    window_init(state, (unsigned)options[0]);
}

static void sma_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *closes = state;
    bool full = window_push(closes, bar->close);
    outputs[0] = full ? moments_mean(window_all(closes), closes->length) : (double)NAN;
}

static void sma_block(void *state, const IndicatorBlock *block) {
    Window *closes = state;
    double row[WIDE_WINDOW_SIZE];
    size_t done = 0;
    for (; done < block->count && !wide_window_ready(closes); done++)
        sma_step(state, &(IndicatorBar){.close = block->closes[done]}, block->outputs[0] + done);
    while (done < block->count) {
        size_t left = block->count - done;
        size_t some = left < WIDE_WINDOW_CHUNK ? left : WIDE_WINDOW_CHUNK;
        wide_window_push(closes, block->closes + done, some, row);
        block->wide->means(row, some, closes->length, block->outputs[0] + done);
        done += some;
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
    .block = sma_block,
};
