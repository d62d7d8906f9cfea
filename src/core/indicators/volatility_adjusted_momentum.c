/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Momentum in units of its own noise: the mean of the last n returns by their standard error
 * (population deviation over the root of n). A deviation below a ten-thousandth counts as one:
 * dividing by less would be dividing by noise.
 */
#include "core/indicators/indicator.h"
#include "core/num/halved.h"
#include "core/num/unit_move.h"

typedef struct AdjustedState {
    double close_before; /* 0 before the first bar */
} AdjustedState;         /* the window of returns follows */

static unsigned volatility_adjusted_momentum_warmup(const double *options) {
    return (unsigned)options[0];
}

static unsigned volatility_adjusted_momentum_window(const double *options) {
    return volatility_adjusted_momentum_warmup(options) + 1;
}

static size_t volatility_adjusted_momentum_state_size(const double *options) {
    return sizeof(AdjustedState) + halved_size((unsigned)options[0], HALVES_SPREAD);
}

static void volatility_adjusted_momentum_init(void *state, const double *options) {
    AdjustedState *adjusted = state;
    adjusted->close_before = 0;
    halved_init((Halved *)(void *)(adjusted + 1), (unsigned)options[0], HALVES_SPREAD);
}

static void volatility_adjusted_momentum_step(void *state, const IndicatorBar *bar,
                                              double *outputs) {
    AdjustedState *adjusted = state;
    Halved *returns = (Halved *)(void *)(adjusted + 1);
    halves_Run run;
    double before = adjusted->close_before;
    outputs[0] = (double)NAN;
    adjusted->close_before = bar->close;
    if (!(before > 0)) return;
    if (!halved_step(returns, (bar->close - before) / before, 0, HALVES_SPREAD, &run)) return;
    double count = halved_values(returns)->length, deviation = sqrt(run.spread / count);
    outputs[0] =
        run.mean * sqrt(count) / (deviation > UNIT_MOVE_LEAST ? deviation : UNIT_MOVE_LEAST);
}

const Indicator indicator_volatility_adjusted_momentum = {
    .name = "volatility_adjusted_momentum",
    .group = GROUP_MOMENTUM,
    .sentence = "Momentum adjusted for volatility: mean of the last `period` returns divided "
                "by their standard deviation (at least 0.0001), times the root of `period`.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars",
                 .whole = true}},
    .outputs = {{"volatility_adjusted_momentum", .lowest = (double)-INFINITY,
                 .highest = (double)INFINITY, .flat = 0, .unit = "standard errors"}},
    .warmup = volatility_adjusted_momentum_warmup,
    .window = volatility_adjusted_momentum_window,
    .state_size = volatility_adjusted_momentum_state_size,
    .init = volatility_adjusted_momentum_init,
    .step = volatility_adjusted_momentum_step,
};
