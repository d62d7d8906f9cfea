/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in the candle store, with its gaps, and behind it the social history, in the same
 * columns: the source in the place of the venue, the asset in that of the symbol. A gap in social
 * history need not be a loss: an hour without a post has no row.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "core/bus/shape.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/store/candle_catalog.h"
#include "shell/store/candle_store.h"
#include "shell/store/social_history.h"

#define ROW_BYTES 1024

typedef struct Listing {
    CandleKey key;
    bool is_social;
    int64_t start_us, end_us;
    uint64_t bars, gaps, missing;
    Error damage; /* code ERROR_NONE: none */
} Listing;

static bool is_wanted(const CommandCall *call, const char *option, const char *name) {
    const char *const *values;
    unsigned count = call_list(call, option, &values);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(values[i], name) == 0) return true;
    return count == 0;
}

static void look(const char *root, const CandleKey *key, Listing *listing) {
    StoredCandles stored;
    CandleGap gap;
    size_t row = 0;
    *listing = (Listing){.key = *key};
    if (!candle_store_open(root, key, &stored, &listing->damage)) return;
    const CandleSeries *series = &stored.series;
    listing->start_us = series->time_us[0];
    listing->end_us = series->time_us[series->count - 1] + series->length_us;
    listing->bars = series->count;
    while (candle_series_gap(series, &row, &gap)) {
        listing->gaps++;
        listing->missing += gap.bars;
    }
    candle_store_close(&stored);
}

static const char *interval_of(const Listing *listing) {
    if (!listing->is_social) return candle_length_name(listing->key.length_us);
    return listing->key.length_us < INSTANT_DAY_US ? "social 1h" : "social 1d";
}

static void put_time(JsonWriter *writer, const char *key, const Listing *listing, int64_t time_us) {
    json_key(writer, key);
    if (listing->damage.code == ERROR_NONE)
        json_time(writer, time_us);
    else
        json_null(writer);
}

static void print_json(const Listing *listing, bool first) {
    char memory[ROW_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "venue");
    json_string(&writer, listing->key.venue);
    json_key(&writer, "symbol");
    json_string(&writer, listing->key.symbol.text);
    json_key(&writer, "interval");
    json_string(&writer, interval_of(listing));
    put_time(&writer, "start", listing, listing->start_us);
    put_time(&writer, "end", listing, listing->end_us);
    json_key(&writer, "bars");
    json_int(&writer, (int64_t)listing->bars);
    json_key(&writer, "gaps");
    json_int(&writer, (int64_t)listing->gaps);
    json_key(&writer, "missing");
    json_int(&writer, (int64_t)listing->missing);
    json_key(&writer, "damage");
    if (listing->damage.code == ERROR_NONE)
        json_null(&writer);
    else
        json_string(&writer, listing->damage.message);
    json_object_end(&writer);
    printf("%s%s", first ? "[" : ",", text_end(&text));
}

static void cell_count(Table *table, uint64_t count) {
    char memory[40];
    Text text = TEXT_IN(memory);
    number_count(&text, (int64_t)count);
    table_cell(table, STYLE_PLAIN, text_end(&text));
}

static void cell_time(Table *table, int64_t time_us) {
    char iso[25], memory[40];
    Text text = TEXT_IN(memory);
    instant_to_iso(time_us, iso);
    text_format(&text, "%S %S", (Slice){iso, 10}, (Slice){iso + 11, 5});
    table_cell(table, STYLE_DIM, text_end(&text));
}

static void print_row(Table *table, const Listing *listing) {
    bool damaged = listing->damage.code != ERROR_NONE;
    table_cell(table, STYLE_DIM, listing->key.venue);
    table_cell(table, STYLE_BOLD, listing->key.symbol.text);
    table_cell(table, STYLE_PLAIN, interval_of(listing));
    if (damaged) {
        table_cell(table, STYLE_BAD, "damaged");
        for (unsigned i = 0; i < 4; i++)
            table_cell(table, STYLE_PLAIN, "");
        return;
    }
    cell_time(table, listing->start_us);
    cell_time(table, listing->end_us);
    cell_count(table, listing->bars);
    cell_count(table, listing->gaps);
    cell_count(table, listing->missing);
}

/* The readings of one series from *at on; *at moves behind them. */
static Listing look_readings(const StoredReadings *readings, size_t *at) {
    StoredSeries series = social_store_series(readings, at);
    const StoredReading *first = series.rows, *last = &first[series.count - 1];
    Listing listing = {.is_social = true,
                       .start_us = first->reading.time,
                       .end_us = last->reading.time + series.bucket_us,
                       .bars = series.count,
                       .gaps = series.gaps,
                       .missing = series.missing};
    Text venue = TEXT_IN(listing.key.venue);
    text_put(&venue, OutsideSource_text(first->reading.source));
    text_end(&venue);
    memcpy(listing.key.symbol.text, first->asset.text, sizeof first->asset.text);
    listing.key.length_us = series.bucket_us;
    return listing;
}

static void print(const CommandCall *call, Table *table, const Listing *listing, bool *any) {
    if (!is_wanted(call, "symbols", listing->key.symbol.text) ||
        !is_wanted(call, "intervals", interval_of(listing)))
        return;
    if (table)
        print_row(table, listing);
    else
        print_json(listing, !*any);
    *any = true;
}

static void list(const CommandCall *call, const char *root, const CandleCatalog *catalog,
                 const StoredReadings *readings) {
    static const char *const titles[] = {"VENUE", "SYMBOL", "INTERVAL", "START (UTC)", "END (UTC)",
                                         "BARS",  "GAPS",   "MISSING",  NULL};
    Listing listing;
    bool json = call_json(call), any = false;
    Table *table = json ? NULL : table_open(titles, 1u << 5 | 1u << 6 | 1u << 7);
    for (size_t i = 0; i < catalog->count; i++) {
        look(root, &catalog->keys[i], &listing);
        print(call, table, &listing, &any);
    }
    for (size_t at = 0; at < readings->count;) {
        listing = look_readings(readings, &at);
        print(call, table, &listing, &any);
    }
    if (json) {
        puts(any ? "]" : "[]");
        return;
    }
    if (any)
        table_print(table, call_color(call), stdout);
    else
        printf("no candles in %s/candles; trader backtest fetch, or backtest import FILE\n", root);
    table_close(table);
}

static int run(CommandCall *call, Error *error) {
    const Settings *settings;
    CandleCatalog catalog;
    StoredReadings readings;
    if (!call_settings(call, &settings, error) ||
        !social_history_stored(settings->history.directory, &readings, error))
        return error_exit_code(error->code);
    if (!candle_catalog_read(settings->history.directory, &catalog, error)) {
        social_store_free(&readings);
        return error_exit_code(error->code);
    }
    list(call, settings->history.directory, &catalog, &readings);
    candle_catalog_free(&catalog);
    social_store_free(&readings);
    return 0;
}

const Command command_backtest_list = {
    .name = "backtest list",
    .group = "backtest",
    .sentence = "What is stored: candles (symbols, intervals, spans, gaps) and social history.",
    .examples = {"trader backtest list", "trader backtest list --symbols BTCUSDC --json"},
    .options = {{"symbols", OPTION_LIST, "S", "only these", NULL},
                {"intervals", OPTION_LIST, "I", "only these", NULL},
                {"data_dir", OPTION_VALUE, "DIR", "another data directory", "data.directory"}},
    .run = run,
};
