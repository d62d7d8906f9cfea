/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stochastic oscillator (Lane): where the close lies within the channel of the last k bars, in
 * percent (%K), and the mean of the last d of these (%D). With smooth = 1 it is the fast
 * oscillator; with smooth = 3, %K itself is a mean of three, the slow one. A channel without height
 * has no inside: the close then counts as its middle, 50.
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"
#include "core/num/columns.h"
#include "core/num/halves.h"
#include "core/num/window.h"

enum { STOCH_K, STOCH_SMOOTH, STOCH_D };

/* The state is three blocks, one behind the other: the channel, then the windows of the two means.
 */
static unsigned stoch_warmup(const double *options) {
    return (unsigned)(options[STOCH_K] + options[STOCH_SMOOTH] + options[STOCH_D]) - 3;
}

static unsigned stoch_window(const double *options) {
    return stoch_warmup(options) + 1;
}

static size_t stoch_state_size(const double *options) {
    return channel_size((unsigned)options[STOCH_K]) + window_size((unsigned)options[STOCH_SMOOTH]) +
           window_size((unsigned)options[STOCH_D]);
}

static void stoch_init(void *state, const double *options) {
    Channel *channel = state;
    channel_init(channel, (unsigned)options[STOCH_K]);
    Window *smooth = channel_end(channel);
    window_init(smooth, (unsigned)options[STOCH_SMOOTH]);
    window_init(window_end(smooth), (unsigned)options[STOCH_D]);
}

static double stoch_raw(const Channel *channel, double close) {
    if (channel_flat(channel)) return 50;
    return 100 * ((close - channel->lowest) / (channel->highest - channel->lowest));
}

static void stoch_step(void *state, const IndicatorBar *bar, double *outputs) {
    Channel *channel = state;
    Window *smooth = channel_end(channel), *slow = window_end(smooth);
    outputs[0] = outputs[1] = (double)NAN;
    if (!channel_step(channel, bar->high, bar->low)) return;
    if (!window_push(smooth, stoch_raw(channel, bar->close))) return;
    outputs[0] = halves_mean(window_all(smooth), smooth->length);
    if (!window_push(slow, outputs[0])) return;
    outputs[1] = halves_mean(window_all(slow), slow->length);
}

static void stoch_places(const double *restrict highest, const double *restrict lowest,
                         const double *restrict closes, size_t count, double *restrict places) {
    for (size_t bar = 0; bar < count; bar++) {
        double place = 100 * ((closes[bar] - lowest[bar]) / (highest[bar] - lowest[bar]));
        places[bar] = highest[bar] > lowest[bar] ? place : 50;
    }
}

static void stoch_lane(const IndicatorLane *lane, size_t count) {
    _Alignas(64) double highest[INDICATOR_BLOCK], lowest[INDICATOR_BLOCK];
    _Alignas(64) double room[COLUMNS_ROOM], other[COLUMNS_ROOM];
    Channel *channel = lane->state;
    Window *smooth = channel_end(channel), *slow = window_end(smooth);
    ColumnsChannels channels = {.channels = {channel},
                                .count = 1,
                                .high = {lane->bars.high, count, lane->behind, lane->ahead},
                                .low = {lane->bars.low, count, lane->behind, lane->ahead}};
    columns_channels(&channels, &highest, &lowest);
    double *places = columns_line_open(smooth, room), *means = columns_line_open(slow, other);
    double *fast = means + slow->length - 1;
    stoch_places(highest, lowest, lane->bars.close, count, places + smooth->length - 1);
    columns_line_close(smooth, places, count);
    columns_mean(places, smooth->length, count, fast, false);
    columns_line_close(slow, means, count);
    if (lane->outputs[0]) columns_copy(lane->outputs[0], fast, count, lane->streams);
    if (lane->outputs[1]) columns_mean(means, slow->length, count, lane->outputs[1], lane->streams);
}

static void stoch_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    for (unsigned lane = 0; lane < lane_count; lane++)
        stoch_lane(&lanes[lane], count);
}

const Indicator indicator_stoch = {
    .name = "stoch",
    .group = GROUP_MOMENTUM,
    .sentence = "Stochastic oscillator (Lane): place of the close in the price channel of the last "
                "`k` bars, averaged "
                "over `smooth` bars (%K), and its mean over `d` bars (%D), 0 to 100.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"k", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars", .whole = true},
                {"smooth", .preset = 1, .lowest = 1, .highest = 100, .unit = "bars", .whole = true},
                {"d", .preset = 3, .lowest = 1, .highest = 100, .unit = "bars", .whole = true}},
    .outputs = {{"stoch_k", .lowest = 0, .highest = 100, .flat = 50, .unit = "0 to 100"},
                {"stoch_d", .lowest = 0, .highest = 100, .flat = 50, .unit = "0 to 100"}},
    .warmup = stoch_warmup,
    .window = stoch_window,
    .state_size = stoch_state_size,
    .init = stoch_init,
    .step = stoch_step,
    .batch = stoch_batch,
};
