/* SPDX-License-Identifier: Apache-2.0 */
/* Order lists with legs that wait: OTO, OTOCO, OPO and OPOCO, when they enter and what they lock.
 */
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
    assert_null(exchange_audit(*state));
    free(*state);
    return 0;
}

/* A working order to buy below the price, and what follows from it. */
static ExchangeListWish list_of(ExchangeListKind kind) {
    bool paid = kind == EXCHANGE_OPO || kind == EXCHANGE_OPOCO;
    int64_t quantity = paid ? 0 : UNIT / 2;
    ExchangeListWish wish = {
        .kind = kind,
        .legs = {
            stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 2, 49900 * UNIT, 0),
            stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_SELL, quantity, 51000 * UNIT, 0),
            stage_wish(EXCHANGE_STOP_LOSS_LIMIT, SIDE_SELL, quantity, 48900 * UNIT, 49000 * UNIT)}};
    return wish;
}

static void no_list(Exchange *exchange, ExchangeListWish wanted, int code, const char *text) {
    const ExchangeList *list;
    ExchangeFault fault = {0};
    int64_t before = exchange->order_count;
    assert_false(exchange_place_list(exchange, &wanted, STAGE_US, &list, &fault));
    assert_int_equal(fault.code, code);
    assert_string_equal(fault.text, text);
    assert_int_equal(exchange->order_count, before);
}

/* ---- OTO ----------------------------------------------------------------------------------- */

static void a_pending_leg_waits_for_the_whole_fill(void **state) {
    Exchange *exchange = *state;
    const ExchangeList *list = stage_listed(exchange, list_of(EXCHANGE_OTO));
    const ExchangeOrder *working = stage_leg(exchange, list, 0),
                        *pending = stage_leg(exchange, list, 1);
    assert_int_equal(list->leg_count, 2);
    assert_int_equal(pending->status, EXCHANGE_PENDING_NEW);
    assert_int_equal(stage_locked(exchange, "BTC"), 0);
    assert_int_equal(stage_locked(exchange, "USDC"), 49900 * UNIT / 2);
    stage_print(exchange, 0, 49900 * UNIT, UNIT); /* a quarter of it */
    assert_int_equal(working->status, EXCHANGE_PARTIALLY_FILLED);
    stage_print(exchange, 0, 51500 * UNIT, 9 * UNIT); /* it does not stand there yet */
    assert_int_equal(pending->status, EXCHANGE_PENDING_NEW);
    stage_print(exchange, 0, 49900 * UNIT, UNIT);
    assert_int_equal(working->status, EXCHANGE_FILLED);
    assert_int_equal(pending->status, EXCHANGE_NEW);
    assert_int_equal(stage_locked(exchange, "BTC"), UNIT / 2);
    assert_false(list->done);
    stage_print(exchange, 0, 51000 * UNIT, 4 * UNIT);
    assert_int_equal(pending->status, EXCHANGE_FILLED);
    assert_true(list->done);
}

static void a_list_whose_working_order_fills_at_once(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = list_of(EXCHANGE_OTO);
    wish.legs[0].quantity = wish.legs[1].quantity = quantity_of(UNIT / 20);
    wish.legs[0].price = price_of(50100 * UNIT);
    wish.legs[1] = stage_wish(EXCHANGE_MARKET, SIDE_SELL, UNIT / 20, 0, 0);
    const ExchangeList *list = stage_listed(exchange, wish);
    assert_int_equal(stage_leg(exchange, list, 0)->status, EXCHANGE_FILLED);
    assert_int_equal(stage_leg(exchange, list, 1)->status, EXCHANGE_FILLED);
    assert_true(list->done);
    assert_int_equal(exchange->fill_count, 2);
}

static void a_leg_that_a_rule_forbids_is_rejected(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = list_of(EXCHANGE_OTO);
    wish.legs[1].quantity = quantity_of(20 * UNIT); /* more than there will be */
    const ExchangeList *list = stage_listed(exchange, wish);
    stage_print(exchange, 0, 49000 * UNIT, 9 * UNIT);
    const ExchangeOrder *pending = stage_leg(exchange, list, 1);
    assert_int_equal(pending->status, EXCHANGE_EXPIRED);
    assert_int_equal(pending->reason, EXCHANGE_REJECTED);
    assert_true(list->done);
    wish = list_of(EXCHANGE_OTOCO);
    wish.legs[0].price = price_of(48000 * UNIT); /* below the stop: it is reached before */
    list = stage_listed(exchange, wish);
    stage_print(exchange, 0, 47900 * UNIT, 9 * UNIT);
    assert_int_equal(stage_leg(exchange, list, 1)->reason, EXCHANGE_REJECTED);
    assert_int_equal(stage_leg(exchange, list, 2)->reason, EXCHANGE_REJECTED);
    assert_int_equal(stage_locked(exchange, "BTC"), 0);
}

