/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/candle_fetch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/drivers/candle_fetch_parts.h"
#include "shell/store/candle_store.h"
#include "shell/store/filters_file.h"
#include "shell/sys/files.h"

#define REQUEST_MS       20000 /* the venue itself gives up after 10 s; dumps are megabytes */
#define PAUSE_MS         1000
#define TRIES_UNANSWERED 2
#define TRIES            6 /* 1 + 2 + 4 + 8 + 16 s: an outage longer than that is for the user */
#define STEP_US          50000  /* how soon a pause notices `stop` */
#define ROWS_BEHIND      5000   /* stored after so many: an append is cheap */
#define ROWS_BEFORE      200000 /* stored after so many: what stands before leads to a new file */

/* --- asking ----------------------------------------------------------------------------------- */

static bool stopped(const CandleFetch *fetch) {
    return atomic_load(fetch->plan->stop);
}

static bool interrupted(const CandleFetch *fetch, Error *error) {
    (void)fetch;
    return error_set(error, ERROR_INTERRUPTED, "stopped", "backtest fetch",
                     "the same command goes on where it stood");
}

static void pause_us(const CandleFetch *fetch, int64_t wait_us) {
    int64_t until_us = binance_http_now_us() + wait_us;
    while (!stopped(fetch) && binance_http_now_us() < until_us)
        usleep(STEP_US);
}

int64_t candle_fetch_now_us(const CandleFetch *fetch) {
    return binance_http_now_us() + fetch->venue_offset_us;
}

static void respect_limits(CandleFetch *fetch, BinanceHttp *http) {
    int64_t wait_us;
    while (!stopped(fetch) && (wait_us = binance_http_wait_us(http, BINANCE_EXCHANGE_INFO_WEIGHT,
                                                              candle_fetch_now_us(fetch))) > 0) {
        pause_us(fetch, wait_us);
        http->used_weight = 0; /* another minute; the next reply tells */
    }
}

bool candle_fetch_get(CandleFetch *fetch, BinanceHttp *http, const char *path, bool missing_ok,
                      Slice *body, Error *error) {
    int64_t wait_ms = fetch->plan->pause_ms ? fetch->plan->pause_ms : PAUSE_MS;
    for (unsigned tries = 1; !stopped(fetch); tries++, wait_ms *= 2) {
        respect_limits(fetch, http);
        if (stopped(fetch)) break;
        fetch->totals->requests++;
        if (binance_http_get(http, path, REQUEST_MS, body, error)) {
            fetch->was_answered = true;
            return true;
        }
        *body = (Slice){"", 0};
        if (missing_ok && http->status == 404) return true;
        /* Where nobody ever answered, there is no network, and waiting helps nobody. */
        fetch->was_answered |= http->status != 0;
        unsigned most = fetch->was_answered ? TRIES : TRIES_UNANSWERED;
        if (!error->retry_helps || tries >= most) return false;
        pause_us(fetch, wait_ms * 1000);
    }
    return interrupted(fetch, error);
}

/* --- what is missing -------------------------------------------------------------------------- */

typedef struct Span {
    int64_t from_us, until_us;
} Span;

typedef struct Spans {
    Span *at;
    size_t count, capacity;
} Spans;

