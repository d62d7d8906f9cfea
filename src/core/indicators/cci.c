/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commodity channel index (Lambert, Commodities, 1980): the distance of the typical price from
 * its mean over the last n bars, in units of 0.015 mean absolute deviations (Lambert's constant:
 * about three quarters of all values then lie within 100). A mean absolute deviation has no running
 * form: O(n) a bar.
 */
#include "core/indicators/indicator.h"
#include "core/num/moments.h"
#include "core/num/ratio.h"
#include "core/num/typical.h"
#include "core/num/window.h"

#include <math.h>

#define CCI_UNIT 0.015

static unsigned cci_warmup(const double *options) {
    return (unsigned)options[0] - 1;
}

static unsigned cci_window(const double *options) {
    return cci_warmup(options) + 1;
}

static size_t cci_state_size(const double *options) {
    return window_size((unsigned)options[0]);
}

static void cci_init(void *state, const double *options) {
    window_init(state, (unsigned)options[0]);
}

static double cci_deviation(const double *values, size_t count, double mean) {
    double sum = 0;
    for (size_t index = 0; index < count; index++)
        sum += fabs(values[index] - mean);
    return sum / (double)count;
}

static void cci_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *prices = state;
    outputs[0] = (double)NAN;
    double price = typical_price(bar->high, bar->low, bar->close);
    if (!window_push(prices, price)) return;
    double mean = moments_mean(window_all(prices), prices->length);
    double deviation = cci_deviation(window_all(prices), prices->length, mean);
    outputs[0] = deviation > TYPICAL_SAME * mean ? (price - mean) / (CCI_UNIT * deviation) : 0;
}

const Indicator indicator_cci = {
    .name = "cci",
    .group = GROUP_MOMENTUM,
    .sentence = "Commodity channel index (Lambert 1980): distance of the typical price (high "
                "+ low + close) / 3 from its mean over `period` bars, in units of 0.015 mean "
                "absolute deviations.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"cci", .lowest = (double)-INFINITY, .highest = (double)INFINITY, .flat = 0,
                 .unit = "about -100 to 100"}},
    .warmup = cci_warmup,
    .window = cci_window,
    .state_size = cci_state_size,
    .init = cci_init,
    .step = cci_step,
};
