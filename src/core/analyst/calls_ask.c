/* SPDX-License-Identifier: Apache-2.0 */
/* How a question leaves (calls.h). */
#include "core/analyst/calls.h"

#include "core/base/digest.h"
#include "core/base/random.h"

/* gpt-4o answers of some 270 tokens took 4.9 to 12.5 s in the recordings of api/openai, five of six
 * below 6 s: how long an answer takes where time is virtual and none was recorded. */
#define ASSUMED_LATENCY_US (6 * INSTANT_SECOND_US)
/* The port answers at its time-out; what has not come this much later never will (a crash). */
#define DEADLINE_GRACE_US (30 * INSTANT_SECOND_US)

static const struct {
    const char *text;
    Prompt prompt;
    MessageKind answer;
} purposes[] = {
    [CALL_FOR_OPPORTUNITY] = {"opportunity", PROMPT_OPPORTUNITY, MESSAGE_MODEL_SIGNAL_ANSWER},
    [CALL_FOR_BULL] = {"bull", PROMPT_BULL, MESSAGE_MODEL_SIGNAL_ANSWER},
    [CALL_FOR_BEAR] = {"bear", PROMPT_BEAR, MESSAGE_MODEL_SIGNAL_ANSWER},
    [CALL_FOR_JUDGE] = {"judge", PROMPT_JUDGE, MESSAGE_MODEL_SIGNAL_ANSWER},
    [CALL_FOR_RISK] = {"risk", PROMPT_RISK, MESSAGE_MODEL_RISK_ANSWER},
    [CALL_FOR_MARKET] = {"market", PROMPT_MARKET, MESSAGE_MODEL_MARKET_ANSWER},
    [CALL_FOR_COUNTERFACTUAL] = {"counterfactual", PROMPT_OPPORTUNITY, MESSAGE_MODEL_SIGNAL_ANSWER},
};

Prompt call_prompt(CallPurpose purpose) {
    return purposes[purpose].prompt;
}

MessageKind call_answer(CallPurpose purpose) {
    return purposes[purpose].answer;
}

const char *call_purpose_text(CallPurpose purpose) {
    return purposes[purpose].text;
}

/* ---- what is known before anything is asked -------------------------------------------------- */

static AiMode mode_of(const char *word) {
    static const char *const words[] = {"off", "live", "replay", "cached"};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is(slice_of(word), words[i])) return (AiMode)i;
    return AI_OFF;
}

/* Where a model is asked, as the port reads it; empty at the preset address, so that what was
 * recorded there before addresses counted keeps its name. */
static void take_address(Slice address, ModelSlot *slot) {
    const Setting *preset = setting_find(SLICE("openai.base_url"));
    address = slice_trim(address);
    while (address.length && address.at[address.length - 1] == '/')
        address.length--;
    slot->address[0] = 0;
    if (slice_is(address, preset->preset_words)) return;
    bool fits = slice_copy(address, slot->address, sizeof slot->address);
    CHECK(fits, "calls: an address is longer than the setting that it stands in");
}

static unsigned add_model(const Settings_ai *ai, Slice name, ModelSlot *models, unsigned count) {
    const char *at = name.length ? memchr(name.at, '@', name.length) : NULL;
    Slice address = slice_of(ai->base_url);
    if (at) {
        address = (Slice){at + 1, name.length - (size_t)(at + 1 - name.at)};
        name.length = (size_t)(at - name.at);
    }
    name = slice_trim(name);
    if (count == MODELS_MAX || name.length == 0) return count;
    ModelSlot *slot = &models[count];
    if (!slice_copy(name, slot->name, sizeof slot->name)) return count;
    take_address(address, slot);
    slot->send_temperature = ai->send_temperature;
    if (!openai_dialect(slice_of(ai->dialect), &slot->dialect)) slot->dialect = OPENAI_PROMPT;
    return count + 1;
}

