/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bollinger's bands: the mean of the last n closes, and a number of standard deviations (of the
 * population) above and below it. The position says where the close lies between the bands (%b: 0
 * on the lower, 1 on the upper, beyond outside, 0.5 where the bands meet), the width how far they
 * are apart in units of the mean.
 */
#include "core/indicators/indicator.h"
#include "core/num/moments.h"
#include "core/num/ratio.h"
#include "core/num/wide_window.h"

enum { BOLLINGER_PERIOD, BOLLINGER_DEVIATIONS };

typedef struct BollingerState {
    double deviations;
} BollingerState; /* the window of closes follows */

static Window *bollinger_closes(BollingerState *bollinger) {
    return (Window *)(void *)(bollinger + 1);
}

static unsigned bollinger_warmup(const double *options) {
    return (unsigned)options[BOLLINGER_PERIOD] - 1;
}

static unsigned bollinger_window(const double *options) {
    return (unsigned)options[BOLLINGER_PERIOD];
}

static size_t bollinger_state_size(const double *options) {
    return sizeof(BollingerState) + window_size((unsigned)options[BOLLINGER_PERIOD]);
}

static void bollinger_init(void *state, const double *options) {
    BollingerState *bollinger = state;
    bollinger->deviations = options[BOLLINGER_DEVIATIONS];
    window_init(bollinger_closes(bollinger), (unsigned)options[BOLLINGER_PERIOD]);
}

static inline void bollinger_bands(double close, double mean, double half, double *outputs) {
    outputs[0] = mean;
    outputs[1] = mean + half;
    outputs[2] = mean - half;
    outputs[3] = 0.5 + ratio_or(close - mean, 2 * half, 0);
    outputs[4] = ratio_or(2 * half, mean, 0);
}

static void bollinger_step(void *state, const IndicatorBar *bar, double *outputs) {
    BollingerState *bollinger = state;
    Window *closes = bollinger_closes(bollinger);
    for (unsigned index = 0; index < 5; index++)
        outputs[index] = (double)NAN;
    if (!window_push(closes, bar->close)) return;
    double mean = moments_mean(window_all(closes), closes->length);
    double deviation = moments_deviation(window_all(closes), closes->length, mean);
    bollinger_bands(bar->close, mean, bollinger->deviations * deviation, outputs);
}

static void bollinger_chunk(BollingerState *bollinger, const IndicatorBlock *block, size_t done,
                            size_t some) {
    Window *closes = bollinger_closes(bollinger);
    double row[WIDE_WINDOW_SIZE], means[WIDE_WINDOW_CHUNK], deviations[WIDE_WINDOW_CHUNK];
    wide_window_push(closes, block->closes + done, some, row);
    block->wide->means(row, some, closes->length, means);
    block->wide->deviations(row, means, some, closes->length, deviations);
    for (size_t i = 0; i < some; i++) {
        double outputs[5];
        bollinger_bands(block->closes[done + i], means[i], bollinger->deviations * deviations[i],
                        outputs);
        for (unsigned output = 0; output < 5; output++)
            block->outputs[output][done + i] = outputs[output];
    }
}

static void bollinger_block(void *state, const IndicatorBlock *block) {
    size_t done = 0;
    for (; done < block->count && !wide_window_ready(bollinger_closes(state)); done++) {
        double outputs[5];
        bollinger_step(state, &(IndicatorBar){.close = block->closes[done]}, outputs);
        for (unsigned output = 0; output < 5; output++)
            block->outputs[output][done] = outputs[output];
    }
    while (done < block->count) {
        size_t left = block->count - done;
        size_t some = left < WIDE_WINDOW_CHUNK ? left : WIDE_WINDOW_CHUNK;
        bollinger_chunk(state, block, done, some);
        done += some;
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
    .block = bollinger_block,
};
