/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/market_load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/lab/social_columns.h"
#include "shell/backtest/lab_run.h"
#include "shell/backtest/market_files.h"
#include "shell/store/candle_history.h"
#include "shell/store/filters_file.h"
#include "shell/sys/files.h"

#define SMALLEST_NOTIONAL 5 /* the venue's smallest for its main quotes */

typedef struct MarketParts {
    MarketFiles files;
    CandleHistory stored[LIMIT_SYMBOLS], finer[LIMIT_SYMBOLS];
    unsigned stored_count, finer_count;
    double *social[LIMIT_SYMBOLS]; /* columns, one series behind the other */
} MarketParts;

/* ---- where the columns come from ------------------------------------------------------------- */

/* Everything before the end: bars before the span warm indicators up. */
static bool open_history(const MarketWish *wish, const CandleKey *key, CandleHistory *history,
                         Error *error) {
    int64_t until_us = wish->end_us ? wish->end_us : INT64_MAX;
    return candle_history_open(wish->root, key, INT64_MIN, until_us, history, error);
}

static bool open_stored(MarketLoad *load, const MarketWish *wish, Error *error) {
    MarketParts *parts = load->parts;
    if (wish->symbol_count == 0)
        return error_set(error, ERROR_USAGE, "say which symbols", "symbols",
                         "as in --symbols BTCUSDC,ETHUSDC");
    if (wish->symbol_count > LIMIT_SYMBOLS)
        return error_set(error, ERROR_USAGE, "more than 32 symbols", "symbols", NULL);
    for (unsigned i = 0; i < wish->symbol_count; i++) {
        CandleKey key = {.venue = CANDLE_VENUE, .length_us = wish->length_us};
        if (!symbol_name_set(&key.symbol, slice_of(wish->symbols[i])))
            return error_set(error, ERROR_USAGE, "not a symbol", wish->symbols[i], NULL);
        if (!open_history(wish, &key, &parts->stored[i], error)) return false;
        parts->stored_count++;
        load->incomplete += parts->stored[i].incomplete;
        load->markets[load->count].candles = parts->stored[i].series;
        load->symbols[load->count++].name = key.symbol;
    }
    return true;
}

static bool open_files(MarketLoad *load, const MarketWish *wish, Error *error) {
    MarketFiles *files = &load->parts->files;
    if (!market_files_read(files, wish, error)) return false;
    for (unsigned i = 0; i < files->count; i++) {
        load->markets[i].candles = files->series[i];
        load->symbols[i].name = files->series[i].symbol;
    }
    load->count = files->count;
    load->refused = files->refused;
    return true;
}

/* Finer candles come from the store alone. */
static bool open_finer(MarketLoad *load, const MarketWish *wish, Error *error) {
    MarketParts *parts = load->parts;
    if (wish->resolve_us == 0) return true;
    if (wish->resolve_us >= wish->length_us && wish->length_us > 0)
        return error_set(error, ERROR_USAGE, "not finer than the interval of the run", "resolve",
                         "as in --intervals 1h --resolve 1m");
    for (unsigned i = 0; i < load->count; i++) {
        CandleKey key = {
            .venue = CANDLE_VENUE, .length_us = wish->resolve_us, .symbol = load->symbols[i].name};
        if (!open_history(wish, &key, &parts->finer[i], error)) return false;
        parts->finer_count++;
        load->markets[i].finer = parts->finer[i].series;
    }
    return true;
}

/* ---- the span -------------------------------------------------------------------------------- */

static int64_t last_close(const MarketLoad *load) {
    int64_t last_us = INT64_MIN;
    for (unsigned i = 0; i < load->count; i++) {
        const CandleSeries *candles = &load->markets[i].candles;
        int64_t close_us = candles->time_us[candles->count - 1] + candles->length_us;
        if (close_us > last_us) last_us = close_us;
    }
    return last_us;
}

static bool refuse_span(const CandleSeries *candles, Error *error) {
    char memory[200], first[25], last[25];
    Text hint = TEXT_IN(memory);
    instant_to_iso(candles->time_us[0], first);
    instant_to_iso(candles->time_us[candles->count - 1], last);
    text_format(&hint, "there are candles from %s to %s", first, last);
    return error_set(error, ERROR_DATA, "no candles between the dates asked for",
                     candles->symbol.text, text_end(&hint));
}

static bool cut(MarketLoad *load, const MarketWish *wish, Error *error) {
    int64_t end_us = wish->end_us ? wish->end_us : last_close(load);
    int64_t start_us = wish->start_us ? wish->start_us : INT64_MIN;
    if (wish->days > 0 && !wish->start_us) start_us = end_us - wish->days * INSTANT_DAY_US;
    for (unsigned i = 0; i < load->count; i++) {
        TrialMarket *market = &load->markets[i];
        market->first = candle_series_before(&market->candles, start_us);
        market->end = candle_series_before(&market->candles, end_us);
        if (market->first >= market->end) return refuse_span(&market->candles, error);
    }
    return true;
}

