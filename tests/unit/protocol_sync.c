/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reconciliation: what a restart, a gap of the stream, another instance, an older copy of the state
 * and strangers on the account do, and what is said by a venue that contradicts itself.
 */
#include "protocol_strangers.h"

static void ours(const char *instance, const char *order_id, char name[static 40]) {
    ClientId id;
    ClientFacts facts = {.account = "acct",
                         .instance = instance,
                         .order_id = order_id,
                         .signal_id = "s-1",
                         .leg = LEG_STOP};
    assert_true(client_name_make(&facts, &id));
    snprintf(name, 40, "%s", id.text);
}

static void reconcile(void) {
    stage_link(LINK_USER_UP);
    stage_pass(INSTANT_SECOND_US);
}

/* ---- starts -------------------------------------------------------------------------------- */

static void test_a_restart_loses_what_was_on_its_way(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    VenueRequest request = *stage_last();
    venue_carry_out(&request);
    stage_link(LINK_RESTARTED);
    assert_int_equal(stage.reports[0].state, ORDER_UNKNOWN);
    stage_pass(5 * INSTANT_SECOND_US);
    assert_int_equal(stage_report()->state, ORDER_FILLED);
    assert_int_equal(stage.request_count, 1);
    stage_answer(request.id, OUTCOME_LOST, 0, "late"); /* of the old process */
    assert_int_equal(stage_report()->state, ORDER_FILLED);
}

static void test_a_restart_asks_before_it_is_ready(void **state) {
    (void)state;
    venue_protected("o-1");
    BookOrder *stop = &stage.book.orders[1];
    stage_book_trade(stop, ++venue_trades, 200, 9800); /* while nobody listened */
    stop->status = "FILLED";
    stage.book.orders[0].status = "EXPIRED";
    stage.mute = true;
    stage_link(LINK_RESTARTED);
    assert_int_equal(stage.state.condition, VENUE_RECONCILING);
    stage_order("o-2", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    assert_int_equal(stage.request_count, 1); /* the entry waits */
    stage.mute = false;
    stage.held_count = 0;
    stage_link(LINK_RESTARTED);
    stage_pass(5 * INSTANT_SECOND_US);
    assert_int_equal(stage.state.condition, VENUE_READY);
    bool told = false;
    for (unsigned i = 0; i < stage.report_count; i++)
        told |=
            stage.reports[i].state == ORDER_FILLED && stage.reports[i].reason == REASON_STOP_LOSS;
    assert_true(told);
    assert_string_equal(stage_last()->order_id, "o-2");
}

static void test_an_entry_that_waited_too_long_is_refused(void **state) {
    (void)state;
    stage.mute = true;
    stage_link(LINK_RESTARTED);
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    stage_pass(3 * INSTANT_MINUTE_US);
    assert_int_equal(stage.request_count, 0);
    assert_int_equal(stage_report()->state, ORDER_REJECTED);
    assert_false(stage_report()->retry_helps);
}

static void test_another_account_is_refused_for_good(void **state) {
    (void)state;
    stage_identity("other", "abcdefgh");
    assert_int_equal(stage.state.condition, VENUE_REFUSED);
    unsigned asked = stage.questions;
    reconcile();
    assert_int_equal(stage.questions, asked);
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_SELL, 200, 0, 0);
    assert_int_equal(stage_report()->state, ORDER_REJECTED);
    assert_int_equal(stage.request_count, 0);
}

/* ---- who else is there --------------------------------------------------------------------- */

static void test_strangers_are_counted_and_left_alone(void **state) {
    (void)state;
    stranger("web_1234567890", "NEW");
    stranger("tr-not-in-our-form", "NEW");
    reconcile();
    assert_int_equal(stage.state.condition, VENUE_READY);
    assert_int_equal(stage.state.foreign_orders, 2);
    assert_int_equal(stage.request_count, 0);
}

static void test_another_instance_is_refused_by_name_until_it_goes(void **state) {
    (void)state;
    char name[40];
    ours("zzzzzzzz", "o-1", name);
    BookOrder *order = stranger(name, "NEW");
    reconcile();
    assert_int_equal(stage.state.condition, VENUE_REFUSED);
    assert_non_null(strstr(stage.state.text, "zzzzzzzz"));
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    assert_int_equal(stage.request_count, 0);
    order->status = "CANCELED";
    reconcile();
    assert_int_equal(stage.state.condition, VENUE_READY);
}

static void test_a_number_never_given_is_a_copy_of_an_older_state(void **state) {
    (void)state;
    char name[40];
    ours("abcdefgh", "o-17", name);
    BookOrder *order = stranger(name, "NEW");
    reconcile();
    assert_int_equal(stage.state.condition, VENUE_REFUSED);
    order->status = "CANCELED";
    reconcile();
    stage_pass(INSTANT_HOUR_US);
    assert_int_equal(stage.state.condition, VENUE_REFUSED);
}

