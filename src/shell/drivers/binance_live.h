/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the threads of the live feed share: the queue of events, the guard, and one row a symbol.
 * The socket's thread turns frames into events (binance_live.c); the worker reads history and fills
 * gaps by REST (binance_backfill.c); the engine's thread takes events out (feed_binance.c). The
 * lock guards everything here; nobody holds it while waiting for the network. The queue is bounded:
 * history waits for room, prices stay folded until there is some, a status is dropped and counted,
 * and a bar that finds no room is read again by REST, so no minute is lost. The Feed owns it.
 */
#ifndef SHELL_DRIVERS_BINANCE_LIVE_H
#define SHELL_DRIVERS_BINANCE_LIVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/market/feed_guard.h"
#include "core/venues/binance_stream.h"
#include "shell/drivers/binance_pace.h"
#include "shell/drivers/binance_socket.h"

#define BINANCE_QUEUE 4096 /* events of about 240 bytes: 1 MB */

/* Bad data come in floods (a wrong clock refuses every trade): a few a minute are told, the rest
 * counted and told as a number. */
typedef struct BinanceRefusals {
    int64_t window_us; /* when the present minute began */
    unsigned told;
    uint64_t untold;
} BinanceRefusals;

typedef struct BinanceRow {
    BinanceRefusals refusals;
    Symbol listed;
    TradeFold fold;
    Bar held;              /* a closed bar that waits until the minutes before it are there */
    int64_t stream_bar_us; /* open time of the last closed candle that the stream told */
    int64_t watched_us;    /* venue's time since when the stream owes candles */
    unsigned tries;        /* of filling the present gap */
    bool has_held, wants_fill, is_late;
} BinanceRow;

typedef struct BinanceCounts {
    uint64_t frames, bars, history, prices, refused, repeated, unknown, missing_minutes;
    uint64_t reconnects, renewals, dropped_status, fills;
} BinanceCounts;

typedef struct BinanceLive {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* room in the queue, a gap to fill, or stop */
    FeedEvent queue[BINANCE_QUEUE];
    unsigned first, count;
    int wake; /* eventfd: readable while the queue holds something or the feed has failed */
    FeedGuard guard;
    BinanceRow rows[LIMIT_SYMBOLS];
    BinanceRefusals refusals; /* of no symbol */
    unsigned row_count;
    BinancePace pace;
    BinanceCounts counts;
    BinanceSocket *socket;
    char last_unknown[BINANCE_NAME_TEXT];
    int64_t venue_offset_us; /* venue's time minus the monotonic clock */
    int64_t fill_at_us;      /* monotonic: gaps are not asked for before */
    bool was_up, has_failed;
    Error failure;
    atomic_bool stop;
} BinanceLive;

bool binance_live_init(BinanceLive *live, const BinancePace *pace, Error *error) MUST_USE;
void binance_live_deinit(BinanceLive *live);
int64_t binance_live_venue_us(const BinanceLive *live);

/* With the lock held: */
unsigned binance_live_room(const BinanceLive *live);
bool binance_live_put(BinanceLive *live, const FeedEvent *event) MUST_USE; /* stamps the receipt */
bool binance_live_take(BinanceLive *live, FeedEvent *event) MUST_USE;
void binance_live_status(BinanceLive *live, const SymbolName *symbol, FeedState state,
                         const char *text);
void binance_live_fail(BinanceLive *live, const Error *error);
/* Puts a bar that the guard has taken; the caller has made sure of room. */
void binance_live_put_bar(BinanceLive *live, BinanceRow *row, const Bar *bar, bool missed);

/* Callbacks of the socket; they take the lock themselves. */
void binance_live_on_frame(void *context, Slice frame);
void binance_live_on_state(void *context, BinanceSocketState state, const char *text);
void binance_live_on_tick(void *context);

#endif
