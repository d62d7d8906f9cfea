/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/binance_socket.h"

#include <libwebsockets.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/instant.h"
#include "core/base/random.h"
#include "core/venues/binance_path.h"
#include "core/venues/binance_stream.h"
#include "shell/drivers/binance_http.h"

#define TICK_US       (50 * 1000) /* callbacks, clocks and `stop` are looked at this often */
#define RECEIVE_BYTES 16384       /* most frames whole; longer ones are put together */
#define BUSY_WAIT_S   60          /* 429 or 418 without Retry-After */
#define JOIN_MS       900         /* close() promises less than a second */
#define GREETING_MAX  8192        /* the longest request of the WebSocket API */
#define PING_S        15          /* after this much silence; the venue itself pings every 20 s */
#define HANG_UP_S     25          /* no sign of life since */

typedef enum LinkState { LINK_IDLE, LINK_CONNECTING, LINK_UP, LINK_CLOSING } LinkState;

typedef struct Link {
    struct lws *wsi;
    LinkState state;
    int64_t since_us; /* connected */
    int64_t heard_us; /* last frame, or connected */
    int64_t first_us; /* first frame; 0: none yet */
    char *frame;      /* BINANCE_FRAME_MAX bytes, taken at the first frame in pieces */
    size_t length;
    bool too_long, wants_greeting;
} Link;

struct BinanceSocket {
    BinanceSocketPlan plan;
    BinanceAddress address;
    BinancePace pace;
    char path[sizeof((BinanceAddress){0}).path + BINANCE_PATH_TEXT];
    pthread_t thread;
    struct lws_context *context;
    struct lws_vhost *vhost;
    lws_sorted_usec_list_t tick;
    lws_retry_bo_t signs; /* of life */
    Link links[2];        /* the second one only during a renewal */
    Random random;
    unsigned failures;
    int64_t next_try_us;
    bool wants_renewal, is_up;
    char reason[160];
    atomic_bool stop;
};

static int64_t ms(unsigned milliseconds) {
    return (int64_t)milliseconds * 1000;
}

static void say(BinanceSocket *socket, BinanceSocketState state, const char *text) {
    if (!atomic_load(&socket->stop)) socket->plan.on_state(socket->plan.context, state, text);
}

static unsigned count_links(const BinanceSocket *socket, LinkState state) {
    return (unsigned)(socket->links[0].state == state) +
           (unsigned)(socket->links[1].state == state);
}

static Link *link_of(BinanceSocket *socket, const struct lws *wsi) {
    for (unsigned i = 0; i < 2; i++)
        if (socket->links[i].state != LINK_IDLE && socket->links[i].wsi == wsi)
            return &socket->links[i];
    return NULL;
}

/* Exponential backoff with full jitter: uniform in [0, min(longest, first x 2^failures)). */
static void plan_retry(BinanceSocket *socket, int64_t least_us) {
    int64_t longest_us = ms(socket->pace.backoff_max_ms),
            wait_us = ms(socket->pace.backoff_first_ms);
    for (unsigned i = 0; i < socket->failures && wait_us < longest_us; i++)
        wait_us *= 2;
    if (wait_us > longest_us) wait_us = longest_us;
    wait_us = (int64_t)(random_uniform(&socket->random) * (double)wait_us);
    if (wait_us < least_us) wait_us = least_us;
    socket->failures++;
    socket->next_try_us = binance_http_now_us() + wait_us;
    char text[sizeof socket->reason + 64];
    snprintf(text, sizeof text, "%s; next try in %.1f s", socket->reason, (double)wait_us / 1e6);
    if (count_links(socket, LINK_UP)) return; /* a failed renewal: the old connection serves on */
    socket->is_up = false;
    say(socket, BINANCE_SOCKET_DOWN, text);
}

static void link_free(Link *link) {
    free(link->frame);
    *link = (Link){0};
}

