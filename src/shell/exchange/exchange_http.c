/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One REST request: its method, address, key and body read, the seal judged, the answer sent piece
 * by piece. The library splits the query at its ampersands and resolves the percent signs, but what
 * is signed is the encoded text: it is encoded again by RFC 3986, as the venue asks of its clients;
 * where that does not fit the signature, the decoded text is tried, for clients that leave more
 * characters bare.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "shell/exchange/exchange_server_parts.h"
#include "shell/sys/clock.h"

/* ---- reading ------------------------------------------------------------------------------- */

static bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

static void encode(Text *text, Slice part) {
    static const char digits[] = "0123456789ABCDEF";
    bool in_value = false;
    for (size_t i = 0; i < part.length; i++) {
        unsigned char c = (unsigned char)part.at[i];
        if (is_bare((char)c) || (c == '=' && !in_value)) {
            text_char(text, (char)c);
            if (c == '=') in_value = true;
            continue;
        }
        text_char(text, '%');
        text_char(text, digits[c >> 4]);
        text_char(text, digits[c & 15]);
    }
}

void exchange_http_query(struct lws *wsi, ExchangeSession *session) {
    static char part[SERVER_QUERY_MAX];
    Text query = TEXT_IN(session->query);
    for (int i = 0; i < QUERY_PARAMETERS_MAX + 2; i++) {
        int length = lws_hdr_copy_fragment(wsi, part, sizeof part, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length < 0) break;
        if (query.length) text_char(&query, '&');
        encode(&query, (Slice){part, (size_t)length});
    }
    text_end(&query);
    session->query_length = query.length;
    session->too_long |= query.overflow;
}

static Slice take_header(struct lws *wsi, const char *name, char *target, int capacity) {
    int length = lws_hdr_custom_copy(wsi, target, capacity, name, (int)strlen(name));
    return (Slice){target, length > 0 ? (size_t)length : 0};
}

static const char *method_of(struct lws *wsi) {
    static const struct {
        enum lws_token_indexes token;
        const char *name;
    } methods[] = {{WSI_TOKEN_GET_URI, "GET"},
                   {WSI_TOKEN_POST_URI, "POST"},
                   {WSI_TOKEN_DELETE_URI, "DELETE"},
                   {WSI_TOKEN_PUT_URI, "PUT"}};
    for (unsigned i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (lws_hdr_total_length(wsi, methods[i].token) > 0) return methods[i].name;
    return "OTHER";
}

/* How long the body is that follows; -1: it is too long, or does not say. */
static int64_t body_size(struct lws *wsi) {
    char memory[32];
    int64_t size = 0;
    int length = lws_hdr_copy(wsi, memory, sizeof memory, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) return -1;
    if (length <= 0) return 0;
    if (!slice_int((Slice){memory, (size_t)length}, &size) || size < 0 || size >= SERVER_BODY_MAX)
        return -1;
    return size;
}

static void read_request(struct lws *wsi, ExchangeSession *session, Slice path) {
    char unit[32];
    session->body_length = 0;
    session->answered = session->has_answer = session->sending = false;
    session->server = lws_context_user(lws_get_context(wsi));
    session->address = exchange_http_address(wsi);
    /* Without a length the library takes whatever follows a POST for its body. */
    session->closes = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0 &&
                      lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0;
    session->wsi = wsi;
    session->too_long = !slice_copy(path, session->path, sizeof session->path);
    bool fits = slice_copy(slice_of(method_of(wsi)), session->method, sizeof session->method);
    session->too_long |= !fits;
    exchange_http_query(wsi, session);
    Slice key = take_header(wsi, "x-mbx-apikey:", session->key, sizeof session->key);
    session->key[key.length] = 0;
    Slice named = take_header(wsi, "x-mbx-time-unit:", unit, sizeof unit);
    session->microseconds = slice_is(named, "MICROSECOND") || slice_is(named, "microsecond");
}

/* ---- judging ------------------------------------------------------------------------------- */

ExchangeCall exchange_http_call(ExchangeServer *server, const ExchangeSession *session,
                                Slice method, Slice path) {
    const ExchangeFaults *faults = &server->faults;
    return (ExchangeCall){.method = method,
                          .path = path,
                          .query = &server->query,
                          .now_us = exchange_market_now_us(server->market) + faults->clock_us,
                          .wall_us = clock_wall_us() + faults->clock_us,
                          .maintenance = clock_wall_us() < faults->maintenance_until_us,
                          .address = session->address,
                          .limits = &server->limits};
}

void exchange_http_identify(ExchangeServer *server, ExchangeCall *call, const ExchangeKey *key) {
    if (!key) return;
    call->account = key->account;
    call->rights = &server->faults.rights[key->account];
}

uint32_t exchange_http_address(struct lws *wsi) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    if (getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&peer, &size) != 0) return 0;
    return ntohl(peer.sin_addr.s_addr);
}