/* The first, and the arena's; how many have a name. */
static unsigned name_models(const Settings_ai *ai, ModelSlot models[static MODELS_MAX]) {
    const char *at = ai->arena;
    unsigned count = add_model(ai, slice_of(ai->model), models, 0);
    for (const char *c = at; count > 0; c++) {
        if (*c != ',' && *c != 0) continue;
        count = add_model(ai, (Slice){at, (size_t)(c - at)}, models, count);
        if (*c == 0) break;
        at = c + 1;
    }
    return count;
}

bool calls_check(const Settings *settings, Error *error) {
    const Settings_ai *ai = &settings->ai;
    OpenaiDialect dialect;
    int64_t cutoff_us;
    ModelSlot models[MODELS_MAX];
    unsigned wanted = 1, named = name_models(ai, models);
    if (!openai_dialect(slice_of(ai->dialect), &dialect))
        return error_set(error, ERROR_CONFIG, "no such dialect", "openai.dialect",
                         "json_schema, json_object or prompt");
    if (!instant_parse(slice_of(ai->knowledge_cutoff), &cutoff_us))
        return error_set(error, ERROR_CONFIG, "not a date", "openai.knowledge_cutoff",
                         "YYYY-MM-DD, as the model's maker says");
    for (const char *c = ai->arena; *c; c++)
        wanted += *c == ',' || c == ai->arena;
    if (named != wanted)
        return error_set(error, ERROR_CONFIG, "a model without a name, or too many of them",
                         named == 0 ? "openai.model" : "openai.arena",
                         "up to eight further names of at most 63 bytes, separated by commas");
    return true;
}

void calls_init(ModelCalls *calls, const Settings *settings) {
    calls->settings = settings->ai;
    calls->mode = mode_of(settings->ai.mode);
    model_budget_init(&calls->budget, settings);
    calls->model_count = name_models(&calls->settings, calls->models);
    if (calls->model_count == 0) calls->mode = AI_OFF;
}

bool calls_take_prompt(ModelCalls *calls, const PromptTemplate *heard, Error *error) {
    char file[40];
    Text name = TEXT_IN(file);
    Prompt prompt = prompt_find(slice_of(heard->name));
    text_format(&name, "%s.txt", heard->name);
    if (prompt == PROMPT_COUNT)
        return error_set(error, ERROR_CONFIG, "no prompt has this name", text_end(&name),
                         "bear, bull, judge, market, opportunity or risk");
    if (heard->text[0] && !prompt_check(prompt, slice_of(heard->text), text_end(&name), error))
        return false;
    _Static_assert(sizeof heard->text == PROMPT_MAX, "what is heard can be kept");
    memcpy(calls->prompts[prompt], heard->text, PROMPT_MAX);
    return true;
}

Slice calls_prompt(const ModelCalls *calls, Prompt prompt) {
    return slice_of(calls->prompts[prompt][0] ? calls->prompts[prompt] : prompt_texts[prompt].text);
}

/* One name at two addresses is two models. */
static void add_address(const ModelSlot *model, Sha256 *sha) {
    if (!model->address[0]) return;
    sha256_add(sha, " @", 2);
    sha256_add(sha, model->address, strlen(model->address));
}

void calls_identify(const ModelCalls *calls, unsigned model, Prompt prompt, char id[static 16]) {
    char memory[256];
    uint8_t digest[SHA256_SIZE];
    Sha256 sha;
    Text parameters = TEXT_IN(memory), hex = text_in(id, 16);
    const Settings_ai *ai = &calls->settings;
    text_format(&parameters, "%s %s %d %D %d %d %d ", calls->models[model].name, ai->dialect,
                (int)ai->send_temperature, ai->max_tokens, (int)ai->mask, (int)ai->panel,
                (int)ai->risk_question);
    text_double(&parameters, ai->send_temperature ? ai->temperature : 1);
    sha256_init(&sha);
    sha256_add(&sha, parameters.at, parameters.length);
    add_address(&calls->models[model], &sha);
    for (Prompt i = 0; i < PROMPT_COUNT; i++) {
        bool of_panel = prompt == PROMPT_JUDGE && (i == PROMPT_BULL || i == PROMPT_BEAR);
        Slice text = calls_prompt(calls, i);
        if (i == prompt || of_panel) sha256_add(&sha, text.at, text.length);
    }
    sha256_peek(&sha, digest);
    text_hex(&hex, digest, 4);
    text_end(&hex);
}