static void link_connect(BinanceSocket *socket) {
    Link *link = socket->links[0].state == LINK_IDLE ? &socket->links[0] : &socket->links[1];
    struct lws_client_connect_info wanted = {
        .context = socket->context,
        .vhost = socket->vhost,
        .address = socket->address.host,
        .host = socket->address.host,
        .port = socket->address.port,
        .path = socket->path,
        .ssl_connection = socket->address.is_secure ? LCCSCF_USE_SSL : 0,
        .local_protocol_name = "binance",
        .retry_and_idle_policy = socket->plan.on_greet ? &socket->signs : NULL,
        .pwsi = &link->wsi,
    };
    link->state = LINK_CONNECTING;
    link->since_us = binance_http_now_us();
    snprintf(socket->reason, sizeof socket->reason, "connection failed");
    if (lws_client_connect_via_info(&wanted)) return;
    if (link->state == LINK_IDLE) return; /* the error callback has spoken already */
    link_free(link);
    plan_retry(socket, 0);
}

static void link_close(Link *link) {
    if (link->state == LINK_IDLE || link->state == LINK_CLOSING) return;
    link->state = LINK_CLOSING;
    lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void binance_socket_drop(BinanceSocket *socket, const char *reason) {
    snprintf(socket->reason, sizeof socket->reason, "%s", reason);
    link_close(&socket->links[0]);
    link_close(&socket->links[1]);
}

void binance_socket_renew(BinanceSocket *socket) {
    socket->wants_renewal = true;
}

static void on_established(BinanceSocket *socket, Link *link) {
    link->state = LINK_UP;
    link->since_us = link->heard_us = binance_http_now_us();
    link->first_us = 0;
    link->wants_greeting = socket->plan.on_greet != NULL;
    if (link->wants_greeting) lws_callback_on_writable(link->wsi);
    if (socket->is_up) return; /* a renewal: told when it takes over */
    socket->is_up = true;
    say(socket, BINANCE_SOCKET_UP, "connected");
}

/* Less than 0 hangs up. */
static int on_writable(BinanceSocket *socket, Link *link) {
    unsigned char memory[LWS_PRE + GREETING_MAX];
    if (!link->wants_greeting || link->state != LINK_UP) return 0;
    Text frame = text_in((char *)memory + LWS_PRE, GREETING_MAX);
    link->wants_greeting = false;
    if (!socket->plan.on_greet(socket->plan.context, &frame) || frame.overflow) return -1;
    int sent = lws_write(link->wsi, memory + LWS_PRE, frame.length, LWS_WRITE_TEXT);
    return sent < (int)frame.length ? -1 : 0;
}

/* The library's text in our words, where it has one that says nothing. */
static const char *plain_reason(const char *text) {
    if (!text) return "no connection (name not known, or refused)";
    return strstr(text, "SSL") ? "TLS: handshake or certificate refused" : text;
}

/* The handshake was refused or never came; `text` is the library's. */
static void on_refused(BinanceSocket *socket, Link *link, const char *text) {
    unsigned status = lws_http_client_http_response(link->wsi);
    char retry_after[16] = "";
    int64_t seconds = BUSY_WAIT_S, least_us = 0;
    if (status == 429 || status == 418) {
        int length =
            lws_hdr_copy(link->wsi, retry_after, sizeof retry_after, WSI_TOKEN_HTTP_RETRY_AFTER);
        if (length > 0 && !slice_int((Slice){retry_after, (size_t)length}, &seconds)) {
            seconds = BUSY_WAIT_S;
        }
        least_us = seconds * INSTANT_SECOND_US;
    }
    if (status >= 300) {
        snprintf(socket->reason, sizeof socket->reason, "the venue answers HTTP %u%s", status,
                 status == 451 ? ": it does not serve this region" : "");
    } else {
        snprintf(socket->reason, sizeof socket->reason, "%s", plain_reason(text));
    }
    link_free(link);
    plan_retry(socket, least_us);
}

static void on_closed(BinanceSocket *socket, Link *link) {
    bool was_ours = link->state == LINK_CLOSING;
    bool steady = binance_http_now_us() - link->since_us >= ms(socket->pace.steady_ms);
    link_free(link);
    if (count_links(socket, LINK_UP)) return;
    if (!was_ours) snprintf(socket->reason, sizeof socket->reason, "the connection was closed");
    if (steady) socket->failures = 0;
    if (!count_links(socket, LINK_CONNECTING)) {
        plan_retry(socket, 0);
        return;
    }
    if (socket->is_up) say(socket, BINANCE_SOCKET_DOWN, socket->reason);
    socket->is_up = false;
}

static bool append(Link *link, const char *bytes, size_t count) {
    if (!link->frame) link->frame = malloc(BINANCE_FRAME_MAX);
    if (!link->frame || link->length + count > BINANCE_FRAME_MAX) return false;
    memcpy(link->frame + link->length, bytes, count);
    link->length += count;
    return true;
}

static void on_receive(BinanceSocket *socket, Link *link, const char *bytes, size_t count) {
    bool ends = lws_is_final_fragment(link->wsi) && !lws_remaining_packet_payload(link->wsi);
    link->heard_us = binance_http_now_us();
    if (link->first_us == 0) link->first_us = link->heard_us;
    if (link->state != LINK_UP) return;
    if (ends && link->length == 0 && !link->too_long) {
        socket->plan.on_frame(socket->plan.context, (Slice){bytes, count});
        return;
    }
    if (!append(link, bytes, count)) link->too_long = true;
    if (!ends) return;
    /* A frame beyond every limit is shown as an empty one, which is refused by name. */
    Slice frame = {link->frame, link->too_long ? 0 : link->length};
    link->length = 0;
    link->too_long = false;
    socket->plan.on_frame(socket->plan.context, frame);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length) {
    (void)user;
    BinanceSocket *socket = lws_context_user(lws_get_context(wsi));
    Link *link = socket ? link_of(socket, wsi) : NULL;
    if (!link || atomic_load(&socket->stop)) return 0;
    if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED) on_established(socket, link);
    if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) on_refused(socket, link, in);
    if (reason == LWS_CALLBACK_CLIENT_RECEIVE) on_receive(socket, link, in, length);
    if (reason == LWS_CALLBACK_CLIENT_CLOSED) on_closed(socket, link);
    return reason == LWS_CALLBACK_CLIENT_WRITEABLE ? on_writable(socket, link) : 0;
}

