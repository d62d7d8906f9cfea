/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WebSocket API: calls as frames, on the same endpoints as REST; the session, which an Ed25519
 * key logs on to; the subscriptions to the streams of accounts.
 */
#include "shell/exchange/exchange_server_parts.h"
#include "shell/sys/clock.h"

/* ---- answers ------------------------------------------------------------------------------- */

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

static void put_limit(Text *text, const char *type, const char *interval, int64_t number,
                      int64_t limit, int64_t count) {
    text_format(text,
                "{\"rateLimitType\":\"%s\",\"interval\":\"%s\",\"intervalNum\":%D,\"limit\":%D,"
                "\"count\":%D}",
                type, interval, number, limit, count);
}

static void put_limits(ExchangeServer *server, const ExchangeSession *session, Text *text) {
    int64_t wall_us = clock_wall_us();
    ExchangeLimits *limits = &server->limits;
    if (!session->tells_limits) return;
    text_put(text, ",\"rateLimits\":[");
    if (session->placed) {
        ExchangeOrderCount count = exchange_limit_counts(limits, session->account, wall_us);
        put_limit(text, "ORDERS", "SECOND", 10, limits->ten_max, count.ten);
        text_char(text, ',');
        put_limit(text, "ORDERS", "DAY", 1, limits->day_max, count.day);
        text_char(text, ',');
    }
    put_limit(text, "REQUEST_WEIGHT", "MINUTE", 1, limits->weight_max,
              exchange_limit_weight(limits, session->address, wall_us));
    text_char(text, ']');
}

/* A refusal for a limit says until when, as an instant. */
static void put_error(ExchangeServer *server, unsigned status, Slice error, Text *text) {
    bool waits = (status == 429 || status == 418) && error.length > 1;
    text_put(text, "\"error\":");
    if (!waits) {
        text_slice(text, error);
        return;
    }
    text_slice(text, (Slice){error.at, error.length - 1});
    text_format(text, ",\"data\":{\"serverTime\":%D,\"retryAfter\":%D}}", clock_wall_us() / 1000,
                server->limits.retry_us / 1000);
}

static void say_status(ExchangeServer *server, ExchangeSession *session, const char *id,
                       unsigned status, Slice result) {
    Text text = text_in(server->event, STREAM_FRAME_MAX);
    text_format(&text, "{\"id\":%s,\"status\":%d,", id, (int)status);
    if (status == 200) {
        text_put(&text, "\"result\":");
        text_slice(&text, result);
    } else {
        put_error(server, status, result, &text);
    }
    put_limits(server, session, &text);
    text_char(&text, '}');
    if (text.overflow) {
        text_clear(&text);
        text_format(&text,
                    "{\"id\":%s,\"status\":400,\"error\":{\"code\":-1130,\"msg\":\"The answer is "
                    "too long: ask for less.\"}}",
                    id);
    }
    say_answer(session, (Slice){server->event, text.length});
}

void exchange_call_refuse(ExchangeServer *server, ExchangeSession *session, const char *id,
                          const ExchangeFault *fault) {
    Text text = text_in(server->answer, EXCHANGE_ANSWER_MAX);
    exchange_write_fault(fault, &text);
    say_status(server, session, id, fault->status, (Slice){server->answer, text.length});
}

static void say_failure(ExchangeServer *server, ExchangeSession *session, const char *id) {
    ExchangeVerdict failure = session->verdict;
    Text text = text_in(server->answer, EXCHANGE_ANSWER_MAX);
    if (!failure.code) failure.code = -1000; /* there are no pages in this connection */
    exchange_fault_write(&failure, &text);
    say_status(server, session, id, failure.status, (Slice){server->answer, text.length});
}

/* ---- who asks ------------------------------------------------------------------------------ */

/* By the key and signature of the call itself, else by the session's. */
static const ExchangeKey *judge(ExchangeServer *server, const ExchangeSession *session,
                                ExchangeCall *call) {
    static char memory[QUERY_PARAMETERS_MAX * (QUERY_VALUE_MAX + 48)];
    Text payload = TEXT_IN(memory);
    const ExchangeKey *key = NULL;
    const char *given = exchange_query_value(&server->query, "apiKey");
    const char *signature = exchange_query_value(&server->query, "signature");
    if (!given && !signature && session->logon) {
        key = session->logon;
        call->seal = SEAL_GOOD;
    } else {
        exchange_query_signed_json(&server->query, &payload);
        call->seal = exchange_key_judge(server->plan.keys, slice_of(given),
                                        (Slice){memory, payload.length}, slice_of(signature), &key);
    }
    exchange_http_identify(server, call, key);
    return key;
}

/* ---- the session --------------------------------------------------------------------------- */

