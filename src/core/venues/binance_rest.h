/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binance Spot's public REST answers: bytes in, values out (Binance Spot API, "General API
 * Information" and "Market Data endpoints"). Malformed JSON and missing fields are Errors with
 * their byte position; a candle that cannot be is left out and counted with its reason, and its
 * neighbours stay; the candle that is still open is dropped by the venue's own time. Of the trading
 * rules PRICE_FILTER, LOT_SIZE and NOTIONAL or MIN_NOTIONAL are kept; filters that are not known
 * here are skipped. All results lie in memory of the caller.
 */
#ifndef CORE_VENUES_BINANCE_REST_H
#define CORE_VENUES_BINANCE_REST_H

#include "core/venues/binance_stream.h"

typedef struct BinanceBars {
    Bar *at; /* room for `capacity` bars; filled from the first on */
    unsigned capacity, count;
    unsigned open;    /* still open: dropped */
    unsigned refused; /* left out; the last of them and why: */
    int64_t refused_us;
    const char *reason;
} BinanceBars;

/* An array of candles of the interval, in rising time; a candle is closed if it ends before
 * `server_us`. Fills count, open and refused anew. */
bool binance_rest_klines(Slice body, Interval interval, int64_t server_us, BinanceBars *bars,
                         Error *error) MUST_USE;

typedef struct BinanceListing {
    Symbol symbol;
    char status[24]; /* "TRADING" or why not; empty: the venue did not name the symbol */
} BinanceListing;

typedef struct BinanceExchange {
    BinanceListing listings[LIMIT_SYMBOLS];
    unsigned count;
    int64_t server_us;
    int64_t weight_per_minute; /* 0: not told */
} BinanceExchange;

void binance_exchange_init(BinanceExchange *exchange);
/* Only symbols that were asked for are filled by the reader. false when full. */
bool binance_exchange_want(BinanceExchange *exchange, const SymbolName *symbol) MUST_USE;
bool binance_rest_exchange_info(Slice body, BinanceExchange *exchange, Error *error) MUST_USE;
bool binance_listing_trades(const BinanceListing *listing);

bool binance_rest_time(Slice body, int64_t *server_us, Error *error) MUST_USE;
/* `{"code":-1121,"msg":"Invalid symbol."}`; false if the body is anything else (gateways answer in
 * HTML). */
bool binance_rest_fault(Slice body, BinanceFault *fault) MUST_USE;
bool binance_rest_depth(Slice body, BinanceLevels room, BookChange *snapshot,
                        Error *error) MUST_USE;

#endif
