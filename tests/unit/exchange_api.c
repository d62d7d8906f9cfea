/* SPDX-License-Identifier: Apache-2.0 */
/* Binance's REST over the simulated exchange: calls as text, answers and refusals word by word. */
#include "exchange_stage.h"

#include "core/base/random.h"
#include "core/sim/exchange_stream.h"
#include "shell/exchange/exchange_key.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

static char *memory;
static ExchangeQuery query;
static ExchangeLimits limits;
static int64_t wall_us = STAGE_US;

static int open_stage(void **state) {
    *state = stage_open();
    memory = malloc(EXCHANGE_ANSWER_MAX);
    exchange_limit_init(&limits);
    wall_us = STAGE_US;
    return memory ? 0 : -1;
}

static int close_stage(void **state) {
    free(*state);
    free(memory);
    return 0;
}

#define NOW   "timestamp=1790000040000"
#define STAMP "&" NOW

/* The status; the answer is in `memory`. */
static unsigned ask_sealed(Exchange *exchange, const char *method, const char *path,
                           const char *parameters, ExchangeSeal seal) {
    ExchangeFault fault;
    Text text = text_in(memory, EXCHANGE_ANSWER_MAX);
    if (!exchange_query_read(&query, slice_of(parameters), SLICE(""), &fault)) {
        exchange_write_fault(&fault, &text);
        return fault.status;
    }
    ExchangeCall call = {.method = slice_of(method),
                         .path = slice_of(path),
                         .query = &query,
                         .seal = seal,
                         .now_us = STAGE_US,
                         .limits = &limits,
                         .wall_us = wall_us};
    unsigned status = exchange_answer(exchange, &call, &text);
    stage_drain(exchange);
    assert_true(json_valid((Slice){memory, text.length}));
    return status;
}

static unsigned ask(Exchange *exchange, const char *method, const char *path,
                    const char *parameters) {
    return ask_sealed(exchange, method, path, parameters, SEAL_GOOD);
}

static void assert_says(const char *part) {
    if (strstr(memory, part)) return;
    print_error("'%s' is not in %.600s\n", part, memory);
    fail();
}

/* ---- refusals ------------------------------------------------------------------------------ */

