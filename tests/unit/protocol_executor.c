/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The executor and the order protocol together, against a venue that answers by hand: from a signal
 * to a closed trade, and what may come between. After every step the ledger balances, and equity is
 * the opening balance, plus what was realised, plus what is not yet.
 */
#include "protocol_venue.h"

#include "core/services/binance_venue.h"
#include "core/services/trade_executor.h"
#include "core/trade/execution.h"

extern const Service service_binance_venue, service_trade_executor;
const Service *const service_table[] = {&service_binance_venue, &service_trade_executor};
const unsigned service_count = 2;

static unsigned served; /* requests of the stage that the venue has dealt with */

static const Execution *execution(void) {
    return kernel_service_state(stage.kernel, "trade_executor");
}

static const Desk *desk(void) {
    return &execution()->desks[0];
}

static void serve(void) {
    served = venue_serve(served);
}

/* The next one alone. */
static void serve_one(void) {
    VenueRequest request = stage.requests[served++];
    int status = venue_carry_out(&request);
    stage_answer(request.id, OUTCOME_ANSWERED, status, venue_body);
}

static void expect_sound(void) {
    const TradingAccount *account = &execution()->account;
    assert_null(ledger_fault(&account->ledger));
    Price mark = price_of(12345 * (UNIT / 100));
    Money equity =
        money_add(trading_account_cash(account), trading_account_value(account, 0, mark));
    Money unrealised =
        money_subtract(trading_account_value(account, 0, mark), account->inventories[0].cost);
    Money right = money_add(account->opening, money_add(account->realised, unrealised));
    assert_true(money_compare(equity, right) == 0);
}

static int begin(void **state) {
    (void)state;
    stage_begin(service_table, service_count);
    served = stage.request_count;
    assert_int_equal(stage.state.condition, VENUE_READY);
    assert_true(trading_account_cash(&execution()->account).units == 10000 * (__int128)UNIT);
    return 0;
}

static int end(void **state) {
    (void)state;
    expect_sound();
    stage_end();
    return 0;
}

/* A tenth of equity at 100: 10 BTC of the stage's money. */
static void signal_buy(void) {
    RiskVerdict verdict = {.signal_id = "s-1",
                           .symbol = "BTCUSDC",
                           .decision = DECISION_BUY,
                           .size_fraction = 0.1,
                           .stop_loss_fraction = 0.02,
                           .take_profit_fraction = 0.04,
                           .market_timestamp = stage.now_us,
                           .price = price_of(100 * UNIT)};
    stage_say(TOPIC_RISK_ENRICHED_SIGNALS, &verdict);
}

static void buy_and_protect(void) {
    signal_buy();
    serve();
    serve();
    assert_true(desk()->open);
    assert_int_equal(desk()->protection.state, ORDER_ACKED);
    expect_sound();
}

static BookOrder *resting(const char *type) {
    for (unsigned i = 0; i < stage.book.order_count; i++) {
        BookOrder *order = &stage.book.orders[i];
        if (stage_rests(order) && strcmp(order->type, type) == 0) return order;
    }
    fail();
    return NULL;
}

static void test_from_a_signal_to_the_target(void **state) {
    (void)state;
    buy_and_protect();
    BookOrder *target = resting("LIMIT_MAKER"), *stop = resting("STOP_LOSS");
    assert_int_equal(target->quantity, 9990 * (UNIT / 1000)); /* the fee of 0.01 is gone */
    const BookTrade *trade = stage_book_trade(target, ++venue_trades, 9990, 10400);
    target->status = "FILLED";
    stop->status = "EXPIRED";
    stage_event(target, "TRADE", trade);
    stage_event(stop, "EXPIRED", NULL);
    assert_false(desk()->open);
    assert_int_equal(desk()->trade.reason, REASON_TAKE_PROFIT);
    assert_int_equal(execution()->account.inventories[0].quantity.units, 0);
    stage_pass(INSTANT_MINUTE_US);
    assert_int_equal(stage.errors, 0);
    assert_int_equal(stage.state.condition, VENUE_READY);
}

