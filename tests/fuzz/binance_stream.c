/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a frame and as each REST answer: no crash, no read outside, and the two readers of
 * frames agree. */
#include <stdio.h>
#include <stdlib.h>

#include "core/venues/binance_layout.h"
#include "core/venues/binance_rest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static void must(bool condition, const char *text) {
    if (!condition) check_failed(__FILE__, __LINE__, text);
}

static void fuzz_stream(Slice frame) {
    static BookLevel levels[256];
    BinanceLevels room = {levels, 256};
    BinanceEvent fast, any;
    Error error = {0};
    bool is_fast = binance_layout_read(frame, &fast), is_any;
    is_any = binance_stream_read_any(frame, room, &any, &error);
    must(is_any || (error.message[0] && error.where[0]), "an error says what and where");
    if (!is_fast) return;
    must(is_any && any.kind == fast.kind && any.event_us == fast.event_us, "the readers agree");
    if (fast.kind == BINANCE_KLINE) {
        must(any.kline.bar.close.units == fast.kline.bar.close.units, "same close");
        must(any.kline.bar.volume == fast.kline.bar.volume, "same volume");
        must(any.kline.is_closed == fast.kline.is_closed, "same end");
    } else if (fast.kind == BINANCE_BOOK_TICKER) {
        must(any.ticker.bid.price.units == fast.ticker.bid.price.units, "same bid");
    } else {
        must(any.trade.price.units == fast.trade.price.units, "same price");
        must(any.trade.id == fast.trade.id, "same id");
    }
}

static void fuzz_rest(Slice body) {
    static BookLevel levels[256];
    static Bar bars[64];
    static BinanceExchange exchange;
    BinanceBars room = {.at = bars, .capacity = 64};
    BookChange snapshot;
    BinanceFault fault;
    SymbolName name;
    int64_t server_us;
    binance_exchange_init(&exchange);
    must(symbol_name_set(&name, SLICE("BTCUSDT")) && binance_exchange_want(&exchange, &name),
         "want");
    (void)!binance_rest_klines(body, INTERVAL_1M, INT64_MAX, &room, NULL);
    (void)!binance_rest_exchange_info(body, &exchange, NULL);
    (void)!binance_rest_time(body, &server_us, NULL);
    (void)!binance_rest_fault(body, &fault);
    (void)!binance_rest_depth(body, (BinanceLevels){levels, 256}, &snapshot, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Slice text = {(const char *)bytes, size};
    fuzz_stream(text);
    fuzz_rest(text);
    return 0;
}
