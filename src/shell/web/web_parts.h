/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the server share, and nobody else includes. One thread, the server's, owns
 * everything in Web but the ring, the counters and the login: it reads the state through its own
 * Store, answers requests, and fills the streams. A request is read into a WebRequest, found in the
 * table of routes (web_route.c), answered into a WebReply, and sent piece by piece as the
 * connection takes it. A WebSession lives as long as its connection.
 */
#ifndef SHELL_WEB_WEB_PARTS_H
#define SHELL_WEB_WEB_PARTS_H

#include <libwebsockets.h>

#include "core/bus/shape.h"
#include "shell/store/store.h"
#include "shell/web/web.h"
#include "shell/web/web_login.h"
#include "shell/web/web_query.h"
#include "shell/web/web_ring.h"

#define WEB_BODY_MAX    4096        /* the longest body is a kill with its reason: 300 bytes */
#define WEB_PATH_MAX    512         /* longer addresses are answered 414; ours have 24 characters */
#define WEB_STREAMS_MAX 16          /* browsers at once: a person has a few tabs */
#define WEB_CHUNK       32768       /* bytes of one write */
#define WEB_ANSWER      (64u << 10) /* first size of an answer; it grows as needed */
#define WEB_ANSWER_MAX  (32u << 20) /* 2,000 signals of 6 KiB, as JSON */
#define WEB_META_MAX    65536       /* of a named text of the state */
#define WEB_LATEST_MAX                                                                             \
    (LIMIT_SYMBOLS + 6) /* a price a symbol, and equity, portfolio, kill, feed, state, health */
#define WEB_BACKLOG                                                                                \
    (256u << 10) /* events a browser may be behind: about 60 signals or 1,700 candles */

typedef enum WebMethod { WEB_GET, WEB_HEAD, WEB_POST, WEB_OTHER } WebMethod;

typedef struct WebRequest {
    WebMethod method;
    char path[WEB_PATH_MAX];
    WebQuery query;
    char token[LOGIN_TOKEN_SIZE]; /* of the session cookie; empty: none */
    char tag[128];                /* If-None-Match */
    bool path_too_long, host_fits, origin_fits, by_trader, is_json, is_local, takes_brotli,
        takes_gzip, chunked;
    int64_t content_length;
    char body[WEB_BODY_MAX + 1];
    size_t body_length;
    bool body_too_long;
} WebRequest;

typedef struct WebReply {
    unsigned status;
    const char *type; /* NULL: no body */
    const char *bytes;
    size_t length, sent;
    char *owned; /* freed when sent */
    const char *tag, *encoding, *allow;
    char cookie[192];
    unsigned retry_after_s;
    bool revalidate; /* Cache-Control: no-cache instead of no-store */
    bool head_only, close, stream;
} WebReply;

typedef struct WebSession {
    WebRequest request;
    WebReply reply;
    int client; /* index of its stream + 1; 0: none */
    bool sending;
} WebSession;

typedef struct WebClient {
    struct lws *wsi;   /* NULL: free */
    uint64_t position; /* in the backlog */
    uint64_t seen[WEB_LATEST_MAX];
    int64_t written_us, stale_us;
    bool greeted;
    bool stale; /* it missed something: only the newest is sent until it is closed */
    bool gone;  /* to be closed */
} WebClient;

/* The last event of a kind or symbol: a browser that is behind gets only the newest. */
typedef struct WebLatest {
    char key[40]; /* "price BTCUSDC", "equity" */
    char *frame;
    size_t length, capacity;
    uint64_t version; /* 0: none yet */
} WebLatest;

typedef struct WebStream {
    WebClient clients[WEB_STREAMS_MAX];
    WebLatest latest[WEB_LATEST_MAX];
    char *backlog; /* ring of WEB_BACKLOG bytes, allocated with the first stream */
    uint64_t end, versions;
    lws_sorted_usec_list_t timer;
    int64_t state_due_us, follow_due_us, lost_us;
    uint64_t followed[TOPIC_COUNT];   /* last sequence read from the state */
    int64_t candle_us[LIMIT_SYMBOLS]; /* open time of the last candle sent, by place in the list of
                                         prices */
    char scratch[WEB_META_MAX + 64];
} WebStream;

