/* SPDX-License-Identifier: Apache-2.0 */
/* What orders can do beside resting and filling: trail, hide, shrink, wait in a queue; and what a
 * symbol's state and its filters do to them. */
#include "exchange_stage.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

static int open_stage(void **state) {
    *state = stage_open();
    return 0;
}

static int close_stage(void **state) {
    const char *wrong = exchange_audit(*state);
    if (wrong) print_error("%s\n", wrong);
    assert_null(wrong);
    free(*state);
    return 0;
}

/* ---- trailing stops ------------------------------------------------------------------------ */

/* The venue's own five examples ("Spot Trailing Stop order FAQ", A to E): type, side, stop price,
 * basis points, the corners of the price's way, and the one at which it is due. */
static const struct {
    ExchangeType type;
    Side side;
    int64_t stop;
    unsigned delta;
    int64_t limit, corners[6], due; /* prices in tenths */
} trails[] = {
    {EXCHANGE_STOP_LOSS_LIMIT,
     SIDE_BUY,
     440000,
     500,
     450000,
     {370000, 450000, 460000, 420000, 440990},
     441000},
    {EXCHANGE_STOP_LOSS_LIMIT,
     SIDE_SELL,
     390000,
     1000,
     380000,
     {415000, 370000, 410000, 369010},
     369000},
    {EXCHANGE_TAKE_PROFIT_LIMIT,
     SIDE_BUY,
     380000,
     850,
     385000,
     {420000, 370000, 390000, 380000, 401440},
     401450},
    {EXCHANGE_TAKE_PROFIT_LIMIT,
     SIDE_SELL,
     420000,
     750,
     410000,
     {415000, 390000, 450000, 440000, 465000, 430130},
     430125},
    {EXCHANGE_STOP_LOSS_LIMIT, SIDE_SELL, 0, 700, 390000, {420000, 395000, 455000, 423160}, 423150},
};

/* In steps of ten, as a market would: every corner is reached. */
static void walk_to(Exchange *exchange, int64_t target) {
    int64_t at = exchange->pairs[0].last.units / (UNIT / 10);
    while (at != target) {
        int64_t way = target - at;
        at += way > 100 ? 100 : way < -100 ? -100 : way;
        stage_print(exchange, 0, at * (UNIT / 10), 0);
    }
}

static void trailing_stops_do_as_the_venue_says(void **state) {
    Exchange *exchange = *state;
    for (unsigned i = 0; i < sizeof trails / sizeof trails[0]; i++) {
        stage_drain(exchange);
        stage_print(exchange, 0, 40000 * UNIT, 0);
        ExchangeWish wanted =
            stage_wish(trails[i].type, trails[i].side, UNIT / 100, trails[i].limit * (UNIT / 10),
                       trails[i].stop * (UNIT / 10));
        wanted.trailing = trails[i].delta;
        const ExchangeOrder *order = stage_placed(exchange, wanted);
        assert_int_equal(order->trailing_us, 0);
        for (unsigned k = 0; k < 6 && trails[i].corners[k]; k++) {
            walk_to(exchange, trails[i].corners[k]);
            assert_int_equal(order->working_us, 0);
        }
        assert_int_not_equal(order->trailing_us, 0);
        walk_to(exchange, trails[i].due);
        assert_int_not_equal(order->working_us, 0);
        ExchangeFault fault;
        if (exchange_is_open(order))
            assert_true(exchange_cancel(exchange, order->id, "", STAGE_US, &fault));
    }
}