/* Between two turns, at any place of a life. */
static void rehearse(void) {
    size_t size;
    VenueRequest request;
    uint8_t *block = kernel_state(stage.kernel, &size), *before = malloc(size);
    memcpy(before, block, size);
    trade_executor_rehearse(kernel_service_state(stage.kernel, "trade_executor"), stage.now_us);
    assert_true(binance_venue_rehearse(kernel_service_state(stage.kernel, "binance_venue"),
                                       stage.now_us, &request));
    assert_memory_equal(block, before, size);
    free(before);
}

static void test_a_rehearsal_changes_nothing(void **state) {
    (void)state;
    rehearse();
    signal_buy();
    rehearse();
    unsigned asked = stage.request_count;
    stage_pass(INSTANT_SECOND_US);
    rehearse();
    assert_int_equal(stage.request_count, asked);
}

static void test_a_trailing_stop_takes_the_place_of_the_list(void **state) {
    (void)state;
    buy_and_protect();
    stage_pass(INSTANT_MINUTE_US);
    stage_price(10350);
    const VenueRequest *request = stage_last();
    assert_string_equal(request->purpose, "replace");
    serve();
    assert_true(desk()->target_local);
    assert_int_equal(stage.state.open_orders, 1);
    stage_price(10500); /* the target, which nothing at the venue watches now */
    assert_string_equal(stage_last()->purpose, "cancel");
    serve();
    serve();
    assert_false(desk()->open);
    assert_int_equal(desk()->trade.reason, REASON_TAKE_PROFIT);
}

static void test_an_unknown_entry_freezes_its_symbol(void **state) {
    (void)state;
    signal_buy();
    VenueRequest request = *stage_last();
    served = stage.request_count;
    venue_carry_out(&request);
    stage.failing = "busy"; /* questions fail too */
    stage_answer(request.id, OUTCOME_LOST, 0, "timeout");
    assert_int_equal(desk()->entry.state, ORDER_UNKNOWN);
    assert_true(desk()->reserved.units > 0);
    stage_pass(INSTANT_MINUTE_US);
    assert_int_equal(desk()->entry.state, ORDER_UNKNOWN);
    signal_buy();
    assert_int_equal(execution()->orders, 1);
    stage.failing = NULL;
    for (unsigned i = 0; i < 60; i++) {
        stage_pass(INSTANT_SECOND_US);
        serve();
    }
    assert_true(desk()->open);
    assert_int_equal(desk()->protection.state, ORDER_ACKED);
}

static void test_a_protection_that_would_trigger_is_an_exit(void **state) {
    (void)state;
    signal_buy();
    serve_one();
    VenueRequest request = *stage_last();
    assert_string_equal(request.purpose, "protect");
    stage_answer(request.id, OUTCOME_ANSWERED, 400,
                 "{\"code\":-2010,\"msg\":\"Stop price would trigger immediately.\"}");
    assert_string_equal(stage_last()->purpose, "place");
    assert_string_equal(stage_parameter(stage_last(), "side"), "SELL");
    served = stage.request_count - 1;
    serve();
    assert_false(desk()->open);
}

static void test_a_rejection_for_now_is_tried_again_three_times(void **state) {
    (void)state;
    signal_buy();
    for (unsigned i = 0; i < 6; i++) {
        const VenueRequest *request = stage_last();
        if (served < stage.request_count) stage_answer(request->id, OUTCOME_NOT_SENT, 0, "refused");
        served = stage.request_count;
        stage_price(10000);
    }
    assert_int_equal(stage.request_count, 4); /* one, and three more */
    assert_int_equal(execution()->orders, 4);
    assert_false(desk()->open);
    assert_true(desk()->reserved.units == 0);
}

static void test_a_position_that_stays_naked_is_sold(void **state) {
    (void)state;
    signal_buy();
    serve_one();
    VenueRequest request = *stage_last();
    assert_string_equal(request.purpose, "protect");
    served = stage.request_count;
    stage.mute = true; /* no answer to anything */
    stage_pass(11 * INSTANT_SECOND_US);
    stage.mute = false;
    stage.held_count = 0;
    assert_true(desk()->exit_wanted);
    venue_carry_out(&request); /* it had arrived, and is cancelled for the exit */
    stage_answer(request.id, OUTCOME_ANSWERED, 200, venue_body);
    serve();
    serve();
    assert_false(desk()->open);
    assert_null(venue_find_list());
}

