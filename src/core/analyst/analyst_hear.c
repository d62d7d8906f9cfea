/* SPDX-License-Identifier: Apache-2.0 */
/* What the analyst hears, and what becomes of answers (analyst.h). */
#include <math.h>

#include "core/analyst/analyst.h"
#include "core/base/plain_text.h"
#include "core/bus/convert.h"
#include "core/market/candle.h"

void analyst_init(Analyst *analyst, const Settings *settings) {
    analyst->silent = settings->strategy.name[0] != 0;
    analyst->grid_us = settings->trading.ai_analysis_interval * INSTANT_SECOND_US;
    analyst->threshold = settings->trading.signal_score_threshold;
    analyst->bullish = settings->social_risk.bullish_threshold;
    analyst->bearish = settings->social_risk.bearish_threshold;
    analyst->social_live = slice_is(slice_of(settings->social.mode), "live");
    analyst->social_age_us = judgement_social_age(settings);
    if (!instant_parse(slice_of(settings->ai.knowledge_cutoff), &analyst->cutoff_us))
        analyst->cutoff_us = INSTANT_LAST_US; /* not known: all of it may be remembered */
    analyst->terms = *settings;
    hit_rate_init(&analyst->rate, settings);
    calls_init(&analyst->calls, settings);
    analyst_name(analyst, settings);
}