static const struct {
    const char *method, *path, *parameters;
    int code;
} refusals[] = {
    {"GET", "/api/v3/klines", "symbol=NOPE&interval=1m", -1121},
    {"GET", "/api/v3/klines", "symbol=BTCUSDC", -1102},
    {"GET", "/api/v3/klines", "symbol=BTCUSDC&interval=2m", -1120},
    {"GET", "/api/v3/depth", "", -1102},
    {"GET", "/api/v3/depth", "symbol=BTCUSDC&limit=x", -1100},
    {"GET", "/api/v3/depth", "symbol=BTCUSDC&symbol=ETHUSDC", -1101},
    {"GET", "/api/v3/depth", "symbol=%G0", -1100},
    {"GET", "/api/v3/account", "", -1102},
    {"GET", "/api/v3/account", "timestamp=1790000030000", -1021},
    {"GET", "/api/v3/account", "timestamp=1790000042000", -1021},
    {"GET", "/api/v3/account", "recvWindow=60001" STAMP, -1131},
    {"POST", "/api/v3/order", "symbol=BTCUSDC&side=BUY&type=LIMIT&quantity=1&price=1" STAMP, -1102},
    {"POST", "/api/v3/order",
     "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=1&timeInForce=GTC" STAMP, -1106},
    {"POST", "/api/v3/order", "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=1e-5" STAMP, -1100},
    {"POST", "/api/v3/order", "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=0.123456789" STAMP,
     -1111},
    {"POST", "/api/v3/order", "symbol=BTCUSDC&side=buy&type=MARKET&quantity=1" STAMP, -1117},
    {"POST", "/api/v3/order", "symbol=BTCUSDC&side=BUY&type=STOP&quantity=1" STAMP, -1116},
    {"POST", "/api/v3/order",
     "symbol=BTCUSDC&side=BUY&type=LIMIT&quantity=1&price=49000&timeInForce=DAY" STAMP, -1115},
    {"POST", "/api/v3/order",
     "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=1&newClientOrderId=a%20b" STAMP, -1100},
    {"POST", "/api/v3/order",
     "symbol=BTCUSDC&side=SELL&type=STOP_LOSS&quantity=1&stopPrice=1&trailingDelta=9" STAMP, -1013},
    {"POST", "/api/v3/order",
     "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=49000"
     "&pegPriceType=PRIMARY_PEG" STAMP,
     -2010},
    {"POST", "/api/v3/order",
     "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=IOC&quantity=1&price=49000&icebergQty=0."
     "5" STAMP,
     -1014},
    {"POST", "/api/v3/order", "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=1&icebergQty=1" STAMP,
     -1106},
    {"POST", "/api/v3/order", "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=1&strategyType=9" STAMP,
     -1134},
    {"POST", "/api/v3/order",
     "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=1&selfTradePreventionMode=TRANSFER" STAMP,
     -1013},
    {"POST", "/api/v3/order/cancelReplace",
     "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=1&cancelReplaceMode=X" STAMP, -1130},
    {"POST", "/api/v3/orderList/opo",
     "symbol=BTCUSDC&workingType=LIMIT&workingTimeInForce=GTC&workingSide=BUY&workingPrice=49000"
     "&workingQuantity=1&pendingType=MARKET&pendingSide=SELL&pendingQuantity=1" STAMP,
     -1106},
    {"POST", "/api/v3/orderList/oto",
     "symbol=BTCUSDC&workingType=MARKET&workingSide=BUY&workingQuantity=1&pendingType=MARKET"
     "&pendingSide=SELL&pendingQuantity=1" STAMP,
     -1116},
    {"POST", "/api/v3/orderList/oco",
     "symbol=BTCUSDC&side=SELL&quantity=1&aboveType=TAKE_PROFIT_LIMIT&abovePrice=51000"
     "&aboveStopPrice=51000&aboveTimeInForce=FOK&aboveIcebergQty=0.5&belowType=STOP_LOSS"
     "&belowStopPrice=49000" STAMP,
     -1160},
    {"PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDC&orderId=77&newQty=1" STAMP, -2038},
    {"PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDC&orderId=77" STAMP, -1102},
    {"DELETE", "/api/v3/order", "symbol=BTCUSDC&orderId=77&cancelRestrictions=ANY" STAMP, -1145},
    {"GET", "/api/v3/myPreventedMatches", "symbol=BTCUSDC" STAMP, -1128},
    {"GET", "/api/v3/order", "symbol=BTCUSDC&orderId=77" STAMP, -2013},
    {"GET", "/api/v3/order", "symbol=BTCUSDC" STAMP, -1102},
    {"DELETE", "/api/v3/order", "symbol=BTCUSDC&orderId=77" STAMP, -2011},
    {"DELETE", "/api/v3/openOrders", "symbol=BTCUSDC" STAMP, -2011},
    {"GET", "/api/v3/orderList", "orderListId=9" STAMP, -2018},
    {"GET", "/api/v1/ping", "", -1000},
    {"PUT", "/api/v3/order", "", -1000},
};

static void refusals_bear_the_venues_codes(void **state) {
    for (unsigned i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        char wanted[32];
        unsigned status = ask(*state, refusals[i].method, refusals[i].path, refusals[i].parameters);
        snprintf(wanted, sizeof wanted, "{\"code\":%d,", refusals[i].code);
        if (status < 400 || strncmp(memory, wanted, strlen(wanted)) != 0)
            print_error("%s: %s\n", refusals[i].parameters, memory);
        assert_true(status >= 400);
        assert_memory_equal(memory, wanted, strlen(wanted));
    }
}

