/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence for a turn, upwards and downwards, each 0 to 0.95: how far the RSI stands in its outer
 * zone of 30, the close in that of 20 of its channel (Williams' %R) and in the outer fifth of its
 * Bollinger band, and the divergence of price and strength (core/num/opposed.h), weighted 25, 20,
 * 15 and 20. It is a score by rule, not a frequency that was measured; 0.95 stands for "never
 * certain".
 */
#include "core/indicators/indicator.h"
#include "core/num/band.h"
#include "core/num/channel.h"
#include "core/num/opposed.h"
#include "core/num/relative_strength.h"
#include "core/num/unit_move.h"

enum { REVERSAL_PROBABILITY_PERIOD, REVERSAL_PROBABILITY_BAND, REVERSAL_PROBABILITY_BARS };

typedef struct ReversalState {
    UnitMove unit;
    RelativeStrength strength;
} ReversalState; /* the windows of the divergence, the window of closes, and the channel follow */

static unsigned reversal_probability_warmup(const double *options) {
    return indicator_later((unsigned)options[REVERSAL_PROBABILITY_PERIOD] +
                               (unsigned)options[REVERSAL_PROBABILITY_BARS],
                           (unsigned)options[REVERSAL_PROBABILITY_BAND]) -
           1;
}

static size_t reversal_probability_state_size(const double *options) {
    return sizeof(ReversalState) + opposed_size((unsigned)options[REVERSAL_PROBABILITY_BARS]) +
           window_size((unsigned)options[REVERSAL_PROBABILITY_BAND]) +
           channel_size((unsigned)options[REVERSAL_PROBABILITY_PERIOD]);
}

static void reversal_probability_init(void *state, const double *options) {
    ReversalState *reversal = state;
    unit_move_init(&reversal->unit, (unsigned)options[REVERSAL_PROBABILITY_PERIOD]);
    relative_strength_init(&reversal->strength, (unsigned)options[REVERSAL_PROBABILITY_PERIOD]);
    Opposed *opposed = (Opposed *)(void *)(reversal + 1);
    opposed_init(opposed, (unsigned)options[REVERSAL_PROBABILITY_BARS]);
    Window *closes = opposed_end(opposed);
    window_init(closes, (unsigned)options[REVERSAL_PROBABILITY_BAND]);
    channel_init(window_end(closes), (unsigned)options[REVERSAL_PROBABILITY_PERIOD]);
}

/* Of the close in its channel, in percent. */
static double reversal_place(const Channel *channel, double close) {
    if (channel_flat(channel)) return 50;
    return 100 * ((close - channel->lowest) / (channel->highest - channel->lowest));
}

/* The part that four signed pieces of evidence give to the positive side. */
static double reversal_sum(const double evidence[4], double side) {
    static const double weights[4] = {0.25, 0.2, 0.15, 0.2};
    double sum = 0, all = 0;
    for (unsigned index = 0; index < 4; index++) {
        sum += weights[index] * lean_clip(side * evidence[index], 0, 1);
        all += weights[index];
    }
    return 0.95 * (sum / all);
}

static void reversal_probability_step(void *state, const IndicatorBar *bar, double *outputs) {
    ReversalState *reversal = state;
    Opposed *opposed = (Opposed *)(void *)(reversal + 1);
    Window *closes = opposed_end(opposed);
    Channel *channel = window_end(closes);
    double unit = unit_move_next(&reversal->unit, bar->high, bar->low, bar->close);
    double strength = relative_strength_step(&reversal->strength, bar->close);
    double apart = opposed_next(opposed, bar->close, strength, unit);
    bool placed = channel_step(channel, bar->high, bar->low);
    outputs[0] = outputs[1] = (double)NAN;
    if (!window_push(closes, bar->close) || !placed || isnan(apart)) return;
    double band = 50 + 50 * band_place(window_all(closes), closes->length);
    const double evidence[4] = {-lean_extreme(strength, 30),
                                -lean_extreme(reversal_place(channel, bar->close), 20),
                                -lean_extreme(band, 20), apart};
    outputs[0] = reversal_sum(evidence, 1);
    outputs[1] = reversal_sum(evidence, -1);
}

const Indicator indicator_reversal_probability = {
    .name = "reversal_probability",
    .group = GROUP_MOMENTUM,
    .sentence = "Evidence for a reversal up and down, 0 to 0.95: RSI in its outer zone (25), "
                "Williams' %R in its (20), close in the outer fifth of its Bollinger band of "
                "`band` bars (15), divergence of price and RSI over `bars` bars (20); RSI, %R "
                "and average true range over `period` bars. A score, not a measured "
                "frequency.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"band", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars", .whole = true},
                {"bars", .preset = 14, .lowest = 3, .highest = 500, .unit = "bars", .whole = true}},
    .outputs = {{"reversal_probability_up", .lowest = 0, .highest = 0.95, .flat = 0,
                 .unit = "0 to 0.95"},
                {"reversal_probability_down", .lowest = 0, .highest = 0.95, .flat = 0,
                 .unit = "0 to 0.95"}},
    .warmup = reversal_probability_warmup,
    .state_size = reversal_probability_state_size,
    .init = reversal_probability_init,
    .step = reversal_probability_step,
};
