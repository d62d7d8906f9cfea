/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binance's public data as a Feed: exchange information at once, or a one-line reason; then a
 * worker reads history and opens the stream (binance_backfill.h), whose frames become events
 * (binance_live.h). Trades come as SYMBOL@trade: the raw prints, since they carry the price one by
 * one, without the delay of an aggregate.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "shell/drivers/binance_backfill.h"
#include "shell/drivers/feed.h"

#define INVALID_SYMBOL                                                                             \
    (-1121) /* Binance Spot API, "Error codes": one unknown name refuses the whole list */
#define EXCHANGE_INFO_MS 3000
/* The venue's clock tells whole milliseconds; a busy machine answers tens of them late. */
#define PACE_LOOK_US 200000
#define PACE_LEAST   0.5
#define PACE_MOST    1.5

const BinancePace binance_pace_standard = {
    .connect_ms = 10000,
    .request_ms = 12000,
    .backoff_first_ms = 500,
    .backoff_max_ms = 60000,
    .steady_ms =
        60000, /* the longest wait: a link that dies sooner has not shown that all is well */
    .silent_ms = 90000,
    .kline_owed_ms = 60000 + 90000, /* its minute and what silence is allowed */
    .renew_ms = 23u * 3600 * 1000,
    .overlap_ms = 5000, /* candles come every 2 s */
    .price_gap_ms = 250,
    .refill_ms = 1500,
};

typedef struct FeedBinance {
    Feed feed; /* first, so that a Feed is its FeedBinance */
    BinanceLive live;
    BinanceWorker worker;
    BinanceExchange exchange;
    pthread_t thread;
    bool has_thread;
} FeedBinance;

static FeedAnswer feed_next(Feed *feed, FeedEvent *event, Error *error) {
    BinanceLive *live = &((FeedBinance *)feed)->live;
    pthread_mutex_lock(&live->lock);
    FeedAnswer answer = binance_live_take(live, event) ? FEED_EVENT : FEED_NOTHING;
    if (answer == FEED_NOTHING && live->has_failed) {
        if (error) *error = live->failure;
        answer = FEED_FAILED;
    }
    pthread_mutex_unlock(&live->lock);
    return answer;
}

static void feed_describe(const Feed *feed, Text *text) {
    BinanceLive *live = &((FeedBinance *)feed)->live;
    pthread_mutex_lock(&live->lock);
    const BinanceCounts *counts = &live->counts;
    text_format(text, "%d symbols, %D history bars, %D minutes, %D prices, %D frames",
                (int)live->row_count, (int64_t)counts->history, (int64_t)counts->bars,
                (int64_t)counts->prices, (int64_t)counts->frames);
    text_format(text, "; %D refused, %D repeated, %D minutes missing, %D reconnects, %D renewals",
                (int64_t)counts->refused, (int64_t)counts->repeated,
                (int64_t)counts->missing_minutes, (int64_t)counts->reconnects,
                (int64_t)counts->renewals);
    if (counts->unknown) {
        text_format(text, "; %D unknown events (last: %s)", (int64_t)counts->unknown,
                    live->last_unknown);
    }
    pthread_mutex_unlock(&live->lock);
}

static void feed_close(Feed *feed) {
    FeedBinance *binance = (FeedBinance *)feed;
    BinanceLive *live = &binance->live;
    atomic_store(&live->stop, true);
    pthread_mutex_lock(&live->lock);
    pthread_cond_broadcast(&live->changed);
    pthread_mutex_unlock(&live->lock);
    if (binance->has_thread) pthread_join(binance->thread, NULL);
    if (live->socket) binance_socket_close(live->socket);
    binance_http_close(&binance->worker.http);
    binance_live_deinit(live);
    free(binance);
}

