/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving average convergence divergence (Appel): a fast minus a slow exponential average of the
 * closes, in quote units; its own exponential average is the signal line, and their difference the
 * histogram. Each average is seeded by the mean of the first values that it sees: the closes from
 * the first bar on, the MACD from its first value on.
 */
#include "core/indicators/indicator.h"
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

#define MACD_LANES (COLUMNS_LANES / 2) /* two recursions each */

static void macd_lines(const double *restrict fast, const double *restrict slow, size_t count,
                       double *restrict apart) {
    for (size_t bar = 0; bar < count; bar++)
        apart[bar] = fast[bar] - slow[bar];
}

static void macd_some(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    double fast[MACD_LANES][INDICATOR_BLOCK], slow[MACD_LANES][INDICATOR_BLOCK];
    double lines[MACD_LANES][INDICATOR_BLOCK];
    SmoothLane smooth[COLUMNS_LANES], signal[MACD_LANES];
    for (unsigned lane = 0; lane < lane_count; lane++) {
        MacdState *macd = lanes[lane].state;
        const double *closes = lanes[lane].bars.close;
        smooth[2 * lane] = (SmoothLane){&macd->fast, closes, fast[lane]};
        smooth[2 * lane + 1] = (SmoothLane){&macd->slow, closes, slow[lane]};
        signal[lane] = (SmoothLane){&macd->signal, lines[lane], fast[lane]};
    }
    columns_smooth(smooth, 2 * lane_count, count);
    for (unsigned lane = 0; lane < lane_count; lane++)
        macd_lines(fast[lane], slow[lane], count, lines[lane]);
    columns_smooth(signal, lane_count, count);
    for (unsigned lane = 0; lane < lane_count; lane++) {
        double *const *outputs = lanes[lane].outputs;
        if (outputs[0]) memcpy(outputs[0], lines[lane], count * sizeof(double));
        if (outputs[1]) memcpy(outputs[1], fast[lane], count * sizeof(double));
        if (outputs[2]) macd_lines(lines[lane], fast[lane], count, outputs[2]);
    }
}

static void macd_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    for (unsigned lane = 0; lane < lane_count; lane += MACD_LANES)
        macd_some(lanes + lane, lane_count - lane < MACD_LANES ? lane_count - lane : MACD_LANES,
                  count);
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
    .batch = macd_batch,
};
