/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Historical volatility: the standard deviation of the sample (divided by n - 1) of the last n
 * logarithmic returns, brought to a year by the root of the bars in one: 365 for days, 8760 for
 * hours, 1 for the figure of a single bar.
 */
#include "core/base/elementary.h"
#include "core/indicators/indicator.h"
#include "core/num/halved.h"

enum { HISTORICAL_VOLATILITY_PERIOD, HISTORICAL_VOLATILITY_BARS_PER_YEAR };

typedef struct HistoricalVolatilityState {
    double close_before;
    double year;             /* root of the bars in a year */
    uint64_t started;        /* 0 before the first bar, then 1 */
} HistoricalVolatilityState; /* the window of returns follows */

static unsigned historical_volatility_warmup(const double *options) {
    return (unsigned)options[HISTORICAL_VOLATILITY_PERIOD];
}

static unsigned historical_volatility_window(const double *options) {
    return historical_volatility_warmup(options) + 1;
}

static size_t historical_volatility_state_size(const double *options) {
    return sizeof(HistoricalVolatilityState) +
           halved_size((unsigned)options[HISTORICAL_VOLATILITY_PERIOD], HALVES_SPREAD);
}

static void historical_volatility_init(void *state, const double *options) {
    HistoricalVolatilityState *volatility = state;
    *volatility =
        (HistoricalVolatilityState){.year = sqrt(options[HISTORICAL_VOLATILITY_BARS_PER_YEAR])};
    halved_init((Halved *)(void *)(volatility + 1), (unsigned)options[HISTORICAL_VOLATILITY_PERIOD],
                HALVES_SPREAD);
}

static void historical_volatility_step(void *state, const IndicatorBar *bar, double *outputs) {
    HistoricalVolatilityState *volatility = state;
    Halved *returns = (Halved *)(void *)(volatility + 1);
    halves_Run run;
    double ratio = volatility->started ? bar->close / volatility->close_before : 1;
    bool first = !volatility->started;
    outputs[0] = (double)NAN;
    volatility->started = 1;
    volatility->close_before = bar->close;
    if (first || !halved_step(returns, elementary_log(ratio), 0, HALVES_SPREAD, &run)) return;
    outputs[0] = volatility->year * sqrt(run.spread / (halved_values(returns)->length - 1.0));
}

const Indicator indicator_historical_volatility = {
    .name = "historical_volatility",
    .group = GROUP_VOLATILITY,
    .sentence = "Historical volatility: sample standard deviation of the last `period` "
                "logarithmic returns times the root of `bars_per_year` (365 days, 8760 hours, "
                "525600 minutes; 1: not annualised), as a fraction.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars",
                 .whole = true},
                {"bars_per_year", .preset = 365, .lowest = 1, .highest = 525600, .unit = "bars"}},
    .outputs = {{"historical_volatility", .lowest = 0, .highest = (double)INFINITY, .flat = 0,
                 .unit = "fraction a year"}},
    .warmup = historical_volatility_warmup,
    .window = historical_volatility_window,
    .state_size = historical_volatility_state_size,
    .init = historical_volatility_init,
    .step = historical_volatility_step,
};
