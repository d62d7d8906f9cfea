/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of answers: JSON that grows until it fits, and errors in the one form that every surface
 * has. */
#include <stdlib.h>

#include "shell/web/web_parts.h"

#define JSON_TYPE "application/json"

static void reply_owned(WebReply *reply, unsigned status, char *bytes, size_t length) {
    web_reply_release(reply);
    reply->status = status;
    reply->type = JSON_TYPE;
    reply->owned = bytes;
    reply->bytes = bytes;
    reply->length = length;
}

void web_reply_release(WebReply *reply) {
    free(reply->owned);
    reply->owned = NULL;
    reply->bytes = NULL;
    reply->length = reply->sent = 0;
}

static void reply_form(WebReply *reply, unsigned status, const char *code, const Error *error) {
    size_t capacity = 4 * sizeof *error; /* escapes make text longer */
    char *bytes = malloc(capacity);
    Text text = text_in(bytes, bytes ? capacity : 0);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "error");
    json_object_begin(&writer);
    json_key(&writer, "code");
    json_string(&writer, code);
    json_key(&writer, "message");
    json_string(&writer, error->message);
    json_key(&writer, "where");
    json_string(&writer, error->where);
    json_key(&writer, "hint");
    json_string(&writer, error->hint);
    json_object_end(&writer);
    json_object_end(&writer);
    reply_owned(reply, status, bytes, text.overflow ? 0 : text.length);
}

void web_reply_error(WebReply *reply, unsigned status, const Error *error) {
    reply_form(reply, status, error_name(error->code), error);
}

void web_reply_text(WebReply *reply, unsigned status, const char *code, const char *message,
                    const char *hint) {
    Error error;
    error_set(&error, ERROR_FAILURE, message, NULL, hint);
    reply_form(reply, status, code, &error);
}

static unsigned status_of(ErrorCode code) {
    switch (code) {
    case ERROR_USAGE:
    case ERROR_RANGE:
    case ERROR_SYNTAX:
        return 400;
    case ERROR_DATA:
        return 404;
    case ERROR_STATE:
        return 503;
    default:
        return 500;
    }
}

/* One try with so much room; false: it did not fit. */
static bool try_json(const WebCall *call, size_t capacity) {
    Error error = {.code = ERROR_NONE};
    char *bytes = malloc(capacity);
    if (!bytes) return false;
    Text text = text_in(bytes, capacity);
    JsonWriter writer = json_writer(&text);
    bool written = call->route->write(call, &writer, &error);
    if (written && text.overflow) {
        free(bytes);
        return false;
    }
    if (written) {
        reply_owned(call->reply, 200, bytes, text.length);
        return true;
    }
    free(bytes);
    web_reply_error(call->reply, status_of(error.code), &error);
    return true;
}

void web_reply_json(const WebCall *call) {
    for (size_t capacity = WEB_ANSWER; capacity <= WEB_ANSWER_MAX; capacity *= 8)
        if (try_json(call, capacity)) return;
    web_reply_text(call->reply, 500, "limit", "the answer is too large",
                   "ask for fewer rows (limit)");
}
