/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's side of sources and models. A question leaves after its turn was journaled; unlike
 * an order it waits for no disk. Its answer is an input like any other. Where time is virtual it is
 * heard at the question's time plus its latency (core/kernel/outside_queue.h); on a live feed when
 * it comes. A question that a recovery makes again is never asked again: its answer is on record,
 * or it is lost, and the core decides anew.
 */
#include <stdio.h>
#include <string.h>

#include "shell/drivers/engine_parts.h"

#define ANSWERS_AT_ONCE 16 /* a flood leaves room for the market */

static Outside outside_of(const Engine *engine) {
    return engine->plan->outside ? engine->plan->outside->outside : (Outside){0};
}

/* ---- out ----------------------------------------------------------------------------------- */

static void ask(Engine *engine, const Message *message) {
    OutsidePort *port = engine->plan->outside;
    if (port && !engine->plan->feed->is_virtual) {
        outside_queue_open(engine->asked, message->payload, message->time_us);
        port->send(port, message->payload);
        return;
    }
    Outside outside = outside_of(engine);
    outside_queue_ask(engine->asked, &outside, message->payload, message->time_us);
}

void engine_outside_send(Engine *engine) {
    for (const Message *message = kernel_first(engine->kernel); message;
         message = kernel_next(engine->kernel, message))
        if (message->topic == TOPIC_OUTSIDE_REQUESTS) ask(engine, message);
}

/* ---- in ------------------------------------------------------------------------------------ */

/* What cannot be told as it is (out of its bounds, or in quarantine) is told as lost. */
static void blur(OutsideReply *reply, const char *why) {
    OutsideReply lost = {.id = reply->id,
                         .source = reply->source,
                         .outcome = OUTSIDE_LOST,
                         .retry_after_ms = -1,
                         .should_retry = -1};
    memcpy(lost.service, reply->service, sizeof lost.service);
    snprintf(lost.body, sizeof lost.body, "%s", why);
    *reply = lost;
}

static bool is_poison(const Engine *engine) {
    return poison_is(&engine->poison, kernel_sequence(engine->kernel) + 1);
}

static bool turn_of_answer(Engine *engine, OutsideReply *reply, Error *error) {
    int64_t time_us = engine_now(engine);
    Error refused;
    if (is_poison(engine)) {
        if (!engine_halt(engine, error)) return false;
        blur(reply, engine->poison.check);
    }
    /* Nobody waits for it (two answers to one question would be the port's fault). */
    if (!outside_queue_close(engine->asked, reply->service, reply->id)) return true;
    if (!kernel_input(engine->kernel, TOPIC_OUTSIDE_REPLIES, time_us, reply, &refused)) {
        blur(reply, refused.message);
        if (!kernel_input(engine->kernel, TOPIC_OUTSIDE_REPLIES, time_us, reply, error))
            return false;
    }
    return engine_finish_turn(engine, error);
}

bool engine_outside_hear(Engine *engine, Error *error) {
    OutsidePort *port = engine->plan->outside;
    for (unsigned i = 0; port && i < ANSWERS_AT_ONCE; i++) {
        if (!port->next(port, &engine->answer)) return true;
        if (!turn_of_answer(engine, &engine->answer, error)) return false;
    }
    return true;
}

bool engine_outside_guard(Engine *engine, int64_t time_us, Error *error) {
    if (outside_queue_due(engine->asked) > time_us || !is_poison(engine)) return true;
    outside_queue_lose(engine->asked, time_us);
    return engine_halt(engine, error);
}

/* ---- at the start -------------------------------------------------------------------------- */

void engine_outside_learn(Engine *engine, const Message *message) {
    const OutsideReply *reply = message->payload;
    if (message->topic == TOPIC_OUTSIDE_REQUESTS)
        outside_queue_open(engine->asked, message->payload, message->time_us);
    if (message->topic == TOPIC_OUTSIDE_REPLIES)
        outside_queue_close(engine->asked, reply->service, reply->id);
}

void engine_outside_begin(Engine *engine) {
    Outside outside = outside_of(engine);
    bool is_virtual = engine->plan->feed->is_virtual;
    outside_queue_recall(engine->asked, &outside, is_virtual ? 0 : engine_now(engine));
}

void engine_unheard(const Engine *engine, uint64_t *calls, uint64_t *cost_usd_micro) {
    outside_queue_unheard(engine->asked, calls, cost_usd_micro);
}
