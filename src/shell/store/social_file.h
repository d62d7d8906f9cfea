/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social history on disk, with what was known when: DATA/social/fear_greed.csv has the columns
 * time,known,value,classification,source. `time` is the day that a value stands for, `known` the
 * instant from which on a decision may use it: for a value met while it was the newest, when it was
 * fetched; for older history, whose moment of publication nobody can prove, the end of its day. A
 * value that the source changes later gets a row of its own with the later `known`; no row is ever
 * changed. Whoever reads a SocialSeries frees it.
 */
#ifndef SHELL_STORE_SOCIAL_FILE_H
#define SHELL_STORE_SOCIAL_FILE_H

#include <stddef.h>

#include "core/venues/fear_greed.h"

typedef struct KnownValue {
    int64_t time_us, known_us;
    double value;
} KnownValue;

typedef struct SocialSeries {
    KnownValue *at; /* in order of known_us, then time_us */
    size_t count;
} SocialSeries;

#define SOCIAL_FEAR_GREED "fear_greed"

/* An absent file is an empty series. ERROR_DATA with file and line for what cannot be read. */
bool social_file_read(const char *root, const char *name, SocialSeries *series,
                      Error *error) MUST_USE;
void social_series_free(SocialSeries *series);
/* The latest sample that was known at `now_us`: its index, or -1. */
long social_series_known(const SocialSeries *series, int64_t now_us);
/* Adds what is new of `rows`, fetched at `now_us`; *added says how many. */
bool social_file_add(const char *root, const FearGreed *rows, size_t count, int64_t now_us,
                     size_t *added, Error *error) MUST_USE;

#endif