/* ---- one request ----------------------------------------------------------------------------- */

static Slice token_parameter(const ModelCalls *calls, const ModelSlot *model) {
    Slice word = slice_of(calls->settings.token_parameter);
    if (!model->other_token_parameter) return word;
    return slice_is(word, "max_tokens") ? SLICE("max_completion_tokens") : SLICE("max_tokens");
}

static bool write_body(const ModelCalls *calls, const ModelQuestion *question, Text *body) {
    const ModelSlot *model = &calls->models[question->ask.model];
    OpenaiQuestion asked = {
        .model = slice_of(model->name),
        .dialect = model->dialect,
        .send_temperature = model->send_temperature,
        .temperature = calls->settings.temperature,
        .token_parameter = token_parameter(calls, model),
        .max_tokens = question->max_tokens,
        .answer = call_answer(question->ask.purpose),
        .system = {question->text, question->system_length},
        .user = {question->text + question->system_length,
                 question->length - question->system_length},
        .fault = slice_of(question->fault),
    };
    return openai_write_question(&asked, body);
}

static void hash_question(const ModelSlot *model, const Text *body, char target[static 65]) {
    uint8_t digest[SHA256_SIZE];
    Sha256 sha;
    Text hex = text_in(target, 65);
    sha256_init(&sha);
    sha256_add(&sha, body->at, body->length);
    add_address(model, &sha);
    sha256_peek(&sha, digest);
    text_hex(&hex, digest, sizeof digest);
    text_end(&hex);
}

/* In replays nothing can be asked, so nothing is reserved. */
static bool reserve(ModelCalls *calls, ModelQuestion *question, int64_t bytes, int64_t now_us,
                    Outbox *outbox) {
    BudgetSpan full;
    question->hold = (BudgetHold){.at_us = now_us};
    if (calls->mode == AI_REPLAY) return true;
    int64_t bound = model_budget_bound(&calls->budget, bytes, question->max_tokens);
    bool allowed = model_budget_reserve(&calls->budget, now_us, bound, &question->hold, &full);
    /* Near a cap small questions pass where large ones do not: an hour's worth is one line. */
    bool told = now_us - calls->budget_told_us < INSTANT_HOUR_US;
    if (!allowed && !told) {
        calls->budget_told_us = now_us;
        outbox_log(outbox, LOG_WARNING,
                   "No more questions to %s: the budget of the %s does not hold another %D "
                   "millionths of a dollar",
                   calls->models[question->ask.model].name, budget_span_text(full), bound);
    }
    calls->over_budget = !allowed;
    return allowed;
}

static void fill_request(const ModelCalls *calls, const ModelQuestion *question,
                         OutsideRequest *request) {
    static const char service[] = "ai_analyzer", path[] = "/chat/completions";
    const char *purpose = call_purpose_text(question->ask.purpose);
    memcpy(request->service, service, sizeof service);
    memcpy(request->path, path, sizeof path);
    memcpy(request->purpose, purpose, strlen(purpose) + 1);
    memcpy(request->symbol, question->ask.symbol, sizeof request->symbol);
    memcpy(request->content_hash, question->content_hash, sizeof request->content_hash);
    request->id = question->request;
    request->source = OUTSIDE_MODEL;
    request->slot = question->ask.model;
    request->timeout_ms = calls->settings.timeout_ms;
    request->latency_us = ASSUMED_LATENCY_US;
    request->reserved_usd_micro = question->hold.amount;
}

