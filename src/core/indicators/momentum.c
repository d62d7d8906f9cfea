/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Momentum in its plain sense: the close minus the close n bars ago, in quote units.
 */
#include "core/indicators/indicator.h"
#include "core/num/window.h"

#include <math.h>

static unsigned momentum_warmup(const double *options) {
    return (unsigned)options[0];
}

static unsigned momentum_window(const double *options) {
    return momentum_warmup(options) + 1;
}

static size_t momentum_state_size(const double *options) {
    return window_size((unsigned)options[0] + 1);
}

static void momentum_init(void *state, const double *options) {
    window_init(state, (unsigned)options[0] + 1);
}

static void momentum_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *closes = state;
    bool full = window_push(closes, bar->close);
    outputs[0] = full ? bar->close - window_oldest(closes) : (double)NAN;
}

const Indicator indicator_momentum = {
    .name = "momentum",
    .group = GROUP_MOMENTUM,
    .sentence = "Momentum: the close minus the close `period` bars ago, in quote units.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 10, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"momentum", .lowest = (double)-INFINITY, .highest = (double)INFINITY, .flat = 0,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = momentum_warmup,
    .window = momentum_window,
    .state_size = momentum_state_size,
    .init = momentum_init,
    .step = momentum_step,
};
