/* SPDX-License-Identifier: Apache-2.0 */
/* The exponential moving average of the closes, with weight 2 / (n + 1), seeded by the mean of the
 * first n closes. */
#include "core/indicators/indicator.h"
#include "core/num/abreast.h"
#include "core/num/columns.h"
#include "core/num/smooth.h"

static unsigned ema_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static size_t ema_state_size(const double *options) {
    (void)options;
    return sizeof(Smooth);
}

static void ema_init(void *state, const double *options) {
    smooth_init_ema(state, (unsigned)options[0]);
}

static void ema_step(void *state, const IndicatorBar *bar, double *outputs) {
    outputs[0] = smooth_next(state, bar->close);
}

static unsigned ema_stage(const IndicatorLane *lane, unsigned stage, size_t count,
                          double (*columns)[INDICATOR_PITCH], SmoothLane *smooth) {
    (void)count;
    if (stage > 0) return 0;
    double *into = lane->outputs[0] ? lane->outputs[0] : columns[0];
    smooth[0] = (SmoothLane){lane->state, lane->bars.close, into};
    return 1;
}

static void ema_abreast(const IndicatorLane *lanes, const IndicatorAbreast *rows) {
    AbreastSmooth average;
    for (unsigned lane = 0; lane < NEAR_LANES; lane++)
        abreast_take(&average, lane, lanes[lane].state);
    for (size_t bar = 0; bar < rows->count; bar++)
        abreast_put(rows->outputs[0], bar, abreast_smooth(&average, abreast_row(rows->close, bar)));
    for (unsigned lane = 0; lane < NEAR_LANES; lane++)
        abreast_give(&average, lane, lanes[lane].state);
}

const Indicator indicator_ema = {
    .name = "ema",
    .group = GROUP_TREND,
    .sentence = "Exponential moving average of the closes, weight 2 / (period + 1), seeded by the "
                "mean of the first "
                "`period` closes.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"ema", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = ema_warmup,
    .state_size = ema_state_size,
    .init = ema_init,
    .step = ema_step,
    .stages = {.recursions = 1, .columns = 1, .run = ema_stage},
    .abreast = ema_abreast,
};