static void put_decoded(const ExchangeQuery *query, Text *payload) {
    for (unsigned i = 0, count = 0; i < query->count; i++)
        if (strcmp(query->parameters[i].name, "signature") != 0)
            text_format(payload, "%s%s=%s", count++ ? "&" : "", query->parameters[i].name,
                        query->parameters[i].value);
}

static const ExchangeKey *judge(const ExchangeServer *server, const ExchangeSession *session,
                                ExchangeSeal *seal) {
    static char memory[SERVER_QUERY_MAX + SERVER_BODY_MAX];
    Text payload = TEXT_IN(memory);
    const ExchangeKey *found;
    Slice key = slice_of(session->key);
    Slice given = slice_of(exchange_query_value(&server->query, "signature"));
    exchange_query_signed((Slice){session->query, session->query_length},
                          (Slice){session->body, session->body_length}, &payload);
    *seal =
        exchange_key_judge(server->plan.keys, key, (Slice){memory, payload.length}, given, &found);
    if (*seal != SEAL_BAD_SIGNATURE || session->body_length > 0) return found;
    text_clear(&payload);
    put_decoded(&server->query, &payload);
    *seal =
        exchange_key_judge(server->plan.keys, key, (Slice){memory, payload.length}, given, &found);
    return found;
}

static unsigned answer_request(ExchangeServer *server, ExchangeSession *session, Text *text) {
    ExchangeFault fault;
    session->placed = false;
    session->retry_us = clock_wall_us() + INSTANT_MINUTE_US;
    ExchangeCall call =
        exchange_http_call(server, session, slice_of(session->method), slice_of(session->path));
    bool sound = !session->too_long;
    if (!sound) exchange_refuse(&fault, -1101, "Too many parameters sent for this endpoint.");
    sound =
        sound && exchange_query_read(&server->query, (Slice){session->query, session->query_length},
                                     (Slice){session->body, session->body_length}, &fault);
    if (!sound) {
        exchange_write_fault(&fault, text);
        return fault.status;
    }
    exchange_http_identify(server, &call, judge(server, session, &call.seal));
    call.microseconds = session->microseconds;
    unsigned status = exchange_answer(server->exchange, &call, text);
    session->placed = server->limits.placed;
    session->account = call.account;
    if (status == 429 || status == 418) session->retry_us = server->limits.retry_us;
    exchange_server_changed(server, &call, status);
    return status;
}

/* ---- sending ------------------------------------------------------------------------------- */

static bool put_number(struct lws *wsi, const char *name, int64_t value, unsigned char **at,
                       unsigned char *end) {
    char memory[32];
    Text text = TEXT_IN(memory);
    text_int(&text, value);
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)text_end(&text), (int)text.length, at,
                                       end) == 0;
}

/* Weight, orders where some were placed, and when to come again. */
static bool put_limits(ExchangeServer *server, const ExchangeSession *session, unsigned char **at,
                       unsigned char *end) {
    struct lws *wsi = session->wsi;
    int64_t wall_us = clock_wall_us(), left_us = session->retry_us - wall_us;
    int64_t weight = exchange_limit_weight(&server->limits, session->address, wall_us);
    ExchangeOrderCount count = exchange_limit_counts(&server->limits, session->account, wall_us);
    bool waits = session->status == 429 || session->status == 418;
    int64_t seconds = left_us > 0 ? (left_us + INSTANT_SECOND_US - 1) / INSTANT_SECOND_US : 1;
    return put_number(wsi, "x-mbx-used-weight:", weight, at, end) &&
           put_number(wsi, "x-mbx-used-weight-1m:", weight, at, end) &&
           (!session->placed || (put_number(wsi, "x-mbx-order-count-10s:", count.ten, at, end) &&
                                 put_number(wsi, "x-mbx-order-count-1d:", count.day, at, end))) &&
           (!waits || put_number(wsi, "retry-after:", seconds, at, end));
}

static int send_headers(ExchangeServer *server, const ExchangeSession *session) {
    struct lws *wsi = session->wsi;
    unsigned char *start = server->chunk + LWS_PRE, *at = start,
                  *end = server->chunk + sizeof server->chunk;
    bool is_html = session->answer_length && session->answer[0] == '<';
    if (lws_add_http_common_headers(wsi, session->status,
                                    is_html ? "text/html" : "application/json;charset=UTF-8",
                                    (lws_filepos_t)session->answer_length, &at, end) ||
        !put_limits(server, session, &at, end) ||
        (session->closes &&
         lws_add_http_header_by_name(wsi, (const unsigned char *)"connection:",
                                     (const unsigned char *)"close", 5, &at, end)))
        return -1;
    return lws_finalize_write_http_header(wsi, start, &at, end) ? -1 : 0;
}

