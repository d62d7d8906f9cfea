/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/outside/outside_wire.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/outside/outside_exchange.h"
#include "shell/sys/clock.h"

#define CONNECTIONS_MAX 32   /* a question to each of the most symbols at once */
#define UNDER_WAY_MAX   1024 /* more than the core ever has open (core/kernel/outside_queue.h) */
#define POLL_MS         1000 /* a question and the end wake it earlier */
#define TOKEN_EARLY_US  (60 * INSTANT_SECOND_US) /* a token is renewed before it ends */

struct OutsideWire {
    const OutsidePlan *plan;
    OutsideDone *done;
    void *context;
    CURLM *multi;
    pthread_t thread;
    pthread_mutex_t lock;
    OutsideExchange *inbox; /* newest first */
    unsigned under_way;
    atomic_bool stop;
    OutsideExchange *running;    /* those whose handle curl has */
    char token[OUTSIDE_KEY_MAX]; /* Reddit's */
    int64_t token_ends_us;       /* monotonic */
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void unlist(OutsideWire *wire, const OutsideExchange *exchange) {
    for (OutsideExchange **at = &wire->running; *at; at = &(*at)->next) {
        if (*at != exchange) continue;
        *at = exchange->next;
        return;
    }
}

/* Keys that a server sends back to us go no further. */
static void scrub(const OutsideWire *wire, OutsideReply *reply) {
    outside_scrub(wire->plan, reply->body);
    outside_scrub(wire->plan, reply->request_id);
    outside_scrub(wire->plan, reply->etag);
    if (!wire->token[0]) return;
    for (char *at = reply->body; (at = strstr(at, wire->token));)
        memset(at, '*', strlen(wire->token));
}

static void end(OutsideWire *wire, OutsideExchange *exchange, OutsideReply *reply) {
    scrub(wire, reply);
    wire->done(wire->context, &exchange->request, reply);
    outside_exchange_free(exchange);
    pthread_mutex_lock(&wire->lock);
    wire->under_way--;
    pthread_mutex_unlock(&wire->lock);
}

static void fail(OutsideWire *wire, OutsideExchange *exchange, const char *why) {
    OutsideReply *reply = malloc(sizeof *reply);
    if (!reply) return;
    outside_reply_without(&exchange->request, OUTSIDE_NOT_SENT, why, reply);
    end(wire, exchange, reply);
    free(reply);
}

/* ---- beginnings ---------------------------------------------------------------------------- */

static void hand_over(OutsideWire *wire, OutsideExchange *exchange) {
    if (curl_multi_add_handle(wire->multi, exchange->easy) != CURLM_OK) {
        fail(wire, exchange, "no memory");
        return;
    }
    exchange->next = wire->running;
    wire->running = exchange;
}

static void start(OutsideWire *wire, OutsideExchange *exchange) {
    bool reddit = exchange->request.source == OUTSIDE_REDDIT;
    exchange->is_token = reddit && clock_monotonic_us() >= wire->token_ends_us;
    const char *fault = exchange->is_token ? outside_target_token(wire->plan, &exchange->target)
                                           : outside_target_make(wire->plan, &exchange->request,
                                                                 wire->token, &exchange->target);
    if (!fault && !outside_exchange_prepare(exchange)) fault = "no memory";
    if (fault)
        fail(wire, exchange, fault);
    else
        hand_over(wire, exchange);
}

static void start_new(OutsideWire *wire) {
    pthread_mutex_lock(&wire->lock);
    OutsideExchange *newest = wire->inbox, *ordered = NULL;
    wire->inbox = NULL;
    pthread_mutex_unlock(&wire->lock);
    while (newest) {
        OutsideExchange *next = newest->next;
        newest->next = ordered;
        ordered = newest;
        newest = next;
    }
    while (ordered) {
        OutsideExchange *next = ordered->next;
        start(wire, ordered);
        ordered = next;
    }
}

/* ---- Reddit's token ------------------------------------------------------------------------ */

static bool read_token(OutsideWire *wire, const OutsideExchange *exchange) {
    JsonReader reader =
        json_reader((Slice){exchange->body ? exchange->body : "", exchange->length});
    int64_t seconds = 0;
    wire->token[0] = 0;
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return false;
    for (JsonToken token = json_next(&reader); token == JSON_KEY; token = json_next(&reader)) {
        Slice raw, key = reader.slice;
        bool sound = true;
        if (slice_is(key, "access_token"))
            sound = json_take_string(&reader, &raw) && !reader.escaped &&
                    slice_copy(raw, wire->token, sizeof wire->token);
        else if (slice_is(key, "expires_in"))
            sound = json_take_int(&reader, &seconds);
        else
            sound = json_skip(&reader);
        if (!sound) return false;
    }
    if (seconds < 0 || seconds > 86400) seconds = 3600; /* Reddit's usual hour */
    wire->token_ends_us = clock_monotonic_us() + seconds * INSTANT_SECOND_US - TOKEN_EARLY_US;
    return wire->token[0] && !strpbrk(wire->token, " \r\n");
}

/* The question itself, now that there is a token; what came instead of one ends it. */
static void go_on_with_token(OutsideWire *wire, OutsideExchange *exchange, CURLcode result) {
    long status = 0;
    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK && status == 200 && read_token(wire, exchange)) {
        exchange->is_token = false;
        const char *fault =
            outside_target_make(wire->plan, &exchange->request, wire->token, &exchange->target);
        if (!fault && outside_exchange_prepare(exchange))
            hand_over(wire, exchange);
        else
            fail(wire, exchange, fault ? fault : "no memory");
        return;
    }
    wire->token[0] = 0;
    wire->token_ends_us = 0;
    fail(wire, exchange, "the source gave no token for its key");
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void finish(OutsideWire *wire, OutsideExchange *exchange, CURLcode result) {
    OutsideReply *reply;
    curl_multi_remove_handle(wire->multi, exchange->easy);
    unlist(wire, exchange);
    if (exchange->is_token) {
        go_on_with_token(wire, exchange, result);
        return;
    }
    const char *refusal = result == CURLE_OK ? outside_exchange_redirect(exchange) : "";
    if (!refusal) {
        hand_over(wire, exchange);
    } else if (refusal[0]) {
        fail(wire, exchange, refusal);
    } else if ((reply = malloc(sizeof *reply))) {
        outside_exchange_reply(exchange, result, reply);
        if (exchange->request.source == OUTSIDE_REDDIT && reply->status == 401)
            wire->token_ends_us = 0; /* the token does not hold any more */
        end(wire, exchange, reply);
        free(reply);
    }
}

static void *run(void *context) {
    OutsideWire *wire = context;
    while (!atomic_load(&wire->stop)) {
        int running, left;
        start_new(wire);
        curl_multi_perform(wire->multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(wire->multi, &left));) {
            OutsideExchange *exchange = NULL;
            if (message->msg != CURLMSG_DONE) continue;
            CURLcode result = message->data.result;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
            finish(wire, exchange, result);
        }
        curl_multi_poll(wire->multi, NULL, 0, POLL_MS, NULL);
    }
    return NULL;
}

