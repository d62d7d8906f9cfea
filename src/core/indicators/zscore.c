/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The z-score of the close: its distance from the mean of the last n closes in standard deviations
 * of the population. 0 where all closes are equal.
 */
#include "core/indicators/indicator.h"
#include "core/num/moments.h"
#include "core/num/ratio.h"
#include "core/num/window.h"

static unsigned zscore_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned zscore_window(const double *options) {
    return zscore_warmup(options) + 1;
}

static size_t zscore_state_size(const double *options) {
    return window_size((unsigned)options[0]);
}

static void zscore_init(void *state, const double *options) {
    window_init(state, (unsigned)options[0]);
}

static void zscore_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *closes = state;
    outputs[0] = (double)NAN;
    if (!window_push(closes, bar->close)) return;
    double mean = moments_mean(window_all(closes), closes->length);
    double deviation = moments_deviation(window_all(closes), closes->length, mean);
    outputs[0] = ratio_or(bar->close - mean, deviation, 0);
}

const Indicator indicator_zscore = {
    .name = "zscore",
    .group = GROUP_VOLATILITY,
    .sentence = "Z-score: distance of the close from the mean of the last `period` closes in "
                "population standard deviations.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"zscore", .lowest = (double)-INFINITY, .highest = (double)INFINITY, .flat = 0,
                 .unit = "deviations"}},
    .warmup = zscore_warmup,
    .window = zscore_window,
    .state_size = zscore_state_size,
    .init = zscore_init,
    .step = zscore_step,
};