/* Names that the venue does not know or does not trade are left out and told, the others go on. */
static void keep_listings(FeedBinance *binance) {
    BinanceLive *live = &binance->live;
    for (unsigned i = 0; i < binance->exchange.count; i++) {
        const BinanceListing *listing = &binance->exchange.listings[i];
        char text[160];
        snprintf(text, sizeof text, "left out: %s",
                 listing->status[0] ? listing->status : "the venue does not know this symbol");
        if (!binance_listing_trades(listing)) {
            live->counts.refused++;
            binance_live_status(live, &listing->symbol.name, FEED_REFUSED, text);
            continue;
        }
        BinanceRow *row = &live->rows[live->row_count++];
        FeedEvent event = {.kind = FEED_SYMBOL, .symbol = listing->symbol.name};
        event.listed = row->listed = listing->symbol;
        trade_fold_init(&row->fold, live->pace.price_gap_ms * 1000ll);
        CHECK(feed_guard_watch(&live->guard, &row->listed.name), "the guard holds every symbol");
        CHECK(binance_live_put(live, &event), "the queue is empty at the start");
    }
}

/* Asks for symbols[0..count) and reads the answer into the exchange. */
static bool ask_symbols(FeedBinance *binance, const SymbolName *symbols, unsigned count,
                        unsigned timeout_ms, Error *error) {
    BinanceWorker *worker = &binance->worker;
    Text path = TEXT_IN(worker->path);
    Slice body;
    int64_t asked_us = binance_http_now_us();
    binance_path_exchange_info(&path, symbols, count);
    if (!binance_http_get(&worker->http, text_end(&path), timeout_ms, &body, error)) return false;
    if (!binance_rest_exchange_info(body, &binance->exchange, error)) return false;
    /* The venue's clock stood there half-way between question and answer. */
    int64_t half_us = (binance_http_now_us() + asked_us) / 2;
    binance->live.venue_offset_us = binance->exchange.server_us - half_us;
    worker->http.weight_per_minute = binance->exchange.weight_per_minute;
    return true;
}

static bool names_unknown_symbol(const BinanceHttp *http) {
    BinanceFault fault;
    return http->status == 400 && binance_rest_fault((Slice){http->body, http->length}, &fault) &&
           fault.code == INVALID_SYMBOL;
}

/* All names in one call; where one is unknown, each by itself. */
static bool ask_exchange(FeedBinance *binance, const FeedBinancePlan *plan, Error *error) {
    unsigned limit_ms = plan->exchange_info_timeout_ms;
    if (limit_ms == 0) limit_ms = EXCHANGE_INFO_MS;
    int64_t until_us = binance_http_now_us() + limit_ms * 1000ll;
    if (ask_symbols(binance, plan->symbols, plan->symbol_count, limit_ms, error)) return true;
    if (!names_unknown_symbol(&binance->worker.http) || plan->symbol_count == 1) return false;
    for (unsigned i = 0; i < plan->symbol_count; i++) {
        int64_t left_ms = (until_us - binance_http_now_us()) / 1000;
        if (left_ms <= 0) {
            return error_set(error, ERROR_NETWORK, "exchange information took too long",
                             plan->rest_url, NULL);
        }
        bool ok = ask_symbols(binance, &plan->symbols[i], 1, (unsigned)left_ms, error);
        if (!ok && !names_unknown_symbol(&binance->worker.http)) return false;
    }
    return true;
}

static bool ask_time(BinanceHttp *http, int64_t *venue_us, int64_t *monotonic_us, Error *error) {
    char memory[64];
    Text path = TEXT_IN(memory);
    Slice body;
    int64_t asked_us = binance_http_now_us();
    binance_path_time(&path);
    if (!binance_http_get(http, text_end(&path), EXCHANGE_INFO_MS, &body, error)) return false;
    *monotonic_us = (binance_http_now_us() + asked_us) / 2;
    return binance_rest_time(body, venue_us, error);
}

/* Signals, stops of time and candles' minutes live in real time: a market that runs faster or
 * slower cannot be followed, and would be refused print by print as one from the future. Binance's
 * clock need not be asked: only an exchange on this machine can be set to another pace. */
