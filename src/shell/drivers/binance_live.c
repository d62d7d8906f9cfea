/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/binance_live.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "shell/drivers/binance_http.h"

#define REFUSALS_A_MINUTE 10   /* told one by one: enough to see what is wrong */
#define ROOM_FOR_PRICES   1024 /* of BINANCE_QUEUE: the rest is for bars and states */
#define ROOM_FOR_STATUS   256

bool binance_live_init(BinanceLive *live, const BinancePace *pace, Error *error) {
    pthread_condattr_t attributes;
    memset(live, 0, sizeof *live);
    live->pace = *pace;
    feed_guard_init(&live->guard);
    live->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (live->wake < 0) return error_set(error, ERROR_FAILURE, "no eventfd", NULL, NULL);
    pthread_mutex_init(&live->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&live->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return true;
}

void binance_live_deinit(BinanceLive *live) {
    close(live->wake);
    pthread_cond_destroy(&live->changed);
    pthread_mutex_destroy(&live->lock);
}

int64_t binance_live_venue_us(const BinanceLive *live) {
    return binance_http_now_us() + live->venue_offset_us;
}

static int64_t wall_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * INSTANT_SECOND_US + now.tv_nsec / 1000;
}

/* An eventfd can only fail here by being full already, which is as good. */
static void wake(const BinanceLive *live) {
    uint64_t one = 1;
    (void)!write(live->wake, &one, sizeof one);
}

unsigned binance_live_room(const BinanceLive *live) {
    return BINANCE_QUEUE - live->count;
}

bool binance_live_put(BinanceLive *live, const FeedEvent *event) {
    if (live->count == BINANCE_QUEUE) return false;
    FeedEvent *at = &live->queue[(live->first + live->count) % BINANCE_QUEUE];
    *at = *event;
    at->time_us = wall_us();
    if (live->count++ == 0) wake(live);
    return true;
}

bool binance_live_take(BinanceLive *live, FeedEvent *event) {
    uint64_t ignored;
    if (live->count == 0) return false;
    *event = live->queue[live->first];
    live->first = (live->first + 1) % BINANCE_QUEUE;
    live->count--;
    if (live->count == 0 && !live->has_failed) (void)!read(live->wake, &ignored, sizeof ignored);
    if (live->count == BINANCE_QUEUE / 4) pthread_cond_broadcast(&live->changed);
    return true;
}

void binance_live_status(BinanceLive *live, const SymbolName *symbol, FeedState state,
                         const char *text) {
    FeedEvent event = {.kind = FEED_STATUS};
    if (symbol) event.symbol = *symbol;
    event.status.state = state;
    snprintf(event.status.text, sizeof event.status.text, "%s", text);
    bool placed = binance_live_room(live) > ROOM_FOR_STATUS && binance_live_put(live, &event);
    live->counts.dropped_status += !placed;
}

void binance_live_fail(BinanceLive *live, const Error *error) {
    live->failure = *error;
    live->has_failed = true;
    wake(live);
}

static BinanceRow *row_of(BinanceLive *live, const SymbolName *symbol) {
    for (unsigned i = 0; i < live->row_count; i++)
        if (symbol_name_equal(&live->rows[i].listed.name, symbol)) return &live->rows[i];
    return NULL;
}

void binance_live_put_bar(BinanceLive *live, BinanceRow *row, const Bar *bar, bool missed) {
    FeedEvent event = {.kind = FEED_BAR, .symbol = row->listed.name};
    event.candle.bar = *bar;
    event.candle.interval = INTERVAL_1M;
    event.candle.missed = missed;
    CHECK(binance_live_put(live, &event), "room for a bar was made sure of");
    live->counts.bars++;
    if (!row->is_late) return;
    row->is_late = false;
    binance_live_status(live, &row->listed.name, FEED_LIVE, "candles are back");
}

/* True if this one is to be told. */
static bool may_tell(BinanceRefusals *refusals, int64_t now_us) {
    if (refusals->window_us == 0 || now_us - refusals->window_us >= INSTANT_MINUTE_US) {
        refusals->window_us = now_us;
        refusals->told = 0;
    }
    if (refusals->told++ < REFUSALS_A_MINUTE) return true;
    refusals->untold++;
    return false;
}

static void refuse(BinanceLive *live, const SymbolName *symbol, const char *what,
                   const char *reason) {
    char text[160], more[40] = "";
    BinanceRow *row = symbol ? row_of(live, symbol) : NULL;
    BinanceRefusals *refusals = row ? &row->refusals : &live->refusals;
    live->counts.refused++;
    if (!may_tell(refusals, binance_http_now_us())) return;
    if (refusals->untold)
        snprintf(more, sizeof more, " (and %llu before)", (unsigned long long)refusals->untold);
    refusals->untold = 0;
    snprintf(text, sizeof text, "%.32s refused: %.76s%s", what, reason, more);
    binance_live_status(live, symbol, FEED_REFUSED, text);
}

static void want_fill(BinanceLive *live, BinanceRow *row) {
    row->wants_fill = true;
    pthread_cond_broadcast(&live->changed);
}

static void take_bar(BinanceLive *live, BinanceRow *row, const Bar *bar) {
    if (bar->time_us > row->stream_bar_us) row->stream_bar_us = bar->time_us;
    if (binance_live_room(live) < 2) { /* REST will tell it when there is room */
        want_fill(live, row);
        return;
    }
    GuardVerdict verdict =
        feed_guard_bar(&live->guard, &row->listed.name, bar, binance_live_venue_us(live));
    switch (verdict.answer) {
    case GUARD_TAKE:
        binance_live_put_bar(live, row, bar, false);
        break;
    case GUARD_REPEATED:
        live->counts.repeated++;
        break;
    case GUARD_GAP:
        row->held = *bar;
        row->has_held = true;
        want_fill(live, row);
        break;
    case GUARD_REFUSED:
        refuse(live, &row->listed.name, "candle", verdict.reason);
        want_fill(live, row); /* REST is the second witness */
        break;
    }
}