static void test_flatten_while_an_entry_is_unknown(void **state) {
    (void)state;
    signal_buy();
    VenueRequest request = *stage_last();
    served = stage.request_count;
    venue_carry_out(&request);
    stage_answer(request.id, OUTCOME_LOST, 0, "timeout");
    Control control = {.level = KILL_FLATTEN, .by = "cli", .reason = "test"};
    stage_say(TOPIC_CONTROLS, &control);
    stage_pass(20 * INSTANT_SECOND_US);
    serve();
    stage_pass(INSTANT_SECOND_US);
    serve();
    assert_false(desk()->open);
    assert_int_equal(execution()->account.inventories[0].quantity.units, 0);
    for (unsigned i = 0; i < stage.request_count; i++)
        assert_string_not_equal(stage.requests[i].purpose, "protect");
}

static void test_a_fee_in_a_third_asset(void **state) {
    (void)state;
    stage.book.bnb = 5 * UNIT;
    signal_buy();
    VenueRequest request = *stage_last();
    served = stage.request_count;
    venue_carry_out(&request);
    for (unsigned i = 0; i < stage.book.trade_count; i++) {
        stage.book.trades[i].fee_asset = "BNB";
        stage.book.trades[i].fee = UNIT / 100;
    }
    stage.book.btc = 10 * UNIT;
    stage.book.bnb -= 2 * (UNIT / 100);
    stage_full_json(&stage.book.orders[0], venue_body, sizeof venue_body);
    stage_answer(request.id, OUTCOME_ANSWERED, 200, venue_body);
    const TradingAccount *account = &execution()->account;
    assert_int_equal(account->inventories[0].quantity.units, 10 * UNIT);
    assert_int_equal(account->ledger.count, 3);
    expect_sound();
    serve();
    assert_int_equal(resting("LIMIT_MAKER")->quantity, 10 * UNIT);
    stage_pass(20 * INSTANT_MINUTE_US);
    assert_int_equal(stage.difference_count, 0);
}

/* Somebody sells what the program bought: the position shrinks, and nothing is bought back. */
static void test_what_somebody_else_took_leaves_the_books(void **state) {
    (void)state;
    buy_and_protect();
    const TradingAccount *account = &execution()->account;
    stage_pass(10 * INSTANT_MINUTE_US);
    assert_int_equal(stage.difference_count, 0);
    stage.book.btc -= 4 * UNIT;
    stage_pass(6 * INSTANT_MINUTE_US);
    serve();
    assert_int_equal(stage.difference_count, 1);
    assert_true(stage.differences[0].missing.units == 4 * UNIT);
    assert_int_equal(account->inventories[0].quantity.units, 5990 * (UNIT / 1000));
    expect_sound();
    stage_price(10000);
    serve();
    assert_true(desk()->open);
    assert_int_equal(resting("LIMIT_MAKER")->quantity, 5990 * (UNIT / 1000));
    stage.book.usdc += 100 * UNIT; /* a deposit is others' */
    stage_pass(6 * INSTANT_MINUTE_US);
    assert_int_equal(stage.difference_count, 2);
    assert_true(stage.differences[1].missing.units == 0);
}

static void test_a_halted_symbol_takes_no_entry(void **state) {
    (void)state;
    stage.status = "HALT";
    stage_pass(61 * INSTANT_MINUTE_US);
    assert_true(stage.filters.halted);
    stage_price(10000);
    signal_buy();
    assert_int_equal(stage.request_count, 0);
    stage.status = "TRADING";
    stage_pass(61 * INSTANT_MINUTE_US);
    stage_price(10000);
    signal_buy();
    assert_int_equal(stage.request_count, 1);
}

/* The rules are asked hourly: what the venue says of its market counts at once. */
static void test_a_halt_shows_itself_by_a_refusal(void **state) {
    (void)state;
    stage.status = "HALT";
    signal_buy();
    assert_int_equal(stage.request_count, served + 1);
    stage_answer(stage.requests[served++].id, OUTCOME_ANSWERED, 400,
                 "{\"code\":-2010,\"msg\":\"Market is closed.\"}");
    stage_pass(INSTANT_SECOND_US);
    assert_true(stage.filters.halted);
    stage.status = "TRADING";
    stage_pass(2 * INSTANT_MINUTE_US);
    assert_false(stage.filters.halted);
}

