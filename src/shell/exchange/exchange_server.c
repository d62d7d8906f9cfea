/* SPDX-License-Identifier: Apache-2.0 */
/* Life of the exchange's server: its port, its loop, its clock tick. */
#include <stdlib.h>

#include "shell/exchange/exchange_keep.h"
#include "shell/exchange/exchange_server_parts.h"
#include "shell/sys/clock.h"
#include "shell/sys/ports.h"

#define HOST        "127.0.0.1"
#define TICK_US     20000 /* prints are a second of market time apart: exact enough to speed 50 */
#define HEADERS     (SERVER_QUERY_MAX + 8192)
#define CONNECTIONS (SERVER_SOCKETS + 256) /* WebSockets, requests, and the program's own */
#define FAULT_SEED  1                      /* of random latencies: a test repeats */
#define TIMEOUT_S   10                     /* of a request that does not come to its end */

static void heard(void *context, unsigned pair, bool closed) {
    ExchangeServer *server = context;
    exchange_socket_print(server, pair, closed);
    exchange_socket_events(server);
}

/* The venue ends every connection after a day. */
static void end_old(ExchangeServer *server) {
    int64_t oldest_us = clock_wall_us() - server->plan.session_us;
    for (unsigned i = 0; i < server->socket_count; i++)
        if (server->sockets[i]->connected_us < oldest_us) exchange_socket_end(server->sockets[i]);
}

void exchange_server_changed(ExchangeServer *server, const ExchangeCall *call, unsigned status) {
    if (status == 200 && !slice_is(call->method, "GET")) server->has_changed = true;
}

/* Frames and answers leave in later callbacks: what is written at the end of this one is on the
 * disk before anybody hears of it. */
void exchange_server_keep(ExchangeServer *server) {
    if (!server->has_changed) return;
    server->has_changed = false;
    if (server->plan.state &&
        !exchange_keep_write(server->plan.state, server->exchange, &server->failure))
        server->failed = true;
}

static void tick(lws_sorted_usec_list_t *timer) {
    ExchangeServer *server = lws_container_of(timer, ExchangeServer, timer);
    if (!exchange_market_play(server->market, heard, server, &server->failure))
        server->failed = true;
    else
        lws_sul_schedule(server->context, 0, timer, tick, TICK_US);
    end_old(server);
    exchange_server_keep(server);
}

static int called(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t length) {
    ExchangeServer *server = wsi ? lws_context_user(lws_get_context(wsi)) : NULL;
    ExchangeSession *session = user;
    Slice bytes = {in, length};
    if (!server || !session) return 0;
    if (server->failed) return -1;
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLOSED:
        return exchange_socket(server, session, wsi, reason, bytes);
    default:
        return exchange_http(server, session, wsi, reason, bytes);
    }
}

static bool listen_at(ExchangeServer *server, unsigned port, Error *error) {
    static const struct lws_protocols protocols[] = {
        {.name = "http", .callback = called, .per_session_data_size = sizeof(ExchangeSession)},
        {.name = NULL}};
    /* The venue's: a ping after 20 s, the end after 60 more without a pong. */
    static const lws_retry_bo_t patience = {.secs_since_valid_ping = 20,
                                            .secs_since_valid_hangup = 80};
    struct lws_context_creation_info plan = {
        .port = (int)port,
        .iface = HOST,
        .protocols = protocols,
        .server_string = "trader",
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_DISABLE_IPV6,
        .fd_limit_per_thread = CONNECTIONS,
        .max_http_header_data = HEADERS,
        .timeout_secs = TIMEOUT_S,
        .retry_and_idle_policy = &patience,
        .user = server,
    };
    bool is_free = true;
    if (port && !ports_free(HOST, port, &is_free, error)) return false;
    if (!is_free)
        return error_set(error, ERROR_STATE, "the port is in use", HOST,
                         "choose another: --port N (0 takes a free one)");
    lws_set_log_level(0, NULL);
    server->context = lws_create_context(&plan);
    struct lws_vhost *vhost =
        server->context ? lws_get_vhost_by_name(server->context, "default") : NULL;
    if (!vhost || lws_get_vhost_listen_port(vhost) <= 0)
        return error_set(error, ERROR_STATE, "cannot listen at this address", HOST,
                         "choose another port: --port N");
    server->port = (unsigned)lws_get_vhost_listen_port(vhost);
    return true;
}

/* No bot reaches these numbers. */
static void lift_limits(ExchangeLimits *limits) {
    limits->weight_max = limits->raw_max = limits->ten_max = limits->day_max =
        limits->connects_max = INT32_MAX;
}

ExchangeServer *exchange_server_open(ExchangeMarket *market, const ExchangeServerPlan *plan,
                                     Error *error) {
    ExchangeServer *server = calloc(1, sizeof *server);
    if (server) {
        server->market = market;
        server->exchange = market->exchange;
        server->plan = *plan;
        exchange_limit_init(&server->limits);
        if (plan->has_no_limits) lift_limits(&server->limits);
        exchange_fault_init(&server->faults, FAULT_SEED);
        market->jump_ppm = server->faults.jump_ppm;
        server->answer = malloc(EXCHANGE_ANSWER_MAX);
        server->frame = malloc(STREAM_FRAME_MAX);
        server->event = malloc(STREAM_FRAME_MAX);
        server->renderings = malloc((size_t)SERVER_RENDERED * STREAM_FRAME_MAX);
    }
    if (!server || !server->answer || !server->frame || !server->event || !server->renderings) {
        error_set(error, ERROR_LIMIT, "no memory for the exchange", NULL, NULL);
    } else if (listen_at(server, plan->port, error)) {
        return server;
    }
    exchange_server_close(server);
    return NULL;
}

unsigned exchange_server_port(const ExchangeServer *server) {
    return server->port;
}

bool exchange_server_run(ExchangeServer *server, const atomic_bool *stop, Error *error) {
    server->has_changed = true; /* the opening balances */
    exchange_server_keep(server);
    lws_sul_schedule(server->context, 0, &server->timer, tick, 1);
    while (!atomic_load(stop) && !server->failed)
        if (lws_service(server->context, 0) < 0) break;
    server->has_changed = true; /* the market went on */
    if (!server->failed) exchange_server_keep(server);
    lws_sul_cancel(&server->timer);
    lws_sul_cancel(&server->shutdown);
    if (server->failed && error) *error = server->failure;
    return !server->failed;
}

void exchange_server_close(ExchangeServer *server) {
    if (!server) return;
    if (server->context) lws_context_destroy(server->context);
    free(server->answer);
    free(server->frame);
    free(server->event);
    free(server->renderings);
    free(server);
}
