/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live feed opened against the Fake of fake_binance.h, with times short enough for a test, and
 * everything that it said. For the tests of the feed. The test owns the Watch from watch_open to
 * finish.
 */
#ifndef TESTS_FEED_WATCH_H
#define TESTS_FEED_WATCH_H

#include <poll.h>
#include <time.h>

#include "fake_binance.h"
#include "shell/drivers/binance_pace.h"
#include "unit.h"

enum { KEPT = 60000 };

typedef struct Watch {
    Fake fake;
    Feed *feed;
    char rest[64], stream[64];
    FeedEvent *events; /* all that was heard */
    unsigned count;
} Watch;

static const BinancePace PACE = {.connect_ms = 1000,
                                 .request_ms = 1000,
                                 .backoff_first_ms = 20,
                                 .backoff_max_ms = 100,
                                 .steady_ms = 50,
                                 .silent_ms = 60000,
                                 .kline_owed_ms = 90000,
                                 .renew_ms = 60000,
                                 .overlap_ms = 100,
                                 .price_gap_ms = 50,
                                 .refill_ms = 50};

static inline int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void watch_open(Watch *watch) {
    memset(watch, 0, sizeof *watch);
    fake_open(&watch->fake);
    snprintf(watch->rest, sizeof watch->rest, "http://127.0.0.1:%u", watch->fake.port);
    snprintf(watch->stream, sizeof watch->stream, "ws://127.0.0.1:%u/", watch->fake.port);
    watch->events = calloc(KEPT, sizeof *watch->events);
}

static inline Feed *open_feed(Watch *watch, const BinancePace *pace, const char *const names[],
                              unsigned backfill, Error *error) {
    SymbolName symbols[4];
    unsigned count = 0;
    for (; names[count]; count++)
        assert_true(symbol_name_set(&symbols[count], slice_of(names[count])));
    FeedBinancePlan plan = {.symbols = symbols,
                            .symbol_count = count,
                            .rest_url = watch->rest,
                            .stream_url = watch->stream,
                            .backfill_bars = backfill,
                            .exchange_info_timeout_ms = 400};
    return feed_binance_open_paced(&plan, pace, error);
}

static inline void start(Watch *watch, const BinancePace *pace, unsigned backfill) {
    static const char *const NAMES[] = {"BTCUSDT", NULL};
    Error error = {0};
    watch_open(watch);
    watch->feed = open_feed(watch, pace, NAMES, backfill, &error);
    if (!watch->feed) print_error("%s (%s)\n", error.message, error.where);
    assert_non_null(watch->feed);
}

static inline void finish(Watch *watch) {
    int64_t before = now_ms();
    if (watch->feed) watch->feed->close(watch->feed);
    assert_true(now_ms() - before < 1000);
    fake_close(&watch->fake);
    free(watch->events);
}

static inline bool is_status(const FeedEvent *event, FeedState state, const char *text) {
    return event->kind == FEED_STATUS && event->status.state == state &&
           strstr(event->status.text, text);
}

/* Of the symbol that the tests publish; another one's minutes may come by REST at any time. */
static inline bool is_bar(const FeedEvent *event) {
    return event->kind == FEED_BAR && strcmp(event->symbol.text, "BTCUSDT") == 0;
}

static inline unsigned count_bars(const Watch *watch) {
    unsigned count = 0;
    for (unsigned i = 0; i < watch->count; i++)
        count += is_bar(&watch->events[i]);
    return count;
}

/* Hears what comes until `enough` says so, at most five seconds; NULL: for `limit_ms`. */
typedef bool (*Enough)(const Watch *watch, const FeedEvent *last);

static inline void hear(Watch *watch, Enough enough, int64_t limit_ms) {
    int64_t until = now_ms() + limit_ms;
    while (now_ms() < until) {
        struct pollfd wake = {.fd = watch->feed->wake_descriptor, .events = POLLIN};
        Error error;
        FeedEvent *event = &watch->events[watch->count];
        FeedAnswer answer = watch->feed->next(watch->feed, event, &error);
        if (answer == FEED_NOTHING) poll(&wake, 1, 10);
        if (answer != FEED_EVENT) continue;
        watch->count++;
        assert_true(watch->count < KEPT);
        if (enough && enough(watch, event)) return;
    }
    if (!enough) return;
    for (unsigned i = watch->count < 12 ? 0 : watch->count - 12; i < watch->count; i++) {
        const FeedEvent *event = &watch->events[i];
        print_error("%d %s %s\n", (int)event->kind, event->symbol.text,
                    event->kind == FEED_STATUS ? event->status.text : "");
    }
    fail_msg("the feed did not say what was waited for");
}

static inline bool connected(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return is_status(last, FEED_LIVE, "connected");
}

static inline bool any_bar(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return is_bar(last);
}

/* The bars heard are the minutes from 1 to `last`, each once, in order, but for `absent`. */
static inline void assert_minutes(const Watch *watch, int last, int absent) {
    int minute = 0;
    for (unsigned i = 0; i < watch->count; i++) {
        const FeedEvent *event = &watch->events[i];
        if (!is_bar(event)) continue;
        if (++minute == absent) minute++;
        int64_t open_ms = FAKE_START_MS + (minute - 1) * FAKE_MINUTE_MS;
        assert_int_equal(event->candle.bar.time_us, open_ms * 1000);
        assert_int_equal(event->candle.bar.close.units, fake_price_cents(open_ms) * 1000000);
        assert_int_equal(event->candle.interval, INTERVAL_1M);
    }
    assert_int_equal(minute, last);
}

static inline void publish(Watch *watch, int minute) {
    atomic_store(&watch->fake.published, minute);
    fake_candle(&watch->fake, "BTCUSDT", minute);
}

static inline void assert_history(const Watch *watch, const char *symbol, Interval interval,
                                  unsigned bars) {
    int64_t length_us = interval_us(interval), last_us = 0;
    int64_t server_us = (FAKE_START_MS + FAKE_AHEAD_MS) * 1000, end_us = FAKE_START_MS * 1000;
    int64_t until_us = interval_floor(server_us, length_us);
    unsigned count = 0, unpublished = (unsigned)((until_us - end_us) / length_us);
    for (unsigned i = 0; i < watch->count; i++) {
        const FeedEvent *event = &watch->events[i];
        if (event->kind != FEED_HISTORY || event->candle.interval != interval) continue;
        if (strcmp(event->symbol.text, symbol) != 0) continue;
        if (count++) assert_int_equal(event->candle.bar.time_us, last_us + length_us);
        last_us = event->candle.bar.time_us;
    }
    assert_int_equal(count, bars - unpublished);
    assert_int_equal(last_us, end_us - length_us);
}

#endif
