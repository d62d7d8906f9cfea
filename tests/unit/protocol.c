/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order protocol from start to end on a quiet venue: reconciliation before the first order,
 * entries, protections, fills by every channel, moves of the stop, cancels.
 */
#include "protocol_stage.h"

#include "core/services/binance_venue.h"

extern const Service service_binance_venue;
const Service *const service_table[] = {&service_binance_venue};
const unsigned service_count = 1;

static int begin(void **state) {
    (void)state;
    stage_begin(service_table, service_count);
    return 0;
}

static int end(void **state) {
    (void)state;
    stage_end();
    return 0;
}

static void test_ready_after_everything_was_asked(void **state) {
    (void)state;
    print_message("%s: %s\n", VenueCondition_text(stage.state.condition), stage.state.text);
    assert_int_equal(stage.state.condition, VENUE_READY);
    assert_true(stage.opening.amount.units == 10000 * (__int128)UNIT);
    assert_int_equal(stage.request_count, 0);
}

/* ---- a quiet venue --------------------------------------------------------------------------- */

static char body[30000];

/* An entry of 0.2 at 100, filled in two pieces that the answer tells. */
static BookOrder *bought(const char *order_id) {
    stage_order(order_id, ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    const VenueRequest *request = stage_last();
    BookOrder *order = stage_book_add(request, "newClientOrderId", "MARKET", "FILLED", 11);
    stage_book_trade(order, 101, 50, 10000);
    stage_book_trade(order, 102, 150, 10001);
    stage_full_json(order, body, sizeof body);
    stage_answer(request->id, OUTCOME_ANSWERED, 200, body);
    return order;
}

static void test_an_entry_is_sent_once_and_booked_by_trade(void **state) {
    (void)state;
    bought("o-1");
    const VenueRequest *request = stage_last();
    print_message("%s?%s\n", request->path, request->parameters);
    assert_int_equal(stage.request_count, 1);
    assert_string_equal(request->method, "POST");
    assert_string_equal(request->path, "/api/v3/order");
    assert_string_equal(stage_parameter(request, "type"), "MARKET");
    assert_string_equal(stage_parameter(request, "quantity"), "0.2");
    assert_string_equal(stage_parameter(request, "newOrderRespType"), "FULL");
    assert_true(request->changes && request->needs_signature);
    assert_int_equal(stage.report_count, 2);
    assert_int_equal(stage.reports[0].state, ORDER_PARTIALLY_FILLED);
    assert_int_equal(stage.reports[0].trade_id, 101);
    assert_int_equal(stage.reports[1].state, ORDER_FILLED);
    assert_int_equal(stage.reports[1].quantity.units, 150 * UNIT / 1000);
    assert_string_equal(stage.reports[1].fee_asset, "BTC");
    stage_pass(INSTANT_MINUTE_US);
    assert_int_equal(stage.report_count, 2);
    assert_int_equal(stage.errors, 0);
}

/* The way of an order is gone for nobody: it reads the state, and what it makes is the venue's test
 * of an order under a number that no request has. */
static void test_a_rehearsal_changes_nothing(void **state) {
    size_t size;
    VenueRequest request;
    (void)state;
    const void *venue = kernel_service_state(stage.kernel, "binance_venue");
    bought("o-1");
    uint8_t *block = kernel_state(stage.kernel, &size), *before = malloc(size);
    memcpy(before, block, size);
    assert_true(binance_venue_rehearse(venue, stage.now_us, &request));
    assert_memory_equal(block, before, size);
    free(before);
    assert_int_equal(request.id, 0);
    assert_string_equal(request.path, "/api/v3/order/test");
    assert_string_equal(request.method, "POST");
    assert_true(request.changes && request.needs_signature);
    assert_string_equal(stage_parameter(&request, "quantity"), "0.001");
    assert_int_equal(stage.request_count, 1);
}

static void test_nothing_is_rehearsed_before_it_is_known(void **state) {
    const Service *service = service_find("binance_venue");
    VenueRequest request;
    (void)state;
    for (int active = 0; active < 2; active++) {
        Settings settings = stage.settings;
        if (!active) strcpy(settings.venue.name, "paper");
        void *fresh = calloc(1, service->state_size(&settings));
        service->init(fresh, &settings);
        assert_false(binance_venue_rehearse(fresh, stage.now_us, &request));
        free(fresh);
    }
}

static void test_events_and_lists_book_nothing_again(void **state) {
    (void)state;
    BookOrder *order = bought("o-1");
    stage_event(order, "TRADE", &stage.book.trades[1]);
    stage_event(order, "TRADE", &stage.book.trades[0]);
    stage_link(LINK_USER_UP); /* a gap: everything is asked again */
    stage_pass(INSTANT_MINUTE_US);
    assert_int_equal(stage.report_count, 2);
    assert_int_equal(stage.state.condition, VENUE_READY);
}

static void test_the_stream_may_be_faster_than_the_answer(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    VenueRequest request = *stage_last();
    BookOrder *order =
        stage_book_add(&request, "newClientOrderId", "MARKET", "PARTIALLY_FILLED", 11);
    stage_event(order, "NEW", NULL);
    stage_event(order, "TRADE", stage_book_trade(order, 101, 50, 10000));
    order->status = "FILLED";
    stage_event(order, "TRADE", stage_book_trade(order, 102, 150, 10001));
    assert_int_equal(stage_report()->state, ORDER_FILLED);
    unsigned told = stage.report_count;
    stage_full_json(order, body, sizeof body);
    stage_answer(request.id, OUTCOME_ANSWERED, 200, body);
    assert_int_equal(stage.report_count, told);
    assert_int_equal(stage.errors, 0);
}

/* Refused, with nothing sent twice and nothing in doubt. */
static void test_a_definite_no_is_a_rejection(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    stage_answer(stage_last()->id, OUTCOME_ANSWERED, 400,
                 "{\"code\":-2010,\"msg\":\"Account has insufficient balance for requested "
                 "action.\"}");
    assert_int_equal(stage_report()->state, ORDER_REJECTED);
    assert_false(stage_report()->retry_helps);
    stage_order("o-2", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    stage_answer(stage_last()->id, OUTCOME_NOT_SENT, 0, "connection refused");
    assert_int_equal(stage_report()->state, ORDER_REJECTED);
    assert_true(stage_report()->retry_helps);
    stage_pass(INSTANT_MINUTE_US);
    assert_int_equal(stage.request_count, 2);
}

/* ---- an unknown fate ------------------------------------------------------------------------- */

static void test_a_lost_answer_is_unknown_until_the_order_is_seen(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    VenueRequest request = *stage_last();
    stage_answer(request.id, OUTCOME_LOST, 0, "timeout");
    assert_int_equal(stage_report()->state, ORDER_UNKNOWN);
    assert_int_equal(stage.state.condition, VENUE_FROZEN);
    assert_int_equal(stage.state.unknown_orders, 1);
    BookOrder *order = stage_book_add(&request, "newClientOrderId", "MARKET", "FILLED", 11);
    stage_book_trade(order, 101, 200, 10000);
    stage_pass(5 * INSTANT_SECOND_US);
    assert_int_equal(stage_report()->state, ORDER_FILLED);
    assert_int_equal(stage_report()->trade_id, 101);
    assert_int_equal(stage.request_count, 1);
    stage_pass(5 * INSTANT_SECOND_US);
    assert_int_equal(stage.state.condition, VENUE_READY);
}

static void test_never_arrived_needs_the_window_and_four_sources(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    int64_t sent_us = stage.now_us;
    stage_answer(stage_last()->id, OUTCOME_LOST, 0, "timeout");
    stage_pass(15 * INSTANT_SECOND_US);
    assert_int_equal(stage_report()->state, ORDER_UNKNOWN);
    stage_pass(5 * INSTANT_SECOND_US);
    assert_int_equal(stage_report()->state, ORDER_NEVER_ARRIVED);
    assert_true(stage.now_us - sent_us > 16 * INSTANT_SECOND_US);
    assert_int_equal(stage.request_count, 1);
    stage_pass(INSTANT_SECOND_US);
    assert_int_equal(stage.state.condition, VENUE_READY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ready_after_everything_was_asked, begin, end),
        cmocka_unit_test_setup_teardown(test_an_entry_is_sent_once_and_booked_by_trade, begin, end),
        cmocka_unit_test_setup_teardown(test_a_rehearsal_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing_is_rehearsed_before_it_is_known, begin, end),
        cmocka_unit_test_setup_teardown(test_events_and_lists_book_nothing_again, begin, end),
        cmocka_unit_test_setup_teardown(test_the_stream_may_be_faster_than_the_answer, begin, end),
        cmocka_unit_test_setup_teardown(test_a_definite_no_is_a_rejection, begin, end),
        cmocka_unit_test_setup_teardown(test_a_lost_answer_is_unknown_until_the_order_is_seen,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_never_arrived_needs_the_window_and_four_sources, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