static void test_no_entry_before_the_venue_is_ready(void **state) {
    (void)state;
    stage_link(LINK_USER_DOWN);
    signal_buy();
    assert_int_equal(stage.request_count, 0);
    stage_link(LINK_USER_UP);
    stage_pass(INSTANT_SECOND_US);
    VenueClock clock = {.uncertainty_us = 2600000};
    stage_say(TOPIC_VENUE_CLOCKS, &clock);
    signal_buy();
    assert_int_equal(stage.request_count, 0);
    clock.uncertainty_us = 2500000; /* half of recvWindow is still enough */
    stage_say(TOPIC_VENUE_CLOCKS, &clock);
    signal_buy();
    assert_int_equal(stage.request_count, 1);
}

/* ---- slices ---------------------------------------------------------------------------------- */

/* A minute's volume of 2000: one order may take 200, which is 2 BTC. */
static void set_volume(void) {
    static MarketUpdate update;
    for (unsigned i = 0; i < sizeof update; i++)
        ((char *)&update)[i] = 0;
    strcpy(update.symbol, "BTCUSDC");
    update.avg_volume = 2000;
    update.current_price = price_of(100 * UNIT);
    update.timestamp = stage.now_us;
    stage_say(TOPIC_MARKET_UPDATES, &update);
}

static void test_a_large_entry_is_cut_into_slices(void **state) {
    (void)state;
    set_volume();
    signal_buy();
    serve();
    assert_int_equal(execution()->account.inventories[0].quantity.units, 1998 * (UNIT / 1000));
    for (unsigned minute = 0; minute < 10; minute++)
        for (unsigned second = 0; second < 60; second += 5) {
            stage_pass(5 * INSTANT_SECOND_US);
            serve();
            expect_sound();
        }
    assert_int_equal(execution()->account.inventories[0].quantity.units, 9990 * (UNIT / 1000));
    assert_int_equal(desk()->protection.state, ORDER_ACKED);
    assert_int_equal(resting("STOP_LOSS")->quantity, 9990 * (UNIT / 1000));
    assert_int_equal(stage.state.open_orders, 2);
    unsigned buys = 0;
    for (unsigned i = 0; i < stage.request_count; i++)
        buys += strstr(stage.requests[i].parameters, "side=BUY") != NULL;
    assert_int_equal(buys, 5);
    assert_int_equal(stage.errors, 0);
    assert_int_equal(execution()->trades, 1);
}

static void test_the_kill_switch_stops_the_rest_of_an_entry(void **state) {
    (void)state;
    set_volume();
    signal_buy();
    serve();
    Control control = {.level = KILL_PAUSE, .by = "cli", .reason = "test"};
    stage_say(TOPIC_CONTROLS, &control);
    unsigned sent = stage.request_count;
    stage_pass(10 * INSTANT_MINUTE_US);
    assert_int_equal(stage.request_count, sent);
    assert_int_equal(desk()->protection.state, ORDER_ACKED);
}

int main(void) {
#define WITH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        WITH(test_a_rehearsal_changes_nothing),
        WITH(test_from_a_signal_to_the_target),
        WITH(test_a_trailing_stop_takes_the_place_of_the_list),
        WITH(test_an_unknown_entry_freezes_its_symbol),
        WITH(test_a_protection_that_would_trigger_is_an_exit),
        WITH(test_a_rejection_for_now_is_tried_again_three_times),
        WITH(test_a_position_that_stays_naked_is_sold),
        WITH(test_flatten_while_an_entry_is_unknown),
        WITH(test_a_fee_in_a_third_asset),
        WITH(test_what_somebody_else_took_leaves_the_books),
        WITH(test_a_halted_symbol_takes_no_entry),
        WITH(test_a_halt_shows_itself_by_a_refusal),
        WITH(test_no_entry_before_the_venue_is_ready),
        WITH(test_a_large_entry_is_cut_into_slices),
        WITH(test_the_kill_switch_stops_the_rest_of_an_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
