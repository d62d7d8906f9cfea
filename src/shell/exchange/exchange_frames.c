/* SPDX-License-Identifier: Apache-2.0 */
/* What a client's frame asks for: subscriptions on the streams; calls go on to exchange_call.c. */
#include <stdlib.h>

#include "shell/exchange/exchange_server_parts.h"

/* The codes of refused control frames. */
enum { BAD_PROPERTY, BAD_VALUE, BAD_REQUEST, BAD_JSON, BAD_COUNT };

/* ---- the streams --------------------------------------------------------------------------- */

static int find_topic(const ExchangeSession *session, Slice name) {
    for (unsigned i = 0; i < session->topic_count; i++)
        if (slice_is(name, session->topics[i].name)) return (int)i;
    return -1;
}

#define TOPICS_FIRST 16 /* most clients hear a few; the room doubles */

static bool make_room(ExchangeSession *session) {
    if (session->topic_count < session->topic_capacity) return true;
    unsigned capacity = session->topic_capacity ? 2 * session->topic_capacity : TOPICS_FIRST;
    if (capacity > SERVER_TOPICS_MAX) return false;
    StreamTopic *grown = realloc(session->topics, capacity * sizeof *grown);
    if (!grown) return false;
    session->topics = grown;
    session->topic_capacity = capacity;
    return true;
}

bool exchange_frame_subscribe(ExchangeServer *server, ExchangeSession *session, Slice name) {
    StreamTopic topic;
    if (find_topic(session, name) >= 0) return true;
    if (!stream_topic_read(server->exchange, name, &topic)) return true;
    if (!make_room(session)) return false;
    session->topics[session->topic_count++] = topic;
    return true;
}

static void unsubscribe(ExchangeSession *session, Slice name) {
    int found = find_topic(session, name);
    if (found >= 0) session->topics[found] = session->topics[--session->topic_count];
}

static void say_list(ExchangeServer *server, ExchangeSession *session, const char *id) {
    Text text = text_in(server->frame, STREAM_FRAME_MAX);
    text_put(&text, "{\"result\":[");
    for (unsigned i = 0; i < session->topic_count; i++)
        text_format(&text, "%s\"%s\"", i ? "," : "", session->topics[i].name);
    text_format(&text, "],\"id\":%s}", id);
    exchange_socket_say(session, (Slice){server->frame, text.length});
}

static void say_done(ExchangeServer *server, ExchangeSession *session, const char *id) {
    Text text = text_in(server->frame, STREAM_FRAME_MAX);
    text_format(&text, "{\"result\":null,\"id\":%s}", id);
    exchange_socket_say(session, (Slice){server->frame, text.length});
}

static void say_bad(ExchangeServer *server, ExchangeSession *session, const char *id, int code) {
    static const char *const words[] = {"Unknown property", "Invalid value type", "Invalid request",
                                        "Invalid JSON", "Too many subscriptions"};
    Text text = text_in(server->frame, STREAM_FRAME_MAX);
    text_format(&text, "{\"error\":{\"code\":%d,\"msg\":\"%s\"},\"id\":%s}", code, words[code], id);
    exchange_socket_say(session, (Slice){server->frame, text.length});
}

static void answer_property(ExchangeServer *server, ExchangeSession *session,
                            const StreamRequest *request, bool sets) {
    char memory[96];
    Text text = TEXT_IN(memory);
    JsonReader reader = json_reader(request->params);
    bool combined = session->combined;
    Slice name;
    if (json_next(&reader) != JSON_ARRAY_BEGIN || !json_take_string(&reader, &name)) {
        say_bad(server, session, request->id, BAD_REQUEST);
    } else if (!slice_is(name, "combined")) {
        say_bad(server, session, request->id, BAD_PROPERTY);
    } else if (sets && !json_take_bool(&reader, &combined)) {
        say_bad(server, session, request->id, BAD_VALUE);
    } else if (sets) {
        session->combined = combined;
        say_done(server, session, request->id);
    } else {
        text_format(&text, "{\"result\":%s,\"id\":%s}", combined ? "true" : "false", request->id);
        exchange_socket_say(session, slice_of(text_end(&text)));
    }
}

static void answer_names(ExchangeServer *server, ExchangeSession *session,
                         const StreamRequest *request, bool adds) {
    static char names[STREAM_PARAMS_MAX][STREAM_NAME_MAX];
    unsigned count;
    bool fits = true;
    if (!stream_names_read(request->params, names, &count)) {
        say_bad(server, session, request->id, BAD_REQUEST);
        return;
    }
    for (unsigned i = 0; i < count && adds && fits; i++)
        fits = exchange_frame_subscribe(server, session, slice_of(names[i]));
    for (unsigned i = 0; i < count && !adds; i++)
        unsubscribe(session, slice_of(names[i]));
    if (fits)
        say_done(server, session, request->id);
    else
        say_bad(server, session, request->id, BAD_COUNT);
}

static void answer_stream(ExchangeServer *server, ExchangeSession *session,
                          const StreamRequest *request) {
    Slice method = slice_of(request->method);
    if (slice_is(method, "LIST_SUBSCRIPTIONS"))
        say_list(server, session, request->id);
    else if (slice_is(method, "SET_PROPERTY") || slice_is(method, "GET_PROPERTY"))
        answer_property(server, session, request, slice_is(method, "SET_PROPERTY"));
    else if (slice_is(method, "SUBSCRIBE") || slice_is(method, "UNSUBSCRIBE"))
        answer_names(server, session, request, slice_is(method, "SUBSCRIBE"));
    else
        say_bad(server, session, request->id, BAD_REQUEST);
}

void exchange_frame_answer(ExchangeServer *server, ExchangeSession *session, Slice frame) {
    ExchangeFault fault;
    StreamRequest request;
    session->verdict = (ExchangeVerdict){.executes = true};
    if (!stream_request_read(frame, &request, &fault)) {
        if (session->is_api)
            exchange_call_refuse(server, session, "null", &fault);
        else
            say_bad(server, session, "null", BAD_JSON);
    } else if (session->is_api) {
        exchange_call_take(server, session, &request, frame);
    } else {
        answer_stream(server, session, &request);
    }
}
