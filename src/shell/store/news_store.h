/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headlines of the past on disk: DATA/social/headlines.csv with the columns time,known,source,title
 * in order of `known`. `time` is when the source dates it, `known` when one could have had it: a
 * decision goes by that alone. Each title stands once, with the earliest moment that was said of
 * it; sentiment, symbols and impact are not kept, since whoever hears it judges it anew. Written
 * whole under another name that then takes the place; one writer at a time.
 *
 * The same columns, by their names and in any order, are what is imported; a table without `known`
 * (the labelled headlines of others: time, source, title, and columns that are passed over) is
 * known NEWS_KNOWN_LATER after its time, since feeds are not asked more often. Titles are made
 * plain. Whoever has StoredNews frees it.
 */
#ifndef SHELL_STORE_NEWS_STORE_H
#define SHELL_STORE_NEWS_STORE_H

#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/bus/message.h"

#define NEWS_KNOWN_LATER (10 * INSTANT_MINUTE_US) /* news.update_interval's preset */

typedef struct StoredNews {
    Headline *at; /* in order of known, then id */
    size_t count, capacity;
} StoredNews;

/* Where the columns stand; -1: nowhere. */
typedef struct NewsCsv {
    int time, known, source, title;
    unsigned count;
} NewsCsv;

/* True for a header that names time, source and title. */
bool news_csv_header(Slice line, NewsCsv *csv) MUST_USE;
/* NULL, or what is wrong with the row. A field may stand in quotes, doubled inside. */
const char *news_csv_row(const NewsCsv *csv, Slice line, Headline *headline);

/* An absent file holds nothing. ERROR_DATA with file and line for what cannot be read. */
bool news_store_read(const char *root, StoredNews *news, Error *error) MUST_USE;
bool news_store_push(StoredNews *news, const Headline *headline, Error *error) MUST_USE;
/* Adds titles that are not there. */
bool news_store_add(const char *root, const StoredNews *news, size_t *added, Error *error) MUST_USE;
void news_store_free(StoredNews *news);

#endif
