/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated exchange's engine: every type of order, every filter, lists, fees, and balances
 * that reconcile whatever happens. */
#include "exchange_stage.h"

#include "core/base/random.h"
#include "core/sim/bar_path.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

static int open_stage(void **state) {
    *state = stage_open();
    return 0;
}

static int close_stage(void **state) {
    free(*state);
    return 0;
}

/* ---- types --------------------------------------------------------------------------------- */

/* Best ask: 50,000 and a hundredth of a percent; fee of a thousandth, rounded up, in the base. */
static void market_buys_at_the_ask(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *order =
        stage_placed(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, UNIT / 20, 0, 0));
    assert_int_equal(order->status, EXCHANGE_FILLED);
    const ExchangeFill *fill = exchange_fill(exchange, 1);
    assert_int_equal(fill->price.units, 50005 * UNIT);
    assert_int_equal(fill->fee.units, UNIT / 20000);
    assert_false(fill->maker);
    assert_int_equal(stage_free(exchange, "BTC"), 10 * UNIT + UNIT / 20 - UNIT / 20000);
    assert_int_equal(stage_free(exchange, "USDC"), 1000000 * UNIT - 50005 * UNIT / 20);
    assert_int_equal(stage_locked(exchange, "USDC"), 0);
}

static void market_walks_the_book(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *order =
        stage_placed(exchange, stage_wish(EXCHANGE_MARKET, SIDE_SELL, UNIT / 4, 0, 0));
    assert_int_equal(order->status, EXCHANGE_FILLED);
    assert_int_equal(exchange->fill_count, 3);
    assert_int_equal(exchange_fill(exchange, 1)->price.units, 49995 * UNIT);
    assert_int_equal(exchange_fill(exchange, 3)->price.units, 49985 * UNIT);
    /* what was taken is gone until the next print */
    ExchangeLevel levels[LIMIT_EXCHANGE_LEVELS];
    exchange_book(exchange, 0, SIDE_BUY, levels);
    assert_int_equal(levels[0].price.units, 49985 * UNIT);
    stage_print(exchange, 0, STAGE_PRICE, UNIT);
    exchange_book(exchange, 0, SIDE_BUY, levels);
    assert_int_equal(levels[0].price.units, 49995 * UNIT);
}

static void market_spends_quote(void **state) {
    Exchange *exchange = *state;
    ExchangeWish wanted = stage_wish(EXCHANGE_MARKET, SIDE_BUY, 0, 0, 0);
    wanted.quote_quantity = money_of(1000 * UNIT);
    const ExchangeOrder *order = stage_placed(exchange, wanted);
    assert_int_equal(order->executed.units, 1999000); /* 1000 / 50005 on the step */
    assert_true(order->quote_executed.units <= 1000 * UNIT);
    assert_int_equal(order->status, EXCHANGE_FILLED);
}

static void a_thin_book_expires_the_rest(void **state) {
    Exchange *exchange = *state;
    assert_true(exchange_deposit(exchange, SLICE("BTC"), money_of(1000 * UNIT)));
    const ExchangeOrder *order =
        stage_placed(exchange, stage_wish(EXCHANGE_MARKET, SIDE_SELL, 1000 * UNIT, 0, 0));
    assert_int_equal(order->status, EXCHANGE_EXPIRED);
    assert_int_equal(order->reason, EXCHANGE_NO_LIQUIDITY);
    assert_true(order->executed.units > 0 && order->executed.units < 1000 * UNIT);
    assert_int_equal(stage_locked(exchange, "BTC"), 0);
}

