/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binance Spot market streams: the text of one WebSocket frame becomes one typed event (Binance
 * Spot API, "WebSocket Streams"). A frame is raw (`{"e":"trade",...}`) or combined
 * (`{"stream":"btcusdt@trade","data":{...}}`). Prices are exact; the only doubles are volumes.
 * Every value is checked: a frame that is malformed or says something impossible is an Error with
 * its position and reason, and changes nothing. An event of a kind that is not known here is
 * BINANCE_UNKNOWN with its name, since the venue adds streams. The venue writes klines, trades and
 * tickers in one fixed order without blanks: binance_layout.h reads that order in one pass; any
 * other spelling takes the general path, which gives the same event (a law in the tests). Levels of
 * a depth change lie in memory that the caller hands in and keeps; everything else in an event is a
 * plain value.
 */
#ifndef CORE_VENUES_BINANCE_STREAM_H
#define CORE_VENUES_BINANCE_STREAM_H

#include "core/base/json.h"
#include "core/market/book.h"
#include "core/market/candle.h"
#include "core/market/symbol.h"
#include "core/market/trade_fold.h"

#define BINANCE_FRAME_MAX (1u << 20) /* a depth change of 2 x 5000 levels has about 350 KB */
#define BINANCE_NAME_TEXT 64 /* longest stream name: 23 bytes of symbol and "@kline_1m@+08:00" */

typedef enum BinanceKind {
    BINANCE_KLINE,
    BINANCE_TRADE,
    BINANCE_AGG_TRADE,
    BINANCE_BOOK_TICKER,
    BINANCE_DEPTH,
    BINANCE_MINI_TICKER,
    BINANCE_REPLY,    /* to SUBSCRIBE and its like */
    BINANCE_SHUTDOWN, /* the server is about to close: open another connection at once */
    BINANCE_ERROR,    /* the venue's own error text */
    BINANCE_UNKNOWN
} BinanceKind;

typedef struct BinanceKline {
    Bar bar; /* `bars`: the minutes of the interval */
    Interval interval;
    bool is_closed;
} BinanceKline;

typedef struct BinanceTicker {
    int64_t update_id;
    BookLevel bid, ask; /* 0: that side of the book is empty */
} BinanceTicker;

typedef struct BinanceMini {
    Price open, high, low, close;
    double volume, quote_volume;
} BinanceMini;

typedef struct BinanceFault {
    int64_t code;
    char text[160];
} BinanceFault;

typedef struct BinanceEvent {
    BinanceKind kind;
    SymbolName symbol;
    int64_t event_us; /* the venue's time of the event; 0 where it gives none */
    union {
        BinanceKline kline;
        Print trade; /* BINANCE_TRADE, BINANCE_AGG_TRADE (id: of the aggregate) */
        BinanceTicker ticker;
        BookChange depth;
        BinanceMini mini;
        int64_t reply_id; /* -1: not a number */
        BinanceFault fault;
        char unknown[BINANCE_NAME_TEXT];
    };
} BinanceEvent;

typedef struct BinanceLevels {
    BookLevel *at; /* may be NULL where no depth stream is read: then such a frame is an Error */
    unsigned capacity;
} BinanceLevels;

/* Any frame. On an Error the event is not to be used. */
bool binance_stream_read(Slice frame, BinanceLevels room, BinanceEvent *event,
                         Error *error) MUST_USE;
/* The general path alone: for tests, and what binance_stream_read falls back to. */
bool binance_stream_read_any(Slice frame, BinanceLevels room, BinanceEvent *event,
                             Error *error) MUST_USE;

/* The levels `[["price","quantity"],..]` of a value; moves `room` behind them. */
bool binance_levels_read(JsonReader value, BinanceLevels *room, unsigned *count,
                         Error *error) MUST_USE;
/* Milliseconds or microseconds since 1970 (at 1e14 and above), years 2001 to 2200, as the venue
 * stamps. */
bool binance_stamp(int64_t stamp, int64_t *time_us) MUST_USE;
/* NULL, or why the values of the event cannot be; of a kline also its close time, which is not
 * kept. Both readers ask this before they say yes. */
const char *binance_event_fault(const BinanceEvent *event);
const char *binance_kline_fault(const BinanceEvent *event, int64_t close_us);

#endif
