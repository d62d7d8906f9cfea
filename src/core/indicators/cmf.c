/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chaikin's money flow: of the volume of the last n bars, how much more was traded in bars that
 * closed near their high than near their low (core/num/money_flow.h). 0 where nothing was traded.
 */
#include "core/indicators/indicator.h"
#include "core/num/money_flow.h"
#include "core/num/ratio.h"
#include "core/num/sliding.h"

#include <math.h>

static unsigned cmf_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned cmf_window(const double *options) {
    return cmf_warmup(options) + 1;
}

static size_t cmf_state_size(const double *options) {
    return 2 * sliding_size((unsigned)options[0]);
}

static void cmf_init(void *state, const double *options) {
    Sliding *flow = state;
    sliding_init(flow, (unsigned)options[0]);
    sliding_init(sliding_end(flow), (unsigned)options[0]);
}

/* The state is two sums, one behind the other: the weighted volumes and the volumes. */
static void cmf_step(void *state, const IndicatorBar *bar, double *outputs) {
    Sliding *flow = state, *volume = sliding_end(flow);
    double multiplier = money_flow_multiplier(bar->high, bar->low, bar->close);
    outputs[0] = (double)NAN;
    sliding_push(flow, multiplier * bar->volume);
    if (!sliding_push(volume, bar->volume)) return;
    outputs[0] = ratio_or(sliding_sum(flow), sliding_sum(volume), 0);
}

const Indicator indicator_cmf = {
    .name = "cmf",
    .group = GROUP_VOLUME,
    .sentence = "Chaikin money flow: volumes of the last `period` bars weighted by where in "
                "its range each bar closed (-1 low, 1 high), as a share of their sum, -1 to "
                "1.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_VOLUME,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"cmf", .lowest = -1, .highest = 1, .flat = 0, .unit = "fraction"}},
    .warmup = cmf_warmup,
    .window = cmf_window,
    .state_size = cmf_state_size,
    .init = cmf_init,
    .step = cmf_step,
};
