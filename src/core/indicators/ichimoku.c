/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ichimoku Kinko Hyo (Hosoda 1969): middles of the price channels of three lengths. The two leading
 * spans are those that stand over this bar, so computed `displacement` bars ago. The lagging span
 * of a chart is today's close drawn as many bars back; what it says, the close against the one it
 * is drawn beside, is the last output.
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"
#include "core/num/columns.h"
#include "core/num/columns_near.h"
#include "core/num/window.h"

#include <math.h>

enum { ICHIMOKU_TENKAN, ICHIMOKU_KIJUN, ICHIMOKU_SENKOU, ICHIMOKU_DISPLACEMENT };

/* The state is six blocks, one behind the other: three channels, and the delay lines of the spans
 * and the closes. */
static double ichimoku_middle(Channel *channel, const IndicatorBar *bar) {
    if (!channel_step(channel, bar->high, bar->low)) return (double)NAN;
    return channel->lowest + (channel->highest - channel->lowest) / 2;
}

/* What stood there as many values ago as the line is long; NaN before. */
static double ichimoku_delay(Window *line, double value) {
    bool full = window_push(line, value);
    return full ? window_oldest(line) : (double)NAN;
}

static unsigned ichimoku_warmup(const double *options) {
    return (unsigned)options[ICHIMOKU_SENKOU] + (unsigned)options[ICHIMOKU_DISPLACEMENT] - 1;
}

static unsigned ichimoku_window(const double *options) {
    return ichimoku_warmup(options) + 1;
}

static const char *ichimoku_misfit(const double *options) {
    if (options[ICHIMOKU_TENKAN] >= options[ICHIMOKU_KIJUN]) return "tenkan";
    return options[ICHIMOKU_KIJUN] < options[ICHIMOKU_SENKOU] ? NULL : "kijun";
}

static size_t ichimoku_state_size(const double *options) {
    return channel_size((unsigned)options[ICHIMOKU_TENKAN]) +
           channel_size((unsigned)options[ICHIMOKU_KIJUN]) +
           channel_size((unsigned)options[ICHIMOKU_SENKOU]) +
           3 * window_size((unsigned)options[ICHIMOKU_DISPLACEMENT] + 1);
}

static void ichimoku_init(void *state, const double *options) {
    Channel *tenkan = state;
    channel_init(tenkan, (unsigned)options[ICHIMOKU_TENKAN]);
    Channel *kijun = channel_end(tenkan);
    channel_init(kijun, (unsigned)options[ICHIMOKU_KIJUN]);
    Channel *senkou = channel_end(kijun);
    channel_init(senkou, (unsigned)options[ICHIMOKU_SENKOU]);
    Window *line = channel_end(senkou);
    for (unsigned index = 0; index < 3; index++, line = window_end(line))
        window_init(line, (unsigned)options[ICHIMOKU_DISPLACEMENT] + 1);
}

static void ichimoku_step(void *state, const IndicatorBar *bar, double *outputs) {
    Channel *tenkan = state, *kijun = channel_end(tenkan), *senkou = channel_end(kijun);
    Window *ahead_a = channel_end(senkou), *ahead_b = window_end(ahead_a);
    Window *closes = window_end(ahead_b);
    outputs[0] = ichimoku_middle(tenkan, bar);
    outputs[1] = ichimoku_middle(kijun, bar);
    double widest = ichimoku_middle(senkou, bar);
    outputs[2] = outputs[3] = outputs[4] = (double)NAN;
    if (outputs[1] == outputs[1])
        outputs[2] = ichimoku_delay(ahead_a, outputs[1] + (outputs[0] - outputs[1]) / 2);
    if (widest == widest) outputs[3] = ichimoku_delay(ahead_b, widest);
    outputs[4] = bar->close - ichimoku_delay(closes, bar->close);
}

/* Middles into a buffer of whole vectors, and into the output if it is wanted. */
static void ichimoku_middles(const double *highest, const double *lowest, size_t count,
                             const IndicatorLane *lane, unsigned output, double *middles) {
    double *into = lane->outputs[output];
    for (size_t bar = 0; bar < count; bar += NEAR_LANES) {
        Near low = near_load(lowest + bar), middle = low + (near_load(highest + bar) - low) / 2;
        near_put(middles, bar, count, middle, false);
        if (output < 2 && into) near_put(into, bar, count, middle, lane->streams);
    }
}