static void say_session(ExchangeServer *server, ExchangeSession *session, const char *id) {
    char memory[320];
    Text text = TEXT_IN(memory);
    if (session->logon)
        text_format(&text, "{\"apiKey\":\"%s\",\"authorizedSince\":%D,", session->logon->key,
                    session->logon_us / 1000);
    else
        text_put(&text, "{\"apiKey\":null,\"authorizedSince\":null,");
    text_format(&text,
                "\"connectedSince\":%D,\"returnRateLimits\":%s,\"serverTime\":%D,"
                "\"userDataStream\":%s}",
                session->connected_us / 1000, session->tells_limits ? "true" : "false",
                clock_wall_us() / 1000, session->subscription_count ? "true" : "false");
    say_status(server, session, id, 200, slice_of(text_end(&text)));
}

static bool log_on(ExchangeServer *server, ExchangeSession *session, const ExchangeCall *call,
                   const ExchangeKey *key, ExchangeFault *fault) {
    (void)server;
    if (!exchange_seal_fits(call, fault)) return false;
    if (!key->public_key) {
        exchange_refuse(fault, -2015, "Invalid API-key, IP, or permissions for action.");
        fault->status = 401;
        return false;
    }
    session->logon = key;
    session->logon_us = clock_wall_us();
    return true;
}

/* ---- subscriptions ------------------------------------------------------------------------- */

static bool subscribe(ExchangeSession *session, const ExchangeCall *call, ExchangeFault *fault) {
    int64_t *subscription = &session->subscriptions[call->account];
    if (!exchange_seal_fits(call, fault)) return false;
    if (*subscription >= 0)
        return exchange_refuse(fault, -2035, "Subscription is already active in this session.");
    if (session->subscription_last == SERVER_SUBSCRIPTIONS_MAX)
        return exchange_refuse(fault, -2042,
                               "The maximum number of subscription ids was reached "
                               "on this connection.");
    *subscription = session->subscription_last++;
    session->subscription_count++;
    return true;
}

static void say_subscription(ExchangeServer *server, ExchangeSession *session, const char *id,
                             int64_t subscription) {
    char memory[48];
    Text result = TEXT_IN(memory);
    text_format(&result, "{\"subscriptionId\":%D}", subscription);
    say_status(server, session, id, 200, slice_of(text_end(&result)));
}

static void say_subscriptions(ExchangeServer *server, ExchangeSession *session, const char *id) {
    char memory[LIMIT_EXCHANGE_ACCOUNTS * 48 + 8];
    Text result = TEXT_IN(memory);
    bool first = true;
    text_char(&result, '[');
    for (unsigned i = 0; i < LIMIT_EXCHANGE_ACCOUNTS; i++) {
        if (session->subscriptions[i] < 0) continue;
        text_format(&result, "%s{\"subscriptionId\":%D}", first ? "" : ",",
                    session->subscriptions[i]);
        first = false;
    }
    text_char(&result, ']');
    say_status(server, session, id, 200, slice_of(text_end(&result)));
}

static void end_subscription(ExchangeSession *session, unsigned account) {
    char memory[128];
    Text frame = TEXT_IN(memory);
    text_format(&frame,
                "{\"subscriptionId\":%D,\"event\":{\"e\":\"eventStreamTerminated\",\"E\":%D}}",
                session->subscriptions[account], clock_wall_us() / 1000);
    session->subscriptions[account] = -1;
    session->subscription_count--;
    exchange_socket_say(session, slice_of(text_end(&frame)));
}

/* The one that is named, or all. */
static bool unsubscribe(ExchangeServer *server, ExchangeSession *session, ExchangeFault *fault) {
    int64_t wanted = -1;
    bool found = false;
    if (!exchange_query_int(&server->query, "subscriptionId", &wanted, fault)) return false;
    for (unsigned i = 0; i < LIMIT_EXCHANGE_ACCOUNTS; i++) {
        if (session->subscriptions[i] < 0 || (wanted >= 0 && session->subscriptions[i] != wanted))
            continue;
        found = true;
        end_subscription(session, i);
    }
    return found || exchange_refuse(fault, -2036, "Subscription not active.");
}

/* ---- methods that REST does not have ------------------------------------------------------- */

#define METHOD_WEIGHT 2 /* of session.* and userDataStream.*, as documented */

static bool is_of_session(const char *method) {
    return strncmp(method, "session.", 8) == 0 || strncmp(method, "userDataStream.", 15) == 0;
}

static bool is_gone(const char *method) {
    return strcmp(method, "userDataStream.start") == 0 ||
           strcmp(method, "userDataStream.ping") == 0 || strcmp(method, "userDataStream.stop") == 0;
}

