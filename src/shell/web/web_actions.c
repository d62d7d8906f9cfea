/* SPDX-License-Identifier: Apache-2.0 */
/* What a user orders: logging in, the kill switch, resuming. Orders go through STATE/control like
 * those of the CLI. */
#include <stdlib.h>

#include "shell/store/state_dir.h"
#include "shell/web/web_parts.h"

/* Texts of a flat JSON object by name; false if the body is no object, or a text does not fit. */
typedef struct BodyText {
    const char *name;
    char *target;
    size_t capacity;
} BodyText;

static bool take_text(JsonReader *reader, const BodyText *texts, size_t count) {
    Slice key = reader->slice;
    for (size_t i = 0; i < count; i++) {
        Slice raw;
        if (!slice_is(key, texts[i].name)) continue;
        return json_take_string(reader, &raw) &&
               json_unescape(reader, texts[i].target, texts[i].capacity);
    }
    return json_skip(reader);
}

static bool read_body(const WebRequest *request, const BodyText *texts, size_t count) {
    JsonReader reader = json_reader((Slice){request->body, request->body_length});
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return false;
    for (;;) {
        JsonToken token = json_next(&reader);
        if (token == JSON_OBJECT_END) return json_next(&reader) == JSON_END;
        if (token != JSON_KEY || !take_text(&reader, texts, count)) return false;
    }
}

static void set_cookie(WebReply *reply, const char *token) {
    Text text = TEXT_IN(reply->cookie);
    text_format(&text, "trader_session=%s; HttpOnly; SameSite=Strict; Path=/; Max-Age=%d", token,
                LOGIN_LIFE_DAYS * 86400);
    text_end(&text);
}

void web_login_answer(const WebCall *call) {
    char code[64] = "", token[LOGIN_TOKEN_SIZE];
    const BodyText texts[] = {{"code", code, sizeof code}};
    WebReply *reply = call->reply;
    if (!read_body(call->request, texts, 1)) {
        web_reply_text(reply, 400, "syntax", "the body must be {\"code\":\"...\"}", NULL);
        return;
    }
    switch (web_login_enter(&call->web->login, slice_of(code), web_wall_us(), token)) {
    case LOGIN_GOOD:
        reply->status = 204;
        set_cookie(reply, token);
        break;
    case LOGIN_WRONG:
        web_reply_text(reply, 401, "credentials", "this code is not valid",
                       "each is valid once and for a day: trader token prints a new one");
        break;
    case LOGIN_TOO_MANY:
        web_reply_text(reply, 429, "limit", "too many wrong codes", "wait a minute");
        reply->retry_after_s = 60;
        break;
    default:
        web_reply_text(reply, 500, "io", "the login cannot be kept",
                       "look at the rights and the space of the state directory");
    }
}

static void order(const WebCall *call, const Control *control) {
    Error error = {.code = ERROR_NONE};
    ControlTold told;
    Web *web = call->web;
    if (!web->has_state) {
        web_reply_text(call->reply, 503, "state", "no trader runs here",
                       "start one with trader run");
        return;
    }
    if (!control_tell(web->directory, control, &told, &error)) {
        web_reply_error(call->reply, 500, &error);
        return;
    }
    char *bytes = malloc(64);
    Text text = text_in(bytes, bytes ? 64 : 0);
    text_format(&text, "{\"level\":\"%s\"}", KillLevel_text(control->level));
    call->reply->status = 202;
    call->reply->type = "application/json";
    call->reply->owned = bytes;
    call->reply->bytes = bytes;
    call->reply->length = text.length;
}

/* Selling everything, and trading on, at a venue with real money want the mode typed again: no slip
 * of a finger, and no page that was left open, does either. */
static bool word_is_typed(const WebCall *call, const char *word) {
    World world;
    bool found;
    Error ignored;
    if (!call->web->has_state || strcmp(word, "LIVE") == 0) return true;
    bool known = world_read(call->web->directory, &world, &found, &ignored);
    if (known && (!found || strncmp(world.kind, "live-", 5) != 0)) return true;
    web_reply_text(call->reply, 400, "guard", "real money: this wants the word LIVE typed",
                   "{\"word\":\"LIVE\"}");
    return false;
}

void web_kill_answer(const WebCall *call) {
    char level[16] = "", word[16] = "";
    Control control = {.by = "dashboard"};
    const BodyText texts[] = {{"level", level, sizeof level},
                              {"reason", control.reason, sizeof control.reason},
                              {"word", word, sizeof word}};
    bool read = read_body(call->request, texts, 3);
    int value = -1;
    for (int i = KILL_PAUSE; i < KillLevel_COUNT; i++)
        if (strcmp(level, KillLevel_text((KillLevel)i)) == 0) value = i;
    if (!read || value < 0) {
        web_reply_text(call->reply, 400, "usage",
                       "the body must be {\"level\":\"pause|stop|flatten\",\"reason\":\"...\"}",
                       "a reason has at most 159 bytes");
        return;
    }
    control.level = (KillLevel)value;
    if (control.level != KILL_FLATTEN || word_is_typed(call, word)) order(call, &control);
}

void web_resume_answer(const WebCall *call) {
    char word[16] = "";
    Control control = {.level = KILL_NONE, .by = "dashboard"};
    const BodyText texts[] = {{"reason", control.reason, sizeof control.reason},
                              {"word", word, sizeof word}};
    if (call->request->body_length > 0 && !read_body(call->request, texts, 2)) {
        web_reply_text(call->reply, 400, "syntax", "the body must be {}", NULL);
        return;
    }
    if (word_is_typed(call, word)) order(call, &control);
}
