/* SPDX-License-Identifier: Apache-2.0 */
/* Each filter at, below and above each of its bounds, and how the rules are read. */
#include "unit.h"

#include "core/market/order_rules.h"
#include "core/venues/binance_account.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

#define UNIT DECIMAL_SCALE

static const char RULES[] =
    "{\"symbols\":[{\"symbol\":\"OTHER\",\"filters\":[{\"filterType\":\"MAX_POSITION\","
    "\"maxPosition\":\"1\"}]},{\"symbol\":\"BTCUSDT\",\"filters\":["
    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.01\",\"maxPrice\":\"1000\",\"tickSize\":"
    "\"0.01\"},"
    "{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"2\",\"maxQty\":\"50\",\"stepSize\":\"0.5\"},"
    "{\"filterType\":\"PERCENT_PRICE_BY_SIDE\",\"bidMultiplierUp\":\"1.2\",\"bidMultiplierDown\":"
    "\"0.2\",\"askMultiplierUp\":\"5\",\"askMultiplierDown\":\"0.8\",\"avgPriceMins\":1},"
    "{\"filterType\":\"NOTIONAL\",\"minNotional\":\"10\",\"applyMinToMarket\":true,"
    "\"maxNotional\":\"10000\",\"applyMaxToMarket\":false,\"avgPriceMins\":5},"
    "{\"filterType\":\"ICEBERG_PARTS\",\"limit\":10},"
    "{\"filterType\":\"MAX_NUM_ORDERS\",\"maxNumOrders\":25},"
    "{\"filterType\":\"MAX_NUM_ALGO_ORDERS\",\"maxNumAlgoOrders\":5},"
    "{\"filterType\":\"MAX_NUM_ICEBERG_ORDERS\",\"maxNumIcebergOrders\":0},"
    "{\"filterType\":\"MAX_NUM_ORDER_LISTS\",\"maxNumOrderLists\":20},"
    "{\"filterType\":\"MAX_POSITION\",\"maxPosition\":\"100\"},"
    "{\"filterType\":\"A_NEW_ONE\",\"bound\":[1,2]}]}]}";

static const Filters GRID = {.tick = {UNIT / 100},
                             .price_min = {UNIT / 100},
                             .price_max = {1000 * UNIT},
                             .step = {UNIT / 10},
                             .quantity_min = {UNIT / 10},
                             .quantity_max = {1000 * UNIT}};

static OrderRules rules(void) {
    OrderRules value;
    SymbolName name;
    Error error = {0};
    assert_true(symbol_name_set(&name, SLICE("BTCUSDT")));
    if (!binance_account_rules(SLICE(RULES), &name, &value, &error)) fail_msg("%s", error.message);
    return value;
}

typedef struct Row {
    const char *fault; /* NULL: passes */
    Side side;
    bool is_market;
    int64_t price, stop, reference, quantity, iceberg; /* at 1e-8 */
} Row;