/* Keeps the answer until the socket takes it. */
static void keep_answer(ExchangeServer *server, ExchangeSession *session, unsigned status,
                        size_t length) {
    free(session->answer);
    session->answer = malloc(length + 1);
    session->doomed |= !session->answer;
    if (session->answer) memcpy(session->answer, server->answer, length);
    session->answer_length = length;
    session->status = status;
    session->sent = 0;
}

/* What happened is on its way: to be sent, or to be lost. */
static void send_answer(ExchangeSession *session) {
    const ExchangeVerdict *verdict = &session->verdict;
    if (verdict->loses) return;
    session->doomed |= verdict->drops && verdict->bytes < 0;
    session->has_answer = true;
    lws_callback_on_writable(session->wsi);
}

static void answer_is_due(lws_sorted_usec_list_t *timer) {
    send_answer(lws_container_of(timer, ExchangeSession, timer));
}

static void carry_out(ExchangeServer *server, ExchangeSession *session) {
    const ExchangeVerdict *verdict = &session->verdict;
    Text text = text_in(server->answer, EXCHANGE_ANSWER_MAX);
    unsigned status = 200;
    if (verdict->executes) status = answer_request(server, session, &text);
    if (verdict->fails) {
        exchange_fault_write(verdict, &text);
        status = verdict->status;
    }
    exchange_socket_events(server);
    exchange_server_keep(server);
    keep_answer(server, session, status, text.length);
    if (verdict->answer_us > 0)
        lws_sul_schedule(server->context, 0, &session->timer, answer_is_due, verdict->answer_us);
    else
        send_answer(session);
}

static void call_is_due(lws_sorted_usec_list_t *timer) {
    ExchangeSession *session = lws_container_of(timer, ExchangeSession, timer);
    carry_out(session->server, session);
}

static int answer(ExchangeServer *server, ExchangeSession *session, struct lws *wsi) {
    if (session->answered) return 0; /* a body of no bytes is told to be complete as well */
    session->answered = true;
    session->verdict = (ExchangeVerdict){.executes = true};
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    if (strcmp(session->path, CONTROL_PATH) == 0) {
        Text text = text_in(server->answer, EXCHANGE_ANSWER_MAX);
        unsigned status = exchange_control(server, session, &text);
        keep_answer(server, session, status, text.length);
        send_answer(session);
        return 0;
    }
    session->verdict = exchange_fault_judge(&server->faults, slice_of(session->method),
                                            slice_of(session->path), clock_wall_us());
    if (session->verdict.request_us > 0)
        lws_sul_schedule(server->context, 0, &session->timer, call_is_due,
                         session->verdict.request_us);
    else
        carry_out(server, session);
    return 0;
}

static int send_piece(ExchangeServer *server, ExchangeSession *session, struct lws *wsi) {
    size_t rest = session->answer_length - session->sent;
    size_t size = rest < SERVER_CHUNK ? rest : SERVER_CHUNK;
    bool last = size == rest, cut = session->verdict.drops;
    size_t kept = cut ? (size_t)session->verdict.bytes - session->sent : size;
    cut = cut && kept <= size;
    if (cut) size = kept;
    memcpy(server->chunk + LWS_PRE, session->answer + session->sent, size);
    if (lws_write(wsi, server->chunk + LWS_PRE, size,
                  last && !cut ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)size ||
        cut)
        return -1;
    session->sent += size;
    if (!last) {
        lws_callback_on_writable(wsi);
        return 0;
    }
    session->sending = false;
    return session->closes || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int send_some(ExchangeServer *server, ExchangeSession *session, struct lws *wsi) {
    if (session->doomed) return -1;
    if (session->sending) return send_piece(server, session, wsi);
    if (!session->has_answer) return 0;
    session->has_answer = false;
    session->sending = true;
    if (send_headers(server, session)) return -1;
    lws_callback_on_writable(wsi);
    return 0;
}

static void read_body(ExchangeSession *session, Slice bytes) {
    if (bytes.length > SERVER_BODY_MAX - 1 - session->body_length) {
        session->too_long = true;
        return;
    }
    memcpy(session->body + session->body_length, bytes.at, bytes.length);
    session->body_length += bytes.length;
}

int exchange_http(ExchangeServer *server, ExchangeSession *session, struct lws *wsi,
                  enum lws_callback_reasons reason, Slice in) {
    int64_t size;
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        read_request(wsi, session, in);
        size = body_size(wsi);
        if (size < 0) return -1;
        return size > 0 ? 0 : answer(server, session, wsi);
    case LWS_CALLBACK_HTTP_BODY:
        read_body(session, in);
        return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return answer(server, session, wsi);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return send_some(server, session, wsi);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        lws_sul_cancel(&session->timer);
        free(session->answer);
        session->answer = NULL;
        session->sending = false;
        return 0;
    default:
        return 0;
    }
}