bool calls_send(ModelCalls *calls, ModelQuestion *question, int64_t now_us, Outbox *outbox) {
    char memory[sizeof((OutsideRequest *)0)->body];
    Text body = TEXT_IN(memory);
    if (!write_body(calls, question, &body)) return false;
    if (!reserve(calls, question, (int64_t)body.length, now_us, outbox)) return false;
    hash_question(&calls->models[question->ask.model], &body, question->content_hash);
    question->request = ++calls->requests;
    question->attempts++;
    question->state = CALL_SENT;
    question->sent_us = now_us;
    question->due_us = now_us + calls->settings.timeout_ms * 1000 + DEADLINE_GRACE_US;
    OutsideRequest *request = outbox_publish(outbox, TOPIC_OUTSIDE_REQUESTS);
    fill_request(calls, question, request);
    memcpy(request->body, memory, body.length + 1);
    return true;
}

/* ---- a question ------------------------------------------------------------------------------ */

static ModelQuestion *free_question(ModelCalls *calls) {
    for (unsigned i = 0; i < CALLS_MAX; i++)
        if (calls->questions[i].state == CALL_FREE) return &calls->questions[i];
    return NULL;
}

static bool put_text(const ModelCalls *calls, ModelQuestion *question, const PromptValues *values) {
    char memory[CALL_TEXT_MAX];
    Text system = text_in(question->text, sizeof question->text), user = TEXT_IN(memory);
    Slice template = calls_prompt(calls, call_prompt(question->ask.purpose));
    if (!prompt_fill(template, values, &system, &user)) return false;
    question->system_length = (uint32_t)system.length;
    text_slice(&system, (Slice){user.at, user.length});
    question->length = (uint32_t)system.length;
    return !system.overflow;
}

static const struct {
    ModelCallEnd end;
    const char *text;
} hindrances[] = {{CALL_ANSWERED, NULL},
                  {CALL_CIRCUIT_OPEN, "the circuit is open"},
                  {CALL_FAILED, "too many questions are under way"},
                  {CALL_FAILED, "the prompt does not fit"},
                  {CALL_OVER_BUDGET, "the budget is used up"}};
enum { NOTHING_HINDERS, CIRCUIT_IS_OPEN, TABLE_IS_FULL, TEXT_TOO_LONG, BUDGET_IS_USED };

static int try_asking(ModelCalls *calls, const ModelAsk *ask, const PromptValues *values,
                      int64_t now_us, Outbox *outbox) {
    ModelQuestion *question = free_question(calls);
    if (now_us < calls->open_until_us) return CIRCUIT_IS_OPEN;
    if (!question) return TABLE_IS_FULL;
    memset(question, 0, offsetof(ModelQuestion, text));
    question->ask = *ask;
    question->asked_us = now_us;
    question->max_tokens = calls->settings.max_tokens;
    calls_identify(calls, ask->model, call_prompt(ask->purpose), question->model_id);
    if (!put_text(calls, question, values)) return TEXT_TOO_LONG;
    if (!calls_send(calls, question, now_us, outbox))
        return calls->over_budget ? BUDGET_IS_USED : TEXT_TOO_LONG;
    question->id = question->request;
    return NOTHING_HINDERS;
}

bool calls_ask(ModelCalls *calls, const ModelAsk *ask, const PromptValues *values, int64_t now_us,
               Outbox *outbox, CallEnding *ending) {
    int hindrance = try_asking(calls, ask, values, now_us, outbox);
    if (hindrance == NOTHING_HINDERS) return true;
    ModelQuestion none = {.ask = *ask, .id = ++calls->requests, .asked_us = now_us};
    calls_identify(calls, ask->model, call_prompt(ask->purpose), none.model_id);
    *ending = (CallEnding){.end = hindrances[hindrance].end, .text = hindrances[hindrance].text};
    calls_say_end(calls, &none, ending->end, ending->text, now_us, outbox);
    return false;
}

/* A state that asks a million times a second does not get there in a century. */
#define NUMBERS_MAX (1LL << 52)

void calls_recall(ModelCalls *calls, const ModelCall *call) {
    model_budget_recall(&calls->budget, call->asked, call->cost_usd_micro);
    /* Its later requests have had numbers, too. */
    int64_t last = call->id + call->attempts;
    if (last > calls->requests && last < NUMBERS_MAX) calls->requests = last;
}