static void a_limit_rests_and_fills_in_parts(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *order =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49900 * UNIT, 0));
    assert_int_equal(order->status, EXCHANGE_NEW);
    assert_int_equal(stage_locked(exchange, "USDC"), 49900 * UNIT);
    stage_print(exchange, 0, 49901 * UNIT, 8 * UNIT);
    assert_int_equal(order->status, EXCHANGE_NEW);
    stage_print(exchange, 0, 49900 * UNIT, 2 * UNIT); /* a quarter of it */
    assert_int_equal(order->status, EXCHANGE_PARTIALLY_FILLED);
    assert_int_equal(order->executed.units, UNIT / 2);
    assert_int_equal(stage_locked(exchange, "USDC"), 49900 * UNIT / 2);
    stage_print(exchange, 0, 49000 * UNIT, 8 * UNIT);
    assert_int_equal(order->status, EXCHANGE_FILLED);
    assert_int_equal(exchange_fill(exchange, 2)->price.units, 49900 * UNIT);
    assert_true(exchange_fill(exchange, 2)->maker);
    assert_int_equal(stage_locked(exchange, "USDC"), 0);
}

static void better_prices_and_older_orders_come_first(void **state) {
    Exchange *exchange = *state;
    const ExchangeOrder *first =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 2, 49900 * UNIT, 0));
    const ExchangeOrder *second =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 2, 49900 * UNIT, 0));
    const ExchangeOrder *better =
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 2, 49950 * UNIT, 0));
    stage_print(exchange, 0, 49900 * UNIT, 3 * UNIT); /* three quarters of a coin for us */
    assert_int_equal(better->status, EXCHANGE_FILLED);
    assert_int_equal(first->executed.units, UNIT / 4);
    assert_int_equal(second->status, EXCHANGE_NEW);
}

static void times_in_force(void **state) {
    Exchange *exchange = *state;
    ExchangeWish wanted = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 4, 50005 * UNIT, 0);
    wanted.force = EXCHANGE_FOK; /* the level holds a tenth */
    const ExchangeOrder *order = stage_placed(exchange, wanted);
    assert_int_equal(order->status, EXCHANGE_EXPIRED);
    assert_int_equal(order->reason, EXCHANGE_UNFILLED_FOK);
    assert_int_equal(order->executed.units, 0);
    wanted.force = EXCHANGE_IOC;
    order = stage_placed(exchange, wanted);
    assert_int_equal(order->status, EXCHANGE_EXPIRED);
    assert_int_equal(order->reason, EXCHANGE_UNFILLED_IOC);
    assert_int_equal(order->executed.units, UNIT / 10);
    stage_print(exchange, 0, STAGE_PRICE, 0);
    wanted.force = EXCHANGE_GTC;
    order = stage_placed(exchange, wanted);
    assert_int_equal(order->status, EXCHANGE_PARTIALLY_FILLED);
    assert_int_equal(stage_locked(exchange, "USDC"), 50005 * (UNIT / 20) * 3);
}

static void a_maker_never_takes(void **state) {
    Exchange *exchange = *state;
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_BUY, UNIT, 50005 * UNIT, 0),
                  -2010, "Order would immediately match and take.");
    assert_int_equal(
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_BUY, UNIT, 50004 * UNIT, 0))
            ->status,
        EXCHANGE_NEW);
}

/* type, side, stop, the price that does not reach it yet, the one that does */
static const struct {
    ExchangeType type;
    Side side;
    int64_t stop, near, hit;
} stops[] = {
    {EXCHANGE_STOP_LOSS, SIDE_SELL, 49000, 49001, 49000},
    {EXCHANGE_STOP_LOSS, SIDE_BUY, 51000, 50999, 51000},
    {EXCHANGE_TAKE_PROFIT, SIDE_SELL, 51000, 50999, 51000},
    {EXCHANGE_TAKE_PROFIT, SIDE_BUY, 49000, 49001, 49000},
    {EXCHANGE_STOP_LOSS_LIMIT, SIDE_SELL, 49000, 49001, 49000},
    {EXCHANGE_STOP_LOSS_LIMIT, SIDE_BUY, 51000, 50999, 51000},
    {EXCHANGE_TAKE_PROFIT_LIMIT, SIDE_SELL, 51000, 50999, 51000},
    {EXCHANGE_TAKE_PROFIT_LIMIT, SIDE_BUY, 49000, 49001, 49000},
};

