/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two relative strength indices, a fast and a slow one, each as -1 to 1: the weaker of them where
 * both stand on the same side of 50, 0 where they do not.
 */
#include "core/indicators/indicator.h"
#include "core/num/lean.h"
#include "core/num/relative_strength.h"

enum { DOUBLE_RSI_FAST, DOUBLE_RSI_SLOW };

static unsigned double_rsi_warmup(const double *options) {
    return (unsigned)options[DOUBLE_RSI_SLOW];
}

static const char *double_rsi_misfit(const double *options) {
    return options[DOUBLE_RSI_FAST] < options[DOUBLE_RSI_SLOW] ? NULL : "fast";
}

static size_t double_rsi_state_size(const double *options) {
    (void)options;
    return 2 * sizeof(RelativeStrength);
}

static void double_rsi_init(void *state, const double *options) {
    RelativeStrength *fast = state;
    relative_strength_init(fast, (unsigned)options[DOUBLE_RSI_FAST]);
    relative_strength_init(fast + 1, (unsigned)options[DOUBLE_RSI_SLOW]);
}

static void double_rsi_step(void *state, const IndicatorBar *bar, double *outputs) {
    RelativeStrength *fast = state, *slow = fast + 1;
    double near = relative_strength_step(fast, bar->close) / 50 - 1;
    double far = relative_strength_step(slow, bar->close) / 50 - 1;
    outputs[0] = isnan(far) ? (double)NAN : lean_agree(near, far);
}

const Indicator indicator_double_rsi = {
    .name = "double_rsi",
    .group = GROUP_MOMENTUM,
    .sentence = "Double RSI: the weaker of a fast and a slow relative strength index, as -1 "
                "to 1 about 50, where both stand on one side, else 0.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"fast", .preset = 7, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"slow", .preset = 14, .lowest = 3, .highest = 500, .unit = "bars", .whole = true}},
    .outputs = {{"double_rsi", .lowest = -1, .highest = 1, .flat = 0, .unit = "-1 to 1"}},
    .warmup = double_rsi_warmup,
    .misfit = double_rsi_misfit,
    .state_size = double_rsi_state_size,
    .init = double_rsi_init,
    .step = double_rsi_step,
};
