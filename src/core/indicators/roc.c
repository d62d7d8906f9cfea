/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rate of change: the close against the close n bars ago, in percent of that older close.
 */
#include "core/indicators/indicator.h"
#include "core/num/ratio.h"
#include "core/num/window.h"

#include <math.h>

static unsigned roc_warmup(const double *options) {
    return (unsigned)options[0];
}

static unsigned roc_window(const double *options) {
    return roc_warmup(options) + 1;
}

static size_t roc_state_size(const double *options) {
    return window_size((unsigned)options[0] + 1);
}

static void roc_init(void *state, const double *options) {
    window_init(state, (unsigned)options[0] + 1);
}

static void roc_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *closes = state;
    outputs[0] = (double)NAN;
    if (!window_push(closes, bar->close)) return;
    outputs[0] = 100 * ratio_or(bar->close - window_oldest(closes), window_oldest(closes), 0);
}

const Indicator indicator_roc = {
    .name = "roc",
    .group = GROUP_MOMENTUM,
    .sentence = "Rate of change: the close against the close `period` bars ago, in percent of "
                "the latter.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 12, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"roc", .lowest = -100, .highest = (double)INFINITY, .flat = 0, .unit = "percent"}},
    .warmup = roc_warmup,
    .window = roc_window,
    .state_size = roc_state_size,
    .init = roc_init,
    .step = roc_step,
};
