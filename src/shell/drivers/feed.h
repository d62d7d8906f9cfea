/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source of market events, pulled by the engine's loop. Virtual feeds (replay, generated) answer
 * at once with the next event in order of time; live feeds keep a queue that a thread of theirs
 * fills, and say "nothing yet". The engine owns the Feed from open to close; an event is copied out
 * and belongs to the caller.
 */
#ifndef SHELL_DRIVERS_FEED_H
#define SHELL_DRIVERS_FEED_H

#include "core/base/error.h"
#include "core/market/feed_event.h"

typedef enum FeedAnswer {
    FEED_EVENT,   /* `event` is filled */
    FEED_NOTHING, /* live: none waiting; ask again when the wake descriptor is readable */
    FEED_ENDED,   /* the data are through */
    FEED_FAILED   /* `error` is filled */
} FeedAnswer;

typedef struct Feed Feed;
struct Feed {
    const char *name; /* "replay", "generated", "binance" */
    bool is_virtual;  /* event times are the clock */
    int wake_descriptor; /* live: an eventfd that becomes readable with each event; virtual: -1 */
    /* All that a virtual feed's next events depend on, a plain block: put back into a feed that was
     * opened by the same plan, it goes on from there. NULL: the events have to be taken again from
     * the first. */
    void *place;
    size_t place_size;
    FeedAnswer (*next)(Feed *feed, FeedEvent *event, Error *error);
    /* One line about the data: rows, gaps, duplicates, refused rows. */
    void (*describe)(const Feed *feed, Text *text);
    void (*close)(Feed *feed);
};

/* Candle files (Binance 12 columns or a header naming them; .gz and .zip too). Files of one symbol
 * are merged; symbols empty: those of the files. Dates: start inclusive, end exclusive, 0 for open
 * ends. */
typedef struct FeedReplayPlan {
    const char *const *paths;
    unsigned path_count;
    const SymbolName *symbols;
    unsigned symbol_count;
    int64_t start_us, end_us;
    const char *filters_path; /* config/filters.json or NULL */
    const char *social_root;  /* data directory whose social history is told beside; NULL: none */
    bool strict; /* a bad row is an Error when the feed opens, instead of a FEED_REFUSED on the way
                  */
} FeedReplayPlan;
Feed *feed_replay_open(const FeedReplayPlan *plan, Error *error);

/* A seeded market (core/sim/market_model.h). `days` 0: without end. */
typedef struct FeedGeneratedPlan {
    uint64_t seed;
    unsigned days;
    int64_t start_us;
    const SymbolName *symbols;
    unsigned symbol_count;
} FeedGeneratedPlan;
Feed *feed_generated_open(const FeedGeneratedPlan *plan, Error *error);

/* Binance's public data: REST backfill, then streams. Waits at most `exchange_info_timeout_ms` for
 * exchangeInfo, and fails with a one-line reason (refused with 451, name, proxy, time-out) if it
 * does not answer. */
typedef struct FeedBinancePlan {
    const SymbolName *symbols;
    unsigned symbol_count;
    const char *rest_url; /* https://data-api.binance.vision */
    const char *stream_url; /* wss://data-stream.binance.vision */
    unsigned backfill_bars; /* closed bars of each interval read first (1500) */
    unsigned exchange_info_timeout_ms;
    bool allow_plain_http;
} FeedBinancePlan;
Feed *feed_binance_open(const FeedBinancePlan *plan, Error *error);

#endif
