/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kernel/outside_queue.h"

#include <string.h>

#include "core/bus/codec.h"
#include "core/bus/convert.h"

/* A reply takes 60 KB of a turn's 8 MiB; what it makes services say needs room too. */
#define ANSWERS_AT_ONCE 16
#define NOT_KNOWN       INT64_MAX

_Static_assert(ANSWERS_AT_ONCE *(sizeof(OutsideReply) + sizeof(OutsideRequest)) <
                   LIMIT_TURN_BYTES / 4,
               "answers of one turn, and a question for each, leave room for the rest");
_Static_assert(sizeof(((OutsideOpen *)0)->service) == sizeof(((OutsideRequest *)0)->service) &&
                   sizeof(((OutsideOpen *)0)->content_hash) ==
                       sizeof(((OutsideRequest *)0)->content_hash),
               "names fit as they are");

/* ---- the list ------------------------------------------------------------------------------ */

static OutsideOpen *append(OutsideQueue *queue, const OutsideRequest *request, int64_t time_us) {
    CHECK(queue->count < OUTSIDE_OPEN_MAX, "services ask and ask and wait for no answer");
    OutsideOpen *open = &queue->open[queue->count++];
    memset(open, 0, sizeof *open);
    memcpy(open->service, request->service, sizeof open->service);
    memcpy(open->content_hash, request->content_hash, sizeof open->content_hash);
    open->id = request->id;
    open->source = (uint8_t)request->source;
    open->slot = (uint8_t)request->slot;
    open->asked_us = time_us;
    open->latency_us = request->latency_us;
    open->timeout_us = request->timeout_ms * 1000;
    open->reserved_usd_micro = request->reserved_usd_micro;
    open->is_paid = request->source == OUTSIDE_MODEL;
    open->due_us = NOT_KNOWN;
    open->offset = queue->used;
    return open;
}

static void remove_at(OutsideQueue *queue, uint32_t index) {
    OutsideOpen *open = &queue->open[index];
    uint32_t length = open->length, behind = open->offset + length;
    memmove(queue->pool + open->offset, queue->pool + behind, queue->used - behind);
    queue->used -= length;
    queue->count--;
    memmove(open, open + 1, (queue->count - index) * sizeof *open);
    for (uint32_t i = index; i < queue->count; i++)
        queue->open[i].offset -= length;
}

/* Puts an answer's bytes where they belong in the pool; false: no room. */
static bool keep_bytes(OutsideQueue *queue, uint32_t index, const uint8_t *bytes, size_t size) {
    OutsideOpen *open = &queue->open[index];
    if (size > OUTSIDE_POOL_BYTES - queue->used) return false;
    uint8_t *place = queue->pool + open->offset;
    memmove(place + size, place, queue->used - open->offset);
    memcpy(place, bytes, size);
    queue->used += (uint32_t)size;
    open->length = (uint32_t)size;
    for (uint32_t i = index + 1; i < queue->count; i++)
        queue->open[i].offset += (uint32_t)size;
    return true;
}

/* ---- answers ------------------------------------------------------------------------------- */

static void address(OutsideReply *reply, const OutsideOpen *open) {
    memcpy(reply->service, open->service, sizeof reply->service);
    reply->id = open->id;
    reply->source = (OutsideSource)open->source;
}

static void fail(OutsideReply *reply, OutsideOutcome outcome, int64_t latency_us, const char *why) {
    memset(reply, 0, sizeof *reply);
    reply->outcome = outcome;
    reply->retry_after_ms = -1;
    reply->should_retry = -1;
    reply->latency_us = latency_us;
    Text text = TEXT_IN(reply->body);
    text_put(&text, why);
    text_end(&text);
}

static void settle(OutsideQueue *queue, uint32_t index, OutsideReply *reply) {
    uint8_t bytes[LIMIT_PAYLOAD];
    OutsideOpen *open = &queue->open[index];
    const MessageShape *shape = topic_message(TOPIC_OUTSIDE_REPLIES);
    address(reply, open);
    if (codec_fault(shape, reply)) {
        fail(reply, OUTSIDE_LOST, open->latency_us, "the answer is out of its bounds");
        address(reply, open);
    }
    size_t size = codec_encode(shape, reply, bytes, sizeof bytes);
    if (!keep_bytes(queue, index, bytes, size)) open->length = 0;
    /* Who asked gives up at its limit and asks again: answers that a record dates days later would
     * pile up without end. */
    bool slow = open->timeout_us > 0 && reply->latency_us > open->timeout_us;
    open->due_us = open->asked_us + (slow ? open->timeout_us : reply->latency_us);
    open->is_paid = outside_reply_is_paid(reply);
}

