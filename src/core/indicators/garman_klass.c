/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The volatility of Garman and Klass (Journal of Business, 1980), which reads the whole bar and so
 * needs about a seventh of the bars that closes alone would: the mean over n bars of ln(high /
 * low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2, brought to a year, and its root. No summand is
 * negative, since open and close lie between low and high.
 */
#include "core/base/elementary.h"
#include "core/indicators/indicator.h"
#include "core/num/sliding.h"

#include <math.h>

enum { GARMAN_KLASS_PERIOD, GARMAN_KLASS_BARS_PER_YEAR };

#define GARMAN_KLASS_BODY 0.38629436111989061883 /* 2 ln 2 - 1 */

typedef struct GarmanKlassState {
    double bars_per_year;
} GarmanKlassState; /* the sum of the variances follows */

static unsigned garman_klass_warmup(const double *options) {
    return (unsigned)options[GARMAN_KLASS_PERIOD] - 1;
}

static unsigned garman_klass_window(const double *options) {
    return garman_klass_warmup(options) + 1;
}

static size_t garman_klass_state_size(const double *options) {
    return sizeof(GarmanKlassState) + sliding_size((unsigned)options[GARMAN_KLASS_PERIOD]);
}

static void garman_klass_init(void *state, const double *options) {
    GarmanKlassState *volatility = state;
    volatility->bars_per_year = options[GARMAN_KLASS_BARS_PER_YEAR];
    sliding_init((Sliding *)(void *)(volatility + 1), (unsigned)options[GARMAN_KLASS_PERIOD]);
}

static void garman_klass_step(void *state, const IndicatorBar *bar, double *outputs) {
    GarmanKlassState *volatility = state;
    Sliding *variances = (Sliding *)(void *)(volatility + 1);
    double range = elementary_log(bar->high / bar->low);
    double body = elementary_log(bar->close / bar->open);
    double variance = range * range / 2 - GARMAN_KLASS_BODY * body * body;
    outputs[0] = (double)NAN;
    if (!sliding_push(variances, variance > 0 ? variance : 0)) return;
    outputs[0] = sqrt(volatility->bars_per_year * sliding_mean(variances));
}

const Indicator indicator_garman_klass = {
    .name = "garman_klass",
    .group = GROUP_VOLATILITY,
    .sentence = "Garman-Klass volatility (1980): root of the mean of ln(high/low)^2 / 2 - (2 "
                "ln 2 - 1) ln(close/open)^2 over `period` bars times `bars_per_year` (365 "
                "days, 8760 hours, 1: not annualised), as a fraction.",
    .inputs = INPUT_OPEN | INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 1, .highest = 500, .unit = "bars",
                 .whole = true},
                {"bars_per_year", .preset = 365, .lowest = 1, .highest = 525600, .unit = "bars"}},
    .outputs = {{"garman_klass", .lowest = 0, .highest = (double)INFINITY, .flat = 0,
                 .unit = "fraction a year"}},
    .warmup = garman_klass_warmup,
    .window = garman_klass_window,
    .state_size = garman_klass_state_size,
    .init = garman_klass_init,
    .step = garman_klass_step,
};
