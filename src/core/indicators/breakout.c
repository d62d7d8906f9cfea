/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far the close left the channel of the bars before it, in average true ranges and bent into -1
 * to 1; 0 inside. The channel ends with the bar before: a bar cannot break out of what it made
 * itself.
 */
#include "core/base/elementary.h"
#include "core/indicators/indicator.h"
#include "core/num/channel.h"
#include "core/num/unit_move.h"

#include <math.h>

enum { BREAKOUT_PERIOD, BREAKOUT_RANGE };

/* The state is two blocks, one behind the other: the unit and the channel. */

static unsigned breakout_warmup(const double *options) {
    return indicator_later((unsigned)options[BREAKOUT_PERIOD], (unsigned)options[BREAKOUT_RANGE]);
}

static size_t breakout_state_size(const double *options) {
    return sizeof(UnitMove) + channel_size((unsigned)options[BREAKOUT_PERIOD]);
}

static void breakout_init(void *state, const double *options) {
    UnitMove *measure = state;
    unit_move_init(measure, (unsigned)options[BREAKOUT_RANGE]);
    channel_init((Channel *)(void *)(measure + 1), (unsigned)options[BREAKOUT_PERIOD]);
}

static void breakout_step(void *state, const IndicatorBar *bar, double *outputs) {
    UnitMove *measure = state;
    Channel *channel = (Channel *)(void *)(measure + 1);
    double unit = unit_move_next(measure, bar->high, bar->low, bar->close), beyond = 0;
    bool full = channel->seen == channel->length;
    if (bar->close > channel->highest) beyond = bar->close - channel->highest;
    if (bar->close < channel->lowest) beyond = bar->close - channel->lowest;
    channel_step(channel, bar->high, bar->low);
    outputs[0] = full && !isnan(unit) ? elementary_tanh(beyond / unit) : (double)NAN;
}

const Indicator indicator_breakout = {
    .name = "breakout",
    .group = GROUP_PRICE_ACTION,
    .sentence = "Breakout: distance of the close beyond the highest high (positive) or lowest "
                "low (negative) of the `period` bars before, tanh in average true ranges of "
                "`range` bars, 0 inside.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 20, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true},
                {"range", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"breakout", .lowest = -1, .highest = 1, .flat = 0, .unit = "-1 to 1"}},
    .warmup = breakout_warmup,
    .state_size = breakout_state_size,
    .init = breakout_init,
    .step = breakout_step,
};
