/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in the candle store: the files below DATA/candles, in order of venue, symbol and length
 * of the interval. Names only; the files are opened by whoever wants to know more. The reader owns
 * the catalog and frees it.
 */
#ifndef SHELL_STORE_CANDLE_CATALOG_H
#define SHELL_STORE_CANDLE_CATALOG_H

#include "core/market/candle_series.h"
#include "shell/store/candle_key.h"

typedef struct CandleCatalog {
    CandleKey *keys;
    size_t count, capacity;
} CandleCatalog;

/* No directory is an empty store. Names that are none of ours are passed over. */
bool candle_catalog_read(const char *root, CandleCatalog *catalog, Error *error) MUST_USE;
/* Adds the key if it is not there yet. */
bool candle_catalog_add(CandleCatalog *catalog, const CandleKey *key, Error *error) MUST_USE;
void candle_catalog_sort(CandleCatalog *catalog);

typedef struct CandleGaps {
    uint64_t gaps, missing; /* stretches without candles between stored ones; candles missing */
    void (*on_gap)(void *context, const CandleKey *key,
                   const CandleGap *gap); /* NULL: only count */
    void *context;
} CandleGaps;

/* Counts the gaps of all files of the catalog. */
bool candle_catalog_gaps(const char *root, const CandleCatalog *catalog, CandleGaps *gaps,
                         Error *error) MUST_USE;
void candle_catalog_free(CandleCatalog *catalog);

#endif