int analyst_desk_of(const Analyst *analyst, const char *symbol) {
    return symbol_table_find_text(&analyst->symbols, symbol);
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static void say_outcome(const Analyst *analyst, const HitOutcome *outcome, int64_t now_us,
                        Outbox *outbox) {
    SignalOutcome *said = outbox_publish(outbox, TOPIC_SIGNAL_OUTCOMES);
    Text id = TEXT_IN(said->signal_id);
    text_format(&id, "s-%D", (int64_t)outcome->signal.number);
    text_end(&id);
    memcpy(said->symbol, analyst->symbols.symbols[outcome->signal.symbol].name.text,
           sizeof said->symbol);
    said->decision = (Decision)outcome->signal.decision;
    said->band = outcome->signal.band;
    said->hit = outcome->hit;
    said->return_pct = outcome->return_fraction * 100;
    said->emitted = outcome->signal.emitted_us;
    said->settled = now_us;
    if (said->band >= HIT_RATE_MODEL)
        calls_identify(&analyst->calls, 0, analyst_prompt(analyst), said->model_id);
    else
        memcpy(said->model_id, analyst->model_id, sizeof said->model_id);
}

void analyst_hear_bar(Analyst *analyst, const MarketBar *heard, int64_t now_us, Outbox *outbox) {
    int index = analyst_desk_of(analyst, heard->symbol);
    if (index < 0) return;
    Bar bar = bar_from_message(heard);
    HitOutcome outcome;
    while (hit_rate_settle(&analyst->rate, (unsigned)index, &bar, now_us, &outcome))
        say_outcome(analyst, &outcome, now_us, outbox);
}

/* Of a model's bands only its own outcomes count: another model has to prove itself anew. */
static bool counts(const Analyst *analyst, const SignalOutcome *outcome) {
    char id[16];
    if (outcome->decision == DECISION_HOLD) return false;
    if (outcome->band < HIT_RATE_MODEL) return true;
    if (analyst->calls.mode == AI_OFF) return false;
    calls_identify(&analyst->calls, 0, analyst_prompt(analyst), id);
    return slice_is(slice_of(outcome->model_id), id);
}

/* Signals are numbered on behind those of the earlier life; s-N of an outcome is the least that was
 * given. */
void analyst_hear_restored(Analyst *analyst, const SignalOutcome *outcome) {
    int64_t number = 0;
    Slice id = slice_of(outcome->signal_id);
    if (id.length > 2 && slice_int((Slice){id.at + 2, id.length - 2}, &number) &&
        number > analyst->signals)
        analyst->signals = (uint32_t)number;
    if (counts(analyst, outcome))
        hit_rate_recall(&analyst->rate, (unsigned)outcome->band, outcome->hit);
}

/* Opinions are numbered on, too: a call brings two at most, its own and the yardstick's. */
void analyst_hear_spent(Analyst *analyst, const ModelCall *call) {
    calls_recall(&analyst->calls, call);
    int64_t most = 2 * analyst->calls.requests;
    if (most > analyst->opinions && most < UINT32_MAX) analyst->opinions = (uint32_t)most;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

void analyst_hear_social(Analyst *analyst, const SocialUpdate *update) {
    int index = analyst_desk_of(analyst, update->symbol);
    if (index < 0) return;
    AnalystDesk *desk = &analyst->desks[index];
    desk->seen.social = update->data;
    desk->had_social |= judgement_has_social(&update->data);
}

void analyst_hear_impact(Analyst *analyst, const SocialImpact *impact) {
    int index = analyst_desk_of(analyst, impact->symbol);
    if (index < 0) return;
    analyst->desks[index].seen.impact = *impact;
    analyst->desks[index].seen.has_impact = true;
}

/* Social data that are old or empty are none; where they were expected that is told once. */
static void look_for_social(Analyst *analyst, AnalystDesk *desk, int64_t now_us, Outbox *outbox) {
    SocialSample *social = &desk->seen.social;
    bool fresh = judgement_is_fresh(social, now_us, analyst->social_age_us);
    desk->seen.has_social = fresh && !social->fallback;
    bool missed = !fresh || !judgement_has_social(social);
    if (missed && !desk->social_missed && (analyst->social_live || desk->had_social)) {
        outbox_log(outbox, LOG_ERROR, "Missing social metrics for symbol");
        outbox_log(outbox, LOG_WARNING, "%s: weighted_sentiment is missing: no adjustment",
                   desk->seen.market.symbol);
        desk->social_missed = true;
    }
    if (!missed) desk->social_missed = false;
}

static bool look(Analyst *analyst, AnalystDesk *desk, const MarketUpdate *update, int64_t now_us,
                 Outbox *outbox) {
    const char *missing = NULL;
    desk->seen.market = *update;
    look_for_social(analyst, desk, now_us, outbox);
    const JudgementInputs inputs = sight_inputs(&desk->seen);
    if (judgement_of(&inputs, &desk->seen.judgement, &missing)) {
        desk->market_known = true;
        desk->market_missed = false;
        return true;
    }
    if (desk->market_known && !desk->market_missed) /* while warming up nothing is expected */
        outbox_log(outbox, LOG_ERROR, "Missing market data for %s: %s", update->symbol, missing);
    desk->market_missed = true;
    return false;
}

static int64_t candle_of(const MarketUpdate *update) {
    Interval interval;
    return interval_parse(slice_of(update->interval), &interval) ? interval_us(interval) : 0;
}

/* A step of the grid lies at the close, or since the close before it. */
static bool on_grid(const Analyst *analyst, const MarketUpdate *update) {
    int64_t close_us = update->timestamp + 1;
    return close_us / analyst->grid_us != (close_us - candle_of(update)) / analyst->grid_us;
}

static void arm(Analyst *analyst, Outbox *outbox) {
    int64_t due_us = calls_due(&analyst->calls);
    if (due_us == INT64_MAX || due_us == analyst->armed_us) return;
    analyst->armed_us = due_us;
    outbox_timer(outbox, ANALYST_TIMER_CALLS, due_us);
}

void analyst_hear_market(Analyst *analyst, const MarketUpdate *update, int64_t now_us,
                         Outbox *outbox) {
    int index = analyst_desk_of(analyst, update->symbol);
    if (analyst->silent || index < 0 || !on_grid(analyst, update)) return;
    AnalystDesk *desk = &analyst->desks[index];
    if (desk->decided_us == update->timestamp) return;
    if (!look(analyst, desk, update, now_us, outbox)) return;
    desk->decided_us = update->timestamp;
    if (!analyst->registered) analyst_register(analyst, now_us, outbox);
    if (analyst->calls.mode == AI_OFF) {
        analyst_say_local(analyst, (unsigned)index, &desk->seen, false, now_us, outbox);
        return;
    }
    analyst_consider(analyst, (unsigned)index, now_us, outbox);
    arm(analyst, outbox);
}

void analyst_hear_prompt(Analyst *analyst, const PromptTemplate *prompt, Outbox *outbox) {
    Error error;
    if (calls_take_prompt(&analyst->calls, prompt, &error))
        analyst->registered = false; /* another prompt is another version */
    else
        outbox_log(outbox, LOG_ERROR, "%s: %s", error.where, error.message);
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool was_answered(const CallEnding *ending) {
    return ending->end == CALL_ANSWERED || ending->end == CALL_REPAIRED;
}

static bool is_late(const Analyst *analyst, const ModelAsk *ask, int64_t now_us) {
    return now_us - ask->market_us > analyst->calls.settings.answer_ttl * INSTANT_SECOND_US;
}

static void conclude(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    desk->question = 0;
    bool said = analyst_say_model(analyst, index, now_us, outbox);
    if (said && analyst->calls.settings.counterfactuals && desk->answer.decision != DECISION_HOLD)
        analyst_ask_counterfactuals(analyst, index, now_us, outbox);
}

/* The answer to what a desk asked first, or the judge's. */
static void take_judgement(Analyst *analyst, const CallEnding *ending, const ModelAnswer *answer,
                           int64_t now_us, Outbox *outbox) {
    const ModelAsk *ask = &ending->question->ask;
    AnalystDesk *desk = &analyst->desks[ask->desk];
    bool awaited = desk->question == ending->question->id;
    if (was_answered(ending))
        analyst_say_opinion(analyst, ending->question, &answer->signal,
                            ask->purpose == CALL_FOR_JUDGE ? "judge" : "analyst", now_us, outbox);
    if (!awaited || (was_answered(ending) && is_late(analyst, ask, now_us)))
        outbox_log(outbox, LOG_WARNING, "Call %D about %s came too late and is not used",
                   ending->question->id, ask->symbol);
    if (!awaited) return;
    if (!was_answered(ending) || is_late(analyst, ask, now_us)) {
        analyst_fall_back(analyst, ask->desk, now_us, outbox);
        return;
    }
    desk->answer = answer->signal;
    desk->answer_call = ending->question->id;
    desk->answered_us = ask->market_us;
    bool asks = analyst->calls.settings.risk_question && answer->signal.decision == DECISION_BUY;
    if (!asks || !analyst_ask_risk(analyst, ask->desk, now_us, outbox))
        conclude(analyst, ask->desk, now_us, outbox);
}

/* Risks can hold a BUY back or raise its level; without an answer it stands as it was. */
static void take_risk(Analyst *analyst, const CallEnding *ending, const ModelAnswer *answer,
                      int64_t now_us, Outbox *outbox) {
    const ModelAsk *ask = &ending->question->ask;
    AnalystDesk *desk = &analyst->desks[ask->desk];
    ModelSignalAnswer *held = &desk->answer;
    if (desk->question != ending->question->id) return;
    if (is_late(analyst, ask, now_us)) {
        analyst_fall_back(analyst, ask->desk, now_us, outbox);
        return;
    }
    if (was_answered(ending)) {
        if (answer->risk.risk_level > held->risk_level) held->risk_level = answer->risk.risk_level;
        if (answer->risk.objection) held->decision = DECISION_HOLD;
        memcpy(held->risk_assessment, answer->risk.reasoning, sizeof held->risk_assessment);
        analyst_say_opinion(analyst, ending->question, held, "risk", now_us, outbox);
    }
    conclude(analyst, ask->desk, now_us, outbox);
}

static void take_argument(Analyst *analyst, const CallEnding *ending, const ModelAnswer *answer,
                          int64_t now_us, Outbox *outbox) {
    const ModelAsk *ask = &ending->question->ask;
    AnalystDesk *desk = &analyst->desks[ask->desk];
    unsigned side = ask->purpose == CALL_FOR_BEAR;
    if (desk->debate[side] != ending->question->id) return;
    if (!was_answered(ending)) {
        analyst_fall_back(analyst, ask->desk, now_us, outbox);
        return;
    }
    analyst_say_opinion(analyst, ending->question, &answer->signal, side ? "bear" : "bull", now_us,
                        outbox);
    plain_text_into(slice_of(answer->signal.reasoning), desk->arguments[side],
                    sizeof desk->arguments[side]);
    if (!desk->arguments[side][0]) memcpy(desk->arguments[side], "(none)", sizeof "(none)");
    if (!desk->arguments[0][0] || !desk->arguments[1][0]) return;
    if (!analyst_ask_judge(analyst, ask->desk, now_us, outbox))
        analyst_fall_back(analyst, ask->desk, now_us, outbox);
}

static void take_end(Analyst *analyst, const CallEnding *ending, const ModelAnswer *answer,
                     int64_t now_us, Outbox *outbox) {
    const ModelQuestion *question = ending->question;
    switch (question->ask.purpose) {
    case CALL_FOR_BULL:
    case CALL_FOR_BEAR:
        take_argument(analyst, ending, answer, now_us, outbox);
        break;
    case CALL_FOR_RISK:
        take_risk(analyst, ending, answer, now_us, outbox);
        break;
    case CALL_FOR_MARKET:
        if (was_answered(ending))
            analyst_say_view(analyst, question, &answer->market, now_us, outbox);
        break;
    case CALL_FOR_COUNTERFACTUAL:
        if (was_answered(ending))
            analyst_say_opinion(analyst, question, &answer->signal, "counterfactual", now_us,
                                outbox);
        break;
    default:
        if (question->ask.model == 0)
            take_judgement(analyst, ending, answer, now_us, outbox);
        else if (was_answered(ending))
            analyst_say_opinion(analyst, question, &answer->signal, "arena", now_us, outbox);
    }
}

void analyst_hear_reply(Analyst *analyst, const OutsideReply *reply, int64_t now_us,
                        Outbox *outbox) {
    ModelAnswer answer;
    CallEnding ending;
    if (!slice_is(slice_of(reply->service), "ai_analyzer")) return;
    if (calls_hear(&analyst->calls, reply, now_us, outbox, &answer, &ending)) {
        take_end(analyst, &ending, &answer, now_us, outbox);
        calls_close(&analyst->calls, &ending);
    }
    arm(analyst, outbox);
}

void analyst_hear_timer(Analyst *analyst, const TimerDue *timer, int64_t now_us, Outbox *outbox) {
    CallEnding ending;
    if (timer->timer == ANALYST_TIMER_MARKET) analyst_ask_view(analyst, now_us, outbox);
    while (calls_wake(&analyst->calls, now_us, outbox, &ending)) {
        take_end(analyst, &ending, NULL, now_us, outbox);
        calls_close(&analyst->calls, &ending);
    }
    arm(analyst, outbox);
}
