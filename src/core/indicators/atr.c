/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The average true range (Wilder 1978, page 21): the true range smoothed Wilder's way, seeded by
 * the mean of the first n true ranges. The first bar has no close before it and so no true range:
 * the first value stands at bar n.
 */
#include "core/indicators/indicator.h"
#include "core/num/abreast.h"
#include "core/num/columns.h"
#include "core/num/smooth.h"
#include "core/num/true_range.h"

typedef struct AtrState {
    double close_before;
    Smooth range;
    uint64_t started; /* 0 before the first bar, then 1 */
} AtrState;

static unsigned atr_warmup(const double *options) {
    return (unsigned)options[0];
}

static size_t atr_state_size(const double *options) {
    (void)options;
    return sizeof(AtrState);
}

static void atr_init(void *state, const double *options) {
    AtrState *atr = state;
    atr->close_before = 0;
    atr->started = 0;
    smooth_init_wilder(&atr->range, (unsigned)options[0]);
}

static void atr_step(void *state, const IndicatorBar *bar, double *outputs) {
    AtrState *atr = state;
    outputs[0] = (double)NAN;
    if (atr->started)
        outputs[0] = smooth_next(&atr->range, true_range(bar->high, bar->low, atr->close_before));
    atr->started = 1;
    atr->close_before = bar->close;
}

static void atr_ranges(AtrState *atr, const IndicatorColumns *bars, size_t count,
                       double *restrict ranges) {
    const double *high = bars->high, *low = bars->low, *close = bars->close;
    ranges[0] = true_range(high[0], low[0], atr->close_before);
    for (size_t bar = 1; bar < count; bar++)
        ranges[bar] = true_range(high[bar], low[bar], close[bar - 1]);
    atr->close_before = close[count - 1];
}

static unsigned atr_stage(const IndicatorLane *lane, unsigned stage, size_t count,
                          double (*columns)[INDICATOR_PITCH], SmoothLane *smooth) {
    AtrState *atr = lane->state;
    if (stage > 0) return 0;
    atr_ranges(atr, &lane->bars, count, columns[0]);
    smooth[0] =
        (SmoothLane){&atr->range, columns[0], lane->outputs[0] ? lane->outputs[0] : columns[0]};
    return 1;
}

static void atr_abreast(const IndicatorLane *lanes, const IndicatorAbreast *rows) {
    AbreastSmooth range;
    Near before;
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        const AtrState *atr = lanes[lane].state;
        abreast_take(&range, lane, &atr->range);
        before[lane] = atr->close_before;
    }
    for (size_t bar = 0; bar < rows->count; bar++) {
        Near top = near_greater(abreast_row(rows->high, bar), before);
        Near bottom = near_lesser(abreast_row(rows->low, bar), before);
        abreast_put(rows->outputs[0], bar, abreast_smooth(&range, top - bottom));
        before = abreast_row(rows->close, bar);
    }
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        AtrState *atr = lanes[lane].state;
        abreast_give(&range, lane, &atr->range);
        atr->close_before = before[lane];
    }
}

const Indicator indicator_atr = {
    .name = "atr",
    .group = GROUP_VOLATILITY,
    .sentence = "Average true range (Wilder 1978): the smoothed range of a bar with its gap, "
                "seeded by the mean of the "
                "first `period` true ranges, the first of which stands at the second bar.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"atr", .lowest = 0, .highest = (double)INFINITY, .flat = 0,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = atr_warmup,
    .state_size = atr_state_size,
    .init = atr_init,
    .step = atr_step,
    .stages = {.recursions = 1, .columns = 1, .run = atr_stage},
    .abreast = atr_abreast,
};