/* ---- filters --------------------------------------------------------------------------------- */

static int64_t grid_of(int64_t grid, int64_t units) {
    while (grid > 1 && units % grid != 0)
        grid /= 10;
    return grid;
}

/* The coarsest powers of ten, at most 1, on which all prices and all volumes stand. */
static void derive(const CandleSeries *candles, Filters *filters) {
    int64_t tick = DECIMAL_SCALE, step = DECIMAL_SCALE;
    for (size_t i = 0; i < candles->count; i++) {
        tick = grid_of(tick, candles->open[i]);
        tick = grid_of(tick, candles->high[i]);
        tick = grid_of(tick, candles->low[i]);
        tick = grid_of(tick, candles->close[i]);
        double volume = rint(candles->volume[i] * (double)DECIMAL_SCALE);
        if (step > 1 && volume < (double)(INT64_MAX / 2)) step = grid_of(step, (int64_t)volume);
    }
    *filters = (Filters){.tick = {tick},
                         .price_min = {tick},
                         .step = {step},
                         .quantity_min = {step},
                         .notional_min = {SMALLEST_NOTIONAL * (__int128)DECIMAL_SCALE}};
}

/* The venue's own, if a fetch has stored them, else those of the wish's file. */
static bool known_filters(const MarketWish *wish, Symbol *symbol, bool *found, Error *error) {
    char path[CANDLE_PATH_MAX];
    CandleKey key = {.venue = CANDLE_VENUE, .symbol = symbol->name, .length_us = INSTANT_MINUTE_US};
    *found = false;
    bool stored = wish->root && !candle_key_fault(&key) &&
                  candle_key_rules_path(wish->root, &key, path, NULL) && files_exist(path);
    if (stored && !filters_file_find(path, symbol, found, error)) return false;
    if (*found || !wish->filters_path) return true;
    return filters_file_find(wish->filters_path, symbol, found, error);
}

static bool find_filters(MarketLoad *load, const MarketWish *wish, Error *error) {
    for (unsigned i = 0; i < load->count; i++) {
        Symbol *symbol = &load->symbols[i];
        bool found = false;
        if (!known_filters(wish, symbol, &found, error)) return false;
        if (!found) {
            if (!symbol_split(&symbol->name, &symbol->base, &symbol->quote))
                return error_set(error, ERROR_DATA, "the symbol ends in no known quote asset",
                                 symbol->name.text, "describe it in config/filters.json");
            derive(&load->markets[i].candles, &symbol->filters);
            load->derived[i] = true;
        }
        load->markets[i].filters = symbol->filters;
        if (strcmp(symbol->quote.text, load->symbols[0].quote.text) != 0)
            return error_set(error, ERROR_USAGE, "the symbols have different quote assets",
                             symbol->name.text, "one run has one quote asset");
    }
    return true;
}

