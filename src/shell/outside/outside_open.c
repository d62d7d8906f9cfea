/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/outside/outside_open.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/json.h"
#include "shell/outside/outside_wire.h"
#include "shell/store/answer_file.h"
#include "shell/sys/clock.h"

typedef struct Waiting Waiting;
struct Waiting {
    Waiting *next;
    OutsideReply reply;
};

typedef struct RecordedPort {
    OutsidePort port; /* first: the engine's pointer is ours */
    OutsidePlan plan;
    OutsideWire *wire;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    Waiting *first, **last; /* live: replies that wait to be taken */
    OutsideReply *asked; /* virtual: where the answer to `asked_id` belongs; NULL: nobody waits */
    const char *asked_service;
    int64_t asked_id;
    bool told_unwritten;
} RecordedPort;

/* ---- the record ---------------------------------------------------------------------------- */

static OutsideMode mode_of(const RecordedPort *port, OutsideSource source) {
    return source == OUTSIDE_MODEL ? port->plan.model_mode : port->plan.social_mode;
}

static void address(const OutsideRequest *request, OutsideReply *reply) {
    memcpy(reply->service, request->service, sizeof reply->service);
    reply->id = request->id;
    reply->source = request->source;
}

static bool read_record(const RecordedPort *port, const OutsideRequest *request,
                        OutsideReply *reply) {
    bool found, damaged;
    answer_file_read(port->plan.directory, request->content_hash, reply, &found, &damaged);
    if (damaged)
        fprintf(stderr, "! answers: %.64s in %s is damaged: it counts as missing\n",
                request->content_hash, port->plan.directory);
    if (!found) return false;
    address(request, reply);
    reply->recorded = true;
    return true;
}

/* OpenRouter and others put an error into a status of 200. */
static bool is_error(const char *body) {
    JsonReader reader = json_reader(slice_of(body));
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return true;
    for (JsonToken token = json_next(&reader); token == JSON_KEY; token = json_next(&reader)) {
        if (!slice_is(reader.slice, "error")) {
            if (!json_skip(&reader)) return true;
        } else if (json_next(&reader) != JSON_NULL) {
            return true;
        }
    }
    return json_next(&reader) != JSON_END;
}

/* What will be wanted again: a failure is not. */
static bool is_worth_keeping(const OutsideRequest *request, const OutsideReply *reply) {
    return request->content_hash[0] && reply->outcome == OUTSIDE_ANSWERED && reply->status == 200 &&
           !reply->cut && (request->source != OUTSIDE_MODEL || !is_error(reply->body));
}

static void record(RecordedPort *port, const OutsideRequest *request, const OutsideReply *reply) {
    Error error;
    int64_t asked_us = clock_wall_us() - reply->latency_us;
    if (!is_worth_keeping(request, reply) ||
        answer_file_write(port->plan.directory, request, reply, asked_us, &error))
        return;
    if (!port->told_unwritten)
        fprintf(stderr, "! answers: %s: %s; a replay will miss them\n", error.where, error.message);
    port->told_unwritten = true;
}

/* ---- answers ------------------------------------------------------------------------------- */

static void queue_up(RecordedPort *port, const OutsideReply *reply) {
    Waiting *waiting = malloc(sizeof *waiting);
    if (!waiting) return; /* without memory the engine ends too */
    waiting->next = NULL;
    waiting->reply = *reply;
    pthread_mutex_lock(&port->lock);
    *port->last = waiting;
    port->last = &waiting->next;
    pthread_mutex_unlock(&port->lock);
    uint64_t one = 1;
    if (write(port->port.wake_descriptor, &one, sizeof one) < 0)
        return; /* it is readable already */
}

static bool give_to_asker(RecordedPort *port, const OutsideReply *reply) {
    pthread_mutex_lock(&port->lock);
    bool waits = port->asked && reply->id == port->asked_id &&
                 strcmp(reply->service, port->asked_service) == 0;
    if (waits) {
        *port->asked = *reply;
        port->asked = NULL;
        pthread_cond_signal(&port->answered);
    }
    pthread_mutex_unlock(&port->lock);
    return waits;
}

static void done(void *context, const OutsideRequest *request, OutsideReply *reply) {
    RecordedPort *port = context;
    record(port, request, reply);
    if (!give_to_asker(port, reply)) queue_up(port, reply);
}

