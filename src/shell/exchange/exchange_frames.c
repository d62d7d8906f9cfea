/* SPDX-License-Identifier: Apache-2.0 */
/* What a client's frame asks for: subscriptions on the streams, calls on the WebSocket API. */
#include "shell/exchange/exchange_server_parts.h"
#include "shell/sys/clock.h"

/* ---- the streams --------------------------------------------------------------------------- */

static int find_topic(const ExchangeSession *session, Slice name) {
    for (unsigned i = 0; i < session->topic_count; i++)
        if (slice_is(name, session->topics[i].name)) return (int)i;
    return -1;
}

void exchange_frame_subscribe(ExchangeServer *server, ExchangeSession *session, Slice name) {
    StreamTopic topic;
    if (find_topic(session, name) >= 0 || session->topic_count == SERVER_TOPICS_MAX) return;
    if (stream_topic_read(server->exchange, name, &topic))
        session->topics[session->topic_count++] = topic;
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

static void say_bad(ExchangeServer *server, ExchangeSession *session, const char *id) {
    Text text = text_in(server->frame, STREAM_FRAME_MAX);
    text_format(&text, "{\"error\":{\"code\":2,\"msg\":\"Invalid request\"},\"id\":%s}", id);
    exchange_socket_say(session, (Slice){server->frame, text.length});
}

static void answer_stream(ExchangeServer *server, ExchangeSession *session,
                          const StreamRequest *request) {
    static char names[STREAM_PARAMS_MAX][STREAM_NAME_MAX];
    unsigned count;
    Slice method = slice_of(request->method);
    bool adds = slice_is(method, "SUBSCRIBE"), takes = slice_is(method, "UNSUBSCRIBE");
    if (slice_is(method, "LIST_SUBSCRIPTIONS")) {
        say_list(server, session, request->id);
    } else if ((!adds && !takes) || !stream_names_read(request->params, names, &count)) {
        say_bad(server, session, request->id);
    } else {
        for (unsigned i = 0; i < count && adds; i++)
            exchange_frame_subscribe(server, session, slice_of(names[i]));
        for (unsigned i = 0; i < count && takes; i++)
            unsubscribe(session, slice_of(names[i]));
        say_done(server, session, request->id);
    }
}

/* ---- the WebSocket API --------------------------------------------------------------------- */

static void say_answer(ExchangeSession *session, Slice answer) {
    const ExchangeVerdict *verdict = &session->verdict;
    if (verdict->loses) return;
    if (verdict->drops)
        exchange_socket_end(session);
    else if (verdict->answer_us > 0)
        exchange_late_add(session, verdict, true, answer);
    else
        exchange_socket_say(session, answer);
}

static void say_status(ExchangeServer *server, ExchangeSession *session, const char *id,
                       unsigned status, Slice result) {
    Text text = text_in(server->event, STREAM_FRAME_MAX);
    text_format(&text, "{\"id\":%s,\"status\":%d,\"%s\":", id, (int)status,
                status == 200 ? "result" : "error");
    text_slice(&text, result);
    text_format(&text,
                ",\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\","
                "\"intervalNum\":1,\"limit\":%d,\"count\":%d}]}",
                EXCHANGE_WEIGHT_MAX, (int)server->exchange->weight);
    if (text.overflow) {
        text_clear(&text);
        text_format(&text,
                    "{\"id\":%s,\"status\":400,\"error\":{\"code\":-1130,\"msg\":\"The answer is "
                    "too long: ask for less.\"}}",
                    id);
    }
    say_answer(session, (Slice){server->event, text.length});
}

static void say_fault(ExchangeServer *server, ExchangeSession *session, const char *id,
                      const ExchangeFault *fault) {
    Text text = text_in(server->answer, EXCHANGE_ANSWER_MAX);
    exchange_write_fault(fault, &text);
    say_status(server, session, id, fault->status, (Slice){server->answer, text.length});
}

static ExchangeSeal judge(const ExchangeServer *server) {
    static char memory[QUERY_PARAMETERS_MAX * (QUERY_VALUE_MAX + 48)];
    Text payload = TEXT_IN(memory);
    exchange_query_signed_json(&server->query, &payload);
    return exchange_key_judge(server->key, slice_of(exchange_query_value(&server->query, "apiKey")),
                              (Slice){memory, payload.length},
                              slice_of(exchange_query_value(&server->query, "signature")));
}

static void answer_user_stream(ExchangeServer *server, ExchangeSession *session,
                               const StreamRequest *request, const ExchangeCall *call) {
    ExchangeFault fault;
    char memory[48];
    Text result = TEXT_IN(memory);
    if (slice_is(slice_of(request->method), "userDataStream.unsubscribe")) {
        session->subscription = -1;
        say_status(server, session, request->id, 200, SLICE("{}"));
        return;
    }
    bool sound = exchange_seal_fits(call, &fault);
    if (sound && session->subscription >= 0)
        sound = exchange_refuse(&fault, -2035, "Subscription is already active in this session.");
    if (!sound) {
        say_fault(server, session, request->id, &fault);
        return;
    }
    session->subscription = server->subscriptions++;
    text_format(&result, "{\"subscriptionId\":%D}", session->subscription);
    say_status(server, session, request->id, 200, slice_of(text_end(&result)));
}

static bool is_user_method(const char *method) {
    return strcmp(method, "userDataStream.subscribe.signature") == 0 ||
           strcmp(method, "userDataStream.unsubscribe") == 0;
}

static void say_failure(ExchangeServer *server, ExchangeSession *session, const char *id) {
    ExchangeVerdict failure = session->verdict;
    Text text = text_in(server->answer, EXCHANGE_ANSWER_MAX);
    if (!failure.code) failure.code = -1000; /* there are no pages in this connection */
    exchange_fault_write(&failure, &text);
    say_status(server, session, id, failure.status, (Slice){server->answer, text.length});
}

static void carry_out(ExchangeServer *server, ExchangeSession *session,
                      const StreamRequest *request, ExchangeCall *call) {
    call->seal = judge(server);
    if (is_user_method(request->method)) {
        answer_user_stream(server, session, request, call);
        return;
    }
    Text text = text_in(server->answer, EXCHANGE_ANSWER_MAX);
    unsigned status = 200;
    if (session->verdict.executes) status = exchange_answer(server->exchange, call, &text);
    if (session->verdict.fails)
        say_failure(server, session, request->id);
    else
        say_status(server, session, request->id, status, (Slice){server->answer, text.length});
}

void exchange_frame_call(ExchangeServer *server, ExchangeSession *session,
                         const ExchangeVerdict *verdict, Slice frame) {
    ExchangeFault fault;
    StreamRequest request;
    Slice verb = SLICE(""), path = SLICE("");
    session->verdict = *verdict;
    server->query.count = 0;
    bool sound = stream_request_read(frame, &request, &fault);
    JsonReader reader = json_reader(request.params);
    sound =
        sound && (!request.params.length || exchange_query_json(&server->query, &reader, &fault));
    if (sound && !is_user_method(request.method) &&
        !stream_method_find(request.method, &verb, &path))
        sound = exchange_refuse(&fault, -1000, "There is no such method here.");
    if (!sound) {
        say_fault(server, session, request.id, &fault);
        return;
    }
    ExchangeCall call = exchange_http_call(server, verb, path);
    carry_out(server, session, &request, &call);
    exchange_socket_events(server);
}

/* By the method's REST path, so that one rule meets a call on either way. */
static void judge_call(ExchangeServer *server, ExchangeSession *session,
                       const StreamRequest *request, Slice frame) {
    Slice verb, path;
    if (!stream_method_find(request->method, &verb, &path)) {
        verb = SLICE("WS");
        path = slice_of(request->method);
    }
    ExchangeVerdict verdict = exchange_fault_judge(&server->faults, verb, path, clock_wall_us());
    if (verdict.request_us > 0)
        exchange_late_add(session, &verdict, false, frame);
    else
        exchange_frame_call(server, session, &verdict, frame);
}

void exchange_frame_answer(ExchangeServer *server, ExchangeSession *session, Slice frame) {
    ExchangeFault fault;
    StreamRequest request;
    session->verdict = (ExchangeVerdict){.executes = true};
    if (!stream_request_read(frame, &request, &fault)) {
        if (session->is_api)
            say_fault(server, session, "null", &fault);
        else
            say_bad(server, session, "null");
    } else if (session->is_api) {
        judge_call(server, session, &request, frame);
    } else {
        answer_stream(server, session, &request);
    }
}