static void bounds(void **state) {
    (void)state;
    static const int64_t U = UNIT, T = UNIT / 100;
    const Row rows[] = {
        {NULL, SIDE_BUY, false, 100 * U, 0, 100 * U, 1 * U, 0},
        {"PRICE_FILTER", SIDE_BUY, false, 0, 0, 0, 1 * U, 0},
        {"PRICE_FILTER", SIDE_BUY, false, 1000 * U + T, 0, 0, 1 * U, 0},
        {NULL, SIDE_BUY, false, 1000 * U, 0, 0, 1 * U, 0},
        {"PRICE_FILTER", SIDE_BUY, false, 100 * U + 1, 0, 0, 1 * U, 0},
        {"PRICE_FILTER", SIDE_SELL, false, 100 * U, 100 * U + 1, 0, 1 * U, 0},
        {"LOT_SIZE", SIDE_BUY, false, 100 * U, 0, 0, U / 10 - 1, 0},
        {NULL, SIDE_BUY, false, 100 * U, 0, 0, U / 10, 0},
        {"LOT_SIZE", SIDE_BUY, false, 1 * U, 0, 0, 1000 * U + U / 10, 0},
        {NULL, SIDE_BUY, false, 1 * U, 0, 0, 1000 * U, 0},
        {"LOT_SIZE", SIDE_BUY, false, 100 * U, 0, 0, 2 * U, 1},
        /* bid: 0.2 to 1.2 of the reference; ask: 0.8 to 5 */
        {NULL, SIDE_BUY, false, 120 * U, 0, 100 * U, 1 * U, 0},
        {"PERCENT_PRICE_BY_SIDE", SIDE_BUY, false, 120 * U + T, 0, 100 * U, 1 * U, 0},
        {NULL, SIDE_BUY, false, 20 * U, 0, 100 * U, 1 * U, 0},
        {"PERCENT_PRICE_BY_SIDE", SIDE_BUY, false, 20 * U - T, 0, 100 * U, 1 * U, 0},
        {NULL, SIDE_SELL, false, 80 * U, 0, 100 * U, 1 * U, 0},
        {"PERCENT_PRICE_BY_SIDE", SIDE_SELL, false, 80 * U - T, 0, 100 * U, 1 * U, 0},
        {NULL, SIDE_SELL, false, 500 * U, 0, 100 * U, 1 * U, 0},
        {"PERCENT_PRICE_BY_SIDE", SIDE_SELL, false, 500 * U + T, 0, 100 * U, 1 * U, 0},
        {NULL, SIDE_SELL, false, 500 * U + T, 0, 0, 1 * U, 0}, /* no reference is known */
        /* a reference off the grid: 100.00000001 x 1.2 = 120.000000012 */
        {NULL, SIDE_BUY, false, 120 * U, 0, 100 * U + 1, 1 * U, 0},
        {"PERCENT_PRICE_BY_SIDE", SIDE_BUY, false, 120 * U, 0, 100 * U - 1, 1 * U, 0},
        /* notional: 10 to 10000, the upper bound not for market orders */
        {NULL, SIDE_BUY, false, 10 * U, 0, 0, 1 * U, 0},
        {"NOTIONAL", SIDE_BUY, false, 10 * U - T, 0, 0, 1 * U, 0},
        {NULL, SIDE_BUY, false, 100 * U, 0, 0, 100 * U, 0},
        {"NOTIONAL", SIDE_BUY, false, 100 * U, 0, 0, 100 * U + U / 10, 0},
        {NULL, SIDE_BUY, true, 0, 0, 5 * U, 2 * U, 0},
        {"NOTIONAL", SIDE_BUY, true, 0, 0, 5 * U - 1, 2 * U, 0},
        {NULL, SIDE_BUY, true, 0, 0, 900 * U, 50 * U, 0},
        /* market lots: 2 to 50 by 0.5, besides the lots of all orders */
        {"MARKET_LOT_SIZE", SIDE_SELL, true, 0, 0, 100 * U, 2 * U - U / 2, 0},
        {NULL, SIDE_SELL, true, 0, 0, 100 * U, 2 * U + U / 2, 0},
        {"MARKET_LOT_SIZE", SIDE_SELL, true, 0, 0, 100 * U, 2 * U + U / 10, 0},
        {"MARKET_LOT_SIZE", SIDE_SELL, true, 0, 0, 100 * U, 50 * U + U / 2, 0},
        {NULL, SIDE_SELL, false, 100 * U, 0, 0, 2 * U + U / 10, 0},
        /* ten parts at most, the last one may be smaller */
        {NULL, SIDE_SELL, false, 100 * U, 0, 0, 10 * U, 1 * U},
        {"ICEBERG_PARTS", SIDE_SELL, false, 100 * U, 0, 0, 10 * U + U / 10, 1 * U},
    };
    OrderRules known = rules();
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const Row *row = &rows[i];
        OrderShape order = {.side = row->side,
                            .is_market = row->is_market,
                            .price = price_of(row->price),
                            .stop_price = price_of(row->stop),
                            .reference = price_of(row->reference),
                            .quantity = quantity_of(row->quantity),
                            .iceberg = quantity_of(row->iceberg)};
        const char *fault = order_rules_fault(&GRID, &known, &order);
        bool same = fault && row->fault ? strcmp(fault, row->fault) == 0 : fault == row->fault;
        if (!same)
            fail_msg("row %u: %s instead of %s", i, fault ? fault : "-",
                     row->fault ? row->fault : "-");
    }
}

static void greatest_values_do_not_overflow(void **state) {
    (void)state;
    OrderRules known = {.notional_max = money_of(1)};
    Filters none = {0};
    known.band = (PriceBand){true, INT64_MAX, 0, INT64_MAX, 0};
    OrderShape order = {.price = price_of(INT64_MAX),
                        .reference = price_of(INT64_MAX),
                        .quantity = quantity_of(INT64_MAX)};
    assert_string_equal(order_rules_fault(&none, &known, &order), "NOTIONAL");
    known.notional_max.units = 0;
    assert_null(order_rules_fault(&none, &known, &order));
    /* one part in 1e16 above the greatest notional is above it */
    known = (OrderRules){.notional_max = money_of(1)};
    order.price = price_of(1);
    order.quantity = quantity_of(UNIT);
    assert_null(order_rules_fault(&none, &known, &order));
    order.quantity = quantity_of(UNIT + 1);
    assert_string_equal(order_rules_fault(&none, &known, &order), "NOTIONAL");
}

