/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short backtest: one strategy against the history of one symbol, or of several that share
 * cash. A decision falls at a bar's close, from columns that know closed bars only; its market
 * order fills at the symbol's next open, moved against it by half the spread and the slippage;
 * stops and targets are judged first at the open, then on the bar's range, the stop first where
 * both are touched (core/sim/paper_fill.h, the one function by which orders meet recorded prices).
 * Sizes and levels come from core/trade/sizing.h, money is exact, the symbol's filters hold, fees
 * are taken from what is received. What a strategy does here it does in the lab and live: a law
 * compares.
 *
 * trial_run is the plain form: bar by bar through the streaming indicators. trial_fast.h gives the
 * same trades for strategies of rules from shared columns, much faster. The caller owns all memory;
 * nothing is allocated. Pure and deterministic.
 */
#ifndef CORE_TRIAL_TRIAL_H
#define CORE_TRIAL_TRIAL_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/market/candle_series.h"
#include "core/market/choices.h"
#include "core/sim/paper_fill.h"
#include "core/strategies/strategy.h"
#include "core/trial/equity_track.h"

/* One symbol's history. `first` to `end` (exclusive) is what is traded; bars before `first` only
 * warm the indicators up. */
typedef struct TrialMarket {
    CandleSeries candles;
    Filters filters;
    size_t first, end;
    /* Samples of each external series, by bar: the latest that was known at the bar's close, NaN
     * where there is none. NULL: no such data. */
    const double *external[EXTERNAL_COUNT];
    /* With --resolve: finer candles in which stops and targets inside a bar are judged one by one
     * (count 0: none). */
    CandleSeries finer;
} TrialMarket;

typedef struct TrialPlan {
    const Strategy *strategy;
    double parameters[STRATEGY_PARAMETERS_MAX];
    const StrategyPlan *rules;  /* NULL: the strategy's for these parameters; else these, and no
                                   strategy is needed: what evolution makes */
    const TrialMarket *markets; /* of one interval and one quote asset */
    unsigned market_count;
    Money balance; /* quote */
    PaperCosts costs;
    Money smallest;    /* least notional of an entry (trading.min_trade_amount) */
    double size_limit; /* of equity, at most, whatever the strategy wishes (0 < x <= 1) */
    unsigned positions_max;
    uint64_t seed;
    const WideKernels *wide; /* of fast trials; NULL: the plain ones. Changes nothing but time */
} TrialPlan;

/* From flat to flat. */
typedef struct TrialTrade {
    uint32_t market;
    uint32_t entry_bar, exit_bar; /* of the market's candles, where the fills stand */
    int64_t entry_us, exit_us;
    Price entry, exit;  /* averages when there were several fills */
    Quantity quantity;  /* the most that was held */
    Money gain;         /* quote, fees off */
    Money fees;         /* in quote, base fees at the fill's price */
    Money slippage;     /* against undisturbed prices: half spread and slippage */
    TradeReason reason; /* of the exit; REASON_FLATTEN: the data ended */
    double worst, best; /* greatest adverse and favourable excursion, share of the entry price */
} TrialTrade;

typedef struct TrialResult {
    Money final, fees, slippage, turnover; /* quote; turnover: sum of all fills' notionals */
    uint64_t bars;                         /* traded, over all markets */
    uint64_t exposed;                      /* of these, with a position at the close */
    uint64_t refused;                      /* wishes that sizing or filters made nothing of */
    uint32_t trades;                       /* all of them, also those beyond the array */
    uint64_t hash; /* of every trade in order: market, bars, prices, quantity, gain, fees, reason */
    const char *ledger_fault; /* NULL: the books reconcile to the last unit */
} TrialResult;

/* Where the run is written to; any pointer may be NULL. */
typedef struct TrialOutput {
    TrialTrade *trades;
    uint32_t trades_max;
    /* Marked to market at each close of the union of all markets' bars in order of time. */
    double *equity;
    int64_t *equity_us; /* close times */
    size_t equity_max, equity_count;
    EquityTrack *track; /* all of it, without keeping it */
} TrialOutput;

/* Goes on with a result's hash over one more trade; 0 begins. */
uint64_t trial_trade_hash(uint64_t hash, const TrialTrade *trade);

/* Bytes of scratch memory, to be aligned as malloc does. */
size_t trial_memory(const TrialPlan *plan);
/* False with an Error for a plan that cannot be run: parameters out of bounds, no bars, a balance
 * that is not positive, markets of several intervals. At the end open positions are sold at the
 * last close, with costs (REASON_FLATTEN); the last value of the equity curve is what is left then.
 * docs/TRIAL.md has the rules of fills one by one. */
bool trial_run(const TrialPlan *plan, void *memory, TrialOutput *output, TrialResult *result,
               Error *error) MUST_USE;

#endif
