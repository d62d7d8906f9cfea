/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/binance_backfill.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROOM_FOR_HISTORY (BINANCE_QUEUE / 2) /* live events always find half of the queue */
#define GAP_TRIES        3                   /* REST may lag a little; then the venue has none */

static bool stopped(const BinanceWorker *worker) {
    return atomic_load(&worker->live->stop);
}

/* Waits for the condition, at most `wait_us`; the lock is held before and after. */
static void wait_locked(BinanceLive *live, int64_t wait_us) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + (wait_us % INSTANT_SECOND_US) * 1000;
    until.tv_sec += wait_us / INSTANT_SECOND_US + nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    if (!atomic_load(&live->stop)) pthread_cond_timedwait(&live->changed, &live->lock, &until);
}

/* Sleeps without the lock; ends early only by stop. */
static void pause_us(BinanceWorker *worker, int64_t wait_us) {
    int64_t until_us = binance_http_now_us() + wait_us;
    pthread_mutex_lock(&worker->live->lock);
    while (!stopped(worker) && binance_http_now_us() < until_us)
        wait_locked(worker->live, until_us - binance_http_now_us());
    pthread_mutex_unlock(&worker->live->lock);
}

/* Doubling with full jitter, as the stream's; at least a tenth, so that a fast refusal is no busy
 * loop. */
static int64_t backoff_us(BinanceWorker *worker) {
    const BinancePace *pace = &worker->live->pace;
    int64_t longest_us = pace->backoff_max_ms * 1000ll, wait_us = pace->backoff_first_ms * 1000ll;
    for (unsigned i = 0; i < worker->failures && wait_us < longest_us; i++)
        wait_us *= 2;
    if (wait_us > longest_us) wait_us = longest_us;
    worker->failures++;
    return wait_us / 10 + (int64_t)(random_uniform(&worker->random) * 0.9 * (double)wait_us);
}

static void respect_limits(BinanceWorker *worker) {
    int64_t wait_us;
    while (!stopped(worker) &&
           (wait_us = binance_http_wait_us(&worker->http, BINANCE_KLINES_WEIGHT,
                                           binance_live_venue_us(worker->live))) > 0) {
        pause_us(worker, wait_us);
        worker->http.used_weight = 0; /* another minute; the next reply tells */
    }
}

/* One page of closed candles into worker->page. */
static bool read_page(BinanceWorker *worker, const BinanceKlineRange *range, BinanceBars *bars,
                      Error *error) {
    Text path = TEXT_IN(worker->path);
    Slice body;
    *bars = (BinanceBars){.at = worker->page, .capacity = BINANCE_KLINES_MAX};
    respect_limits(worker);
    binance_path_klines(&path, range);
    if (!binance_http_get(&worker->http, text_end(&path), worker->live->pace.request_ms, &body,
                          error)) {
        return false;
    }
    return binance_rest_klines(body, range->interval, binance_live_venue_us(worker->live), bars,
                               error);
}

static void tell_refused(BinanceLive *live, const BinanceKlineRange *range,
                         const BinanceBars *bars) {
    char text[160];
    if (bars->refused == 0) return;
    live->counts.refused += bars->refused;
    snprintf(text, sizeof text, "%u candles of %s refused: %s", bars->refused,
             interval_name(range->interval), bars->reason);
    binance_live_status(live, &range->symbol, FEED_REFUSED, text);
}

/* The lock is held; waits until the engine has taken enough out. False when stopped. */
static bool wait_room(BinanceWorker *worker) {
    BinanceLive *live = worker->live;
    while (!stopped(worker) && binance_live_room(live) < ROOM_FOR_HISTORY)
        wait_locked(live, INSTANT_SECOND_US);
    return !stopped(worker);
}

static void put_history(BinanceWorker *worker, const BinanceKlineRange *range,
                        const BinanceBars *bars) {
    BinanceLive *live = worker->live;
    FeedEvent event = {.kind = FEED_HISTORY, .symbol = range->symbol};
    event.candle.interval = range->interval;
    pthread_mutex_lock(&live->lock);
    tell_refused(live, range, bars);
    for (unsigned i = 0; i < bars->count && wait_room(worker); i++) {
        event.candle.bar = bars->at[i];
        if (range->interval == INTERVAL_1M) { /* from here the stream goes on */
            GuardVerdict verdict = feed_guard_asked_bar(&live->guard, &range->symbol, &bars->at[i],
                                                        binance_live_venue_us(live));
            if (verdict.answer != GUARD_TAKE) continue;
        }
        live->counts.history += binance_live_put(live, &event);
    }
    pthread_mutex_unlock(&live->lock);
}

/* All pages of the range; those that came are told even if a later one fails. Moves range->from_us
 * on. */
