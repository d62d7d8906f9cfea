/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SuperTrend (Seban): a stop a multiple of the average true range (Wilder's smoothing) from the
 * middle of the bar, which only ever moves towards the price and changes sides when a close passes
 * it. It begins below the price if the first close that has one lies at or above the middle of its
 * bar. A close on the stop does not pass it.
 */
#include "core/indicators/indicator.h"
#include "core/num/smooth.h"
#include "core/num/true_range.h"

enum { SUPERTREND_PERIOD, SUPERTREND_MULTIPLIER };

typedef struct SupertrendState {
    double close_before, multiplier, upper, lower;
    Smooth range;
    int32_t direction; /* 0 before the first value */
    uint32_t started;  /* 0 before the first bar, then 1 */
} SupertrendState;

static unsigned supertrend_warmup(const double *options) {
    return (unsigned)options[SUPERTREND_PERIOD];
}

static size_t supertrend_state_size(const double *options) {
    (void)options;
    return sizeof(SupertrendState);
}

static void supertrend_init(void *state, const double *options) {
    SupertrendState *trend = state;
    *trend = (SupertrendState){.multiplier = options[SUPERTREND_MULTIPLIER]};
    smooth_init_wilder(&trend->range, (unsigned)options[SUPERTREND_PERIOD]);
}

/* Bands only close in on the price, unless the close before stood beyond them. */
static void supertrend_move(SupertrendState *trend, double middle, double close_before) {
    double half = trend->multiplier * trend->range.value;
    double upper = middle + half, lower = middle - half;
    bool first = trend->direction == 0;
    if (first || upper < trend->upper || close_before > trend->upper) trend->upper = upper;
    if (first || lower > trend->lower || close_before < trend->lower) trend->lower = lower;
}

static void supertrend_step(void *state, const IndicatorBar *bar, double *outputs) {
    SupertrendState *trend = state;
    double before = trend->close_before, middle = bar->low + (bar->high - bar->low) / 2;
    bool first = !trend->started;
    outputs[0] = outputs[1] = (double)NAN;
    trend->started = 1;
    trend->close_before = bar->close;
    if (first || !smooth_step(&trend->range, true_range(bar->high, bar->low, before))) return;
    supertrend_move(trend, middle, before);
    if (trend->direction == 0)
        trend->direction = bar->close >= middle ? 1 : -1;
    else if (trend->direction > 0 ? bar->close < trend->lower : bar->close > trend->upper)
        trend->direction = -trend->direction;
    outputs[0] = trend->direction > 0 ? trend->lower : trend->upper;
    outputs[1] = trend->direction;
}

const Indicator indicator_supertrend = {
    .name = "supertrend",
    .group = GROUP_TREND,
    .sentence = "SuperTrend (Seban): trailing stop `multiplier` average true ranges (Wilder, "
                "seeded by the mean of the first `period`) from the middle of the bar, and "
                "the side it holds with, 1 up, -1 down.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_PATH,
    .options = {{"period", .preset = 10, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"multiplier", .preset = 3, .lowest = 0.1, .highest = 20, .unit = "ranges"}},
    .outputs = {{"supertrend", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"supertrend_direction", .lowest = -1, .highest = 1, .flat = 1,
                 .unit = "-1 down, 1 up"}},
    .warmup = supertrend_warmup,
    .state_size = supertrend_state_size,
    .init = supertrend_init,
    .step = supertrend_step,
};
