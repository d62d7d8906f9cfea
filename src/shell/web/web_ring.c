/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/web/web_ring.h"

#include <stdlib.h>
#include <string.h>

typedef struct RingRecord {
    uint32_t step; /* to the next record */
    uint32_t size; /* of the payload; SKIP: the rest up to the end of the block is unused */
    uint64_t sequence;
    int64_t time_us;
    uint8_t topic, origin, unused[6];
} RingRecord;
_Static_assert(sizeof(RingRecord) == 32,
               "steps are whole records, so that a skip always fits before the end");
_Static_assert(WEB_RING_BYTES > 4 * LIMIT_PAYLOAD,
               "the largest message must fit a quarter of the ring");

#define SKIP UINT32_MAX

bool web_ring_init(WebRing *ring) {
    memset(ring, 0, sizeof *ring);
    ring->bytes = aligned_alloc(64, WEB_RING_BYTES);
    return ring->bytes != NULL;
}

void web_ring_deinit(WebRing *ring) {
    free(ring->bytes);
}

static RingRecord *record_at(const WebRing *ring, size_t position) {
    return (RingRecord *)(void *)(ring->bytes + position % WEB_RING_BYTES);
}

void web_ring_push(WebRing *ring, const Message *message, bool droppable) {
    size_t step = (sizeof(RingRecord) + message->size + sizeof(RingRecord) - 1) /
                  sizeof(RingRecord) * sizeof(RingRecord);
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    size_t to_end = WEB_RING_BYTES - head % WEB_RING_BYTES;
    size_t skip = to_end < step ? to_end : 0;
    size_t room = WEB_RING_BYTES - (head - tail);
    if (room < skip + step + (droppable ? WEB_RING_BYTES / 4 : 0)) {
        if (!droppable) atomic_store_explicit(&ring->overrun, true, memory_order_relaxed);
        return;
    }
    if (skip) *record_at(ring, head) = (RingRecord){.step = (uint32_t)skip, .size = SKIP};
    RingRecord *record = record_at(ring, head + skip);
    *record = (RingRecord){.step = (uint32_t)step,
                           .size = message->size,
                           .sequence = message->sequence,
                           .time_us = message->time_us,
                           .topic = message->topic,
                           .origin = message->origin};
    memcpy(record + 1, message->payload, message->size);
    atomic_store_explicit(&ring->head, head + skip + step, memory_order_release);
}

bool web_ring_peek(WebRing *ring, Message *message) {
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    size_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    if (tail == head) return false;
    const RingRecord *record = record_at(ring, tail);
    if (record->size == SKIP) {
        tail += record->step;
        atomic_store_explicit(&ring->tail, tail, memory_order_release);
        record = record_at(
            ring, tail); /* a skip is always published together with the record behind it */
    }
    *message = (Message){.sequence = record->sequence,
                         .time_us = record->time_us,
                         .size = record->size,
                         .topic = record->topic,
                         .origin = record->origin,
                         .payload = record + 1};
    return true;
}

void web_ring_pop(WebRing *ring) {
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    atomic_store_explicit(&ring->tail, tail + record_at(ring, tail)->step, memory_order_release);
}

bool web_ring_lost(WebRing *ring) {
    return atomic_exchange_explicit(&ring->overrun, false, memory_order_relaxed);
}
