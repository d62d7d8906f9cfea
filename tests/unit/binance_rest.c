/* SPDX-License-Identifier: Apache-2.0 */
/* REST answers of the venue and the paths that ask for them. */
#include "unit.h"

#include "core/venues/binance_path.h"
#include "core/venues/binance_rest.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

#define ROW(t, o, h, l, c, T)                                                                      \
    "[" t ",\"" o "\",\"" h "\",\"" l "\",\"" c "\",\"12.40518000\"," T                            \
    ",\"759913.22\",1841,\"6.1002\",\"373701.5\",\"0\"]"
#define ROW_1 ROW("1790000040000", "10.0", "12.0", "9.0", "11.0", "1790000099999")
#define ROW_2 ROW("1790000100000", "11.0", "13.0", "10.0", "12.0", "1790000159999")
#define ROW_3 ROW("1790000160000", "12.0", "13.0", "10.0", "12.5", "1790000219999")

static Bar memory[8];

static BinanceBars read_klines(const char *body, int64_t server_us) {
    BinanceBars bars = {.at = memory, .capacity = 8};
    Error error = {0};
    if (!binance_rest_klines(slice_of(body), INTERVAL_1M, server_us, &bars, &error)) {
        print_error("%s, %s\n", error.message, error.where);
        fail();
    }
    return bars;
}

static void test_klines(void **state) {
    (void)state;
    BinanceBars bars = read_klines("[" ROW_1 "," ROW_2 "," ROW_3 "]", 1790000219999000);
    assert_int_equal(bars.count, 2);
    assert_int_equal(bars.open, 1);
    assert_int_equal(bars.refused, 0);
    assert_int_equal(memory[0].time_us, 1790000040000000);
    assert_int_equal(memory[0].high.units, 1200000000);
    assert_int_equal(memory[1].close.units, 1200000000);
    assert_int_equal(memory[0].trades, 1841);
    assert_true(memory[0].volume == 12.40518 && memory[0].taker_volume == 6.1002);
    assert_int_equal(read_klines("[" ROW_3 "]", 1790000219999001).count, 1);
    assert_int_equal(read_klines("[]", 1).count, 0);
}

static void test_klines_microseconds(void **state) {
    (void)state;
    BinanceBars bars = read_klines(
        "[" ROW("1790000040000000", "10", "12", "9", "11", "1790000099999999") "]", INT64_MAX);
    assert_int_equal(bars.count, 1);
    assert_int_equal(memory[0].time_us, 1790000040000000);
}

static void test_klines_bad_rows(void **state) {
    (void)state;
    static const char *const ROWS[][2] = {
        {ROW("1790000100000", "11", "9", "10", "12", "1790000159999"), "high is below low"},
        {ROW("1790000100000", "0", "12", "0", "11", "1790000159999"), "above zero"},
        {ROW("1790000100500", "11", "12", "10", "11", "1790000160499"), "grid"},
        {ROW("1790000100000", "11", "12", "10", "11", "1790000219999"), "close time"},
        {ROW_1, "not later"},
    };
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char body[1024];
        snprintf(body, sizeof body, "[%s,%s,%s]", ROW_1, ROWS[i][0], ROW_3);
        BinanceBars bars = read_klines(body, INT64_MAX);
        assert_int_equal(bars.count, 2);
        assert_int_equal(bars.refused, 1);
        assert_non_null(strstr(bars.reason, ROWS[i][1]));
        assert_int_equal(memory[1].time_us, 1790000160000000);
    }
    static const char *const BODIES[] = {"",      "{}",           "<html>", "[" ROW_1,
                                         "[[1]]", "[" ROW_1 "]x", "[5]"};
    for (unsigned i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
        BinanceBars bars = {.at = memory, .capacity = 8};
        Error error = {0};
        assert_false(
            binance_rest_klines(slice_of(BODIES[i]), INTERVAL_1M, INT64_MAX, &bars, &error));
        assert_int_equal(error.code, ERROR_DATA);
    }
}

