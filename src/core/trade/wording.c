/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/wording.h"

#include <math.h>
#include <string.h>

#include "core/bus/shape.h"
#include "core/market/candle.h"

/* ATR(14) of a slow candle as a share of the price: below a quarter percent a 2 % stop is eight
 * ranges away, above 0.6 % it is three. */
#define RISK_LOW_BELOW  0.0025
#define RISK_HIGH_ABOVE 0.006
#define PHRASES_MAX     3

static const char *const labels[JUDGED_COUNT] = {"RSI",          "MACD",       "Bollinger bands",
                                                 "Price action", "Trend",      "Social sentiment",
                                                 "News",         "Social lead"};

/* How long a candle is, and the 20 of the channel. */
static const struct {
    const char *length, *channel;
} spans[INTERVAL_COUNT] = {
    [INTERVAL_1M] = {"1 minute", "20 minutes"},   [INTERVAL_3M] = {"3 minutes", "1 hour"},
    [INTERVAL_5M] = {"5 minutes", "100 minutes"}, [INTERVAL_15M] = {"15 minutes", "5 hours"},
    [INTERVAL_1H] = {"1 hour", "20 hours"},       [INTERVAL_4H] = {"4 hours", "80 hours"},
    [INTERVAL_1D] = {"1 day", "20 days"},
};

static Interval slow_of(const MarketUpdate *update) {
    Interval interval = INTERVAL_15M;
    bool known = interval_parse(slice_of(update->slow_interval), &interval);
    CHECK(known, "a vote is on candles that have a name");
    return interval;
}

/* The factors that have a say, by the size of their contribution. */
typedef struct Ranking {
    unsigned order[JUDGED_COUNT], count;
} Ranking;

/* Largest first; equal ones in their order. */
static Ranking rank(const Judgement *judgement) {
    Ranking ranking = {.count = 0};
    for (unsigned i = 0; i < JUDGED_COUNT; i++) {
        if (!judgement_heard(judgement, i)) continue;
        unsigned at = ranking.count++;
        while (at > 0 &&
               fabs(judgement->value[ranking.order[at - 1]]) < fabs(judgement->value[i])) {
            ranking.order[at] = ranking.order[at - 1];
            at--;
        }
        ranking.order[at] = i;
    }
    return ranking;
}

static void put_signed(Text *text, double value) {
    if (value > 0) text_char(text, '+');
    text_fixed(text, value, 2);
}

static void put_percent(Text *text, double percent) {
    if (percent > 0) text_char(text, '+');
    text_fixed(text, percent, 2);
    text_put(text, " %");
}

static void phrase_price(const MarketUpdate *update, Text *text) {
    if (vote_breaks_above(update)) {
        text_format(text, "Price above the high of the last %s", spans[slow_of(update)].channel);
    } else if (vote_breaks_below(update)) {
        text_format(text, "Price below the low of the last %s", spans[slow_of(update)].channel);
    } else {
        text_put(text, "Price ");
        put_percent(text, update->price_change_slow);
        text_format(text, " in %s", spans[slow_of(update)].length);
    }
}

static void phrase_social(const JudgementInputs *inputs, unsigned factor, Text *text) {
    const SocialSample *social = inputs->social;
    if (factor == JUDGED_SENTIMENT) {
        text_put(text, "Social sentiment ");
        text_fixed(text, social->weighted_sentiment, 2);
    } else if (factor == JUDGED_NEWS) {
        text_put(text, "News impact ");
        put_signed(text, isnan(social->news_impact) ? 0 : social->news_impact);
    } else {
        text_put(text, "Sentiment leads price by ");
        text_fixed(text, inputs->impact->lag_minutes, 0);
        text_put(text, " minutes");
    }
}