struct Web {
    char directory[512], host[64];
    bool has_state, follow_store;
    unsigned port, refresh_ms;
    struct lws_context *context;
    pthread_t thread;
    atomic_bool stopping, ready;
    pthread_mutex_t halt_lock;
    char halted[520]; /* why the engine has failed; empty: it has not. Behind the lock */
    atomic_uint listeners;
    atomic_uint_least64_t counts[TOPIC_COUNT];
    WebRing ring;
    WebLogin login;
    Store *store; /* of the server's thread; NULL: none (yet) */
    uint64_t store_file;
    int64_t store_due_us;
    WebStream stream;
    unsigned char chunk[LWS_PRE + WEB_CHUNK];
};

typedef struct WebRoute WebRoute;
typedef struct WebCall {
    Web *web;
    const WebRoute *route;
    const WebRequest *request;
    WebReply *reply;
} WebCall;

typedef enum WebAccess { WEB_OPEN, WEB_LOCAL, WEB_MEMBER } WebAccess;

/* `write` gives JSON and may be called again with more room; `answer` fills the reply itself. */
struct WebRoute {
    const char *path;
    WebMethod method;
    WebAccess access;
    bool (*write)(const WebCall *call, JsonWriter *writer, Error *error);
    void (*answer)(const WebCall *call);
    Topic topic;
    unsigned limit; /* rows without ?limit= */
};

/* web.c */
int64_t web_wall_us(void);
int64_t web_steady_us(void);
/* The state's database, opened when it is there; NULL: no state yet. */
Store *web_store(Web *web);

/* web_http.c: the callback of libwebsockets */
int web_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
             size_t length);
extern const struct lws_protocol_vhost_options *const web_security_headers;

/* web_route.c */
void web_route(Web *web, const WebRequest *request, WebReply *reply);

/* web_reply.c */
void web_reply_error(WebReply *reply, unsigned status, const Error *error);
void web_reply_text(WebReply *reply, unsigned status, const char *code, const char *message,
                    const char *hint);
void web_reply_json(const WebCall *call);
void web_reply_release(WebReply *reply);

/* web_assets.c: the built page */
void web_asset_answer(const WebCall *call);
bool web_asset_known(const char *path);

/* web_lists.c, web_state.c, web_candles.c */
bool web_write_list(const WebCall *call, JsonWriter *writer, Error *error);
bool web_write_latest(const WebCall *call, JsonWriter *writer, Error *error);
bool web_write_topics(const WebCall *call, JsonWriter *writer, Error *error);
bool web_write_services(const WebCall *call, JsonWriter *writer, Error *error);
bool web_write_state(const WebCall *call, JsonWriter *writer, Error *error);
bool web_write_candles(const WebCall *call, JsonWriter *writer, Error *error);
/* web_models.c: one version with its history and what was done with it */
bool web_write_model(const WebCall *call, JsonWriter *writer, Error *error);
void web_write_log(const Message *message, JsonWriter *writer);
void web_state_object(Web *web, JsonWriter *writer);

/* web_health.c */
void web_health_answer(const WebCall *call);
void web_ready_answer(const WebCall *call);
void web_metrics_answer(const WebCall *call);

/* web_actions.c */
void web_login_answer(const WebCall *call);
void web_kill_answer(const WebCall *call);
void web_resume_answer(const WebCall *call);

/* web_stream.c: the streams of events; web_events.c: what messages become there */
void web_stream_answer(const WebCall *call);
bool web_stream_open(Web *web, struct lws *wsi, WebSession *session);
void web_stream_close(Web *web, WebSession *session);
int web_stream_write(Web *web, struct lws *wsi, WebSession *session);
/* Ends the streams whose browser has gone; called after every turn of the service loop. */
void web_stream_watch(WebStream *stream);
void web_stream_release(WebStream *stream);
void web_stream_add(WebStream *stream, const char *event, Slice json);
/* Replaces the last event of the key and returns its place, -1 when all places are taken. */
int web_stream_set(WebStream *stream, const char *key, const char *event, Slice json);
void web_stream_lose(WebStream *stream);
bool web_event_wanted(Topic topic);
bool web_event_droppable(Topic topic);
void web_event(Web *web, const Message *message);
/* What the state's database has gained since the last call. */
void web_event_follow(Web *web);
void web_event_follow_from_now(Web *web);
/* State and health, when they changed. */
void web_event_state(Web *web);

#endif
