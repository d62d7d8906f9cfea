/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Williams' %R: how far the close lies below the highest high of the last n bars, in percent of
 * their channel: 0 at its top, -100 at its bottom. A channel without height has no inside: the
 * close then counts as its middle, -50.
 */
#include "core/indicators/indicator.h"
#include "core/num/abreast.h"
#include "core/num/channel.h"
#include "core/num/columns.h"

#include <math.h>

static unsigned williams_r_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned williams_r_window(const double *options) {
    return (unsigned)options[0];
}

static size_t williams_r_state_size(const double *options) {
    return channel_size((unsigned)options[0]);
}

static void williams_r_init(void *state, const double *options) {
    channel_init(state, (unsigned)options[0]);
}

static void williams_r_step(void *state, const IndicatorBar *bar, double *outputs) {
    Channel *channel = state;
    outputs[0] = (double)NAN;
    if (!channel_step(channel, bar->high, bar->low)) return;
    outputs[0] =
        channel_flat(channel)
            ? -50
            : 100 * ((bar->close - channel->highest) / (channel->highest - channel->lowest));
}

static void williams_r_places(const IndicatorLane *lane, const double *highest,
                              const double *lowest, size_t count) {
    for (size_t bar = 0; bar < count; bar += NEAR_LANES) {
        Near top = near_load(highest + bar), bottom = near_load(lowest + bar);
        Near place = 100 * ((near_get(lane->bars.close, bar, count) - top) / (top - bottom));
        place = abreast_choose(top > bottom, place, (Near){0} - 50.0);
        near_put(lane->outputs[0], bar, count, place, lane->streams);
    }
}

static void williams_r_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    _Alignas(64) double highest[INDICATOR_BLOCK], lowest[INDICATOR_BLOCK];
    for (unsigned lane = 0; lane < lane_count; lane++) {
        const IndicatorColumns *bars = &lanes[lane].bars;
        const IndicatorLane *own = &lanes[lane];
        ColumnsChannels channels = {.channels = {own->state},
                                    .count = 1,
                                    .high = {bars->high, count, own->behind, own->ahead},
                                    .low = {bars->low, count, own->behind, own->ahead}};
        columns_channels(&channels, &highest, &lowest);
        if (own->outputs[0]) williams_r_places(own, highest, lowest, count);
    }
}

const Indicator indicator_williams_r = {
    .name = "williams_r",
    .group = GROUP_MOMENTUM,
    .sentence = "Williams' %R: distance of the close from the highest high of the last `period` "
                "bars in percent of "
                "their channel, -100 to 0.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"williams_r", .lowest = -100, .highest = 0, .flat = -50, .unit = "-100 to 0"}},
    .warmup = williams_r_warmup,
    .window = williams_r_window,
    .state_size = williams_r_state_size,
    .init = williams_r_init,
    .step = williams_r_step,
    .batch = williams_r_batch,
};
