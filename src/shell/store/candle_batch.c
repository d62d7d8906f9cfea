/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROWS 1024 /* a page of the venue; doubling from there */

void candle_batch_init(CandleBatch *batch) {
    *batch = (CandleBatch){.flags = CANDLE_ALL_KNOWN};
}

void candle_batch_deinit(CandleBatch *batch) {
    for (unsigned i = 0; i < STORED_COLUMNS; i++)
        free(batch->column[i]);
    free(batch->line);
    candle_batch_init(batch);
}

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "candles", "close other programs");
}

static bool grow(CandleBatch *batch, Error *error) {
    if (batch->count < batch->capacity) return true;
    size_t rows = batch->capacity ? 2 * batch->capacity : FIRST_ROWS;
    for (unsigned i = 0; i < STORED_COLUMNS; i++) {
        void *grown = realloc(batch->column[i], rows * candle_column_width((StoredColumn)i));
        if (!grown) return no_memory(error);
        batch->column[i] = grown;
    }
    uint64_t *lines = realloc(batch->line, rows * sizeof *lines);
    if (!lines) return no_memory(error);
    batch->line = lines;
    batch->capacity = rows;
    return true;
}

static void put_row(CandleBatch *batch, const Bar *bar, unsigned known) {
    size_t row = batch->count;
    const int64_t whole[] = {bar->time_us, bar->open.units, bar->high.units, bar->low.units,
                             bar->close.units};
    for (unsigned i = STORED_TIME; i <= STORED_CLOSE; i++)
        ((int64_t *)batch->column[i])[row] = whole[i];
    ((double *)batch->column[STORED_VOLUME])[row] = bar->volume;
    ((double *)batch->column[STORED_QUOTE_VOLUME])[row] = bar->quote_volume;
    ((double *)batch->column[STORED_TAKER_VOLUME])[row] =
        known & CANDLE_TAKER_KNOWN ? bar->taker_volume : (double)NAN;
    ((uint32_t *)batch->column[STORED_TRADES])[row] =
        known & CANDLE_TRADES_KNOWN ? bar->trades : CANDLE_TRADES_UNKNOWN;
}

bool candle_batch_add(CandleBatch *batch, const Bar *bar, unsigned known, uint64_t line,
                      Error *error) {
    if (!grow(batch, error)) return false;
    put_row(batch, bar, known);
    batch->line[batch->count++] = line;
    batch->flags &= known;
    return true;
}

bool candle_batch_copy(CandleBatch *batch, const void *const column[static STORED_COLUMNS],
                       size_t row, bool quote_known, Error *error) {
    if (!grow(batch, error)) return false;
    for (unsigned i = 0; i < STORED_COLUMNS; i++) {
        size_t width = candle_column_width((StoredColumn)i);
        memcpy((char *)batch->column[i] + batch->count * width,
               (const char *)column[i] + row * width, width);
    }
    batch->line[batch->count++] = 0;
    batch->flags &= candle_row_known(column, row, quote_known);
    return true;
}

/* --- order ------------------------------------------------------------------------------------ */

typedef struct Place {
    int64_t time_us;
    size_t row;
} Place;

static int compare_places(const void *a, const void *b) {
    const Place *left = a, *right = b;
    if (left->time_us != right->time_us) return left->time_us < right->time_us ? -1 : 1;
    return left->row < right->row ? -1 : left->row > right->row;
}

static bool permute(CandleBatch *batch, const Place *places) {
    for (unsigned i = 0; i <= STORED_COLUMNS; i++) {
        bool lines = i == STORED_COLUMNS;
        size_t width = lines ? sizeof batch->line[0] : candle_column_width((StoredColumn)i);
        char *source = lines ? (char *)batch->line : batch->column[i];
        char *target = malloc(batch->capacity * width);
        if (!target) return false;
        for (size_t row = 0; row < batch->count; row++)
            memcpy(target + row * width, source + places[row].row * width, width);
        free(source);
        if (lines)
            batch->line = (uint64_t *)(void *)target;
        else
            batch->column[i] = target;
    }
    return true;
}

