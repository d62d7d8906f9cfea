/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/social_risk.h"

#include <math.h>

#include "core/base/elementary.h"

#define NEUTRAL 0.5
#define LN_2    0.69314718055994530942

/* The described system: with fewer than 100 posts the quality falls by 0.3. */
#define FEW_POSTS         100
#define FEW_POSTS_QUALITY 0.7

/* Within one standard deviation nothing is unusual; at three (the described system's threshold of
 * an anomaly) everything is. Engagement counts 0.7, volume 0.3, as there. */
#define ORDINARY_Z       1
#define ANOMALY_Z        3
#define ENGAGEMENT_SHARE 0.7

SocialRiskRule social_risk_rule(const Settings *settings) {
    const Settings_social_risk *social = &settings->social_risk;
    return (SocialRiskRule){.size_impact = social->position_size_impact,
                            .stop_impact = social->stop_loss_impact,
                            .target_impact = social->take_profit_impact,
                            .correlation_impact = social->correlation_impact,
                            .volatility_impact = social->volatility_modifier,
                            .news_share = social->news_impact_factor,
                            .quality_min = social->min_data_quality,
                            .bullish = social->bullish_threshold,
                            .bearish = social->bearish_threshold,
                            .bound = social->max_adjustment_percent,
                            .half_life_us =
                                (int64_t)(social->sentiment_half_life * (double)INSTANT_HOUR_US)};
}

/* ---- the mood -------------------------------------------------------------------------------- */

/* Weighted by impact; items without one count as much as the least that has. */
static double mean_of_news(const SocialUpdate *update) {
    const double least = 0.01;
    double sum = 0, weights = 0;
    for (unsigned i = 0; i < update->data.recent_news_count; i++) {
        const NewsItem *item = &update->data.recent_news[i];
        double weight = item->impact > least ? item->impact : least;
        if (isnan(item->sentiment)) continue;
        sum += weight * item->sentiment;
        weights += weight;
    }
    return weights > 0 ? sum / weights : (double)NAN;
}

/* The mean age of what the sentiment is made of, by its weights. */
static int64_t birth(const SocialUpdate *update) {
    double age = 0, weights = 0;
    for (unsigned i = 0; i < update->data.parts_count; i++) {
        const SocialPart *part = &update->data.parts[i];
        if (isnan(part->sentiment) || part->weight <= 0) continue;
        age += part->weight * part->age_seconds;
        weights += part->weight;
    }
    if (weights <= 0) return update->data.timestamp;
    double seconds = age / weights, most = (double)(update->data.timestamp / INSTANT_SECOND_US);
    return update->data.timestamp - (int64_t)(seconds < most ? seconds : most) * INSTANT_SECOND_US;
}

/* Of the shortest span that tells anything of a day's habit. */
static double unusual_of(const SocialTrend *trend) {
    if (!isnan(trend->z_24h)) return trend->z_24h;
    return isnan(trend->z_7d) ? trend->z_1h : trend->z_7d;
}

SocialMood social_risk_mood(const SocialUpdate *update) {
    double posts = update->data.metrics.social_volume;
    return (SocialMood){.sentiment =
                            update->data.fallback ? (double)NAN : update->data.weighted_sentiment,
                        .news_sentiment = mean_of_news(update),
                        .quality = update->data.quality,
                        .posts = posts,
                        .engagement_z = unusual_of(&update->data.engagement_trend),
                        .volume_z = unusual_of(&update->data.volume_trend),
                        .born_us = birth(update)};
}

/* ---- the adjustment -------------------------------------------------------------------------- */

double social_risk_freshness(const SocialRiskRule *rule, int64_t age_us) {
    if (age_us <= 0) return 1;
    double lives = (double)age_us / (double)rule->half_life_us;
    return lives < SOCIAL_RISK_LIVES ? elementary_exp(-LN_2 * lives) : 0;
}

static double within(double value, double bound) {
    if (value > bound) return bound;
    return value < -bound ? -bound : value;
}

