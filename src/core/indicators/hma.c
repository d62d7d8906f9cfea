/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hull's moving average (Hull 2005): twice the weighted average of the last n / 2 closes minus that
 * of the last n, smoothed by a weighted average over the root of n. It follows turns sooner than
 * any average of positive weights can, and so may overshoot. Halves and roots are rounded down.
 */
#include "core/indicators/indicator.h"
#include "core/num/weighted.h"

#include <math.h>

/* The state is three blocks, one behind the other: the half, the full length and the root. */
static unsigned hma_root(const double *options) {
    return (unsigned)floor(sqrt(options[0]));
}

static unsigned hma_warmup(const double *options) {
    return (unsigned)options[0] + hma_root(options) - 2;
}

static unsigned hma_window(const double *options) {
    return hma_warmup(options) + 1;
}

static size_t hma_state_size(const double *options) {
    return weighted_size((unsigned)options[0] / 2) + weighted_size((unsigned)options[0]) +
           weighted_size(hma_root(options));
}

static void hma_init(void *state, const double *options) {
    Weighted *half = state;
    weighted_init(half, (unsigned)options[0] / 2);
    Weighted *full = weighted_end(half);
    weighted_init(full, (unsigned)options[0]);
    weighted_init(weighted_end(full), hma_root(options));
}

static void hma_step(void *state, const IndicatorBar *bar, double *outputs) {
    Weighted *half = state, *full = weighted_end(half), *root = weighted_end(full);
    double near = weighted_next(half, bar->close), far = weighted_next(full, bar->close);
    outputs[0] = (double)NAN;
    if (far == far) outputs[0] = weighted_next(root, near + (near - far));
}

const Indicator indicator_hma = {
    .name = "hma",
    .group = GROUP_TREND,
    .sentence = "Hull moving average (Hull 2005): weighted average over sqrt(period) bars of "
                "twice the weighted average over period / 2 minus that over `period`, lengths "
                "rounded down; it may overshoot.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 16, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"hma", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = hma_warmup,
    .window = hma_window,
    .state_size = hma_state_size,
    .init = hma_init,
    .step = hma_step,
};