static void phrase(const JudgementInputs *inputs, unsigned factor, Text *text) {
    const MarketUpdate *update = inputs->market;
    switch (factor) {
    case VOTE_RSI:
        text_put(text, "RSI at ");
        text_fixed(text, update->rsi_slow, 1);
        text_format(text, " on %s, momentum %s", update->slow_interval,
                    update->rsi_slow >= 50 ? "up" : "down");
        break;
    case VOTE_MACD:
        text_format(text, "MACD %s on %s",
                    update->macd_slow_fraction >= 0 ? "positive" : "negative",
                    update->slow_interval);
        break;
    case VOTE_BOLLINGER:
        text_put(text, "Close at ");
        text_fixed(text, update->bb_position, 2);
        text_put(text, " of the Bollinger bands");
        break;
    case VOTE_PRICE_ACTION:
        phrase_price(update, text);
        break;
    case VOTE_OTHER:
        text_format(text, "%s trend: %s, strength ", update->slow_interval,
                    Trend_text(update->trend_slow));
        text_fixed(text, update->trend_strength_slow, 2);
        break;
    default:
        phrase_social(inputs, factor, text);
    }
}

static void put_reasoning(const Ranking *ranking, const Judgement *judgement, Signal *signal) {
    Text text = TEXT_IN(signal->reasoning);
    text_format(&text, "Score ");
    text_fixed(&text, judgement->score, 2);
    text_put(&text, " of -1 to 1: ");
    for (unsigned i = 0; i < ranking->count; i++) {
        if (i) text_put(&text, ", ");
        text_format(&text, "%s ", labels[ranking->order[i]]);
        put_signed(&text, judgement->value[ranking->order[i]]);
    }
    text_end(&text);
}

static void put_technical(const MarketUpdate *update, Explanation *explanation) {
    Text text = TEXT_IN(explanation->technical_factors);
    text_put(&text, "RSI at ");
    text_fixed(&text, update->rsi, 2);
    text_format(&text, " on %s and ", update->interval);
    text_fixed(&text, update->rsi_slow, 2);
    text_format(&text, " on %s, MACD %s (", update->slow_interval,
                update->macd_slow_fraction >= 0 ? "positive" : "negative");
    text_fixed(&text, update->macd_slow_fraction / update->atr_slow_fraction, 2);
    text_format(&text, " average true ranges), %s on %s, ", Trend_text(update->trend_slow),
                update->slow_interval);
    char memory[80];
    Text price = TEXT_IN(memory);
    phrase_price(update, &price);
    text_put(&text, text_end(&price));
    text_end(&text);
}

static void put_risk(const MarketUpdate *update, Signal *signal) {
    double range = update->atr_slow_fraction;
    signal->risk_level = range < RISK_LOW_BELOW    ? RISK_LOW
                         : range > RISK_HIGH_ABOVE ? RISK_HIGH
                                                   : RISK_MEDIUM;
    Text text = TEXT_IN(signal->explanation.risk_assessment);
    text_format(&text, "%s: the average range of %s is ", RiskLevel_text(signal->risk_level),
                spans[slow_of(update)].length);
    text_fixed(&text, range * 100, 2);
    text_put(&text, " % of the price");
    if (signal->unproven) {
        text_format(&text, "; unproven: %D earlier outcomes in this score band, 30 are needed",
                    signal->outcomes);
    }
    text_end(&text);
}

static void put_summary(const Ranking *ranking, const Judgement *judgement, Signal *signal) {
    Text text = TEXT_IN(signal->explanation.summary);
    text_format(&text, "%s: %s and %s weigh most", Decision_text(signal->decision),
                labels[ranking->order[0]], labels[ranking->order[1]]);
    for (unsigned i = 0; i < ranking->count; i++) {
        if (judgement->value[ranking->order[i]] * judgement->score >= 0) continue;
        text_format(&text, "; %s speaks against it", labels[ranking->order[i]]);
        break;
    }
    text_end(&text);
}

static void put_contributions(const Judgement *judgement, Signal *signal) {
    for (unsigned i = 0; i < JUDGED_COUNT; i++) {
        if (!judgement_heard(judgement, i)) continue;
        Contribution *contribution = &signal->contributions[signal->contributions_count++];
        const char *name = judged_factor_name(i), *group = judged_group_name(i);
        memcpy(contribution->factor, name, strlen(name) + 1);
        memcpy(contribution->group, group, strlen(group) + 1);
        contribution->value = judgement->value[i];
    }
}

