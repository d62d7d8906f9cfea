/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candles into the store. New rows behind the last one are appended in place: columns first, then
 * checksums, flushed, then the header twice, each flushed; whatever moment a crash chooses, a
 * reader sees the old rows or all of the new. Rows before or between the stored ones, rows that
 * know more than the stored ones, and a full file lead to a new file that takes the old one's
 * place. Rows of one time must agree in prices and volume. One writer at a time holds the symbol's
 * directory (flock). Stateless.
 */
#ifndef SHELL_STORE_CANDLE_WRITE_H
#define SHELL_STORE_CANDLE_WRITE_H

#include "shell/store/candle_batch.h"

typedef struct CandlePut {
    uint64_t added;
    uint64_t same;     /* stood there already and agree */
    uint64_t improved; /* of these: knew more and took the stored one's place */
    size_t conflict;   /* with ERROR_DATA: row of the batch, or SIZE_MAX: the store's own fault */
} CandlePut;

/* `batch`: rising times on the interval's grid, sound bars; empty is fine. ERROR_DATA, and nothing
 * stored, when a row differs from the stored one, or the file is damaged where it must be read. */
bool candle_store_put(const char *root, const CandleKey *key, const CandleBatch *batch,
                      CandlePut *put, Error *error) MUST_USE;
/* Writes all of it as a new file in place of any old one; the caller holds the lock. */
bool candle_store_replace(const char *path, const CandleKey *key, const CandleBatch *batch,
                          Error *error) MUST_USE;
/* The lock of the file's directory, which is made; -1 with an Error. Closing lets it go. */
int candle_store_lock(const char *path, Error *error);

#endif