static void what_ends_the_working_order_ends_the_list(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = list_of(EXCHANGE_OTOCO);
    ExchangeFault fault;
    wish.legs[0].force = EXCHANGE_FOK; /* at this price there is nothing */
    const ExchangeList *list = stage_listed(exchange, wish);
    assert_int_equal(stage_leg(exchange, list, 0)->reason, EXCHANGE_UNFILLED_FOK);
    for (unsigned i = 1; i < 3; i++) {
        assert_int_equal(stage_leg(exchange, list, i)->status, EXCHANGE_EXPIRED);
        assert_int_equal(stage_leg(exchange, list, i)->reason, EXCHANGE_PHASE_ONE_EXPIRED);
    }
    assert_true(list->done);
    for (unsigned leg = 0; leg < 3; leg++) { /* cancelled by any of them */
        list = stage_listed(exchange, list_of(EXCHANGE_OTOCO));
        assert_true(exchange_cancel(exchange, list->order_ids[leg], "", STAGE_US, &fault));
        for (unsigned i = 0; i < 3; i++)
            assert_int_equal(stage_leg(exchange, list, i)->status, EXCHANGE_CANCELED);
        assert_true(list->done);
        assert_int_equal(stage_locked(exchange, "USDC"), 0);
    }
}

/* By self-trade prevention too. */
static void a_prevented_working_order_ends_the_list(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = list_of(EXCHANGE_OTO);
    stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 50001 * UNIT, 0));
    wish.legs[0].price = price_of(50002 * UNIT);
    wish.legs[0].prevention = PREVENT_TAKER;
    const ExchangeList *list = stage_listed(exchange, wish);
    assert_int_equal(stage_leg(exchange, list, 0)->status, EXCHANGE_EXPIRED_IN_MATCH);
    assert_int_equal(stage_leg(exchange, list, 1)->reason, EXCHANGE_PHASE_ONE_EXPIRED);
    assert_true(list->done);
}

/* ---- OTOCO --------------------------------------------------------------------------------- */

static void the_pair_enters_and_locks_once(void **state) {
    Exchange *exchange = *state;
    const ExchangeList *list = stage_listed(exchange, list_of(EXCHANGE_OTOCO));
    assert_int_equal(exchange->accounts[0].open_count, 3);
    stage_print(exchange, 0, 49900 * UNIT, 2 * UNIT);
    assert_int_equal(stage_leg(exchange, list, 0)->status, EXCHANGE_FILLED);
    assert_int_equal(stage_leg(exchange, list, 1)->status, EXCHANGE_NEW);
    assert_int_equal(stage_leg(exchange, list, 2)->status, EXCHANGE_NEW);
    assert_int_equal(stage_locked(exchange, "BTC"), UNIT / 2);
    stage_print(exchange, 0, 49000 * UNIT, UNIT);
    assert_int_equal(stage_leg(exchange, list, 1)->reason, EXCHANGE_OCO_TRIGGER);
    assert_int_not_equal(stage_leg(exchange, list, 2)->working_us, 0);
    stage_print(exchange, 0, 48950 * UNIT, 9 * UNIT);
    assert_int_equal(stage_leg(exchange, list, 2)->status, EXCHANGE_FILLED);
    assert_true(list->done);
    assert_int_equal(stage_locked(exchange, "BTC"), 0);
}

/* The lower leg may need more: a stop whose limit lies far below it. */
static void the_greater_need_of_a_pair_has_to_be_free(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = {
        .kind = EXCHANGE_OTOCO,
        .legs = {stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 50100 * UNIT, 0),
                 stage_wish(EXCHANGE_STOP_LOSS_LIMIT, SIDE_BUY, UNIT, 20000 * UNIT, 51000 * UNIT),
                 stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_BUY, UNIT, 49000 * UNIT, 0)}};
    ExchangeBalance *usdc =
        &exchange->accounts[0].balances[exchange_find_asset(exchange, SLICE("USDC"))];
    const ExchangeList *list = stage_listed(exchange, wish);
    stage_print(exchange, 0, 50100 * UNIT, 9 * UNIT);
    assert_int_equal(stage_leg(exchange, list, 2)->status, EXCHANGE_NEW);
    assert_int_equal(stage_locked(exchange, "USDC"), 49000 * UNIT);
    stage_print(exchange, 0, 48000 * UNIT, 9 * UNIT);
    stage_print(exchange, 0, STAGE_PRICE, 0);
    usdc->free = money_of(0); /* what the sale brings pays for the stop's limit alone */
    wish.legs[1].quantity = wish.legs[2].quantity = quantity_of(2 * UNIT);
    list = stage_listed(exchange, wish);
    stage_print(exchange, 0, 50100 * UNIT, 9 * UNIT);
    assert_int_equal(stage_leg(exchange, list, 1)->reason, EXCHANGE_REJECTED);
    assert_int_equal(stage_leg(exchange, list, 2)->reason, EXCHANGE_REJECTED);
}