static const char INFO[] =
    "{\"timezone\":\"UTC\",\"serverTime\":1790000219999,\"rateLimits\":[{\"rateLimitType\":"
    "\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000},{"
    "\"rateLimitType\""
    ":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":50}],\"symbols\":[{"
    "\"symbol\":"
    "\"BTCUSDT\",\"status\":\"TRADING\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\",\"filters\":["
    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.01\",\"maxPrice\":\"1000000.00\","
    "\"tickSize\""
    ":\"0.01000000\"},{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.00001\",\"maxQty\":\"9000\","
    "\"stepSize\":\"0.00001\"},{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0\",\"maxQty\":"
    "\"5\","
    "\"stepSize\":\"0\"},{\"filterType\":\"FROM_TOMORROW\",\"minPrice\":{\"a\":[1]}},{"
    "\"filterType\":"
    "\"NOTIONAL\",\"minNotional\":\"5.0\",\"applyMinToMarket\":true,\"maxNotional\":\"9000000\"}]},"
    "{\"symbol\":\"OLDUSDT\",\"status\":\"BREAK\",\"baseAsset\":\"OLD\",\"quoteAsset\":\"USDT\","
    "\"filters\":[{\"filterType\":\"MIN_NOTIONAL\",\"minNotional\":\"10\",\"applyToMarket\":true},"
    "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"1\",\"maxQty\":\"900000000000\",\"stepSize\":\"1\"}]"
    "},"
    "{\"symbol\":\"NOTASKED\",\"status\":\"TRADING\",\"baseAsset\":\"N\",\"quoteAsset\":\"A\","
    "\"filters\":[]}]}";

static void want(BinanceExchange *exchange, const char *name) {
    SymbolName symbol;
    assert_true(symbol_name_set(&symbol, slice_of(name)));
    assert_true(binance_exchange_want(exchange, &symbol));
}

static void test_exchange_info(void **state) {
    (void)state;
    static BinanceExchange exchange;
    Error error = {0};
    binance_exchange_init(&exchange);
    want(&exchange, "OLDUSDT");
    want(&exchange, "BTCUSDT");
    want(&exchange, "NONAME");
    assert_true(binance_rest_exchange_info(slice_of(INFO), &exchange, &error));
    assert_int_equal(exchange.server_us, 1790000219999000);
    assert_int_equal(exchange.weight_per_minute, 6000);
    const BinanceListing *old = &exchange.listings[0], *btc = &exchange.listings[1];
    assert_true(binance_listing_trades(btc));
    assert_false(binance_listing_trades(old));
    assert_string_equal(old->status, "BREAK");
    assert_string_equal(exchange.listings[2].status, "");
    assert_string_equal(btc->symbol.base.text, "BTC");
    const Filters *filters = &btc->symbol.filters;
    assert_int_equal(filters->tick.units, 1000000);
    assert_int_equal(filters->price_max.units, 100000000000000);
    assert_int_equal(filters->step.units, 1000);
    assert_int_equal(filters->quantity_max.units, 900000000000);
    assert_true(filters->notional_min.units == 500000000);
    assert_true(filters->notional_max.units == 900000000000000);
    assert_true(old->symbol.filters.notional_min.units == 1000000000);
    assert_true(old->symbol.filters.notional_max.units == 0);
    assert_int_equal(old->symbol.filters.quantity_max.units, INT64_MAX); /* beyond Quantity */
}

static void test_exchange_info_bad(void **state) {
    (void)state;
    static BinanceExchange exchange;
    static const char *const FROM_TO[][2] = {{"\"tickSize\":\"0.01000000\"", "\"tickSize\":\"x\""},
                                             {"\"status\":\"TRADING\",", ""},
                                             {"\"serverTime\":1790000219999,", ""},
                                             {"\"minQty\":\"0.00001\"", "\"minQty\":\"-1\""}};
    for (unsigned i = 0; i < sizeof FROM_TO / sizeof FROM_TO[0]; i++) {
        char body[4096];
        const char *at = strstr(INFO, FROM_TO[i][0]);
        assert_non_null(at);
        snprintf(body, sizeof body, "%.*s%s%s", (int)(at - INFO), INFO, FROM_TO[i][1],
                 at + strlen(FROM_TO[i][0]));
        Error error = {0};
        binance_exchange_init(&exchange);
        want(&exchange, "BTCUSDT");
        assert_false(binance_rest_exchange_info(slice_of(body), &exchange, &error));
        assert_int_equal(strncmp(error.where, "byte ", 5), 0);
    }
}

