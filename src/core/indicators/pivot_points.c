/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floor traders' pivot points: from high, low and close of the session before, the pivot (their
 * mean) and three levels of resistance and support around it. They stand still for a session
 * (core/num/session.h). A first session that was joined in its middle is not taken for a whole one:
 * its high and low are not known.
 */
#include "core/indicators/indicator.h"
#include "core/num/session.h"
#include "core/num/typical.h"

#include <math.h>

typedef struct PivotPointsState {
    int64_t session_us;      /* start of the session; INT64_MIN before the first */
    double high, low, close; /* of the session so far; NaN in one that was joined in its middle */
    double levels[7];        /* as put out; NaN before a whole session has ended */
    uint64_t hours;
} PivotPointsState;

static unsigned pivot_points_warmup(const double *options) {
    return (unsigned)options[0];
}

static size_t pivot_points_state_size(const double *options) {
    (void)options;
    return sizeof(PivotPointsState);
}

static void pivot_points_init(void *state, const double *options) {
    PivotPointsState *pivots = state;
    *pivots = (PivotPointsState){.session_us = INT64_MIN, .hours = (unsigned)options[0]};
    for (unsigned index = 0; index < 7; index++)
        pivots->levels[index] = (double)NAN;
}

/* Written as distances from the pivot, so that a session without height has all levels on it. */
static void pivot_points_set(PivotPointsState *pivots) {
    double pivot = typical_price(pivots->high, pivots->low, pivots->close);
    double above = pivots->high - pivot, below = pivot - pivots->low, range = above + below;
    const double levels[7] = {
        pivot,         pivot + below, pivot + range,          pivots->high + 2 * below,
        pivot - above, pivot - range, pivots->low - 2 * above};
    for (unsigned index = 0; index < 7; index++)
        pivots->levels[index] = levels[index];
}

static void pivot_points_begin(PivotPointsState *pivots, int64_t session_us, bool whole) {
    bool followed = pivots->session_us != INT64_MIN && !isnan(pivots->high);
    if (followed) pivot_points_set(pivots);
    pivots->session_us = session_us;
    pivots->high = whole ? 0 : (double)NAN;
    pivots->low = whole ? (double)INFINITY : (double)NAN;
}

static void pivot_points_step(void *state, const IndicatorBar *bar, double *outputs) {
    PivotPointsState *pivots = state;
    int64_t session_us = session_start(bar->time_us, (unsigned)pivots->hours);
    if (session_us != pivots->session_us) {
        bool joined = pivots->session_us == INT64_MIN && bar->time_us != session_us;
        pivot_points_begin(pivots, session_us, !joined);
    }
    if (bar->high > pivots->high) pivots->high = bar->high;
    if (bar->low < pivots->low) pivots->low = bar->low;
    pivots->close = bar->close;
    for (unsigned index = 0; index < 7; index++)
        outputs[index] = pivots->levels[index];
}

const Indicator indicator_pivot_points = {
    .name = "pivot_points",
    .group = GROUP_PRICE_ACTION,
    .sentence = "Pivot points (floor traders' formula) of the last whole session: pivot (high "
                "+ low + close) / 3, resistances r1 to r3 above, supports s1 to s3 below; "
                "sessions of `hours` hours on the UTC clock, beginning anew on Mondays 00:00.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_TIME,
    .memory = MEMORY_SESSION,
    .options = {{"hours", .preset = 24, .lowest = 1, .highest = 168, .unit = "hours",
                 .whole = true}},
    .outputs = {{"pivot_points", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"pivot_r1", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"pivot_r2", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"pivot_r3", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"pivot_s1", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"pivot_s2", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"pivot_s3", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = pivot_points_warmup,
    .state_size = pivot_points_state_size,
    .init = pivot_points_init,
    .step = pivot_points_step,
};
