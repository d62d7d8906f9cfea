/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same trades in another order. What a strategy earned does not depend on the order of its
 * trades, but how deep it fell on the way does: one history shows one order of many. Shuffled
 * (every trade once), the distribution of the greatest drawdown; drawn with replacement (the next
 * trades are like these, but not these), the distribution of the outcome and the probability of
 * ruin (Vince 1990, "Portfolio management formulas", chapter 3, for risk of ruin by simulation).
 * Trades are taken as independent of one another: losing streaks that hang together are in
 * bootstrap.h, which draws blocks of returns.
 *
 * A trade counts as a share of the equity that stood before it closed. Drawdowns here are from
 * trade to trade, without what happens inside one. Deterministic and pure; the caller owns the
 * memory.
 */
#ifndef CORE_TRIAL_TRADE_SHUFFLE_H
#define CORE_TRIAL_TRADE_SHUFFLE_H

#include "core/trial/trial.h"

typedef struct TradeShufflePlan {
    const TrialTrade *trades; /* in the order in which they closed */
    uint32_t count;
    Money balance; /* at the start */
    uint32_t paths;
    uint64_t seed;
    double ruin; /* share of the start at or below which all is lost, 0.5 say */
} TradeShufflePlan;

typedef struct TradeShuffle {
    double drawdown;                                    /* as traded */
    double drawdown_median, drawdown_high, drawdown_99; /* shuffled: 50, 95, 99 % */
    double growth;                                      /* as traded: 0.1 is 10 % */
    double growth_low, growth_median, growth_high;      /* drawn: 5, 50, 95 % */
    double loss;                                        /* probability to end below the start */
    double ruin;                                        /* probability of ruin on the way */
} TradeShuffle;

size_t trade_shuffle_memory(const TradeShufflePlan *plan);
/* ERROR_DATA without trades or if they lost everything; ERROR_USAGE without paths or for a ruin
 * outside of 0 to 1. */
bool trade_shuffle_of(const TradeShufflePlan *plan, void *memory, TradeShuffle *result,
                      Error *error) MUST_USE;

#endif
