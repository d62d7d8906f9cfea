/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that meet one another, of two accounts or of one, and self-trade prevention. */
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

/* ---- orders that meet ---------------------------------------------------------------------- */

static unsigned second_account(Exchange *exchange) {
    int account = exchange_add_account(exchange);
    assert_int_equal(account, 1);
    assert_true(
        exchange_deposit_to(exchange, 1, SLICE("USDC"), money_of(1000000 * (__int128)UNIT)));
    assert_true(exchange_deposit_to(exchange, 1, SLICE("BTC"), money_of(10 * UNIT)));
    return 1;
}

/* Inside the market's spread nothing else stands: 49,995 bids, 50,005 asks. */
static void two_accounts_meet(void **state) {
    Exchange *exchange = *state;
    ExchangeWish sell = stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 50002 * UNIT, 0);
    sell.account = second_account(exchange);
    const ExchangeOrder *maker = stage_placed(exchange, sell);
    const ExchangeOrder *taker =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 2, 50003 * UNIT, 0));
    assert_int_equal(taker->status, EXCHANGE_FILLED);
    assert_int_equal(maker->status, EXCHANGE_PARTIALLY_FILLED);
    const ExchangeFill *made = exchange_fill(exchange, 1), *taken = exchange_fill(exchange, 2);
    assert_true(made->maker && !taken->maker);
    assert_int_equal(made->account, 1);
    assert_int_equal(taken->price.units, 50002 * UNIT);
    assert_true(exchange_free(exchange, 0, SLICE("USDC")).units ==
                1000000 * (__int128)UNIT - 25001 * (__int128)UNIT);
    assert_true(exchange_free(exchange, 1, SLICE("USDC")).units ==
                1000000 * (__int128)UNIT + 25001 * (__int128)UNIT - 2500100000);
    assert_int_equal(exchange->pairs[0].last.units, STAGE_PRICE); /* the market's print, not ours */
    const ExchangeEvent *event;
    unsigned heard[2] = {0};
    while ((event = exchange_next_event(exchange)))
        heard[event->account]++;
    assert_true(heard[0] > 0 && heard[1] > 0);
}

static void a_taker_passes_the_market_on_its_way(void **state) {
    Exchange *exchange = *state;
    ExchangeWish sell = stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT / 10, 50005 * UNIT, 0);
    sell.account = second_account(exchange);
    const ExchangeOrder *maker = stage_placed(exchange, sell);
    stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 10, 50005 * UNIT, 0));
    assert_int_equal(maker->executed.units, 0); /* the market stood there before it */
    stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 10, 50010 * UNIT, 0));
    assert_int_equal(maker->status, EXCHANGE_FILLED); /* and then comes the next level */
    ExchangeWish post = stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_SELL, UNIT, 50001 * UNIT, 0);
    post.account = 1;
    stage_placed(exchange, post);
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_BUY, UNIT, 50001 * UNIT, 0),
                  -2010, "Order would immediately match and take.");
}

/* ---- self-trade prevention ----------------------------------------------------------------- */

/* The venue's own example ("Self Trade Prevention FAQ"): three bids inside the spread, a taker. */
static void bids_and_taker(Exchange *exchange, ExchangePrevention mode,
                           const ExchangeOrder *bids[static 3], const ExchangeOrder **taker) {
    const int64_t quantities[] = {120, 130, 810}, prices[] = {50004, 50003, 50002};
    for (unsigned i = 0; i < 3; i++)
        bids[i] =
            stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY,
                                              quantities[i] * (UNIT / 1000), prices[i] * UNIT, 0));
    ExchangeWish wanted =
        stage_wish(EXCHANGE_LIMIT, SIDE_SELL, 300 * (UNIT / 1000), 50002 * UNIT, 0);
    wanted.prevention = mode;
    *taker = stage_placed(exchange, wanted);
}

static void an_account_may_trade_with_itself(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *bids[3], *taker;
    bids_and_taker(exchange, PREVENT_NOTHING, bids, &taker);
    assert_int_equal(taker->status, EXCHANGE_FILLED);
    assert_int_equal(bids[0]->status, EXCHANGE_FILLED);
    assert_int_equal(bids[2]->executed.units, 50 * (UNIT / 1000));
    assert_int_equal(exchange->prevented_count, 0);
    assert_int_equal(exchange->fill_count, 6);
}

static void the_maker_expires(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *bids[3], *taker;
    bids_and_taker(exchange, PREVENT_MAKER, bids, &taker);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(bids[i]->status, EXCHANGE_EXPIRED_IN_MATCH);
        assert_int_equal(bids[i]->prevented.units, bids[i]->wish.quantity.units);
        assert_int_equal(bids[i]->prevented_id, i + 1);
    }
    assert_int_equal(taker->status, EXCHANGE_NEW);
    assert_int_equal(taker->stand, STANDS_RESTING);
    assert_int_equal(exchange->fill_count, 0);
    assert_int_equal(exchange_prevented(exchange, 3)->maker.units, 810 * (UNIT / 1000));
    assert_int_equal(exchange_prevented(exchange, 3)->taker.units, 0);
}

static void the_taker_expires(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *bids[3], *taker;
    bids_and_taker(exchange, PREVENT_TAKER, bids, &taker);
    assert_int_equal(taker->status, EXCHANGE_EXPIRED_IN_MATCH);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(bids[i]->status, EXCHANGE_NEW);
    assert_int_equal(stage_locked(exchange, "BTC"), 0);
}

