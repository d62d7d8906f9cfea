/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measured confidence: how often earlier signals of the same direction and score band came out
 * right, after costs, over the stated horizon, whether they were traded or not. Right means: the
 * target was reached before the stop, or, where neither was, the move in the signal's direction at
 * the horizon's end pays the costs. The horizon is the settings', and at least four of the candles
 * that the signal was made from: the next close or two tell nothing of a direction. A bar that
 * touches both counts as the stop. The rate is shrunk towards one half: (hits + 10) / (n + 20), the
 * mean of a Beta(10, 10) prior after n outcomes; below 30 outcomes it is unproven. A HitRate is a
 * plain block owned by the analyst.
 */
#ifndef CORE_TRADE_HIT_RATE_H
#define CORE_TRADE_HIT_RATE_H

#include "core/bus/message.h"
#include "core/bus/settings.h"
#include "core/market/candle.h"

#define HIT_RATE_BANDS  16 /* four of |score|, for each direction, of rules and of a model */
#define HIT_RATE_MODEL  8  /* where a language model's bands begin: stated, not computed scores */
#define HIT_RATE_PROVEN 30 /* outcomes from which a band counts as proven */

typedef struct PendingSignal {
    uint32_t number; /* N of s-N */
    uint16_t symbol;
    uint8_t band;
    uint8_t decision;
    Price price;
    int64_t emitted_us, horizon_us;
} PendingSignal;

typedef struct HitRate {
    double stop, target, costs; /* fractions */
    int64_t horizon_us;
    uint32_t hits[HIT_RATE_BANDS], outcomes[HIT_RATE_BANDS];
    uint32_t pending_count;
    PendingSignal pending[LIMIT_HELD_SIGNALS];
} HitRate;

typedef struct HitOutcome {
    PendingSignal signal;
    bool hit;
    double return_fraction; /* in its direction, after costs */
} HitOutcome;

void hit_rate_init(HitRate *rate, const Settings *settings);
/* Band of a score: |score| below 0.45, 0.55, 0.65, or above; sells behind buys. */
unsigned hit_rate_band(double score);
/* How long a signal of such candles waits for its outcome. */
int64_t hit_rate_horizon(const HitRate *rate, int64_t candle_us);
double hit_rate_confidence(const HitRate *rate, unsigned band);
bool hit_rate_proven(const HitRate *rate, unsigned band);
/* Holds a signal until its outcome is known; false (and it is never scored) when too many are held.
 */
bool hit_rate_hold(HitRate *rate, const PendingSignal *signal) MUST_USE;
/* Counts an outcome that was settled in an earlier life. */
void hit_rate_recall(HitRate *rate, unsigned band, bool hit);
/* Judges the held signals of a symbol on a bar that closed after they were emitted. Call until it
 * returns false; each true settles one. `now_us` is the bar's close. */
bool hit_rate_settle(HitRate *rate, unsigned symbol, const Bar *bar, int64_t now_us,
                     HitOutcome *outcome);

#endif