static void tell_price(BinanceLive *live, BinanceRow *row) {
    PricePoint point;
    FeedEvent event = {.kind = FEED_PRICE, .symbol = row->listed.name};
    if (binance_live_room(live) <= ROOM_FOR_PRICES) return;
    if (!trade_fold_price(&row->fold, binance_http_now_us(), &point)) return;
    event.price.last = point.last;
    event.price.high = point.high;
    event.price.low = point.low;
    live->counts.prices += binance_live_put(live, &event);
}

static void take_trade(BinanceLive *live, BinanceRow *row, const Print *print) {
    Bar minute; /* the venue's own candles are what is told; these only carry the price */
    GuardVerdict verdict =
        feed_guard_print(&live->guard, &row->listed.name, print, binance_live_venue_us(live));
    if (verdict.answer == GUARD_REFUSED) refuse(live, &row->listed.name, "trade", verdict.reason);
    if (verdict.answer == GUARD_REPEATED) live->counts.repeated++;
    if (verdict.answer != GUARD_TAKE) return;
    (void)!trade_fold_add(&row->fold, print, &minute, NULL);
    tell_price(live, row);
}

static void take_market(BinanceLive *live, const BinanceEvent *event) {
    BinanceRow *row = row_of(live, &event->symbol);
    if (!row) {
        live->guard.unknown++;
        refuse(live, NULL, event->symbol.text, "symbol is not watched");
    } else if (event->kind == BINANCE_TRADE) {
        take_trade(live, row, &event->trade);
    } else if (event->kline.is_closed && event->kline.interval == INTERVAL_1M) {
        take_bar(live, row, &event->kline.bar);
    }
}

static void take_event(BinanceLive *live, const BinanceEvent *event) {
    char text[160];
    switch (event->kind) {
    case BINANCE_KLINE:
    case BINANCE_TRADE:
        take_market(live, event);
        break;
    case BINANCE_SHUTDOWN:
        binance_live_status(live, NULL, FEED_LIVE, "the venue's server is about to close");
        binance_socket_renew(live->socket);
        break;
    case BINANCE_ERROR:
        snprintf(text, sizeof text, "%.100s (%lld)", event->fault.text,
                 (long long)event->fault.code);
        refuse(live, NULL, "stream", text);
        break;
    case BINANCE_REPLY:
        break;
    default: /* not asked for; named in `describe` */
        live->counts.unknown++;
        if (event->kind != BINANCE_UNKNOWN) break;
        snprintf(live->last_unknown, sizeof live->last_unknown, "%s", event->unknown);
    }
}

void binance_live_on_frame(void *context, Slice frame) {
    BinanceLive *live = context;
    BinanceEvent event;
    Error error;
    bool ok = binance_stream_read(frame, (BinanceLevels){0}, &event, &error);
    pthread_mutex_lock(&live->lock);
    live->counts.frames++;
    if (ok) {
        take_event(live, &event);
    } else {
        char text[160];
        snprintf(text, sizeof text, "%.100s, %.40s", error.message, error.where);
        refuse(live, NULL, "frame", text);
    }
    pthread_mutex_unlock(&live->lock);
}

/* After a connect the stream owes every candle from the present minute on; REST tells what was
 * missed. */
static void on_up(BinanceLive *live) {
    live->counts.reconnects += live->was_up;
    live->was_up = true;
    live->fill_at_us = 0;
    for (unsigned i = 0; i < live->row_count; i++) {
        live->rows[i].watched_us = binance_live_venue_us(live);
        live->rows[i].tries = 0;
        want_fill(live, &live->rows[i]);
    }
}

void binance_live_on_state(void *context, BinanceSocketState state, const char *text) {
    BinanceLive *live = context;
    static const FeedState STATES[] = {[BINANCE_SOCKET_UP] = FEED_LIVE,
                                       [BINANCE_SOCKET_DOWN] = FEED_CONNECTING,
                                       [BINANCE_SOCKET_SILENT] = FEED_STALE,
                                       [BINANCE_SOCKET_RENEWED] = FEED_LIVE};
    pthread_mutex_lock(&live->lock);
    binance_live_status(live, NULL, STATES[state], text);
    if (state == BINANCE_SOCKET_UP) on_up(live);
    live->counts.renewals += state == BINANCE_SOCKET_RENEWED;
    pthread_mutex_unlock(&live->lock);
}

/* A symbol whose closed candle is long due: the connection is replaced once, then the venue itself
 * has none. */
static void watch_row(BinanceLive *live, BinanceRow *row) {
    int64_t open_us = row->stream_bar_us + INSTANT_MINUTE_US; /* of the next candle */
    if (open_us < row->watched_us) open_us = row->watched_us;
    if (row->watched_us == 0 || row->is_late) return;
    if (binance_live_venue_us(live) - open_us < (int64_t)live->pace.kline_owed_ms * 1000) return;
    row->is_late = true;
    binance_live_status(live, &row->listed.name, FEED_STALE, "its closed candle is overdue");
    binance_socket_drop(live->socket, "a candle is overdue");
}

void binance_live_on_tick(void *context) {
    BinanceLive *live = context;
    pthread_mutex_lock(&live->lock);
    for (unsigned i = 0; i < live->row_count; i++) {
        tell_price(live, &live->rows[i]);
        watch_row(live, &live->rows[i]);
    }
    pthread_mutex_unlock(&live->lock);
}
