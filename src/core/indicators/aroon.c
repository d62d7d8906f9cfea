/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aroon (Chande 1995): how lately the highest high and the lowest low of the last n + 1 bars were
 * made, 100 in this bar, 0 n bars ago, and the difference of both. Of equal extremes the latest
 * counts.
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"

#include <math.h>

static unsigned aroon_warmup(const double *options) {
    return (unsigned)options[0];
}

static unsigned aroon_window(const double *options) {
    return aroon_warmup(options) + 1;
}

static size_t aroon_state_size(const double *options) {
    return channel_size((unsigned)options[0] + 1);
}

static void aroon_init(void *state, const double *options) {
    channel_init(state, (unsigned)options[0] + 1);
}

/* 100 for an extreme in the newest bar, 0 for one `period` bars ago. */
static double aroon_recency(const Extreme *extreme) {
    double age = (double)(extreme->turn - 1 - extreme->ring[extreme->first].turn);
    double period = extreme->length - 1.0;
    return 100 * ((period - age) / period);
}

static void aroon_step(void *state, const IndicatorBar *bar, double *outputs) {
    Channel *channel = state;
    outputs[0] = outputs[1] = outputs[2] = (double)NAN;
    if (!channel_step(channel, bar->high, bar->low)) return;
    outputs[0] = aroon_recency(channel_highs(channel));
    outputs[1] = aroon_recency(channel_lows(channel));
    outputs[2] = outputs[0] - outputs[1];
}

const Indicator indicator_aroon = {
    .name = "aroon",
    .group = GROUP_TREND,
    .sentence = "Aroon (Chande 1995): how lately the highest high (up) and the lowest low "
                "(down) of the last `period` + 1 bars were made, 100 now, 0 `period` bars "
                "ago, the latest of equals; and up minus down.",
    .inputs = INPUT_HIGH | INPUT_LOW,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 25, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"aroon_up", .lowest = 0, .highest = 100, .flat = 100, .unit = "0 to 100"},
                {"aroon_down", .lowest = 0, .highest = 100, .flat = 100, .unit = "0 to 100"},
                {"aroon_oscillator", .lowest = -100, .highest = 100, .flat = 0,
                 .unit = "-100 to 100"}},
    .warmup = aroon_warmup,
    .window = aroon_window,
    .state_size = aroon_state_size,
    .init = aroon_init,
    .step = aroon_step,
};
