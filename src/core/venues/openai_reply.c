/* SPDX-License-Identifier: Apache-2.0 */
/* What came back (openai.h): read member by member, so that nothing else of the document counts. */
#include "core/base/plain_text.h"
#include "core/venues/openai.h"

/* Sets `reader` (an object's begin comes next) to the value of `key`; false when it has none. The
 * first of two equal keys counts. */
static bool enter_member(JsonReader *reader, const char *key) {
    if (json_next(reader) != JSON_OBJECT_BEGIN) return false;
    while (json_next(reader) == JSON_KEY) {
        if (slice_is(reader->slice, key)) return true;
        if (!json_skip(reader)) return false;
    }
    return false;
}

static bool member(JsonReader object, const char *key, JsonReader *value) {
    *value = object;
    return enter_member(value, key);
}

static JsonToken token_of(JsonReader value) {
    return json_next(&value);
}

/* A text made plain, or a number as it stands: codes come as either. */
static void read_word(JsonReader object, const char *key, char *target, size_t capacity) {
    JsonReader value;
    *target = 0;
    if (!member(object, key, &value)) return;
    JsonToken token = json_next(&value);
    if (token == JSON_STRING) plain_text_of_json(&value, target, capacity);
    if (token == JSON_NUMBER && !slice_copy(value.slice, target, capacity)) *target = 0;
}

/* ---- errors ---------------------------------------------------------------------------------- */

static bool holds(const char *text, const char *word) {
    return strstr(text, word) != NULL;
}

static bool says_model_unknown(const OpenaiReply *reply) {
    return holds(reply->code, "model_not_found") || holds(reply->code, "invalid_model") ||
           holds(reply->message, "nvalid model") || holds(reply->message, "odel not found") ||
           (holds(reply->message, "model") && holds(reply->message, "does not exist"));
}

static bool says_unsupported(const OpenaiReply *reply) {
    return holds(reply->code, "unsupported_parameter") || holds(reply->code, "unsupported_value") ||
           holds(reply->message, "Unsupported parameter") ||
           holds(reply->message, "Unsupported value") ||
           holds(reply->message, "not supported with this model");
}

static bool says_no_credit(const OpenaiReply *reply) {
    return holds(reply->code, "insufficient_quota") || holds(reply->code, "billing") ||
           holds(reply->message, "exceeded your current quota");
}

static OpenaiFault fault_of(int64_t status, const OpenaiReply *reply) {
    if (status == 404 || ((status == 400 || status == 422) && says_model_unknown(reply)))
        return OPENAI_INVALID_MODEL;
    if (status == 401 || status == 403) return OPENAI_UNAUTHORIZED;
    if (status == 402) return OPENAI_NO_CREDIT;
    if (status == 429) return says_no_credit(reply) ? OPENAI_NO_CREDIT : OPENAI_RATE_LIMITED;
    if (status == 408 || status == 409 || status >= 500) return OPENAI_BUSY;
    if (status == 400 && says_unsupported(reply)) return OPENAI_UNSUPPORTED;
    return OPENAI_BAD_REQUEST;
}

/* {"error":{...}}, {"error":"text"}, or the members bare (older vLLM); NULL code becomes its type.
 */
static void read_error(JsonReader document, OpenaiReply *reply) {
    JsonReader error;
    JsonReader found = member(document, "error", &error) ? error : document;
    if (token_of(found) == JSON_STRING) {
        read_word(document, "error", reply->message, sizeof reply->message);
        return;
    }
    read_word(found, "message", reply->message, sizeof reply->message);
    read_word(found, "param", reply->parameter, sizeof reply->parameter);
    read_word(found, "code", reply->code, sizeof reply->code);
    if (!reply->code[0]) read_word(found, "type", reply->code, sizeof reply->code);
}

/* ---- a completion ---------------------------------------------------------------------------- */

static void read_usage(JsonReader document, OpenaiReply *reply) {
    JsonReader usage, prompt, completion;
    if (!member(document, "usage", &usage) || token_of(usage) != JSON_OBJECT_BEGIN) return;
    int64_t asked = -1, answered = -1;
    /* No question has no tokens: a server that tells zeros does not count them. */
    reply->usage_told = member(usage, "prompt_tokens", &prompt) && json_take_int(&prompt, &asked) &&
                        member(usage, "completion_tokens", &completion) &&
                        json_take_int(&completion, &answered) && asked > 0 && answered >= 0;
    /* No text of ours is longer; whoever bills more bills nonsense, and a sum must not overflow. */
    const int64_t most = 1000000000;
    reply->prompt_tokens = !reply->usage_told ? 0 : asked < most ? asked : most;
    reply->completion_tokens = !reply->usage_told ? 0 : answered < most ? answered : most;
}

