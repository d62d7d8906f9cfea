/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much the market is going somewhere, whichever way: seven parts of the close's distance from
 * the middle of its Bollinger band (two deviations; at most 1), three parts of the efficiency
 * ratio.
 */
#include "core/indicators/indicator.h"
#include "core/num/band.h"
#include "core/num/efficiency.h"
#include "core/num/lean.h"

enum { VOLATILITY_TREND_PERIOD, VOLATILITY_TREND_BARS };

/* The state is two blocks, one behind the other: the window of closes and the efficiency ratio. */

static unsigned volatility_trend_warmup(const double *options) {
    return indicator_later((unsigned)options[VOLATILITY_TREND_PERIOD] - 1,
                           (unsigned)options[VOLATILITY_TREND_BARS]);
}

static unsigned volatility_trend_window(const double *options) {
    return volatility_trend_warmup(options) + 1;
}

static size_t volatility_trend_state_size(const double *options) {
    return window_size((unsigned)options[VOLATILITY_TREND_PERIOD]) +
           efficiency_size((unsigned)options[VOLATILITY_TREND_BARS]);
}

static void volatility_trend_init(void *state, const double *options) {
    window_init(state, (unsigned)options[VOLATILITY_TREND_PERIOD]);
    efficiency_init(window_end(state), (unsigned)options[VOLATILITY_TREND_BARS]);
}

static void volatility_trend_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *closes = state;
    Efficiency *efficiency = window_end(closes);
    bool ready = efficiency_step(efficiency, bar->close);
    outputs[0] = (double)NAN;
    if (!window_push(closes, bar->close) || !ready) return;
    double place = fabs(band_place(window_all(closes), closes->length));
    outputs[0] = 0.7 * lean_clip(place, 0, 1) + 0.3 * fabs(efficiency->ratio);
}

const Indicator indicator_volatility_trend = {
    .name = "volatility_trend",
    .group = GROUP_TREND,
    .sentence = "Directed volatility: 0.7 x distance of the close from the mean of `period` "
                "closes in Bollinger half-widths (at most 1) + 0.3 x efficiency ratio "
                "(Kaufman) over `bars` changes, 0 to 1.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"bars", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars", .whole = true}},
    .outputs = {{"volatility_trend", .lowest = 0, .highest = 1, .flat = 0, .unit = "0 to 1"}},
    .warmup = volatility_trend_warmup,
    .window = volatility_trend_window,
    .state_size = volatility_trend_state_size,
    .init = volatility_trend_init,
    .step = volatility_trend_step,
};