static bool runs_in_real_time(BinanceHttp *http, const BinanceAddress *rest, Error *error) {
    int64_t venue[2], monotonic[2];
    if (!binance_address_is_own(rest->host)) return true;
    Error unasked; /* it tells nothing of the pace then */
    if (!ask_time(http, &venue[0], &monotonic[0], &unasked)) return true;
    usleep(PACE_LOOK_US);
    if (!ask_time(http, &venue[1], &monotonic[1], &unasked)) return true;
    double pace = (double)(venue[1] - venue[0]) / (double)(monotonic[1] - monotonic[0]);
    if (pace > PACE_LEAST && pace < PACE_MOST) return true;
    char words[120];
    snprintf(words, sizeof words, "the venue's clock runs %.3g times as fast as ours", pace);
    return error_set(error, ERROR_CONFIG, words, rest->host,
                     "start trader exchange with --speed 1; recorded candles at any speed: trader "
                     "run --feed replay");
}

static bool want_symbols(FeedBinance *binance, const FeedBinancePlan *plan, Error *error) {
    binance_exchange_init(&binance->exchange);
    if (plan->symbol_count == 0) {
        return error_set(error, ERROR_CONFIG, "no symbol to watch", "symbols", NULL);
    }
    for (unsigned i = 0; i < plan->symbol_count; i++) {
        if (binance_exchange_want(&binance->exchange, &plan->symbols[i])) continue;
        return error_set(error, ERROR_LIMIT, "more symbols than can be watched", "symbols", NULL);
    }
    return true;
}

static bool start(FeedBinance *binance, const FeedBinancePlan *plan, Error *error) {
    BinanceWorker *worker = &binance->worker;
    BinanceAddress rest;
    if (!want_symbols(binance, plan, error)) return false;
    if (!binance_address_read(plan->rest_url, plan->allow_plain_http, &rest, error)) return false;
    if (!binance_address_read(plan->stream_url, plan->allow_plain_http, &worker->stream, error)) {
        return false;
    }
    if (!binance_http_open(&worker->http, &rest, &binance->live.stop, error)) return false;
    if (!ask_exchange(binance, plan, error)) return false;
    if (!runs_in_real_time(&worker->http, &rest, error)) return false;
    keep_listings(binance);
    if (binance->live.row_count == 0) {
        return error_set(error, ERROR_EXCHANGE, "none of the symbols trades at this venue",
                         plan->symbols[0].text, NULL);
    }
    worker->random = random_stream(worker->seed, 1);
    binance->has_thread = pthread_create(&binance->thread, NULL, binance_backfill_run, worker) == 0;
    return binance->has_thread ||
           error_set(error, ERROR_FAILURE, "no thread for the feed", NULL, NULL);
}

Feed *feed_binance_open_paced(const FeedBinancePlan *plan, const BinancePace *pace, Error *error) {
    FeedBinance *binance = calloc(1, sizeof *binance);
    if (!binance || !binance_live_init(&binance->live, pace, error)) {
        if (!binance) error_set(error, ERROR_FAILURE, "no memory for the feed", NULL, NULL);
        free(binance);
        return NULL;
    }
    binance->feed = (Feed){.name = "binance",
                           .wake_descriptor = binance->live.wake,
                           .next = feed_next,
                           .describe = feed_describe,
                           .close = feed_close};
    binance->worker.live = &binance->live;
    binance->worker.backfill_bars = plan->backfill_bars;
    uint64_t seed;
    bool random = getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed;
    binance->worker.seed = random ? seed : (uint64_t)binance_http_now_us(); /* only for jitter */
    if (start(binance, plan, error)) return &binance->feed;
    feed_close(&binance->feed);
    return NULL;
}

Feed *feed_binance_open(const FeedBinancePlan *plan, Error *error) {
    return feed_binance_open_paced(plan, &binance_pace_standard, error);
}