static void put_count(Text *text, const char *name, double count) {
    if (isnan(count)) return;
    text_format(text, ", %s ", name);
    text_fixed(text, count, 0);
}

static void put_social(const SocialSample *social, Signal *signal) {
    Text text = TEXT_IN(signal->explanation.social_factors);
    if (!judgement_has_social(social)) {
        text_put(&text, "No social data: no adjustment");
        text_end(&text);
        return;
    }
    text_put(&text, "Weighted sentiment ");
    text_fixed(&text, social->weighted_sentiment, 2);
    text_put(&text, " (0.5 is neutral)");
    put_count(&text, "volume", social->metrics.social_volume);
    put_count(&text, "engagement", social->metrics.social_engagement);
    if (!isnan(social->news_impact)) {
        text_put(&text, ", news impact ");
        put_signed(&text, social->news_impact);
    }
    text_end(&text);
}

/* A lead is stated at the data's sampling step, and only where one was found. */
static void put_found(const SocialImpact *impact, Explanation *explanation) {
    if (!impact || impact->status != IMPACT_FOUND) return;
    if (!isnan(impact->lag_minutes) && impact->lag_minutes != 0) {
        Text text = TEXT_IN(explanation->social_lead_lag);
        text_put(&text, impact->lag_minutes > 0 ? "Social sentiment leads price by "
                                                : "Price leads social sentiment by ");
        text_fixed(&text, fabs(impact->lag_minutes), 0);
        text_format(&text, " minutes (data every %D minutes)", impact->step_minutes);
        text_end(&text);
    }
    if (!isnan(impact->correlation)) {
        Text text = TEXT_IN(explanation->correlation_strength);
        text_put(&text, "Correlation ");
        text_fixed(&text, impact->correlation, 2);
        text_format(&text, " between changes of sentiment and returns, %D samples",
                    impact->samples);
        text_end(&text);
    }
}

void wording_social(const JudgementInputs *inputs, Signal *signal) {
    put_social(inputs->social, signal);
    put_found(inputs->impact, &signal->explanation);
}

static void put_social_effect(const Judgement *judgement, Signal *signal) {
    if (!judgement_heard(judgement, JUDGED_SENTIMENT)) return;
    Text text = TEXT_IN(signal->social_impact);
    text_put(&text, "Sentiment ");
    put_signed(&text, judgement->value[JUDGED_SENTIMENT]);
    text_put(&text, ", news ");
    put_signed(&text, judgement->value[JUDGED_NEWS]);
    if (judgement_heard(judgement, JUDGED_LEAD)) {
        text_put(&text, ", lead over price ");
        put_signed(&text, judgement->value[JUDGED_LEAD]);
    }
    text_put(&text, " of the score");
    text_end(&text);
}

void wording_judgement(const JudgementInputs *inputs, const Judgement *judgement, Signal *signal) {
    Ranking ranking = rank(judgement);
    Explanation *explanation = &signal->explanation;
    put_reasoning(&ranking, judgement, signal);
    put_summary(&ranking, judgement, signal);
    put_technical(inputs->market, explanation);
    put_risk(inputs->market, signal);
    signal->contributions_count = 0;
    put_contributions(judgement, signal);
    wording_social(inputs, signal);
    put_social_effect(judgement, signal);
    signal->key_indicators_count = explanation->key_indicators_count = PHRASES_MAX;
    for (unsigned i = 0; i < PHRASES_MAX; i++) {
        Text text = TEXT_IN(signal->key_indicators[i]);
        const char *label = labels[ranking.order[i]];
        phrase(inputs, ranking.order[i], &text);
        text_end(&text);
        memcpy(explanation->key_indicators[i], label, strlen(label) + 1);
    }
}

void wording_explain(const MarketUpdate *update, const Vote *vote, Signal *signal) {
    const JudgementInputs inputs = {.market = update};
    Judgement judgement = judgement_of_vote(vote);
    wording_judgement(&inputs, &judgement, signal);
}
