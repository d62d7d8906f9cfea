/* SPDX-License-Identifier: Apache-2.0 */
/* Answers about orders and the account's own events: exact values, both wrappings, and that a frame
 * which is cut anywhere is an Error. */
#include "unit.h"

#include "core/venues/binance_user.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static BinanceBalance balance_memory[4];
static BinanceFill fill_memory[4];
static BinanceUserEvent event;
static BinanceBalances balances = {balance_memory, 4, 0};

static const char TRADE[] =
    "{\"e\":\"executionReport\",\"E\":1790000000130,\"s\":\"BTCUSDC\",\"c\":\"t-000001\",\"S\":"
    "\"BUY\",\"o\":\"MARKET\",\"f\":\"GTC\",\"q\":\"0.00040000\",\"p\":\"0.00000000\",\"P\":"
    "\"0.00000000\",\"F\":\"0.00000000\",\"g\":-1,\"C\":\"\",\"x\":\"TRADE\",\"X\":\"FILLED\","
    "\"r\":\"NONE\",\"i\":7701234,\"l\":\"0.00040000\",\"z\":\"0.00040000\",\"L\":\"61251.25\","
    "\"n\":\"0.00000040\",\"N\":\"BTC\",\"T\":1790000000123,\"t\":9912345,\"I\":15500123,\"w\":"
    "false,\"m\":false,\"M\":true,\"O\":1790000000123,\"Z\":\"24.5005\",\"Y\":\"24.5005\",\"Q\":"
    "\"25.0\",\"W\":1790000000123,\"V\":\"EXPIRE_MAKER\"}";

static bool read_frame(const char *frame, Error *error) {
    *error = (Error){0};
    return binance_user_read(slice_of(frame), &balances, &event, error);
}

static void must_read(const char *frame, BinanceUserKind kind) {
    Error error;
    if (!read_frame(frame, &error)) fail_msg("%s: %s, %s", frame, error.message, error.where);
    assert_int_equal(event.kind, kind);
}

static void must_refuse(const char *frame, const char *words) {
    Error error;
    if (read_frame(frame, &error)) fail_msg("read: %s", frame);
    if (!strstr(error.message, words)) fail_msg("%s: %s", frame, error.message);
}

static void a_trade(void **state) {
    (void)state;
    char wrapped[1500];
    snprintf(wrapped, sizeof wrapped, "{\"subscriptionId\":3,\"event\":%s}", TRADE);
    for (unsigned turn = 0; turn < 2; turn++) {
        must_read(turn ? wrapped : TRADE, BINANCE_USER_ORDER);
        const BinanceOrderEvent *order = &event.order;
        assert_int_equal(event.subscription, turn ? 3 : -1);
        assert_int_equal(event.event_us, 1790000000130000);
        assert_int_equal(order->execution, BINANCE_EXECUTION_TRADE);
        assert_int_equal(order->report.status, BINANCE_STATUS_FILLED);
        assert_int_equal(order->report.executed.units, 40000);
        assert_true(order->report.quote_executed.units == 2450050000);
        assert_int_equal(order->last.price.units, 6125125000000);
        assert_true(order->last.commission.units == 40);
        assert_string_equal(order->last.commission_asset.text, "BTC");
        assert_int_equal(order->last.trade_id, 9912345);
        assert_int_equal(order->execution_id, 15500123);
        assert_string_equal(order->report.client_id.text, "t-000001");
        assert_string_equal(order->report.cancel_id.text, "");
    }
}

/* Replaces the first `from` of the trade's text. */
static const char *changed(const char *from, const char *to) {
    static char text[1500];
    const char *at = strstr(TRADE, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - TRADE), TRADE, to, at + strlen(from));
    return text;
}

static void a_cancel_names_the_order(void **state) {
    (void)state;
    must_read(changed("\"C\":\"\"", "\"C\":\"mine\""), BINANCE_USER_ORDER);
    assert_string_equal(event.order.report.client_id.text, "mine");
    assert_string_equal(event.order.report.cancel_id.text, "t-000001");
}

static void what_cannot_be(void **state) {
    (void)state;
    static const char *const ROWS[][3] = {
        {"\"z\":\"0.00040000\"", "\"z\":\"0.00050000\"", "more is executed"},
        {"\"z\":\"0.00040000\"", "\"z\":\"0.00030000\"", "without price or quantity"},
        {"\"l\":\"0.00040000\"", "\"l\":\"0\"", "without price or quantity"},
        {"\"l\":\"0.00040000\"", "\"l\":\"0.000400001\"", "bad value of \"l\""},
        {"\"L\":\"61251.25\"", "\"L\":\"0\"", "without price or quantity"},
        {"\"x\":\"TRADE\"", "\"x\":\"NEW\"", "a quantity without a trade"},
        {"\"S\":\"BUY\"", "\"S\":\"LEFT\"", "neither BUY nor SELL"},
        {"\"q\":\"0.00040000\"", "\"q\":\"-1\"", "negative quantity"},
        {"\"i\":7701234", "\"i\":-1", "order id below 0"},
        {"\"i\":7701234", "\"i\":\"7701234x\"", "bad value of \"i\""},
        {"\"i\":7701234,", "", "missing \"i\""},
        {"\"Z\":\"24.5005\"", "\"Z\":\"-24.5005\"", "negative quote"},
        {"\"T\":1790000000123", "\"T\":17", "bad value of \"T\""},
        {"\"c\":\"t-000001\"", "\"c\":\"0123456789012345678901234567890123456789\"",
         "bad value of \"c\""},
    };
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        must_refuse(changed(ROWS[i][0], ROWS[i][1]), ROWS[i][2]);
}