static void stops_trigger_at_their_price(void **state) {
    Exchange *exchange = *state;
    for (unsigned i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        bool limited =
            exchange_is_stop(stops[i].type) && (stops[i].type == EXCHANGE_STOP_LOSS_LIMIT ||
                                                stops[i].type == EXCHANGE_TAKE_PROFIT_LIMIT);
        int64_t away = stops[i].side == SIDE_BUY ? 100 : -100; /* a limit that the book fills */
        stage_print(exchange, 0, STAGE_PRICE, 0);
        const ExchangeOrder *order =
            stage_placed(exchange, stage_wish(stops[i].type, stops[i].side, UNIT / 100,
                                              limited ? (stops[i].stop + away) * UNIT : 0,
                                              stops[i].stop * UNIT));
        assert_int_equal(order->working_us, 0);
        stage_print(exchange, 0, stops[i].near * UNIT, UNIT);
        assert_int_equal(order->status, EXCHANGE_NEW);
        stage_print(exchange, 0, stops[i].hit * UNIT, UNIT);
        assert_int_equal(order->status, EXCHANGE_FILLED);
        assert_int_equal(order->locked.units, 0);
        stage_print(exchange, 0, STAGE_PRICE, 0);
        stage_refused(exchange,
                      stage_wish(stops[i].type, stops[i].side, UNIT / 100,
                                 limited ? STAGE_PRICE : 0, (100000 - stops[i].stop) * UNIT),
                      -2010, "Order would trigger immediately.");
    }
    assert_int_equal(exchange->accounts[0].open_count, 0);
}

/* ---- filters ------------------------------------------------------------------------------- */

static void filters_are_named(void **state) {
    Exchange *exchange = *state;
    const int64_t step = UNIT / 100000;
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49900 * UNIT + 1, 0), -1013,
                  "Filter failure: PRICE_FILTER");
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 2000000 * UNIT, 0), -1013,
                  "Filter failure: PRICE_FILTER");
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 300000 * UNIT, 0), -1013,
                  "Filter failure: PERCENT_PRICE_BY_SIDE");
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 9999 * UNIT, 0), -1013,
                  "Filter failure: PERCENT_PRICE_BY_SIDE");
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, step + 1, 49900 * UNIT, 0), -1013,
                  "Filter failure: LOT_SIZE");
    stage_refused(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, 9001 * UNIT, 0, 0), -1013,
                  "Filter failure: LOT_SIZE");
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, step, 49900 * UNIT, 0), -1013,
                  "Filter failure: NOTIONAL");
    stage_refused(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, step, 0, 0), -1013,
                  "Filter failure: NOTIONAL");
    stage_refused(exchange, stage_wish(EXCHANGE_STOP_LOSS, SIDE_SELL, UNIT, 0, 49000 * UNIT + 1),
                  -1013, "Filter failure: PRICE_FILTER");
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_SELL, 11 * UNIT, 51000 * UNIT, 0),
                  -2010, "Account has insufficient balance for requested action.");
    exchange_set_trading(exchange, 0, EXCHANGE_HALT, STAGE_US);
    stage_refused(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, UNIT, 0, 0), -2010,
                  "Market is closed.");
}

static void counts_are_limited(void **state) {
    Exchange *exchange = *state;
    for (unsigned i = 0; i < LIMIT_EXCHANGE_STOPS; i++)
        stage_placed(exchange,
                     stage_wish(EXCHANGE_STOP_LOSS, SIDE_SELL, UNIT / 100, 0, 49000 * UNIT));
    stage_refused(exchange, stage_wish(EXCHANGE_STOP_LOSS, SIDE_SELL, UNIT / 100, 0, 49000 * UNIT),
                  -1013, "Filter failure: MAX_NUM_ALGO_ORDERS");
    for (unsigned i = LIMIT_EXCHANGE_STOPS; i < LIMIT_EXCHANGE_OPEN_PAIR; i++)
        stage_placed(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 100, 40000 * UNIT, 0));
    stage_refused(exchange, stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT / 100, 40000 * UNIT, 0),
                  -1013, "Filter failure: MAX_NUM_ORDERS");
}

