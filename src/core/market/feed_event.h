/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a market feed says, in the one form that every feed shares: recorded candles, the generated
 * market and the live venue. A recorded or generated minute is two events: FEED_OPEN at its open
 * time, and FEED_BAR at the next minute's open minus one microsecond (the venue judges stops on its
 * range, then the market hears its close). A live feed says FEED_PRICE (prints folded to at most
 * one a symbol every 250 ms) and FEED_BAR for each closed kline. FEED_HISTORY are closed bars of
 * the past that only warm things up. FEED_SYMBOL comes first, once a symbol. FEED_SOCIAL and
 * FEED_NEWS are rows of stored social history at the instant from which they were known. A plain
 * value.
 */
#ifndef CORE_MARKET_FEED_EVENT_H
#define CORE_MARKET_FEED_EVENT_H

#include "core/base/text.h"
#include "core/market/candle.h"
#include "core/market/symbol.h"

typedef enum FeedEventKind {
    FEED_SYMBOL,
    FEED_HISTORY,
    FEED_OPEN,
    FEED_BAR,
    FEED_PRICE,
    FEED_STATUS,
    FEED_SOCIAL,
    FEED_NEWS
} FeedEventKind;

typedef enum FeedState {
    FEED_CONNECTING,
    FEED_LIVE,
    FEED_STALE,    /* nothing heard for too long: no entries */
    FEED_GAP,      /* bars are missing: text says which */
    FEED_REFUSED,  /* one datum was bad and skipped: text says why */
    FEED_BACKFILL, /* history is being read */
} FeedState;

typedef struct FeedEvent {
    int64_t time_us; /* when it reaches the program: virtual in replay and generated markets,
                        receipt when live */
    FeedEventKind kind;
    SymbolName symbol; /* empty: the whole feed (FEED_STATUS) */
    union {
        Symbol listed; /* FEED_SYMBOL */
        struct {
            Bar bar;
            Interval interval; /* FEED_BAR: 1m, or that of the replayed files */
            /* Live: asked for behind a gap, so that no prices were heard while it lasted and its
             * range is still to be judged. */
            bool missed;
        } candle; /* FEED_HISTORY, FEED_BAR */
        struct {
            Price last, high, low; /* of the prints folded in; FEED_OPEN: all the open */
        } price;                   /* FEED_OPEN, FEED_PRICE */
        struct {
            FeedState state;
            char text[160];
        } status; /* FEED_STATUS */
        /* Of whoever opened the feed, and as long as it is open; what they hold is known where
         * messages are (core/bus/feed_message.h). */
        const struct SocialReading *reading; /* FEED_SOCIAL */
        const struct Headline *headline;     /* FEED_NEWS */
    };
} FeedEvent;

/* What a FEED_GAP says: so many candles are missing from `from_us` on. */
void feed_gap_text(int64_t from_us, int64_t missing, Interval interval, Text *text);

#endif