/* The new connection has spoken long enough: the older one goes. */
static void finish_renewal(BinanceSocket *socket, int64_t now_us) {
    if (count_links(socket, LINK_UP) < 2) return;
    unsigned newer = socket->links[1].since_us > socket->links[0].since_us;
    int64_t first_us = socket->links[newer].first_us;
    if (first_us == 0 || now_us - first_us < ms(socket->pace.overlap_ms)) return;
    socket->failures = 0;
    link_close(&socket->links[1 - newer]);
    say(socket, BINANCE_SOCKET_RENEWED, "a new connection took over");
}

static void start_renewal(BinanceSocket *socket, int64_t now_us) {
    const Link *link = socket->links[0].state == LINK_UP ? &socket->links[0] : &socket->links[1];
    bool old = now_us - link->since_us >= ms(socket->pace.renew_ms);
    if (!(old || socket->wants_renewal) || now_us < socket->next_try_us) return;
    socket->wants_renewal = false;
    link_connect(socket);
}

static void watch_silence(BinanceSocket *socket, int64_t now_us) {
    for (unsigned i = 0; i < 2; i++) {
        Link *link = &socket->links[i];
        if (link->state != LINK_UP || now_us - link->heard_us < ms(socket->pace.silent_ms))
            continue;
        char text[80];
        snprintf(text, sizeof text, "no frame for %.1f s", (double)(now_us - link->heard_us) / 1e6);
        say(socket, BINANCE_SOCKET_SILENT, text);
        snprintf(socket->reason, sizeof socket->reason, "%s", text);
        link_close(link);
    }
}

static bool may_connect(const BinanceSocket *socket) {
    return !socket->plan.may_connect || socket->plan.may_connect(socket->plan.context);
}

static void look(BinanceSocket *socket) {
    int64_t now_us = binance_http_now_us();
    unsigned up = count_links(socket, LINK_UP), connecting = count_links(socket, LINK_CONNECTING);
    unsigned closing = count_links(socket, LINK_CLOSING);
    watch_silence(socket, now_us);
    finish_renewal(socket, now_us);
    if (up + connecting + closing == 0 && now_us >= socket->next_try_us && may_connect(socket)) {
        socket->wants_renewal = false;
        link_connect(socket);
    } else if (up == 1 && connecting + closing == 0 && may_connect(socket)) {
        start_renewal(socket, now_us);
    }
    if (!atomic_load(&socket->stop)) socket->plan.on_tick(socket->plan.context);
}

