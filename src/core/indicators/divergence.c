/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far price and momentum went apart over a stretch of bars; core/num/opposed.h says how.
 * Positive: the strength rises against a falling price; negative: it falls under a rising one.
 */
#include "core/indicators/indicator.h"
#include "core/num/opposed.h"
#include "core/num/relative_strength.h"
#include "core/num/unit_move.h"

enum { DIVERGENCE_PERIOD, DIVERGENCE_BARS };

typedef struct DivergenceState {
    UnitMove unit;
    RelativeStrength strength;
} DivergenceState; /* the windows of closes and strengths follow */

static unsigned divergence_warmup(const double *options) {
    return (unsigned)options[DIVERGENCE_PERIOD] + (unsigned)options[DIVERGENCE_BARS] - 1;
}

static size_t divergence_state_size(const double *options) {
    return sizeof(DivergenceState) + opposed_size((unsigned)options[DIVERGENCE_BARS]);
}

static void divergence_init(void *state, const double *options) {
    DivergenceState *divergence = state;
    unit_move_init(&divergence->unit, (unsigned)options[DIVERGENCE_PERIOD]);
    relative_strength_init(&divergence->strength, (unsigned)options[DIVERGENCE_PERIOD]);
    opposed_init((Opposed *)(void *)(divergence + 1), (unsigned)options[DIVERGENCE_BARS]);
}

static void divergence_step(void *state, const IndicatorBar *bar, double *outputs) {
    DivergenceState *divergence = state;
    Opposed *opposed = (Opposed *)(void *)(divergence + 1);
    double unit = unit_move_next(&divergence->unit, bar->high, bar->low, bar->close);
    double strength = relative_strength_step(&divergence->strength, bar->close);
    outputs[0] = opposed_next(opposed, bar->close, strength, unit);
}

const Indicator indicator_divergence = {
    .name = "divergence",
    .group = GROUP_MOMENTUM,
    .sentence = "Divergence of the closes and their RSI: the lines of least squares through "
                "both over `bars` bars, in average true ranges and points of RSI (both of "
                "`period` bars); the weaker where they point apart, 1 strength against a "
                "falling price, -1 weakness under a rising one.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"bars", .preset = 14, .lowest = 3, .highest = 500, .unit = "bars", .whole = true}},
    .outputs = {{"divergence", .lowest = -1, .highest = 1, .flat = 0, .unit = "-1 to 1"}},
    .warmup = divergence_warmup,
    .state_size = divergence_state_size,
    .init = divergence_init,
    .step = divergence_step,
};