/* True: `reply` is the answer; false: it must be asked. */
static bool answer_here(RecordedPort *port, const OutsideRequest *request, OutsideReply *reply) {
    OutsideMode mode = mode_of(port, request->source);
    if ((mode == OUTSIDE_REPLAY || mode == OUTSIDE_CACHED) && read_record(port, request, reply))
        return true;
    if (mode == OUTSIDE_REPLAY)
        outside_reply_without(request, OUTSIDE_MISSING, "nothing is recorded for this question",
                              reply);
    if (mode == OUTSIDE_OFF)
        outside_reply_without(request, OUTSIDE_NOT_SENT, "switched off", reply);
    return mode == OUTSIDE_REPLAY || mode == OUTSIDE_OFF;
}

/* ---- the port ------------------------------------------------------------------------------ */

static void port_send(OutsidePort *base, const OutsideRequest *request) {
    RecordedPort *port = (RecordedPort *)(void *)base;
    OutsideReply reply;
    if (answer_here(port, request, &reply)) {
        queue_up(port, &reply);
    } else if (!outside_wire_send(port->wire, request)) {
        outside_reply_without(request, OUTSIDE_NOT_SENT, "too many questions at once", &reply);
        queue_up(port, &reply);
    }
}

static bool port_next(OutsidePort *base, OutsideReply *reply) {
    RecordedPort *port = (RecordedPort *)(void *)base;
    pthread_mutex_lock(&port->lock);
    Waiting *first = port->first;
    if (first) port->first = first->next;
    if (!port->first) {
        uint64_t count;
        port->last = &port->first;
        if (read(base->wake_descriptor, &count, sizeof count) < 0) count = 0; /* nothing to clear */
    }
    pthread_mutex_unlock(&port->lock);
    if (!first) return false;
    *reply = first->reply;
    free(first);
    return true;
}

/* Where time is virtual it stands still meanwhile. */
static void port_ask(void *context, const OutsideRequest *request, OutsideReply *reply) {
    RecordedPort *port = context;
    if (answer_here(port, request, reply)) return;
    pthread_mutex_lock(&port->lock);
    port->asked = reply;
    port->asked_id = request->id;
    port->asked_service = request->service;
    bool sent = outside_wire_send(port->wire, request);
    while (sent && port->asked)
        pthread_cond_wait(&port->answered, &port->lock);
    port->asked = NULL;
    pthread_mutex_unlock(&port->lock);
    if (!sent) outside_reply_without(request, OUTSIDE_NOT_SENT, "no memory", reply);
}

/* Where it could have been asked, the answer on record may be the one that was paid for just before
 * the end: it counts as paid. */
static void port_recall(void *context, const OutsideRequest *request, OutsideReply *reply) {
    RecordedPort *port = context;
    OutsideMode mode = mode_of(port, request->source);
    if (mode != OUTSIDE_OFF && read_record(port, request, reply)) {
        reply->recorded = mode == OUTSIDE_REPLAY;
        return;
    }
    if (answer_here(port, request, reply)) return;
    outside_reply_without(request, OUTSIDE_LOST, "the program ended before its answer came", reply);
}

static void port_close(OutsidePort *base) {
    RecordedPort *port = (RecordedPort *)(void *)base;
    if (port->wire) outside_wire_close(port->wire);
    while (port->first) {
        Waiting *next = port->first->next;
        free(port->first);
        port->first = next;
    }
    if (base->wake_descriptor >= 0) close(base->wake_descriptor);
    pthread_mutex_destroy(&port->lock);
    pthread_cond_destroy(&port->answered);
    outside_plan_wipe(&port->plan);
    free(port);
}

OutsidePort *outside_open(const OutsidePlan *plan, Error *error) {
    RecordedPort *port = calloc(1, sizeof *port);
    if (!port) {
        error_set(error, ERROR_LIMIT, "out of memory", "outside", NULL);
        return NULL;
    }
    port->plan = *plan;
    port->last = &port->first;
    pthread_mutex_init(&port->lock, NULL);
    pthread_cond_init(&port->answered, NULL);
    port->port = (OutsidePort){.wake_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                               .send = port_send,
                               .next = port_next,
                               .outside = {port, port_ask, port_recall},
                               .close = port_close};
    port->wire = outside_wire_open(&port->plan, done, port, error);
    if (port->wire && port->port.wake_descriptor >= 0) return &port->port;
    port_close(&port->port);
    return NULL;
}
