/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The volume-weighted average price of the last n bars: the mean of their typical prices (high +
 * low + close) / 3, each weighted by its volume. It rolls, since a market that never closes has no
 * session to start at. Where nothing was traded in the whole window no weight is better than
 * another, and the plain mean stands.
 */
#include "core/indicators/indicator.h"
#include "core/num/columns.h"
#include "core/num/halved.h"
#include "core/num/typical.h"

static unsigned vwap_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned vwap_window(const double *options) {
    return (unsigned)options[0];
}

static size_t vwap_state_size(const double *options) {
    return halved_size((unsigned)options[0], HALVES_WEIGHTED);
}

static void vwap_init(void *state, const double *options) {
    halved_init(state, (unsigned)options[0], HALVES_WEIGHTED);
}

static void vwap_step(void *state, const IndicatorBar *bar, double *outputs) {
    halves_Run run;
    double typical = typical_price(bar->high, bar->low, bar->close);
    bool full = halved_step(state, typical, bar->volume, HALVES_WEIGHTED, &run);
    outputs[0] = full ? halves_weighted_mean(&run) : (double)NAN;
}

static void vwap_typicals(const double *restrict high, const double *restrict low,
                          const double *restrict close, size_t count, double *restrict typical) {
    for (size_t bar = 0; bar < count; bar++)
        typical[bar] = typical_price(high[bar], low[bar], close[bar]);
}

static void vwap_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    _Alignas(64) double room[COLUMNS_ROOM], other[COLUMNS_ROOM];
    double unwanted[INDICATOR_BLOCK];
    for (unsigned lane = 0; lane < lane_count; lane++) {
        const IndicatorColumns *bars = &lanes[lane].bars;
        Halved *halved = lanes[lane].state;
        Window *prices = halved_values(halved), *volumes = halved_weights(halved);
        halved_stale(halved);
        size_t length = prices->length;
        ColumnsPart part =
            (ColumnsPart){bars->volume, count, lanes[lane].behind, lanes[lane].ahead};
        double *line = columns_line_open(prices, room);
        vwap_typicals(bars->high, bars->low, bars->close, count, line + length - 1);
        columns_line_close(prices, line, count);
        const double *weights = columns_line(volumes, &part, other);
        double *means = lanes[lane].outputs[0] ? lanes[lane].outputs[0] : unwanted;
        columns_weighted(line, weights, length, count, means,
                         lanes[lane].streams && means != unwanted);
    }
}

const Indicator indicator_vwap = {
    .name = "vwap",
    .group = GROUP_VOLUME,
    .sentence = "Volume-weighted average of the typical prices (high + low + close) / 3 of the "
                "last `bars` bars; their "
                "plain mean where nothing was traded.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_VOLUME,
    .memory = MEMORY_WINDOW,
    .options = {{"bars", .preset = 20, .lowest = 1, .highest = 500, .unit = "bars", .whole = true}},
    .outputs = {{"vwap", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = vwap_warmup,
    .window = vwap_window,
    .state_size = vwap_state_size,
    .init = vwap_init,
    .step = vwap_step,
    .batch = vwap_batch,
};
