/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How strong the trend is, whichever way it goes, from four readings of one scale: efficiency ratio
 * (0.4), distance of the RSI from 50 (0.25), MACD in average true ranges (0.25), distance of the
 * close from the middle of its Bollinger band over as many bars as the efficiency ratio has changes
 * (0.1).
 */
#include "core/indicators/indicator.h"
#include "core/num/band.h"
#include "core/num/convergence.h"
#include "core/num/efficiency.h"
#include "core/num/lean.h"
#include "core/num/relative_strength.h"
#include "core/num/unit_move.h"

enum {
    TREND_STRENGTH_INDEX_PERIOD,
    TREND_STRENGTH_INDEX_FAST,
    TREND_STRENGTH_INDEX_SLOW,
    TREND_STRENGTH_INDEX_BARS
};

typedef struct StrengthIndexState {
    UnitMove unit;
    Convergence momentum;
    RelativeStrength strength;
} StrengthIndexState; /* the efficiency ratio follows, whose window of prices serves the band too */

static unsigned trend_strength_index_warmup(const double *options) {
    return indicator_later((unsigned)options[TREND_STRENGTH_INDEX_SLOW] - 1,
                           indicator_later((unsigned)options[TREND_STRENGTH_INDEX_BARS],
                                           (unsigned)options[TREND_STRENGTH_INDEX_PERIOD]));
}

static const char *trend_strength_index_misfit(const double *options) {
    return options[TREND_STRENGTH_INDEX_FAST] < options[TREND_STRENGTH_INDEX_SLOW] ? NULL : "fast";
}

static size_t trend_strength_index_state_size(const double *options) {
    return sizeof(StrengthIndexState) +
           efficiency_size((unsigned)options[TREND_STRENGTH_INDEX_BARS]);
}

static void trend_strength_index_init(void *state, const double *options) {
    StrengthIndexState *trend = state;
    unit_move_init(&trend->unit, (unsigned)options[TREND_STRENGTH_INDEX_PERIOD]);
    convergence_init(&trend->momentum, (unsigned)options[TREND_STRENGTH_INDEX_FAST],
                     (unsigned)options[TREND_STRENGTH_INDEX_SLOW]);
    relative_strength_init(&trend->strength, (unsigned)options[TREND_STRENGTH_INDEX_PERIOD]);
    efficiency_init((Efficiency *)(void *)(trend + 1),
                    (unsigned)options[TREND_STRENGTH_INDEX_BARS]);
}

static void trend_strength_index_step(void *state, const IndicatorBar *bar, double *outputs) {
    StrengthIndexState *trend = state;
    Efficiency *efficiency = (Efficiency *)(void *)(trend + 1);
    double unit = unit_move_next(&trend->unit, bar->high, bar->low, bar->close);
    double momentum = convergence_next(&trend->momentum, bar->close, unit);
    double strength = relative_strength_step(&trend->strength, bar->close) / 50 - 1;
    outputs[0] = (double)NAN;
    if (!efficiency_step(efficiency, bar->close) || isnan(strength) || isnan(momentum)) return;
    const Window *closes = efficiency_prices(efficiency);
    unsigned bars = closes->length - 1;
    double place = lean_clip(fabs(band_place(window_last(closes, bars), bars)), 0, 1);
    double sum = 0.4 * fabs(efficiency->ratio) + 0.25 * fabs(strength) + 0.25 * fabs(momentum);
    outputs[0] = lean_clip(sum + 0.1 * place, 0, 1);
}

const Indicator indicator_trend_strength_index = {
    .name = "trend_strength_index",
    .group = GROUP_TREND,
    .sentence = "Strength of the trend, 0 to 1: 0.4 x efficiency ratio over `bars` changes + "
                "0.25 x distance of the RSI from 50, by 50 + 0.25 x size of tanh of MACD in "
                "average true ranges (both of `period` bars) + 0.1 x distance from the "
                "Bollinger middle in half-widths.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"fast", .preset = 12, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"slow", .preset = 26, .lowest = 3, .highest = 500, .unit = "bars", .whole = true},
                {"bars", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars", .whole = true}},
    .outputs = {{"trend_strength_index", .lowest = 0, .highest = 1, .flat = 0, .unit = "0 to 1"}},
    .warmup = trend_strength_index_warmup,
    .misfit = trend_strength_index_misfit,
    .state_size = trend_strength_index_state_size,
    .init = trend_strength_index_init,
    .step = trend_strength_index_step,
};
