/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bollinger's bands: the mean of the last n closes, and a number of standard deviations (of the
 * population) above and below it. The position says where the close lies between the bands (%b: 0
 * on the lower, 1 on the upper, beyond outside, 0.5 where the bands meet), the width how far they
 * are apart in units of the mean.
 */
#include "core/indicators/indicator.h"
#include "core/num/abreast.h"
#include "core/num/columns.h"
#include "core/num/halved.h"
#include "core/num/ratio.h"

enum { BOLLINGER_PERIOD, BOLLINGER_DEVIATIONS };

typedef struct BollingerState {
    double deviations;
    double share; /* 1 / period */
} BollingerState; /* the closes follow */

static Halved *bollinger_closes(BollingerState *bollinger) {
    return (Halved *)(void *)(bollinger + 1);
}

static unsigned bollinger_warmup(const double *options) {
    return (unsigned)options[BOLLINGER_PERIOD] - 1;
}

static unsigned bollinger_window(const double *options) {
    return (unsigned)options[BOLLINGER_PERIOD];
}

static size_t bollinger_state_size(const double *options) {
    return sizeof(BollingerState) + halved_size((unsigned)options[BOLLINGER_PERIOD], HALVES_SPREAD);
}

static void bollinger_init(void *state, const double *options) {
    BollingerState *bollinger = state;
    bollinger->deviations = options[BOLLINGER_DEVIATIONS];
    bollinger->share = 1 / options[BOLLINGER_PERIOD];
    halved_init(bollinger_closes(bollinger), (unsigned)options[BOLLINGER_PERIOD], HALVES_SPREAD);
}

static void bollinger_step(void *state, const IndicatorBar *bar, double *outputs) {
    BollingerState *bollinger = state;
    halves_Run run;
    for (unsigned index = 0; index < 5; index++)
        outputs[index] = (double)NAN;
    if (!halved_step(bollinger_closes(bollinger), bar->close, 0, HALVES_SPREAD, &run)) return;
    double mean = run.mean, half = bollinger->deviations * sqrt(run.spread * bollinger->share);
    outputs[0] = mean;
    outputs[1] = mean + half;
    outputs[2] = mean - half;
    outputs[3] = 0.5 + ratio_or(bar->close - mean, 2 * half, 0);
    outputs[4] = ratio_or(2 * half, mean, 0);
}

/* Outputs that are wanted, out of means and spreads. */
static void bollinger_read(const BollingerState *bollinger, const IndicatorLane *lane, size_t count,
                           const double *means, const double *spreads) {
    double *const *into = lane->outputs;
    for (size_t bar = 0; bar < count; bar += NEAR_LANES) {
        Near mean = near_load(means + bar);
        Near half = near_root(near_load(spreads + bar) * bollinger->share) * bollinger->deviations;
        if (into[0]) near_put(into[0], bar, count, mean, lane->streams);
        if (into[1]) near_put(into[1], bar, count, mean + half, lane->streams);
        if (into[2]) near_put(into[2], bar, count, mean - half, lane->streams);
        if (into[3]) {
            Near above = near_get(lane->bars.close, bar, count) - mean;
            Near place = 0.5 + abreast_ratio(above, 2 * half, 0);
            near_put(into[3], bar, count, place, lane->streams);
        }
        if (into[4]) near_put(into[4], bar, count, abreast_ratio(2 * half, mean, 0), lane->streams);
    }
}

static void bollinger_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    _Alignas(64) double room[COLUMNS_ROOM];
    _Alignas(64) double means[INDICATOR_BLOCK], spreads[INDICATOR_BLOCK];
    for (unsigned lane = 0; lane < lane_count; lane++) {
        BollingerState *bollinger = lanes[lane].state;
        Halved *halved = bollinger_closes(bollinger);
        Window *closes = halved_values(halved);
        halved_stale(halved);
        ColumnsPart part = {lanes[lane].bars.close, count, lanes[lane].behind, lanes[lane].ahead};
        const double *line = columns_line(closes, &part, room);
        columns_spread(line, closes->length, count, means, spreads);
        bollinger_read(bollinger, &lanes[lane], count, means, spreads);
    }
}

const Indicator indicator_bollinger = {
    .name = "bollinger",
    .group = GROUP_VOLATILITY,
    .sentence = "Bollinger bands: mean of the last `period` closes, bands `deviations` population "
                "standard deviations "
                "away, place of the close between them (0 lower, 1 upper, not clipped), and their "
                "relative width.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"deviations", .preset = 2, .lowest = 0.1, .highest = 10, .unit = "deviations"}},
    .outputs = {{"bollinger", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"bb_upper", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"bb_lower", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"bb_position", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = 0.5, .unit = "0 lower band, 1 upper band"},
                {"bb_width", .lowest = 0, .highest = (double)INFINITY, .flat = 0,
                 .unit = "fraction"}},
    .warmup = bollinger_warmup,
    .window = bollinger_window,
    .state_size = bollinger_state_size,
    .init = bollinger_init,
    .step = bollinger_step,
    .batch = bollinger_batch,
};
