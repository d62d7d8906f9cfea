/* SPDX-License-Identifier: Apache-2.0 */
/*
 * History from the venue into the candle store. What is missing in the wanted span (before, behind
 * and between the stored candles) is asked for oldest first: whole months of short intervals as the
 * venue's public dumps, each checked against the SHA-256 beside it, everything else by REST, within
 * the budget that the venue states. Pages are stored as they come, so that a fetch that is stopped
 * goes on where it stood. Errors that may pass are tried again. The caller owns plan and totals;
 * `stop` may be set by any thread or signal.
 */
#ifndef SHELL_DRIVERS_CANDLE_FETCH_H
#define SHELL_DRIVERS_CANDLE_FETCH_H

#include <stdatomic.h>

#include "core/base/error.h"
#include "core/market/candle.h"
#include "core/market/symbol.h"

typedef struct CandleFetchTotals {
    uint64_t series; /* symbols x intervals that are done */
    uint64_t bars;   /* new in the store */
    uint64_t duplicates, refused;
    uint64_t requests, dumps;
} CandleFetchTotals;

typedef struct CandleFetchProgress {
    const char *symbol, *interval;
    int64_t from_us, at_us, until_us; /* of this series: how far it has come */
    unsigned series, series_count;
    const CandleFetchTotals *totals;
} CandleFetchProgress;

typedef struct CandleFetchPlan {
    const char *root;  /* data directory */
    const char *venue; /* under which they are stored */
    const char *rest_url;
    const char *dump_url; /* "": REST only */
    bool allow_plain_http;
    const SymbolName *symbols;
    const Interval *intervals;
    unsigned symbol_count, interval_count;
    unsigned days;     /* before the venue's now */
    unsigned pause_ms; /* first pause after a failure, doubling; 0: a second */
    const atomic_bool *stop;
    void (*on_progress)(void *context, const CandleFetchProgress *progress); /* NULL: none */
    void (*on_refused)(void *context, const Error *reason);
    void *context;
} CandleFetchPlan;

/* False: an Error of the network or the venue (exit code 5), of the store, or ERROR_INTERRUPTED;
 * what came before it is stored and counted. */
bool candle_fetch(const CandleFetchPlan *plan, CandleFetchTotals *totals, Error *error) MUST_USE;

#endif