static OpenaiFault read_content(JsonReader message, OpenaiReply *reply) {
    JsonReader content;
    if (!member(message, "content", &content) || json_next(&content) != JSON_STRING)
        return OPENAI_NO_ANSWER;
    if (!json_unescape(&content, reply->content, sizeof reply->content)) {
        reply->content[0] = 0;
        return OPENAI_GARBLED; /* too long, or with a zero character */
    }
    return slice_trim(slice_of(reply->content)).length > 0 ? OPENAI_SOUND : OPENAI_NO_ANSWER;
}

static OpenaiFault read_choice(JsonReader document, OpenaiReply *reply) {
    JsonReader choices, message;
    char finish[32];
    if (!member(document, "choices", &choices) || json_next(&choices) != JSON_ARRAY_BEGIN)
        return OPENAI_GARBLED;
    if (!member(choices, "message", &message)) return OPENAI_GARBLED;
    read_word(choices, "finish_reason", finish, sizeof finish);
    read_word(message, "refusal", reply->message, sizeof reply->message);
    if (reply->message[0]) return OPENAI_REFUSAL;
    if (strcmp(finish, "length") == 0) return OPENAI_TRUNCATED;
    if (strcmp(finish, "stop") != 0) {
        memcpy(reply->code, finish, sizeof finish);
        return OPENAI_NO_ANSWER;
    }
    return read_content(message, reply);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* While a request waits, DeepSeek sends blank lines, others comments (": keep-alive"). */
static Slice without_keep_alive(Slice body) {
    for (;;) {
        body = slice_trim(body);
        if (body.length == 0 || body.at[0] != ':') return body;
        const char *end = memchr(body.at, '\n', body.length);
        size_t line = end ? (size_t)(end - body.at) : body.length;
        body = (Slice){body.at + line, body.length - line};
    }
}

/* An error inside of a 200 (OpenRouter) has its status as its code. */
static int64_t status_inside(const OpenaiReply *reply) {
    int64_t code = 0;
    return slice_int(slice_of(reply->code), &code) && code >= 400 && code <= 599 ? code : 502;
}

void openai_read_reply(int64_t status, Slice body, OpenaiReply *reply) {
    memset(reply, 0, offsetof(OpenaiReply, content) + 1);
    body = without_keep_alive(body);
    bool whole = json_valid(body);
    bool good = status >= 200 && status < 300;
    JsonReader document = json_reader(body), error;
    if (whole && token_of(document) == JSON_OBJECT_BEGIN) {
        read_usage(document, reply);
        bool inside = member(document, "error", &error) && token_of(error) != JSON_NULL;
        if (good && !inside) {
            reply->fault = read_choice(document, reply);
            return;
        }
        read_error(document, reply);
        reply->fault = fault_of(good ? status_inside(reply) : status, reply);
        return;
    }
    reply->fault = good ? OPENAI_GARBLED : fault_of(status, reply);
}

const char *openai_fault_text(OpenaiFault fault) {
    static const char *const texts[] = {
        [OPENAI_SOUND] = "answered",
        [OPENAI_REFUSAL] = "the model declined",
        [OPENAI_TRUNCATED] = "the answer was cut at the token limit",
        [OPENAI_NO_ANSWER] = "no answer in the reply",
        [OPENAI_GARBLED] = "the reply is no chat completion",
        [OPENAI_INVALID_MODEL] = "Invalid model specified",
        [OPENAI_UNAUTHORIZED] = "the key is not accepted",
        [OPENAI_NO_CREDIT] = "no credit",
        [OPENAI_RATE_LIMITED] = "rate limited",
        [OPENAI_UNSUPPORTED] = "a parameter is not supported",
        [OPENAI_BAD_REQUEST] = "the request was refused",
        [OPENAI_BUSY] = "the server cannot answer now",
    };
    return texts[fault];
}

/* ---- the object inside of a content ---------------------------------------------------------- */

static const char *behind_last(Slice text, const char *word) {
    size_t length = strlen(word);
    for (size_t at = text.length; at >= length; at--)
        if (memcmp(text.at + at - length, word, length) == 0) return text.at + at;
    return text.at;
}

/* The end of the object that begins at `at`, NULL if it has none; braces in strings do not count.
 */
static const char *object_end(const char *at, const char *end) {
    unsigned depth = 0;
    bool quoted = false;
    for (; at < end; at++) {
        if (quoted && *at == '\\' && end - at > 1) {
            at++;
            continue;
        }
        if (*at == '"') quoted = !quoted;
        if (quoted) continue;
        if (*at == '{') depth++;
        if (*at == '}' && --depth == 0) return at + 1;
    }
    return NULL;
}

Slice openai_object_in(Slice content) {
    const char *end = content.at + content.length;
    const char *from = behind_last(content, "</think>"); /* models that think aloud */
    const char *begin = memchr(from, '{', (size_t)(end - from));
    const char *stop = begin ? object_end(begin, end) : NULL;
    return stop ? (Slice){begin, (size_t)(stop - begin)} : (Slice){0};
}
