/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a question (calls.h); docs/MODEL.md has the table. */
#include "core/analyst/answer.h"
#include "core/analyst/calls.h"
#include "core/base/plain_text.h"
#include "core/base/random.h"

/* The policy of OpenAI's own clients: half a second, doubled to eight, up to a quarter less by lot;
 * a server's own wait is obeyed up to two minutes, and beyond it nothing is asked again. */
#define PAUSE_FIRST_US (INSTANT_SECOND_US / 2)
#define PAUSE_MOST_US  (8 * INSTANT_SECOND_US)
#define PAUSE_SEED     0x6d6f64656cULL /* "model": lots of their own */
#define RETRY_AFTER_MS 120000
/* An unknown model, a key that is refused, no credit: somebody has to do something. */
#define REFUSED_PAUSE_US INSTANT_HOUR_US
/* A cut answer is asked for once more with twice the room. */
#define TOKENS_MOST 32000

/* ---- ends ------------------------------------------------------------------------------------ */

void calls_say_end(ModelCalls *calls, const ModelQuestion *question, ModelCallEnd end,
                   const char *text, int64_t now_us, Outbox *outbox) {
    ModelCall *call = outbox_publish(outbox, TOPIC_MODEL_CALLS);
    const char *purpose = call_purpose_text(question->ask.purpose);
    const ModelSlot *model = &calls->models[question->ask.model];
    call->id = question->id;
    memcpy(call->purpose, purpose, strlen(purpose) + 1);
    memcpy(call->symbol, question->ask.symbol, sizeof call->symbol);
    memcpy(call->model, model->name, sizeof call->model);
    memcpy(call->model_id, question->model_id, sizeof call->model_id);
    call->asked = question->asked_us;
    call->settled = now_us;
    call->end = end;
    call->attempts = question->attempts;
    call->prompt_tokens = question->prompt_tokens;
    call->completion_tokens = question->completion_tokens;
    call->cost_usd_micro = question->cost;
    call->latency_ms = question->latency_us / 1000;
    call->recorded = question->recorded;
    call->status = question->status;
    memcpy(call->request_id, question->request_id, sizeof call->request_id);
    memcpy(call->content_hash, question->content_hash, sizeof call->content_hash);
    if (text) plain_text_into(slice_of(text), call->text, sizeof call->text);
}

/* One reply, or one wake, on its way through this file. Functions over it return whether the call
 * has ended. */
typedef struct Turn {
    ModelCalls *calls;
    ModelQuestion *question;
    int64_t now_us;
    Outbox *outbox;
    CallEnding *ending;
} Turn;

static bool ends(const Turn *turn, ModelCallEnd end, const char *text) {
    turn->question->state = CALL_ENDED;
    calls_say_end(turn->calls, turn->question, end, text, turn->now_us, turn->outbox);
    *turn->ending = (CallEnding){.question = turn->question, .end = end, .text = text};
    return true;
}

void calls_close(ModelCalls *calls, const CallEnding *ending) {
    if (ending->question) calls->questions[ending->question - calls->questions].state = CALL_FREE;
}

/* Failures in a row open the circuit; the first one after it has closed opens it again. */
static void count_failure(const Turn *turn) {
    ModelCalls *calls = turn->calls;
    const Settings_ai *ai = &calls->settings;
    if (++calls->failures < ai->circuit_failures) return;
    calls->failures = ai->circuit_failures - 1;
    calls->open_until_us = turn->now_us + ai->circuit_seconds * INSTANT_SECOND_US;
    outbox_log(turn->outbox, LOG_WARNING,
               "The language model is not asked for %D s: %D failures in a row",
               ai->circuit_seconds, ai->circuit_failures);
}

/* Status, code, id, latency and attempt; never a key, which the core has not, nor a prompt. */
static void log_failure(const Turn *turn, const char *code) {
    const ModelQuestion *question = turn->question;
    outbox_log(turn->outbox, LOG_WARNING,
               "Call %D (%s %s): status %D, code %s, request %s, latency %D ms, attempt %D",
               question->id, call_purpose_text(question->ask.purpose), question->ask.symbol,
               question->status, code[0] ? code : "none",
               question->request_id[0] ? question->request_id : "unnamed",
               question->latency_us / 1000, question->attempts);
}

static bool fails(const Turn *turn, OpenaiFault fault, const char *text) {
    bool somebody_must_act =
        fault == OPENAI_INVALID_MODEL || fault == OPENAI_UNAUTHORIZED || fault == OPENAI_NO_CREDIT;
    outbox_log(turn->outbox, LOG_ERROR, "OpenAI API error: %s", text);
    if (somebody_must_act)
        turn->calls->open_until_us = turn->now_us + REFUSED_PAUSE_US;
    else
        count_failure(turn);
    return ends(turn, CALL_FAILED, text);
}