/* ---- from outside of it -------------------------------------------------------------------- */

OutsideWire *outside_wire_open(const OutsidePlan *plan, OutsideDone *done, void *context,
                               Error *error) {
    pthread_once(&curl_once, start_curl);
    OutsideWire *wire = calloc(1, sizeof *wire);
    if (wire) {
        *wire = (OutsideWire){.plan = plan, .done = done, .context = context};
        wire->multi = curl_multi_init();
        pthread_mutex_init(&wire->lock, NULL);
    }
    if (wire && wire->multi) {
        curl_multi_setopt(wire->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
        if (pthread_create(&wire->thread, NULL, run, wire) == 0) return wire;
    }
    error_set(error, ERROR_FAILURE, "the way to the outside does not start", NULL, NULL);
    if (wire && wire->multi) curl_multi_cleanup(wire->multi);
    free(wire);
    return NULL;
}

bool outside_wire_send(OutsideWire *wire, const OutsideRequest *request) {
    OutsideExchange *exchange = outside_exchange_new(request);
    if (!exchange) return false;
    pthread_mutex_lock(&wire->lock);
    bool taken = wire->under_way < UNDER_WAY_MAX;
    if (taken) {
        wire->under_way++;
        exchange->next = wire->inbox;
        wire->inbox = exchange;
    }
    pthread_mutex_unlock(&wire->lock);
    if (taken)
        curl_multi_wakeup(wire->multi);
    else
        outside_exchange_free(exchange);
    return taken;
}

static void free_list(OutsideWire *wire, OutsideExchange *list) {
    while (list) {
        OutsideExchange *next = list->next;
        if (list->easy) curl_multi_remove_handle(wire->multi, list->easy);
        outside_exchange_free(list);
        list = next;
    }
}

void outside_wire_close(OutsideWire *wire) {
    atomic_store(&wire->stop, true);
    curl_multi_wakeup(wire->multi);
    pthread_join(wire->thread, NULL);
    free_list(wire, wire->running);
    free_list(wire, wire->inbox);
    curl_multi_cleanup(wire->multi);
    pthread_mutex_destroy(&wire->lock);
    explicit_bzero(wire->token, sizeof wire->token);
    free(wire);
}