static void both_expire(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *bids[3], *taker;
    bids_and_taker(exchange, PREVENT_BOTH, bids, &taker);
    assert_int_equal(taker->status, EXCHANGE_EXPIRED_IN_MATCH);
    assert_int_equal(bids[0]->status, EXCHANGE_EXPIRED_IN_MATCH);
    assert_int_equal(bids[1]->status, EXCHANGE_NEW);
}

/* 0.3 against 0.12, 0.13 and 0.81: what is left of the taker, 0.05, is taken off the third. */
static void both_are_decremented(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *bids[3], *taker;
    bids_and_taker(exchange, PREVENT_DECREMENT, bids, &taker);
    assert_int_equal(taker->status, EXCHANGE_EXPIRED_IN_MATCH);
    assert_int_equal(taker->prevented.units, 300 * (UNIT / 1000));
    assert_int_equal(bids[1]->status, EXCHANGE_EXPIRED_IN_MATCH);
    assert_int_equal(bids[2]->status, EXCHANGE_NEW);
    assert_int_equal(bids[2]->prevented.units, 50 * (UNIT / 1000));
    assert_int_equal(stage_locked(exchange, "USDC"), 760 * (50002 * (UNIT / 1000)));
}

static void prevention_is_for_one_account(void **state) {
    Exchange *exchange = *state;
    ExchangeWish bid = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 50002 * UNIT, 0);
    ExchangeWish ask = stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 50002 * UNIT, 0);
    bid.account = second_account(exchange);
    ask.prevention = PREVENT_BOTH;
    stage_placed(exchange, bid);
    assert_int_equal(stage_placed(exchange, ask)->status, EXCHANGE_FILLED);
}

/* Its own order expires on the way: what stands behind it is there to be taken, whole or not at
 * all. */
static void a_taker_goes_past_its_own_maker(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *own =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 50002 * UNIT, 0));
    ExchangeWish wanted = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 10, 50005 * UNIT, 0);
    wanted.force = EXCHANGE_FOK;
    wanted.prevention = PREVENT_DECREMENT; /* would lose of it: not whole */
    assert_int_equal(stage_placed(exchange, wanted)->reason, EXCHANGE_UNFILLED_FOK);
    assert_int_equal(own->status, EXCHANGE_NEW);
    wanted.prevention = PREVENT_MAKER;
    const ExchangeOrder *taker = stage_placed(exchange, wanted);
    assert_int_equal(own->status, EXCHANGE_EXPIRED_IN_MATCH);
    assert_int_equal(taker->status, EXCHANGE_FILLED);
    assert_int_equal(taker->quote_executed.units, 50005 * UNIT / 10);
}

/* What it wants stands before its own order: it never meets it. */
static void a_whole_fill_before_its_own_order(void **state) {
    Exchange *exchange = *state;
    stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 50006 * UNIT, 0));
    ExchangeWish wanted = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 10, 50010 * UNIT, 0);
    wanted.force = EXCHANGE_FOK;
    wanted.prevention = PREVENT_TAKER;
    assert_int_equal(stage_placed(exchange, wanted)->status, EXCHANGE_FILLED);
    assert_int_equal(stage_placed(exchange, wanted)->reason, EXCHANGE_UNFILLED_FOK);
}

/* A market order by quantity that buys: its money is what it costs behind its own order. */
static void a_market_order_goes_past_its_own_maker(void **state) {
    Exchange *exchange = *state;
    stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT, 50002 * UNIT, 0));
    ExchangeWish wanted = stage_wish(EXCHANGE_MARKET, SIDE_BUY, UNIT / 10, 0, 0);
    wanted.prevention = PREVENT_MAKER;
    assert_int_equal(stage_placed(exchange, wanted)->status, EXCHANGE_FILLED);
    assert_int_equal(stage_locked(exchange, "USDC"), 0);
}

/* A leg that is decremented ends its other leg, and holds what is left of it. */
static void a_leg_that_is_prevented_ends_the_other(void **state) {
    Exchange *exchange = *state;
    ExchangeListWish wish = {
        .kind = EXCHANGE_OCO,
        .legs = {stage_wish(EXCHANGE_STOP_LOSS, SIDE_BUY, UNIT, 0, 51000 * UNIT),
                 stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_BUY, UNIT, 49999 * UNIT, 0)}};
    const ExchangeList *list = stage_listed(exchange, wish);
    ExchangeWish taker = stage_wish(EXCHANGE_LIMIT, SIDE_SELL, UNIT / 4, 49999 * UNIT, 0);
    taker.prevention = PREVENT_DECREMENT;
    assert_int_equal(stage_placed(exchange, taker)->status, EXCHANGE_EXPIRED_IN_MATCH);
    assert_int_equal(stage_leg(exchange, list, 0)->reason, EXCHANGE_OCO_TRIGGER);
    assert_int_equal(stage_leg(exchange, list, 1)->prevented.units, UNIT / 4);
    assert_int_equal(stage_locked(exchange, "USDC"), 49999 * (UNIT / 4) * 3);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(two_accounts_meet),
        STAGED(a_taker_passes_the_market_on_its_way),
        STAGED(an_account_may_trade_with_itself),
        STAGED(the_maker_expires),
        STAGED(the_taker_expires),
        STAGED(both_expire),
        STAGED(both_are_decremented),
        STAGED(prevention_is_for_one_account),
        STAGED(a_taker_goes_past_its_own_maker),
        STAGED(a_whole_fill_before_its_own_order),
        STAGED(a_market_order_goes_past_its_own_maker),
        STAGED(a_leg_that_is_prevented_ends_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
