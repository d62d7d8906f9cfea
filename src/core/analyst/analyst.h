/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who says the signals: a desk for every symbol, the local analyst's judgement of it at each close
 * on the grid (core/trade/judgement.h), and, where a language model is to judge, its question and
 * answer. Without a model the local analyst speaks. With one it is asked when something has
 * changed, and the local analyst is its yardstick: its opinion on the same data is said beside, and
 * whenever the model has no usable answer in time it takes over, marked `fallback`.
 *
 * Of an answer count its decision, its stated confidence, its risk level and its texts. The score
 * of a model's signal is its stated confidence, signed; the signal's confidence is what was
 * measured of earlier answers in the same band (core/trade/hit_rate.h), so that no model can talk
 * itself into size. A plain block owned by the service; files: analyst_say.c what is said,
 * analyst_ask.c what is asked and when, analyst_hear.c what becomes of answers.
 */
#ifndef CORE_ANALYST_ANALYST_H
#define CORE_ANALYST_ANALYST_H

#include "core/analyst/calls.h"
#include "core/analyst/inputs.h"
#include "core/market/symbol.h"
#include "core/trade/hit_rate.h"

typedef struct AnalystDesk {
    Decision last;      /* advice said last */
    int64_t last_us;    /* when */
    int64_t decided_us; /* close that was decided on last: one decision a close */
    bool social_missed, market_known, market_missed; /* told once an episode */
    bool had_social;
    Sight seen, asked;
    Decision asked_local;
    SentimentType asked_mood;
    int64_t asked_us;            /* when the last question left */
    int64_t answered_us;         /* data of the answer that stands, 0: none */
    int64_t question, debate[2]; /* calls that are waited for: answer or risk, bull, bear */
    int64_t answer_call;         /* the call behind `answer` */
    ModelSignalAnswer answer;    /* waits for the risks to be told */
    char arguments[2][600];      /* of bull and bear, empty: not heard yet */
} AnalystDesk;

typedef struct Analyst {
    bool silent; /* the settings name a strategy, which trades in its place */
    bool registered, social_live;
    int64_t grid_us, social_age_us, cutoff_us;
    double threshold, bullish, bearish;
    uint32_t signals, opinions;
    int64_t armed_us, viewed_hour; /* timer of the calls; hour of the last view of the market */
    char model_id[16], model_version[64], settings_hash[65]; /* the local analyst's */
    Settings terms;                                          /* costs and horizon for prompts */
    SymbolTable symbols;
    AnalystDesk desks[LIMIT_SYMBOLS];
    HitRate rate;
    ModelCalls calls;
} Analyst;

#define ANALYST_TIMER_CALLS  0
#define ANALYST_TIMER_MARKET 1

void analyst_init(Analyst *analyst, const Settings *settings);
/* A close: decides if it lies on the grid. */
void analyst_hear_market(Analyst *analyst, const MarketUpdate *update, int64_t now_us,
                         Outbox *outbox);
void analyst_hear_social(Analyst *analyst, const SocialUpdate *update);
void analyst_hear_impact(Analyst *analyst, const SocialImpact *impact);
void analyst_hear_reply(Analyst *analyst, const OutsideReply *reply, int64_t now_us,
                        Outbox *outbox);
void analyst_hear_timer(Analyst *analyst, const TimerDue *timer, int64_t now_us, Outbox *outbox);
void analyst_hear_prompt(Analyst *analyst, const PromptTemplate *prompt, Outbox *outbox);
void analyst_hear_bar(Analyst *analyst, const MarketBar *bar, int64_t now_us, Outbox *outbox);
void analyst_hear_restored(Analyst *analyst, const SignalOutcome *outcome);
/* A call of an earlier life. */
void analyst_hear_spent(Analyst *analyst, const ModelCall *call);

/* ---- between its files ----------------------------------------------------------------------- */

int analyst_desk_of(const Analyst *analyst, const char *symbol);
/* The prompt whose answers become signals. */
Prompt analyst_prompt(const Analyst *analyst);

/* analyst_say.c */
void analyst_name(Analyst *analyst, const Settings *settings);
void analyst_register(Analyst *analyst, int64_t now_us, Outbox *outbox);
/* The local analyst's advice on a sight, if it is news. */
void analyst_say_local(Analyst *analyst, unsigned desk, const Sight *sight, bool fallback,
                       int64_t now_us, Outbox *outbox);
/* The model's advice on what it was asked about; false: nothing new, nothing said. */
bool analyst_say_model(Analyst *analyst, unsigned desk, int64_t now_us, Outbox *outbox);
void analyst_say_opinion(Analyst *analyst, const ModelQuestion *question,
                         const ModelSignalAnswer *answer, const char *role, int64_t now_us,
                         Outbox *outbox);
void analyst_say_local_opinion(Analyst *analyst, unsigned desk, int64_t now_us, Outbox *outbox);
void analyst_say_view(Analyst *analyst, const ModelQuestion *question,
                      const ModelMarketAnswer *answer, int64_t now_us, Outbox *outbox);

/* analyst_ask.c */
void analyst_consider(Analyst *analyst, unsigned desk, int64_t now_us, Outbox *outbox);
/* The model has no answer: the local analyst takes over. */
void analyst_fall_back(Analyst *analyst, unsigned desk, int64_t now_us, Outbox *outbox);
bool analyst_ask_judge(Analyst *analyst, unsigned desk, int64_t now_us, Outbox *outbox) MUST_USE;
bool analyst_ask_risk(Analyst *analyst, unsigned desk, int64_t now_us, Outbox *outbox) MUST_USE;
void analyst_ask_counterfactuals(Analyst *analyst, unsigned desk, int64_t now_us, Outbox *outbox);
void analyst_ask_view(Analyst *analyst, int64_t now_us, Outbox *outbox);

#endif