static void test_a_number_never_given_is_seen_in_trades_too(void **state) {
    (void)state;
    char name[40];
    ours("abcdefgh", "o-17", name);
    stage_book_trade(stranger(name, "FILLED"), ++venue_trades, 100, 10000);
    reconcile();
    assert_int_equal(stage.state.condition, VENUE_REFUSED);
}

/* Seed 7255 of the simulation: the state that placed the order is lost, nothing of ours rests any
 * more, and of all that it did the new state's first look shows the newest trade alone. */
static void test_the_newest_trade_of_a_lost_state_is_known(void **state) {
    static const char *const owners[] = {"abcdefgh", "zzzzzzzz"};
    char name[40];
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        stage_prepare();
        ours(owners[i], "o-7", name);
        BookOrder *order = stranger(name, "FILLED");
        order->type = "STOP_LOSS";
        stage_book_trade(order, ++venue_trades, 1000, 9800);
        stage_open(service_table, service_count);
        stage_pass(INSTANT_MINUTE_US);
        assert_int_equal(stage.state.condition, i == 0 ? VENUE_REFUSED : VENUE_READY);
        stage_end();
    }
}

static void test_an_order_believed_over_that_rests_is_cancelled(void **state) {
    (void)state;
    venue_protected("o-1");
    stage_order("o-1", ORDER_ACTION_CANCEL, SIDE_SELL, 200, 0, 0);
    unsigned from = stage.request_count - 1;
    venue_serve(from);
    assert_int_equal(stage_report()->state, ORDER_CANCELED);
    stage.book.orders[1].status = "NEW"; /* the venue lied */
    unsigned before = deletes();
    stage_pass(INSTANT_SECOND_US);
    reconcile();
    assert_int_equal(deletes(), before + 1);
    assert_string_equal(stage_last()->purpose, "cancel orphan");
    venue_serve(stage.request_count - 1);
    assert_false(stage_rests(&stage.book.orders[1]));
}

static void test_trades_of_strangers_are_asked_for_once(void **state) {
    (void)state;
    BookOrder *order = stranger("web_1", "FILLED");
    stage_book_trade(order, ++venue_trades, 100, 10000);
    stage_book_trade(order, ++venue_trades, 100, 10000);
    reconcile();
    assert_int_equal(stage.report_count, 0);
    assert_int_equal(stage.state.condition, VENUE_READY);
}

/* ---- never arrived ------------------------------------------------------------------------- */

static void test_after_a_gap_the_whole_round_is_made_twice(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    stage_answer(stage_last()->id, OUTCOME_LOST, 0, "timeout");
    stage_link(LINK_USER_DOWN);
    stage_link(LINK_USER_UP);
    stage_pass(25 * INSTANT_SECOND_US);
    assert_int_equal(stage_report()->state, ORDER_UNKNOWN);
    stage_pass(25 * INSTANT_SECOND_US);
    assert_int_equal(stage_report()->state, ORDER_NEVER_ARRIVED);
}

static void test_a_failed_question_never_changes_a_state(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    stage_answer(stage_last()->id, OUTCOME_LOST, 0, "timeout");
    stage.failing = "{\"code\":-1000,\"msg\":\"An unknown error occurred.\"}";
    stage_pass(INSTANT_HOUR_US);
    assert_int_equal(stage_report()->state, ORDER_UNKNOWN);
    assert_true(stage.questions < 3 * 125 + 100); /* every 30 s at most, each of three */
    stage.failing = NULL;
    stage_pass(2 * INSTANT_MINUTE_US);
    assert_int_equal(stage_report()->state, ORDER_NEVER_ARRIVED);
}

/* ---- a cold start -------------------------------------------------------------------------- */

static void restore(const char *order_id, OrderAction action, int64_t filled_milli) {
    OrderRecord record = {.symbol = "BTCUSDC",
                          .action = action,
                          .side = action == ORDER_ACTION_PROTECT ? SIDE_SELL : SIDE_BUY,
                          .state = ORDER_ACKED,
                          .quantity = quantity_of(200 * (UNIT / 1000)),
                          .filled = quantity_of(filled_milli * (UNIT / 1000)),
                          .stop_price = price_of(98 * UNIT),
                          .target_price = price_of(104 * UNIT),
                          .signal_id = "s-1",
                          .created = stage.now_us,
                          .updated = stage.now_us};
    snprintf(record.order_id, sizeof record.order_id, "%s", order_id);
    if (action == ORDER_ACTION_MARKET) record.stop_price = record.target_price = price_of(0);
    stage_say(TOPIC_RESTORED_ORDERS, &record);
}

