/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Donchian's channel: the highest high and the lowest low of the last n bars, the newest included,
 * and their middle.
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"

#include <math.h>

static unsigned donchian_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned donchian_window(const double *options) {
    return donchian_warmup(options) + 1;
}

static size_t donchian_state_size(const double *options) {
    return channel_size((unsigned)options[0]);
}

static void donchian_init(void *state, const double *options) {
    channel_init(state, (unsigned)options[0]);
}

static void donchian_step(void *state, const IndicatorBar *bar, double *outputs) {
    Channel *channel = state;
    outputs[0] = outputs[1] = outputs[2] = (double)NAN;
    if (!channel_step(channel, bar->high, bar->low)) return;
    outputs[0] = channel->lowest + (channel->highest - channel->lowest) / 2;
    outputs[1] = channel->highest;
    outputs[2] = channel->lowest;
}

const Indicator indicator_donchian = {
    .name = "donchian",
    .group = GROUP_VOLATILITY,
    .sentence = "Donchian channel: highest high and lowest low of the last `period` bars, the "
                "newest included, and the middle between them.",
    .inputs = INPUT_HIGH | INPUT_LOW,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"donchian", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"donchian_upper", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"donchian_lower", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = donchian_warmup,
    .window = donchian_window,
    .state_size = donchian_state_size,
    .init = donchian_init,
    .step = donchian_step,
};