/* ---- once more ------------------------------------------------------------------------------- */

static int64_t pause_of(const ModelQuestion *question, int64_t retry_after_ms) {
    if (retry_after_ms > 0) return retry_after_ms * 1000;
    int64_t pause_us = PAUSE_FIRST_US << (question->retries < 5 ? question->retries : 5);
    if (pause_us > PAUSE_MOST_US) pause_us = PAUSE_MOST_US;
    Random random = random_stream(PAUSE_SEED, (uint64_t)question->request);
    return pause_us - (int64_t)random_below(&random, (uint32_t)(pause_us / 4));
}

/* Whether a lost or refused request is worth another; the server's own word goes first. */
static bool may_retry(const Turn *turn, const OutsideReply *reply, bool helps) {
    if (turn->question->retries >= turn->calls->settings.retries) return false;
    if (reply && reply->retry_after_ms > RETRY_AFTER_MS) return false;
    if (reply && reply->should_retry >= 0) return reply->should_retry == 1;
    return helps;
}

static bool pause_question(const Turn *turn, int64_t retry_after_ms) {
    ModelQuestion *question = turn->question;
    question->due_us = turn->now_us + pause_of(question, retry_after_ms);
    question->retries++;
    question->state = CALL_PAUSED;
    return false;
}

/* Sends again at once, or ends the call for want of budget. */
static bool again(const Turn *turn) {
    ModelCalls *calls = turn->calls;
    if (calls_send(calls, turn->question, turn->now_us, turn->outbox)) return false;
    return calls->over_budget ? ends(turn, CALL_OVER_BUDGET, "the budget is used up")
                              : ends(turn, CALL_FAILED, "the prompt does not fit");
}

/* What a model does not take is left out from then on, each thing once. */
static bool adapt(ModelCalls *calls, const ModelQuestion *question, const OpenaiReply *read) {
    ModelSlot *model = &calls->models[question->ask.model];
    bool temperature =
        strstr(read->parameter, "temperature") || strstr(read->message, "temperature");
    bool tokens = strstr(read->parameter, "max_") || strstr(read->message, "max_");
    bool form = strstr(read->parameter, "response_format") ||
                strstr(read->message, "response_format") || strstr(read->message, "json_schema");
    if (temperature && model->send_temperature) {
        model->send_temperature = false;
        return true;
    }
    if (tokens && !model->other_token_parameter) {
        model->other_token_parameter = true;
        return true;
    }
    if (form && !model->weakened && model->dialect != OPENAI_PROMPT) {
        model->weakened = true;
        model->dialect = OPENAI_PROMPT;
        return true;
    }
    return false;
}

/* ---- one reply ------------------------------------------------------------------------------- */

/* What it cost: the usage told, else all that was reserved; a request that was refused or never
 * left, or an answer from the record, costs nothing. */
static void settle(ModelCalls *calls, ModelQuestion *question, const OutsideReply *reply,
                   const OpenaiReply *read) {
    bool sent = reply->outcome == OUTSIDE_ANSWERED || reply->outcome == OUTSIDE_LOST;
    bool refused = reply->outcome == OUTSIDE_ANSWERED && reply->status >= 400 &&
                   reply->status < 500 && reply->status != 408;
    int64_t cost = question->hold.amount;
    question->recorded = reply->recorded;
    if (reply->outcome == OUTSIDE_ANSWERED && read->usage_told) {
        cost = model_budget_cost(&calls->budget, read->prompt_tokens, read->completion_tokens);
        question->prompt_tokens += read->prompt_tokens;
        question->completion_tokens += read->completion_tokens;
    } else if (refused) {
        cost = 0;
    }
    if (reply->recorded || !sent || calls->mode == AI_REPLAY) cost = 0;
    model_budget_settle(&calls->budget, &question->hold, cost);
    question->hold.amount = 0;
    question->cost += cost;
}

static bool repair(const Turn *turn, const Text *fault) {
    ModelQuestion *question = turn->question;
    if (question->repaired) {
        log_failure(turn, "invalid answer");
        return ends(turn, CALL_INVALID, fault->at);
    }
    question->repaired = true;
    memcpy(question->fault, fault->at, fault->length + 1);
    return again(turn);
}

static bool take_answer(const Turn *turn, const OpenaiReply *read, ModelAnswer *answer) {
    ModelQuestion *question = turn->question;
    char memory[sizeof question->fault];
    Text fault = TEXT_IN(memory);
    Slice content = slice_of(read->content);
    turn->calls->failures = 0; /* the server works, whatever the model says */
    if (!answer_read(call_answer(question->ask.purpose), content, answer, &fault)) {
        text_end(&fault);
        return repair(turn, &fault);
    }
    return ends(turn, question->repaired ? CALL_REPAIRED : CALL_ANSWERED, NULL);
}

