/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams of server-sent events. What must not be lost (signals, fills, log lines ...) goes into
 * one ring of bytes, the backlog, in which every browser has its own position; what only counts in
 * its newest form (prices, equity, state) stands in `latest`, and a browser that has caught up with
 * the backlog is sent those that changed since it last looked. So a slow browser skips prices
 * first. One that falls behind the whole backlog, or a flood that no page could show (thirty days
 * lived through in two seconds), makes the stream stale: from there on it carries only the newest
 * of everything, and when the flood is over it is closed, so that the page comes back and reads
 * everything anew. Memory is the same whatever happens.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "shell/web/web_parts.h"

#define PING_US (10 * 1000000LL) /* browsers and proxies give up what is silent for 30 s and more  \
                                  */
#define FOLLOW_US (500 * 1000LL) /* a reading process is at most 1 s behind */
#define STATE_US  (1000 * 1000LL)
#define CALM_US   (1000 * 1000LL) /* without a loss for so long: the flood is over */
#define STALE_US  (5000 * 1000LL) /* a page waits no longer than this for what it missed */
#define DRAIN_MAX                                                                                  \
    8192 /* messages a turn: what the ring can hold, so that a flood cannot keep us here */

/* ---- filling ------------------------------------------------------------------------------- */

static void put_backlog(WebStream *stream, const char *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        size_t at = (size_t)(stream->end % WEB_BACKLOG), room = WEB_BACKLOG - at;
        size_t size = count - done < room ? count - done : room;
        memcpy(stream->backlog + at, bytes + done, size);
        stream->end += size;
        done += size;
    }
}

void web_stream_add(WebStream *stream, const char *event, Slice json) {
    size_t size = strlen(event) + json.length + 16; /* with the words around them */
    if (!stream->backlog) return;
    if (size > WEB_CHUNK) {
        web_stream_lose(
            stream); /* whole frames are written, and this is none that a page expects */
        return;
    }
    put_backlog(stream, "event: ", 7);
    put_backlog(stream, event, strlen(event));
    put_backlog(stream, "\ndata: ", 7);
    put_backlog(stream, json.at, json.length);
    put_backlog(stream, "\n\n", 2);
}

static WebLatest *latest_of(WebStream *stream, const char *key) {
    for (int i = 0; i < WEB_LATEST_MAX; i++) {
        WebLatest *latest = &stream->latest[i];
        if (strcmp(latest->key, key) == 0) return latest;
        if (latest->key[0] != 0) continue;
        return slice_copy(slice_of(key), latest->key, sizeof latest->key) ? latest : NULL;
    }
    return NULL;
}

static bool grow(WebLatest *latest, size_t size) {
    if (latest->capacity >= size) return true;
    char *frame = size < WEB_CHUNK ? realloc(latest->frame, size + size / 4) : NULL;
    if (!frame) return false;
    latest->frame = frame;
    latest->capacity = size + size / 4;
    return true;
}

int web_stream_set(WebStream *stream, const char *key, const char *event, Slice json) {
    WebLatest *latest = latest_of(stream, key);
    size_t size = strlen(event) + json.length + 32;
    if (!latest || !grow(latest, size)) return -1;
    Text text = text_in(latest->frame, latest->capacity);
    text_format(&text, "event: %s\ndata: %S\n\n", event, json);
    latest->length = text.length;
    latest->version = ++stream->versions;
    return (int)(latest - stream->latest);
}

static void become_stale(WebStream *stream, WebClient *client) {
    stream->lost_us = web_steady_us();
    if (!client->stale) client->stale_us = stream->lost_us;
    client->stale = true;
    client->position = stream->end;
}

/* Something was lost on the way here: every browser is to read everything anew. */
void web_stream_lose(WebStream *stream) {
    for (int i = 0; i < WEB_STREAMS_MAX; i++)
        if (stream->clients[i].wsi) become_stale(stream, &stream->clients[i]);
}

void web_stream_release(WebStream *stream) {
    for (int i = 0; i < WEB_LATEST_MAX; i++)
        free(stream->latest[i].frame);
    free(stream->backlog);
}

/* ---- sending ------------------------------------------------------------------------------- */

static bool has_news(const WebStream *stream, const WebClient *client) {
    bool backlog = !client->stale && client->position < stream->end;
    if (client->gone || !client->greeted || backlog) return true;
    for (int i = 0; i < WEB_LATEST_MAX; i++)
        if (stream->latest[i].version > client->seen[i]) return true;
    return false;
}

static void copy_backlog(const WebStream *stream, uint64_t position, size_t size,
                         unsigned char *target) {
    size_t at = (size_t)(position % WEB_BACKLOG), to_end = WEB_BACKLOG - at;
    size_t first = size < to_end ? size : to_end;
    memcpy(target, stream->backlog + at, first);
    memcpy(target + first, stream->backlog, size - first);
}

/* As many whole frames as fit: JSON has no bare newline, so two of them end a frame. */
static size_t take_backlog(const WebStream *stream, WebClient *client, unsigned char *target) {
    size_t size = (size_t)(stream->end - client->position);
    if (size > WEB_CHUNK) size = WEB_CHUNK;
    copy_backlog(stream, client->position, size, target);
    while (size > 1 && (target[size - 1] != '\n' || target[size - 2] != '\n'))
        size--;
    client->position += size;
    return size;
}

/* Of each kind and symbol the last one, if this browser has not seen it. */
static size_t take_latest(const WebStream *stream, WebClient *client, unsigned char *target) {
    size_t size = 0;
    for (int i = 0; i < WEB_LATEST_MAX; i++) {
        const WebLatest *latest = &stream->latest[i];
        if (latest->version <= client->seen[i] || size + latest->length > WEB_CHUNK) continue;
        memcpy(target + size, latest->frame, latest->length);
        size += latest->length;
        client->seen[i] = latest->version;
    }
    return size;
}

