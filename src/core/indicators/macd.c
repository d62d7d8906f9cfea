/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving average convergence divergence (Appel): a fast minus a slow exponential average of the
 * closes, in quote units; its own exponential average is the signal line, and their difference the
 * histogram. Each average is seeded by the mean of the first values that it sees: the closes from
 * the first bar on, the MACD from its first value on.
 */
#include "core/indicators/indicator.h"
#include "core/num/abreast.h"
#include "core/num/columns.h"
#include "core/num/smooth.h"

enum { MACD_FAST, MACD_SLOW, MACD_SIGNAL };

typedef struct MacdState {
    Smooth fast, slow, signal;
} MacdState;

static unsigned macd_warmup(const double *options) {
    return (unsigned)options[MACD_SLOW] + (unsigned)options[MACD_SIGNAL] - 2;
}

static const char *macd_misfit(const double *options) {
    return options[MACD_FAST] < options[MACD_SLOW] ? NULL : "fast";
}

static size_t macd_state_size(const double *options) {
    (void)options;
    return sizeof(MacdState);
}

static void macd_init(void *state, const double *options) {
    MacdState *macd = state;
    smooth_init_ema(&macd->fast, (unsigned)options[MACD_FAST]);
    smooth_init_ema(&macd->slow, (unsigned)options[MACD_SLOW]);
    smooth_init_ema(&macd->signal, (unsigned)options[MACD_SIGNAL]);
}

static void macd_step(void *state, const IndicatorBar *bar, double *outputs) {
    MacdState *macd = state;
    outputs[0] = outputs[1] = outputs[2] = (double)NAN;
    smooth_step(&macd->fast, bar->close);
    if (!smooth_step(&macd->slow, bar->close)) return;
    outputs[0] = macd->fast.value - macd->slow.value;
    if (!smooth_step(&macd->signal, outputs[0])) return;
    outputs[1] = macd->signal.value;
    outputs[2] = outputs[0] - outputs[1];
}

static void macd_lines(const double *restrict fast, const double *restrict slow, size_t count,
                       double *restrict apart) {
    for (size_t bar = 0; bar < count; bar++)
        apart[bar] = fast[bar] - slow[bar];
}

static unsigned macd_stage(const IndicatorLane *lane, unsigned stage, size_t count,
                           double (*columns)[INDICATOR_PITCH], SmoothLane *smooth) {
    MacdState *macd = lane->state;
    double *line = lane->outputs[0] ? lane->outputs[0] : columns[2];
    double *signal = lane->outputs[1] ? lane->outputs[1] : columns[0];
    if (stage == 0) {
        smooth[0] = (SmoothLane){&macd->fast, lane->bars.close, columns[0]};
        smooth[1] = (SmoothLane){&macd->slow, lane->bars.close, columns[1]};
        return 2;
    }
    if (stage == 1) {
        macd_lines(columns[0], columns[1], count, line);
        smooth[0] = (SmoothLane){&macd->signal, line, signal};
        return 1;
    }
    if (lane->outputs[2]) macd_lines(line, signal, count, lane->outputs[2]);
    return 0;
}

static void macd_abreast(const IndicatorLane *lanes, const IndicatorAbreast *rows) {
    AbreastSmooth fast, slow, signal;
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        const MacdState *macd = lanes[lane].state;
        abreast_take(&fast, lane, &macd->fast);
        abreast_take(&slow, lane, &macd->slow);
        abreast_take(&signal, lane, &macd->signal);
    }
    for (size_t bar = 0; bar < rows->count; bar++) {
        Near close = abreast_row(rows->close, bar);
        Near line = abreast_smooth(&fast, close) - abreast_smooth(&slow, close);
        Near smoothed = abreast_smooth(&signal, line);
        abreast_put(rows->outputs[0], bar, line);
        abreast_put(rows->outputs[1], bar, smoothed);
        abreast_put(rows->outputs[2], bar, line - smoothed);
    }
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        MacdState *macd = lanes[lane].state;
        abreast_give(&fast, lane, &macd->fast);
        abreast_give(&slow, lane, &macd->slow);
        abreast_give(&signal, lane, &macd->signal);
    }
}

const Indicator indicator_macd = {
    .name = "macd",
    .group = GROUP_TREND,
    .sentence = "Moving average convergence divergence (Appel): fast minus slow exponential "
                "average, its signal line "
                "and their difference; every average seeded by the mean of its first values.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"fast", .preset = 12, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"slow", .preset = 26, .lowest = 3, .highest = 500, .unit = "bars", .whole = true},
                {"signal", .preset = 9, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"macd", .lowest = (double)-INFINITY, .highest = (double)INFINITY, .flat = 0,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"macd_signal", .lowest = (double)-INFINITY, .highest = (double)INFINITY, .flat = 0,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"macd_histogram", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = 0, .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = macd_warmup,
    .misfit = macd_misfit,
    .state_size = macd_state_size,
    .init = macd_init,
    .step = macd_step,
    .stages = {.recursions = 2, .columns = 3, .run = macd_stage},
    .abreast = macd_abreast,
};
