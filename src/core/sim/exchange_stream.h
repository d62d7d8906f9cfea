/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the simulated exchange says by itself: the market streams by their names, the frames that
 * subscribe to them, the user's stream, and the WebSocket API's frames (Binance Spot API,
 * "WebSocket Streams", "User Data Streams", "WebSocket API"). Every print is told to every stream
 * of its pair: trades, the open candle, the best prices, the book as a change against the one
 * before, the day. Texts are written into the caller's memory; nothing is kept.
 */
#ifndef CORE_SIM_EXCHANGE_STREAM_H
#define CORE_SIM_EXCHANGE_STREAM_H

#include "core/sim/exchange_api.h"

#define STREAM_FRAME_MAX  65536 /* a change of both sides of the book: 400 levels of 60 bytes */
#define STREAM_NAME_MAX   64
#define STREAM_PARAMS_MAX 64 /* of one SUBSCRIBE: LIMIT_SYMBOLS twice */

typedef enum StreamKind {
    STREAM_TRADE,
    STREAM_AGG_TRADE,
    STREAM_KLINE,
    STREAM_BOOK_TICKER,
    STREAM_MINI_TICKER,
    STREAM_TICKER,
    STREAM_DEPTH,
    STREAM_PARTIAL_DEPTH
} StreamKind;

typedef struct StreamTopic {
    StreamKind kind;
    unsigned pair, levels;
    Interval interval;
    char name[STREAM_NAME_MAX];
} StreamTopic;

/* "btcusdc@kline_1m"; false: there is no such stream. */
bool stream_topic_read(const Exchange *exchange, Slice name, StreamTopic *topic) MUST_USE;
/* After a print of its pair; false: this stream says nothing about it. `closed`: it ended a minute,
 * and the candle that ended is told instead of the open one. */
bool stream_topic_write(const Exchange *exchange, const StreamTopic *topic, int64_t now_us,
                        bool closed, Text *frame);
/* executionReport, outboundAccountPosition, listStatus. */
void stream_event_write(const Exchange *exchange, const ExchangeEvent *event, Text *frame);

/* ---- frames of clients --------------------------------------------------------------------- */

typedef struct StreamRequest {
    char method[64];
    char id[64];  /* as JSON: a number, a quoted text, or null */
    Slice params; /* as JSON; empty: none */
} StreamRequest;

bool stream_request_read(Slice frame, StreamRequest *request, ExchangeFault *fault) MUST_USE;
/* The names in an array of texts; false: it is none, or holds too many. */
bool stream_names_read(Slice params, char names[static STREAM_PARAMS_MAX][STREAM_NAME_MAX],
                       unsigned *count) MUST_USE;

/* The REST call behind a method of the WebSocket API ("order.place"); false: there is none. */
bool stream_method_find(const char *method, Slice *verb, Slice *path) MUST_USE;

#endif