static void a_seal_is_needed_where_money_is(void **state) {
    const struct {
        ExchangeSeal seal;
        unsigned status;
        const char *says;
    } seals[] = {{SEAL_NO_KEY, 400, "{\"code\":-2014,"},
                 {SEAL_UNKNOWN_KEY, 401, "{\"code\":-2015,"},
                 {SEAL_NO_SIGNATURE, 400, "Mandatory parameter 'signature'"},
                 {SEAL_BAD_SIGNATURE, 400, "{\"code\":-1022,"},
                 {SEAL_GOOD, 200, "\"canTrade\":true"}};
    for (unsigned i = 0; i < sizeof seals / sizeof seals[0]; i++) {
        assert_int_equal(ask_sealed(*state, "GET", "/api/v3/account", NOW, seals[i].seal),
                         seals[i].status);
        assert_says(seals[i].says);
        assert_int_equal(ask_sealed(*state, "GET", "/api/v3/time", "", seals[i].seal), 200);
    }
}

static void weight_runs_out_and_comes_back(void **state) {
    Exchange *exchange = *state;
    unsigned calls = 0;
    while (ask(exchange, "GET", "/api/v3/rateLimit/order", NOW) == 200)
        calls++;
    assert_int_equal(calls, EXCHANGE_WEIGHT_MAX / 40);
    assert_says("{\"code\":-1003,");
    wall_us += INSTANT_MINUTE_US;
    assert_int_equal(ask(exchange, "GET", "/api/v3/rateLimit/order", NOW), 200);
}

/* ---- answers ------------------------------------------------------------------------------- */

static void an_order_is_told_in_full(void **state) {
    assert_int_equal(
        ask(*state, "POST", "/api/v3/order",
            "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=0.05&newClientOrderId=mine" STAMP),
        200);
    assert_string_equal(
        memory,
        "{\"symbol\":\"BTCUSDC\",\"orderId\":1,\"orderListId\":-1,\"clientOrderId\":\"mine\","
        "\"transactTime\":1790000040000,\"price\":\"0.00000000\",\"origQty\":\"0.05000000\","
        "\"executedQty\":\"0.05000000\",\"origQuoteOrderQty\":\"0.00000000\","
        "\"cummulativeQuoteQty\":\"2500.25000000\",\"status\":\"FILLED\",\"timeInForce\":\"GTC\","
        "\"type\":\"MARKET\",\"side\":\"BUY\",\"workingTime\":1790000040000,"
        "\"selfTradePreventionMode\":\"NONE\",\"fills\":[{\"price\":\"50005.00000000\",\"qty\":"
        "\"0.05000000\",\"commission\":\"0.00005000\",\"commissionAsset\":\"BTC\",\"tradeId\":1}]"
        "}");
    assert_int_equal(ask(*state, "GET", "/api/v3/myTrades", "symbol=BTCUSDC" STAMP), 200);
    assert_says("\"quoteQty\":\"2500.25000000\"");
    assert_int_equal(
        ask(*state, "GET", "/api/v3/order", "symbol=BTCUSDC&origClientOrderId=mine" STAMP), 200);
    assert_says("\"status\":\"FILLED\"");
}

static void a_replacement_tells_both_halves(void **state) {
    const char *limit = "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=49000"
                        "&newClientOrderId=one" STAMP;
    const char *path = "/api/v3/order/cancelReplace";
    assert_int_equal(ask(*state, "POST", "/api/v3/order", limit), 200);
    assert_int_equal(ask(*state, "POST", path,
                         "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=49100"
                         "&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=one" STAMP),
                     200);
    assert_says("{\"cancelResult\":\"SUCCESS\",\"newOrderResult\":\"SUCCESS\"");
    assert_int_equal(ask(*state, "POST", path,
                         "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=100&price="
                         "49100&cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId=2" STAMP),
                     409);
    assert_says("{\"code\":-2021,");
    assert_says("\"newOrderResult\":\"FAILURE\"");
    assert_int_equal(ask(*state, "POST", path,
                         "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=49100"
                         "&cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId=2" STAMP),
                     400);
    assert_says("\"newOrderResult\":\"NOT_ATTEMPTED\"");
}

