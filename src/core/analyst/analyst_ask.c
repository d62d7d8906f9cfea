/* SPDX-License-Identifier: Apache-2.0 */
/* When a language model is asked, and what (analyst.h). */
#include <math.h>

#include "core/analyst/analyst.h"
#include "core/bus/shape.h"

Prompt analyst_prompt(const Analyst *analyst) {
    return analyst->calls.settings.panel ? PROMPT_JUDGE : PROMPT_OPPORTUNITY;
}

static bool ask_call(Analyst *analyst, const ModelAsk *ask, InputTexts *inputs, int64_t now_us,
                     Outbox *outbox) {
    CallEnding ending;
    inputs_of_terms(inputs, &analyst->terms);
    if (inputs_whole(inputs))
        return calls_ask(&analyst->calls, ask, &inputs->values, now_us, outbox, &ending);
    outbox_log(outbox, LOG_ERROR, "The inputs of a question about %s do not fit", ask->symbol);
    return false;
}

static ModelAsk ask_about(const Analyst *analyst, unsigned index, CallPurpose purpose) {
    const MarketUpdate *market = &analyst->desks[index].asked.market;
    ModelAsk ask = {.purpose = purpose, .desk = (uint8_t)index, .market_us = market->timestamp};
    memcpy(ask.symbol, market->symbol, sizeof ask.symbol);
    return ask;
}

/* The number of the call that was asked, 0: it was not. */
static int64_t ask_symbol(Analyst *analyst, const ModelAsk *ask, const Sight *sight, int64_t now_us,
                          Outbox *outbox) {
    InputTexts inputs;
    const AnalystDesk *desk = &analyst->desks[ask->desk];
    inputs_open(&inputs);
    inputs_of_symbol(&inputs, sight, analyst->calls.settings.mask, now_us);
    if (ask->purpose == CALL_FOR_JUDGE) {
        inputs_quote(&inputs, PLACE_BULL, desk->arguments[0]);
        inputs_quote(&inputs, PLACE_BEAR, desk->arguments[1]);
    }
    if (ask->purpose == CALL_FOR_RISK)
        inputs_word(&inputs, PLACE_DECISION, Decision_text(desk->answer.decision));
    return ask_call(analyst, ask, &inputs, now_us, outbox) ? analyst->calls.requests : 0;
}

/* ---- the question of a close ----------------------------------------------------------------- */

static SentimentType mood_of(const Analyst *analyst, const Sight *sight) {
    if (!sight->has_social || !judgement_has_social(&sight->social)) return SENTIMENT_NEUTRAL;
    double sentiment = sight->social.weighted_sentiment;
    return sentiment > analyst->bullish   ? SENTIMENT_BULLISH
           : sentiment < analyst->bearish ? SENTIMENT_BEARISH
                                          : SENTIMENT_NEUTRAL;
}

/* The answer that stands has expired, or what it was given has changed. */
static bool has_changed(const Analyst *analyst, const AnalystDesk *desk, int64_t now_us) {
    const Settings_ai *ai = &analyst->calls.settings;
    double score = desk->seen.judgement.score;
    if (now_us - desk->answered_us >= ai->answer_ttl * INSTANT_SECOND_US) return true;
    return fabs(score - desk->asked.judgement.score) >= ai->change_score ||
           vote_decision(score, analyst->threshold) != desk->asked_local ||
           mood_of(analyst, &desk->seen) != desk->asked_mood;
}

static bool ask_panel(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    for (unsigned side = 0; side < 2; side++) {
        ModelAsk ask = ask_about(analyst, index, side ? CALL_FOR_BEAR : CALL_FOR_BULL);
        desk->debate[side] = ask_symbol(analyst, &ask, &desk->asked, now_us, outbox);
        if (!desk->debate[side]) return false;
    }
    return true;
}

static bool ask_first(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    memset(desk->arguments, 0, sizeof desk->arguments);
    desk->debate[0] = desk->debate[1] = 0;
    if (analyst->calls.settings.panel) return ask_panel(analyst, index, now_us, outbox);
    ModelAsk ask = ask_about(analyst, index, CALL_FOR_OPPORTUNITY);
    desk->question = ask_symbol(analyst, &ask, &desk->asked, now_us, outbox);
    return desk->question != 0;
}

