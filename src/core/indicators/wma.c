/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linearly weighted moving average of the closes: weight n for the newest, down to 1 for the
 * oldest. Its running sums and why they forget stand in core/num/weighted.h.
 */
#include "core/indicators/indicator.h"
#include "core/num/weighted.h"

static unsigned wma_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned wma_window(const double *options) {
    return wma_warmup(options) + 1;
}

static size_t wma_state_size(const double *options) {
    return weighted_size((unsigned)options[0]);
}

static void wma_init(void *state, const double *options) {
    weighted_init(state, (unsigned)options[0]);
}

static void wma_step(void *state, const IndicatorBar *bar, double *outputs) {
    outputs[0] = weighted_next(state, bar->close);
}

const Indicator indicator_wma = {
    .name = "wma",
    .group = GROUP_TREND,
    .sentence = "Weighted moving average: mean of the last `period` closes with weights "
                "falling in a straight line from the newest (period) to the oldest (1).",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"wma", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = wma_warmup,
    .window = wma_window,
    .state_size = wma_state_size,
    .init = wma_init,
    .step = wma_step,
};
