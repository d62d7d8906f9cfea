/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_path.h"

static bool is_unreserved(char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void binance_path_encoded(Text *text, Slice value) {
    static const char HEX[] = "0123456789ABCDEF";
    for (size_t i = 0; i < value.length; i++) {
        unsigned char byte = (unsigned char)value.at[i];
        if (is_unreserved(value.at[i])) {
            text_char(text, value.at[i]);
            continue;
        }
        text_char(text, '%');
        text_char(text, HEX[byte >> 4]);
        text_char(text, HEX[byte & 15]);
    }
}

static void put_symbol(Text *text, const SymbolName *symbol) {
    binance_path_encoded(text, slice_of(symbol->text));
}

void binance_path_time(Text *text) {
    text_put(text, "/api/v3/time");
}

/* symbols=["A","B"] with its brackets, quotes and commas encoded. Full exchange information is
 * megabytes. */
void binance_path_exchange_info(Text *text, const SymbolName *symbols, unsigned count) {
    text_put(text, "/api/v3/exchangeInfo?symbols=%5B");
    for (unsigned i = 0; i < count; i++) {
        text_put(text, i ? "%2C%22" : "%22");
        put_symbol(text, &symbols[i]);
        text_put(text, "%22");
    }
    text_put(text, "%5D&showPermissionSets=false");
}

void binance_path_klines(Text *text, const BinanceKlineRange *range) {
    int64_t length_us = interval_us(range->interval);
    int64_t wanted = (range->until_us - range->from_us + length_us - 1) / length_us;
    text_put(text, "/api/v3/klines?symbol=");
    put_symbol(text, &range->symbol);
    text_format(text, "&interval=%s", interval_name(range->interval));
    text_format(text, "&startTime=%D", range->from_us / 1000);
    text_format(text, "&endTime=%D", range->until_us / 1000 - 1);
    text_format(text, "&limit=%D", wanted < BINANCE_KLINES_MAX ? wanted : BINANCE_KLINES_MAX);
}

void binance_path_depth(Text *text, const SymbolName *symbol, unsigned limit) {
    text_put(text, "/api/v3/depth?symbol=");
    put_symbol(text, symbol);
    text_format(text, "&limit=%D", (int64_t)limit);
}

/* Stream names want lower case; only ASCII letters have one here. */
static void put_lower(Text *text, const SymbolName *symbol) {
    SymbolName lower = *symbol;
    for (char *c = lower.text; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + ('a' - 'A'));
    put_symbol(text, &lower);
}

void binance_path_streams(Text *text, const SymbolName *symbols, unsigned count) {
    text_put(text, "/stream?streams=");
    for (unsigned i = 0; i < count; i++) {
        if (i) text_char(text, '/');
        put_lower(text, &symbols[i]);
        text_put(text, "@kline_1m/");
        put_lower(text, &symbols[i]);
        text_put(text, "@trade");
    }
}
