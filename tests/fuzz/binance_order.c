/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as each answer of the trading interface, and as the values of an order: no crash, no
 * read outside; a request that is made holds nothing but parameters. */
#include <stdio.h>
#include <stdlib.h>

#include "core/venues/binance_account.h"
#include "core/venues/binance_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static void must(bool condition, const char *text) {
    if (!condition) check_failed(__FILE__, __LINE__, text);
}

static void fuzz_orders(Slice body) {
    static BinanceFill fill_memory[16];
    static BinanceReport report_memory[16];
    BinanceFills fills = {fill_memory, 16, 0};
    BinanceReports reports = {report_memory, 16, 0, &fills};
    BinanceReport report;
    BinanceListReport list;
    BinanceReplaced replaced;
    Error error = {0};
    bool is_read = binance_reply_order(body, &fills, &report, &error);
    must(is_read || (error.message[0] && error.where[0]), "an error says what and where");
    must(!is_read || report.fill_count <= 16, "inside of the room");
    (void)!binance_reply_orders(body, &reports, NULL);
    (void)!binance_reply_list(body, &fills, &list, NULL);
    (void)!binance_reply_replaced(body, &fills, &replaced, NULL);
}

static void fuzz_account(Slice body) {
    static BinanceBalance balance_memory[16];
    static BinanceTrade trade_memory[16];
    BinanceBalances balances = {balance_memory, 16, 0};
    BinanceTrades trades = {trade_memory, 16, 0};
    BinanceAccount account;
    BinanceCommission commission;
    BinanceRights rights;
    OrderRules rules = {0};
    BinanceVerdict verdict;
    (void)!binance_account_read(body, &account, &balances, NULL);
    (void)!binance_account_trades(body, &trades, NULL);
    (void)!binance_account_commission(body, &commission, NULL);
    (void)!binance_account_rights(body, &rights, NULL);
    (void)!binance_account_rule(body, &rules, NULL);
    BinanceHttp http = {418, body, -1, 1790000000000000, true};
    binance_error_judge(&http, &verdict);
    must(verdict.silent_until_us > http.now_us, "a ban is silence");
    http.status = 400;
    binance_error_judge(&http, &verdict);
    must(verdict.action != BINANCE_DONE, "an error is not done");
}

static void fuzz_request(const uint8_t *bytes, size_t size) {
    BinanceNewOrder order;
    BinanceRequest request;
    if (size < sizeof order) return;
    memcpy(&order, bytes, sizeof order);
    order.side = SIDE_BUY;
    order.leg.type = bytes[0] % BINANCE_TYPE_COUNT;
    order.leg.force = bytes[1] % BINANCE_FORCE_COUNT;
    if (!binance_order_new(&order, (BinanceTiming){1790000000000, 5000}, &request, NULL)) return;
    for (size_t i = 0; i < request.length; i++)
        must(request.text[i] > ' ' && request.text[i] < 127, "percent-encoded");
    must(request.length == strlen(request.text), "one text");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Slice body = {(const char *)bytes, size};
    fuzz_orders(body);
    fuzz_account(body);
    fuzz_request(bytes, size);
    return 0;
}
