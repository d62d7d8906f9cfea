/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the trading interface, byte by byte, and what is refused before it is printed. */
#include "unit.h"

#include "core/venues/binance_order.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static const BinanceTiming TIMING = {1790000000000, 5000};
#define TIMES "recvWindow=5000&timestamp=1790000000000"
#define TAIL  "&" TIMES

static BinanceRequest request;
static Error error;

static SymbolName symbol(const char *text) {
    SymbolName name;
    assert_true(symbol_name_set(&name, slice_of(text)));
    return name;
}

static ClientId id(const char *text) {
    ClientId value = {{0}};
    memcpy(value.text, text, strlen(text));
    return value;
}

static Price price(const char *text) {
    Price value;
    assert_true(price_parse(slice_of(text), &value));
    return value;
}

static Quantity quantity(const char *text) {
    Quantity value;
    assert_true(quantity_parse(slice_of(text), &value));
    return value;
}

static BinanceNewOrder limit_order(void) {
    return (BinanceNewOrder){.symbol = symbol("BTCUSDC"),
                             .side = SIDE_SELL,
                             .quantity = quantity("0.0015"),
                             .leg = {.type = BINANCE_LIMIT,
                                     .force = BINANCE_GTC,
                                     .price = price("61250.5"),
                                     .client_id = id("t-000001")}};
}

static void expect(bool made, const char *method_path, const char *text) {
    static const char *const METHODS[] = {"GET", "POST", "DELETE"};
    char line[200];
    if (!made) fail_msg("%s: %s", method_path, error.message);
    snprintf(line, sizeof line, "%s %s", METHODS[request.method], request.path);
    assert_string_equal(line, method_path);
    assert_string_equal(request.text, text);
    assert_int_equal(request.length, strlen(text));
    assert_int_equal(request.timestamp_ms, request.is_signed ? TIMING.timestamp_ms : 0);
}

static void new_orders(void **state) {
    (void)state;
    BinanceNewOrder order = limit_order();
    expect(binance_order_new(&order, TIMING, &request, &error), "POST /api/v3/order",
           "symbol=BTCUSDC&side=SELL&quantity=0.0015&type=LIMIT&timeInForce=GTC&price=61250.5"
           "&newClientOrderId=t-000001&newOrderRespType=FULL" TAIL);
    assert_int_equal(request.orders, 1);
    order.symbol = symbol("测USDT");
    order.quantity = quantity("0.00000001"); /* never 1e-08 */
    order.leg.price = price("90000000000.00000001");
    expect(binance_order_new(&order, TIMING, &request, &error), "POST /api/v3/order",
           "symbol=%E6%B5%8BUSDT&side=SELL&quantity=0.00000001&type=LIMIT&timeInForce=GTC"
           "&price=90000000000.00000001&newClientOrderId=t-000001&newOrderRespType=FULL" TAIL);
    order = limit_order();
    order.leg.type = BINANCE_STOP_LOSS_LIMIT;
    order.leg.stop_price = price("61300");
    order.leg.trailing_bps = 100;
    order.leg.iceberg = quantity("0.001");
    expect(binance_order_new(&order, TIMING, &request, &error), "POST /api/v3/order",
           "symbol=BTCUSDC&side=SELL&quantity=0.0015&type=STOP_LOSS_LIMIT&timeInForce=GTC"
           "&price=61250.5&stopPrice=61300&trailingDelta=100&icebergQty=0.001"
           "&newClientOrderId=t-000001&newOrderRespType=FULL" TAIL);
    order = (BinanceNewOrder){.symbol = symbol("BTCUSDC"), .side = SIDE_BUY};
    order.quote_quantity = money_of(2500000000);
    order.leg = (BinanceLeg){.type = BINANCE_MARKET, .client_id = id("t-2")};
    expect(binance_order_test(&order, true, TIMING, &request, &error), "POST /api/v3/order/test",
           "symbol=BTCUSDC&side=BUY&quoteOrderQty=25&type=MARKET&newClientOrderId=t-2"
           "&newOrderRespType=FULL&computeCommissionRates=true" TAIL);
    assert_int_equal(request.weight, 20);
    assert_int_equal(request.orders, 0);
}