static void test_small_answers(void **state) {
    (void)state;
    int64_t server_us;
    BinanceFault fault;
    BookLevel levels[4];
    BookChange snapshot;
    assert_true(binance_rest_time(SLICE("{\"serverTime\":1499827319559}"), &server_us, NULL));
    assert_int_equal(server_us, 1499827319559000);
    assert_false(binance_rest_time(SLICE("{\"serverTime\":\"x\"}"), &server_us, NULL));
    assert_true(binance_rest_fault(SLICE("{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"), &fault));
    assert_int_equal(fault.code, -1121);
    assert_string_equal(fault.text, "Invalid symbol.");
    assert_false(binance_rest_fault(SLICE("<html>451</html>"), &fault));
    assert_false(binance_rest_fault(SLICE("{\"serverTime\":1}"), &fault));
    Slice depth =
        SLICE("{\"lastUpdateId\":1027024,\"bids\":[[\"4.0\",\"431\"]],\"asks\":[[\"4.000002"
              "\",\"12\"]]}");
    assert_true(binance_rest_depth(depth, (BinanceLevels){levels, 4}, &snapshot, NULL));
    assert_int_equal(snapshot.last_id, 1027024);
    assert_int_equal(snapshot.asks[0].price.units, 400000200);
    assert_false(binance_rest_depth(depth, (BinanceLevels){levels, 1}, &snapshot, NULL));
}

/* The answers printed in the venue's documentation. */
static void test_documented(void **state) {
    (void)state;
    static const char *const FILES[] = {"exchange_info_response", "depth_response",
                                        "server_time_response"};
    for (unsigned i = 0; i < 3; i++) {
        char path[120], body[8192];
        snprintf(path, sizeof path, "api/binance/rest/%s.json", FILES[i]);
        FILE *file = fopen(shared_data(path), "r");
        assert_non_null(file);
        Slice text = {body, fread(body, 1, sizeof body, file)};
        fclose(file);
        static BinanceExchange exchange;
        BookLevel levels[4];
        BookChange snapshot;
        int64_t server_us;
        binance_exchange_init(&exchange);
        want(&exchange, "ETHBTC");
        if (i == 0) {
            assert_true(binance_rest_exchange_info(text, &exchange, NULL));
            assert_true(binance_listing_trades(&exchange.listings[0]));
        }
        if (i == 1) {
            assert_true(binance_rest_depth(text, (BinanceLevels){levels, 4}, &snapshot, NULL));
        }
        if (i == 2) assert_true(binance_rest_time(text, &server_us, NULL));
    }
}

static void test_paths(void **state) {
    (void)state;
    char memory_of_text[BINANCE_PATH_TEXT];
    Text text = TEXT_IN(memory_of_text);
    SymbolName names[2];
    assert_true(symbol_name_set(&names[0], SLICE("BTCUSDT")));
    assert_true(symbol_name_set(&names[1], SLICE("\xe5\xb8\x81USDT")));
    binance_path_exchange_info(&text, names, 2);
    assert_string_equal(text_end(&text), "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%2C%22%E5%B8"
                                         "%81USDT%22%5D&showPermissionSets=false");
    text_clear(&text);
    BinanceKlineRange range = {names[0], INTERVAL_5M, 1790000100000000, 1790001600000000};
    binance_path_klines(&text, &range);
    assert_string_equal(text_end(&text), "/api/v3/klines?symbol=BTCUSDT&interval=5m&startTime="
                                         "1790000100000&endTime=1790001599999&limit=5");
    text_clear(&text);
    range.until_us += 5000ll * 300 * INSTANT_SECOND_US;
    binance_path_klines(&text, &range);
    assert_non_null(strstr(text_end(&text), "&limit=1000"));
    text_clear(&text);
    binance_path_depth(&text, &names[1], 5000);
    assert_string_equal(text_end(&text), "/api/v3/depth?symbol=%E5%B8%81USDT&limit=5000");
    text_clear(&text);
    binance_path_streams(&text, names, 2);
    assert_string_equal(text_end(&text), "/stream?streams=btcusdt@kline_1m/btcusdt@trade/%E5%B8%81"
                                         "usdt@kline_1m/%E5%B8%81usdt@trade");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_klines),
        cmocka_unit_test(test_klines_microseconds),
        cmocka_unit_test(test_klines_bad_rows),
        cmocka_unit_test(test_exchange_info),
        cmocka_unit_test(test_exchange_info_bad),
        cmocka_unit_test(test_small_answers),
        cmocka_unit_test(test_documented),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
