/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The volume-weighted average price of the session so far: the mean of the typical prices since the
 * session began, each weighted by its volume; their plain mean as long as nothing was traded in it.
 * Sessions are stretches of the UTC clock (core/num/session.h); the average that rolls without any
 * is `vwap`.
 */
#include "core/indicators/indicator.h"
#include "core/num/session.h"
#include "core/num/typical.h"

#include <math.h>

typedef struct SessionVwapState {
    int64_t session_us;     /* start of the session; INT64_MIN before the first */
    double weighted, plain; /* means of the session so far */
    double volume;
    uint32_t bars, hours;
} SessionVwapState;

static unsigned session_vwap_warmup(const double *options) {
    (void)options;
    return 0;
}

static size_t session_vwap_state_size(const double *options) {
    (void)options;
    return sizeof(SessionVwapState);
}

static void session_vwap_init(void *state, const double *options) {
    *(SessionVwapState *)state =
        (SessionVwapState){.session_us = INT64_MIN, .hours = (unsigned)options[0]};
}

static void session_vwap_step(void *state, const IndicatorBar *bar, double *outputs) {
    SessionVwapState *vwap = state;
    int64_t session_us = session_start(bar->time_us, vwap->hours);
    double price = typical_price(bar->high, bar->low, bar->close);
    if (session_us != vwap->session_us)
        *vwap = (SessionVwapState){.session_us = session_us, .hours = vwap->hours};
    vwap->bars++;
    vwap->volume += bar->volume;
    vwap->plain += (price - vwap->plain) / vwap->bars;
    if (vwap->volume > 0) vwap->weighted += (price - vwap->weighted) * (bar->volume / vwap->volume);
    outputs[0] = vwap->volume > 0 ? vwap->weighted : vwap->plain;
}

const Indicator indicator_session_vwap = {
    .name = "session_vwap",
    .group = GROUP_VOLUME,
    .sentence = "Volume-weighted average of the typical prices since the session began; "
                "sessions of `hours` hours on the UTC clock, beginning anew on Mondays 00:00 "
                "(24: days, 168: weeks).",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_VOLUME | INPUT_TIME,
    .memory = MEMORY_SESSION,
    .options = {{"hours", .preset = 24, .lowest = 1, .highest = 168, .unit = "hours",
                 .whole = true}},
    .outputs = {{"session_vwap", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = session_vwap_warmup,
    .state_size = session_vwap_state_size,
    .init = session_vwap_init,
    .step = session_vwap_step,
};
