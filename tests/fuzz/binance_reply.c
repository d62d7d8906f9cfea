/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the body of an answer, read as every kind of answer there is: no crash, no read
 * outside, an error says what, and no reading claims more traded than was ordered. */
#include <stdio.h>
#include <stdlib.h>

#include "core/venues/binance_account.h"
#include "core/venues/binance_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static void must(bool condition, const char *text) {
    if (!condition) check_failed(__FILE__, __LINE__, text);
}

static void judge_report(const BinanceReport *report) {
    must(report->symbol.text[0], "a symbol");
    must(report->executed.units >= 0, "nothing is traded backwards");
    must(report->quantity.units == 0 || report->executed.units <= report->quantity.units,
         "not more than ordered");
    for (unsigned i = 0; i < report->fill_count; i++)
        must(report->fills[i].quantity.units > 0 && report->fills[i].price.units > 0,
             "a fill has price and quantity");
}

static void read_orders(Slice body) {
    static BinanceFill fill_memory[32];
    static BinanceReport report_memory[16];
    BinanceFills fills = {fill_memory, 32, 0};
    BinanceReports reports = {report_memory, 16, 0, &fills};
    BinanceReport report;
    BinanceListReport list;
    BinanceReplaced replaced;
    Error error = {0};
    if (binance_reply_order(body, &fills, &report, &error)) judge_report(&report);
    fills.count = 0;
    if (binance_reply_orders(body, &reports, &error))
        for (unsigned i = 0; i < reports.count; i++)
            judge_report(&report_memory[i]);
    fills.count = 0;
    if (binance_reply_list(body, &fills, &list, &error))
        for (unsigned i = 0; i < list.report_count; i++)
            judge_report(&list.reports[i]);
    fills.count = 0;
    if (binance_reply_replaced(body, &fills, &replaced, &error)) {
        if (replaced.cancel == BINANCE_HALF_SUCCESS) judge_report(&replaced.cancel_report);
        if (replaced.order == BINANCE_HALF_SUCCESS) judge_report(&replaced.order_report);
    } else {
        must(error.message[0], "an error says what");
    }
}

static void read_account(Slice body) {
    static BinanceBalance balance_memory[16];
    static BinanceTrade trade_memory[16];
    BinanceBalances balances = {balance_memory, 16, 0};
    BinanceTrades trades = {trade_memory, 16, 0};
    BinanceAccount account;
    BinanceCommission commission;
    BinanceRights rights;
    OrderRules rules;
    Error error = {0};
    if (binance_account_read(body, &account, &balances, &error))
        for (unsigned i = 0; i < balances.count; i++)
            must(balances.at[i].free.units >= 0 && balances.at[i].locked.units >= 0,
                 "no balance is negative");
    if (binance_account_trades(body, &trades, &error))
        must(trades.count <= 16, "inside of the room");
    (void)!binance_account_commission(body, &commission, &error);
    (void)!binance_account_rights(body, &rights, &error);
    (void)!binance_account_rule(body, &rules, &error);
}

/* What cannot be read is never taken for done. */
static void judge_errors(const uint8_t *bytes, size_t size) {
    if (size < 3) return;
    BinanceHttp http = {.status = (bytes[0] | bytes[1] << 8) % 700,
                        .body = {(const char *)bytes + 2, size - 2},
                        .retry_after_s = -1,
                        .now_us = 1,
                        .changes = true};
    BinanceVerdict verdict;
    binance_error_judge(&http, &verdict);
    must(verdict.action < BINANCE_ACTION_COUNT, "one of the actions");
    bool is_done = http.status >= 200 && http.status < 300;
    must(is_done || verdict.action != BINANCE_DONE, "only 2xx is done");
    bool unknown = http.status >= 500 || http.status < 100;
    must(!unknown || verdict.action == BINANCE_ASK, "no answer and 5xx: the fate is unknown");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Slice body = {(const char *)bytes, size};
    read_orders(body);
    read_account(body);
    judge_errors(bytes, size);
    return 0;
}
