/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elder's ray (Elder, Trading for a Living, 1993): how far the bulls lifted the high above an
 * exponential average of the closes, and how far the bears pushed the low below it (negative then).
 */
#include "core/indicators/indicator.h"
#include "core/num/smooth.h"

static unsigned elder_ray_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static size_t elder_ray_state_size(const double *options) {
    (void)options;
    return sizeof(Smooth);
}

static void elder_ray_init(void *state, const double *options) {
    smooth_init_ema(state, (unsigned)options[0]);
}

static void elder_ray_step(void *state, const IndicatorBar *bar, double *outputs) {
    double average = smooth_next(state, bar->close);
    outputs[0] = bar->high - average;
    outputs[1] = bar->low - average;
}

const Indicator indicator_elder_ray = {
    .name = "elder_ray",
    .group = GROUP_MOMENTUM,
    .sentence = "Elder ray (Elder 1993): bull power, the high, and bear power, the low, each "
                "minus the exponential average of `period` closes, seeded by the mean of the "
                "first.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 13, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"elder_ray_bull", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = 0, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"elder_ray_bear", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = 0, .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = elder_ray_warmup,
    .state_size = elder_ray_state_size,
    .init = elder_ray_init,
    .step = elder_ray_step,
};
