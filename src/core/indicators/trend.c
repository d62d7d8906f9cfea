/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Direction and strength of the trend. Up (1) when the close stands above its fast mean and that
 * above the slow mean, down (-1) in the reverse order, else sideways (0). The strength is Kaufman's
 * efficiency ratio (Smarter Trading, 1995): the way made good over the last n changes by the way
 * walked, 1 for a straight line, 0 for a market that came back to where it was or did not move.
 */
#include "core/indicators/indicator.h"
#include "core/num/moments.h"
#include "core/num/ratio.h"
#include "core/num/window.h"

enum { TREND_FAST, TREND_SLOW, TREND_BARS };

typedef struct TrendState {
    uint32_t fast, slow, bars, padding;
} TrendState; /* the window of closes follows */

static Window *trend_closes(TrendState *trend) {
    return (Window *)(void *)(trend + 1);
}

static unsigned trend_window(const double *options) {
    double changes = options[TREND_BARS] + 1;
    return (unsigned)(options[TREND_SLOW] > changes ? options[TREND_SLOW] : changes);
}

static unsigned trend_warmup(const double *options) {
    return trend_window(options) - 1;
}

static const char *trend_misfit(const double *options) {
    return options[TREND_FAST] < options[TREND_SLOW] ? NULL : "fast";
}

static size_t trend_state_size(const double *options) {
    return sizeof(TrendState) + window_size(trend_window(options));
}

static void trend_init(void *state, const double *options) {
    TrendState *trend = state;
    *trend = (TrendState){.fast = (uint32_t)options[TREND_FAST],
                          .slow = (uint32_t)options[TREND_SLOW],
                          .bars = (uint32_t)options[TREND_BARS]};
    window_init(trend_closes(trend), trend_window(options));
}

static double trend_direction(const TrendState *trend, const Window *closes) {
    double close = window_newest(closes);
    double fast = moments_mean(window_last(closes, trend->fast), trend->fast);
    double slow = moments_mean(window_last(closes, trend->slow), trend->slow);
    if (close > fast && fast > slow) return 1;
    return close < fast && fast < slow ? -1 : 0;
}

static double trend_efficiency(const double *closes, unsigned changes) {
    double walked = 0;
    for (unsigned index = 0; index < changes; index++)
        walked += fabs(closes[index + 1] - closes[index]);
    return ratio_part_or(fabs(closes[changes] - closes[0]), walked, 0);
}

static void trend_step(void *state, const IndicatorBar *bar, double *outputs) {
    TrendState *trend = state;
    Window *closes = trend_closes(trend);
    outputs[0] = outputs[1] = (double)NAN;
    if (!window_push(closes, bar->close)) return;
    outputs[0] = trend_direction(trend, closes);
    outputs[1] = trend_efficiency(window_last(closes, trend->bars + 1), trend->bars);
}

const Indicator indicator_trend = {
    .name = "trend",
    .group = GROUP_TREND,
    .sentence = "Trend by the order of close, fast mean and slow mean (1 up, 0 sideways, -1 down), "
                "and its strength: "
                "Kaufman's efficiency ratio over `bars` changes, 0 to 1.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"fast", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"slow", .preset = 50, .lowest = 3, .highest = 500, .unit = "bars", .whole = true},
                {"bars", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars", .whole = true}},
    .outputs = {{"trend", .lowest = -1, .highest = 1, .flat = 0,
                 .unit = "-1 down, 0 sideways, 1 up"},
                {"trend_strength", .lowest = 0, .highest = 1, .flat = 0, .unit = "fraction"}},
    .warmup = trend_warmup,
    .misfit = trend_misfit,
    .window = trend_window,
    .state_size = trend_state_size,
    .init = trend_init,
    .step = trend_step,
};
