/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small venue over the stage's book: it carries a request out and writes the answer that the real
 * one would give, so that a test can carry it out and lose the answer, or give the answer and not
 * carry it out. Market orders trade at once, in two pieces; the rest waits until the test lets it
 * trade.
 */
#ifndef TESTS_PROTOCOL_VENUE_H
#define TESTS_PROTOCOL_VENUE_H

#include "protocol_stage.h"

static int64_t venue_ids = 1000, venue_trades = 5000;
static char venue_body[30000];

/* Fee of a thousandth in what is received; a pair of pieces so that one of two may be lost. */
static inline void venue_fill_market(BookOrder *order) {
    int64_t milli = order->quantity / (UNIT / 1000), first = milli / 3;
    if (first > 0) stage_book_trade(order, ++venue_trades, first, 10000);
    stage_book_trade(order, ++venue_trades, milli - first, 10001);
    order->status = "FILLED";
}

static inline void venue_place(const VenueRequest *request) {
    char type[40];
    stage_copy(type, sizeof type, stage_parameter(request, "type"));
    bool market = strcmp(type, "MARKET") == 0;
    BookOrder *order = stage_book_add(request, "newClientOrderId", market ? "MARKET" : "STOP_LOSS",
                                      "NEW", ++venue_ids);
    if (market) venue_fill_market(order);
    stage_full_json(order, venue_body, sizeof venue_body);
}

static inline void venue_list_json(const BookOrder *const *legs, unsigned count,
                                   const char *state) {
    char one[2][6000];
    for (unsigned i = 0; i < count; i++)
        stage_full_json(legs[i], one[i], sizeof one[i]);
    size_t length = (size_t)snprintf(
        venue_body, sizeof venue_body,
        "{\"orderListId\":%lld,\"contingencyType\":\"OCO\",\"listStatusType\":\"%s\","
        "\"listOrderStatus\":\"%s\",\"listClientOrderId\":\"list\",\"transactionTime\":%lld,"
        "\"symbol\":\"BTCUSDC\",\"orders\":[",
        (long long)legs[0]->list_id, strcmp(state, "ALL_DONE") == 0 ? state : "EXEC_STARTED", state,
        (long long)(stage.now_us / 1000));
    for (unsigned i = 0; i < count; i++)
        length +=
            (size_t)snprintf(venue_body + length, sizeof venue_body - length,
                             "%s{\"symbol\":\"BTCUSDC\",\"orderId\":%lld,\"clientOrderId\":\"%s\"}",
                             i ? "," : "", (long long)legs[i]->id, legs[i]->client_id);
    length +=
        (size_t)snprintf(venue_body + length, sizeof venue_body - length, "],\"orderReports\":[");
    for (unsigned i = 0; i < count; i++)
        length += (size_t)snprintf(venue_body + length, sizeof venue_body - length, "%s%s",
                                   i ? "," : "", one[i]);
    snprintf(venue_body + length, sizeof venue_body - length, "]}");
}

static inline void venue_oco(const VenueRequest *request) {
    BookOrder *above =
        stage_book_add(request, "aboveClientOrderId", "LIMIT_MAKER", "NEW", ++venue_ids);
    BookOrder *below =
        stage_book_add(request, "belowClientOrderId", "STOP_LOSS", "NEW", ++venue_ids);
    above->list_id = below->list_id = 77;
    const BookOrder *legs[] = {above, below};
    venue_list_json(legs, 2, "EXECUTING");
}

/* Ends an order that rests, and with it those of its list. The count. */
static inline unsigned venue_end(BookOrder *order, const BookOrder *ended[2]) {
    unsigned count = 0;
    for (unsigned i = 0; i < stage.book.order_count; i++) {
        BookOrder *other = &stage.book.orders[i];
        bool listed = order->list_id >= 0 && other->list_id == order->list_id;
        if (!stage_rests(other) || (other != order && !listed)) continue;
        other->status = "CANCELED";
        ended[count++] = other;
    }
    return count;
}

static inline BookOrder *venue_find_list(void) {
    for (unsigned i = 0; i < stage.book.order_count; i++)
        if (stage.book.orders[i].list_id == 77 && stage_rests(&stage.book.orders[i]))
            return &stage.book.orders[i];
    return NULL;
}

/* False: there is nothing to cancel. */
static inline bool venue_cancel(const VenueRequest *request) {
    const BookOrder *ended[2];
    bool list = strstr(request->path, "orderList") != NULL;
    const char *client = stage_parameter(request, "origClientOrderId");
    BookOrder *order =
        list ? venue_find_list()
             : stage_book_find(client, client ? 0 : atoll(stage_parameter(request, "orderId")));
    if (!order || !stage_rests(order)) {
        snprintf(venue_body, sizeof venue_body, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
        return false;
    }
    unsigned count = venue_end(order, ended);
    if (count > 1)
        venue_list_json(ended, count, "ALL_DONE");
    else
        stage_full_json(order, venue_body, sizeof venue_body);
    return true;
}

static inline bool venue_replace(const VenueRequest *request) {
    char one[6000], two[6000];
    const BookOrder *ended[2];
    BookOrder *old = stage_book_find(stage_parameter(request, "cancelOrigClientOrderId"), 0);
    if (!old || !stage_rests(old)) {
        snprintf(venue_body, sizeof venue_body,
                 "{\"code\":-2022,\"msg\":\"Order cancel-replace failed.\",\"data\":{"
                 "\"cancelResult\":\"FAILURE\",\"newOrderResult\":\"NOT_ATTEMPTED\","
                 "\"cancelResponse\":{\"code\":-2011,\"msg\":\"Unknown order sent.\"},"
                 "\"newOrderResponse\":null}}");
        return false;
    }
    (void)venue_end(old, ended);
    BookOrder *order = stage_book_add(request, "newClientOrderId", "STOP_LOSS", "NEW", ++venue_ids);
    stage_full_json(old, one, sizeof one);
    stage_full_json(order, two, sizeof two);
    snprintf(venue_body, sizeof venue_body,
             "{\"cancelResult\":\"SUCCESS\",\"newOrderResult\":\"SUCCESS\",\"cancelResponse\":%s,"
             "\"newOrderResponse\":%s}",
             one, two);
    return true;
}

/* Carries it out; the status of the answer, whose text is venue_body. */
static inline int venue_carry_out(const VenueRequest *request) {
    if (strcmp(request->method, "DELETE") == 0) return venue_cancel(request) ? 200 : 400;
    if (strstr(request->path, "cancelReplace")) return venue_replace(request) ? 200 : 400;
    if (strstr(request->path, "oco"))
        venue_oco(request);
    else
        venue_place(request);
    return 200;
}

/* Carries out and answers everything that changes something from request `from` on, until nothing
 * new comes. The count that was dealt with. */
static inline unsigned venue_serve(unsigned from) {
    while (from < stage.request_count) {
        VenueRequest request = stage.requests[from++ % KEPT];
        int status = venue_carry_out(&request);
        stage_answer(request.id, OUTCOME_ANSWERED, status, venue_body);
    }
    return from;
}

/* A protection of 0.2 with its target at 104 and its stop at 98 rests. */
static inline void venue_protected(const char *order_id) {
    unsigned from = stage.request_count;
    stage_order(order_id, ORDER_ACTION_PROTECT, SIDE_SELL, 200, 9800, 10400);
    venue_serve(from);
    assert_int_equal(stage_report()->state, ORDER_ACKED);
}

#endif
