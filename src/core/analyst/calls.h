/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to language models on their way: a table of calls, each of one or more requests. A call
 * is asked when nothing speaks against it (the models' budget, a circuit that is open, a server
 * that has refused us); a lost or busy request is sent again after a growing pause; an answer that
 * is not one is asked for once more with its fault; then the call has an end, said as MODEL_CALLS,
 * and whoever asked hears it. Every request reserves its cost anew. What a reply holds beside its
 * content decides nothing but when and whether to ask again.
 *
 * A ModelCalls is a plain block owned by the analyst; a CallEnding points into it and holds until
 * the next function of this header is called.
 */
#ifndef CORE_ANALYST_CALLS_H
#define CORE_ANALYST_CALLS_H

#include "core/analyst/model_budget.h"
#include "core/analyst/prompt.h"
#include "core/bus/service.h"
#include "core/venues/openai.h"

#define CALLS_MAX     16    /* under way at once; a request is 50 KiB of a turn's room */
#define CALL_TEXT_MAX 24000 /* both parts of a prompt */
#define MODELS_MAX    9     /* the first, and the arena's */

typedef enum AiMode { AI_OFF, AI_LIVE, AI_REPLAY, AI_CACHED } AiMode;

typedef enum CallPurpose {
    CALL_FOR_OPPORTUNITY,
    CALL_FOR_BULL,
    CALL_FOR_BEAR,
    CALL_FOR_JUDGE,
    CALL_FOR_RISK,
    CALL_FOR_MARKET,
    CALL_FOR_COUNTERFACTUAL
} CallPurpose;

typedef enum CallState { CALL_FREE, CALL_SENT, CALL_PAUSED, CALL_ENDED } CallState;

/* A model and what has been learned of its server. */
typedef struct ModelSlot {
    char name[64], address[sizeof((Settings_ai *)0)->arena]; /* empty: the preset one */
    OpenaiDialect dialect;
    bool send_temperature, other_token_parameter, weakened;
} ModelSlot;

typedef struct ModelAsk {
    CallPurpose purpose;
    uint8_t model;     /* which of the models */
    uint8_t desk;      /* of the symbol */
    uint8_t neutral;   /* InputGroup made neutral */
    int64_t market_us; /* time of the data that it is about */
    char symbol[24];
} ModelAsk;

typedef struct ModelQuestion {
    ModelAsk ask;
    CallState state;
    bool repaired, enlarged, recorded;
    int64_t id, request; /* of the first and of the last request */
    int64_t asked_us, sent_us, due_us;
    int64_t attempts, retries;
    int64_t max_tokens, prompt_tokens, completion_tokens, cost, latency_us, status;
    BudgetHold hold;
    char model_id[16], request_id[80], content_hash[65], fault[200];
    uint32_t system_length, length;
    char text[CALL_TEXT_MAX];
} ModelQuestion;

typedef struct ModelCalls {
    AiMode mode;
    Settings_ai settings;
    unsigned model_count;
    ModelSlot models[MODELS_MAX];
    ModelBudget budget;
    int64_t requests; /* numbered so far */
    int64_t failures, open_until_us;
    bool over_budget;       /* the last question was */
    int64_t budget_told_us; /* when that was logged */
    ModelQuestion questions[CALLS_MAX];
    char prompts[PROMPT_COUNT][PROMPT_MAX]; /* the operator's; empty: built-in */
} ModelCalls;

typedef struct CallEnding {
    const ModelQuestion *question;
    ModelCallEnd end; /* CALL_ANSWERED, CALL_REPAIRED: `answer` is there */
    const char *text; /* why it failed */
} CallEnding;

/* Room for an answer of any shape. */
typedef union ModelAnswer {
    ModelSignalAnswer signal;
    ModelMarketAnswer market;
    ModelRiskAnswer risk;
} ModelAnswer;

/* Words of the settings that only mean something here; an error names key and remedy. */
bool calls_check(const Settings *settings, Error *error) MUST_USE;
/* With settings that were not checked: an unknown dialect asks by the prompt alone, a model whose
 * name is too long is left out. */
void calls_init(ModelCalls *calls, const Settings *settings);
/* A template of the operator's own; false when it fails its check, and nothing is changed. */
bool calls_take_prompt(ModelCalls *calls, const PromptTemplate *heard, Error *error) MUST_USE;
Slice calls_prompt(const ModelCalls *calls, Prompt prompt);
Prompt call_prompt(CallPurpose purpose);
MessageKind call_answer(CallPurpose purpose);
const char *call_purpose_text(CallPurpose purpose);

/* Asks. False: it was not asked, and MODEL_CALLS says why; `ending` (its question is NULL) too. */
bool calls_ask(ModelCalls *calls, const ModelAsk *ask, const PromptValues *values, int64_t now_us,
               Outbox *outbox, CallEnding *ending) MUST_USE;
/* True when a call has ended by this reply. */
bool calls_hear(ModelCalls *calls, const OutsideReply *reply, int64_t now_us, Outbox *outbox,
                ModelAnswer *answer, CallEnding *ending) MUST_USE;
/* What is due: pauses that are over are asked again, answers that never came are lost. True when a
 * call has ended: call again until false. */
bool calls_wake(ModelCalls *calls, int64_t now_us, Outbox *outbox, CallEnding *ending) MUST_USE;
/* When to wake; INT64_MAX: nothing is under way. */
int64_t calls_due(const ModelCalls *calls);
/* What was spent in an earlier life. */
void calls_recall(ModelCalls *calls, const ModelCall *call);
/* Frees what calls_hear or calls_wake has ended. */
void calls_close(ModelCalls *calls, const CallEnding *ending);

/* ---- inside (calls_ask.c, calls_hear.c) ------------------------------------------------------ */

/* Sends the next request of a question; false when the budget does not allow it. */
bool calls_send(ModelCalls *calls, ModelQuestion *question, int64_t now_us,
                Outbox *outbox) MUST_USE;
void calls_say_end(ModelCalls *calls, const ModelQuestion *question, ModelCallEnd end,
                   const char *text, int64_t now_us, Outbox *outbox);
/* First 8 hex digits of a hash of (model, its address, prompt templates, parameters). */
void calls_identify(const ModelCalls *calls, unsigned model, Prompt prompt, char id[static 16]);

#endif
