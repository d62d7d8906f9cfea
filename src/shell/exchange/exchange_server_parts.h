/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the exchange's server share, and nobody else includes. An ExchangeSession lives
 * as long as its connection: an HTTP request with its answer, or a WebSocket with the streams it
 * has subscribed to and the frames that still wait to be sent. A client that does not read is
 * closed when its frames fill their limit. One thread owns everything.
 */
#ifndef SHELL_EXCHANGE_EXCHANGE_SERVER_PARTS_H
#define SHELL_EXCHANGE_EXCHANGE_SERVER_PARTS_H

#include <libwebsockets.h>

#include "core/sim/exchange_fault.h"
#include "core/sim/exchange_stream.h"
#include "shell/exchange/exchange_server.h"

#define SERVER_QUERY_MAX         16384 /* of one request: an OCO has 600 bytes, symbols 800 */
#define SERVER_BODY_MAX          16384
#define SERVER_FRAME_MAX         16384        /* from a client: 64 stream names of 64 bytes */
#define SERVER_CHUNK             65536        /* of one write */
#define SERVER_BACKLOG           (4u << 20)   /* frames that a client may be behind */
#define SERVER_BACKLOGS          (128u << 20) /* of all; then who is furthest behind goes */
#define SERVER_TOPICS_MAX        1024         /* streams of one connection: the venue's */
#define SERVER_SOCKETS           1024         /* WebSockets at once */
#define SERVER_HEARD_MAX         5 /* frames a second from a client of the streams: the venue's */
#define SERVER_SUBSCRIPTIONS_MAX 65535 /* in the life of a connection: the venue's */
#define SERVER_LATE_MAX          256 /* calls and answers of one WebSocket that are on their way */

/* A call or an answer that a latency holds back. */
typedef struct ExchangeLate {
    lws_sorted_usec_list_t timer;
    struct ExchangeSession *session;
    struct ExchangeLate *next;
    bool is_answer;
    ExchangeVerdict verdict;
    size_t length;
    char text[];
} ExchangeLate;

typedef struct ExchangeSession {
    struct ExchangeServer *server;
    struct lws *wsi;
    lws_sorted_usec_list_t timer; /* of what a latency holds back */
    ExchangeVerdict verdict;
    uint32_t address;
    unsigned status, account;
    int64_t retry_us; /* of a refusal: when to come again */
    bool placed;
    bool has_answer, doomed; /* doomed: the connection ends at the next chance */
    char method[8], path[128], query[SERVER_QUERY_MAX], body[SERVER_BODY_MAX];
    size_t query_length, body_length;
    bool too_long, microseconds, answered, sending, closes;
    char key[EXCHANGE_KEY_SIZE + 8];
    char *answer; /* owned while it is sent */
    size_t answer_length, sent;
    /* WebSocket */
    bool is_socket, is_api, combined, gone;
    int64_t connected_us, logon_us;
    const ExchangeKey *logon; /* of the session; NULL: none */
    bool tells_limits;
    unsigned subscription_count;
    int64_t subscription_last;
    int64_t subscriptions[LIMIT_EXCHANGE_ACCOUNTS]; /* to accounts' streams; -1: none */
    int64_t heard_us[SERVER_HEARD_MAX];             /* ring: when the last frames came */
    unsigned heard_count;
    unsigned topic_count;
    unsigned topic_capacity;
    StreamTopic *topics; /* owned */
    char *frames;        /* each: its length and when it is due, then the text; owned */
    int64_t due_us;      /* of the last frame */
    unsigned late_count;
    ExchangeLate *late; /* owned */
    size_t frames_begin, frames_end, frames_capacity;
    char frame[SERVER_FRAME_MAX];
    size_t frame_length;
} ExchangeSession;

#define SERVER_RENDERED 16 /* topics of one pair: kinds, and some intervals */

typedef struct RenderedFrame {
    StreamKind kind;
    Interval interval;
    unsigned levels;
    bool says;
    Slice text;
} RenderedFrame;