static void old_orders(void **state) {
    (void)state;
    BinanceCancel cancel = {.key = {symbol("BTCUSDC"), 77, id("t-1")},
                            .cancel_id = id("c-1"),
                            .restriction = BINANCE_CANCEL_ONLY_NEW};
    expect(binance_order_query(&cancel.key, TIMING, &request, &error), "GET /api/v3/order",
           "symbol=BTCUSDC&orderId=77&origClientOrderId=t-1" TAIL);
    expect(binance_order_cancel(&cancel, TIMING, &request, &error), "DELETE /api/v3/order",
           "symbol=BTCUSDC&orderId=77&origClientOrderId=t-1&newClientOrderId=c-1"
           "&cancelRestrictions=ONLY_NEW" TAIL);
    BinanceReplace replace = {.cancel = cancel, .order = limit_order(), .cancel_over_limit = true};
    replace.cancel.restriction = BINANCE_CANCEL_ANY;
    expect(binance_order_replace(&replace, TIMING, &request, &error),
           "POST /api/v3/order/cancelReplace",
           "symbol=BTCUSDC&side=SELL&quantity=0.0015&type=LIMIT&timeInForce=GTC&price=61250.5"
           "&newClientOrderId=t-000001&newOrderRespType=FULL&cancelReplaceMode=STOP_ON_FAILURE"
           "&cancelOrderId=77&cancelOrigClientOrderId=t-1&cancelNewClientOrderId=c-1"
           "&orderRateLimitExceededMode=CANCEL_ONLY" TAIL);
    replace.cancel.key.symbol = symbol("ETHUSDC");
    assert_false(binance_order_replace(&replace, TIMING, &request, &error));
}

static BinanceOco bracket(void) {
    return (BinanceOco){
        .symbol = symbol("BTCUSDC"),
        .list_id = id("l-1"),
        .side = SIDE_SELL,
        .quantity = quantity("0.5"),
        .above = {.type = BINANCE_LIMIT_MAKER, .price = price("70000"), .client_id = id("a")},
        .below = {.type = BINANCE_STOP_LOSS_LIMIT,
                  .force = BINANCE_GTC,
                  .price = price("59000"),
                  .stop_price = price("60000"),
                  .client_id = id("b")}};
}

static void lists(void **state) {
    (void)state;
    BinanceOco oco = bracket();
    expect(
        binance_order_oco(&oco, TIMING, &request, &error), "POST /api/v3/orderList/oco",
        "symbol=BTCUSDC&listClientOrderId=l-1&side=SELL&quantity=0.5&aboveType=LIMIT_MAKER"
        "&abovePrice=70000&aboveClientOrderId=a&belowType=STOP_LOSS_LIMIT&belowTimeInForce=GTC"
        "&belowPrice=59000&belowStopPrice=60000&belowClientOrderId=b&newOrderRespType=FULL" TAIL);
    assert_int_equal(request.orders, 2);
    BinanceOtoco otoco = {.working = limit_order(), .pending = bracket()};
    otoco.working.side = SIDE_BUY;
    expect(binance_order_otoco(&otoco, TIMING, &request, &error), "POST /api/v3/orderList/otoco",
           "symbol=BTCUSDC&listClientOrderId=l-1&workingSide=BUY&workingQuantity=0.0015"
           "&workingType=LIMIT&workingTimeInForce=GTC&workingPrice=61250.5"
           "&workingClientOrderId=t-000001&pendingSide=SELL&pendingQuantity=0.5"
           "&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=70000&pendingAboveClientOrderId=a"
           "&pendingBelowType=STOP_LOSS_LIMIT&pendingBelowTimeInForce=GTC&pendingBelowPrice=59000"
           "&pendingBelowStopPrice=60000&pendingBelowClientOrderId=b&newOrderRespType=FULL" TAIL);
    assert_int_equal(request.orders, 3);
    BinanceListKey key = {symbol("BTCUSDC"), 0, id("l-1")};
    expect(binance_order_list_cancel(&key, TIMING, &request, &error), "DELETE /api/v3/orderList",
           "symbol=BTCUSDC&orderListId=0&listClientOrderId=l-1" TAIL);
    key.list_id = -1;
    expect(binance_order_list_query(&key, TIMING, &request, &error), "GET /api/v3/orderList",
           "origClientOrderId=l-1" TAIL);
    key.client_id = id("");
    assert_false(binance_order_list_query(&key, TIMING, &request, &error));
}

static void account(void **state) {
    (void)state;
    SymbolName name = symbol("BTCUSDC");
    BinancePast past = {.symbol = name, .from_id = 9, .limit = 1000};
    expect(binance_order_open(&name, TIMING, &request, &error), "GET /api/v3/openOrders",
           "symbol=BTCUSDC" TAIL);
    assert_int_equal(request.weight, 6);
    expect(binance_order_open(NULL, TIMING, &request, &error), "GET /api/v3/openOrders", TIMES);
    assert_int_equal(request.weight, 80);
    expect(binance_order_cancel_all(&name, TIMING, &request, &error), "DELETE /api/v3/openOrders",
           "symbol=BTCUSDC" TAIL);
    expect(binance_order_trades(&past, TIMING, &request, &error), "GET /api/v3/myTrades",
           "symbol=BTCUSDC&limit=1000&fromId=9" TAIL);
    past = (BinancePast){name, 5, -1, 0, 0, 0};
    expect(binance_order_trades(&past, TIMING, &request, &error), "GET /api/v3/myTrades",
           "symbol=BTCUSDC&orderId=5" TAIL);
    past = (BinancePast){name, 0, -1, 1790000000000000, 1790000000000000 + BINANCE_SPAN_US_MAX, 0};
    expect(binance_order_all(&past, TIMING, &request, &error), "GET /api/v3/allOrders",
           "symbol=BTCUSDC&startTime=1790000000000&endTime=1790086400000" TAIL);
    past.until_us++;
    assert_false(binance_order_all(&past, TIMING, &request, &error));
    expect(binance_order_account(TIMING, &request, &error), "GET /api/v3/account",
           "omitZeroBalances=true" TAIL);
    expect(binance_order_commission(&name, TIMING, &request, &error),
           "GET /api/v3/account/commission", "symbol=BTCUSDC" TAIL);
    expect(binance_order_counts(TIMING, &request, &error), "GET /api/v3/rateLimit/order", TIMES);
    expect(binance_order_restrictions(TIMING, &request, &error),
           "GET /sapi/v1/account/apiRestrictions", TIMES);
    binance_order_time(&request);
    expect(true, "GET /api/v3/time", "");
    assert_false(request.is_signed);
}