static bool is_sorted(const CandleBatch *batch) {
    const int64_t *time_us = batch->column[STORED_TIME];
    for (size_t row = 1; row < batch->count; row++)
        if (time_us[row] < time_us[row - 1]) return false;
    return true;
}

bool candle_batch_sort(CandleBatch *batch, Error *error) {
    if (is_sorted(batch)) return true;
    Place *places = malloc(batch->count * sizeof *places);
    if (!places) return no_memory(error);
    const int64_t *time_us = batch->column[STORED_TIME];
    for (size_t row = 0; row < batch->count; row++)
        places[row] = (Place){time_us[row], row};
    qsort(places, batch->count, sizeof *places, compare_places);
    bool good = permute(batch, places);
    free(places);
    return good || no_memory(error);
}

void candle_batch_drop(CandleBatch *batch, const bool *marks) {
    size_t kept = 0;
    bool quote_known = batch->flags & CANDLE_QUOTE_KNOWN;
    batch->flags = CANDLE_ALL_KNOWN;
    for (size_t row = 0; row < batch->count; row++) {
        if (marks[row]) continue;
        for (unsigned i = 0; i < STORED_COLUMNS; i++) {
            size_t width = candle_column_width((StoredColumn)i);
            char *column = batch->column[i];
            memmove(column + kept * width, column + row * width, width);
        }
        batch->line[kept] = batch->line[row];
        batch->flags &= candle_row_known((const void *const *)batch->column, kept, quote_known);
        kept++;
    }
    batch->count = kept;
}

/* --- reading ---------------------------------------------------------------------------------- */

CandleSeries candle_batch_series(const CandleBatch *batch, const CandleKey *key) {
    bool has_taker = batch->flags & CANDLE_TAKER_KNOWN;
    bool has_trades = batch->flags & CANDLE_TRADES_KNOWN;
    return (CandleSeries){
        .symbol = key->symbol,
        .length_us = key->length_us,
        .count = batch->count,
        .time_us = batch->column[STORED_TIME],
        .open = batch->column[STORED_OPEN],
        .high = batch->column[STORED_HIGH],
        .low = batch->column[STORED_LOW],
        .close = batch->column[STORED_CLOSE],
        .volume = batch->column[STORED_VOLUME],
        .quote_volume = batch->column[STORED_QUOTE_VOLUME],
        .taker = has_taker ? batch->column[STORED_TAKER_VOLUME] : NULL,
        .trades = has_trades ? batch->column[STORED_TRADES] : NULL,
    };
}

unsigned candle_row_known(const void *const column[static STORED_COLUMNS], size_t row,
                          bool quote_known) {
    const double *taker = column[STORED_TAKER_VOLUME];
    const uint32_t *trades = column[STORED_TRADES];
    return (quote_known ? CANDLE_QUOTE_KNOWN : 0) | (isnan(taker[row]) ? 0 : CANDLE_TAKER_KNOWN) |
           (trades[row] == CANDLE_TRADES_UNKNOWN ? 0 : CANDLE_TRADES_KNOWN);
}

Bar candle_row_bar(const void *const column[static STORED_COLUMNS], size_t row) {
    unsigned known = candle_row_known(column, row, true);
    return (Bar){
        .time_us = ((const int64_t *)column[STORED_TIME])[row],
        .open = {((const int64_t *)column[STORED_OPEN])[row]},
        .high = {((const int64_t *)column[STORED_HIGH])[row]},
        .low = {((const int64_t *)column[STORED_LOW])[row]},
        .close = {((const int64_t *)column[STORED_CLOSE])[row]},
        .volume = ((const double *)column[STORED_VOLUME])[row],
        .quote_volume = ((const double *)column[STORED_QUOTE_VOLUME])[row],
        .taker_volume =
            known & CANDLE_TAKER_KNOWN ? ((const double *)column[STORED_TAKER_VOLUME])[row] : 0,
        .trades = known & CANDLE_TRADES_KNOWN ? ((const uint32_t *)column[STORED_TRADES])[row] : 0,
    };
}
