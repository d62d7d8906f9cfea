/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three shares that add up to 1: volatile, by how much the fast average true range exceeds the slow
 * one (double: all of it); of the rest trending, by the efficiency ratio, and ranging. A market
 * that stands still ranges.
 */
#include "core/indicators/indicator.h"
#include "core/num/efficiency.h"
#include "core/num/lean.h"
#include "core/num/unit_move.h"

enum { MARKET_REGIME_INDICATOR_FAST, MARKET_REGIME_INDICATOR_SLOW, MARKET_REGIME_INDICATOR_BARS };

/* The state is three blocks, one behind the other: the two units and the efficiency ratio. */

static unsigned market_regime_indicator_warmup(const double *options) {
    return indicator_later((unsigned)options[MARKET_REGIME_INDICATOR_SLOW],
                           (unsigned)options[MARKET_REGIME_INDICATOR_BARS]);
}

static const char *market_regime_indicator_misfit(const double *options) {
    return options[MARKET_REGIME_INDICATOR_FAST] < options[MARKET_REGIME_INDICATOR_SLOW] ? NULL
                                                                                         : "fast";
}

static size_t market_regime_indicator_state_size(const double *options) {
    return 2 * sizeof(UnitMove) + efficiency_size((unsigned)options[MARKET_REGIME_INDICATOR_BARS]);
}

static void market_regime_indicator_init(void *state, const double *options) {
    UnitMove *fast = state;
    unit_move_init(fast, (unsigned)options[MARKET_REGIME_INDICATOR_FAST]);
    unit_move_init(fast + 1, (unsigned)options[MARKET_REGIME_INDICATOR_SLOW]);
    efficiency_init((Efficiency *)(void *)(fast + 2),
                    (unsigned)options[MARKET_REGIME_INDICATOR_BARS]);
}

static void market_regime_indicator_step(void *state, const IndicatorBar *bar, double *outputs) {
    UnitMove *fast = state, *slow = fast + 1;
    Efficiency *efficiency = (Efficiency *)(void *)(slow + 1);
    double near = unit_move_next(fast, bar->high, bar->low, bar->close);
    double far = unit_move_next(slow, bar->high, bar->low, bar->close);
    outputs[0] = outputs[1] = outputs[2] = (double)NAN;
    if (!efficiency_step(efficiency, bar->close) || isnan(far)) return;
    double share = lean_clip(near / far - 1, 0, 1), trending = fabs(efficiency->ratio);
    outputs[0] = (1 - share) * trending;
    outputs[1] = share;
    outputs[2] = (1 - share) * (1 - trending);
}

const Indicator indicator_market_regime_indicator = {
    .name = "market_regime_indicator",
    .group = GROUP_TREND,
    .sentence = "Regime as three shares of 1: volatile (fast by slow average true range minus "
                "1, at most 1), of the rest trending by the efficiency ratio (Kaufman) over "
                "`bars` changes, and ranging.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"fast", .preset = 10, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"slow", .preset = 50, .lowest = 3, .highest = 500, .unit = "bars", .whole = true},
                {"bars", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars", .whole = true}},
    .outputs = {{"market_regime_indicator_trending", .lowest = 0, .highest = 1, .flat = 0,
                 .unit = "fraction"},
                {"regime_volatile", .lowest = 0, .highest = 1, .flat = 0, .unit = "fraction"},
                {"regime_ranging", .lowest = 0, .highest = 1, .flat = 1, .unit = "fraction"}},
    .warmup = market_regime_indicator_warmup,
    .misfit = market_regime_indicator_misfit,
    .state_size = market_regime_indicator_state_size,
    .init = market_regime_indicator_init,
    .step = market_regime_indicator_step,
};