static bool read_history(BinanceWorker *worker, BinanceKlineRange *range, Error *error) {
    while (!stopped(worker) && range->from_us < range->until_us) {
        BinanceBars bars;
        if (!read_page(worker, range, &bars, error)) return false;
        worker->failures = 0;
        put_history(worker, range, &bars);
        if (bars.count + bars.refused == 0) return true;
        int64_t last_us = bars.count ? bars.at[bars.count - 1].time_us : bars.refused_us;
        if (last_us < range->from_us) return true; /* an answer to another question */
        range->from_us = last_us + interval_us(range->interval);
    }
    return true;
}

static void tell_error(BinanceWorker *worker, const SymbolName *symbol, FeedState state,
                       const Error *error) {
    char text[160];
    snprintf(text, sizeof text, "%.150s", error->message);
    pthread_mutex_lock(&worker->live->lock);
    binance_live_status(worker->live, symbol, state, text);
    pthread_mutex_unlock(&worker->live->lock);
}

/* One interval of one symbol, again and again until it is read. False: stopped, or refused for
 * good. */
static bool backfill_interval(BinanceWorker *worker, BinanceKlineRange range, Error *error) {
    const SymbolName *symbol = &range.symbol;
    while (!stopped(worker) && !read_history(worker, &range, error)) {
        if (stopped(worker)) return false;
        if (!error->retry_helps && error->code != ERROR_DATA) return false;
        tell_error(worker, symbol, FEED_BACKFILL, error);
        pause_us(worker, backoff_us(worker));
    }
    return !stopped(worker);
}

/* The last `backfill_bars` candles that were closed at `now_us`. */
static BinanceKlineRange past(const BinanceWorker *worker, const SymbolName *symbol,
                              Interval interval, int64_t now_us) {
    int64_t length_us = interval_us(interval), until_us = interval_floor(now_us, length_us);
    int64_t from_us = until_us - worker->backfill_bars * length_us;
    return (BinanceKlineRange){*symbol, interval, from_us < 0 ? 0 : from_us, until_us};
}

/* All histories end at one instant, however long the reading takes: what closes meanwhile comes as
 * live minutes, so that no longer candle falls between its history and the minutes that are folded
 * into it. */
static bool backfill(BinanceWorker *worker, Error *error) {
    BinanceLive *live = worker->live;
    int64_t now_us = binance_live_venue_us(live);
    for (unsigned i = 0; i < live->row_count; i++) {
        char text[160];
        const SymbolName *symbol = &live->rows[i].listed.name;
        snprintf(text, sizeof text, "reading %u candles of each interval", worker->backfill_bars);
        pthread_mutex_lock(&live->lock);
        binance_live_status(live, symbol, FEED_BACKFILL, text);
        pthread_mutex_unlock(&live->lock);
        for (unsigned interval = INTERVAL_COUNT; interval-- > 0;)
            if (!backfill_interval(worker, past(worker, symbol, (Interval)interval, now_us), error))
                return false;
    }
    return true;
}

static void name_gap(BinanceLive *live, const SymbolName *symbol, int64_t from_us,
                     int64_t until_us) {
    char text[160], first[25], end[25];
    int64_t minutes = (until_us - from_us) / INSTANT_MINUTE_US;
    instant_to_iso(from_us, first);
    instant_to_iso(until_us, end);
    live->counts.missing_minutes += (uint64_t)minutes;
    snprintf(text, sizeof text, "the venue has no candles for %lld minutes, from %s until %s",
             (long long)minutes, first, end);
    binance_live_status(live, symbol, FEED_GAP, text);
}

/* The lock is held. A bar that REST has told, or that is taken though minutes before it are
 * missing. */
static void take_asked(BinanceLive *live, BinanceRow *row, const Bar *bar) {
    const SymbolName *symbol = &row->listed.name;
    int64_t next_us = feed_guard_row(&live->guard, symbol)->bar_us + INSTANT_MINUTE_US;
    GuardVerdict verdict =
        feed_guard_asked_bar(&live->guard, symbol, bar, binance_live_venue_us(live));
    if (verdict.answer != GUARD_TAKE) return;
    if (next_us > INSTANT_MINUTE_US && bar->time_us > next_us) {
        name_gap(live, symbol, next_us, bar->time_us);
    }
    binance_live_put_bar(live, row, bar, true);
}

static void put_filled(BinanceWorker *worker, BinanceRow *row, const BinanceKlineRange *range,
                       const BinanceBars *bars) {
    BinanceLive *live = worker->live;
    pthread_mutex_lock(&live->lock);
    tell_refused(live, range, bars);
    for (unsigned i = 0; i < bars->count && wait_room(worker); i++)
        take_asked(live, row, &bars->at[i]);
    pthread_mutex_unlock(&live->lock);
}

