/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The percentage price oscillator (Appel): MACD in percent of its slow average, so that markets of
 * any price can be compared. Seeds as in MACD: the mean of the first values that each average sees.
 */
#include "core/indicators/indicator.h"
#include "core/num/ratio.h"
#include "core/num/smooth.h"

enum { PPO_FAST, PPO_SLOW, PPO_SIGNAL };

typedef struct PpoState {
    Smooth fast, slow, signal;
} PpoState;

static unsigned ppo_warmup(const double *options) {
    return (unsigned)options[PPO_SLOW] + (unsigned)options[PPO_SIGNAL] - 2;
}

static const char *ppo_misfit(const double *options) {
    return options[PPO_FAST] < options[PPO_SLOW] ? NULL : "fast";
}

static size_t ppo_state_size(const double *options) {
    (void)options;
    return sizeof(PpoState);
}

static void ppo_init(void *state, const double *options) {
    PpoState *ppo = state;
    smooth_init_ema(&ppo->fast, (unsigned)options[PPO_FAST]);
    smooth_init_ema(&ppo->slow, (unsigned)options[PPO_SLOW]);
    smooth_init_ema(&ppo->signal, (unsigned)options[PPO_SIGNAL]);
}

static void ppo_step(void *state, const IndicatorBar *bar, double *outputs) {
    PpoState *ppo = state;
    outputs[0] = outputs[1] = outputs[2] = (double)NAN;
    smooth_step(&ppo->fast, bar->close);
    if (!smooth_step(&ppo->slow, bar->close)) return;
    outputs[0] = 100 * ratio_or(ppo->fast.value - ppo->slow.value, ppo->slow.value, 0);
    if (!smooth_step(&ppo->signal, outputs[0])) return;
    outputs[1] = ppo->signal.value;
    outputs[2] = outputs[0] - outputs[1];
}

const Indicator indicator_ppo = {
    .name = "ppo",
    .group = GROUP_MOMENTUM,
    .sentence = "Percentage price oscillator (Appel): fast minus slow exponential average in "
                "percent of the slow one, its signal line and their difference; every average "
                "seeded by the mean of its first values.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"fast", .preset = 12, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"slow", .preset = 26, .lowest = 3, .highest = 500, .unit = "bars", .whole = true},
                {"signal", .preset = 9, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"ppo", .lowest = -100, .highest = (double)INFINITY, .flat = 0, .unit = "percent"},
                {"ppo_signal", .lowest = -100, .highest = (double)INFINITY, .flat = 0,
                 .unit = "percent"},
                {"ppo_histogram", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = 0, .unit = "percent"}},
    .warmup = ppo_warmup,
    .misfit = ppo_misfit,
    .state_size = ppo_state_size,
    .init = ppo_init,
    .step = ppo_step,
};