/* ---- OPO ----------------------------------------------------------------------------------- */

/* The fee comes out of what is free where there is enough: the leg sells all that was bought. */
static void what_is_received_is_put_by(void **state) {
    Exchange *exchange = *state;
    const ExchangeList *list = stage_listed(exchange, list_of(EXCHANGE_OPO));
    const ExchangeOrder *pending = stage_leg(exchange, list, 1);
    stage_print(exchange, 0, 49900 * UNIT, UNIT);
    assert_int_equal(stage_locked(exchange, "BTC"), UNIT / 4);
    assert_int_equal(stage_free(exchange, "BTC"), 10 * UNIT - UNIT / 4000);
    assert_int_equal(pending->wish.quantity.units, 0);
    stage_print(exchange, 0, 49900 * UNIT, UNIT);
    assert_int_equal(pending->status, EXCHANGE_NEW);
    assert_int_equal(pending->wish.quantity.units, UNIT / 2);
    assert_int_equal(stage_locked(exchange, "BTC"), UNIT / 2);
}

/* With nothing free beside it the fee is its own, and the dust under a step is free again. */
static void the_fee_is_taken_off_where_nothing_else_is_free(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = list_of(EXCHANGE_OPOCO);
    wish.legs[0].quantity = quantity_of(UNIT / 20 + UNIT / 1000 + UNIT / 100000); /* 0.05101 */
    exchange->accounts[0].balances[exchange_find_asset(exchange, SLICE("BTC"))].free = money_of(0);
    const ExchangeList *list = stage_listed(exchange, wish);
    stage_print(exchange, 0, 49900 * UNIT, 9 * UNIT);
    const ExchangeOrder *above = stage_leg(exchange, list, 1);
    assert_int_equal(above->status, EXCHANGE_NEW);
    /* 0.05101 less 0.00005101 is 0.05095899: on the step 0.05095 */
    assert_int_equal(above->wish.quantity.units, 5095000);
    assert_int_equal(stage_leg(exchange, list, 2)->wish.quantity.units, 5095000);
    assert_int_equal(stage_locked(exchange, "BTC"), 5095000);
    assert_int_equal(stage_free(exchange, "BTC"), 899);
}

/* A fee in BNB where BNB is what was bought is always taken off it. */
static void bought_bnb_pays_its_own_fee(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = {.kind = EXCHANGE_OPO,
                             .legs = {stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 490 * UNIT, 0),
                                      stage_wish(EXCHANGE_LIMIT, SIDE_SELL, 0, 600 * UNIT, 0)}};
    wish.legs[0].pair = wish.legs[1].pair = 1;
    assert_true(exchange_deposit(exchange, SLICE("BNB"), money_of(UNIT)));
    const ExchangeList *list = stage_listed(exchange, wish);
    stage_print(exchange, 1, 490 * UNIT, 9 * UNIT);
    assert_int_equal(stage_leg(exchange, list, 1)->wish.quantity.units, UNIT - UNIT / 1000);
    assert_int_equal(stage_free(exchange, "BNB"), UNIT);
}