static void client_ids_are_unique_while_open(void **state) {
    Exchange *exchange = *state;
    ExchangeWish wanted = stage_wish(EXCHANGE_LIMIT, SIDE_BUY, UNIT, 49900 * UNIT, 0);
    ExchangeFault fault;
    memcpy(wanted.client_id, "mine", 5);
    int64_t id = stage_placed(exchange, wanted)->id;
    stage_refused(exchange, wanted, -2010, "Duplicate order sent.");
    assert_true(exchange_cancel(exchange, id, "", STAGE_US, &fault));
    assert_int_equal(stage_locked(exchange, "USDC"), 0);
    assert_false(exchange_cancel(exchange, id, "", STAGE_US, &fault));
    assert_int_equal(fault.code, -2011);
    assert_true(stage_placed(exchange, wanted)->id > id);
    assert_int_equal(exchange_order_named(exchange, 0, SLICE("mine"))->id, id + 1);
}

/* ---- lists --------------------------------------------------------------------------------- */

static const ExchangeList *bracket(Exchange *exchange, Side side) {
    bool sells = side == SIDE_SELL;
    ExchangeWish legs[2] = {
        sells ? stage_wish(EXCHANGE_LIMIT_MAKER, side, UNIT, 51000 * UNIT, 0)
              : stage_wish(EXCHANGE_STOP_LOSS, side, UNIT, 0, 51000 * UNIT),
        sells ? stage_wish(EXCHANGE_STOP_LOSS_LIMIT, side, UNIT, 48900 * UNIT, 49000 * UNIT)
              : stage_wish(EXCHANGE_LIMIT_MAKER, side, UNIT, 49000 * UNIT, 0)};
    const ExchangeList *list = NULL;
    ExchangeFault fault = {0};
    assert_true(exchange_place_oco(exchange, legs, "", STAGE_US, &list, &fault));
    return list;
}

static void one_cancels_the_other(void **state) {
    Exchange *exchange = *state;
    const ExchangeList *list = bracket(exchange, SIDE_SELL);
    const ExchangeOrder *target = exchange_order(exchange, list->order_ids[0]),
                        *stop = exchange_order(exchange, list->order_ids[1]);
    assert_int_equal(stage_locked(exchange, "BTC"), UNIT); /* once */
    stage_print(exchange, 0, 51000 * UNIT, UNIT);
    assert_int_equal(target->status, EXCHANGE_PARTIALLY_FILLED);
    assert_int_equal(stop->status, EXCHANGE_EXPIRED);
    assert_int_equal(stop->reason, EXCHANGE_OCO_TRIGGER);
    assert_false(list->done);
    stage_print(exchange, 0, 51000 * UNIT, 4 * UNIT);
    assert_int_equal(target->status, EXCHANGE_FILLED);
    assert_true(list->done);
    stage_print(exchange, 0, STAGE_PRICE, UNIT);
    list = bracket(exchange, SIDE_BUY);
    assert_int_equal(stage_locked(exchange, "USDC"), 51000 * UNIT);
    stage_print(exchange, 0, STAGE_PRICE, UNIT);
    stage_print(exchange, 0, 51500 * UNIT, UNIT);
    assert_int_equal(exchange_order(exchange, list->order_ids[0])->status, EXCHANGE_FILLED);
    assert_int_equal(exchange_order(exchange, list->order_ids[1])->status, EXCHANGE_EXPIRED);
    assert_int_equal(stage_locked(exchange, "USDC"), 0);
    assert_int_equal(stage_locked(exchange, "BTC"), 0);
}

