/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of three simple averages: how far the fast stands above the middle one and the middle
 * above the slow, both in average true ranges and bent into -1 to 1; the weaker of the two where
 * they agree, 0 where they do not.
 */
#include "core/base/elementary.h"
#include "core/indicators/indicator.h"
#include "core/num/halved.h"
#include "core/num/lean.h"
#include "core/num/unit_move.h"

#include <math.h>

enum { TRIPLE_MA_FAST, TRIPLE_MA_MIDDLE, TRIPLE_MA_SLOW, TRIPLE_MA_RANGE };

/* The state is four blocks, one behind the other: the unit and the closes of three lengths. */

static unsigned triple_ma_warmup(const double *options) {
    return indicator_later((unsigned)options[TRIPLE_MA_SLOW] - 1,
                           (unsigned)options[TRIPLE_MA_RANGE]);
}

static const char *triple_ma_misfit(const double *options) {
    if (options[TRIPLE_MA_FAST] >= options[TRIPLE_MA_MIDDLE]) return "fast";
    return options[TRIPLE_MA_MIDDLE] < options[TRIPLE_MA_SLOW] ? NULL : "middle";
}

static size_t triple_ma_state_size(const double *options) {
    return sizeof(UnitMove) + halved_size((unsigned)options[TRIPLE_MA_FAST], HALVES_MEAN) +
           halved_size((unsigned)options[TRIPLE_MA_MIDDLE], HALVES_MEAN) +
           halved_size((unsigned)options[TRIPLE_MA_SLOW], HALVES_MEAN);
}

static void triple_ma_init(void *state, const double *options) {
    UnitMove *measure = state;
    unit_move_init(measure, (unsigned)options[TRIPLE_MA_RANGE]);
    Halved *fast = (Halved *)(void *)(measure + 1);
    halved_init(fast, (unsigned)options[TRIPLE_MA_FAST], HALVES_MEAN);
    Halved *middle = halved_end(fast);
    halved_init(middle, (unsigned)options[TRIPLE_MA_MIDDLE], HALVES_MEAN);
    halved_init(halved_end(middle), (unsigned)options[TRIPLE_MA_SLOW], HALVES_MEAN);
}

static void triple_ma_step(void *state, const IndicatorBar *bar, double *outputs) {
    UnitMove *measure = state;
    Halved *fast = (Halved *)(void *)(measure + 1), *middle = halved_end(fast);
    Halved *slow = halved_end(middle);
    double unit = unit_move_next(measure, bar->high, bar->low, bar->close);
    halves_Run first = {0}, second = {0}, third;
    halved_step(fast, bar->close, 0, HALVES_MEAN, &first);
    halved_step(middle, bar->close, 0, HALVES_MEAN, &second);
    outputs[0] = (double)NAN;
    if (!halved_step(slow, bar->close, 0, HALVES_MEAN, &third) || isnan(unit)) return;
    outputs[0] = elementary_tanh(
        lean_agree((first.mean - second.mean) / unit, (second.mean - third.mean) / unit));
}

const Indicator indicator_triple_ma = {
    .name = "triple_ma",
    .group = GROUP_TREND,
    .sentence = "Order of three simple averages of the closes: the weaker of tanh(fast - "
                "middle) and tanh(middle - slow), in average true ranges of `range` bars, "
                "where both have one sign, else 0; -1 to 1.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"fast", .preset = 10, .lowest = 1, .highest = 498, .unit = "bars", .whole = true},
                {"middle", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars",
                 .whole = true},
                {"slow", .preset = 50, .lowest = 3, .highest = 500, .unit = "bars", .whole = true},
                {"range", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"triple_ma", .lowest = -1, .highest = 1, .flat = 0, .unit = "-1 to 1"}},
    .warmup = triple_ma_warmup,
    .misfit = triple_ma_misfit,
    .state_size = triple_ma_state_size,
    .init = triple_ma_init,
    .step = triple_ma_step,
};