static bool add_span(Spans *spans, Span span, Error *error) {
    if (spans->count == spans->capacity) {
        size_t capacity = spans->capacity ? 2 * spans->capacity : 16;
        Span *grown = realloc(spans->at, capacity * sizeof *grown);
        if (!grown) return error_set(error, ERROR_LIMIT, "out of memory", "candles", NULL);
        spans->at = grown;
        spans->capacity = capacity;
    }
    spans->at[spans->count++] = span;
    return true;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* [from_us, until_us) is not stored. The candle before or behind it that is stored is asked for
 * again: were it another one now, this would not be the market that is stored. */
static bool add_missing(Spans *spans, Span wanted, Span gap, const CandleSeries *series,
                        Error *error) {
    gap.from_us = later(gap.from_us, wanted.from_us);
    gap.until_us = earlier(gap.until_us, wanted.until_us);
    if (gap.from_us >= gap.until_us) return true;
    if (gap.from_us > series->time_us[0]) gap.from_us -= series->length_us;
    if (gap.until_us == series->time_us[0]) gap.until_us += series->length_us;
    return add_span(spans, gap, error);
}

/* The parts of the span that the stored series has not. */
static bool find_missing(const CandleFetch *fetch, Span wanted, Spans *spans, Error *error) {
    char path[CANDLE_PATH_MAX];
    StoredCandles stored;
    CandleGap gap;
    size_t row = 0;
    if (!candle_key_path(fetch->plan->root, &fetch->key, path, error)) return false;
    if (access(path, F_OK) != 0) return add_span(spans, wanted, error);
    if (!candle_store_open(fetch->plan->root, &fetch->key, &stored, error)) return false;
    const CandleSeries *series = &stored.series;
    int64_t end_us = series->time_us[series->count - 1] + series->length_us;
    bool good = add_missing(spans, wanted, (Span){INT64_MIN, series->time_us[0]}, series, error);
    while (good && candle_series_gap(series, &row, &gap))
        good = add_missing(spans, wanted, (Span){gap.from_us, gap.until_us}, series, error);
    good = good && add_missing(spans, wanted, (Span){end_us, INT64_MAX}, series, error);
    candle_store_close(&stored);
    return good;
}

/* --- one series ------------------------------------------------------------------------------- */

static bool flush(CandleFetch *fetch, Error *error) {
    CandlePut put;
    if (!candle_store_put(fetch->plan->root, &fetch->key, &fetch->batch, &put, error)) return false;
    fetch->totals->bars += put.added;
    fetch->totals->duplicates += put.same;
    candle_batch_deinit(&fetch->batch);
    return true;
}

static void tell_refused(CandleFetch *fetch, const BinanceBars *bars) {
    char place[160], iso[25];
    Error reason;
    Text where = TEXT_IN(place);
    fetch->totals->refused += bars->refused;
    if (!bars->refused || !fetch->plan->on_refused) return;
    instant_to_iso(bars->refused_us, iso);
    text_format(&where, "%s %s of %s", fetch->key.symbol.text, interval_name(fetch->interval), iso);
    error_set(&reason, ERROR_DATA, bars->reason, text_end(&where), NULL);
    fetch->plan->on_refused(fetch->plan->context, &reason);
}

static void tell_progress(CandleFetch *fetch, int64_t at_us) {
    fetch->progress.at_us = at_us;
    if (fetch->plan->on_progress) fetch->plan->on_progress(fetch->plan->context, &fetch->progress);
}

/* One page into the batch; moves *from_us behind it, or to `until_us` when there is no more. */
static bool read_page(CandleFetch *fetch, int64_t *from_us, int64_t until_us, Error *error) {
    BinanceKlineRange range = {fetch->key.symbol, fetch->interval, *from_us, until_us};
    BinanceBars bars = {.at = fetch->page, .capacity = BINANCE_KLINES_MAX};
    Text path = TEXT_IN(fetch->path);
    Slice body;
    binance_path_klines(&path, &range);
    if (!candle_fetch_get(fetch, &fetch->rest, text_end(&path), false, &body, error) ||
        !binance_rest_klines(body, fetch->interval, candle_fetch_now_us(fetch), &bars, error))
        return false;
    tell_refused(fetch, &bars);
    int64_t last_us = bars.refused ? bars.refused_us : INT64_MIN;
    for (unsigned i = 0; i < bars.count; i++) {
        const Bar *bar = &bars.at[i];
        last_us = later(last_us, bar->time_us);
        if (bar->time_us < *from_us || bar->time_us >= until_us) continue; /* not asked for */
        if (!candle_batch_add(&fetch->batch, bar, CANDLE_ALL_KNOWN, 0, error)) return false;
    }
    bool more = last_us >= *from_us && last_us + fetch->key.length_us < until_us;
    *from_us = more ? last_us + fetch->key.length_us : until_us;
    return true;
}

static bool fetch_pages(CandleFetch *fetch, Span span, bool behind, Error *error) {
    size_t most = behind ? ROWS_BEHIND : ROWS_BEFORE;
    int64_t at_us = span.from_us;
    Error later_error;
    while (at_us < span.until_us) {
        bool good = read_page(fetch, &at_us, span.until_us, error);
        bool full = fetch->batch.count >= most || at_us >= span.until_us;
        /* What came before a failure is kept. */
        if ((!good || full) && !flush(fetch, good ? error : &later_error)) return false;
        if (!good) return false;
        tell_progress(fetch, at_us);
    }
    return true;
}

/* Months that are dumps, and what lies before, between and behind them. */
static bool fetch_span(CandleFetch *fetch, Span span, bool behind, Error *error) {
    while (span.from_us < span.until_us) {
        int64_t end_us;
        bool came = false;
        bool month = candle_dump_month(fetch, span.from_us, span.until_us, &end_us);
        if (month && !candle_dump_take(fetch, span.from_us, &came, error)) return false;
        if (!month)
            end_us = fetch->has_dump ? earlier(span.until_us, candle_dump_next_month(span.from_us))
                                     : span.until_us;
        if (!came && !fetch_pages(fetch, (Span){span.from_us, end_us}, behind, error)) return false;
        span.from_us = end_us;
        tell_progress(fetch, end_us);
    }
    return true;
}

static bool fetch_series(CandleFetch *fetch, Error *error) {
    int64_t length_us = fetch->key.length_us;
    int64_t until_us = interval_floor(candle_fetch_now_us(fetch), length_us);
    int64_t from_us =
        interval_floor(until_us - (int64_t)fetch->plan->days * INSTANT_DAY_US, length_us);
    Spans spans = {0};
    fetch->progress.from_us = from_us;
    fetch->progress.until_us = until_us;
    tell_progress(fetch, from_us);
    bool good = find_missing(fetch, (Span){from_us, until_us}, &spans, error);
    for (size_t i = 0; good && i < spans.count; i++)
        good = fetch_span(fetch, spans.at[i], i + 1 == spans.count, error);
    free(spans.at);
    if (!good) return false;
    tell_progress(fetch, until_us);
    fetch->totals->series++;
    return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* The rules under which the symbol trades, for backtests of these candles. */
static bool store_rules(CandleFetch *fetch, const Symbol *symbol, Error *error) {
    char path[CANDLE_PATH_MAX];
    CandleKey key = {.symbol = symbol->name, .length_us = INSTANT_MINUTE_US};
    (void)!slice_copy(slice_of(fetch->plan->venue), key.venue, sizeof key.venue);
    if (!candle_key_rules_path(fetch->plan->root, &key, path, error)) return false;
    char *slash = strrchr(path, '/');
    *slash = 0;
    if (!files_make_directory(path, error)) return false;
    *slash = '/';
    return filters_file_write(path, symbol, error);
}

/* Does the venue know the symbol? Brings its clock and budget too. */
static bool ask_symbol(CandleFetch *fetch, const SymbolName *symbol, Error *error) {
    static BinanceExchange exchange; /* 32 symbols: too large for the stack; fetches do not meet */
    Text path = TEXT_IN(fetch->path);
    Slice body;
    binance_exchange_init(&exchange);
    CHECK(binance_exchange_want(&exchange, symbol), "one symbol fits");
    binance_path_exchange_info(&path, symbol, 1);
    int64_t asked_us = binance_http_now_us();
    if (!candle_fetch_get(fetch, &fetch->rest, text_end(&path), false, &body, error)) {
        if (fetch->rest.status == 400) error_at(error, symbol->text);
        return false;
    }
    if (!binance_rest_exchange_info(body, &exchange, error)) return false;
    if (!exchange.listings[0].status[0])
        return error_set(error, ERROR_EXCHANGE, "the venue does not know this symbol", symbol->text,
                         "as in BTCUSDC: base and quote without a sign between");
    fetch->venue_offset_us = exchange.server_us - (asked_us + binance_http_now_us()) / 2;
    fetch->rest.weight_per_minute = exchange.weight_per_minute;
    return store_rules(fetch, &exchange.listings[0].symbol, error);
}

static bool open_hosts(CandleFetch *fetch, Error *error) {
    const CandleFetchPlan *plan = fetch->plan;
    BinanceAddress address;
    if (!binance_address_read(plan->rest_url, plan->allow_plain_http, &address, error) ||
        !binance_http_open(&fetch->rest, &address, plan->stop, error))
        return false;
    if (!plan->dump_url[0]) return true;
    fetch->has_dump =
        binance_address_read(plan->dump_url, plan->allow_plain_http, &address, error) &&
        binance_http_open(&fetch->dump, &address, plan->stop, error);
    return fetch->has_dump;
}

static bool fetch_all(CandleFetch *fetch, Error *error) {
    const CandleFetchPlan *plan = fetch->plan;
    fetch->progress.series_count = plan->symbol_count * plan->interval_count;
    fetch->progress.totals = fetch->totals;
    for (unsigned i = 0; i < plan->symbol_count; i++)
        if (!ask_symbol(fetch, &plan->symbols[i], error)) return false;
    for (unsigned i = 0; i < plan->symbol_count; i++) {
        for (unsigned k = 0; k < plan->interval_count; k++) {
            fetch->interval = plan->intervals[k];
            fetch->key =
                (CandleKey){.symbol = plan->symbols[i], .length_us = interval_us(fetch->interval)};
            (void)!slice_copy(slice_of(plan->venue), fetch->key.venue, sizeof fetch->key.venue);
            fetch->progress.symbol = plan->symbols[i].text;
            fetch->progress.interval = interval_name(fetch->interval);
            fetch->progress.series = i * plan->interval_count + k;
            if (!fetch_series(fetch, error)) return false;
        }
    }
    return true;
}

bool candle_fetch(const CandleFetchPlan *plan, CandleFetchTotals *totals, Error *error) {
    Error ignored;
    if (!error) error = &ignored;
    *totals = (CandleFetchTotals){0};
    CandleFetch *fetch = calloc(1, sizeof *fetch);
    if (!fetch) return error_set(error, ERROR_LIMIT, "out of memory", "backtest fetch", NULL);
    fetch->plan = plan;
    fetch->totals = totals;
    candle_batch_init(&fetch->batch);
    bool good = open_hosts(fetch, error) && fetch_all(fetch, error);
    if (!good && stopped(fetch)) interrupted(fetch, error);
    candle_batch_deinit(&fetch->batch);
    binance_http_close(&fetch->rest);
    binance_http_close(&fetch->dump);
    free(fetch);
    return good;
}
