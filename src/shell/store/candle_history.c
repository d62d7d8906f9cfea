/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_history.h"

#include <string.h>

#include "shell/store/candle_catalog.h"

/* The stored interval from which the wanted one comes: itself, else the longest that divides it. 0:
 * there is none. */
static int64_t source_length(const CandleCatalog *catalog, const CandleKey *key) {
    int64_t best_us = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        const CandleKey *one = &catalog->keys[i];
        bool same =
            strcmp(one->venue, key->venue) == 0 && symbol_name_equal(&one->symbol, &key->symbol);
        if (!same || key->length_us % one->length_us != 0) continue;
        if (one->length_us > best_us) best_us = one->length_us;
    }
    return best_us;
}

static bool refuse_absent(const CandleKey *key, Error *error) {
    char memory[160];
    Text message = TEXT_IN(memory);
    text_format(&message, "no candles of %s %s are stored, nor shorter ones", key->symbol.text,
                candle_length_name(key->length_us));
    return error_set(error, ERROR_DATA, text_end(&message), key->symbol.text,
                     "trader backtest list; trader backtest fetch, or backtest import FILE");
}

static bool refuse_range(const CandleHistory *history, Error *error) {
    char memory[200], first[25], last[25];
    Text hint = TEXT_IN(memory);
    const CandleSeries *all = &history->stored.series;
    instant_to_iso(all->time_us[0], first);
    instant_to_iso(all->time_us[all->count - 1], last);
    text_format(&hint, "stored are %s to %s", first, last);
    return error_set(error, ERROR_DATA, "no candles between the dates asked for",
                     history->stored.key.symbol.text, text_end(&hint));
}

static bool fold_rows(CandleHistory *history, int64_t length_us, Error *error) {
    Bar bar;
    SeriesFold fold;
    CandleKey key = history->stored.key;
    unsigned known = history->stored.header.flags;
    key.length_us = length_us;
    series_fold_init(&fold, &history->series, length_us);
    while (series_fold_next(&fold, &bar))
        if (!candle_batch_add(&history->folded, &bar, known, 0, error)) return false;
    history->incomplete = fold.incomplete;
    history->series = candle_batch_series(&history->folded, &key);
    return history->series.count > 0 || refuse_range(history, error);
}

static bool cut(CandleHistory *history, int64_t length_us, int64_t from_us, int64_t until_us,
                Error *error) {
    const CandleSeries *all = &history->stored.series;
    if (from_us > INT64_MIN) /* whole buckets only: from the first that opens in the range */
        from_us = interval_floor(from_us + length_us - 1, length_us);
    size_t first = candle_series_before(all, from_us);
    /* A bucket that opens before the end is wanted whole. */
    if (until_us < INT64_MAX - length_us)
        until_us = interval_floor(until_us + length_us - 1, length_us);
    size_t end = candle_series_before(all, until_us);
    if (first >= end) return refuse_range(history, error);
    history->series = candle_series_part(all, first, end);
    return candle_store_verify(&history->stored, first, end, error);
}

bool candle_history_open(const char *root, const CandleKey *key, int64_t from_us, int64_t until_us,
                         CandleHistory *history, Error *error) {
    CandleCatalog catalog;
    CandleKey source = *key;
    *history = (CandleHistory){0};
    candle_batch_init(&history->folded);
    const char *fault = candle_key_fault(key);
    if (fault) return error_set(error, ERROR_DATA, fault, key->symbol.text, NULL);
    if (!candle_catalog_read(root, &catalog, error)) return false;
    history->source_us = source.length_us = source_length(&catalog, key);
    candle_catalog_free(&catalog);
    if (source.length_us == 0) return refuse_absent(key, error);
    if (!candle_store_open(root, &source, &history->stored, error)) return false;
    bool good = cut(history, key->length_us, from_us, until_us, error) &&
                (source.length_us == key->length_us || fold_rows(history, key->length_us, error));
    if (!good) candle_history_close(history);
    return good;
}

void candle_history_close(CandleHistory *history) {
    candle_batch_deinit(&history->folded);
    candle_store_close(&history->stored);
    *history = (CandleHistory){0};
}
