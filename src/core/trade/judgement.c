/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/judgement.h"

#include <math.h>

/* Weights of the groups before those without data are left out. Prices are the harder evidence;
 * SOCIAL + LEAD stay below the threshold of a signal. */
#define WEIGHT_TECHNICAL 0.70
#define WEIGHT_SOCIAL    0.20
#define WEIGHT_LEAD      0.10
/* Of the social group; headlines are in weighted_sentiment already, their impact is what is new. */
#define SHARE_SENTIMENT 0.7
#define SHARE_NEWS      0.3

const SocialWeights judgement_social_weights = {.sentiment = 0.5, .volume = 0.3, .engagement = 0.2};

static double clamp(double value) {
    return value > 1 ? 1 : value < -1 ? -1 : value;
}

/* Two that did not come are silence. */
int64_t judgement_social_age(const Settings *settings) {
    return 2 * INSTANT_HOUR_US + settings->social.update_interval * INSTANT_SECOND_US;
}

bool judgement_is_fresh(const SocialSample *social, int64_t now_us, int64_t age_us) {
    return social->timestamp > 0 && now_us - social->timestamp <= age_us;
}

bool judgement_has_social(const SocialSample *social) {
    return social && !social->fallback && !isnan(social->weighted_sentiment) && social->quality > 0;
}

bool judgement_has_lead(const SocialImpact *impact) {
    return impact && impact->status == IMPACT_FOUND && !isnan(impact->lag_correlation) &&
           !isnan(impact->lag_minutes) && impact->lag_minutes > 0;
}

/* How usual as much of it is: two standard deviations below the day's mean is nothing, two above is
 * all there can be. Not known: it bears nothing out. */
static double presence(double z) {
    return isnan(z) ? 0 : z <= -2 ? 0 : z >= 2 ? 1 : (z + 2) / 4;
}

static double strength_of(const SocialSample *social) {
    return judgement_social_weights.sentiment +
           judgement_social_weights.volume * presence(social->volume_trend.z_24h) +
           judgement_social_weights.engagement * presence(social->engagement_trend.z_24h);
}

static GroupWeights weigh(const JudgementInputs *inputs) {
    double social =
        judgement_has_social(inputs->social) ? WEIGHT_SOCIAL * inputs->social->quality : 0;
    double lead = social > 0 && judgement_has_lead(inputs->impact) ? WEIGHT_LEAD : 0;
    double all = WEIGHT_TECHNICAL + social + lead;
    return (GroupWeights){.technical_indicators = social > 0 ? 1 - social / all - lead / all : 1,
                          .social_metrics = social / all,
                          .social_correlation = lead / all};
}

static void hear_social(const JudgementInputs *inputs, Judgement *judgement) {
    const SocialSample *social = inputs->social;
    if (judgement->weights.social_metrics <= 0) return;
    double mood = clamp(2 * (social->weighted_sentiment - 0.5));
    bool news = !isnan(social->news_impact);
    judgement->social_strength = strength_of(social);
    double weight = judgement->weights.social_metrics * judgement->social_strength;
    judgement->value[JUDGED_SENTIMENT] = weight * (news ? SHARE_SENTIMENT : 1) * mood;
    if (news) judgement->value[JUDGED_NEWS] = weight * SHARE_NEWS * clamp(social->news_impact);
    if (judgement->weights.social_correlation > 0)
        judgement->value[JUDGED_LEAD] =
            judgement->weights.social_correlation * clamp(inputs->impact->lag_correlation * mood);
}

static void sum_up(Judgement *judgement) {
    judgement->score = 0;
    for (unsigned i = 0; i < JUDGED_COUNT; i++)
        judgement->score += judgement->value[i];
    judgement->score = clamp(judgement->score);
}

Judgement judgement_of_vote(const Vote *vote) {
    Judgement judgement = {.weights = {.technical_indicators = 1}};
    for (unsigned i = 0; i < VOTE_COUNT; i++)
        judgement.value[i] = vote->value[i];
    judgement.score = vote->score;
    return judgement;
}

bool judgement_of(const JudgementInputs *inputs, Judgement *judgement, const char **missing) {
    Vote vote;
    if (!vote_on(inputs->market, &vote, missing)) return false;
    *judgement = judgement_of_vote(&vote);
    judgement->weights = weigh(inputs);
    if (judgement->weights.social_metrics <= 0) return true;
    for (unsigned i = 0; i < VOTE_COUNT; i++)
        judgement->value[i] *= judgement->weights.technical_indicators;
    hear_social(inputs, judgement);
    sum_up(judgement);
    return true;
}

bool judgement_heard(const Judgement *judgement, unsigned factor) {
    if (factor < VOTE_COUNT) return true;
    return factor == JUDGED_LEAD ? judgement->weights.social_correlation > 0
                                 : judgement->weights.social_metrics > 0;
}

const char *judged_factor_name(unsigned factor) {
    static const char *const names[] = {"sentiment", "news", "social_lead"};
    return factor < VOTE_COUNT ? vote_factor_name((VoteFactor)factor)
                               : names[factor - JUDGED_SENTIMENT];
}

const char *judged_group_name(unsigned factor) {
    if (factor < VOTE_COUNT) return "technical_indicators";
    return factor == JUDGED_LEAD ? "social_correlation" : "social_metrics";
}
