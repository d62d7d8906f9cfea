/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What at least two of three oscillators say: how far the RSI stands in its zones of 30, and
 * Williams' %R and the stochastic %K in their zones of 20, as ramps from -1 (oversold) over 0
 * (between the zones) to 1 (overbought); the middle of the three. Unsmoothed, %R and %K would be
 * one and the same number and always agree, so %K is a mean of `smooth` bars.
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"
#include "core/num/lean.h"
#include "core/num/relative_strength.h"
#include "core/num/sliding.h"

enum { OSCILLATOR_CONSENSUS_PERIOD, OSCILLATOR_CONSENSUS_SMOOTH };

/* The state is three blocks, one behind the other: the strength, the channel, the sum of places. */

static unsigned oscillator_consensus_warmup(const double *options) {
    return indicator_later((unsigned)options[OSCILLATOR_CONSENSUS_PERIOD],
                           (unsigned)options[OSCILLATOR_CONSENSUS_PERIOD] +
                               (unsigned)options[OSCILLATOR_CONSENSUS_SMOOTH] - 2);
}

static size_t oscillator_consensus_state_size(const double *options) {
    return sizeof(RelativeStrength) + channel_size((unsigned)options[OSCILLATOR_CONSENSUS_PERIOD]) +
           sliding_size((unsigned)options[OSCILLATOR_CONSENSUS_SMOOTH]);
}

static void oscillator_consensus_init(void *state, const double *options) {
    RelativeStrength *relative = state;
    relative_strength_init(relative, (unsigned)options[OSCILLATOR_CONSENSUS_PERIOD]);
    Channel *channel = (Channel *)(void *)(relative + 1);
    channel_init(channel, (unsigned)options[OSCILLATOR_CONSENSUS_PERIOD]);
    sliding_init(channel_end(channel), (unsigned)options[OSCILLATOR_CONSENSUS_SMOOTH]);
}

static void oscillator_consensus_step(void *state, const IndicatorBar *bar, double *outputs) {
    RelativeStrength *relative = state;
    Channel *channel = (Channel *)(void *)(relative + 1);
    Sliding *smooth = channel_end(channel);
    double strength = relative_strength_step(relative, bar->close), place = 50;
    outputs[0] = (double)NAN;
    if (!channel_step(channel, bar->high, bar->low)) return;
    if (!channel_flat(channel))
        place = 100 * ((bar->close - channel->lowest) / (channel->highest - channel->lowest));
    if (!sliding_push(smooth, place) || isnan(strength)) return;
    outputs[0] = lean_middle(lean_extreme(strength, 30), lean_extreme(place, 20),
                             lean_extreme(sliding_mean(smooth), 20));
}

const Indicator indicator_oscillator_consensus = {
    .name = "oscillator_consensus",
    .group = GROUP_MOMENTUM,
    .sentence = "Consensus of oscillators: middle one of how far RSI (zones 30), Williams' %R "
                "(zones 20) and stochastic %K (mean of `smooth`, zones 20) over `period` bars "
                "stand in their outer zones, -1 oversold to 1 overbought.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"smooth", .preset = 3, .lowest = 1, .highest = 100, .unit = "bars",
                 .whole = true}},
    .outputs = {{"oscillator_consensus", .lowest = -1, .highest = 1, .flat = 0, .unit = "-1 to 1"}},
    .warmup = oscillator_consensus_warmup,
    .state_size = oscillator_consensus_state_size,
    .init = oscillator_consensus_init,
    .step = oscillator_consensus_step,
};