void outside_queue_ask(OutsideQueue *queue, const Outside *outside, const OutsideRequest *request,
                       int64_t time_us) {
    OutsideReply reply;
    append(queue, request, time_us);
    fail(&reply, OUTSIDE_MISSING, request->latency_us, "nothing is asked here");
    if (outside->ask) outside->ask(outside->context, request, &reply);
    settle(queue, queue->count - 1, &reply);
}

void outside_queue_open(OutsideQueue *queue, const OutsideRequest *request, int64_t time_us) {
    append(queue, request, time_us);
}

bool outside_queue_close(OutsideQueue *queue, const char *service, int64_t id) {
    for (uint32_t i = 0; i < queue->count; i++) {
        if (queue->open[i].id != id || strcmp(queue->open[i].service, service) != 0) continue;
        remove_at(queue, i);
        return true;
    }
    return false;
}

static void recall(OutsideQueue *queue, uint32_t index, const Outside *outside) {
    OutsideRequest request;
    OutsideReply reply;
    const OutsideOpen *open = &queue->open[index];
    memset(&request, 0, sizeof request);
    memcpy(request.service, open->service, sizeof request.service);
    memcpy(request.content_hash, open->content_hash, sizeof request.content_hash);
    request.id = open->id;
    request.source = (OutsideSource)open->source;
    request.slot = open->slot;
    request.latency_us = open->latency_us;
    fail(&reply, OUTSIDE_MISSING, open->latency_us, "nothing is asked here");
    if (outside->recall) outside->recall(outside->context, &request, &reply);
    settle(queue, index, &reply);
}

void outside_queue_recall(OutsideQueue *queue, const Outside *outside, int64_t now_us) {
    for (uint32_t i = 0; i < queue->count; i++) {
        if (queue->open[i].due_us != NOT_KNOWN) continue;
        recall(queue, i, outside);
        if (now_us) queue->open[i].due_us = now_us;
    }
}

void outside_queue_unheard(const OutsideQueue *queue, uint64_t *calls, uint64_t *cost_usd_micro) {
    *calls = *cost_usd_micro = 0;
    for (uint32_t i = 0; i < queue->count; i++) {
        if (!queue->open[i].is_paid) continue;
        ++*calls;
        *cost_usd_micro += (uint64_t)queue->open[i].reserved_usd_micro;
    }
}

/* ---- what is due --------------------------------------------------------------------------- */

static uint32_t earliest(const OutsideQueue *queue) {
    uint32_t found = 0;
    for (uint32_t i = 1; i < queue->count; i++)
        if (queue->open[i].due_us < queue->open[found].due_us) found = i;
    return found;
}

int64_t outside_queue_due(const OutsideQueue *queue) {
    return queue->count ? queue->open[earliest(queue)].due_us : NOT_KNOWN;
}

void outside_queue_lose(OutsideQueue *queue, int64_t time_us) {
    for (uint32_t i = 0; i < queue->count; i++) {
        OutsideOpen *open = &queue->open[i];
        if (open->due_us > time_us) continue;
        uint32_t behind = open->offset + open->length;
        memmove(queue->pool + open->offset, queue->pool + behind, queue->used - behind);
        queue->used -= open->length;
        for (uint32_t k = i + 1; k < queue->count; k++)
            queue->open[k].offset -= open->length;
        open->length = 0;
    }
}

static void input(OutsideQueue *queue, uint32_t index, Kernel *kernel, int64_t time_us) {
    OutsideReply reply;
    Error error;
    const OutsideOpen *open = &queue->open[index];
    if (open->length == 0) {
        fail(&reply, OUTSIDE_LOST, open->latency_us, "the answer could not be kept");
        address(&reply, open);
    } else {
        bool read = codec_decode(topic_message(TOPIC_OUTSIDE_REPLIES), queue->pool + open->offset,
                                 open->length, &reply, &error);
        CHECK(read, "an answer that was kept can be read");
    }
    bool queued = kernel_input(kernel, TOPIC_OUTSIDE_REPLIES, time_us, &reply, &error);
    CHECK(queued, "an answer that was kept is within its bounds");
    remove_at(queue, index);
}

void outside_queue_input(OutsideQueue *queue, Kernel *kernel, int64_t time_us) {
    for (unsigned i = 0; i < ANSWERS_AT_ONCE && queue->count > 0; i++) {
        uint32_t index = earliest(queue);
        if (queue->open[index].due_us > time_us) return;
        input(queue, index, kernel, time_us);
    }
}
