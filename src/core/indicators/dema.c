/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The double exponential moving average (Mulloy, Stocks and Commodities, 1994): twice an average of
 * the closes minus the average of that average, which takes out the lag of the single one on a
 * straight path. Each average is seeded by the mean of the first n values that it sees.
 */
#include "core/indicators/indicator.h"
#include "core/num/smooth.h"

static unsigned dema_warmup(const double *options) {
    return 2 * ((unsigned)options[0] - 1);
}

static size_t dema_state_size(const double *options) {
    (void)options;
    return 2 * sizeof(Smooth);
}

static void dema_init(void *state, const double *options) {
    Smooth *first = state;
    for (unsigned index = 0; index < 2; index++)
        smooth_init_ema(first + index, (unsigned)options[0]);
}

static void dema_step(void *state, const IndicatorBar *bar, double *outputs) {
    Smooth *first = state, *second = first + 1;
    outputs[0] = (double)NAN;
    if (!smooth_step(first, bar->close)) return;
    if (!smooth_step(second, first->value)) return;
    outputs[0] = first->value + (first->value - second->value);
}

const Indicator indicator_dema = {
    .name = "dema",
    .group = GROUP_TREND,
    .sentence = "Double exponential moving average (Mulloy 1994): 2 EMA - EMA(EMA); every "
                "average seeded by the mean of its first `period` values.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"dema", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = dema_warmup,
    .state_size = dema_state_size,
    .init = dema_init,
    .step = dema_step,
};