/* A new kernel over the same venue, as after another version was installed. */
static void start_cold(void) {
    StageBook book = stage.book;
    int64_t now = stage.now_us;
    stage_end();
    memset(&stage, 0, sizeof stage);
    settings_presets(&stage.settings);
    strcpy(stage.settings.venue.name, "binance");
    stage.status = "TRADING";
    stage.types = "\"LIMIT\",\"MARKET\",\"STOP_LOSS\",\"LIMIT_MAKER\"";
    stage.book = book;
    stage.now_us = now;
    stage_kernel(service_table, service_count);
    SymbolFilters filters = {.symbol = "BTCUSDC",
                             .base_asset = "BTC",
                             .quote_asset = "USDC",
                             .tick_size = price_of(UNIT / 100),
                             .step_size = quantity_of(UNIT / 1000)};
    stage_say(TOPIC_SYMBOL_FILTERS, &filters);
}

static void connect_cold(void) {
    VenueClock clock = {.uncertainty_us = 10000};
    stage_identity("acct", "abcdefgh");
    stage_say(TOPIC_VENUE_CLOCKS, &clock);
    stage_link(LINK_RESTARTED);
    stage_link(LINK_USER_UP);
    stage_pass(INSTANT_MINUTE_US);
}

static void test_a_cold_start_books_only_what_is_not_on_record(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    VenueRequest request = *stage_last();
    venue_carry_out(&request); /* 0.066 and 0.134 */
    start_cold();
    restore("o-1", ORDER_ACTION_MARKET, 66);
    connect_cold();
    assert_int_equal(stage.request_count, 0);
    int64_t sum = 0;
    for (unsigned i = 0; i < stage.report_count; i++)
        sum += stage.reports[i].quantity.units;
    assert_int_equal(sum, 134 * (UNIT / 1000));
    assert_int_equal(stage_report()->state, ORDER_FILLED);
    assert_int_equal(stage_report()->quantity.units, 134 * (UNIT / 1000));
    assert_int_equal(stage.state.condition, VENUE_READY);
}

static void test_a_cold_start_finds_a_protection_that_had_moved(void **state) {
    (void)state;
    venue_protected("o-1");
    stage_order("o-1", ORDER_ACTION_MOVE_STOP, SIDE_SELL, 200, 9900, 0);
    venue_serve(stage.request_count - 1);
    start_cold();
    restore("o-1", ORDER_ACTION_PROTECT, 0);
    connect_cold();
    assert_int_equal(stage_report()->state, ORDER_ACKED);
    assert_int_equal(stage.state.open_orders, 1);
    stage_order("o-1", ORDER_ACTION_CANCEL, SIDE_SELL, 200, 0, 0);
    venue_serve(stage.request_count - 1);
    stage_pass(INSTANT_MINUTE_US);
    assert_int_equal(stage_report()->state, ORDER_CANCELED);
}

static void test_a_cold_start_proves_what_never_left(void **state) {
    (void)state;
    start_cold();
    restore("o-1", ORDER_ACTION_MARKET, 0);
    connect_cold();
    assert_int_equal(stage_report()->state, ORDER_NEVER_ARRIVED);
}

/* ---- a lying venue ------------------------------------------------------------------------- */

static void test_more_traded_than_ordered_freezes_everything(void **state) {
    (void)state;
    venue_protected("o-1");
    BookOrder *stop = &stage.book.orders[1];
    stage_event(stop, "TRADE", stage_book_trade(stop, ++venue_trades, 150, 9800));
    assert_int_equal(stage_report()->state, ORDER_PARTIALLY_FILLED);
    BookOrder *target = &stage.book.orders[0];
    stage.mute = true;
    stage_event(target, "TRADE", stage_book_trade(target, ++venue_trades, 150, 10400));
    assert_int_equal(stage.state.condition, VENUE_FROZEN);
    assert_true(stage.state.all_frozen);
    int64_t sum = 0;
    for (unsigned i = 0; i < stage.report_count; i++)
        sum += stage.reports[i].quantity.units;
    assert_true(sum <= 200 * (UNIT / 1000));
}

static void test_events_in_any_order_and_twice_book_once(void **state) {
    (void)state;
    venue_protected("o-1");
    BookOrder *stop = &stage.book.orders[1], then;
    BookTrade trades[4];
    for (unsigned i = 0; i < 4; i++)
        trades[i] = *stage_book_trade(stop, ++venue_trades, 50, 9800);
    static const unsigned order[] = {2, 0, 2, 3, 1, 0};
    for (unsigned i = 0; i < 6; i++) {
        then = *stop;
        then.executed = (order[i] + 1) * 50 * (UNIT / 1000);
        then.status = order[i] == 3 ? "FILLED" : "PARTIALLY_FILLED";
        stage_event(&then, "TRADE", &trades[order[i]]);
    }
    stop->status = "FILLED";
    stage.book.orders[0].status = "EXPIRED";
    stage_pass(INSTANT_SECOND_US);
    int64_t sum = 0;
    for (unsigned i = 0; i < stage.report_count; i++)
        sum += stage.reports[i].quantity.units;
    assert_int_equal(sum, 200 * (UNIT / 1000));
    assert_int_equal(stage_report()->state, ORDER_FILLED);
    assert_int_equal(stage.errors, 0);
}