/* The venue looks at the filters first: then the old order still stands. */
static void a_replacement_off_the_grid_cancels_nothing(void **state) {
    assert_int_equal(ask(*state, "POST", "/api/v3/order",
                         "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1"
                         "&price=49000&newClientOrderId=one" STAMP),
                     200);
    assert_int_equal(
        ask(*state, "POST", "/api/v3/order/cancelReplace",
            "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price="
            "49000.001&cancelReplaceMode=ALLOW_FAILURE&cancelOrigClientOrderId=one" STAMP),
        400);
    assert_says("{\"code\":-1013,\"msg\":\"Filter failure: PRICE_FILTER\"}");
    assert_int_equal(
        ask(*state, "GET", "/api/v3/order", "symbol=BTCUSDC&origClientOrderId=one" STAMP), 200);
    assert_says("\"status\":\"NEW\"");
    assert_int_equal(
        ask(*state, "GET", "/api/v3/order", "symbol=BTCUSDC&orderId=1&origClientOrderId=two" STAMP),
        400);
    assert_says("{\"code\":-2039,");
}

static void a_list_is_told_and_cancelled(void **state) {
    assert_int_equal(
        ask(*state, "POST", "/api/v3/orderList/oco",
            "symbol=BTCUSDC&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=51000&belowType="
            "STOP_LOSS_LIMIT&belowStopPrice=49000&belowPrice=48900&belowTimeInForce=GTC"
            "&listClientOrderId=both" STAMP),
        200);
    assert_says("\"contingencyType\":\"OCO\",\"listStatusType\":\"EXEC_STARTED\"");
    assert_int_equal(ask(*state, "GET", "/api/v3/openOrders", NOW), 200);
    assert_says("\"stopPrice\":\"49000.00000000\"");
    assert_int_equal(
        ask(*state, "DELETE", "/api/v3/orderList", "symbol=BTCUSDC&listClientOrderId=both" STAMP),
        200);
    assert_says("\"listOrderStatus\":\"ALL_DONE\"");
    assert_int_equal(ask(*state, "GET", "/api/v3/openOrders", NOW), 200);
    assert_string_equal(memory, "[]");
}

/* Whatever stands in a query, the answer is JSON and the exchange stands. */
static void nonsense_is_answered(void **state) {
    static const char *const words[] = {"symbol",      "=",
                                        "&",           "BTCUSDC",
                                        "side",        "BUY",
                                        "type",        "LIMIT",
                                        "quantity",    "0.01",
                                        "price",       "49000",
                                        "%",           "%00",
                                        "timeInForce", "GTC",
                                        "timestamp",   "1790000040000",
                                        "limit",       "5",
                                        "symbols",     "[\"BTCUSDC\"",
                                        "]",           "orderId",
                                        "1",           "9223372036854775808",
                                        "-1"};
    static const char *const paths[] = {"order",
                                        "klines",
                                        "depth",
                                        "allOrders",
                                        "orderList/oco",
                                        "myTrades",
                                        "ticker/price",
                                        "exchangeInfo",
                                        "aggTrades",
                                        "orderList/oto",
                                        "orderList/opoco",
                                        "order/oco",
                                        "order/cancelReplace",
                                        "myPreventedMatches"};
    Random random = random_stream(1, 1);
    for (unsigned n = 0; n < 5000; n++) {
        char parameters[600] = "", path[64];
        for (unsigned i = random_below(&random, 24); i-- > 0;)
            strncat(parameters, words[random_below(&random, sizeof words / sizeof words[0])], 24);
        snprintf(path, sizeof path, "/api/v3/%s",
                 paths[random_below(&random, sizeof paths / sizeof paths[0])]);
        exchange_limit_init(&limits);
        ask(*state, random_below(&random, 2) ? "GET" : "POST", path, parameters);
    }
}

/* ---- signatures ---------------------------------------------------------------------------- */