static void a_list_is_cancelled_whole_and_checked(void **state) {
    Exchange *exchange = *state;
    const ExchangeList *list = bracket(exchange, SIDE_SELL), *none;
    ExchangeFault fault;
    assert_true(exchange_cancel(exchange, list->order_ids[1], "", STAGE_US, &fault));
    assert_true(list->done);
    assert_int_equal(exchange->accounts[0].open_count, 0);
    assert_int_equal(stage_free(exchange, "BTC"), 10 * UNIT);
    ExchangeWish legs[2] = {stage_wish(EXCHANGE_LIMIT_MAKER, SIDE_SELL, UNIT, 49000 * UNIT, 0),
                            stage_wish(EXCHANGE_STOP_LOSS, SIDE_SELL, UNIT, 0, 51000 * UNIT)};
    assert_false(exchange_place_oco(exchange, legs, "", STAGE_US, &none, &fault));
    assert_string_equal(fault.text,
                        "The relationship of the prices for the orders is not correct.");
}

/* ---- fees ---------------------------------------------------------------------------------- */

static void fees_in_bnb_while_there_is_some(void **state) {
    Exchange *exchange = *state;
    exchange->costs.pays_in_bnb = true;
    assert_true(exchange_deposit(exchange, SLICE("BNB"), money_of(UNIT / 100)));
    stage_placed(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, UNIT / 20, 0, 0));
    /* 2500.25 x 0.00075 / 500 = 0.003750375, rounded up */
    assert_int_equal(stage_free(exchange, "BNB"), UNIT / 100 - 375038);
    assert_int_equal(stage_free(exchange, "BTC"), 10 * UNIT + UNIT / 20);
    stage_placed(exchange, stage_wish(EXCHANGE_MARKET, SIDE_BUY, UNIT / 2, 0, 0));
    assert_true(stage_free(exchange, "BNB") >= 0);
    assert_true(stage_free(exchange, "BTC") < 10 * UNIT + UNIT / 20 + UNIT / 2);
}

/* ---- whatever happens ---------------------------------------------------------------------- */

/* What the fills say must have become of the opening balances. */
static void reconcile(const Exchange *exchange) {
    __int128 usdc = 1000000 * (__int128)UNIT, btc = 10 * UNIT, locked[2] = {0};
    for (int64_t id = 1; id <= exchange->fill_count; id++) {
        const ExchangeFill *fill = exchange_fill(exchange, id);
        assert_non_null(fill);
        int sign = fill->side == SIDE_BUY ? 1 : -1;
        btc += sign * fill->quantity.units;
        usdc -= sign * fill->quote.units;
        *(fill->side == SIDE_BUY ? &btc : &usdc) -= fill->fee.units;
    }
    for (unsigned i = 0; i < exchange->accounts[0].open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, exchange->accounts[0].open[i]);
        assert_true(exchange_is_open(order) && order->locked.units >= 0);
        locked[order->wish.side] += order->locked.units;
    }
    assert_true(stage_locked(exchange, "USDC") == locked[SIDE_BUY]);
    assert_true(stage_locked(exchange, "BTC") == locked[SIDE_SELL]);
    assert_true(stage_free(exchange, "USDC") >= 0 && stage_free(exchange, "BTC") >= 0);
    assert_true(stage_free(exchange, "USDC") + stage_locked(exchange, "USDC") == usdc);
    assert_true(stage_free(exchange, "BTC") + stage_locked(exchange, "BTC") == btc);
}

static void random_order(Exchange *exchange, Random *random) {
    ExchangeType type = (ExchangeType)random_below(random, EXCHANGE_TYPE_COUNT);
    int64_t last = exchange->pairs[0].last.units, tick = UNIT / 100;
    int64_t price = last + ((int64_t)random_below(random, 200000) - 100000) * tick;
    int64_t stop = last + ((int64_t)random_below(random, 200000) - 100000) * tick;
    ExchangeWish legs[2] = {
        stage_wish(type, (Side)random_below(random, 2),
                   (int64_t)(1 + random_below(random, 100000)) * (UNIT / 100000), price, stop)};
    legs[0].force = (ExchangeForce)random_below(random, EXCHANGE_FORCE_COUNT);
    const ExchangeOrder *order;
    const ExchangeList *list;
    ExchangeFault fault;
    if (type == EXCHANGE_MARKET) legs[0].price = legs[0].stop = price_of(0);
    legs[1] = legs[0];
    legs[1].type = (ExchangeType)random_below(random, EXCHANGE_TYPE_COUNT);
    legs[1].stop = legs[1].price = price_of(2 * last - price);
    bool sound = random_below(random, 4)
                     ? exchange_place(exchange, legs, STAGE_US, &order, &fault)
                     : exchange_place_oco(exchange, legs, "", STAGE_US, &list, &fault);
    if (!sound) assert_true(fault.code < 0 && fault.text[0]);
}

