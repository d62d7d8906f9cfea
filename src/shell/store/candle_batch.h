/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candles on their way into the store: the store's columns in memory, growing by rows. What a
 * source does not know is marked in its row (taker volume NaN, trades CANDLE_TRADES_UNKNOWN) or,
 * for the quote volume, whose place holds an estimate, for the whole batch. Each row remembers the
 * line it came from, so that a later refusal can name it. Whoever inits a batch deinits it.
 */
#ifndef SHELL_STORE_CANDLE_BATCH_H
#define SHELL_STORE_CANDLE_BATCH_H

#include "core/market/candle_series.h"
#include "shell/store/candle_format.h"

typedef struct CandleBatch {
    size_t count, capacity;
    unsigned flags; /* CANDLE_..._KNOWN of all rows */
    void *column[STORED_COLUMNS];
    uint64_t *line; /* NULL: rows without lines */
} CandleBatch;

void candle_batch_init(CandleBatch *batch);
void candle_batch_deinit(CandleBatch *batch);
/* `known`: CANDLE_..._KNOWN of this row. ERROR_LIMIT when memory runs out. */
bool candle_batch_add(CandleBatch *batch, const Bar *bar, unsigned known, uint64_t line,
                      Error *error) MUST_USE;
/* Row `row` of columns laid out as the store's, whose quote volumes are measured if `quote_known`.
 */
bool candle_batch_copy(CandleBatch *batch, const void *const column[static STORED_COLUMNS],
                       size_t row, bool quote_known, Error *error) MUST_USE;
/* Stably by time. */
bool candle_batch_sort(CandleBatch *batch, Error *error) MUST_USE;
/* Leaves out the rows whose mark is set; the flags are those of the rest. */
void candle_batch_drop(CandleBatch *batch, const bool *marks);
/* A view of the batch, until it changes. Unknown columns are NULL as in CandleSeries. */
CandleSeries candle_batch_series(const CandleBatch *batch, const CandleKey *key);
/* CANDLE_..._KNOWN of one row of such columns. */
unsigned candle_row_known(const void *const column[static STORED_COLUMNS], size_t row,
                          bool quote_known);
Bar candle_row_bar(const void *const column[static STORED_COLUMNS], size_t row);

#endif
