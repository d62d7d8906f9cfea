/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folds the prints (trades) of one symbol into two slower things: closed one-minute bars, and a
 * current price that is told at most once every `gap_us`. A minute closes when a print of a later
 * minute arrives, so minutes without a trade are absent, never invented; a first minute joined in
 * its middle is marked as partial. Prints come in rising order of their number; a number that is
 * not above the last one is a repetition (of an overlapping connection) and does nothing. Volumes
 * are sums of doubles in the order of the prints. A plain value that the caller owns.
 */
#ifndef CORE_MARKET_TRADE_FOLD_H
#define CORE_MARKET_TRADE_FOLD_H

#include "core/market/candle.h"

typedef struct Print {
    int64_t time_us;
    int64_t id;
    Price price;
    Quantity quantity;
    bool taker_sold; /* the buyer was the maker */
} Print;

typedef struct PricePoint {
    Price last, high, low; /* of the prints since the point before */
} PricePoint;

typedef enum FoldAnswer {
    FOLD_ADDED,
    FOLD_CLOSED,   /* added, and the minute before it is complete: `closed` is filled */
    FOLD_REPEATED, /* the number was heard already */
    FOLD_LATE /* a new number, but of a minute that is closed already: price and bar are unchanged
               */
} FoldAnswer;

typedef struct TradeFold {
    Bar minute; /* trades == 0: empty */
    PricePoint point;
    int64_t last_id;
    int64_t gap_us, told_us;
    bool has_point, has_print, is_partial;
} TradeFold;

void trade_fold_init(TradeFold *fold, int64_t gap_us);
/* `partial` (may be NULL) says that the closed minute is the one joined in its middle. */
FoldAnswer trade_fold_add(TradeFold *fold, const Print *print, Bar *closed, bool *partial) MUST_USE;
/* True at most once every `gap_us` of `now_us`, if there is a price that was not told yet. */
bool trade_fold_price(TradeFold *fold, int64_t now_us, PricePoint *point) MUST_USE;

#endif
