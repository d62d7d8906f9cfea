/* SPDX-License-Identifier: Apache-2.0 */
/* The relative strength index of the closes; the formula and its seed stand in
 * core/num/relative_strength.h. */
#include "core/indicators/indicator.h"
#include "core/num/relative_strength.h"

static unsigned rsi_warmup(const double *options) {
    return (unsigned)options[0];
}

static size_t rsi_state_size(const double *options) {
    (void)options;
    return sizeof(RelativeStrength);
}

static void rsi_init(void *state, const double *options) {
    relative_strength_init(state, (unsigned)options[0]);
}

static void rsi_step(void *state, const IndicatorBar *bar, double *outputs) {
    outputs[0] = relative_strength_step(state, bar->close);
}

const Indicator indicator_rsi = {
    .name = "rsi",
    .group = GROUP_MOMENTUM,
    .sentence = "Relative strength index (Wilder 1978): share of the smoothed gains in all "
                "smoothed moves, 0 to 100; "
                "Wilder averages seeded by the mean of the first `period` changes.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"rsi", .lowest = 0, .highest = 100, .flat = 50, .unit = "0 to 100"}},
    .warmup = rsi_warmup,
    .state_size = rsi_state_size,
    .init = rsi_init,
    .step = rsi_step,
};