static void ichimoku_between(const double *restrict tenkan, const double *restrict kijun,
                             size_t count, double *restrict between) {
    for (size_t bar = 0; bar < count; bar++)
        between[bar] = kijun[bar] + (tenkan[bar] - kijun[bar]) / 2;
}

/* The close less that of `displacement` bars ago. */
static void ichimoku_lag(Window *closes, const IndicatorLane *lane, size_t count) {
    double room[COLUMNS_ROOM];
    ColumnsPart part = {lane->bars.close, count, lane->behind, lane->ahead};
    const double *line = columns_line(closes, &part, room);
    for (size_t bar = 0; lane->outputs[4] && bar < count; bar += NEAR_LANES) {
        Near apart = near_get(lane->bars.close, bar, count) - near_get(line, bar, count);
        near_put(lane->outputs[4], bar, count, apart, lane->streams);
    }
}

static void ichimoku_lane(const IndicatorLane *lane, size_t count) {
    _Alignas(64) double highest[3][INDICATOR_BLOCK], lowest[3][INDICATOR_BLOCK];
    _Alignas(64) double fast[INDICATOR_BLOCK], slow[INDICATOR_BLOCK], room[COLUMNS_ROOM];
    Channel *tenkan = lane->state, *kijun = channel_end(tenkan), *senkou = channel_end(kijun);
    Window *ahead_a = channel_end(senkou), *ahead_b = window_end(ahead_a);
    ColumnsChannels channels = {.channels = {tenkan, kijun, senkou},
                                .count = 3,
                                .high = {lane->bars.high, count, lane->behind, lane->ahead},
                                .low = {lane->bars.low, count, lane->behind, lane->ahead}};
    columns_channels(&channels, highest, lowest);
    ichimoku_middles(highest[0], lowest[0], count, lane, 0, fast);
    ichimoku_middles(highest[1], lowest[1], count, lane, 1, slow);
    double *line = columns_line_open(ahead_a, room);
    ichimoku_between(fast, slow, count, line + ahead_a->length - 1);
    columns_line_close(ahead_a, line, count);
    if (lane->outputs[2]) columns_copy(lane->outputs[2], line, count, lane->streams);
    line = columns_line_open(ahead_b, room);
    ichimoku_middles(highest[2], lowest[2], count, lane, 2, line + ahead_b->length - 1);
    columns_line_close(ahead_b, line, count);
    if (lane->outputs[3]) columns_copy(lane->outputs[3], line, count, lane->streams);
    ichimoku_lag(window_end(ahead_b), lane, count);
}

static void ichimoku_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    for (unsigned lane = 0; lane < lane_count; lane++)
        ichimoku_lane(&lanes[lane], count);
}

const Indicator indicator_ichimoku = {
    .name = "ichimoku",
    .group = GROUP_TREND,
    .sentence = "Ichimoku Kinko Hyo (Hosoda 1969): middles of the channels of `tenkan` and "
                "`kijun` bars, the leading spans A and B (of `senkou` bars) as they stand at "
                "this bar, computed `displacement` bars ago, and the close minus the close "
                "`displacement` bars ago, which is what the lagging span shows.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"tenkan", .preset = 9, .lowest = 2, .highest = 498, .unit = "bars", .whole = true},
                {"kijun", .preset = 26, .lowest = 3, .highest = 499, .unit = "bars", .whole = true},
                {"senkou", .preset = 52, .lowest = 4, .highest = 500, .unit = "bars",
                 .whole = true},
                {"displacement", .preset = 26, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"ichimoku_tenkan", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"ichimoku_kijun", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"ichimoku_senkou_a", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"ichimoku_senkou_b", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"ichimoku_lag", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = 0, .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = ichimoku_warmup,
    .misfit = ichimoku_misfit,
    .window = ichimoku_window,
    .state_size = ichimoku_state_size,
    .init = ichimoku_init,
    .step = ichimoku_step,
    .batch = ichimoku_batch,
};