static void trailing_stops_are_filtered(void **state) {
    Exchange *exchange = *state;
    ExchangeWish wanted = stage_wish(EXCHANGE_STOP_LOSS, SIDE_SELL, UNIT / 100, 0, 0);
    ExchangeRules *rules = &exchange->pairs[0].rules;
    for (unsigned i = 0; i < 2; i++) { /* the bounds themselves are within */
        wanted.trailing = i ? 2000 : 10;
        stage_placed(exchange, wanted);
    }
    wanted.trailing = 9;
    stage_refused(exchange, wanted, -1013, "Filter failure: TRAILING_DELTA");
    wanted.trailing = 2001;
    stage_refused(exchange, wanted, -1013, "Filter failure: TRAILING_DELTA");
    rules->trail_below_max = 100;
    wanted.trailing = 101; /* a stop loss that sells falls to its price: below */
    stage_refused(exchange, wanted, -1013, "Filter failure: TRAILING_DELTA");
    wanted.type = EXCHANGE_TAKE_PROFIT; /* above */
    stage_placed(exchange, wanted);
    rules->allows_trailing = false;
    stage_refused(exchange, wanted, -2010,
                  "Trailing stop orders are not supported for this symbol.");
}

/* The market opens above its stop: it buys what its money is enough for, and no more. */
static void a_gap_may_cost_more_than_was_locked(void **state) {
    Exchange *exchange = *state;
    ExchangeBalance *usdc =
        &exchange->accounts[0].balances[exchange_find_asset(exchange, SLICE("USDC"))];
    usdc->free = money_of(511000 * (__int128)UNIT);
    const ExchangeOrder *order = stage_placed(
        exchange, stage_wish(EXCHANGE_STOP_LOSS, SIDE_BUY, 10 * UNIT, 0, 51000 * UNIT));
    assert_true(usdc->free.units == 1000 * (__int128)UNIT);
    stage_print(exchange, 0, 53000 * UNIT, UNIT);
    assert_int_equal(order->status, EXCHANGE_EXPIRED);
    assert_int_equal(order->reason, EXCHANGE_NO_LIQUIDITY);
    assert_true(order->executed.units > 9 * UNIT && order->executed.units < 10 * UNIT);
    assert_true(usdc->free.units < 2 * UNIT); /* less than a step costs */
    assert_true(usdc->locked.units == 0);
}

/* ---- icebergs ------------------------------------------------------------------------------ */

static ExchangeWish iceberg_of(int64_t quantity, int64_t part, int64_t price) {
    ExchangeWish wanted = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, quantity, price, 0);
    wanted.iceberg = quantity_of(part);
    return wanted;
}

/* A part that is gone is renewed behind those that wait at the price. */
static void an_iceberg_stands_at_the_end_again(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *hidden = stage_placed(exchange, iceberg_of(UNIT, UNIT / 4, 49900 * UNIT));
    const ExchangeOrder *plain =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 4, 49900 * UNIT, 0));
    assert_int_equal(hidden->shown.units, UNIT / 4);
    stage_print(exchange, 0, 49900 * UNIT, 2 * UNIT); /* half a coin: a part, then the other */
    assert_int_equal(hidden->executed.units, UNIT / 4);
    assert_int_equal(plain->status, EXCHANGE_FILLED);
    stage_print(exchange, 0, 49900 * UNIT, UNIT);
    assert_int_equal(hidden->executed.units, UNIT / 2);
    stage_print(exchange, 0, 49900 * UNIT, 9 * UNIT); /* all parts that are left */
    assert_int_equal(hidden->status, EXCHANGE_FILLED);
    assert_int_equal(exchange_fill(exchange, exchange->fill_count)->quantity.units, UNIT / 4);
}

