/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a frame of the WebSocket API: no crash, no read outside, an error says what and
 * where, and what is read keeps the rules of an event. */
#include <stdio.h>
#include <stdlib.h>

#include "core/venues/binance_user.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static void must(bool condition, const char *text) {
    if (!condition) check_failed(__FILE__, __LINE__, text);
}

static void judge_order(const BinanceOrderEvent *order) {
    const BinanceReport *report = &order->report;
    must(report->symbol.text[0], "a symbol");
    must(report->executed.units >= order->last.quantity.units, "executed holds the last");
    must(report->quantity.units == 0 || report->executed.units <= report->quantity.units,
         "not more than ordered");
    bool trades = order->execution == BINANCE_EXECUTION_TRADE;
    must(trades == (order->last.quantity.units > 0), "a trade has a quantity");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static BinanceBalance memory[16];
    BinanceBalances balances = {memory, 16, 0};
    BinanceUserEvent event;
    Error error = {0};
    Slice frame = {(const char *)bytes, size};
    bool is_read = binance_user_read(frame, &balances, &event, &error);
    must(is_read || error.message[0], "an error says what");
    if (!is_read) return 0;
    if (event.kind == BINANCE_USER_ORDER) judge_order(&event.order);
    if (event.kind == BINANCE_USER_POSITION) must(balances.count <= 16, "inside of the room");
    if (event.kind != BINANCE_USER_REPLY) return 0;
    BinanceGovernor governor;
    BinanceReport report;
    binance_governor_init(&governor);
    must(event.answer.result.length == 0 || json_valid(event.answer.result), "a result is JSON");
    (void)!binance_account_counts(event.answer.limits, &governor, 0, NULL);
    (void)!binance_reply_order(event.answer.result, NULL, &report, NULL);
    return 0;
}
