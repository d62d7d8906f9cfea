/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The z-score of the close: its distance from the mean of the last n closes in standard deviations
 * of the population. 0 where all closes are equal.
 */
#include "core/indicators/indicator.h"
#include "core/num/halved.h"
#include "core/num/ratio.h"

static unsigned zscore_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned zscore_window(const double *options) {
    return zscore_warmup(options) + 1;
}

static size_t zscore_state_size(const double *options) {
    return halved_size((unsigned)options[0], HALVES_SPREAD);
}

static void zscore_init(void *state, const double *options) {
    halved_init(state, (unsigned)options[0], HALVES_SPREAD);
}

static void zscore_step(void *state, const IndicatorBar *bar, double *outputs) {
    halves_Run run;
    outputs[0] = (double)NAN;
    if (!halved_step(state, bar->close, 0, HALVES_SPREAD, &run)) return;
    double deviation = sqrt(run.spread / halved_values(state)->length);
    outputs[0] = ratio_or(bar->close - run.mean, deviation, 0);
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
