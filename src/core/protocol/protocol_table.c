/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of tracked orders (protocol_parts.h). Most of its places hold orders that are over and
 * only remembered; a walk at every step of an entry must not read all of them. So each place has a
 * bit that is set whenever its order is found by anyone who may change it, and cleared at the end
 * of a step that leaves it at rest: no leg of it can move, nothing is asked about it, and no walk
 * would do anything with it. Numbers stand side by side, so that a search reads few lines of
 * memory.
 */
#include <string.h>

#include "core/market/order.h"
#include "core/protocol/protocol_parts.h"

static void wake(Protocol *protocol, unsigned place) {
    protocol->moving[place / MOVING_BITS] |= 1ULL << place % MOVING_BITS;
}

unsigned table_next(const Protocol *protocol, unsigned from) {
    for (unsigned word = from / MOVING_BITS; word < PROTOCOL_ORDERS / MOVING_BITS; word++) {
        uint64_t left = protocol->moving[word];
        if (word == from / MOVING_BITS) left &= ~0ULL << from % MOVING_BITS;
        if (left) return word * MOVING_BITS + (unsigned)__builtin_ctzll(left);
    }
    return PROTOCOL_ORDERS;
}

/* ---- looking up ------------------------------------------------------------------------------ */

unsigned table_find(const Protocol *protocol, int64_t number) {
    unsigned at = 0;
    while (at < protocol->order_count && protocol->numbers[at] != number)
        at++;
    return at < protocol->order_count ? at : PROTOCOL_ORDERS;
}

TrackedOrder *protocol_order_by_number(Protocol *protocol, int64_t number) {
    unsigned at = table_find(protocol, number);
    if (at == PROTOCOL_ORDERS) return NULL;
    wake(protocol, at);
    return &protocol->orders[at];
}

TrackedOrder *protocol_order(Protocol *protocol, const char *order_id) {
    TrackedOrder *order = protocol_order_by_number(protocol, client_order_number(order_id));
    return order && strcmp(order->order_id, order_id) == 0 ? order : NULL;
}

TrackedOrder *protocol_order_of(Protocol *protocol, const Flight *flight) {
    TrackedOrder *order = &protocol->orders[flight->place];
    if (order->number != flight->number) return NULL;
    wake(protocol, flight->place);
    return order;
}

Leg *protocol_leg_by_id(Protocol *protocol, unsigned symbol, int64_t venue_id,
                        TrackedOrder **order) {
    for (unsigned i = 0; venue_id > 0 && i < protocol->order_count; i++) {
        *order = &protocol->orders[i];
        if ((*order)->symbol != symbol) continue;
        for (unsigned j = 0; j < TRACKED_LEGS; j++) {
            Leg *leg = &(*order)->legs[j];
            if (leg->state == LEG_FREE || leg->venue_id != venue_id) continue;
            wake(protocol, i);
            return leg;
        }
    }
    *order = NULL;
    return NULL;
}

/* ---- places ---------------------------------------------------------------------------------- */

static bool is_moving(const Protocol *protocol, unsigned place) {
    return protocol->moving[place / MOVING_BITS] >> place % MOVING_BITS & 1;
}

/* The place of the order which has been over for longest. */
static TrackedOrder *oldest_over(Protocol *protocol) {
    TrackedOrder *oldest = NULL;
    int64_t oldest_us = 0;
    for (unsigned i = 0; i < PROTOCOL_ORDERS; i++) {
        TrackedOrder *order = &protocol->orders[i];
        bool moves = is_moving(protocol, i);
        if (moves && (!order_is_terminal(order->told) || !tracked_is_over(order))) continue;
        int64_t over_us = moves ? order->over_us : protocol->over_us[i];
        if (oldest && over_us >= oldest_us) continue;
        oldest = order;
        oldest_us = over_us;
    }
    return oldest;
}

TrackedOrder *protocol_order_place(Protocol *protocol) {
    if (protocol->order_count < PROTOCOL_ORDERS) return &protocol->orders[protocol->order_count];
    return oldest_over(protocol);
}

void protocol_order_put(Protocol *protocol, TrackedOrder *place, const TrackedOrder *order) {
    unsigned at = (unsigned)(place - protocol->orders);
    CHECK(order->number > 0, "an order without a number is not tracked");
    if (at == protocol->order_count) protocol->order_count++;
    *place = *order;
    protocol->numbers[at] = order->number;
    wake(protocol, at);
}

/* ---- rest ------------------------------------------------------------------------------------ */

static bool is_asked(const Question *question) {
    return question->wanted || question->asking;
}

static bool is_at_rest(const TrackedOrder *order) {
    if (!order_is_terminal(order->told) || order->held || !tracked_is_over(order)) return false;
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        const Leg *leg = &order->legs[i];
        if (is_asked(&leg->query) || is_asked(&leg->trades)) return false;
        if (leg->booked.units < leg->executed.units) return false;
    }
    return true;
}

void table_settle(Protocol *protocol) {
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        if (!is_at_rest(&protocol->orders[i])) continue;
        protocol->moving[i / MOVING_BITS] &= ~(1ULL << i % MOVING_BITS);
        protocol->over_us[i] = protocol->orders[i].over_us;
    }
}
