/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social readings on disk: DATA/social/SOURCE.csv, a row for each asset and moment, with `time`
 * (what it stands for) and `known` (from when on a decision may use it, never before). A row is
 * never changed: a value that its source changes later gets a row of its own, known from then on.
 * Files are small (a row has some 100 bytes) and written whole, under another name that then takes
 * the place. The Fear & Greed index keeps its own file (social_file.h); social_history.h reads all
 * of them. Whoever has a StoredReadings frees it.
 */
#ifndef SHELL_STORE_SOCIAL_STORE_H
#define SHELL_STORE_SOCIAL_STORE_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/bus/message.h"
#include "core/market/symbol.h"

typedef struct StoredReading {
    AssetName asset;       /* "BTC"; "*": the whole market */
    SocialReading reading; /* its symbol is empty */
} StoredReading;

typedef struct StoredReadings {
    StoredReading *at; /* in order of known, asset, time */
    size_t count, capacity;
} StoredReadings;

/* An absent file holds nothing. ERROR_DATA with file and line for what cannot be read. */
bool social_store_read(const char *root, OutsideSource source, StoredReadings *readings,
                       Error *error) MUST_USE;
bool social_store_push(StoredReadings *readings, const StoredReading *row, Error *error) MUST_USE;
void social_store_free(StoredReadings *readings);
/* Adds what is new; rows of the same asset, time and values are duplicates, those with other values
 * are known from `now_us` on. */
bool social_store_add(const char *root, OutsideSource source, const StoredReadings *rows,
                      int64_t now_us, size_t *added, Error *error) MUST_USE;

#endif
