/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The triple exponential moving average (Mulloy, Stocks and Commodities, 1994): three times an
 * average minus three times its average plus the average of that, which takes out the lag of the
 * single one on a straight path. Each average is seeded by the mean of the first n values that it
 * sees.
 */
#include "core/indicators/indicator.h"
#include "core/num/smooth.h"

static unsigned tema_warmup(const double *options) {
    return 3 * ((unsigned)options[0] - 1);
}

static size_t tema_state_size(const double *options) {
    (void)options;
    return 3 * sizeof(Smooth);
}

static void tema_init(void *state, const double *options) {
    Smooth *first = state;
    for (unsigned index = 0; index < 3; index++)
        smooth_init_ema(first + index, (unsigned)options[0]);
}

static void tema_step(void *state, const IndicatorBar *bar, double *outputs) {
    Smooth *first = state, *second = first + 1, *third = first + 2;
    outputs[0] = (double)NAN;
    if (!smooth_step(first, bar->close)) return;
    if (!smooth_step(second, first->value)) return;
    if (!smooth_step(third, second->value)) return;
    outputs[0] = third->value + 3 * (first->value - second->value);
}

const Indicator indicator_tema = {
    .name = "tema",
    .group = GROUP_TREND,
    .sentence = "Triple exponential moving average (Mulloy 1994): 3 EMA - 3 EMA(EMA) + "
                "EMA(EMA(EMA)); every average seeded by the mean of its first `period` "
                "values.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 400, .unit = "bars",
                 .whole = true}},
    .outputs = {{"tema", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = tema_warmup,
    .state_size = tema_state_size,
    .init = tema_init,
    .step = tema_step,
};
