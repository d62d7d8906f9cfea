/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The news of the last day, as a newsroom's desk has it: each headline once, with its sentiment,
 * what it is about, how new it is, and from when on it was known. Its impact is relevance x recency
 * x |sentiment - 0.5| x 2 x weight of its source, recency halving with each half-life since it was
 * published (or known, where the date is missing or lies in the future). A story told again counts
 * by its novelty. For each symbol the desk gives the latest news, their signed impact, and one
 * sentiment: the mean by relevance, recency and novelty, drawn towards neutral as long as little is
 * known. A plain value; the service that owns it keeps it in its state.
 */
#ifndef CORE_TRADE_NEWS_DESK_H
#define CORE_TRADE_NEWS_DESK_H

#include "core/bus/message.h"
#include "core/market/symbol.h"
#include "core/trade/headline_memory.h"

#define NEWS_DESK_ENTRIES 256 /* a busy day of the default feeds has about 200 relevant ones */

typedef struct NewsEntry {
    char id[40], title[200], source[32];
    int64_t published_us, known_us;
    double sentiment, engagement, relevance, novelty, weight;
    uint32_t symbols; /* one bit for each index of the watched */
    bool market;      /* about all of them */
} NewsEntry;

typedef struct NewsDesk {
    HeadlineMemory memory;
    uint32_t count; /* ever kept; the newest overwrite the oldest */
    NewsEntry entries[NEWS_DESK_ENTRIES];
} NewsDesk;

typedef struct NewsRule {
    int64_t age_us_max, half_life_us;
} NewsRule;

/* What the news say of one symbol. */
typedef struct NewsMood {
    double sentiment; /* NaN without news */
    double impact;    /* signed, -1 to 1; NaN without news */
    double age_us;    /* mean, by the weights of the mean sentiment */
    unsigned today;   /* headlines of the last 24 hours */
} NewsMood;

/* Judges the headline and keeps it: fills sentiment (where its source has none), symbols,
 * relevance, novelty and impact. False: heard before, older than the rule allows, or about
 * something else. `named` is the index of a symbol that the source says it is about, or -1. */
bool news_desk_take(NewsDesk *desk, const NewsRule *rule, const SymbolTable *watched, int named,
                    double weight, Headline *headline) MUST_USE;
/* The latest news of a symbol, newest first, into sample->recent_news. */
NewsMood news_desk_mood(const NewsDesk *desk, const NewsRule *rule, unsigned symbol, int64_t now_us,
                        SocialSample *sample);

_Static_assert(LIMIT_SYMBOLS <= 32, "one bit for each watched symbol");

#endif
