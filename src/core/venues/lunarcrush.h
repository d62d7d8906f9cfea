/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LunarCrush API v4 as a codec (README of lunarcrush/api, 2025-06-22): paths out, readings in. The
 * envelope is {"config":{"generated":SECONDS,...},"data":...}. Sentiment is the share of positive
 * posts in percent, weighted by interactions, 50 neutral: here 0 to 1. Any metric may be missing or
 * null: NaN here. A coin is found by its ticker in the list, which is sorted by rank of market
 * capitalisation: tickers collide, and the first is meant. Exports of the old v2 API are read by
 * lunarcrush_v2.h. Pure; results lie in memory of the caller.
 */
#ifndef CORE_VENUES_LUNARCRUSH_H
#define CORE_VENUES_LUNARCRUSH_H

#include "core/bus/message.h"
#include "core/market/symbol.h"
#include "core/venues/foreign_items.h"

/* Coins a page of the list: an item has 1,300 bytes, an answer has room for 60,000. */
#define LUNARCRUSH_PAGE_COINS 40
#define LUNARCRUSH_TOPIC_TEXT 64 /* the longest topics seen have 30 bytes */

typedef struct LunarcrushCoin {
    int64_t id, rank; /* rank 0: not told */
    char ticker[LIMIT_ASSET_TEXT];
    char topic[LUNARCRUSH_TOPIC_TEXT];
    SocialMetrics metrics; /* of 24 hours: volume, engagement, sentiment */
} LunarcrushCoin;

/* Paths behind the source's address, parameters apart. */
void lunarcrush_list_path(unsigned page, Text *path, Text *parameters);
void lunarcrush_topic_path(const char *topic, Text *path);
void lunarcrush_news_path(const char *topic, Text *path);
/* Buckets of an hour, or of a day, from `start_us` (inclusive) to `end_us`. */
typedef struct LunarcrushSpan {
    int64_t coin;
    bool daily;
    int64_t start_us, end_us;
} LunarcrushSpan;
void lunarcrush_series_path(const LunarcrushSpan *span, Text *path, Text *parameters);

/* When the answer was made, 0 if it does not say. */
int64_t lunarcrush_generated(Slice body);
/* An item of the list's `data`. */
ForeignFault lunarcrush_coin(Slice item, LunarcrushCoin *coin);
/* The topic's answer: metrics, and the mean of its kinds of posts weighted by their interactions.
 * `symbol` and `known` are the caller's. */
ForeignFault lunarcrush_topic(Slice body, SocialReading *reading);
/* An item of a time series with buckets of `bucket_us`: `known` is the bucket's end. A bucket that
 * had not ended at `generated_us` (0: unknown) is incomplete: a fault. */
ForeignFault lunarcrush_bucket(Slice item, int64_t bucket_us, int64_t generated_us,
                               SocialReading *reading);

#endif
