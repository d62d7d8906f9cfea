/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/vote.h"

#include <math.h>
#include <stddef.h>

#include "core/market/candle.h"

const double vote_weights[VOTE_COUNT] = {
    [VOTE_RSI] = 0.25,          [VOTE_MACD] = 0.30,  [VOTE_BOLLINGER] = 0.15,
    [VOTE_PRICE_ACTION] = 0.20, [VOTE_OTHER] = 0.10,
};

const char *vote_factor_name(VoteFactor factor) {
    static const char *const names[VOTE_COUNT] = {"rsi", "macd", "bollinger_bands", "price_action",
                                                  "other"};
    return names[factor];
}

static double clamp(double value) {
    return value > 1 ? 1 : value < -1 ? -1 : value;
}

static int direction(Trend trend) {
    return trend == TREND_UPTREND ? 1 : trend == TREND_DOWNTREND ? -1 : 0;
}

bool vote_breaks_above(const MarketUpdate *update) {
    return update->donchian_high_20.units > 0 &&
           update->current_price.units > update->donchian_high_20.units;
}

bool vote_breaks_below(const MarketUpdate *update) {
    return update->donchian_low_20.units > 0 &&
           update->current_price.units < update->donchian_low_20.units;
}

/* Momentum of the slow candles: 25 points from the middle are full strength (Wilder's 30/70 lie at
 * 0.8). The fast ones' extremes pull half a vote back: what has just run is dear. */
static double judge_rsi(const MarketUpdate *update) {
    double momentum = (update->rsi_slow - 50) / 25;
    if (update->rsi > 75) momentum -= 0.5;
    if (update->rsi < 25) momentum += 0.5;
    return clamp(momentum);
}

/* One average true range of a slow candle is full strength. */
static double judge_macd(const MarketUpdate *update) {
    return clamp(update->macd_slow_fraction / update->atr_slow_fraction);
}

/* In a trend: how far the fast candles have come back against it. Sideways: towards the middle of
 * the bands. */
static double judge_bands(const MarketUpdate *update) {
    double position = update->bb_position;
    int trend = direction(update->trend_slow);
    if (trend == 0) return clamp(1 - 2 * position);
    double pullback = trend > 0 ? 1 - position : position;
    return trend * (pullback < 0 ? 0 : clamp(pullback));
}

static double judge_price(const MarketUpdate *update) {
    double moved = update->price_change_slow / 100 / update->atr_slow_fraction;
    if (vote_breaks_above(update)) moved += 0.5;
    if (vote_breaks_below(update)) moved -= 0.5;
    return clamp(moved);
}

static double judge_other(const MarketUpdate *update) {
    return clamp(0.7 * direction(update->trend_slow) * update->trend_strength_slow +
                 0.3 * direction(update->trend) * update->trend_strength);
}

static const char *missing_input(const MarketUpdate *update) {
    Interval interval;
    const struct {
        const char *name;
        double value;
    } needed[] = {{"rsi", update->rsi},
                  {"rsi_slow", update->rsi_slow},
                  {"macd_slow", update->macd_slow_fraction},
                  {"bb_position", update->bb_position},
                  {"price_change_slow", update->price_change_slow},
                  {"atr_slow", update->atr_slow_fraction},
                  {"trend_strength", update->trend_strength},
                  {"trend_strength_slow", update->trend_strength_slow}};
    if (!interval_parse(slice_of(update->interval), &interval)) return "interval";
    if (!interval_parse(slice_of(update->slow_interval), &interval)) return "slow_interval";
    for (unsigned i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (isnan(needed[i].value)) return needed[i].name;
    return update->atr_slow_fraction > 0 ? NULL : "atr_slow";
}

bool vote_on(const MarketUpdate *update, Vote *vote, const char **missing) {
    const char *absent = missing_input(update);
    if (missing) *missing = absent;
    if (absent) return false;
    const double judged[VOTE_COUNT] = {
        [VOTE_RSI] = judge_rsi(update),         [VOTE_MACD] = judge_macd(update),
        [VOTE_BOLLINGER] = judge_bands(update), [VOTE_PRICE_ACTION] = judge_price(update),
        [VOTE_OTHER] = judge_other(update),
    };
    vote->score = 0;
    for (unsigned i = 0; i < VOTE_COUNT; i++) {
        vote->value[i] = judged[i] * vote_weights[i];
        vote->score += vote->value[i];
    }
    vote->score = clamp(vote->score);
    return true;
}

Decision vote_decision(double score, double threshold) {
    if (score >= threshold) return DECISION_BUY;
    return score <= -threshold ? DECISION_SELL : DECISION_HOLD;
}
