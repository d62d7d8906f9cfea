/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars for a cold start. At full speed the database hears of bars now and then only, so that after
 * a kill it may lack the newest; the journal has every minute. Read from its start and folded as
 * the market monitor folds, whatever is newer than the database's own last bar of a series is put
 * behind it. A journal whose first segments were dropped long ago gives nothing, and then the
 * database is what there is.
 */
#include <stdlib.h>
#include <string.h>

#include "core/bus/convert.h"
#include "shell/drivers/engine_parts.h"

typedef struct Series {
    SymbolName symbol;
    CandleFold folds[INTERVAL_COUNT];
    int64_t stored_us[INTERVAL_COUNT]; /* newest in the database */
    int64_t minute_us;                 /* newest folded */
} Series;

typedef struct Filling {
    Store *store;
    unsigned count;
    Series series[LIMIT_SYMBOLS];
} Filling;

static Series *series_of(Filling *filling, const char *symbol) {
    SymbolName name;
    Bar newest;
    if (!symbol_name_set(&name, slice_of(symbol))) return NULL;
    for (unsigned i = 0; i < filling->count; i++)
        if (symbol_name_equal(&filling->series[i].symbol, &name)) return &filling->series[i];
    if (filling->count == LIMIT_SYMBOLS) return NULL;
    Series *series = &filling->series[filling->count++];
    series->symbol = name;
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++) {
        candle_fold_init(&series->folds[interval], interval);
        if (store_bars(filling->store, symbol, interval, &newest, 1) == 1)
            series->stored_us[interval] = newest.time_us;
    }
    return series;
}

static bool put_newer(Filling *filling, Series *series, Interval interval, const Bar *bar,
                      Error *error) {
    if (bar->time_us <= series->stored_us[interval]) return true;
    series->stored_us[interval] = bar->time_us;
    return store_put_bar(filling->store, series->symbol.text, interval, bar, error);
}

/* History brings the longer intervals itself; its minutes only begin the longer bars. */
static bool put_minute(Filling *filling, Series *series, const Bar *bar, bool history,
                       Error *error) {
    if (bar->time_us <= series->minute_us) return true;
    series->minute_us = bar->time_us;
    if (!put_newer(filling, series, INTERVAL_1M, bar, error)) return false;
    for (Interval interval = INTERVAL_1M + 1; interval < INTERVAL_COUNT; interval++) {
        Bar closed[2];
        unsigned count = candle_fold_add(&series->folds[interval], bar, closed);
        for (unsigned i = 0; i < count && !history; i++)
            if (!put_newer(filling, series, interval, &closed[i], error)) return false;
    }
    return true;
}

static bool put_record(Filling *filling, const Record *record, Error *error) {
    MarketBar message;
    bool history = record->topic == TOPIC_HISTORY_BARS;
    if (record->kind != RECORD_INPUT || (!history && record->topic != TOPIC_BARS)) return true;
    if (!codec_decode(topic_message((Topic)record->topic), record->payload, record->length,
                      &message, error))
        return false;
    Series *series = series_of(filling, message.symbol);
    Interval interval = (Interval)message.interval;
    Bar bar = bar_from_message(&message);
    if (!series || bar_fault(&bar, interval_us(interval))) return true; /* as the monitor does */
    if (interval == INTERVAL_1M) return put_minute(filling, series, &bar, history, error);
    return put_newer(filling, series, interval, &bar, error);
}

static bool fill(Filling *filling, JournalReader *reader, Error *error) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    while (journal_read(reader, &record, &bytes, &size) == JOURNAL_RECORD)
        if (!put_record(filling, &record, error)) return false;
    return store_flush(filling->store, error);
}

bool engine_cold_bars(Engine *engine, Error *error) {
    Filling *filling = calloc(1, sizeof *filling);
    if (!filling) return error_set(error, ERROR_LIMIT, "out of memory", "cold start", NULL);
    filling->store = engine->store;
    JournalReader *reader = journal_reader_open(engine->plan->state_directory, NULL, error);
    bool sound = reader && fill(filling, reader, error);
    journal_reader_close(reader);
    free(filling);
    return sound;
}