/* Computed with OpenSSL 3.0 over the venue's way of joining query and body. */
static void signatures_fit(void **state) {
    (void)state;
    char joined[600];
    ExchangeKeyring ring = {.count = 1};
    const ExchangeKey *found;
    ExchangeKey key = {.key = "demo-api-key", .secret = "example-not-a-real-secret-0123456789"};
    ring.keys[0] = key;
    const struct {
        const char *query, *body, *signature;
    } vectors[] = {
        {"symbol=BTCUSDC&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.00150&price=61250.50"
         "&newClientOrderId=t-000001&recvWindow=5000&timestamp=1790000000000",
         "", "df0c9e181b93d207393ee9ec5585b56cb11f0d6ccfbdab67fcb5fa726138024d"},
        {"symbol=BTCUSDC&side=BUY&type=MARKET&quoteOrderQty=25&newOrderRespType=FULL",
         "timestamp=1790000000001&recvWindow=5000&signature=ab",
         "BEDBE6D6901829490D530CA0F44998A30F1D07B830A83DFCBBC29DD53DD8D76E"}};
    for (unsigned i = 0; i < 2; i++) {
        Text payload = TEXT_IN(joined);
        exchange_query_signed(slice_of(vectors[i].query), slice_of(vectors[i].body), &payload);
        Slice text = {joined, payload.length};
        assert_int_equal(exchange_key_judge(&ring, slice_of("demo-api-key"), text,
                                            slice_of(vectors[i].signature), &found),
                         SEAL_GOOD);
        joined[0] ^= 1;
        assert_int_equal(exchange_key_judge(&ring, slice_of("demo-api-key"), text,
                                            slice_of(vectors[i].signature), &found),
                         SEAL_BAD_SIGNATURE);
    }
    JsonReader reader = json_reader(SLICE("{\"timestamp\":1790000000003,\"signature\":\"x\","
                                          "\"recvWindow\":5000,\"apiKey\":\"demo-api-key\"}"));
    ExchangeFault fault;
    Text payload = TEXT_IN(joined);
    assert_true(exchange_query_json(&query, &reader, &fault));
    exchange_query_signed_json(&query, &payload);
    assert_int_equal(
        exchange_key_judge(
            &ring, slice_of("demo-api-key"), (Slice){joined, payload.length},
            slice_of("da360dd089e1149d65af60abe12c60ab1e157538e1261a457d5c4226d13d9bba"), &found),
        SEAL_GOOD);
}

/* ---- streams ------------------------------------------------------------------------------- */

static void streams_have_their_names(void **state) {
    Exchange *exchange = *state;
    StreamTopic topic;
    Text frame = text_in(memory, STREAM_FRAME_MAX);
    const char *const names[] = {
        "btcusdc@trade",      "btcusdc@aggTrade",    "btcusdc@kline_5m",
        "btcusdc@bookTicker", "btcusdc@miniTicker",  "btcusdc@ticker",
        "btcusdc@depth",      "btcusdc@depth@100ms", "btcusdc@depth20@100ms"};
    stage_print(exchange, 0, STAGE_PRICE + UNIT, UNIT);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_true(stream_topic_read(exchange, slice_of(names[i]), &topic));
        assert_true(stream_topic_write(exchange, &topic, STAGE_US, false, &frame));
        assert_true(json_valid((Slice){memory, frame.length}));
    }
    assert_false(stream_topic_read(exchange, SLICE("btcusdc@kline_2m"), &topic));
    assert_false(stream_topic_read(exchange, SLICE("nope@trade"), &topic));
    assert_false(stream_topic_read(exchange, SLICE("0"), &topic));
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(refusals_bear_the_venues_codes),
        STAGED(a_seal_is_needed_where_money_is),
        STAGED(weight_runs_out_and_comes_back),
        STAGED(an_order_is_told_in_full),
        STAGED(a_replacement_tells_both_halves),
        STAGED(a_replacement_off_the_grid_cancels_nothing),
        STAGED(a_list_is_told_and_cancelled),
        STAGED(nonsense_is_answered),
        STAGED(signatures_fit),
        STAGED(streams_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
