/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All stored social readings of some symbols, and stored headlines, as one line, in the order in
 * which they became known: what a replay, a lab and a trial hear. A symbol hears the readings of
 * its base asset; those of the whole market bear "*". A day of which the source had told an hour
 * by then is not heard: it counts 24 times as much. What became known of an older time than the
 * source had spoken of already is not heard, since only what stands now can decide; so a batch of
 * corrections is at most one reading a symbol and instant. What is heard at a moment never depends
 * on what becomes known later. Whoever opens a SocialHistory closes it.
 */
#ifndef SHELL_STORE_SOCIAL_HISTORY_H
#define SHELL_STORE_SOCIAL_HISTORY_H

#include "core/base/digest.h"
#include "core/base/instant.h"
#include "core/bus/settings.h"
#include "core/bus/social_line.h"
#include "shell/store/news_store.h"
#include "shell/store/social_store.h"

/* What a run over these symbols hears, in order of `known`, then source, symbol and time. */
typedef struct SocialHistory {
    SocialReading *at; /* each with its symbol, or "*" */
    size_t count;
    Headline *news; /* in order of `known` */
    size_t news_count;
    uint8_t digest[SHA256_SIZE]; /* of all that is there */
} SocialHistory;

/* A run is told what was known so long before its first candle: the longest span over which trends
 * of social data are said (7 d). */
#define SOCIAL_HISTORY_BEFORE_US (7 * INSTANT_DAY_US)
/* All of that is said in one turn, which holds 20,000 messages: more loses the oldest. */
#define SOCIAL_HISTORY_BEFORE_MAX 10000
/* Headlines of one instant, or from before the start: as many as are remembered (news_desk.h). */
#define SOCIAL_HISTORY_NEWS_MAX 256

typedef struct SocialSpan {
    int64_t start_us, until_us; /* of the run, until exclusive; `known` begins BEFORE_US earlier */
} SocialSpan;

/* Where a run over recorded candles finds social history: data.directory; NULL: social.mode is off.
 */
const char *social_history_root(const Settings *settings);
/* Every stored source. Symbols get the readings of their base asset. */
bool social_history_open(SocialHistory *history, const char *root, const Symbol *symbols,
                         unsigned symbol_count, SocialSpan span, Error *error) MUST_USE;
/* "with social data from 2021-09-02 to 2021-10-17", or "no social data": the days on which they
 * became known. */
void social_history_tell(const SocialHistory *history, Text *text);
/* Every row of every source, in order of source, bucket, asset and time. */
bool social_history_stored(const char *root, StoredReadings *readings, Error *error) MUST_USE;
SocialLine social_history_line(const SocialHistory *history);
void social_history_close(SocialHistory *history);

#endif