struct ExchangeServer {
    ExchangeMarket *market;
    Exchange *exchange;
    ExchangeServerPlan plan;
    ExchangeFaults faults;
    ExchangeLimits limits;
    size_t backlog; /* of all WebSockets */
    struct lws_context *context;
    lws_sorted_usec_list_t timer, shutdown;
    unsigned port, socket_count;
    ExchangeSession *sockets[SERVER_SOCKETS];
    Error failure;
    bool failed, has_changed; /* has_changed: since the state was written */
    char *answer;             /* EXCHANGE_ANSWER_MAX */
    char *frame;              /* STREAM_FRAME_MAX */
    char *event;              /* STREAM_FRAME_MAX: the frame in its envelope */
    ExchangeQuery query;
    char *renderings; /* SERVER_RENDERED times STREAM_FRAME_MAX */
    unsigned rendered_count;
    RenderedFrame rendered[SERVER_RENDERED];
    unsigned char chunk[LWS_PRE + SERVER_CHUNK];
};

/* exchange_http.c */
int exchange_http(ExchangeServer *server, ExchangeSession *session, struct lws *wsi,
                  enum lws_callback_reasons reason, Slice in);
/* The query as it was sent; the library hands it out in pieces, decoded. */
void exchange_http_query(struct lws *wsi, ExchangeSession *session);
ExchangeCall exchange_http_call(ExchangeServer *server, const ExchangeSession *session,
                                Slice method, Slice path);
/* The account of the key; NULL: none. */
void exchange_http_identify(ExchangeServer *server, ExchangeCall *call, const ExchangeKey *key);
uint32_t exchange_http_address(struct lws *wsi);

/* exchange_socket.c */
int exchange_socket(ExchangeServer *server, ExchangeSession *session, struct lws *wsi,
                    enum lws_callback_reasons reason, Slice in);
void exchange_socket_print(ExchangeServer *server, unsigned pair, bool closed);
/* Takes the exchange's events and tells them to who has subscribed. */
void exchange_socket_events(ExchangeServer *server);
void exchange_socket_say(ExchangeSession *session, Slice frame);
/* As one of the streams: as late as their latency says. */
void exchange_socket_tell(ExchangeServer *server, ExchangeSession *session, const char *stream,
                          Slice frame);
void exchange_socket_end(ExchangeSession *session);
void exchange_socket_end_all(ExchangeServer *server);

/* exchange_control.c: the tester's words, at CONTROL_PATH, which the venue does not have */
#define CONTROL_PATH "/trader/control"
unsigned exchange_control(ExchangeServer *server, const ExchangeSession *session, Text *answer);

/* exchange_late.c */
void exchange_late_add(ExchangeSession *session, const ExchangeVerdict *verdict, bool is_answer,
                       Slice text);
void exchange_late_drop(ExchangeSession *session);

/* exchange_frames.c: what a client's frame asks for, answered */
void exchange_frame_answer(ExchangeServer *server, ExchangeSession *session, Slice frame);
/* exchange_call.c: a call whose fate is known. */
void exchange_frame_call(ExchangeServer *server, ExchangeSession *session,
                         const ExchangeVerdict *verdict, Slice frame);
/* false: there are too many; a name of no stream is stepped over. */
bool exchange_frame_subscribe(ExchangeServer *server, ExchangeSession *session, Slice name);

/* exchange_call.c */
void exchange_call_take(ExchangeServer *server, ExchangeSession *session,
                        const StreamRequest *request, Slice frame);
void exchange_call_refuse(ExchangeServer *server, ExchangeSession *session, const char *id,
                          const ExchangeFault *fault);

/* exchange_server.c: behind each call; what changed something is kept before it is answered. */
void exchange_server_changed(ExchangeServer *server, const ExchangeCall *call, unsigned status);
/* Writes the state if something has changed. */
void exchange_server_keep(ExchangeServer *server);

#endif
