/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social readings on disk: DATA/social/SOURCE.csv for days and SOURCE_hourly.csv for hours, a row
 * for each asset and moment, with `time` (start of the day or hour that it stands for) and `known`
 * (from when on a decision may use it, never before). A row is never changed: a value that its
 * source changes later gets a row of its own, known from then on (in whole milliseconds, never
 * before). Files are small (a row has some 100 bytes) and written whole, under another name that
 * then takes the place; one writer at a time. The Fear & Greed index keeps its own file
 * (social_file.h); social_history.h reads all of them. Whoever has a StoredReadings frees it.
 */
#ifndef SHELL_STORE_SOCIAL_STORE_H
#define SHELL_STORE_SOCIAL_STORE_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/bus/message.h"
#include "core/market/symbol.h"

typedef struct StoredReading {
    AssetName asset;       /* "BTC"; "*": the whole market */
    int64_t bucket_us;     /* an hour or a day */
    SocialReading reading; /* its symbol is empty */
} StoredReading;

typedef struct StoredReadings {
    StoredReading *at; /* in order of known, asset, time */
    size_t count, capacity;
} StoredReadings;

/* One file: what a source says of hours, or of days. */
typedef struct SocialShelf {
    OutsideSource source;
    int64_t bucket_us;
} SocialShelf;

/* Rows of one shelf and asset, with the hours or days between them that have none. */
typedef struct StoredSeries {
    const StoredReading *rows; /* in order of time */
    size_t count;
    int64_t bucket_us;
    uint64_t gaps, missing;
} StoredSeries;

/* The series that begins at rows[*at] of rows in order of source, bucket, asset and time; *at moves
 * behind it. */
StoredSeries social_store_series(const StoredReadings *readings, size_t *at);

/* A file in this form: its first line, and a row (false: it is none). */
bool social_store_is_header(Slice line);
bool social_store_row(Slice line, StoredReading *row) MUST_USE;

/* An absent file holds nothing. ERROR_DATA with file and line for what cannot be read. */
bool social_store_read(const char *root, const SocialShelf *shelf, StoredReadings *readings,
                       Error *error) MUST_USE;
bool social_store_push(StoredReadings *readings, const StoredReading *row, Error *error) MUST_USE;
void social_store_free(StoredReadings *readings);
/* Adds what is new; rows of the same asset, time and values are duplicates, those with other values
 * are known from `now_us` on. */
bool social_store_add(const char *root, const SocialShelf *shelf, const StoredReadings *rows,
                      int64_t now_us, size_t *added, Error *error) MUST_USE;

#endif
