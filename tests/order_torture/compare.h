/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program has on record against what the venue says: orders, fills, position. A Compare
 * hears the program's messages (to know when nothing is open any more) and holds what it reads of
 * both sides; a plain value.
 */
#ifndef ORDER_TORTURE_COMPARE_H
#define ORDER_TORTURE_COMPARE_H

#include "shell/drivers/engine.h"
#include "shell/drivers/venue_binance.h"

enum { COMPARE_ROWS = 1000 };

typedef struct VenueRow {
    char client_id[64], status[32], side[8];
    int64_t id, order_id; /* of the trade; of the order */
    int64_t quantity, executed, price, fee;
    char fee_asset[16];
    bool is_buyer;
} VenueRow;

typedef struct Compare {
    /* heard */
    VenueState venue;
    char orders[256][40]; /* not ended, not resting */
    unsigned order_count;
    /* read */
    VenueRow venue_orders[COMPARE_ROWS], trades[COMPARE_ROWS];
    unsigned venue_order_count, trade_count;
    Fill fills[COMPARE_ROWS];
    unsigned fill_count;
    OrderRecord records[COMPARE_ROWS];
    unsigned record_count;
    int64_t position; /* on record, at 1e-8 */
    unsigned differences;
} Compare;

void compare_hear(Compare *compare, const Message *message);
/* The venue is ready, no fate is unknown, and every order has ended or rests. */
bool compare_is_settled(const Compare *compare);
/* Why it is not, on standard error. */
void compare_explain(const Compare *compare);
/* Prints each difference on standard error; true: none. */
bool compare_with_venue(Compare *compare, Store *store, const VenueBinancePlan *plan, Error *error);

#endif
