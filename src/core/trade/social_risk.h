/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a symbol's mood changes about the risk of an entry. The score is the sentiment, with a share
 * for the sentiment of recent news; how much is talked has no part in it, so that a popularity
 * spike alone changes nothing. With age the score goes back to neutral, by half each half-life and
 * in the end exactly. A score between the thresholds, too little data or too old data is no
 * adjustment: every number is exactly 0.
 *
 * factor = (score - 0.5) x 2, times the impact of each quantity. Bullish: more size, a farther
 * target, a higher correlation threshold. Bearish: less size, a nearer target, a lower threshold.
 * Both: a nearer stop (no mood ever moves a stop away), and with unusual engagement a higher
 * volatility in sizing. No adjustment passes the bound. Pure; plain values.
 */
#ifndef CORE_TRADE_SOCIAL_RISK_H
#define CORE_TRADE_SOCIAL_RISK_H

#include "core/bus/message.h"
#include "core/bus/settings.h"

typedef struct SocialRiskRule {
    double size_impact, stop_impact, target_impact, correlation_impact, volatility_impact;
    double news_share;       /* of the score, where there is news with a sentiment */
    double quality_min;      /* below: no adjustment */
    double bullish, bearish; /* scores above and below */
    double bound;            /* no adjustment is larger */
    int64_t half_life_us;
} SocialRiskRule;

/* What of social data counts; NaN: not known. */
typedef struct SocialMood {
    double sentiment, news_sentiment; /* 0 to 1, 0.5 neutral */
    double quality;                   /* of the data, 0 to 1 */
    double posts;                     /* of which they speak */
    double engagement_z, volume_z;    /* last value in standard deviations from its mean */
    int64_t born_us;                  /* mean instant from which the sentiments were known */
} SocialMood;

SocialRiskRule social_risk_rule(const Settings *settings);
/* What a message of social data says of the mood. */
SocialMood social_risk_mood(const SocialUpdate *update);
/* 1 for data of this instant, halved with each half-life, exactly 0 after SOCIAL_RISK_LIVES. */
#define SOCIAL_RISK_LIVES                                                                          \
    8 /* half-lives: what is left then, 0.4 %, is below a step of any size                         \
       */
double social_risk_freshness(const SocialRiskRule *rule, int64_t age_us);
/* Everything but the symbol. */
void social_risk_adjust(const SocialRiskRule *rule, const SocialMood *mood, int64_t now_us,
                        SocialRiskAdjustment *adjustment);
/* True if the adjustment changes nothing. */
bool social_risk_is_none(const SocialRiskAdjustment *adjustment);

#endif