static void icebergs_are_filtered(void **state) {
    Exchange *exchange = *state;
    stage_refused(exchange, iceberg_of(UNIT, 2 * UNIT, 49900 * UNIT), -2010,
                  "IcebergQty exceeds QTY.");
    stage_refused(exchange, iceberg_of(UNIT, UNIT / 4 + 1, 49900 * UNIT), -1013,
                  "Filter failure: LOT_SIZE");
    ExchangeFault fault;
    const ExchangeOrder *whole =
        stage_placed(exchange, iceberg_of(10 * UNIT, UNIT / 10, 49900 * UNIT));
    assert_true(exchange_cancel(exchange, whole->id, "", STAGE_US, &fault)); /* a hundred parts */
    stage_refused(exchange, iceberg_of(10 * UNIT + UNIT / 100, UNIT / 10, 49900 * UNIT), -1013,
                  "Filter failure: ICEBERG_PARTS");
    for (unsigned i = 0; i < LIMIT_EXCHANGE_ICEBERGS; i++)
        stage_placed(exchange, iceberg_of(UNIT, UNIT / 4, 49900 * UNIT));
    stage_refused(exchange, iceberg_of(UNIT, UNIT / 4, 49900 * UNIT), -1013,
                  "Filter failure: MAX_NUM_ICEBERG_ORDERS");
    exchange->pairs[0].rules.allows_iceberg = false;
    stage_refused(exchange, iceberg_of(UNIT, UNIT / 4, 49900 * UNIT), -2010,
                  "Iceberg orders are not supported for this symbol.");
}

/* ---- amendments ---------------------------------------------------------------------------- */

static void amend(Exchange *exchange, int64_t id, int64_t quantity, const char *client_id) {
    const ExchangeAmendment *amendment;
    ExchangeFault fault = {0};
    const ExchangeChange change = {id, quantity_of(quantity), client_id};
    if (!exchange_amend(exchange, &change, STAGE_US, &amendment, &fault)) {
        print_error("refused: %d %s\n", fault.code, fault.text);
        fail();
    }
}

static void not_amended(Exchange *exchange, int64_t id, int64_t quantity, const char *text) {
    const ExchangeAmendment *amendment;
    ExchangeFault fault = {0};
    const ExchangeChange change = {id, quantity_of(quantity), ""};
    assert_false(exchange_amend(exchange, &change, STAGE_US, &amendment, &fault));
    assert_string_equal(fault.text, text);
    assert_int_equal(fault.code, strncmp(text, "Filter", 6) == 0 ? -1013 : -2038);
}

static void an_amended_order_keeps_its_place(void **state) {
    Exchange *exchange = *state;
    ExchangeWish wanted = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49900 * UNIT, 0);
    memcpy(wanted.client_id, "first", 6);
    const ExchangeOrder *first = stage_placed(exchange, wanted);
    wanted.client_id[0] = 0;
    const ExchangeOrder *second = stage_placed(exchange, wanted);
    amend(exchange, first->id, UNIT / 2, "first");
    assert_string_equal(first->wish.client_id, "first");
    assert_int_equal(stage_locked(exchange, "USDC"), 49900 * UNIT / 2 * 3);
    stage_print(exchange, 0, 49900 * UNIT, 2 * UNIT);
    assert_int_equal(first->status, EXCHANGE_FILLED);
    assert_int_equal(second->status, EXCHANGE_NEW);
    amend(exchange, second->id, UNIT / 2, "");
    assert_non_null(exchange_order_named(exchange, 0, slice_of(second->wish.client_id)));
    const ExchangeAmendment *last = exchange_amendment(exchange, 2);
    assert_int_equal(last->before.units, UNIT);
    assert_int_equal(last->after.units, UNIT / 2);
    assert_string_equal(last->client_id, second->wish.client_id);
}

static void amendments_are_refused_by_name(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *order =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49900 * UNIT, 0));
    not_amended(exchange, order->id, UNIT, "The requested action would change no state; rejecting");
    not_amended(exchange, order->id, 2 * UNIT, "Order amend (quantity increase) is not supported.");
    not_amended(exchange, order->id, UNIT / 2 + 1, "Filter failure: LOT_SIZE");
    not_amended(exchange, order->id, UNIT / 100000, "Filter failure: NOTIONAL");
    not_amended(exchange, 77, UNIT, "Unknown order sent.");
    for (int64_t i = 1; i <= 10; i++)
        amend(exchange, order->id, UNIT - i * (UNIT / 100), "");
    not_amended(exchange, order->id, UNIT / 2, "Filter failure: MAX_NUM_ORDER_AMENDS");
    ExchangeListWish list = {.kind = EXCHANGE_OPO,
                             .legs = {stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49900 * UNIT, 0),
                                      stage_wish(EXCHANGE_MARKET, SIDE_SELL, 0, 0, 0)}};
    not_amended(exchange, stage_listed(exchange, list)->order_ids[1], UNIT / 2,
                "Order amend (pending OPO order) is not supported.");
    exchange->pairs[0].rules.allows_amend = false;
    not_amended(exchange, order->id, UNIT / 2, "Order amend is not supported for this symbol.");
}