/* Words that the venue adds later are not taken for others. */
static void new_words(void **state) {
    (void)state;
    must_read(changed("\"X\":\"FILLED\"", "\"X\":\"MELTED\""), BINANCE_USER_ORDER);
    assert_int_equal(event.order.report.status, BINANCE_STATUS_OTHER);
    assert_false(binance_status_ends(event.order.report.status));
    must_read("{\"e\":\"newThing\",\"E\":1790000000130,\"zz\":[{}]}", BINANCE_USER_UNKNOWN);
    assert_string_equal(event.unknown, "newThing");
    must_read("{\"hello\":1}", BINANCE_USER_UNKNOWN);
}

static void other_events(void **state) {
    (void)state;
    must_read("{\"e\":\"outboundAccountPosition\",\"E\":1564034571105,\"u\":1564034571073,\"B\":[{"
              "\"a\":\"ETH\",\"f\":\"10000.000001\",\"l\":\"0.5\"},{\"a\":\"测\",\"f\":\"1\",\"l\":"
              "\"0\"}]}",
              BINANCE_USER_POSITION);
    assert_int_equal(balances.count, 2);
    assert_true(balance_memory[0].free.units == 1000000000100 &&
                balance_memory[0].locked.units == 50000000);
    assert_string_equal(balance_memory[1].asset.text, "测");
    must_read("{\"subscriptionId\":0,\"event\":{\"e\":\"balanceUpdate\",\"E\":1573200697110,\"a\":"
              "\"BTC\",\"d\":\"-100.5\",\"T\":1573200697068}}",
              BINANCE_USER_BALANCE);
    assert_true(event.transfer.change.units == -10050000000);
    must_read("{\"event\":{\"e\":\"serverShutdown\",\"E\":1573200697110}}", BINANCE_USER_SHUTDOWN);
    must_read("{\"subscriptionId\":1,\"event\":{\"e\":\"eventStreamTerminated\",\"E\":"
              "1573200697110}}",
              BINANCE_USER_ENDED);
    must_refuse("{\"e\":\"balanceUpdate\",\"E\":1573200697110,\"a\":null,\"d\":\"1\",\"T\":"
                "1573200697068}",
                "without an asset");
    must_refuse("{\"e\":\"outboundAccountPosition\",\"E\":1564034571105,\"B\":{}}", "not an array");
}

static void replies(void **state) {
    (void)state;
    must_read("{\"id\":\"u1\",\"status\":200,\"result\":{\"subscriptionId\":0}, \"rateLimits\": "
              "[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,"
              "\"limit\":6000,\"count\":5999}]}",
              BINANCE_USER_REPLY);
    assert_string_equal(event.answer.id, "u1");
    assert_true(slice_is(event.answer.result, "{\"subscriptionId\":0}"));
    BinanceGovernor governor;
    Error error;
    binance_governor_init(&governor);
    assert_true(binance_account_counts(event.answer.limits, &governor, 60000000, &error));
    assert_true(binance_governor_wait(&governor, 1, 0, BINANCE_URGENT, 60000000) == 0);
    assert_true(binance_governor_wait(&governor, 2, 0, BINANCE_URGENT, 60000000) == 120000000);
    must_read(
        "{\"id\":7,\"status\":418,\"error\":{\"code\":-1003,\"msg\":\"Way too much\",\"data\":"
        "{\"serverTime\":1790000000000,\"retryAfter\":1790000060000}}}",
        BINANCE_USER_REPLY);
    assert_string_equal(event.answer.id, "7");
    assert_int_equal(event.answer.fault.code, -1003);
    assert_int_equal(event.answer.silent_until_us, 1790000060000000);
    must_read("{\"id\":null,\"status\":401,\"error\":{\"code\":-2015,\"msg\":\"x\"}}",
              BINANCE_USER_REPLY);
    assert_string_equal(event.answer.id, "");
    must_refuse("{\"id\":1,\"status\":200}", "neither result nor error");
    must_refuse("{\"id\":1,\"status\":500,\"result\":{}}", "neither result nor error");
    must_refuse("{\"status\":200,\"result\":{}}", "id is missing");
    must_refuse("{\"id\":1,\"status\":20000,\"result\":{}}", "status");
}

static void cut_anywhere(void **state) {
    (void)state;
    char text[1500];
    for (size_t length = 0; length < sizeof TRADE - 1; length++) {
        Error error;
        snprintf(text, sizeof text, "%.*s", (int)length, TRADE);
        if (read_frame(text, &error)) fail_msg("read although cut at byte %zu", length);
        assert_int_equal(error.code, ERROR_DATA);
        assert_true(error.message[0] && error.where[0]);
    }
    snprintf(text, sizeof text, "%s{}", TRADE);
    must_refuse(text, "follows");
}

