/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/hit_rate.h"

#include <math.h>

#define PRIOR_HITS     10 /* prior of one half, as heavy as 20 outcomes */
#define PRIOR_OUTCOMES 20
#define BASIS_POINT    1e-4
#define HORIZON_BARS   4 /* one hour of quarter hours, four hours of hours: the settings' preset */

void hit_rate_init(HitRate *rate, const Settings *settings) {
    rate->stop = settings->trading.stop_loss_pct / 100;
    rate->target = settings->trading.take_profit_pct / 100;
    /* In and out: two fees, the whole spread, two slippages. */
    rate->costs = (2 * settings->paper.fee_bps + settings->paper.spread_bps +
                   2 * settings->paper.slippage_bps) *
                  BASIS_POINT;
    rate->horizon_us = settings->trading.signal_horizon_minutes * INSTANT_MINUTE_US;
}

unsigned hit_rate_band(double score) {
    double size = fabs(score);
    unsigned band = size < 0.45 ? 0 : size < 0.55 ? 1 : size < 0.65 ? 2 : 3;
    return score < 0 ? band + HIT_RATE_MODEL / 2 : band;
}

int64_t hit_rate_horizon(const HitRate *rate, int64_t candle_us) {
    int64_t least_us = HORIZON_BARS * candle_us;
    return rate->horizon_us > least_us ? rate->horizon_us : least_us;
}

double hit_rate_confidence(const HitRate *rate, unsigned band) {
    return ((double)rate->hits[band] + PRIOR_HITS) /
           ((double)rate->outcomes[band] + PRIOR_OUTCOMES);
}

bool hit_rate_proven(const HitRate *rate, unsigned band) {
    return rate->outcomes[band] >= HIT_RATE_PROVEN;
}

bool hit_rate_hold(HitRate *rate, const PendingSignal *signal) {
    if (rate->pending_count == LIMIT_HELD_SIGNALS) return false;
    rate->pending[rate->pending_count++] = *signal;
    return true;
}

void hit_rate_recall(HitRate *rate, unsigned band, bool hit) {
    if (band >= HIT_RATE_BANDS) return;
    rate->outcomes[band]++;
    rate->hits[band] += hit;
}

/* True when the bar decides; `moved` is then the move in the signal's direction. */
static bool decides(const HitRate *rate, const PendingSignal *signal, const Bar *bar,
                    int64_t now_us, double *moved) {
    double price = price_double(signal->price);
    bool buy = signal->decision == DECISION_BUY;
    double best = (buy ? price_double(bar->high) - price : price - price_double(bar->low)) / price;
    double worst = (buy ? price - price_double(bar->low) : price_double(bar->high) - price) / price;
    double close = price_double(bar->close);
    *moved = -rate->stop;
    if (worst >= rate->stop) return true;
    *moved = rate->target;
    if (best >= rate->target) return true;
    *moved = (buy ? close - price : price - close) / price;
    return now_us - signal->emitted_us >= signal->horizon_us;
}

bool hit_rate_settle(HitRate *rate, unsigned symbol, const Bar *bar, int64_t now_us,
                     HitOutcome *outcome) {
    for (uint32_t i = 0; i < rate->pending_count; i++) {
        const PendingSignal *signal = &rate->pending[i];
        double moved;
        if (signal->symbol != symbol || signal->emitted_us >= now_us) continue;
        if (!decides(rate, signal, bar, now_us, &moved)) continue;
        *outcome = (HitOutcome){
            .signal = *signal, .return_fraction = moved - rate->costs, .hit = moved > rate->costs};
        hit_rate_recall(rate, signal->band, outcome->hit);
        rate->pending[i] = rate->pending[--rate->pending_count];
        return true;
    }
    return false;
}
