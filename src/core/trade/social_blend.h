/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One picture of a symbol's social data out of what several sources said: the mission's Social Data
 * with its parts. The sentiment is the mean of the sources' sentiments, weighted by settings and by
 * freshness (a reading counts fully when it comes, linearly less, and no more after max_age).
 * Counts never enter it: popularity alone is neither good nor bad news; what is there of the
 * mission's metrics and how fresh it is makes the quality. Without any sentiment there is none, and
 * `fallback` says so. docs/SOCIAL.md gives the reasons. Pure; nothing is kept.
 */
#ifndef CORE_TRADE_SOCIAL_BLEND_H
#define CORE_TRADE_SOCIAL_BLEND_H

#include "core/bus/message.h"
#include "core/bus/settings.h"
#include "core/trade/news_desk.h"

/* What was said of one symbol (or of the market) last; known_us 0: nothing. The coin list and a
 * topic's page of LunarCrush hold different halves, and history has its own row. */
typedef enum SocialSlot {
    SOCIAL_SLOT_LIST,
    SOCIAL_SLOT_TOPIC,
    SOCIAL_SLOT_FILE,
    SOCIAL_SLOT_COUNT
} SocialSlot;

typedef struct SocialSaid {
    int64_t known_us;
    SocialMetrics metrics;
    double weighted;
} SocialSaid;

typedef struct SocialSources {
    SocialSaid of_symbol[SOCIAL_SLOT_COUNT];
    SocialSaid of_market; /* the Fear & Greed index */
} SocialSources;

typedef struct SocialRule {
    double lunarcrush_weight, news_weight, market_weight;
    int64_t age_us_max;
} SocialRule;

SocialRule social_rule(const Settings *settings);
/* Fills metrics, weighted_sentiment, fallback, quality, quality_flags, news_impact, parts and
 * timestamp; `news` is what the desk says, whose items stand in the sample already. `heard_news`:
 * some feed was read within max_age, so that no headline means none. */
void social_blend(const SocialRule *rule, const SocialSources *sources, const NewsMood *news,
                  bool heard_news, int64_t now_us, SocialSample *sample);

#endif
