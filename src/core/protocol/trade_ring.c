/* SPDX-License-Identifier: Apache-2.0 */
#include "core/protocol/trade_ring.h"

#include <string.h>

void trade_ring_init(TradeRing *ring) {
    memset(ring, 0, sizeof *ring);
    ring->left = -1;
}

bool trade_ring_has(const TradeRing *ring, int64_t id) {
    if (id <= ring->left) return true;
    for (uint32_t i = 0; i < ring->count; i++)
        if (ring->ids[i] == id) return true;
    return false;
}

static void swap(TradeRing *ring, uint32_t a, uint32_t b) {
    int64_t id = ring->ids[a];
    ring->ids[a] = ring->ids[b];
    ring->ids[b] = id;
}

static void sink(TradeRing *ring, uint32_t at) {
    for (;;) {
        uint32_t least = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < ring->count && ring->ids[child] < ring->ids[least]) least = child;
        if (least == at) return;
        swap(ring, at, least);
        at = least;
    }
}

static void rise(TradeRing *ring, uint32_t at) {
    for (; at > 0 && ring->ids[at] < ring->ids[(at - 1) / 2]; at = (at - 1) / 2)
        swap(ring, at, (at - 1) / 2);
}

bool trade_ring_add(TradeRing *ring, int64_t id) {
    if (trade_ring_has(ring, id)) return false;
    if (ring->count == TRADE_RING_MAX) {
        ring->left = ring->ids[0];
        ring->ids[0] = ring->ids[--ring->count];
        sink(ring, 0);
    }
    ring->ids[ring->count++] = id;
    rise(ring, ring->count - 1);
    return true;
}