/* What such a method says: the fault, or its answer. */
static bool answer_method(ExchangeServer *server, ExchangeSession *session,
                          const StreamRequest *request, ExchangeCall *call, ExchangeFault *fault) {
    const char *method = request->method;
    const ExchangeKey *key = judge(server, session, call);
    session->account = call->account;
    if (strcmp(method, "session.logon") == 0) {
        if (!log_on(server, session, call, key, fault)) return false;
        say_session(server, session, request->id);
    } else if (strcmp(method, "session.status") == 0) {
        say_session(server, session, request->id);
    } else if (strcmp(method, "session.logout") == 0) {
        session->logon = NULL;
        say_session(server, session, request->id);
    } else if (strcmp(method, "session.subscriptions") == 0) {
        say_subscriptions(server, session, request->id);
    } else if (strcmp(method, "userDataStream.unsubscribe") == 0) {
        if (!unsubscribe(server, session, fault)) return false;
        say_status(server, session, request->id, 200, SLICE("{}"));
    } else if (strcmp(method, "userDataStream.subscribe") == 0) {
        /* For those who have logged on: it takes no parameters at all. */
        if (!session->logon)
            return exchange_refuse(fault, -2015, "Invalid API-key, IP, or permissions for action.");
        call->account = session->logon->account;
        if (session->subscriptions[call->account] >= 0)
            return exchange_refuse(fault, -2035, "Subscription is already active in this session.");
        session->subscriptions[call->account] = session->subscription_last++;
        session->subscription_count++;
        say_subscription(server, session, request->id, session->subscriptions[call->account]);
    } else if (strcmp(method, "userDataStream.subscribe.signature") == 0) {
        if (!subscribe(session, call, fault)) return false;
        say_subscription(server, session, request->id, session->subscriptions[call->account]);
    } else {
        exchange_refuse(fault, -1000, "There is no such method here.");
        if (is_gone(method)) fault->status = 410;
        return false;
    }
    return true;
}

static void carry_out_method(ExchangeServer *server, ExchangeSession *session,
                             const StreamRequest *request, ExchangeCall *call) {
    ExchangeFault fault;
    session->placed = false;
    if (session->verdict.fails)
        say_failure(server, session, request->id);
    else if (!exchange_limit_take(&server->limits, session->address, METHOD_WEIGHT, call->wall_us,
                                  &fault) ||
             !answer_method(server, session, request, call, &fault))
        exchange_call_refuse(server, session, request->id, &fault);
}

/* ---- calls --------------------------------------------------------------------------------- */

static void carry_out(ExchangeServer *server, ExchangeSession *session,
                      const StreamRequest *request, ExchangeCall *call) {
    const char *limits = exchange_query_value(&server->query, "returnRateLimits");
    bool told = session->tells_limits;
    if (limits) session->tells_limits = strcmp(limits, "false") != 0;
    (void)judge(server, session, call);
    session->account = call->account;
    Text text = text_in(server->answer, EXCHANGE_ANSWER_MAX);
    unsigned status = 200;
    session->placed = false;
    if (session->verdict.executes) {
        status = exchange_answer(server->exchange, call, &text);
        session->placed = server->limits.placed;
        exchange_server_changed(server, call, status);
    }
    if (session->verdict.fails)
        say_failure(server, session, request->id);
    else
        say_status(server, session, request->id, status, (Slice){server->answer, text.length});
    session->tells_limits = told;
}

void exchange_frame_call(ExchangeServer *server, ExchangeSession *session,
                         const ExchangeVerdict *verdict, Slice frame) {
    ExchangeFault fault;
    StreamRequest request;
    Slice verb = SLICE("WS"), path = SLICE("");
    session->verdict = *verdict;
    server->query.count = 0;
    bool sound = stream_request_read(frame, &request, &fault);
    JsonReader reader = json_reader(request.params);
    sound =
        sound && (!request.params.length || exchange_query_json(&server->query, &reader, &fault));
    bool of_session = sound && is_of_session(request.method);
    if (sound && !of_session && !stream_method_find(request.method, &verb, &path))
        sound = exchange_refuse(&fault, -1000, "There is no such method here.");
    if (!sound) {
        exchange_call_refuse(server, session, request.id, &fault);
        return;
    }
    ExchangeCall call = exchange_http_call(server, session, verb, path);
    if (of_session)
        carry_out_method(server, session, &request, &call);
    else
        carry_out(server, session, &request, &call);
    exchange_socket_events(server);
    exchange_server_keep(server);
}

/* By the method's REST path, so that one rule meets a call on either way. */
void exchange_call_take(ExchangeServer *server, ExchangeSession *session,
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