static void crowds(void **state) {
    (void)state;
    static const struct {
        const char *fault;
        Side side;
        OrderCrowd crowd;
        int64_t quantity, iceberg;
    } ROWS[] = {
        {NULL, SIDE_SELL, {.orders = 24, .legs = 1}, 1, 0},
        {"MAX_NUM_ORDERS", SIDE_SELL, {.orders = 25, .legs = 1}, 1, 0},
        {NULL, SIDE_SELL, {.orders = 23, .legs = 2}, 1, 0},
        {"MAX_NUM_ORDERS", SIDE_SELL, {.orders = 24, .legs = 2}, 1, 0},
        {"MAX_NUM_ORDERS", SIDE_SELL, {.orders = UINT32_MAX, .legs = 2}, 1, 0},
        {NULL, SIDE_SELL, {.stops = 4, .legs = 1, .stop_legs = 1}, 1, 0},
        {"MAX_NUM_ALGO_ORDERS", SIDE_SELL, {.stops = 5, .legs = 1, .stop_legs = 1}, 1, 0},
        {NULL, SIDE_SELL, {.stops = 5, .legs = 1}, 1, 0},
        {"MAX_NUM_ICEBERG_ORDERS", SIDE_SELL, {.legs = 1}, 5, 1},
        {NULL, SIDE_SELL, {.lists = 19, .legs = 3}, 1, 0},
        {"MAX_NUM_ORDER_LISTS", SIDE_SELL, {.lists = 20, .legs = 3}, 1, 0},
        {NULL, SIDE_SELL, {.lists = 20, .legs = 1}, 1, 0},
        {NULL,
         SIDE_BUY,
         {.legs = 1, .base_held = {60 * UNIT}, .open_buys = {30 * UNIT}},
         10 * UNIT,
         0},
        {"MAX_POSITION",
         SIDE_BUY,
         {.legs = 1, .base_held = {60 * UNIT}, .open_buys = {30 * UNIT}},
         10 * UNIT + 1,
         0},
        {NULL, SIDE_SELL, {.legs = 1, .base_held = {600 * UNIT}}, 10 * UNIT, 0},
    };
    OrderRules known = rules(), none = {0};
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        OrderShape order = {.side = ROWS[i].side,
                            .quantity = quantity_of(ROWS[i].quantity),
                            .iceberg = quantity_of(ROWS[i].iceberg)};
        const char *fault = order_rules_crowded(&known, &order, &ROWS[i].crowd);
        bool same = fault && ROWS[i].fault ? !strcmp(fault, ROWS[i].fault) : fault == ROWS[i].fault;
        if (!same) fail_msg("row %u: %s", i, fault ? fault : "-");
        assert_null(order_rules_crowded(&none, &order, &ROWS[i].crowd));
    }
}

static void reading(void **state) {
    (void)state;
    OrderRules known = rules();
    SymbolName name;
    Error error = {0};
    assert_int_equal(known.band.ask_down, UNIT * 8 / 10);
    assert_int_equal(known.market_step.units, UNIT / 2);
    assert_true(known.min_to_market && !known.max_to_market);
    assert_int_equal(known.average_minutes, 5);
    assert_true(symbol_name_set(&name, SLICE("ABSENT")));
    assert_false(binance_account_rules(SLICE(RULES), &name, &known, &error));
    assert_non_null(strstr(error.message, "not listed"));
    static const char *const BAD[] = {
        "{\"filterType\":\"NOTIONAL\"}",
        "{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"1\",\"maxQty\":\"2\"}",
        "{\"filterType\":\"PERCENT_PRICE_BY_SIDE\",\"bidMultiplierUp\":\"1\"}",
        "{\"filterType\":\"MAX_NUM_ORDERS\",\"maxNumOrders\":-1}",
        "{\"filterType\":\"ICEBERG_PARTS\"}",
        "{\"maxNumOrders\":1}",
        "[]",
    };
    for (unsigned i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        error = (Error){0};
        assert_false(binance_account_rule(slice_of(BAD[i]), &known, &error));
        assert_true(error.message[0] && error.where[0]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds),
        cmocka_unit_test(greatest_values_do_not_overflow),
        cmocka_unit_test(crowds),
        cmocka_unit_test(reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
