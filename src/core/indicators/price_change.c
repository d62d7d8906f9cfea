/* SPDX-License-Identifier: Apache-2.0 */
/* The change of the close against the close a number of bars ago, in percent of that older close
 * (rate of change). */
#include "core/indicators/indicator.h"
#include "core/num/ratio.h"
#include "core/num/window.h"

#include <math.h>

static unsigned price_change_warmup(const double *options) {
    return (unsigned)options[0];
}

static unsigned price_change_window(const double *options) {
    return (unsigned)options[0] + 1;
}

static size_t price_change_state_size(const double *options) {
    return window_size(price_change_window(options));
}

static void price_change_init(void *state, const double *options) {
    window_init(state, price_change_window(options));
}

static void price_change_step(void *state, const IndicatorBar *bar, double *outputs) {
    Window *closes = state;
    outputs[0] = (double)NAN;
    if (!window_push(closes, bar->close)) return;
    outputs[0] = 100 * ratio_or(bar->close - window_oldest(closes), window_oldest(closes), 0);
}

const Indicator indicator_price_change = {
    .name = "price_change",
    .group = GROUP_PRICE_ACTION,
    .sentence = "Change of the close against the close `bars` bars ago, in percent of the latter.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"bars", .preset = 1, .lowest = 1, .highest = 500, .unit = "bars", .whole = true}},
    .outputs = {{"price_change", .lowest = -100, .highest = (double)INFINITY, .flat = 0,
                 .unit = "percent"}},
    .warmup = price_change_warmup,
    .window = price_change_window,
    .state_size = price_change_state_size,
    .init = price_change_init,
    .step = price_change_step,
};