/* 250 trades that only the list tells: three pages, from the first on. */
static void test_many_trades_are_listed_page_by_page(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_PROTECT, SIDE_SELL, 250, 9800, 10400);
    venue_serve(stage.request_count - 1);
    BookOrder *stop = &stage.book.orders[1];
    for (unsigned i = 0; i < 250; i++)
        stage_book_trade(stop, ++venue_trades, 1, 9800);
    stop->status = "FILLED";
    stage.book.orders[0].status = "EXPIRED";
    stage_event(stop, "TRADE", &stage.book.trades[249]);
    stage_pass(5 * INSTANT_SECOND_US);
    assert_int_equal(stage_report()->state, ORDER_FILLED);
    assert_int_equal(stage.report_count, 251);
    assert_int_equal(stage.state.condition, VENUE_READY);
}

static void test_what_cannot_be_read_is_asked_about(void **state) {
    (void)state;
    static const char *const frames[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\"}}",
        "{\"subscriptionId\":0,\"event\":{\"e\":\"of next year\",\"E\":1}}"};
    for (unsigned i = 1; i < sizeof frames / sizeof frames[0]; i++) {
        stage_frame(frames[i]);
        stage_pass(INSTANT_SECOND_US);
    }
    assert_int_equal(stage.state.condition, VENUE_READY);
}

/* ---- limits -------------------------------------------------------------------------------- */

static void test_nothing_is_asked_during_a_ban(void **state) {
    (void)state;
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    static VenueReply reply;
    reply = (VenueReply){
        .id = stage_last()->id, .outcome = OUTCOME_ANSWERED, .status = 418, .retry_after_s = 600};
    stage_say(TOPIC_VENUE_REPLIES, &reply);
    assert_int_equal(stage.state.condition, VENUE_BANNED);
    unsigned asked = stage.questions, sent = stage.request_count;
    stage_order("o-2", ORDER_ACTION_PROTECT, SIDE_SELL, 200, 9800, 10400);
    stage_pass(595 * INSTANT_SECOND_US);
    assert_int_equal(stage.questions, asked);
    assert_int_equal(stage.request_count, sent);
    stage_pass(20 * INSTANT_SECOND_US);
    assert_int_equal(stage.request_count, sent + 1); /* the protection leaves as the ban ends */
    assert_string_equal(stage_last()->purpose, "protect");
}

static void test_timestamps_are_by_the_venues_clock(void **state) {
    (void)state;
    VenueClock clock = {.offset_us = 7 * INSTANT_SECOND_US, .uncertainty_us = 10000};
    stage_say(TOPIC_VENUE_CLOCKS, &clock);
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    assert_int_equal(stage_last()->timestamp_ms, (stage.now_us + 7 * INSTANT_SECOND_US) / 1000);
}

int main(void) {
#define WITH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        WITH(test_a_restart_loses_what_was_on_its_way),
        WITH(test_a_restart_asks_before_it_is_ready),
        WITH(test_an_entry_that_waited_too_long_is_refused),
        WITH(test_another_account_is_refused_for_good),
        WITH(test_strangers_are_counted_and_left_alone),
        WITH(test_another_instance_is_refused_by_name_until_it_goes),
        WITH(test_a_number_never_given_is_a_copy_of_an_older_state),
        WITH(test_a_number_never_given_is_seen_in_trades_too),
        cmocka_unit_test(test_the_newest_trade_of_a_lost_state_is_known),
        WITH(test_an_order_believed_over_that_rests_is_cancelled),
        WITH(test_trades_of_strangers_are_asked_for_once),
        WITH(test_after_a_gap_the_whole_round_is_made_twice),
        WITH(test_a_failed_question_never_changes_a_state),
        WITH(test_a_cold_start_books_only_what_is_not_on_record),
        WITH(test_a_cold_start_finds_a_protection_that_had_moved),
        WITH(test_a_cold_start_proves_what_never_left),
        WITH(test_more_traded_than_ordered_freezes_everything),
        WITH(test_events_in_any_order_and_twice_book_once),
        WITH(test_many_trades_are_listed_page_by_page),
        WITH(test_what_cannot_be_read_is_asked_about),
        WITH(test_nothing_is_asked_during_a_ban),
        WITH(test_timestamps_are_by_the_venues_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