static void a_reserve_is_freed_with_its_list(void **state) {
    Exchange *exchange = *state;
    ExchangeFault fault;
    const ExchangeList *list = stage_listed(exchange, list_of(EXCHANGE_OPO));
    stage_print(exchange, 0, 49900 * UNIT, UNIT);
    assert_int_equal(stage_locked(exchange, "BTC"), UNIT / 4);
    assert_true(exchange_cancel(exchange, list->order_ids[1], "", STAGE_US, &fault));
    assert_int_equal(stage_locked(exchange, "BTC"), 0);
    assert_int_equal(stage_leg(exchange, list, 0)->executed.units, UNIT / 4);
    assert_true(list->done);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void lists_are_refused_by_name(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = list_of(EXCHANGE_OPO);
    wish.legs[0].side = SIDE_SELL;
    wish.legs[0].price = price_of(50100 * UNIT);
    no_list(exchange, wish, -1222, "Working order in an OPO list must be a bid.");
    wish = list_of(EXCHANGE_OPO);
    wish.legs[1].side = SIDE_BUY;
    no_list(exchange, wish, -1223, "Pending orders in an OPO list must be asks.");
    wish = list_of(EXCHANGE_OTO);
    wish.legs[1].price = price_of(51000 * UNIT + 1); /* off the grid is seen at once */
    no_list(exchange, wish, -1013, "Filter failure: PRICE_FILTER");
    wish = list_of(EXCHANGE_OTOCO);
    wish.legs[2].type = EXCHANGE_LIMIT_MAKER;
    no_list(exchange, wish, -1168, "At least one OCO order must be contingent.");
    wish = list_of(EXCHANGE_OTOCO);
    wish.legs[1].price = price_of(48000 * UNIT);
    no_list(exchange, wish, -2010, "The relationship of the prices for the orders is not correct.");
    const struct {
        Side side;
        ExchangeType above, below;
        int code;
    } pairs[] = {{SIDE_BUY, EXCHANGE_LIMIT_MAKER, EXCHANGE_TAKE_PROFIT, -1165},
                 {SIDE_SELL, EXCHANGE_TAKE_PROFIT, EXCHANGE_LIMIT_MAKER, -1166},
                 {SIDE_BUY, EXCHANGE_STOP_LOSS, EXCHANGE_STOP_LOSS, -1196},
                 {SIDE_SELL, EXCHANGE_STOP_LOSS, EXCHANGE_STOP_LOSS, -1197},
                 {SIDE_BUY, EXCHANGE_TAKE_PROFIT, EXCHANGE_TAKE_PROFIT, -1198},
                 {SIDE_SELL, EXCHANGE_TAKE_PROFIT, EXCHANGE_TAKE_PROFIT, -1199},
                 {SIDE_SELL, EXCHANGE_LIMIT, EXCHANGE_STOP_LOSS, -1158}};
    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        ExchangeFault fault;
        const ExchangeList *list;
        ExchangeWish legs[2] = {
            stage_wish(pairs[i].above, pairs[i].side, UNIT, 51000 * UNIT, 51000 * UNIT),
            stage_wish(pairs[i].below, pairs[i].side, UNIT, 49000 * UNIT, 49000 * UNIT)};
        assert_false(exchange_place_oco(exchange, legs, "", STAGE_US, &list, &fault));
        assert_int_equal(fault.code, pairs[i].code);
    }
    wish = (ExchangeListWish){
        .kind = EXCHANGE_OCO,
        .legs = {stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_SELL, UNIT, 51000 * UNIT, 0),
                 stage_wish(EXCHANGE_STOP_LOSS, SIDE_SELL, UNIT, 0, 50500 * UNIT)}};
    no_list(exchange, wish, -2010, "The relationship of the prices for the orders is not correct.");
    exchange->pairs[0].rules.allows_opo = false;
    no_list(exchange, list_of(EXCHANGE_OPO), -2010,
            "OPO orders are not supported for this symbol.");
    exchange->pairs[0].rules.allows_oto = false;
    no_list(exchange, list_of(EXCHANGE_OTO), -2010, "OTO orders are not supported for this symbol");
}

static void lists_are_counted(void **state) {
    Exchange *exchange = *state;
    exchange->pairs[0].rules.lists_max = 2;
    ExchangeListWish wish = list_of(EXCHANGE_OTO);
    memcpy(wish.client_id, "both", 5);
    stage_listed(exchange, wish);
    no_list(exchange, wish, -2010, "Duplicate order sent.");
    wish.client_id[0] = 0;
    stage_listed(exchange, wish);
    no_list(exchange, wish, -1013, "Filter failure: MAX_NUM_ORDER_LISTS");
    exchange->pairs[0].rules.lists_max = 20;
    exchange->pairs[0].rules.orders_max = 6;
    no_list(exchange, list_of(EXCHANGE_OTOCO), -1013, "Filter failure: MAX_NUM_ORDERS");
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(a_pending_leg_waits_for_the_whole_fill),
        STAGED(a_list_whose_working_order_fills_at_once),
        STAGED(a_leg_that_a_rule_forbids_is_rejected),
        STAGED(what_ends_the_working_order_ends_the_list),
        STAGED(a_prevented_working_order_ends_the_list),
        STAGED(the_greater_need_of_a_pair_has_to_be_free),
        STAGED(bought_bnb_pays_its_own_fee),
        STAGED(the_pair_enters_and_locks_once),
        STAGED(what_is_received_is_put_by),
        STAGED(the_fee_is_taken_off_where_nothing_else_is_free),
        STAGED(a_reserve_is_freed_with_its_list),
        STAGED(lists_are_refused_by_name),
        STAGED(lists_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