void market_load_filters(const MarketLoad *load, unsigned index, Text *text) {
    const Filters *filters = &load->symbols[index].filters;
    text_format(text, " %D %D %D", filters->tick.units, filters->price_min.units,
                filters->price_max.units);
    text_format(text, " %D %D %D %D %D", filters->step.units, filters->quantity_min.units,
                filters->quantity_max.units, (int64_t)filters->notional_min.units,
                (int64_t)filters->notional_max.units);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void add_column(Sha256 *sha, const void *column, size_t count, size_t size) {
    if (column) sha256_add(sha, column, count * size);
}

/* What stops and targets are judged in decides as well, as far as the run goes. */
static void add_finer(Sha256 *sha, const TrialMarket *market) {
    const CandleSeries *candles = &market->candles, *finer = &market->finer;
    if (finer->count == 0) return;
    int64_t end_us = candles->time_us[market->end - 1] + candles->length_us;
    size_t count = candle_series_before(finer, end_us);
    uint64_t sums[5] = {
        hash64(finer->time_us, count * sizeof(int64_t)),
        hash64(finer->open, count * sizeof(int64_t)), hash64(finer->high, count * sizeof(int64_t)),
        hash64(finer->low, count * sizeof(int64_t)), hash64(finer->close, count * sizeof(int64_t))};
    add_column(sha, &finer->length_us, 1, sizeof finer->length_us);
    add_column(sha, sums, 5, sizeof sums[0]);
}

static void digest(MarketLoad *load) {
    Sha256 sha;
    sha256_init(&sha);
    for (unsigned i = 0; i < load->count; i++) {
        const CandleSeries *candles = &load->markets[i].candles;
        size_t count = load->markets[i].end;
        uint64_t sums[7] = {hash64(candles->time_us, count * sizeof(int64_t)),
                            hash64(candles->open, count * sizeof(int64_t)),
                            hash64(candles->high, count * sizeof(int64_t)),
                            hash64(candles->low, count * sizeof(int64_t)),
                            hash64(candles->close, count * sizeof(int64_t)),
                            hash64(candles->volume, count * sizeof(double)),
                            hash64(candles->quote_volume, count * sizeof(double))};
        add_column(&sha, candles->symbol.text, strlen(candles->symbol.text), 1);
        add_column(&sha, &candles->length_us, 1, sizeof candles->length_us);
        add_column(&sha, sums, 7, sizeof sums[0]);
        add_finer(&sha, &load->markets[i]);
    }
    if (load->social.count + load->social.news_count)
        sha256_add(&sha, load->social.digest, sizeof load->social.digest);
    sha256_peek(&sha, load->digest);
}

/* ---- social history -------------------------------------------------------------------------- */

static bool fill_social(MarketLoad *load, unsigned index, const MarketWish *wish, Error *error) {
    TrialMarket *market = &load->markets[index];
    LabMarket alone = {market->candles, load->symbols[index], market->first, market->end};
    Settings settings = *wish->social;
    SocialColumnsPlan plan = {.monitor = service_find("social_monitor"),
                              .settings = &settings,
                              .market = &alone,
                              .social = load->social.at,
                              .social_count = load->social.count,
                              .news = load->social.news,
                              .news_count = load->social.news_count};
    double *columns[EXTERNAL_COUNT], *block;
    if (!plan.monitor || !lab_run_name_symbols(&settings, &alone, 1, error)) return !plan.monitor;
    size_t count = market->candles.count, size = (social_columns_memory(&plan) + 15) & ~(size_t)15;
    void *memory = aligned_alloc(16, size);
    block = calloc(EXTERNAL_COUNT * count, sizeof *block);
    load->parts->social[index] = block;
    if (memory && block) {
        memset(memory, 0, size);
        for (unsigned series = 0; series < EXTERNAL_COUNT; series++) {
            columns[series] = block + series * count;
            market->external[series] = columns[series];
        }
        social_columns_fill(&plan, memory, columns);
    }
    free(memory);
    return (memory && block) ||
           error_set(error, ERROR_LIMIT, "out of memory", "social history", NULL);
}

static bool open_social(MarketLoad *load, const MarketWish *wish, Error *error) {
    SocialSpan span = {.start_us = INT64_MAX, .until_us = INT64_MIN};
    if (!wish->social || !wish->root || !social_history_root(wish->social)) return true;
    for (unsigned i = 0; i < load->count; i++) {
        const TrialMarket *market = &load->markets[i];
        int64_t start_us = market->candles.time_us[market->first];
        int64_t until_us = market->candles.time_us[market->end - 1] + market->candles.length_us;
        if (start_us < span.start_us) span.start_us = start_us;
        if (until_us > span.until_us) span.until_us = until_us;
    }
    if (!social_history_open(&load->social, wish->root, load->symbols, load->count, span, error))
        return false;
    bool any = load->social.count + load->social.news_count > 0;
    for (unsigned i = 0; any && i < load->count; i++)
        if (!fill_social(load, i, wish, error)) return false;
    return true;
}

bool market_load_open(MarketLoad *load, const MarketWish *wish, Error *error) {
    *load = (MarketLoad){.count = 0};
    load->parts = calloc(1, sizeof *load->parts);
    if (!load->parts) return error_set(error, ERROR_LIMIT, "out of memory", "candles", NULL);
    bool sound = wish->file_count ? open_files(load, wish, error) : open_stored(load, wish, error);
    sound = sound && open_finer(load, wish, error) && cut(load, wish, error) &&
            find_filters(load, wish, error) && open_social(load, wish, error);
    if (sound)
        digest(load);
    else
        market_load_close(load);
    return sound;
}

bool market_load_has(const MarketLoad *load, unsigned index, ExternalSeries series) {
    const TrialMarket *market = &load->markets[index];
    const double *column = market->external[series];
    for (size_t row = market->first; column && row < market->end; row++)
        if (!isnan(column[row])) return true;
    return false;
}

void market_load_close(MarketLoad *load) {
    MarketParts *parts = load->parts;
    if (!parts) return;
    for (unsigned i = 0; i < parts->stored_count; i++)
        candle_history_close(&parts->stored[i]);
    for (unsigned i = 0; i < parts->finer_count; i++)
        candle_history_close(&parts->finer[i]);
    for (unsigned i = 0; i < load->count; i++)
        free(parts->social[i]);
    social_history_close(&load->social);
    market_files_free(&parts->files);
    free(parts);
    load->parts = NULL;
}
