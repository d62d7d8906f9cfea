/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The move of the last bar and of the last few, in average true ranges (the longer by the root of
 * its bars, as a random walk goes), weighed by how the volume compares with its mean: at most
 * double. Where nothing is traded in the whole window the volume is as usual as any.
 */
#include "core/base/elementary.h"
#include "core/indicators/indicator.h"
#include "core/num/lean.h"
#include "core/num/ratio.h"
#include "core/num/sliding.h"
#include "core/num/unit_move.h"

#include <math.h>

enum {
    VOLUME_WEIGHTED_PRICE_MOMENTUM_PERIOD,
    VOLUME_WEIGHTED_PRICE_MOMENTUM_BARS,
    VOLUME_WEIGHTED_PRICE_MOMENTUM_RANGE
};

/* The state is three blocks, one behind the other: the unit, the closes, the sum of volumes. */

static unsigned volume_weighted_price_momentum_warmup(const double *options) {
    return indicator_later(
        (unsigned)options[VOLUME_WEIGHTED_PRICE_MOMENTUM_PERIOD] - 1,
        indicator_later((unsigned)options[VOLUME_WEIGHTED_PRICE_MOMENTUM_BARS],
                        (unsigned)options[VOLUME_WEIGHTED_PRICE_MOMENTUM_RANGE]));
}

static size_t volume_weighted_price_momentum_state_size(const double *options) {
    return sizeof(UnitMove) +
           window_size((unsigned)options[VOLUME_WEIGHTED_PRICE_MOMENTUM_BARS] + 1) +
           sliding_size((unsigned)options[VOLUME_WEIGHTED_PRICE_MOMENTUM_PERIOD]);
}

static void volume_weighted_price_momentum_init(void *state, const double *options) {
    UnitMove *measure = state;
    unit_move_init(measure, (unsigned)options[VOLUME_WEIGHTED_PRICE_MOMENTUM_RANGE]);
    Window *closes = (Window *)(void *)(measure + 1);
    window_init(closes, (unsigned)options[VOLUME_WEIGHTED_PRICE_MOMENTUM_BARS] + 1);
    sliding_init(window_end(closes), (unsigned)options[VOLUME_WEIGHTED_PRICE_MOMENTUM_PERIOD]);
}

static void volume_weighted_price_momentum_step(void *state, const IndicatorBar *bar,
                                                double *outputs) {
    UnitMove *measure = state;
    Window *closes = (Window *)(void *)(measure + 1);
    Sliding *volumes = window_end(closes);
    double unit = unit_move_next(measure, bar->high, bar->low, bar->close);
    double before = closes->seen > 0 ? window_newest(closes) : bar->close;
    bool full = window_push(closes, bar->close);
    outputs[0] = (double)NAN;
    if (!sliding_push(volumes, bar->volume) || !full || isnan(unit)) return;
    double weight = lean_clip(ratio_or(bar->volume, sliding_mean(volumes), 1), 0, 2);
    double far = (bar->close - window_oldest(closes)) / sqrt(closes->length - 1.0);
    double move = (0.4 * (bar->close - before) + 0.6 * far) / unit;
    outputs[0] = elementary_tanh(move * weight / 2);
}

const Indicator indicator_volume_weighted_price_momentum = {
    .name = "volume_weighted_price_momentum",
    .group = GROUP_MOMENTUM,
    .sentence = "Momentum weighed by volume: tanh of half the volume by its mean over "
                "`period` bars (at most 2) times 0.4 x the last move + 0.6 x the move of "
                "`bars` bars over their root, in average true ranges of `range` bars.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_VOLUME,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"bars", .preset = 5, .lowest = 1, .highest = 100, .unit = "bars", .whole = true},
                {"range", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"volume_weighted_price_momentum", .lowest = -1, .highest = 1, .flat = 0,
                 .unit = "-1 to 1"}},
    .warmup = volume_weighted_price_momentum_warmup,
    .state_size = volume_weighted_price_momentum_state_size,
    .init = volume_weighted_price_momentum_init,
    .step = volume_weighted_price_momentum_step,
};