static void on_tick(lws_sorted_usec_list_t *tick) {
    BinanceSocket *socket = lws_container_of(tick, BinanceSocket, tick);
    if (atomic_load(&socket->stop)) return;
    look(socket);
    lws_sul_schedule(socket->context, 0, tick, on_tick, TICK_US);
}

static bool context_open(BinanceSocket *socket) {
    static const struct lws_protocols PROTOCOLS[] = {
        {.name = "binance", .callback = on_event, .rx_buffer_size = RECEIVE_BYTES}, {.name = NULL}};
    struct lws_context_creation_info wanted = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = PROTOCOLS,
        .gid = -1,
        .uid = -1,
        .user = socket,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .pt_serv_buf_size = 2 * BINANCE_PATH_TEXT, /* the request line holds all streams */
        .fd_limit_per_thread = 32, /* two links, pipes and timers; not the process's limit */
        .connect_timeout_secs = (socket->pace.connect_ms + 999) / 1000,
        .timeout_secs = (socket->pace.connect_ms + 999) / 1000,
        .ka_time = 30, /* a dead peer is noticed by TCP too */
        .ka_probes = 3,
        .ka_interval = 10,
        /* Empty and not NULL, or the library asks the environment by rules of its own. */
        .http_proxy_address = socket->address.proxy,
    };
    socket->context = lws_create_context(&wanted);
    socket->vhost = socket->context ? lws_create_vhost(socket->context, &wanted) : NULL;
    return socket->vhost != NULL;
}

static void *run(void *argument) {
    BinanceSocket *socket = argument;
    if (!context_open(socket)) {
        say(socket, BINANCE_SOCKET_DOWN, "libwebsockets does not start");
    } else {
        lws_sul_schedule(socket->context, 0, &socket->tick, on_tick, 1);
        while (!atomic_load(&socket->stop) && lws_service(socket->context, 0) >= 0)
            continue;
    }
    if (socket->context) lws_context_destroy(socket->context);
    link_free(&socket->links[0]);
    link_free(&socket->links[1]);
    return NULL;
}

BinanceSocket *binance_socket_open(const BinanceSocketPlan *plan, Error *error) {
    BinanceSocket *socket = calloc(1, sizeof *socket);
    if (!socket) {
        error_set(error, ERROR_FAILURE, "no memory for the stream", NULL, NULL);
        return NULL;
    }
    socket->plan = *plan;
    socket->address = *plan->address;
    socket->pace = *plan->pace;
    socket->random = random_stream(plan->seed, 0);
    socket->signs =
        (lws_retry_bo_t){.secs_since_valid_ping = PING_S, .secs_since_valid_hangup = HANG_UP_S};
    snprintf(socket->path, sizeof socket->path, "%s%s", plan->address->path, plan->path);
    socket->plan.path = socket->path;
    lws_set_log_level(0, NULL); /* its complaints reach us as callbacks; they become states */
    if (pthread_create(&socket->thread, NULL, run, socket) == 0) return socket;
    error_set(error, ERROR_FAILURE, "no thread for the stream", NULL, NULL);
    free(socket);
    return NULL;
}

/* At exit the libraries clear up under the feet of a thread that still uses them. */
static void leave_at_once(int status, void *context) {
    (void)context;
    fflush(NULL);
    _exit(status);
}

/* It hangs in a look-up, or the machine is slow: its memory stays until the end, and the end leaves
 * out what was registered for it before this moment. */
static void abandon(BinanceSocket *socket) {
    static atomic_flag registered = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&registered)) on_exit(leave_at_once, NULL);
    pthread_detach(socket->thread);
}

void binance_socket_close(BinanceSocket *socket) {
    struct timespec until;
    atomic_store(&socket->stop, true);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += JOIN_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (pthread_timedjoin_np(socket->thread, NULL, &until) == 0)
        free(socket);
    else
        abandon(socket);
}