/* The arena sees the same and is only scored. */
static void ask_arena(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    for (unsigned model = 1; model < analyst->calls.model_count; model++) {
        ModelAsk ask = ask_about(analyst, index, CALL_FOR_OPPORTUNITY);
        ask.model = (uint8_t)model;
        (void)ask_symbol(analyst, &ask, &analyst->desks[index].asked, now_us, outbox);
    }
}

void analyst_consider(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    const Settings_ai *ai = &analyst->calls.settings;
    if (!has_changed(analyst, desk, now_us)) return;
    if (desk->asked_us && now_us - desk->asked_us < ai->min_interval * INSTANT_SECOND_US) return;
    desk->asked = desk->seen;
    desk->asked_us = now_us;
    desk->asked_local = vote_decision(desk->seen.judgement.score, analyst->threshold);
    desk->asked_mood = mood_of(analyst, &desk->seen);
    desk->question = 0; /* an older one is late now */
    analyst_say_local_opinion(analyst, index, now_us, outbox);
    if (!ask_first(analyst, index, now_us, outbox)) {
        analyst_fall_back(analyst, index, now_us, outbox);
        return;
    }
    ask_arena(analyst, index, now_us, outbox);
    int64_t hour = now_us / INSTANT_HOUR_US;
    if (!ai->market_view || analyst->viewed_hour == hour) return;
    analyst->viewed_hour = hour; /* behind the closes of this instant */
    outbox_timer(outbox, ANALYST_TIMER_MARKET, now_us + INSTANT_SECOND_US);
}

void analyst_fall_back(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    desk->question = desk->debate[0] = desk->debate[1] = 0;
    desk->answered_us = 0;
    analyst_say_local(analyst, index, &desk->asked, true, now_us, outbox);
}

/* ---- what follows an answer ------------------------------------------------------------------ */

bool analyst_ask_judge(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    ModelAsk ask = ask_about(analyst, index, CALL_FOR_JUDGE);
    desk->debate[0] = desk->debate[1] = 0;
    desk->question = ask_symbol(analyst, &ask, &desk->asked, now_us, outbox);
    return desk->question != 0;
}

bool analyst_ask_risk(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    ModelAsk ask = ask_about(analyst, index, CALL_FOR_RISK);
    desk->question = ask_symbol(analyst, &ask, &desk->asked, now_us, outbox);
    return desk->question != 0;
}

void analyst_ask_counterfactuals(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    for (unsigned group = INPUTS_TECHNICAL; group < INPUTS_GROUPS; group++) {
        Sight sight = analyst->desks[index].asked;
        ModelAsk ask = ask_about(analyst, index, CALL_FOR_COUNTERFACTUAL);
        if (group != INPUTS_TECHNICAL && !sight.has_social) continue; /* neutral already */
        ask.neutral = (uint8_t)group;
        sight_neutral(&sight, (InputGroup)group);
        (void)ask_symbol(analyst, &ask, &sight, now_us, outbox);
    }
}

/* ---- the whole market ------------------------------------------------------------------------ */

void analyst_ask_view(Analyst *analyst, int64_t now_us, Outbox *outbox) {
    InputTexts inputs;
    const Sight *with_news = NULL;
    ModelAsk ask = {.purpose = CALL_FOR_MARKET};
    unsigned rows = 0;
    bool mask = analyst->calls.settings.mask;
    inputs_open(&inputs);
    inputs_market_begin(&inputs);
    for (unsigned i = 0; i < analyst->symbols.count; i++) {
        const Sight *seen = &analyst->desks[i].seen;
        if (now_us - seen->market.timestamp > INSTANT_HOUR_US) continue;
        inputs_market_row(&inputs, seen, rows++, mask);
        ask.market_us = seen->market.timestamp;
        if (!with_news && seen->has_social && seen->social.recent_news_count > 0) with_news = seen;
    }
    inputs_market_end(&inputs);
    inputs_of_news(&inputs, with_news, mask, now_us);
    if (rows > 0) (void)ask_call(analyst, &ask, &inputs, now_us, outbox);
}
