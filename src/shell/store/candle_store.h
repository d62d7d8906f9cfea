/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The candle store: one file a venue, symbol and interval, at DATA/candles/VENUE/SYMBOL/INTERVAL.
 * candles, whose columns stand one behind another as little-endian arrays, so that a reader maps it
 * and has a CandleSeries without copying anything (docs/CANDLES.md says every byte). Opening checks
 * the header; the columns have a checksum every 512 rows, which candle_store_verify reads for the
 * rows that are going to be used. A writer (candle_store_write.h) only ever appends behind the
 * committed count or puts a new file in place of the old one, so what is mapped never changes. The
 * opener owns a StoredCandles and closes it; its series lives as long.
 */
#ifndef SHELL_STORE_CANDLE_STORE_H
#define SHELL_STORE_CANDLE_STORE_H

#include "core/market/candle_series.h"
#include "shell/store/candle_format.h"

typedef struct StoredCandles {
    CandleSeries series;
    CandleKey key;
    bool quote_known; /* false: some quote volumes are estimates (volume x typical price) */
    CandleHeader header;
    unsigned header_copy;     /* which of the two it is */
    const unsigned char *map; /* the file */
    size_t size;
    char path[CANDLE_PATH_MAX];
} StoredCandles;

/* Maps the file. ERROR_DATA: there is none, it is none of ours, of a newer version, or its header
 * or size is damaged; what the header says is then not believed. */
bool candle_store_open_file(const char *path, StoredCandles *stored, Error *error) MUST_USE;
/* The same by key, and the header must say that key. */
bool candle_store_open(const char *root, const CandleKey *key, StoredCandles *stored,
                       Error *error) MUST_USE;
/* The same over bytes in memory, which outlive it and are not closed. */
bool candle_store_view(const char *path, const unsigned char *bytes, size_t size,
                       StoredCandles *stored, Error *error) MUST_USE;
void candle_store_close(StoredCandles *stored);

/* Are rows [first, end) what was written? ERROR_DATA names the first damaged block: file, column,
 * rows. */
bool candle_store_verify(const StoredCandles *stored, size_t first, size_t end,
                         Error *error) MUST_USE;

/* For those that judge and repair. */
const void *candle_store_column(const StoredCandles *stored, StoredColumn column);
/* One sound copy of its checksum is enough. */
bool candle_store_block_sound(const StoredCandles *stored, StoredColumn column, uint64_t block);

#endif
