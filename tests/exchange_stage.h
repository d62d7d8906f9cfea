/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated exchange with two pairs at known prices, for the tests of it. The stage frees it. */
#ifndef TESTS_EXCHANGE_STAGE_H
#define TESTS_EXCHANGE_STAGE_H

#include "unit.h"

#include "core/sim/exchange_api.h"

#define UNIT        DECIMAL_SCALE
#define STAGE_US    1790000040000000LL /* a whole minute in 2026 */
#define STAGE_PRICE (50000 * UNIT)

static const ExchangeCosts stage_costs = {.maker_ppm = 1000,
                                          .taker_ppm = 1000,
                                          .half_spread_ppm = 100,
                                          .slippage_ppm = 100,
                                          .share_ppm = 250000,
                                          .discount_ppm = 250000};

static inline Symbol stage_symbol(const char *name, int64_t step) {
    Symbol symbol = {.filters = {.tick = price_of(UNIT / 100),
                                 .price_min = price_of(UNIT / 100),
                                 .price_max = price_of(1000000 * UNIT),
                                 .step = quantity_of(step),
                                 .quantity_min = quantity_of(step),
                                 .quantity_max = quantity_of(9000 * UNIT),
                                 .notional_min = money_of(5 * UNIT)}};
    assert_true(symbol_name_set(&symbol.name, slice_of(name)));
    assert_true(symbol_split(&symbol.name, &symbol.base, &symbol.quote));
    return symbol;
}

static inline void stage_print(Exchange *exchange, unsigned pair, int64_t price, int64_t quantity) {
    static int64_t turn;
    ExchangePrint print = {
        .time_us = STAGE_US + ++turn, .price = price_of(price), .quantity = quantity_of(quantity)};
    exchange_print(exchange, pair, &print);
}

/* BTCUSDC at 50,000 with a tenth of a coin on the first level; 1,000,000 USDC and 10 BTC. */
static inline Exchange *stage_open(void) {
    Exchange *exchange = malloc(sizeof *exchange);
    Symbol btc = stage_symbol("BTCUSDC", UNIT / 100000), bnb = stage_symbol("BNBUSDC", UNIT / 1000);
    Bar bar = {.time_us = STAGE_US - INSTANT_MINUTE_US,
               .open = price_of(STAGE_PRICE),
               .high = price_of(STAGE_PRICE),
               .low = price_of(STAGE_PRICE),
               .close = price_of(STAGE_PRICE),
               .volume = 2,
               .quote_volume = 100000,
               .bars = 1};
    exchange_init(exchange, &stage_costs);
    assert_int_equal(exchange_list_pair(exchange, &btc), 0);
    assert_int_equal(exchange_list_pair(exchange, &bnb), 1);
    exchange_history(exchange, 0, &bar);
    bar.close = price_of(500 * UNIT);
    exchange_history(exchange, 1, &bar);
    assert_true(exchange_deposit(exchange, SLICE("USDC"), money_of(1000000 * (__int128)UNIT)));
    assert_true(exchange_deposit(exchange, SLICE("BTC"), money_of(10 * UNIT)));
    return exchange;
}

static inline int64_t stage_free(const Exchange *exchange, const char *asset) {
    return (int64_t)exchange_free(exchange, 0, slice_of(asset)).units;
}

static inline int64_t stage_locked(const Exchange *exchange, const char *asset) {
    return (int64_t)exchange_locked(exchange, 0, slice_of(asset)).units;
}

/* A wish of account 0 for the first pair; zero where it has no such thing. */
static inline ExchangeWish stage_wish(ExchangeType type, Side side, int64_t quantity, int64_t price,
                                      int64_t stop) {
    return (ExchangeWish){.type = type,
                          .side = side,
                          .quantity = quantity_of(quantity),
                          .price = price_of(price),
                          .stop = price_of(stop)};
}

static inline const ExchangeOrder *stage_placed(Exchange *exchange, ExchangeWish wanted) {
    const ExchangeOrder *order = NULL;
    ExchangeFault fault = {0};
    if (!exchange_place(exchange, &wanted, STAGE_US, &order, &fault)) {
        print_error("refused: %d %s\n", fault.code, fault.text);
        fail();
    }
    return order;
}

static inline const ExchangeList *stage_listed(Exchange *exchange, ExchangeListWish wanted) {
    const ExchangeList *list = NULL;
    ExchangeFault fault = {0};
    if (!exchange_place_list(exchange, &wanted, STAGE_US, &list, &fault)) {
        print_error("refused: %d %s\n", fault.code, fault.text);
        fail();
    }
    return list;
}

static inline const ExchangeOrder *stage_leg(const Exchange *exchange, const ExchangeList *list,
                                             unsigned index) {
    const ExchangeOrder *order = exchange_order(exchange, list->order_ids[index]);
    assert_non_null(order);
    return order;
}

static inline void stage_refused(Exchange *exchange, ExchangeWish wanted, int code,
                                 const char *text) {
    const ExchangeOrder *order;
    ExchangeFault fault = {0};
    int64_t before = exchange->order_count;
    assert_false(exchange_place(exchange, &wanted, STAGE_US, &order, &fault));
    assert_string_equal(fault.text, text);
    assert_int_equal(fault.code, code);
    assert_int_equal(exchange->order_count, before);
    assert_null(exchange_audit(exchange));
}

static inline void stage_drain(Exchange *exchange) {
    while (exchange_next_event(exchange)) {
    }
}

#endif