#define ORDER(rest)                                                                                \
    "{\"symbol\":\"BTCUSDC\",\"orderId\":77,\"clientOrderId\":\"t-1\",\"transactTime\":"           \
    "1790000000123" rest "}"
#define STATE                                                                                      \
    ",\"status\":\"EXPIRED\",\"type\":\"MARKET\",\"side\":\"BUY\",\"origQty\":\"2\","              \
    "\"executedQty\":\"1.5\",\"cummulativeQuoteQty\":\"3.1\""

static void reports(void **state) {
    (void)state;
    BinanceFills fills = {fill_memory, 1, 0};
    BinanceReport report;
    Error error = {0};
    assert_true(binance_reply_order(SLICE(ORDER("")), NULL, &report, &error));
    assert_true(report.is_receipt && !report.quote_known && report.list_id == -1);
    assert_true(binance_reply_order(
        SLICE(ORDER(STATE ",\"fills\":[{\"price\":\"2\",\"qty\":\"1.5\",\"commission\":\"0.001\","
                          "\"commissionAsset\":\"BNB\",\"tradeId\":5}]")),
        &fills, &report, &error));
    assert_true(report.executed.units == 150000000 && report.fill_count == 1 && report.quote_known);
    assert_int_equal(report.fills[0].trade_id, 5);
    static const char *const BAD[][2] = {
        {ORDER(",\"status\":\"NEW\""), "in part"},
        {ORDER(STATE ",\"fills\":[{\"price\":\"2\",\"qty\":\"1\",\"commission\":\"0\","
                     "\"commissionAsset\":\"BNB\",\"tradeId\":5}]"),
         "more fills"}, /* the room is full */
        {ORDER(STATE ",\"executedQty\":\"1\""), "twice"},
        {"{\"symbol\":\"A\",\"orderId\":1,\"clientOrderId\":\"x\"}", "no time"},
        {"{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", "missing \"symbol\""},
        {"[]", "not an object"},
        {"<html>", "not an object"},
        {ORDER("") "x", "follows"},
    };
    for (unsigned i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        error = (Error){0};
        if (binance_reply_order(slice_of(BAD[i][0]), &fills, &report, &error))
            fail_msg("read: %s", BAD[i][0]);
        if (!strstr(error.message, BAD[i][1])) fail_msg("%s", error.message);
    }
}

static void replaced(void **state) {
    (void)state;
    BinanceReplaced half;
    Error error = {0};
    assert_true(binance_reply_replaced(
        SLICE("{\"cancelResult\":\"SUCCESS\",\"newOrderResult\":\"SUCCESS\","
              "\"cancelResponse\":" ORDER("") ",\"newOrderResponse\":" ORDER("") "}"),
        NULL, &half, &error));
    assert_true(half.cancel == BINANCE_HALF_SUCCESS && half.order_report.order_id == 77);
    assert_true(binance_reply_replaced(
        SLICE("{\"code\":-2021,\"msg\":\"x\",\"data\":{\"cancelResult\":\"SUCCESS\","
              "\"newOrderResult\":\"FAILURE\",\"cancelResponse\":" ORDER(
                  "") ",\"newOrderResponse\":{\"code\":-2010,\"msg\":\"Order would\"}}}"),
        NULL, &half, &error));
    assert_true(half.fault.code == -2021 && half.order == BINANCE_HALF_FAILURE);
    assert_int_equal(half.order_fault.code, -2010);
    assert_true(
        binance_reply_replaced(SLICE("{\"code\":-1007,\"msg\":\"x\"}"), NULL, &half, &error));
    assert_true(half.cancel == BINANCE_HALF_UNTOLD && half.order == BINANCE_HALF_UNTOLD);
    assert_false(binance_reply_replaced(SLICE("{}"), NULL, &half, &error));
}

static void rights(void **state) {
    (void)state;
    BinanceRights got;
    Error error = {0};
    assert_true(binance_account_rights(
        SLICE("{\"ipRestrict\":true,\"createTime\":1698645219000,\"enableReading\":true,"
              "\"enableWithdrawals\":false,\"enableInternalTransfer\":false,"
              "\"permitsUniversalTransfer\":false,\"enableSpotAndMarginTrading\":true}"),
        &got, &error));
    assert_true(got.is_bound && got.may_trade && !got.may_withdraw && !got.may_transfer);
    assert_false(binance_account_rights(SLICE("{\"ipRestrict\":true}"), &got, &error));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trade),        cmocka_unit_test(a_cancel_names_the_order),
        cmocka_unit_test(what_cannot_be), cmocka_unit_test(new_words),
        cmocka_unit_test(other_events),   cmocka_unit_test(replies),
        cmocka_unit_test(cut_anywhere),   cmocka_unit_test(reports),
        cmocka_unit_test(replaced),       cmocka_unit_test(rights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
