/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/vote.h"

#include <math.h>
#include <stddef.h>

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

/* Momentum of the quarter hour: 25 points from the middle are full strength (Wilder's 30/70 lie at
 * 0.8). The minute's extremes pull half a vote back: what has just run is dear. */
static double judge_rsi(const MarketUpdate *update) {
    double momentum = (update->rsi_15m - 50) / 25;
    if (update->rsi > 75) momentum -= 0.5;
    if (update->rsi < 25) momentum += 0.5;
    return clamp(momentum);
}

/* One average true range of the quarter hour is full strength. */
static double judge_macd(const MarketUpdate *update) {
    return clamp(update->macd_15m_fraction / update->atr_15m_fraction);
}

/* In a trend: how far the minute has come back against it. Sideways: towards the middle of the
 * bands. */
static double judge_bands(const MarketUpdate *update) {
    double position = update->bb_position;
    int trend = direction(update->trend_15m);
    if (trend == 0) return clamp(1 - 2 * position);
    double pullback = trend > 0 ? 1 - position : position;
    return trend * (pullback < 0 ? 0 : clamp(pullback));
}

static double judge_price(const MarketUpdate *update) {
    double moved = update->price_change_15m / 100 / update->atr_15m_fraction;
    if (vote_breaks_above(update)) moved += 0.5;
    if (vote_breaks_below(update)) moved -= 0.5;
    return clamp(moved);
}

static double judge_other(const MarketUpdate *update) {
    return clamp(0.7 * direction(update->trend_15m) * update->trend_strength_15m +
                 0.3 * direction(update->trend) * update->trend_strength);
}

static const char *missing_input(const MarketUpdate *update) {
    const struct {
        const char *name;
        double value;
    } needed[] = {{"rsi", update->rsi},
                  {"rsi_15m", update->rsi_15m},
                  {"macd_15m", update->macd_15m_fraction},
                  {"bb_position", update->bb_position},
                  {"price_change_15m", update->price_change_15m},
                  {"atr_15m", update->atr_15m_fraction},
                  {"trend_strength", update->trend_strength},
                  {"trend_strength_15m", update->trend_strength_15m}};
    for (unsigned i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (isnan(needed[i].value)) return needed[i].name;
    return update->atr_15m_fraction > 0 ? NULL : "atr_15m";
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
