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

static const char *const labels[VOTE_COUNT] = {"RSI", "MACD", "Bollinger bands", "Price action",
                                               "Trend"};

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

/* Factors by the size of their contribution, largest first; equal ones in their order. */
static void rank(const Vote *vote, VoteFactor order[static VOTE_COUNT]) {
    for (unsigned i = 0; i < VOTE_COUNT; i++) {
        unsigned at = i;
        while (at > 0 && fabs(vote->value[order[at - 1]]) < fabs(vote->value[i])) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = (VoteFactor)i;
    }
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

static void phrase(const MarketUpdate *update, VoteFactor factor, Text *text) {
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
    default:
        text_format(text, "%s trend: %s, strength ", update->slow_interval,
                    Trend_text(update->trend_slow));
        text_fixed(text, update->trend_strength_slow, 2);
    }
}

static void put_reasoning(const VoteFactor *order, const Vote *vote, Signal *signal) {
    Text text = TEXT_IN(signal->reasoning);
    text_format(&text, "Score ");
    text_fixed(&text, vote->score, 2);
    text_put(&text, " of -1 to 1: ");
    for (unsigned i = 0; i < VOTE_COUNT; i++) {
        if (i) text_put(&text, ", ");
        text_format(&text, "%s ", labels[order[i]]);
        if (vote->value[order[i]] > 0) text_char(&text, '+');
        text_fixed(&text, vote->value[order[i]], 2);
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

static void put_summary(const VoteFactor *order, const Vote *vote, Signal *signal) {
    Text text = TEXT_IN(signal->explanation.summary);
    text_format(&text, "%s: %s and %s weigh most", Decision_text(signal->decision),
                labels[order[0]], labels[order[1]]);
    for (unsigned i = 0; i < VOTE_COUNT; i++) {
        if (vote->value[order[i]] * vote->score >= 0) continue;
        text_format(&text, "; %s speaks against it", labels[order[i]]);
        break;
    }
    text_end(&text);
}

static void put_contributions(const Vote *vote, Signal *signal) {
    signal->contributions_count = VOTE_COUNT;
    for (unsigned i = 0; i < VOTE_COUNT; i++) {
        Contribution *contribution = &signal->contributions[i];
        const char *name = vote_factor_name((VoteFactor)i);
        memcpy(contribution->factor, name, strlen(name) + 1);
        memcpy(contribution->group, "technical_indicators", sizeof "technical_indicators");
        contribution->value = vote->value[i];
    }
}

void wording_explain(const MarketUpdate *update, const Vote *vote, Signal *signal) {
    VoteFactor order[VOTE_COUNT];
    Explanation *explanation = &signal->explanation;
    rank(vote, order);
    put_reasoning(order, vote, signal);
    put_summary(order, vote, signal);
    put_technical(update, explanation);
    put_risk(update, signal);
    put_contributions(vote, signal);
    Text social = TEXT_IN(explanation->social_factors);
    text_put(&social, "No social data: no adjustment");
    text_end(&social);
    signal->key_indicators_count = explanation->key_indicators_count = PHRASES_MAX;
    for (unsigned i = 0; i < PHRASES_MAX; i++) {
        Text text = TEXT_IN(signal->key_indicators[i]);
        phrase(update, order[i], &text);
        text_end(&text);
        memcpy(explanation->key_indicators[i], labels[order[i]], strlen(labels[order[i]]) + 1);
    }
}
