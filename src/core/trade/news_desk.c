/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/news_desk.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/trade/headline_sentiment.h"
#include "core/trade/headline_symbols.h"

#define LN_2 0.69314718055994530942
/* Headlines of full weight that a neutral prior is worth: two fresh ones that agree move the mean
 * half of their way, because a word list is often wrong about a single one. */
#define PRIOR 2.0
/* What is left of the relevance where a source, but not the title, names the symbol. */
#define NAMED_ELSEWHERE 0.6

/* Since it was published, as far as that can be believed. */
static int64_t age_of(const NewsEntry *entry, int64_t now_us) {
    bool dated = entry->published_us > 0 && entry->published_us < entry->known_us;
    return now_us - (dated ? entry->published_us : entry->known_us);
}

static double recency(const NewsEntry *entry, const NewsRule *rule, int64_t now_us) {
    double lives = (double)age_of(entry, now_us) / (double)rule->half_life_us;
    return lives > 0 ? elementary_exp(-LN_2 * lives) : 1;
}

static double impact_of(const NewsEntry *entry, const NewsRule *rule, int64_t now_us) {
    return entry->relevance * recency(entry, rule, now_us) * fabs(entry->sentiment - 0.5) * 2 *
           entry->weight;
}

/* ---- taking -------------------------------------------------------------------------------- */

static bool names(const Headline *headline, const char *symbol) {
    for (uint32_t i = 0; i < headline->symbols_count; i++)
        if (strcmp(headline->symbols[i], symbol) == 0) return true;
    return false;
}

/* A source that files a headline under a symbol knows more than its title says. */
static void add_named(const SymbolTable *watched, int named, Headline *headline) {
    const char *symbol = watched->symbols[named].name.text;
    const uint32_t room = sizeof headline->symbols / sizeof headline->symbols[0];
    if (names(headline, symbol)) return;
    if (names(headline, HEADLINE_WHOLE_MARKET)) headline->symbols_count = 0;
    if (headline->symbols_count == room) return;
    memcpy(headline->symbols[headline->symbols_count++], symbol, LIMIT_SYMBOL_TEXT);
    if (headline->relevance < NAMED_ELSEWHERE) headline->relevance = NAMED_ELSEWHERE;
}

static NewsEntry entry_of(const Headline *headline, const SymbolTable *watched, double weight) {
    NewsEntry entry = {.published_us = headline->published,
                       .known_us = headline->known,
                       .sentiment = headline->sentiment,
                       .engagement = headline->engagement,
                       .relevance = headline->relevance,
                       .novelty = headline->novelty,
                       .weight = weight,
                       .market = names(headline, HEADLINE_WHOLE_MARKET)};
    memcpy(entry.id, headline->id, sizeof entry.id);
    memcpy(entry.title, headline->title, sizeof entry.title);
    memcpy(entry.source, headline->source, sizeof entry.source);
    for (unsigned i = 0; i < watched->count; i++)
        if (names(headline, watched->symbols[i].name.text)) entry.symbols |= UINT32_C(1) << i;
    return entry;
}

bool news_desk_take(NewsDesk *desk, const NewsRule *rule, const SymbolTable *watched, int named,
                    double weight, Headline *headline) {
    if (headline->published > 0 && headline->known - headline->published > rule->age_us_max)
        return false;
    headline_find_symbols(watched, headline);
    if (named >= 0) add_named(watched, named, headline);
    if (headline->relevance <= 0 || !headline_memory_take(&desk->memory, headline)) return false;
    if (isnan(headline->sentiment))
        headline->sentiment = headline_sentiment(slice_of(headline->title));
    NewsEntry entry = entry_of(headline, watched, weight);
    headline->impact = impact_of(&entry, rule, headline->known);
    desk->entries[desk->count++ % NEWS_DESK_ENTRIES] = entry;
    return true;
}

/* ---- the mood ------------------------------------------------------------------------------ */

static void tell(const NewsEntry *entry, double impact, NewsItem *item) {
    memcpy(item->title, entry->title, sizeof item->title);
    memcpy(item->id, entry->id, sizeof item->id);
    memcpy(item->source, entry->source, sizeof item->source);
    item->sentiment = entry->sentiment;
    item->engagement = entry->engagement;
    item->published = entry->published_us;
    item->known = entry->known_us;
    item->impact = impact;
}

NewsMood news_desk_mood(const NewsDesk *desk, const NewsRule *rule, unsigned symbol, int64_t now_us,
                        SocialSample *sample) {
    const uint32_t room = sizeof sample->recent_news / sizeof sample->recent_news[0];
    double sum = 0, weights = 0, ages = 0, impacts = 0;
    NewsMood mood = {.sentiment = (double)NAN, .impact = (double)NAN};
    uint32_t held = desk->count < NEWS_DESK_ENTRIES ? desk->count : NEWS_DESK_ENTRIES;
    for (uint32_t back = 1; back <= held; back++) {
        const NewsEntry *entry = &desk->entries[(desk->count - back) % NEWS_DESK_ENTRIES];
        int64_t age_us = age_of(entry, now_us);
        if ((!entry->market && !(entry->symbols >> symbol & 1)) || age_us > rule->age_us_max)
            continue;
        double impact = impact_of(entry, rule, now_us);
        double weight =
            entry->relevance * entry->novelty * entry->weight * recency(entry, rule, now_us);
        if (sample->recent_news_count < room)
            tell(entry, impact, &sample->recent_news[sample->recent_news_count++]);
        mood.today += age_us <= INSTANT_DAY_US;
        sum += weight * (entry->sentiment - 0.5);
        ages += weight * (double)age_us;
        weights += weight;
        impacts += entry->novelty * (entry->sentiment < 0.5 ? -impact : impact);
    }
    if (weights <= 0) return mood;
    mood.sentiment = 0.5 + sum / (weights + PRIOR);
    mood.age_us = ages / weights;
    mood.impact = impacts > 1 ? 1 : impacts < -1 ? -1 : impacts;
    return mood;
}
