/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The accumulation/distribution line (Chaikin, after Williams): every bar's volume, weighted by
 * where in its range the bar closed, added up since the first. Only its changes mean something.
 */
#include "core/indicators/indicator.h"
#include "core/num/money_flow.h"
#include "core/num/total.h"

#include <math.h>

static unsigned ad_warmup(const double *options) {
    (void)options;
    return 0;
}

static size_t ad_state_size(const double *options) {
    (void)options;
    return sizeof(Total);
}

static void ad_init(void *state, const double *options) {
    (void)options;
    *(Total *)state = (Total){.rounded = 0};
}

static void ad_step(void *state, const IndicatorBar *bar, double *outputs) {
    Total *line = state;
    total_add(line, money_flow_multiplier(bar->high, bar->low, bar->close) * bar->volume);
    outputs[0] = total_sum(line);
}

const Indicator indicator_ad = {
    .name = "ad",
    .group = GROUP_VOLUME,
    .sentence = "Accumulation/distribution line (Chaikin): volumes since the first bar, each "
                "weighted by where in its range the bar closed, -1 at the low, 1 at the high.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_VOLUME,
    .memory = MEMORY_CUMULATIVE,
    .outputs = {{"ad", .lowest = (double)-INFINITY, .highest = (double)INFINITY, .flat = 0,
                 .volume_scale = SCALE_LINEAR, .unit = "base"}},
    .warmup = ad_warmup,
    .state_size = ad_state_size,
    .init = ad_init,
    .step = ad_step,
};
