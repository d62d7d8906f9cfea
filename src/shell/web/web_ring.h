/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages from the engine's thread to the server's, without a lock and without waiting: a ring of
 * bytes with one writer and one reader (each counter has one writer; Lamport 1983). When it runs
 * full, prices and curves are left out silently, because the next ones replace them; anything else
 * sets `overrun`, and the reader tells the browsers to read everything anew. Memory is allocated
 * once, at init. The server owns the ring.
 */
#ifndef SHELL_WEB_WEB_RING_H
#define SHELL_WEB_WEB_RING_H

#include <stdatomic.h>

#include "core/bus/message.h"

#define WEB_RING_BYTES                                                                             \
    (1u << 19) /* 80 signals of 6 KiB, or 3,000 bars: more than 250 ms of any live market */

typedef struct WebRing {
    uint8_t *bytes;
    _Alignas(64) atomic_size_t head; /* written by the engine's thread */
    _Alignas(64) atomic_size_t tail; /* written by the server's */
    atomic_bool overrun;
} WebRing;

bool web_ring_init(WebRing *ring) MUST_USE;
void web_ring_deinit(WebRing *ring);
/* `droppable`: may be left out when little room is left. */
void web_ring_push(WebRing *ring, const Message *message, bool droppable);
/* The oldest message, whose payload stays valid until web_ring_pop; false if there is none. */
bool web_ring_peek(WebRing *ring, Message *message) MUST_USE;
void web_ring_pop(WebRing *ring);
/* Whether something was lost since the last call. */
bool web_ring_lost(WebRing *ring);

#endif
