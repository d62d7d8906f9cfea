/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trend and momentum in one reading, independent of price and volatility: six parts of the signed
 * efficiency ratio of the last `bars` changes, four parts of MACD in average true ranges. 1: a
 * straight rise that still gathers speed; near 0: no trend, or one that its momentum has left.
 */
#include "core/indicators/indicator.h"
#include "core/num/convergence.h"
#include "core/num/efficiency.h"
#include "core/num/unit_move.h"

enum {
    TREND_CONFIRMATION_FAST,
    TREND_CONFIRMATION_SLOW,
    TREND_CONFIRMATION_BARS,
    TREND_CONFIRMATION_PERIOD
};

typedef struct TrendConfirmationState {
    UnitMove unit;
    Convergence momentum;
} TrendConfirmationState; /* the efficiency ratio follows */

static unsigned trend_confirmation_warmup(const double *options) {
    return indicator_later((unsigned)options[TREND_CONFIRMATION_SLOW] - 1,
                           indicator_later((unsigned)options[TREND_CONFIRMATION_BARS],
                                           (unsigned)options[TREND_CONFIRMATION_PERIOD]));
}

static const char *trend_confirmation_misfit(const double *options) {
    return options[TREND_CONFIRMATION_FAST] < options[TREND_CONFIRMATION_SLOW] ? NULL : "fast";
}

static size_t trend_confirmation_state_size(const double *options) {
    return sizeof(TrendConfirmationState) +
           efficiency_size((unsigned)options[TREND_CONFIRMATION_BARS]);
}

static void trend_confirmation_init(void *state, const double *options) {
    TrendConfirmationState *trend = state;
    unit_move_init(&trend->unit, (unsigned)options[TREND_CONFIRMATION_PERIOD]);
    convergence_init(&trend->momentum, (unsigned)options[TREND_CONFIRMATION_FAST],
                     (unsigned)options[TREND_CONFIRMATION_SLOW]);
    efficiency_init((Efficiency *)(void *)(trend + 1), (unsigned)options[TREND_CONFIRMATION_BARS]);
}

static void trend_confirmation_step(void *state, const IndicatorBar *bar, double *outputs) {
    TrendConfirmationState *trend = state;
    Efficiency *efficiency = (Efficiency *)(void *)(trend + 1);
    double unit = unit_move_next(&trend->unit, bar->high, bar->low, bar->close);
    double momentum = convergence_next(&trend->momentum, bar->close, unit);
    bool ready = efficiency_step(efficiency, bar->close);
    outputs[0] = ready ? 0.6 * efficiency->ratio + 0.4 * momentum : (double)NAN;
}

const Indicator indicator_trend_confirmation = {
    .name = "trend_confirmation",
    .group = GROUP_TREND,
    .sentence = "Trend confirmed by momentum: 0.6 x signed efficiency ratio (Kaufman) over "
                "`bars` changes + 0.4 x tanh of MACD in average true ranges of `period` bars, "
                "-1 to 1.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"fast", .preset = 12, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"slow", .preset = 26, .lowest = 3, .highest = 500, .unit = "bars", .whole = true},
                {"bars", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"trend_confirmation", .lowest = -1, .highest = 1, .flat = 0, .unit = "-1 to 1"}},
    .warmup = trend_confirmation_warmup,
    .misfit = trend_confirmation_misfit,
    .state_size = trend_confirmation_state_size,
    .init = trend_confirmation_init,
    .step = trend_confirmation_step,
};