/* 0 where nothing is unusual, 1 from ANOMALY_Z on; a missing one leaves its share to the other. */
static double unusual(const SocialMood *mood) {
    const double z[2] = {mood->engagement_z, mood->volume_z};
    const double shares[2] = {ENGAGEMENT_SHARE, 1 - ENGAGEMENT_SHARE};
    double sum = 0, weights = 0;
    for (unsigned i = 0; i < 2; i++) {
        if (isnan(z[i])) continue;
        double beyond = (fabs(z[i]) - ORDINARY_Z) / (ANOMALY_Z - ORDINARY_Z);
        sum += shares[i] * (beyond < 0 ? 0 : beyond > 1 ? 1 : beyond);
        weights += shares[i];
    }
    return weights > 0 ? sum / weights : 0;
}

static double score_of(const SocialRiskRule *rule, const SocialMood *mood) {
    if (isnan(mood->news_sentiment)) return mood->sentiment;
    return (1 - rule->news_share) * mood->sentiment + rule->news_share * mood->news_sentiment;
}

static void explain(SocialRiskAdjustment *adjustment, const char *words) {
    Text text = TEXT_IN(adjustment->reason);
    text_put(&text, words);
    text_end(&text);
}

/* NULL: the data will do. */
static const char *lack(const SocialRiskRule *rule, const SocialMood *mood,
                        const SocialRiskAdjustment *adjustment) {
    if (isnan(mood->sentiment)) return "no sentiment is known: no adjustment";
    if (adjustment->freshness <= 0) return "the social data are too old: no adjustment";
    if (adjustment->quality < rule->quality_min)
        return "the quality of the social data is too low: no adjustment";
    return NULL;
}

static void apply(const SocialRiskRule *rule, double factor, const SocialMood *mood,
                  SocialRiskAdjustment *adjustment) {
    double strength = fabs(factor);
    adjustment->position_size_adj = within(factor * rule->size_impact, rule->bound);
    adjustment->take_profit_adj = within(factor * rule->target_impact, rule->bound);
    adjustment->correlation_threshold_adj = within(factor * rule->correlation_impact, rule->bound);
    /* Nearer, whichever the mood: a crowd that turns takes the price with it. */
    adjustment->stop_loss_adj = -within(strength * rule->stop_impact, rule->bound);
    adjustment->volatility_adj = within(rule->volatility_impact * unusual(mood), rule->bound);
}

void social_risk_adjust(const SocialRiskRule *rule, const SocialMood *mood, int64_t now_us,
                        SocialRiskAdjustment *adjustment) {
    adjustment->timestamp = now_us;
    adjustment->sentiment_type = SENTIMENT_NEUTRAL;
    adjustment->quality = mood->quality * (mood->posts < FEW_POSTS ? FEW_POSTS_QUALITY : 1);
    adjustment->freshness = social_risk_freshness(rule, now_us - mood->born_us);
    adjustment->confidence = adjustment->quality * adjustment->freshness;
    const char *why = lack(rule, mood, adjustment);
    adjustment->fallback = why != NULL;
    if (why) {
        adjustment->sentiment_score = isnan(mood->sentiment) ? (double)NAN : NEUTRAL;
        explain(adjustment, why);
        return;
    }
    double score = NEUTRAL + (score_of(rule, mood) - NEUTRAL) * adjustment->freshness;
    adjustment->sentiment_score = score;
    bool bullish = score > rule->bullish, bearish = score < rule->bearish;
    if (bullish || bearish) {
        adjustment->sentiment_type = bullish ? SENTIMENT_BULLISH : SENTIMENT_BEARISH;
        apply(rule, (score - NEUTRAL) * 2, mood, adjustment);
    }
    explain(adjustment, bullish   ? "bullish: larger, farther target, nearer stop"
                        : bearish ? "bearish: smaller, nearer target, nearer stop"
                                  : "the mood is neutral: no adjustment");
}

bool social_risk_is_none(const SocialRiskAdjustment *adjustment) {
    return adjustment->position_size_adj == 0 && adjustment->stop_loss_adj == 0 &&
           adjustment->take_profit_adj == 0 && adjustment->correlation_threshold_adj == 0 &&
           adjustment->volatility_adj == 0;
}
