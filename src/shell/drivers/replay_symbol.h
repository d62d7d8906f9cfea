/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One symbol of a replay: its files, merged, as a stream of feed events. At any moment it holds
 * exactly one event that it would say next, with its time, so that the replay feed takes the
 * earliest of all symbols. A bar becomes two events: FEED_OPEN at its open time, and FEED_BAR one
 * microsecond before the next bar's place on the grid of the interval (whether or not that bar
 * exists: after a gap the next FEED_OPEN is simply later). A gap is told (FEED_GAP) when the data
 * go on, since only then is it known how long it was; a refused row is told at once, at the time of
 * the event before it. Bars before the start are passed over without a word. The feed owns the
 * ReplaySymbol and its files.
 */
#ifndef SHELL_DRIVERS_REPLAY_SYMBOL_H
#define SHELL_DRIVERS_REPLAY_SYMBOL_H

#include "core/market/feed_event.h"
#include "shell/store/candle_merge.h"

/* In the order in which events of one instant are said. */
typedef enum ReplayStep {
    REPLAY_STATUS, /* `text` and `state` are filled */
    REPLAY_BAR,
    REPLAY_OPEN,
    REPLAY_ENDED,
    REPLAY_FAILED /* `failure` is filled */
} ReplayStep;

typedef struct ReplayCounts {
    uint64_t bars, gaps, missing, zero_volume, refused;
} ReplayCounts;

typedef struct ReplaySymbol {
    Symbol symbol;
    bool derived; /* the filters come from the data */
    CandleSource *sources;
    unsigned source_count;
    CandleMerge *merge;
    Interval interval;
    int64_t start_us, end_us; /* of the replay; end exclusive */
    ReplayStep step;
    int64_t time_us; /* of the event to be said */
    int64_t
        expected_us; /* open time of the next bar if none is missing; INT64_MIN before the first */
    Bar bar;
    FeedState state;
    char text[160];
    Error failure;
    ReplayCounts counts;
} ReplaySymbol;

/* Adds a file (the path is copied) and scans it. */
bool replay_symbol_add(ReplaySymbol *symbol, const char *path, Error *error) MUST_USE;
/* Sorts the files, checks that those that overlap agree, drops those outside of the dates. */
bool replay_symbol_arrange(ReplaySymbol *symbol, Error *error) MUST_USE;
/* Tick and step by the data, smallest notional 5. False when the name has no known quote asset. */
bool replay_symbol_derive(ReplaySymbol *symbol, Error *error) MUST_USE;
/* Opens the stream and finds its first event. `clock_us`: the time of the feed's first words. */
bool replay_symbol_start(ReplaySymbol *symbol, int64_t clock_us, Error *error) MUST_USE;
/* Writes the event that is due (the step is STATUS, BAR or OPEN) and finds the next one. */
void replay_symbol_say(ReplaySymbol *symbol, FeedEvent *event);
void replay_symbol_close(ReplaySymbol *symbol);

#endif
