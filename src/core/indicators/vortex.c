/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vortex indicator (Botes and Siepman, Stocks and Commodities, 2010): the way from each low to
 * the next high, and from each high to the next low, summed over n bars and divided by the sum of
 * the true ranges. A market that does not move has both at 0.
 */
#include "core/indicators/indicator.h"
#include "core/num/ratio.h"
#include "core/num/sliding.h"
#include "core/num/true_range.h"

#include <math.h>

typedef struct VortexState {
    double high_before, low_before, close_before;
    uint64_t started; /* 0 before the first bar, then 1 */
} VortexState;        /* the sums of both ways and of the true ranges follow */

static unsigned vortex_warmup(const double *options) {
    return (unsigned)options[0];
}

static unsigned vortex_window(const double *options) {
    return vortex_warmup(options) + 1;
}

static size_t vortex_state_size(const double *options) {
    return sizeof(VortexState) + 3 * sliding_size((unsigned)options[0]);
}

static void vortex_init(void *state, const double *options) {
    VortexState *vortex = state;
    *vortex = (VortexState){.started = 0};
    Sliding *sum = (Sliding *)(void *)(vortex + 1);
    for (unsigned index = 0; index < 3; index++, sum = sliding_end(sum))
        sliding_init(sum, (unsigned)options[0]);
}

static void vortex_step(void *state, const IndicatorBar *bar, double *outputs) {
    VortexState *vortex = state;
    Sliding *plus = (Sliding *)(void *)(vortex + 1), *minus = sliding_end(plus);
    Sliding *ranges = sliding_end(minus);
    outputs[0] = outputs[1] = (double)NAN;
    VortexState before = *vortex;
    *vortex = (VortexState){bar->high, bar->low, bar->close, 1};
    if (!before.started) return;
    sliding_push(plus, fabs(bar->high - before.low_before));
    sliding_push(minus, fabs(bar->low - before.high_before));
    if (!sliding_push(ranges, true_range(bar->high, bar->low, before.close_before))) return;
    outputs[0] = ratio_or(sliding_sum(plus), sliding_sum(ranges), 0);
    outputs[1] = ratio_or(sliding_sum(minus), sliding_sum(ranges), 0);
}

const Indicator indicator_vortex = {
    .name = "vortex",
    .group = GROUP_TREND,
    .sentence = "Vortex indicator (Botes, Siepman 2010): sums over `period` bars of the ways "
                "from the low before to the high (plus) and from the high before to the low "
                "(minus), each by the sum of the true ranges.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"vortex_plus", .lowest = 0, .highest = (double)INFINITY, .flat = 0,
                 .unit = "fraction"},
                {"vortex_minus", .lowest = 0, .highest = (double)INFINITY, .flat = 0,
                 .unit = "fraction"}},
    .warmup = vortex_warmup,
    .window = vortex_window,
    .state_size = vortex_state_size,
    .init = vortex_init,
    .step = vortex_step,
};
