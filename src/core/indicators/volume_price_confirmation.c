/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether volume bears a move out: the size of the bar's move in average true ranges, bent into 0
 * to 1, times how far the volume exceeds its mean (1: double, -1: nothing traded). 0 for a bar that
 * did not move, or of usual volume.
 */
#include "core/base/elementary.h"
#include "core/indicators/indicator.h"
#include "core/num/lean.h"
#include "core/num/ratio.h"
#include "core/num/sliding.h"
#include "core/num/unit_move.h"

#include <math.h>

enum { VOLUME_PRICE_CONFIRMATION_PERIOD, VOLUME_PRICE_CONFIRMATION_RANGE };

/* The state is two blocks, one behind the other: the unit and the sum of volumes. */

static unsigned volume_price_confirmation_warmup(const double *options) {
    return indicator_later((unsigned)options[VOLUME_PRICE_CONFIRMATION_PERIOD] - 1,
                           (unsigned)options[VOLUME_PRICE_CONFIRMATION_RANGE]);
}

static size_t volume_price_confirmation_state_size(const double *options) {
    return sizeof(UnitMove) + sliding_size((unsigned)options[VOLUME_PRICE_CONFIRMATION_PERIOD]);
}

static void volume_price_confirmation_init(void *state, const double *options) {
    UnitMove *measure = state;
    unit_move_init(measure, (unsigned)options[VOLUME_PRICE_CONFIRMATION_RANGE]);
    sliding_init((Sliding *)(void *)(measure + 1),
                 (unsigned)options[VOLUME_PRICE_CONFIRMATION_PERIOD]);
}

static void volume_price_confirmation_step(void *state, const IndicatorBar *bar, double *outputs) {
    UnitMove *measure = state;
    Sliding *volumes = (Sliding *)(void *)(measure + 1);
    double move = fabs(bar->close - measure->close_before);
    double unit = unit_move_next(measure, bar->high, bar->low, bar->close);
    outputs[0] = (double)NAN;
    if (!sliding_push(volumes, bar->volume) || isnan(unit)) return;
    double excess = ratio_or(bar->volume, sliding_mean(volumes), 1) - 1;
    outputs[0] = elementary_tanh(move / unit) * lean_clip(excess, -1, 1);
}

const Indicator indicator_volume_price_confirmation = {
    .name = "volume_price_confirmation",
    .group = GROUP_VOLUME,
    .sentence = "Volume confirming price: tanh of the size of the last move in average true "
                "ranges of `range` bars, times the volume by its mean over `period` bars "
                "minus 1 (at most 1): 1 borne out by volume, -1 a move without volume.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_VOLUME,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"range", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"volume_price_confirmation", .lowest = -1, .highest = 1, .flat = 0,
                 .unit = "-1 to 1"}},
    .warmup = volume_price_confirmation_warmup,
    .state_size = volume_price_confirmation_state_size,
    .init = volume_price_confirmation_init,
    .step = volume_price_confirmation_step,
};
