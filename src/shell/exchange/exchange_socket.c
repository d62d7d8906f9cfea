/* SPDX-License-Identifier: Apache-2.0 */
/* WebSockets: connections, the frames that wait for each, and who hears what. */
#include <stdlib.h>

#include "shell/exchange/exchange_server_parts.h"
#include "shell/sys/clock.h"

/* ---- frames that wait ---------------------------------------------------------------------- */

/* Closed by the loop even if its socket never takes another byte. */
static void end_soon(ExchangeSession *session) {
    session->gone = true;
    if (session->wsi) lws_set_timeout(session->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static void let_go(ExchangeServer *server, ExchangeSession *session) {
    server->backlog -= session->frames_capacity;
    free(session->frames);
    session->frames = NULL;
    session->frames_begin = session->frames_end = session->frames_capacity = 0;
    end_soon(session);
}

/* The one that reads slowest pays for all. */
static void let_slowest_go(ExchangeServer *server) {
    ExchangeSession *slowest = NULL;
    for (unsigned i = 0; i < server->socket_count; i++)
        if (!slowest || server->sockets[i]->frames_capacity > slowest->frames_capacity)
            slowest = server->sockets[i];
    if (slowest) let_go(server, slowest);
}

static bool grow(ExchangeSession *session, size_t size) {
    ExchangeServer *server = session->server;
    size_t capacity = 2 * size;
    if (size > SERVER_BACKLOG) return false;
    while (!session->gone && server->backlog + capacity > SERVER_BACKLOGS)
        let_slowest_go(server);
    char *grown = session->gone ? NULL : realloc(session->frames, capacity);
    if (!grown) return false;
    server->backlog += capacity - session->frames_capacity;
    session->frames = grown;
    session->frames_capacity = capacity;
    return true;
}

static bool make_room(ExchangeSession *session, size_t size) {
    if (session->frames_begin == session->frames_end)
        session->frames_begin = session->frames_end = 0;
    if (session->frames_end + size <= session->frames_capacity) return true;
    size_t waiting = session->frames_end - session->frames_begin;
    if (session->frames_begin)
        memmove(session->frames, session->frames + session->frames_begin, waiting);
    session->frames_begin = 0;
    session->frames_end = waiting;
    return waiting + size <= session->frames_capacity || grow(session, waiting + size);
}

/* What stands before each frame's text. */
typedef struct FrameHead {
    int64_t due_us;
    uint32_t length;
} FrameHead;

/* Frames keep their order: none is due before the one ahead of it. */
static void push_frame(ExchangeSession *session, Slice frame, int64_t late_us) {
    FrameHead head = {0, (uint32_t)frame.length};
    if (session->gone || !session->wsi) return;
    if (late_us > 0) head.due_us = (int64_t)lws_now_usecs() + late_us;
    if (head.due_us < session->due_us) head.due_us = session->due_us;
    session->due_us = head.due_us;
    if (!make_room(session, sizeof head + frame.length)) {
        let_go(session->server, session); /* it does not read */
    } else {
        char *at = session->frames + session->frames_end;
        memcpy(at, &head, sizeof head);
        memcpy(at + sizeof head, frame.at, frame.length);
        session->frames_end += sizeof head + frame.length;
    }
    lws_callback_on_writable(session->wsi);
}

void exchange_socket_say(ExchangeSession *session, Slice frame) {
    push_frame(session, frame, 0);
}

void exchange_socket_tell(ExchangeServer *server, ExchangeSession *session, const char *stream,
                          Slice frame) {
    push_frame(session, frame, exchange_fault_stream_us(&server->faults, slice_of(stream)));
}

void exchange_socket_end(ExchangeSession *session) {
    end_soon(session);
}

void exchange_socket_end_all(ExchangeServer *server) {
    for (unsigned i = 0; i < server->socket_count; i++)
        exchange_socket_end(server->sockets[i]);
}

static void is_writable(lws_sorted_usec_list_t *timer) {
    lws_callback_on_writable(lws_container_of(timer, ExchangeSession, timer)->wsi);
}

/* An answer of the WebSocket API may be longer than the chunk: it has memory of its own. */
static bool write_frame(ExchangeServer *server, struct lws *wsi, Slice text) {
    unsigned char *whole =
        text.length > SERVER_CHUNK ? malloc(LWS_PRE + text.length) : server->chunk;
    if (!whole) return false;
    memcpy(whole + LWS_PRE, text.at, text.length);
    int sent = lws_write(wsi, whole + LWS_PRE, text.length, LWS_WRITE_TEXT);
    if (whole != server->chunk) free(whole);
    return sent >= (int)text.length;
}

static int write_one(ExchangeServer *server, ExchangeSession *session) {
    FrameHead head;
    if (session->gone) return -1;
    if (session->frames_begin == session->frames_end) return 0;
    const char *at = session->frames + session->frames_begin;
    memcpy(&head, at, sizeof head);
    int64_t wait_us = head.due_us ? head.due_us - (int64_t)lws_now_usecs() : 0;
    if (wait_us > 0) {
        lws_sul_schedule(server->context, 0, &session->timer, is_writable, wait_us);
        return 0;
    }
    if (!write_frame(server, session->wsi, (Slice){at + sizeof head, head.length})) return -1;
    session->frames_begin += sizeof head + head.length;
    if (session->frames_begin < session->frames_end) lws_callback_on_writable(session->wsi);
    return 0;
}

/* ---- who hears what ------------------------------------------------------------------------ */

/* What a topic says about this print, written once for all who hear it. */
static const RenderedFrame *render(ExchangeServer *server, const StreamTopic *topic, bool closed) {
    for (unsigned i = 0; i < server->rendered_count; i++) {
        const RenderedFrame *at = &server->rendered[i];
        if (at->kind == topic->kind && at->interval == topic->interval &&
            at->levels == topic->levels)
            return at;
    }
    if (server->rendered_count == SERVER_RENDERED) server->rendered_count = 0;
    size_t at = server->rendered_count * (size_t)STREAM_FRAME_MAX;
    RenderedFrame *frame = &server->rendered[server->rendered_count++];
    Text text = text_in(server->renderings + at, STREAM_FRAME_MAX);
    *frame =
        (RenderedFrame){.kind = topic->kind, .interval = topic->interval, .levels = topic->levels};
    frame->says =
        stream_topic_write(server->exchange, topic, server->market->now_us, closed, &text);
    frame->text = (Slice){server->renderings + at, text.length};
    return frame;
}

/* A combined stream's events stand in an envelope with its name. */
static void tell(ExchangeServer *server, ExchangeSession *session, const StreamTopic *topic,
                 bool closed) {
    const RenderedFrame *frame = render(server, topic, closed);
    if (!frame->says) return;
    if (!session->combined) {
        exchange_socket_tell(server, session, topic->name, frame->text);
        return;
    }
    Text event = text_in(server->event, STREAM_FRAME_MAX);
    text_format(&event, "{\"stream\":\"%s\",\"data\":%S}", topic->name, frame->text);
    exchange_socket_tell(server, session, topic->name, (Slice){server->event, event.length});
}

static void tell_all(ExchangeServer *server, unsigned pair, bool closed) {
    server->rendered_count = 0;
    for (unsigned i = 0; i < server->socket_count; i++) {
        ExchangeSession *session = server->sockets[i];
        for (unsigned k = 0; k < session->topic_count && !session->gone; k++) {
            const StreamTopic *topic = &session->topics[k];
            if (topic->pair == pair && (!closed || topic->kind == STREAM_KLINE))
                tell(server, session, topic, closed);
        }
    }
}

void exchange_socket_print(ExchangeServer *server, unsigned pair, bool closed) {
    if (closed) tell_all(server, pair, true);
    tell_all(server, pair, false);
}

#define USER_STREAM "user" /* its name for the latencies */

static void tell_user(ExchangeServer *server, ExchangeSession *session, unsigned account,
                      Slice frame) {
    Text event = text_in(server->event, STREAM_FRAME_MAX);
    if (session->subscription_count == 0 || session->subscriptions[account] < 0) return;
    text_format(&event, "{\"subscriptionId\":%D,\"event\":%S}", session->subscriptions[account],
                frame);
    exchange_socket_tell(server, session, USER_STREAM, (Slice){server->event, event.length});
}

/* An order's first fill gives its place in the count back. */
static void count_fill(ExchangeServer *server, const ExchangeEvent *event) {
    const ExchangeFill *fill =
        event->kind == EXCHANGE_EXECUTION ? exchange_fill(server->exchange, event->fill_id) : NULL;
    if (fill && fill->quantity.units == event->order.executed.units)
        exchange_limit_filled(&server->limits, event->account, fill->maker);
}

void exchange_socket_events(ExchangeServer *server) {
    const ExchangeEvent *happened;
    while ((happened = exchange_next_event(server->exchange))) {
        Text frame = text_in(server->frame, STREAM_FRAME_MAX);
        server->has_changed = true;
        count_fill(server, happened);
        if (server->faults.hidden_events > 0) {
            server->faults.hidden_events--;
            continue;
        }
        stream_event_write(server->exchange, happened, &frame);
        for (unsigned i = 0; i < server->socket_count; i++)
            tell_user(server, server->sockets[i], happened->account,
                      (Slice){server->frame, frame.length});
    }
}

/* ---- connections --------------------------------------------------------------------------- */

/* /ws, /ws/NAME, /ws/NAME/NAME, /stream?streams=NAME/NAME; a part that names no stream is stepped
 * over, because clients number their connections there (/ws/0). */
static void subscribe_path(ExchangeServer *server, ExchangeSession *session, Slice names) {
    while (names.length) {
        const char *end = memchr(names.at, '/', names.length);
        size_t length = end ? (size_t)(end - names.at) : names.length;
        if (!exchange_frame_subscribe(server, session, (Slice){names.at, length})) return;
        size_t step = length + (end != NULL);
        names = (Slice){names.at + step, names.length - step};
    }
}

static Slice take_path(struct lws *wsi, ExchangeSession *session) {
    int length = lws_hdr_copy(wsi, session->path, sizeof session->path, WSI_TOKEN_GET_URI);
    return (Slice){session->path, length > 0 ? (size_t)length : 0};
}

/* Before the handshake: maintenance, and the limit of attempts. */
static int admit(ExchangeServer *server, ExchangeSession *session, struct lws *wsi) {
    ExchangeFault fault;
    int64_t wall_us = clock_wall_us();
    bool is_api = slice_starts(take_path(wsi, session), "/ws-api");
    if (wall_us < server->faults.maintenance_until_us) return -1;
    return exchange_limit_connect(&server->limits, exchange_http_address(wsi), is_api, wall_us,
                                  &fault)
               ? 0
               : -1;
}

static void begin_socket(ExchangeServer *server, ExchangeSession *session, struct lws *wsi) {
    session->server = server;
    session->wsi = wsi;
    session->is_socket = session->tells_limits = true;
    session->address = exchange_http_address(wsi);
    session->connected_us = clock_wall_us();
    for (unsigned i = 0; i < LIMIT_EXCHANGE_ACCOUNTS; i++)
        session->subscriptions[i] = -1;
    server->sockets[server->socket_count++] = session;
}

static int establish(ExchangeServer *server, ExchangeSession *session, struct lws *wsi) {
    ExchangeFault fault;
    if (server->socket_count == SERVER_SOCKETS) return -1;
    Slice path = take_path(wsi, session);
    session->is_api = slice_starts(path, "/ws-api");
    session->combined = slice_starts(path, "/stream");
    begin_socket(server, session, wsi);
    exchange_http_query(wsi, session);
    bool sound = exchange_query_read(&server->query, (Slice){session->query, session->query_length},
                                     SLICE(""), &fault);
    if (session->is_api) {
        const char *told = sound ? exchange_query_value(&server->query, "returnRateLimits") : NULL;
        session->tells_limits = !told || strcmp(told, "false") != 0;
        return 0;
    }
    if (sound && exchange_query_value(&server->query, "streams"))
        subscribe_path(server, session, slice_of(exchange_query_value(&server->query, "streams")));
    if (slice_starts(path, "/ws/"))
        subscribe_path(server, session, (Slice){path.at + 4, path.length - 4});
    return 0;
}

static void leave(ExchangeServer *server, ExchangeSession *session) {
    unsigned kept = 0;
    for (unsigned i = 0; i < server->socket_count; i++)
        if (server->sockets[i] != session) server->sockets[kept++] = server->sockets[i];
    server->socket_count = kept;
    lws_sul_cancel(&session->timer);
    exchange_late_drop(session);
    free(session->topics);
    session->wsi = NULL; /* it is closed already */
    let_go(server, session);
    session->topics = NULL;
    session->topic_capacity = 0;
    session->topic_count = 0;
}

/* The venue closes a connection of the streams that says more than five frames in a second. */
static bool says_too_much(ExchangeSession *session, struct lws *wsi) {
    static const char why[] = "Too many requests";
    int64_t now_us = (int64_t)lws_now_usecs();
    int64_t *place = &session->heard_us[session->heard_count++ % SERVER_HEARD_MAX];
    bool too_much = *place && now_us - *place < INSTANT_SECOND_US;
    *place = now_us;
    if (too_much)
        lws_close_reason(wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, (unsigned char *)(uintptr_t)why,
                         sizeof why - 1);
    return too_much;
}

static int receive(ExchangeServer *server, ExchangeSession *session, struct lws *wsi, Slice in) {
    if (in.length >= SERVER_FRAME_MAX - session->frame_length) return -1;
    memcpy(session->frame + session->frame_length, in.at, in.length);
    session->frame_length += in.length;
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0) return 0;
    if (!session->is_api && !server->plan.has_no_limits && says_too_much(session, wsi)) return -1;
    exchange_frame_answer(server, session, (Slice){session->frame, session->frame_length});
    session->frame_length = 0;
    exchange_socket_events(server);
    return 0;
}

int exchange_socket(ExchangeServer *server, ExchangeSession *session, struct lws *wsi,
                    enum lws_callback_reasons reason, Slice in) {
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return admit(server, session, wsi);
    case LWS_CALLBACK_ESTABLISHED:
        return establish(server, session, wsi);
    case LWS_CALLBACK_RECEIVE:
        return receive(server, session, wsi, in);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return write_one(server, session);
    case LWS_CALLBACK_CLOSED:
        leave(server, session);
        return 0;
    default:
        return 0;
    }
}