static void both_legs_of_a_pair_are_amended(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = {
        .kind = EXCHANGE_OCO,
        .legs = {stage_wish(EXCHANGE_STOP_LOSS, SIDE_BUY, UNIT, 0, 51000 * UNIT),
                 stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_BUY, UNIT, 49000 * UNIT, 0)}};
    const ExchangeList *list = stage_listed(exchange, wish);
    assert_int_equal(stage_locked(exchange, "USDC"), 51000 * UNIT);
    amend(exchange, list->order_ids[1], UNIT / 2, "");
    assert_int_equal(stage_leg(exchange, list, 0)->wish.quantity.units, UNIT / 2);
    assert_int_equal(stage_locked(exchange, "USDC"), 51000 * UNIT / 2);
}

/* ---- queues -------------------------------------------------------------------------------- */

static void sold(Exchange *exchange, int64_t price, int64_t quantity) {
    static int64_t turn;
    ExchangePrint print = {.time_us = STAGE_US + ++turn,
                           .price = price_of(price),
                           .quantity = quantity_of(quantity),
                           .buyer_is_maker = true};
    exchange_print(exchange, 0, &print);
}

/* On the first level to bid stands a tenth of a coin. */
static void the_queue_moves_by_trades_alone(void **state) {
    Exchange *exchange = *state;
    exchange->costs.queue = EXCHANGE_QUEUE_TRADES;
    const ExchangeOrder *first =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 10, 49995 * UNIT, 0));
    const ExchangeOrder *second =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 10, 49995 * UNIT, 0));
    assert_int_equal(first->ahead.units, UNIT / 10);
    stage_print(exchange, 0, 49995 * UNIT, UNIT); /* a buyer's: it takes no bid */
    assert_int_equal(first->ahead.units, UNIT / 10);
    sold(exchange, 49995 * UNIT, UNIT / 20);
    assert_int_equal(first->ahead.units, UNIT / 20);
    assert_int_equal(first->executed.units, 0);
    sold(exchange, 49995 * UNIT, UNIT / 10); /* the other half of what was ahead, then ours */
    assert_int_equal(first->executed.units, UNIT / 20);
    assert_int_equal(second->executed.units, 0);
    sold(exchange, 49995 * UNIT, UNIT / 10);
    assert_int_equal(first->status, EXCHANGE_FILLED);
    assert_int_equal(second->executed.units, UNIT / 20);
    sold(exchange, 49994 * UNIT, UNIT / 1000); /* through it */
    assert_int_equal(second->status, EXCHANGE_FILLED);
}

static void inside_the_spread_nobody_is_ahead(void **state) {
    Exchange *exchange = *state;
    exchange->costs.queue = EXCHANGE_QUEUE_TRADES;
    const ExchangeOrder *order =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 10, 50001 * UNIT, 0));
    assert_int_equal(order->ahead.units, 0);
    sold(exchange, 50001 * UNIT, UNIT / 10);
    assert_int_equal(order->status, EXCHANGE_FILLED);
}

/* ---- filters and states -------------------------------------------------------------------- */

