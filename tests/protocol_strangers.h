/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of reconciliation: the venue's service alone on its stage, begun and ended for each
 * test, and orders in the book that this process did not ask for. One stage a program.
 */
#ifndef TESTS_PROTOCOL_STRANGERS_H
#define TESTS_PROTOCOL_STRANGERS_H

#include "protocol_venue.h"

extern const Service service_binance_venue;
const Service *const service_table[] = {&service_binance_venue};
const unsigned service_count = 1;

static inline int begin(void **state) {
    (void)state;
    stage_begin(service_table, service_count);
    assert_int_equal(stage.state.condition, VENUE_READY);
    return 0;
}

static inline int end(void **state) {
    (void)state;
    stage_end();
    return 0;
}

static inline unsigned deletes(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < stage.request_count; i++)
        count += strcmp(stage.requests[i].method, "DELETE") == 0;
    return count;
}

/* An order in the book that this process did not ask for. */
static inline BookOrder *stranger(const char *client_id, const char *status) {
    BookOrder *order = &stage.book.orders[stage.book.order_count++];
    *order = (BookOrder){.id = ++venue_ids,
                         .status = status,
                         .side = "SELL",
                         .type = "LIMIT",
                         .quantity = UNIT,
                         .list_id = -1};
    stage_copy(order->client_id, sizeof order->client_id, client_id);
    return order;
}

#endif
