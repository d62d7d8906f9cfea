/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard at the door of a live feed: it judges each datum against what was taken before of the
 * same symbol, and names the reason when it refuses. What it refuses changes nothing, so the
 * neighbours of a bad datum are as if it had never come. A price that jumps by more than a fifth of
 * the last one within a minute is refused; after a minute without an accepted price the market
 * itself is believed. Nothing from the future is taken, so that one wrong stamp cannot make all
 * later data look old. A bar that leaves out minutes is not refused but answered with GUARD_GAP:
 * the feed first fills the hole. Bars that were asked for again by REST are a second witness: an
 * outlier there is the market. Time is the venue's, handed in. A plain value that the caller owns;
 * reasons are constant texts.
 */
#ifndef CORE_MARKET_FEED_GUARD_H
#define CORE_MARKET_FEED_GUARD_H

#include "core/market/candle.h"
#include "core/market/symbol.h"
#include "core/market/trade_fold.h"

#define FEED_GUARD_JUMP_PARTS 5                 /* refused beyond 1/5 = 20 % of the last price */
#define FEED_GUARD_MEMORY_US  INSTANT_MINUTE_US /* ... if that price is not older than this */
#define FEED_GUARD_FUTURE_US                                                                       \
    (10 * INSTANT_SECOND_US) /* clocks agree to far less; a bar's length is far more */

typedef enum GuardAnswer {
    GUARD_TAKE,
    GUARD_REPEATED, /* taken before: drop silently */
    GUARD_GAP, /* sound, but minutes before it are missing: fill them first, nothing is changed */
    GUARD_REFUSED
} GuardAnswer;

typedef struct GuardVerdict {
    GuardAnswer answer;
    const char *reason; /* NULL unless refused */
} GuardVerdict;

typedef struct GuardRow {
    SymbolName symbol;
    Price last;       /* 0: none yet */
    int64_t last_us;  /* when it was made */
    int64_t bar_us;   /* open time of the last bar taken; 0: none yet */
    int64_t print_us; /* of the last print taken */
    int64_t print_id;
    uint64_t taken, repeated, refused;
} GuardRow;

typedef struct FeedGuard {
    GuardRow rows[LIMIT_SYMBOLS];
    unsigned count;
    uint64_t unknown; /* data of symbols that nobody watches */
} FeedGuard;

void feed_guard_init(FeedGuard *guard);
/* false when the table is full; a name that is watched already is kept. */
bool feed_guard_watch(FeedGuard *guard, const SymbolName *symbol) MUST_USE;
const GuardRow *feed_guard_row(const FeedGuard *guard, const SymbolName *symbol);

/* A closed one-minute bar of the stream; `now_us` is the venue's time. */
GuardVerdict feed_guard_bar(FeedGuard *guard, const SymbolName *symbol, const Bar *minute,
                            int64_t now_us) MUST_USE;
/* A closed one-minute bar asked for by REST: jumps and holes are the market's own. */
GuardVerdict feed_guard_asked_bar(FeedGuard *guard, const SymbolName *symbol, const Bar *minute,
                                  int64_t now_us) MUST_USE;
GuardVerdict feed_guard_print(FeedGuard *guard, const SymbolName *symbol, const Print *print,
                              int64_t now_us) MUST_USE;

#endif