static void the_other_filters_are_named(void **state) {
    Exchange *exchange = *state;
    ExchangeRules *rules = &exchange->pairs[0].rules;
    rules->market_max = quantity_of(UNIT);
    rules->market_step = quantity_of(UNIT / 100);
    stage_refused(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, 2 * UNIT, 0, 0), -1013,
                  "Filter failure: MARKET_LOT_SIZE");
    stage_refused(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, UNIT / 1000, 0, 0), -1013,
                  "Filter failure: MARKET_LOT_SIZE");
    rules->min_to_market = false; /* NOTIONAL is not for market orders here */
    rules->market_min = rules->market_step = quantity_of(0);
    stage_placed(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, UNIT / 100000, 0, 0));
    rules->ask_up_ppm = 1100000;
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 55001 * UNIT, 0), -1013,
                  "Filter failure: PERCENT_PRICE_BY_SIDE");
    stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 55000 * UNIT, 0));
    rules->bid_down_ppm = 900000;
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 44999 * UNIT, 0), -1013,
                  "Filter failure: PERCENT_PRICE_BY_SIDE");
    stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 45000 * UNIT, 0));
    int64_t held = stage_free(exchange, "BTC") + stage_locked(exchange, "BTC");
    rules->position_max = quantity_of(held + 2 * UNIT);
    stage_refused(exchange,
                  stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT + UNIT / 100000, 49000 * UNIT, 0),
                  -1013, "Filter failure: MAX_POSITION");
    stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49000 * UNIT, 0));
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 100, 49000 * UNIT, 0),
                  -1013, "Filter failure: MAX_POSITION");
}

/* 499.00000001 x 0.011 is 5.48900000011: a unit more than that floored. */
static void what_is_locked_is_rounded_up(void **state) {
    Exchange *exchange = *state;
    ExchangeWish wanted =
        stage_wish(EXCHANGE_LIMIT, SIDE_BUY, 11 * (UNIT / 1000), 499 * UNIT + 1, 0);
    wanted.pair = 1;
    exchange->pairs[1].symbol.filters.tick = price_of(1);
    stage_placed(exchange, wanted);
    assert_int_equal(stage_locked(exchange, "USDC"), 548900001);
}

/* Two pairs, each within its own bounds. */
static void an_account_has_so_many_orders(void **state) {
    Exchange *exchange = *state;
    ExchangeWish wanted = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 499 * UNIT, 0);
    for (unsigned i = 0; i < LIMIT_EXCHANGE_OPEN_PAIR; i++)
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 100, 49000 * UNIT, 0));
    wanted.pair = 1;
    for (unsigned i = LIMIT_EXCHANGE_OPEN_PAIR; i < LIMIT_EXCHANGE_OPEN; i++)
        stage_placed(exchange, wanted);
    stage_refused(exchange, wanted, -1013, "Filter failure: EXCHANGE_MAX_NUM_ORDERS");
    assert_true(exchange_add_account(exchange) == 1);
    assert_true(exchange_deposit_to(exchange, 1, SLICE("USDC"), money_of(1000 * UNIT)));
    wanted.account = 1; /* another account has its own */
    stage_placed(exchange, wanted);
}

/* At 50,000 and a tenth of a percent a taker gets ten levels. */
static void a_taker_stays_in_its_range(void **state) {
    Exchange *exchange = *state;
    exchange->pairs[0].rules.range_up_ppm = 1001000;
    exchange->pairs[0].rules.range_down_ppm = 999000;
    const ExchangeOrder *order =
        stage_placed(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, 5 * UNIT, 0, 0));
    assert_int_equal(order->status, EXCHANGE_EXPIRED);
    assert_int_equal(order->reason, EXCHANGE_OUT_OF_RANGE);
    assert_int_equal(exchange_fill(exchange, exchange->fill_count)->price.units, 50050 * UNIT);
}

