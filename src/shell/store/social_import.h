/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social history from files of others, known by their headers: daily series of LunarCrush's old v2
 * API (core/venues/lunarcrush_v2.h), hourly counts of posts (coin,hour,tweets,likes,retweets,
 * replies; an hour without a post has no row), the Fear & Greed index (Date,fng_value,fng_class),
 * the store's own form (social_store.h), which may say a later `known` itself, and headlines
 * (news_store.h). What stands for a day is known at its end, what stands for an hour at the hour's
 * end: nobody can prove when the figures of the past were published, but not before they could be
 * counted; of an hour or a day that is not over there is nothing yet. Also .gz and .zip. Nothing is
 * kept.
 */
#ifndef SHELL_STORE_SOCIAL_IMPORT_H
#define SHELL_STORE_SOCIAL_IMPORT_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/bus/message.h"

typedef struct SocialImported {
    OutsideSource source;
    bool is_news; /* headlines: of no single source */
    size_t rows, added, refused;
    int64_t first_us, last_us; /* times of the sound rows */
    uint64_t gaps, missing;    /* hours or days without a row, in the sound rows */
} SocialImported;

typedef struct SocialImportPlan {
    const char *root;
    int64_t now_us; /* when it comes in */
    /* A row was refused: `reason` has file and line. NULL: nobody is told. */
    void (*on_refused)(void *context, const Error *reason);
    void *context;
} SocialImportPlan;

/* True for a file with one of these headers. What cannot be opened is no such file. */
bool social_import_knows(const char *path);
/* False with ERROR_DATA and the headers that are known: a table whose header is neither one of
 * these nor of candles. What cannot be opened is left to others. */
bool social_import_refuse_strange(const char *path, Error *error) MUST_USE;
/* Rows that are not sound are left out and counted. */
bool social_import(const SocialImportPlan *plan, const char *path, SocialImported *imported,
                   Error *error) MUST_USE;

#endif
