/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the local analyst makes of everything it has heard of a symbol: the vote on its market data
 * (core/trade/vote.h), social data and news, and what social data have been found to foretell. Each
 * is a group with a weight; a group without data has weight 0 and the others share the whole, so
 * that no data is exactly no adjustment. The score is the sum of the factors' contributions and
 * nothing else.
 *
 * Sentiment and news have a direction; how much is posted and by how many has none, it only says
 * how far sentiment can be believed: popularity alone is never bullish. Social groups together
 * weigh at most 0.3, which is below the threshold of a signal (0.35): a mood alone trades nothing.
 * Pure; inputs belong to the caller.
 */
#ifndef CORE_TRADE_JUDGEMENT_H
#define CORE_TRADE_JUDGEMENT_H

#include "core/bus/settings.h"
#include "core/trade/vote.h"

/* The first are the vote's factors, in their order. */
typedef enum JudgedFactor {
    JUDGED_SENTIMENT = VOTE_COUNT,
    JUDGED_NEWS,
    JUDGED_LEAD,
    JUDGED_COUNT
} JudgedFactor;

typedef struct JudgementInputs {
    const MarketUpdate *market;
    const SocialSample *social; /* NULL: none */
    const SocialImpact *impact; /* NULL: none */
} JudgementInputs;

typedef struct Judgement {
    double value[JUDGED_COUNT]; /* signed contributions */
    double score;               /* their sum, -1 .. 1 */
    GroupWeights weights;       /* of the groups, summing to 1 */
    double social_strength;     /* 0 .. 1: how far volume and engagement bear sentiment out */
} Judgement;

/* Inner weights of the social group (the mission's sample); they sum to 1. */
extern const SocialWeights judgement_social_weights;

/* False while an input of the vote is missing; `missing` then names it (may be NULL). */
bool judgement_of(const JudgementInputs *inputs, Judgement *judgement, const char **missing);
/* The judgement of a vote alone. */
Judgement judgement_of_vote(const Vote *vote);
/* Unchanged social data are said again every hour (social_monitor): older than this, they are no
 * data, because nobody says any more whether they still hold. */
int64_t judgement_social_age(const Settings *settings);
bool judgement_is_fresh(const SocialSample *social, int64_t now_us, int64_t age_us);
/* A sentiment that counts is there. */
bool judgement_has_social(const SocialSample *social);
/* Sentiment was found to lead price. */
bool judgement_has_lead(const SocialImpact *impact);
/* Whether a factor has a say: its group has data. */
bool judgement_heard(const Judgement *judgement, unsigned factor);
const char *judged_factor_name(unsigned factor);
const char *judged_group_name(unsigned factor);

#endif
