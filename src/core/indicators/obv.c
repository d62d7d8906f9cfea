/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On-balance volume (Granville 1963): the volume of every bar since the first, added when its close
 * is above the close before, taken away when below. It starts at 0, and only its changes mean
 * something.
 */
#include "core/indicators/indicator.h"

#include <math.h>
#include <stdint.h>

typedef struct ObvState {
    double close_before;
    double total;
    uint64_t started; /* 0 before the first bar, then 1 */
} ObvState;

static unsigned obv_warmup(const double *options) {
    (void)options;
    return 0;
}

static size_t obv_state_size(const double *options) {
    (void)options;
    return sizeof(ObvState);
}

static void obv_init(void *state, const double *options) {
    (void)options;
    *(ObvState *)state = (ObvState){.started = 0};
}

static void obv_step(void *state, const IndicatorBar *bar, double *outputs) {
    ObvState *obv = state;
    if (obv->started && bar->close > obv->close_before) obv->total += bar->volume;
    if (obv->started && bar->close < obv->close_before) obv->total -= bar->volume;
    obv->started = 1;
    obv->close_before = bar->close;
    outputs[0] = obv->total;
}

const Indicator indicator_obv = {
    .name = "obv",
    .group = GROUP_VOLUME,
    .sentence = "On-balance volume (Granville 1963): volume of rising bars minus volume of falling "
                "ones since the "
                "first bar, where it is 0.",
    .inputs = INPUT_CLOSE | INPUT_VOLUME,
    .memory = MEMORY_CUMULATIVE,
    .outputs = {{"obv", .lowest = (double)-INFINITY, .highest = (double)INFINITY, .flat = 0,
                 .volume_scale = SCALE_LINEAR, .unit = "base"}},
    .warmup = obv_warmup,
    .state_size = obv_state_size,
    .init = obv_init,
    .step = obv_step,
};