static bool enlarge(const Turn *turn) {
    ModelQuestion *question = turn->question;
    log_failure(turn, "length");
    if (question->enlarged || question->max_tokens >= TOKENS_MOST)
        return ends(turn, CALL_TRUNCATED, openai_fault_text(OPENAI_TRUNCATED));
    question->enlarged = true;
    question->max_tokens *= 2;
    if (question->max_tokens > TOKENS_MOST) question->max_tokens = TOKENS_MOST;
    return again(turn);
}

/* An error of the server, or no answer in the reply. */
static bool take_fault(const Turn *turn, const OutsideReply *reply, const OpenaiReply *read) {
    log_failure(turn, read->code);
    if (read->fault == OPENAI_UNSUPPORTED && adapt(turn->calls, turn->question, read))
        return again(turn);
    bool helps = read->fault == OPENAI_RATE_LIMITED || read->fault == OPENAI_BUSY ||
                 read->fault == OPENAI_GARBLED;
    if (may_retry(turn, reply, helps)) return pause_question(turn, reply->retry_after_ms);
    return fails(turn, read->fault, openai_fault_text(read->fault));
}

static bool take_reply(const Turn *turn, const OutsideReply *reply, const OpenaiReply *read,
                       ModelAnswer *answer) {
    switch (read->fault) {
    case OPENAI_SOUND:
        return take_answer(turn, read, answer);
    case OPENAI_TRUNCATED:
        return enlarge(turn);
    case OPENAI_REFUSAL:
        log_failure(turn, "refusal");
        return ends(turn, CALL_REFUSED, openai_fault_text(OPENAI_REFUSAL));
    default:
        return take_fault(turn, reply, read);
    }
}

static bool take_silence(const Turn *turn, const OutsideReply *reply) {
    bool sent = !reply || reply->outcome == OUTSIDE_LOST;
    const char *text = sent ? "no answer came" : "the request could not be sent";
    log_failure(turn, sent ? "lost" : "not sent");
    if (may_retry(turn, reply, true))
        return pause_question(turn, reply ? reply->retry_after_ms : -1);
    return fails(turn, OPENAI_BUSY, text);
}

static ModelQuestion *question_of(ModelCalls *calls, const OutsideReply *reply) {
    for (unsigned i = 0; i < CALLS_MAX; i++) {
        ModelQuestion *question = &calls->questions[i];
        if (question->state == CALL_SENT && question->request == reply->id) return question;
    }
    return NULL;
}

bool calls_hear(ModelCalls *calls, const OutsideReply *reply, int64_t now_us, Outbox *outbox,
                ModelAnswer *answer, CallEnding *ending) {
    ModelQuestion *question = question_of(calls, reply);
    const Turn turn = {calls, question, now_us, outbox, ending};
    OpenaiReply read = {.fault = OPENAI_GARBLED};
    if (!question || reply->source != OUTSIDE_MODEL) return false;
    if (reply->outcome == OUTSIDE_ANSWERED)
        openai_read_reply(reply->status, slice_of(reply->body), &read);
    question->status = reply->status;
    question->latency_us = reply->latency_us;
    memcpy(question->request_id, reply->request_id, sizeof question->request_id);
    settle(calls, question, reply, &read);
    if (reply->outcome == OUTSIDE_MISSING) return ends(&turn, CALL_MISSING, "no recorded answer");
    if (reply->outcome != OUTSIDE_ANSWERED) return take_silence(&turn, reply);
    return take_reply(&turn, reply, &read, answer);
}

/* ---- time ------------------------------------------------------------------------------------ */

int64_t calls_due(const ModelCalls *calls) {
    int64_t due_us = INT64_MAX;
    for (unsigned i = 0; i < CALLS_MAX; i++) {
        const ModelQuestion *question = &calls->questions[i];
        bool waits = question->state == CALL_SENT || question->state == CALL_PAUSED;
        if (waits && question->due_us < due_us) due_us = question->due_us;
    }
    return due_us;
}

bool calls_wake(ModelCalls *calls, int64_t now_us, Outbox *outbox, CallEnding *ending) {
    for (unsigned i = 0; i < CALLS_MAX; i++) {
        ModelQuestion *question = &calls->questions[i];
        const Turn turn = {calls, question, now_us, outbox, ending};
        if (question->due_us > now_us) continue;
        bool paused = question->state == CALL_PAUSED;
        if (paused && again(&turn)) return true;
        if (paused || question->state != CALL_SENT) continue;
        question->cost += question->hold.amount; /* unknown: spent */
        question->hold.amount = 0;
        if (take_silence(&turn, NULL)) return true;
    }
    return false;
}
