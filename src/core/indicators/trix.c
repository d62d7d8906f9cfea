/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TRIX (Hutson, Stocks and Commodities, 1983): the change of a three times smoothed close from bar
 * to bar, in percent, and its signal line. Each average is seeded by the mean of the first values
 * that it sees.
 */
#include "core/indicators/indicator.h"
#include "core/num/ratio.h"
#include "core/num/smooth.h"

enum { TRIX_PERIOD, TRIX_SIGNAL };

typedef struct TrixState {
    Smooth first, second, third, signal;
    double before; /* of the third average; 0 before there is one */
} TrixState;

static unsigned trix_warmup(const double *options) {
    return 3 * (unsigned)options[TRIX_PERIOD] + (unsigned)options[TRIX_SIGNAL] - 3;
}

static size_t trix_state_size(const double *options) {
    (void)options;
    return sizeof(TrixState);
}

static void trix_init(void *state, const double *options) {
    TrixState *trix = state;
    trix->before = 0;
    smooth_init_ema(&trix->first, (unsigned)options[TRIX_PERIOD]);
    smooth_init_ema(&trix->second, (unsigned)options[TRIX_PERIOD]);
    smooth_init_ema(&trix->third, (unsigned)options[TRIX_PERIOD]);
    smooth_init_ema(&trix->signal, (unsigned)options[TRIX_SIGNAL]);
}

static void trix_step(void *state, const IndicatorBar *bar, double *outputs) {
    TrixState *trix = state;
    outputs[0] = outputs[1] = (double)NAN;
    if (!smooth_step(&trix->first, bar->close)) return;
    if (!smooth_step(&trix->second, trix->first.value)) return;
    if (!smooth_step(&trix->third, trix->second.value)) return;
    double before = trix->before;
    trix->before = trix->third.value;
    if (!(before > 0)) return;
    outputs[0] = 100 * ratio_or(trix->before - before, before, 0);
    outputs[1] = smooth_next(&trix->signal, outputs[0]);
}

const Indicator indicator_trix = {
    .name = "trix",
    .group = GROUP_MOMENTUM,
    .sentence = "TRIX (Hutson 1983): change of the triple exponential average of the closes "
                "from the bar before, in percent, and its signal line; every average seeded "
                "by the mean of its first values.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 15, .lowest = 2, .highest = 400, .unit = "bars",
                 .whole = true},
                {"signal", .preset = 9, .lowest = 2, .highest = 50, .unit = "bars", .whole = true}},
    .outputs = {{"trix", .lowest = -100, .highest = (double)INFINITY, .flat = 0, .unit = "percent"},
                {"trix_signal", .lowest = -100, .highest = (double)INFINITY, .flat = 0,
                 .unit = "percent"}},
    .warmup = trix_warmup,
    .state_size = trix_state_size,
    .init = trix_init,
    .step = trix_step,
};
