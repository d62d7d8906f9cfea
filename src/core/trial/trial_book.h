/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of a trial: orders that wait, positions with their protection, and the account. It does
 * what executor and paper venue do together, event by event, and calls what they call (sizing,
 * gate, paper_fill, trading_account), so that fills are theirs; docs/TRIAL.md lists the rules.
 *
 * A bar is three calls in order: open, range, close; then the caller may wish. All opens of one
 * instant come before the first range, all closes before the first wish (HOUSE 4). Whoever knows
 * that nothing can happen on a bar (no order waits, no level is touched, no stop trails) may leave
 * its calls out and say so with trial_book_skip. A plain block that the caller owns.
 */
#ifndef CORE_TRIAL_TRIAL_BOOK_H
#define CORE_TRIAL_TRIAL_BOOK_H

#include "core/trade/trading_account.h"
#include "core/trial/rule_stream.h"
#include "core/trial/trial.h"

/* One symbol's orders and position. */
typedef struct TrialDesk {
    const Filters *filters;
    Price price; /* last known: an open or a close */
    /* What waits for the next open; 0: nothing. */
    Quantity buying, selling;
    Money reserved; /* locked for the purchase */
    double buying_stop, buying_target;
    bool leaving; /* what is sold is the whole position */
    TradeReason selling_reason;
    /* The position. */
    bool open, resting; /* its protection rests */
    Protection protection;
    double stop_fraction, target_fraction;
    Quantity bought, sold;
    Money cost, proceeds;
    Price high_water, lowest, highest;
    int64_t stop_moved_us;
    uint32_t bars_held, bars_flat; /* as RulePosition counts them */
    TrialTrade trade;
} TrialDesk;

typedef struct TrialBook {
    const TrialPlan *plan;
    bool trails;
    TrailingRule trailing;
    TradingAccount account;
    TrialOutput *output;
    TrialResult result;
    TrialDesk desks[]; /* plan->market_count */
} TrialBook;

/* When and where something happens: bar `index` of the market's candles. */
typedef struct TrialMoment {
    unsigned market;
    uint32_t bar;
    int64_t time_us;
} TrialMoment;

size_t trial_book_size(unsigned market_count);
/* NULL, or what is wrong with costs, balance, limits or filters. */
const char *trial_book_fault(const TrialPlan *plan);
/* Fresh books. `trailing`: NULL, stops do not move. `output` may be NULL. */
void trial_book_begin(TrialBook *book, const TrialPlan *plan, const TrailingRule *trailing,
                      TrialOutput *output);

/* At an open: the protection, then what waits, then the trailing stop. */
void trial_book_open(TrialBook *book, const TrialMoment *moment, Price open);
/* The protection on a range; `open`: NULL, or the first price of a later part of the bar, judged
 * before (a finer candle). True if it filled. */
bool trial_book_range(TrialBook *book, const TrialMoment *moment, const Price *open, Price high,
                      Price low);
/* The close: the new price, one bar more, the trailing stop on the bar's high. */
void trial_book_close(TrialBook *book, const TrialMoment *moment, Price close, Price high,
                      Price low);
/* Carries out a wish at the close: orders for the next open. */
void trial_book_wish(TrialBook *book, const TrialMoment *moment, const StrategyWish *wish);
/* `bars` closes went by on which nothing happened, the last one at `close`; the range of their
 * prices. */
void trial_book_skip(TrialBook *book, unsigned market, uint32_t bars, Price close, Price highest,
                     Price lowest);
/* Everything that is left is sold at its last price, and the result is finished. */
void trial_book_end(TrialBook *book, const TrialMoment *moments, TrialResult *result);

/* Everything at its last price. */
Money trial_book_equity(const TrialBook *book);
RulePosition trial_book_position(const TrialBook *book, unsigned market);

#endif