static void a_closed_market_matches_nothing(void **state) {
    static const ExchangeTrading closed[] = {EXCHANGE_HALT, EXCHANGE_BREAK, EXCHANGE_CANCEL_ONLY};
    Exchange *exchange = *state;
    ExchangeFault fault;
    for (unsigned i = 0; i < 3; i++) {
        const ExchangeOrder *order =
            stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49900 * UNIT, 0));
        int64_t prints = exchange->pairs[0].print_count;
        exchange_set_trading(exchange, 0, closed[i], STAGE_US);
        stage_print(exchange, 0, 49000 * UNIT, 9 * UNIT);
        assert_int_equal(order->status, EXCHANGE_NEW);
        assert_int_equal(exchange->pairs[0].last.units, STAGE_PRICE);
        assert_int_equal(exchange->pairs[0].print_count, prints);
        stage_refused(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, UNIT, 0, 0), -2010,
                      "Market is closed.");
        assert_true(exchange_cancel(exchange, order->id, "", STAGE_US, &fault));
        exchange_set_trading(exchange, 0, EXCHANGE_TRADING, STAGE_US);
    }
}

static void a_delisted_symbol_expires_what_is_open(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish list = {.kind = EXCHANGE_OTO,
                             .legs = {stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49900 * UNIT, 0),
                                      stage_wish(EXCHANGE_MARKET, SIDE_SELL, UNIT, 0, 0)}};
    const ExchangeOrder *order =
        stage_placed(exchange, stage_wish(EXCHANGE_STOP_LOSS, SIDE_SELL, UNIT, 0, 49000 * UNIT));
    stage_listed(exchange, list);
    exchange_set_trading(exchange, 0, EXCHANGE_GONE, STAGE_US);
    assert_int_equal(order->status, EXCHANGE_EXPIRED);
    assert_int_equal(order->reason, EXCHANGE_DELISTED);
    assert_int_equal(exchange->accounts[0].open_count, 0);
    assert_int_equal(stage_locked(exchange, "USDC"), 0);
    assert_int_equal(stage_locked(exchange, "BTC"), 0);
}

/* An order may rest while the ring of orders goes round below it. */
static void an_old_order_outlives_the_ring(void **state) {
    Exchange *exchange = *state;
    ExchangeWish wanted = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 40000 * UNIT, 0);
    memcpy(wanted.client_id, "patient", 8);
    const ExchangeOrder *old = stage_placed(exchange, wanted);
    ExchangeFault fault;
    memcpy(wanted.client_id, "again", 6);
    for (unsigned i = 0; i < 2 * LIMIT_EXCHANGE_ORDERS + 10; i++) {
        const ExchangeOrder *order = stage_placed(exchange, wanted);
        assert_int_equal(order->id % LIMIT_EXCHANGE_ORDERS == 1, false);
        assert_true(exchange_cancel(exchange, order->id, "", STAGE_US, &fault));
        stage_drain(exchange);
    }
    assert_ptr_equal(exchange_order(exchange, 1), old);
    assert_ptr_equal(exchange_order_named(exchange, 0, SLICE("patient")), old);
    assert_null(exchange_order(exchange, 2));
    assert_int_equal(exchange_order_named(exchange, 0, SLICE("again"))->id, exchange->order_count);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(trailing_stops_do_as_the_venue_says),
        STAGED(trailing_stops_are_filtered),
        STAGED(a_gap_may_cost_more_than_was_locked),
        STAGED(an_iceberg_stands_at_the_end_again),
        STAGED(icebergs_are_filtered),
        STAGED(an_amended_order_keeps_its_place),
        STAGED(amendments_are_refused_by_name),
        STAGED(both_legs_of_a_pair_are_amended),
        STAGED(the_queue_moves_by_trades_alone),
        STAGED(inside_the_spread_nobody_is_ahead),
        STAGED(the_other_filters_are_named),
        STAGED(what_is_locked_is_rounded_up),
        STAGED(an_account_has_so_many_orders),
        STAGED(a_taker_stays_in_its_range),
        STAGED(a_closed_market_matches_nothing),
        STAGED(a_delisted_symbol_expires_what_is_open),
        STAGED(an_old_order_outlives_the_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
