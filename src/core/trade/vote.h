/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local analyst's vote: five technical factors, each a number from -1 (sell) to 1 (buy) drawn
 * from the market data, times its weight. The score is the sum of these contributions and nothing
 * else. A factor is scale-free: MACD and price changes are measured in average true ranges, so that
 * BTC and XRP are judged alike. It follows the trend of the slow candles and prefers to enter on a
 * pullback of the fast ones: the shortest that come in (live: minutes and quarter hours; on a
 * history of hours: hours and four hours). Missing inputs: no vote. Pure.
 */
#ifndef CORE_TRADE_VOTE_H
#define CORE_TRADE_VOTE_H

#include "core/bus/message.h"

typedef enum VoteFactor {
    VOTE_RSI,
    VOTE_MACD,
    VOTE_BOLLINGER,
    VOTE_PRICE_ACTION,
    VOTE_OTHER,
    VOTE_COUNT
} VoteFactor;

typedef struct Vote {
    double value[VOTE_COUNT]; /* signed contributions */
    double score;             /* their sum, -1 .. 1 */
} Vote;

/* Weights inside the technical group (the mission's sample); they sum to 1. */
extern const double vote_weights[VOTE_COUNT];
const char *vote_factor_name(VoteFactor factor);

/* False while an input is missing; `missing` then names it (may be NULL). */
bool vote_on(const MarketUpdate *update, Vote *vote, const char **missing);
/* What a score advises: at the threshold or beyond it BUY or SELL, else HOLD. */
Decision vote_decision(double score, double threshold);
/* True if the price stands above (below) the extremes of the 20 slow candles before: the only test
 * on which a breakout is spoken of (Donchian). */
bool vote_breaks_above(const MarketUpdate *update);
bool vote_breaks_below(const MarketUpdate *update);

#endif
