/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trade ids of a symbol that were booked already. The same trade is told by the answer to an
 * order, by the account's stream and by the list of trades, in any order and more than once; it is
 * booked by the first and known to the others. When the ring is full the smallest id leaves, and
 * what is not greater than one that left counts as known: trades come nearly in rising order, and
 * what would be late by more than the ring holds is never booked twice. A plain block.
 */
#ifndef CORE_PROTOCOL_TRADE_RING_H
#define CORE_PROTOCOL_TRADE_RING_H

#include <stdbool.h>
#include <stdint.h>

#define TRADE_RING_MAX 256 /* one answer's fills, and what may overtake them */

typedef struct TradeRing {
    int64_t ids[TRADE_RING_MAX]; /* a heap: the smallest first */
    uint32_t count;
    int64_t left; /* the greatest id that has left; -1: none */
} TradeRing;

void trade_ring_init(TradeRing *ring);
/* True if the id is new; it is known from then on. */
bool trade_ring_add(TradeRing *ring, int64_t id);
bool trade_ring_has(const TradeRing *ring, int64_t id);

#endif
