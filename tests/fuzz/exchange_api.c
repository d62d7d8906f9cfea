/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a client's requests to the simulated exchange, a line each (path, blank, query): no
 * crash, no read outside, the answer is JSON, and no balance is ever negative. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/exchange_api.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static void must(bool condition, const char *text) {
    if (!condition) check_failed(__FILE__, __LINE__, text);
}

static Exchange *fresh(void) {
    static Exchange *exchange;
    static const ExchangeCosts costs = {.maker_ppm = 1000,
                                        .taker_ppm = 1000,
                                        .half_spread_ppm = 100,
                                        .slippage_ppm = 50,
                                        .share_ppm = 250000};
    Symbol symbol = {.name = {"BTCUSDC"}, .base = {"BTC"}, .quote = {"USDC"}};
    if (!exchange) exchange = calloc(1, sizeof *exchange);
    must(exchange != NULL, "memory");
    exchange_init(exchange, &costs);
    symbol.filters = (Filters){.tick = price_of(1000000),
                               .step = quantity_of(1000),
                               .quantity_min = quantity_of(1000),
                               .notional_min = money_of((__int128)5 * DECIMAL_SCALE)};
    must(exchange_list_pair(exchange, &symbol) == 0, "the first pair");
    bool held = exchange_deposit(exchange, slice_of("USDC"), money_of(1000000000000)) &&
                exchange_deposit(exchange, slice_of("BTC"), money_of(100000000));
    must(held, "deposits");
    ExchangePrint print = {.id = 1,
                           .time_us = INSTANT_MINUTE_US,
                           .price = price_of((int64_t)20000 * DECIMAL_SCALE),
                           .quantity = quantity_of(DECIMAL_SCALE)};
    exchange_print(exchange, 0, &print);
    return exchange;
}

static void ask(Exchange *exchange, Slice line, bool posts) {
    static char memory[EXCHANGE_ANSWER_MAX];
    static ExchangeQuery query;
    Text answer = TEXT_IN(memory);
    ExchangeFault fault = {0};
    const char *blank = memchr(line.at, ' ', line.length);
    Slice path = {line.at, blank ? (size_t)(blank - line.at) : line.length};
    Slice text = {blank ? blank + 1 : "", blank ? line.length - path.length - 1 : 0};
    memset(&query, 0, sizeof query);
    if (!exchange_query_read(&query, text, (Slice){"", 0}, &fault)) return;
    ExchangeCall call = {.method = slice_of(posts ? "POST" : "GET"),
                         .path = path,
                         .query = &query,
                         .seal = SEAL_GOOD,
                         .now_us = INSTANT_MINUTE_US,
                         .wall_us = INSTANT_MINUTE_US};
    unsigned status = exchange_answer(exchange, &call, &answer);
    must(status >= 200 && status < 600, "a status");
    must(json_valid(slice_of(text_end(&answer))), "the answer is JSON");
}

static void judge(const Exchange *exchange) {
    for (unsigned i = 0; i < exchange->asset_count; i++)
        must(exchange->balances[i].free.units >= 0 && exchange->balances[i].locked.units >= 0,
             "no balance is negative");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Exchange *exchange = fresh();
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(bytes + at, '\n', size - at);
        size_t length = end ? (size_t)(end - bytes) - at : size - at;
        if (length > 1)
            ask(exchange, (Slice){(const char *)bytes + at + 1, length - 1}, bytes[at] & 1);
        judge(exchange);
        at += length + 1;
    }
    return 0;
}
