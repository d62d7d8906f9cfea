/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The straight line of least squares through the last n closes: its value at the newest, its slope
 * in quote units a bar, and r2, the share of the closes' variance that it explains (0 where there
 * is none). O(n) a bar: second moments that a running sum kept would keep a spike's rounding too.
 */
#include "core/indicators/indicator.h"
#include "core/num/regression.h"
#include "core/num/window.h"

static unsigned linreg_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned linreg_window(const double *options) {
    return linreg_warmup(options) + 1;
}

static size_t linreg_state_size(const double *options) {
    return window_size((unsigned)options[0]);
}

static void linreg_init(void *state, const double *options) {
    window_init(state, (unsigned)options[0]);
}

static void linreg_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *closes = state;
    outputs[0] = outputs[1] = outputs[2] = (double)NAN;
    if (!window_push(closes, bar->close)) return;
    Regression line = regression_of(window_all(closes), closes->length);
    outputs[0] = line.last;
    outputs[1] = line.slope;
    outputs[2] = line.r2;
}

const Indicator indicator_linreg = {
    .name = "linreg",
    .group = GROUP_TREND,
    .sentence = "Linear regression of the last `period` closes: value of the line at the "
                "newest bar, slope a bar, and r2, the explained share of the variance, 0 to "
                "1.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"linreg", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"linreg_slope", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = 0, .price_scale = SCALE_LINEAR, .unit = "quote a bar"},
                {"linreg_r2", .lowest = 0, .highest = 1, .flat = 0, .unit = "fraction"}},
    .warmup = linreg_warmup,
    .window = linreg_window,
    .state_size = linreg_state_size,
    .init = linreg_init,
    .step = linreg_step,
};
