/* SPDX-License-Identifier: Apache-2.0 */
/* Life of the server: its thread, its port, its view of the state (web.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shell/web/web_parts.h"

#define REFRESH_PRESET_MS 250
#define REFRESH_MIN_MS    50
#define STORE_LOOK_US     1000000 /* how often a missing or replaced database is looked for */
#define CONNECTIONS_MAX                                                                            \
    96 /* 16 streams, 6 connections of each of their browsers at once is more than is used */
#define HEADER_BYTES      8192 /* of one request: other programs on localhost have cookies too */
#define HEADER_POOL       32   /* requests being read at once */
#define REQUEST_TIMEOUT_S 10   /* of a request that does not come to its end */

static int64_t clock_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

int64_t web_wall_us(void) {
    return clock_us(CLOCK_REALTIME);
}

int64_t web_steady_us(void) {
    return clock_us(CLOCK_MONOTONIC);
}

/* ---- the state ----------------------------------------------------------------------------- */

/* Which file it is: another one after the state was begun afresh. 0: none. */
static uint64_t file_number(const Web *web) {
    char memory[600];
    struct stat status;
    Text path = TEXT_IN(memory);
    text_format(&path, "%s/trader.db", web->directory);
    return stat(text_end(&path), &status) == 0 ? (uint64_t)status.st_ino : 0;
}

Store *web_store(Web *web) {
    int64_t now_us = web_steady_us();
    if (!web->has_state || (web->store_due_us > now_us)) return web->store;
    web->store_due_us = now_us + STORE_LOOK_US;
    uint64_t file = file_number(web);
    if (web->store && file == web->store_file) return web->store;
    store_close(web->store);
    web->store = file ? store_open(web->directory, true, NULL) : NULL;
    web->store_file = file;
    return web->store;
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void *serve(void *argument) {
    Web *web = argument;
    while (!atomic_load(&web->stopping)) {
        if (lws_service(web->context, 0) < 0) break;
        if (atomic_load(&web->listeners) > 0) web_stream_watch(&web->stream);
    }
    return NULL;
}

/* Signals are for the engine's thread. */
static bool start_thread(Web *web) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&web->thread, NULL, serve, web) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* Tries the port by itself first: the library would only say that it failed. A port of 0 takes a
 * free one. */
static bool try_port(const Web *web, Error *error) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)web->port)};
    if (web->port == 0 || inet_pton(AF_INET, web->host, &address.sin_addr) != 1) return true;
    int one = 1, probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return true;
    setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int code =
        bind(probe, (const struct sockaddr *)&address, sizeof address) == 0 && listen(probe, 1) == 0
            ? 0
            : errno;
    close(probe);
    if (code == 0) return true;
    char memory[80];
    Text where = TEXT_IN(memory);
    text_format(&where, "%s:%d", web->host, (int)web->port);
    return error_set(error, ERROR_STATE, code == EADDRINUSE ? "the port is in use" : strerror(code),
                     text_end(&where),
                     "stop what uses it, or choose another: --port N (0 takes a free one)");
}

static bool listen_at(Web *web, Error *error) {
    static const struct lws_protocols protocols[] = {
        {.name = "http", .callback = web_http, .per_session_data_size = sizeof(WebSession)},
        {.name = NULL}};
    struct lws_context_creation_info plan = {
        .port = (int)web->port,
        .iface = web->host,
        .protocols = protocols,
        .headers = web_security_headers,
        .server_string = "trader",
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
        .fd_limit_per_thread = CONNECTIONS_MAX,
        .max_http_header_data = HEADER_BYTES,
        .max_http_header_pool = HEADER_POOL,
        .timeout_secs = REQUEST_TIMEOUT_S,
        .user = web,
    };
    if (!strchr(web->host, ':')) plan.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    if (!try_port(web, error)) return false;
    lws_set_log_level(0, NULL);
    web->context = lws_create_context(&plan);
    struct lws_vhost *vhost = web->context ? lws_get_vhost_by_name(web->context, "default") : NULL;
    if (!vhost || lws_get_vhost_listen_port(vhost) <= 0)
        return error_set(error, ERROR_STATE, "cannot listen at this address", web->host,
                         "look at dashboard.host and --port");
    web->port = (unsigned)lws_get_vhost_listen_port(vhost);
    return true;
}

/* ---- for the program ----------------------------------------------------------------------- */

static bool take_plan(Web *web, const WebPlan *plan, Error *error) {
    const char *host =
        !plan->host || strcmp(plan->host, "localhost") == 0 ? "127.0.0.1" : plan->host;
    web->port = plan->port;
    web->follow_store = plan->follow_store;
    web->has_state = plan->state_directory != NULL;
    web->refresh_ms = plan->refresh_ms ? plan->refresh_ms : REFRESH_PRESET_MS;
    if (web->refresh_ms < REFRESH_MIN_MS) web->refresh_ms = REFRESH_MIN_MS;
    if (slice_copy(slice_of(host), web->host, sizeof web->host) &&
        slice_copy(slice_of(plan->state_directory), web->directory, sizeof web->directory) &&
        plan->port <= 65535)
        return true;
    return error_set(error, ERROR_RANGE,
                     "the address, the port or the path of the state is too long", host, NULL);
}

static void discard(Web *web) {
    web_stream_release(&web->stream);
    web_login_deinit(&web->login);
    pthread_mutex_destroy(&web->halt_lock);
    web_ring_deinit(&web->ring);
    free(web);
}

Web *web_start(const WebPlan *plan, Error *error) {
    Web *web = calloc(1, sizeof *web);
    if (!web || !web_ring_init(&web->ring)) {
        error_set(error, ERROR_LIMIT, "no memory for the dashboard", NULL, NULL);
        free(web);
        return NULL;
    }
    pthread_mutex_init(&web->halt_lock, NULL);
    web_login_init(&web->login, plan->state_directory);
    if (take_plan(web, plan, error) && listen_at(web, error)) {
        if (start_thread(web)) return web;
        error_set(error, ERROR_LIMIT, "no thread for the dashboard", NULL, NULL);
    }
    if (web->context) lws_context_destroy(web->context);
    discard(web);
    return NULL;
}

unsigned web_port(const Web *web) {
    return web->port;
}

void web_login_code(Web *web, char code[static LOGIN_CODE_SIZE]) {
    if (!web_login_new_code(&web->login, code, NULL)) code[0] = 0;
}

void web_ready(Web *web, bool ready) {
    atomic_store(&web->ready, ready);
}

void web_halted(Web *web, const char *text) {
    pthread_mutex_lock(&web->halt_lock);
    Text words = TEXT_IN(web->halted);
    text_put(&words, text);
    text_end(&words);
    pthread_mutex_unlock(&web->halt_lock);
}

void web_message(Web *web, const Message *message) {
    atomic_uint_least64_t *count = &web->counts[message->topic];
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    if (atomic_load_explicit(&web->listeners, memory_order_relaxed) == 0) return;
    if (!web_event_wanted((Topic)message->topic)) return;
    web_ring_push(&web->ring, message, web_event_droppable((Topic)message->topic));
}

void web_stop(Web *web) {
    if (!web) return;
    atomic_store(&web->stopping, true);
    lws_cancel_service(web->context);
    pthread_join(web->thread, NULL);
    lws_context_destroy(
        web->context); /* not by the thread: the wake-up above must not meet a context that goes */
    store_close(web->store);
    discard(web);
}