/* One change of a sound order at a time: each is refused, by its own words. */
static void refuse(const BinanceNewOrder *order, BinanceTiming timing, const char *words) {
    error = (Error){0};
    if (binance_order_new(order, timing, &request, &error)) fail_msg("made: %s", words);
    assert_int_equal(error.code, ERROR_RANGE);
    if (!strstr(error.message, words)) fail_msg("'%s' is not '%s'", error.message, words);
}

#define WITH(change, words)                                                                        \
    do {                                                                                           \
        BinanceNewOrder o = limit_order();                                                         \
        change;                                                                                    \
        refuse(&o, TIMING, words);                                                                 \
    } while (0)

static void what_is_refused(void **state) {
    (void)state;
    WITH(o.symbol.text[0] = 0, "no symbol");
    WITH(o.quantity.units = 0, "either quantity");
    WITH(o.quantity.units = -1, "negative quantity");
    WITH(o.quote_quantity.units = 5, "for MARKET only");
    WITH(o.leg.price.units = 0, "no price");
    WITH(o.leg.price.units = -5, "negative price");
    WITH(o.leg.stop_price.units = 5, "a stop that is not for it");
    WITH(o.leg.trailing_bps = 5, "a stop that is not for it");
    WITH(o.leg.force = BINANCE_FORCE_NONE, "no time in force");
    WITH(o.leg.type = BINANCE_TYPE_OTHER, "no type");
    WITH(o.leg.type = BINANCE_LIMIT_MAKER, "a time in force that is not for it");
    WITH(o.leg.type = BINANCE_MARKET, "a price that is not for it");
    WITH(o.leg.type = BINANCE_STOP_LOSS_LIMIT, "no stop price");
    WITH((o.leg.type = BINANCE_STOP_LOSS_LIMIT, o.leg.trailing_bps = 10001), "within 0 and 10000");
    WITH((o.leg.force = BINANCE_IOC, o.leg.iceberg.units = 5), "iceberg needs");
    WITH(o.leg.iceberg.units = 150001, "iceberg above");
    WITH(o.leg.client_id = id(""), "no client id");
    WITH(o.leg.client_id = id("a b"), "other characters");
    WITH(o.leg.client_id = id("a&price=1"), "other characters");
    WITH(o.leg.client_id = id("1234567890123456789012345678901234567"), "more than 36");
    BinanceNewOrder order = limit_order();
    refuse(&order, (BinanceTiming){1790000000000, 0}, "window");
    refuse(&order, (BinanceTiming){1790000000000, 60001}, "window");
    refuse(&order, (BinanceTiming){1483228799999, 5000}, "before 2017");
    order.leg.client_id = id("123456789012345678901234567890123456");
    assert_true(binance_order_new(&order, (BinanceTiming){1483228800000, 60000}, &request, &error));
}

static void pairs_that_are_turned(void **state) {
    (void)state;
    BinanceOco oco = bracket();
    oco.above.price = price("60000"); /* not above the stop */
    assert_false(binance_order_oco(&oco, TIMING, &request, &error));
    oco.above.price = price("60000.00000001");
    assert_true(binance_order_oco(&oco, TIMING, &request, &error));
    oco.side = SIDE_BUY; /* then the stop must be above */
    assert_false(binance_order_oco(&oco, TIMING, &request, &error));
    oco = bracket();
    oco.above = oco.below;
    assert_false(binance_order_oco(&oco, TIMING, &request, &error));
    oco = bracket();
    oco.list_id = id("");
    assert_false(binance_order_oco(&oco, TIMING, &request, &error));
    BinanceOtoco otoco = {.working = limit_order(), .pending = bracket()};
    otoco.working.leg = (BinanceLeg){.type = BINANCE_MARKET, .client_id = id("m")};
    assert_false(binance_order_otoco(&otoco, TIMING, &request, &error));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_orders),      cmocka_unit_test(old_orders),
        cmocka_unit_test(lists),           cmocka_unit_test(account),
        cmocka_unit_test(what_is_refused), cmocka_unit_test(pairs_that_are_turned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
