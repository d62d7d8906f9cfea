/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/social_blend.h"

#include <math.h>

#define METRICS 7 /* of the mission's structure */

SocialRule social_rule(const Settings *settings) {
    return (SocialRule){.lunarcrush_weight = settings->social.lunarcrush_weight,
                        .news_weight = settings->social.news_weight,
                        .market_weight = settings->social.fear_greed_weight,
                        .age_us_max = settings->social.max_age * INSTANT_SECOND_US};
}

/* 1 when it came, 0 from max_age on. */
static double freshness(const SocialRule *rule, double age_us) {
    double left = 1 - age_us / (double)rule->age_us_max;
    return left > 0 ? left : 0;
}

static bool is_fresh(const SocialRule *rule, const SocialSaid *said, int64_t now_us) {
    return said->known_us > 0 && now_us - said->known_us < rule->age_us_max;
}

/* ---- metrics ------------------------------------------------------------------------------- */

/* The topic's page counts all kinds of posts and names them; the list and history fill its gaps. */
static void merge_metrics(const SocialRule *rule, const SocialSources *sources, int64_t now_us,
                          SocialMetrics *metrics) {
    static const SocialSlot order[] = {SOCIAL_SLOT_TOPIC, SOCIAL_SLOT_LIST, SOCIAL_SLOT_FILE};
    double *target = &metrics->social_volume;
    for (unsigned field = 0; field < METRICS; field++) {
        target[field] = (double)NAN;
        for (unsigned i = 0; i < SOCIAL_SLOT_COUNT && isnan(target[field]); i++) {
            const SocialSaid *said = &sources->of_symbol[order[i]];
            if (is_fresh(rule, said, now_us)) target[field] = (&said->metrics.social_volume)[field];
        }
    }
}
_Static_assert(sizeof(SocialMetrics) == METRICS * sizeof(double), "metrics are numbers in a row");

/* ---- parts --------------------------------------------------------------------------------- */

typedef struct Parts {
    SocialSample *sample;
    const SocialRule *rule;
    double weights, quality, settings; /* sums */
} Parts;

static void add_part(Parts *parts, OutsideSource source, double sentiment, double age_us,
                     double weight) {
    double fresh = freshness(parts->rule, age_us);
    if (isnan(sentiment) || fresh <= 0 || weight <= 0) return;
    SocialPart *part = &parts->sample->parts[parts->sample->parts_count++];
    *part = (SocialPart){.source = source,
                         .sentiment = sentiment,
                         .weight = weight * fresh,
                         .age_seconds = age_us > 0 ? age_us / (double)INSTANT_SECOND_US : 0};
    parts->weights += part->weight;
    parts->quality += weight * fresh;
    parts->settings += weight;
}

static double sentiment_of(const SocialSaid *said) {
    return isnan(said->weighted) ? said->metrics.social_sentiment : said->weighted;
}

/* The symbol's own source: the newest of its readings that has a sentiment; the mean over kinds of
 * posts is better than the list's figure of the same age. */
static void add_symbol_part(Parts *parts, const SocialSources *sources, int64_t now_us) {
    static const SocialSlot order[] = {SOCIAL_SLOT_TOPIC, SOCIAL_SLOT_LIST, SOCIAL_SLOT_FILE};
    for (unsigned i = 0; i < SOCIAL_SLOT_COUNT; i++) {
        const SocialSaid *said = &sources->of_symbol[order[i]];
        if (!is_fresh(parts->rule, said, now_us) || isnan(sentiment_of(said))) continue;
        add_part(parts, order[i] == SOCIAL_SLOT_FILE ? OUTSIDE_FILE : OUTSIDE_LUNARCRUSH,
                 sentiment_of(said), (double)(now_us - said->known_us),
                 parts->rule->lunarcrush_weight);
        return;
    }
}

static double settle(Parts *parts) {
    double mean = 0;
    for (uint32_t i = 0; i < parts->sample->parts_count; i++) {
        SocialPart *part = &parts->sample->parts[i];
        part->weight /= parts->weights;
        mean += part->weight * (part->sentiment - 0.5);
    }
    mean += 0.5; /* neutral sources give exactly neutral */
    return mean > 1 ? 1 : mean < 0 ? 0 : mean;
}

/* ---- quality ------------------------------------------------------------------------------- */

static void flag_missing(const SocialMetrics *metrics, Text *flags) {
    static const char *const names[METRICS] = {
        "social_volume",  "social_engagement", "social_contributors", "social_sentiment",
        "twitter_volume", "reddit_volume",     "news_volume"};
    bool first = true;
    for (unsigned i = 0; i < METRICS; i++) {
        if (!isnan((&metrics->social_volume)[i])) continue;
        text_format(flags, "%s%s", first ? "missing: " : ", ", names[i]);
        first = false;
    }
}

static unsigned metrics_there(const SocialMetrics *metrics) {
    unsigned there = 0;
    for (unsigned i = 0; i < METRICS; i++)
        there += isnan((&metrics->social_volume)[i]) ? 0 : 1;
    return there;
}

static void judge(const Parts *parts, bool own, SocialSample *sample) {
    Text flags = TEXT_IN(sample->quality_flags);
    double fresh = parts->settings > 0 ? parts->quality / parts->settings : 0;
    sample->quality = metrics_there(&sample->metrics) * fresh / METRICS;
    if (sample->fallback) text_put(&flags, "no sentiment: neutral is assumed; ");
    if (!own && !sample->fallback) text_put(&flags, "news_only; ");
    if (fresh > 0 && fresh < 0.5) text_put(&flags, "old; ");
    flag_missing(&sample->metrics, &flags);
    if (flags.length > 1 && flags.at[flags.length - 2] == ';') flags.length -= 2;
    (void)text_end(&flags);
}

void social_blend(const SocialRule *rule, const SocialSources *sources, const NewsMood *news,
                  bool heard_news, int64_t now_us, SocialSample *sample) {
    Parts parts = {.sample = sample, .rule = rule};
    sample->parts_count = 0;
    sample->timestamp = now_us;
    sample->news_impact = news->impact;
    merge_metrics(rule, sources, now_us, &sample->metrics);
    if (isnan(sample->metrics.news_volume) && (heard_news || news->today > 0))
        sample->metrics.news_volume = news->today;
    add_symbol_part(&parts, sources, now_us);
    bool own = sample->parts_count > 0;
    add_part(&parts, OUTSIDE_RSS, news->sentiment, news->age_us, rule->news_weight);
    if (is_fresh(rule, &sources->of_market, now_us))
        add_part(&parts, OUTSIDE_FEAR_GREED, sentiment_of(&sources->of_market),
                 (double)(now_us - sources->of_market.known_us), rule->market_weight);
    sample->fallback = sample->parts_count == 0;
    sample->weighted_sentiment = sample->fallback ? (double)NAN : settle(&parts);
    if (isnan(sample->metrics.social_sentiment) && !own)
        sample->metrics.social_sentiment = sample->weighted_sentiment;
    judge(&parts, own, sample);
}