static void balances_reconcile_after_everything(void **state) {
    Exchange *exchange = *state;
    Random random = random_stream(7, 1);
    ExchangeFault fault;
    unsigned canceled = 0;
    for (unsigned i = 0; i < 3000 && exchange->fill_count < LIMIT_EXCHANGE_FILLS - 500; i++) {
        random_order(exchange, &random);
        reconcile(exchange);
        int64_t away = ((int64_t)random_below(&random, 100000) - 50000) * (UNIT / 100);
        stage_print(exchange, 0, STAGE_PRICE + away, (int64_t)random_below(&random, 4) * UNIT);
        reconcile(exchange);
        if (exchange->accounts[0].open_count && random_below(&random, 3) == 0)
            canceled += exchange_cancel(
                exchange,
                exchange->accounts[0].open[random_below(&random, exchange->accounts[0].open_count)],
                "", STAGE_US, &fault);
        reconcile(exchange);
        stage_drain(exchange);
    }
    assert_true(exchange->fill_count > 500 && canceled > 100);
}

/* The walk through a minute folds to that minute again. */
static void a_path_is_its_bar(void **state) {
    Exchange *exchange = *state;
    Random random = random_stream(3, 1);
    const Filters *filters = &exchange->pairs[0].symbol.filters;
    for (unsigned n = 0; n < 200; n++) {
        int64_t cents[4];
        for (unsigned i = 0; i < 4; i++)
            cents[i] = (4900000 + random_below(&random, 200000)) * (UNIT / 100);
        Bar bar = {.time_us = STAGE_US + n * INSTANT_MINUTE_US,
                   .open = price_of(cents[0]),
                   .close = price_of(cents[1]),
                   .volume = random_below(&random, 1000) / 8.0};
        bar.high = price_of(cents[0] > cents[1] ? cents[0] : cents[1]);
        bar.low = price_of(cents[0] < cents[1] ? cents[0] : cents[1]);
        if (cents[2] > bar.high.units) bar.high = price_of(cents[2]);
        if (cents[3] < bar.low.units) bar.low = price_of(cents[3]);
        for (unsigned step = 0; step < BAR_PATH_STEPS; step++) {
            ExchangePrint print = bar_path(&bar, filters, step);
            assert_int_equal(print.price.units % filters->tick.units, 0);
            exchange_print(exchange, 0, &print);
        }
        const Bar *folded = &exchange->pairs[0].minute;
        assert_int_equal(folded->time_us, bar.time_us);
        assert_int_equal(folded->open.units, bar.open.units);
        assert_int_equal(folded->high.units, bar.high.units);
        assert_int_equal(folded->low.units, bar.low.units);
        assert_int_equal(folded->close.units, bar.close.units);
        assert_close(folded->volume, bar.volume, 1e-9 * (1 + bar.volume));
        stage_drain(exchange);
    }
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(market_buys_at_the_ask),
        STAGED(market_walks_the_book),
        STAGED(market_spends_quote),
        STAGED(a_thin_book_expires_the_rest),
        STAGED(a_limit_rests_and_fills_in_parts),
        STAGED(better_prices_and_older_orders_come_first),
        STAGED(times_in_force),
        STAGED(a_maker_never_takes),
        STAGED(stops_trigger_at_their_price),
        STAGED(filters_are_named),
        STAGED(counts_are_limited),
        STAGED(client_ids_are_unique_while_open),
        STAGED(one_cancels_the_other),
        STAGED(a_list_is_cancelled_whole_and_checked),
        STAGED(fees_in_bnb_while_there_is_some),
        STAGED(balances_reconcile_after_everything),
        STAGED(a_path_is_its_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