static size_t take_any(const WebStream *stream, WebClient *client, unsigned char *target) {
    static const char hello[] = "retry: 1000\n\n", ping[] = ": ping\n\n";
    if (!client->greeted) {
        client->greeted = true;
        memcpy(target, hello, sizeof hello - 1);
        return sizeof hello - 1;
    }
    if (!client->stale && client->position < stream->end)
        return take_backlog(stream, client, target);
    size_t size = take_latest(stream, client, target);
    if (size > 0 || web_steady_us() - client->written_us < PING_US) return size;
    memcpy(target, ping, sizeof ping - 1);
    return sizeof ping - 1;
}

int web_stream_write(Web *web, struct lws *wsi, WebSession *session) {
    WebClient *client = &web->stream.clients[session->client - 1];
    if (web->stream.end - client->position > WEB_BACKLOG) become_stale(&web->stream, client);
    if (client->gone) return -1;
    size_t size = take_any(&web->stream, client, web->chunk + LWS_PRE);
    if (size == 0) return 0;
    if (lws_write(wsi, web->chunk + LWS_PRE, size, LWS_WRITE_HTTP) < (int)size) return -1;
    client->written_us = web_steady_us();
    if (has_news(&web->stream, client)) lws_callback_on_writable(wsi);
    return 0;
}

/* ---- the pace ------------------------------------------------------------------------------ */

static void drain(Web *web) {
    Message message;
    for (int i = 0; i < DRAIN_MAX && web_ring_peek(&web->ring, &message); i++) {
        web_event(web, &message);
        web_ring_pop(&web->ring);
    }
    if (web_ring_lost(&web->ring)) web_stream_lose(&web->stream);
}

static bool is_over(const WebStream *stream, const WebClient *client, int64_t now_us) {
    return client->stale &&
           (now_us - stream->lost_us >= CALM_US || now_us - client->stale_us >= STALE_US);
}

static void wake_clients(WebStream *stream) {
    int64_t now_us = web_steady_us();
    for (int i = 0; i < WEB_STREAMS_MAX; i++) {
        WebClient *client = &stream->clients[i];
        if (is_over(stream, client, now_us)) client->gone = true;
        if (client->wsi && (has_news(stream, client) || now_us - client->written_us >= PING_US))
            lws_callback_on_writable(client->wsi);
    }
}

/* During an answer libwebsockets 4.1 does not read, so it neither sees that a browser has closed
 * its end nor that it says more, and its poll returns at once for ever. A stream has nothing to
 * hear: whatever comes ends it. */
void web_stream_watch(WebStream *stream) {
    for (int i = 0; i < WEB_STREAMS_MAX; i++) {
        WebClient *client = &stream->clients[i];
        char byte;
        if (!client->wsi ||
            recv(lws_get_socket_fd(client->wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
            continue;
        client->gone = true;
        lws_callback_on_writable(client->wsi);
    }
}

static void schedule(Web *web);

static void tick(lws_sorted_usec_list_t *timer) {
    Web *web = lws_container_of(timer, Web, stream.timer);
    WebStream *stream = &web->stream;
    int64_t now_us = web_steady_us();
    if (atomic_load(&web->listeners) == 0) return;
    drain(web);
    if (web->follow_store && now_us >= stream->follow_due_us) {
        stream->follow_due_us = now_us + FOLLOW_US;
        web_event_follow(web);
    }
    if (now_us >= stream->state_due_us) {
        stream->state_due_us = now_us + STATE_US;
        web_event_state(web);
    }
    wake_clients(stream);
    schedule(web);
}

static void schedule(Web *web) {
    lws_sul_schedule(web->context, 0, &web->stream.timer, tick, (lws_usec_t)web->refresh_ms * 1000);
}

/* ---- opening and closing ------------------------------------------------------------------- */

void web_stream_answer(const WebCall *call) {
    WebReply *reply = call->reply;
    if (atomic_load(&call->web->listeners) >= WEB_STREAMS_MAX) {
        web_reply_text(reply, 503, "limit", "too many pages are open",
                       "close some: 16 are served at once");
        reply->retry_after_s = 5;
        return;
    }
    reply->status = 200;
    reply->type = "text/event-stream; charset=utf-8";
    reply->stream = true;
}

static void begin_listening(Web *web) {
    Message message;
    while (web_ring_peek(&web->ring, &message))
        web_ring_pop(&web->ring); /* of before: the page reads it by itself */
    if (web_ring_lost(&web->ring)) web->stream.state_due_us = 0;
    if (web->follow_store) web_event_follow_from_now(web);
    web->stream.state_due_us = web->stream.follow_due_us = 0;
    schedule(web);
}

bool web_stream_open(Web *web, struct lws *wsi, WebSession *session) {
    WebStream *stream = &web->stream;
    int place = 0;
    while (place < WEB_STREAMS_MAX && stream->clients[place].wsi)
        place++;
    if (!stream->backlog) stream->backlog = malloc(WEB_BACKLOG);
    if (place == WEB_STREAMS_MAX || !stream->backlog) return false;
    stream->clients[place] =
        (WebClient){.wsi = wsi, .position = stream->end, .written_us = web_steady_us()};
    session->client = place + 1;
    lws_http_mark_sse(wsi);
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    if (atomic_fetch_add(&web->listeners, 1) == 0) begin_listening(web);
    lws_callback_on_writable(wsi);
    return true;
}

void web_stream_close(Web *web, WebSession *session) {
    web->stream.clients[session->client - 1] = (WebClient){.wsi = NULL};
    session->client = 0;
    if (atomic_fetch_sub(&web->listeners, 1) == 1) lws_sul_cancel(&web->stream.timer);
}