/* Asks for everything between the last bar taken and now. */
static bool read_gap(BinanceWorker *worker, BinanceRow *row, Error *error) {
    BinanceLive *live = worker->live;
    int64_t until_us = interval_floor(binance_live_venue_us(live), INSTANT_MINUTE_US);
    BinanceKlineRange range = {row->listed.name, INTERVAL_1M, 0, until_us};
    pthread_mutex_lock(&live->lock);
    int64_t last_us = feed_guard_row(&live->guard, &row->listed.name)->bar_us;
    live->counts.fills++;
    pthread_mutex_unlock(&live->lock);
    if (last_us == 0) return true; /* a symbol without history starts with its first candle */
    range.from_us = last_us + INSTANT_MINUTE_US;
    while (!stopped(worker) && range.from_us < range.until_us) {
        BinanceBars bars;
        if (!read_page(worker, &range, &bars, error)) return false;
        put_filled(worker, row, &range, &bars);
        if (bars.count == 0 || bars.at[bars.count - 1].time_us < range.from_us) break;
        range.from_us = bars.at[bars.count - 1].time_us + INSTANT_MINUTE_US;
    }
    return true;
}

/* The lock is held. The bar that showed the gap: told now, asked for again, or taken with the gap
 * named. */
static void settle(BinanceLive *live, BinanceRow *row) {
    int64_t last_us = feed_guard_row(&live->guard, &row->listed.name)->bar_us;
    bool follows = row->held.time_us <= last_us + INSTANT_MINUTE_US || last_us == 0;
    if (row->has_held && !follows && ++row->tries < GAP_TRIES) {
        live->fill_at_us = binance_http_now_us() + live->pace.refill_ms * 1000ll;
        return;
    }
    if (row->has_held && binance_live_room(live) < 2) return; /* next time */
    if (row->has_held) take_asked(live, row, &row->held);
    row->has_held = row->wants_fill = false;
    row->tries = 0;
}

static void fill_row(BinanceWorker *worker, BinanceRow *row) {
    BinanceLive *live = worker->live;
    Error error = {0};
    bool ok = read_gap(worker, row, &error);
    if (stopped(worker)) return;
    if (!ok) tell_error(worker, &row->listed.name, FEED_GAP, &error);
    pthread_mutex_lock(&live->lock);
    if (ok) {
        worker->failures = 0;
        settle(live, row);
    } else {
        live->fill_at_us = binance_http_now_us() + backoff_us(worker);
    }
    pthread_mutex_unlock(&live->lock);
}

/* The lock is held and given back while waiting: the next row with a gap whose time has come, or
 * NULL at stop. */
static BinanceRow *next_gap(BinanceWorker *worker) {
    BinanceLive *live = worker->live;
    while (!stopped(worker)) {
        int64_t wait_us = live->fill_at_us - binance_http_now_us();
        for (unsigned i = 0; i < live->row_count && wait_us <= 0; i++)
            if (live->rows[i].wants_fill) return &live->rows[i];
        wait_locked(live, wait_us > 0 ? wait_us : INSTANT_MINUTE_US);
    }
    return NULL;
}

static bool open_stream(BinanceWorker *worker, Error *error) {
    BinanceLive *live = worker->live;
    SymbolName names[LIMIT_SYMBOLS];
    Text path = TEXT_IN(worker->path);
    for (unsigned i = 0; i < live->row_count; i++)
        names[i] = live->rows[i].listed.name;
    binance_path_streams(&path, names, live->row_count);
    BinanceSocketPlan plan = {.address = &worker->stream,
                              .path = text_end(&path),
                              .pace = &live->pace,
                              .seed = worker->seed,
                              .context = live,
                              .on_frame = binance_live_on_frame,
                              .on_state = binance_live_on_state,
                              .on_tick = binance_live_on_tick};
    pthread_mutex_lock(&live->lock); /* no callback before `socket` is set */
    live->socket = binance_socket_open(&plan, error);
    bool ok = live->socket != NULL;
    pthread_mutex_unlock(&live->lock);
    return ok;
}

void *binance_backfill_run(void *argument) {
    BinanceWorker *worker = argument;
    BinanceLive *live = worker->live;
    Error error = {0};
    bool ok = backfill(worker, &error) && open_stream(worker, &error);
    pthread_mutex_lock(&live->lock);
    if (!ok && !stopped(worker)) binance_live_fail(live, &error);
    for (BinanceRow *row; ok && (row = next_gap(worker));) {
        pthread_mutex_unlock(&live->lock);
        fill_row(worker, row);
        pthread_mutex_lock(&live->lock);
    }
    pthread_mutex_unlock(&live->lock);
    return NULL;
}
