/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_layout.h"

#include <string.h>

#include "core/base/lanes.h"
#include "core/base/number_text.h"

typedef struct Cursor {
    const char *at, *end;
} Cursor;

#define INLINE static inline __attribute__((always_inline))

INLINE bool literal(Cursor *cursor, const char *text, size_t length) {
    if ((size_t)(cursor->end - cursor->at) < length) return false;
    if (memcmp(cursor->at, text, length) != 0) return false;
    cursor->at += length;
    return true;
}
#define LITERAL(cursor, text) literal(cursor, text, sizeof(text) - 1)

INLINE bool eight(Cursor *cursor, int64_t *value) {
    if (cursor->end - cursor->at < 8) return false;
    uint64_t word = lanes_load(cursor->at);
    if (!lanes_all_digits(word)) return false;
    *value = lanes_digits(word);
    cursor->at += 8;
    return true;
}

/* Up to `most` further digits; their number is the result. */
INLINE int digits(Cursor *cursor, int most, int64_t *value) {
    int count = 0;
    while (count < most && cursor->at < cursor->end) {
        unsigned digit = (unsigned)(unsigned char)*cursor->at - '0';
        if (digit > 9) break;
        *value = *value * 10 + (int64_t)digit;
        cursor->at++;
        count++;
    }
    return count;
}

/* A whole number without a sign and without leading zeros, up to 18 digits. */
INLINE bool whole(Cursor *cursor, int64_t *value) {
    const char *begin = cursor->at;
    int64_t head = 0;
    bool long_one = eight(cursor, &head);
    int count = (long_one ? 8 : 0) + digits(cursor, long_one ? 10 : 7, &head);
    *value = head;
    return count > 0 && (*begin != '0' || count == 1);
}

INLINE bool signed_whole(Cursor *cursor, int64_t *value) {
    (void)LITERAL(cursor, "-"); /* only ids that are not kept can be negative */
    return whole(cursor, value);
}

INLINE bool stamp(Cursor *cursor, int64_t *time_us) {
    int64_t value;
    return whole(cursor, &value) && binance_stamp(value, time_us);
}

static const int64_t POWERS[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/* A quoted decimal of up to 10 digits before the point and 8 after it, as units of 1e-8. */
INLINE bool decimal(Cursor *cursor, int64_t *units) {
    if (!LITERAL(cursor, "\"")) return false;
    const char *begin = cursor->at;
    int64_t value = 0, fraction = 0;
    int count = digits(cursor, 10, &value);
    if (count == 0 || (*begin == '0' && count > 1)) return false;
    if (LITERAL(cursor, ".") && !eight(cursor, &fraction)) {
        int decimals = digits(cursor, 7, &fraction);
        if (decimals == 0) return false;
        fraction *= POWERS[8 - decimals];
    }
    *units = value * DECIMAL_SCALE + fraction;
    return LITERAL(cursor, "\"");
}

/* Printable ASCII without quote and backslash, up to the quote. */
INLINE bool plain_string(Cursor *cursor, Slice *text) {
    if (!LITERAL(cursor, "\"")) return false;
    const char *begin = cursor->at;
    while (cursor->at < cursor->end) {
        unsigned char c = (unsigned char)*cursor->at;
        if (c == '"' || c == '\\' || c < ' ' || c > '~') break;
        cursor->at++;
    }
    *text = (Slice){begin, (size_t)(cursor->at - begin)};
    return LITERAL(cursor, "\"");
}

/* A volume: exact quotient of two exact doubles below 2^53, so rounded once (Clinger 1990), else
 * the general reader. */
INLINE bool volume(Cursor *cursor, double *value) {
    Cursor start = *cursor;
    int64_t units;
    if (decimal(cursor, &units) && units < (1ll << 53)) {
        *value = (double)units / (double)DECIMAL_SCALE;
        return true;
    }
    Slice text;
    *cursor = start;
    return plain_string(cursor, &text) && number_from_slice(text, value);
}

INLINE bool truth(Cursor *cursor, bool *value) {
    *value = LITERAL(cursor, "true");
    return *value || LITERAL(cursor, "false");
}

INLINE bool symbol(Cursor *cursor, SymbolName *name) {
    Slice text;
    if (!plain_string(cursor, &text) || text.length == 0) return false;
    if (text.length >= sizeof name->text || memchr(text.at, ' ', text.length)) return false;
    memset(name, 0, sizeof *name);
    memcpy(name->text, text.at, text.length);
    return true;
}

INLINE bool same_symbol(Cursor *cursor, const SymbolName *name) {
    SymbolName other;
    return symbol(cursor, &other) && memcmp(&other, name, sizeof other) == 0;
}

INLINE bool interval(Cursor *cursor, Interval *value) {
    Slice text;
    return plain_string(cursor, &text) && interval_parse(text, value);
}

INLINE bool event_head(Cursor *cursor, BinanceEvent *event) {
    return LITERAL(cursor, ",\"E\":") && stamp(cursor, &event->event_us) &&
           LITERAL(cursor, ",\"s\":") && symbol(cursor, &event->symbol);
}

INLINE bool kline_times(Cursor *cursor, BinanceEvent *event, int64_t *close_us) {
    int64_t ignored;
    BinanceKline *kline = &event->kline;
    return LITERAL(cursor, ",\"k\":{\"t\":") && stamp(cursor, &kline->bar.time_us) &&
           LITERAL(cursor, ",\"T\":") && stamp(cursor, close_us) && LITERAL(cursor, ",\"s\":") &&
           same_symbol(cursor, &event->symbol) && LITERAL(cursor, ",\"i\":") &&
           interval(cursor, &kline->interval) && LITERAL(cursor, ",\"f\":") &&
           signed_whole(cursor, &ignored) && LITERAL(cursor, ",\"L\":") &&
           signed_whole(cursor, &ignored);
}

INLINE bool kline_prices(Cursor *cursor, Bar *bar) {
    return LITERAL(cursor, ",\"o\":") && decimal(cursor, &bar->open.units) &&
           LITERAL(cursor, ",\"c\":") && decimal(cursor, &bar->close.units) &&
           LITERAL(cursor, ",\"h\":") && decimal(cursor, &bar->high.units) &&
           LITERAL(cursor, ",\"l\":") && decimal(cursor, &bar->low.units);
}

INLINE bool kline_volumes(Cursor *cursor, BinanceKline *kline) {
    int64_t trades;
    Slice ignored;
    if (!LITERAL(cursor, ",\"v\":") || !volume(cursor, &kline->bar.volume)) return false;
    if (!LITERAL(cursor, ",\"n\":") || !whole(cursor, &trades) || trades > UINT32_MAX) return false;
    kline->bar.trades = (uint32_t)trades;
    return LITERAL(cursor, ",\"x\":") && truth(cursor, &kline->is_closed) &&
           LITERAL(cursor, ",\"q\":") && volume(cursor, &kline->bar.quote_volume) &&
           LITERAL(cursor, ",\"V\":") && volume(cursor, &kline->bar.taker_volume) &&
           LITERAL(cursor, ",\"Q\":") && plain_string(cursor, &ignored) &&
           LITERAL(cursor, ",\"B\":") && plain_string(cursor, &ignored) && LITERAL(cursor, "}");
}

static bool kline(Cursor *cursor, BinanceEvent *event) {
    int64_t close_us;
    event->kind = BINANCE_KLINE;
    if (!event_head(cursor, event) || !kline_times(cursor, event, &close_us)) return false;
    if (!kline_prices(cursor, &event->kline.bar)) return false;
    if (!kline_volumes(cursor, &event->kline)) return false;
    event->kline.bar.bars = (uint32_t)(interval_us(event->kline.interval) / INSTANT_MINUTE_US);
    return binance_kline_fault(event, close_us) == NULL;
}

INLINE bool trade_tail(Cursor *cursor, BinanceEvent *event) {
    bool ignored;
    return LITERAL(cursor, ",\"T\":") && stamp(cursor, &event->trade.time_us) &&
           LITERAL(cursor, ",\"m\":") && truth(cursor, &event->trade.taker_sold) &&
           LITERAL(cursor, ",\"M\":") && truth(cursor, &ignored);
}

INLINE bool trade_sizes(Cursor *cursor, Print *trade) {
    return whole(cursor, &trade->id) && LITERAL(cursor, ",\"p\":") &&
           decimal(cursor, &trade->price.units) && LITERAL(cursor, ",\"q\":") &&
           decimal(cursor, &trade->quantity.units);
}

static bool trade(Cursor *cursor, BinanceEvent *event) {
    event->kind = BINANCE_TRADE;
    return event_head(cursor, event) && LITERAL(cursor, ",\"t\":") &&
           trade_sizes(cursor, &event->trade) && trade_tail(cursor, event);
}

static bool agg_trade(Cursor *cursor, BinanceEvent *event) {
    int64_t ignored;
    event->kind = BINANCE_AGG_TRADE;
    return event_head(cursor, event) && LITERAL(cursor, ",\"a\":") &&
           trade_sizes(cursor, &event->trade) && LITERAL(cursor, ",\"f\":") &&
           signed_whole(cursor, &ignored) && LITERAL(cursor, ",\"l\":") &&
           signed_whole(cursor, &ignored) && trade_tail(cursor, event);
}

static bool book_ticker(Cursor *cursor, BinanceEvent *event) {
    BinanceTicker *ticker = &event->ticker;
    event->kind = BINANCE_BOOK_TICKER;
    event->event_us = 0;
    return whole(cursor, &ticker->update_id) && LITERAL(cursor, ",\"s\":") &&
           symbol(cursor, &event->symbol) && LITERAL(cursor, ",\"b\":") &&
           decimal(cursor, &ticker->bid.price.units) && LITERAL(cursor, ",\"B\":") &&
           decimal(cursor, &ticker->bid.quantity.units) && LITERAL(cursor, ",\"a\":") &&
           decimal(cursor, &ticker->ask.price.units) && LITERAL(cursor, ",\"A\":") &&
           decimal(cursor, &ticker->ask.quantity.units);
}

INLINE bool body(Cursor *cursor, BinanceEvent *event) {
    if (LITERAL(cursor, "{\"u\":")) return book_ticker(cursor, event);
    if (!LITERAL(cursor, "{\"e\":\"")) return false;
    if (LITERAL(cursor, "kline\"")) return kline(cursor, event);
    if (LITERAL(cursor, "trade\"")) return trade(cursor, event);
    return LITERAL(cursor, "aggTrade\"") && agg_trade(cursor, event);
}

bool binance_layout_read(Slice frame, BinanceEvent *event) {
    Cursor cursor = {frame.at, frame.at + frame.length};
    Slice stream;
    bool combined = LITERAL(&cursor, "{\"stream\":");
    if (combined && (!plain_string(&cursor, &stream) || !LITERAL(&cursor, ",\"data\":"))) {
        return false;
    }
    if (!body(&cursor, event) || !LITERAL(&cursor, "}")) return false;
    if (combined && !LITERAL(&cursor, "}")) return false;
    return cursor.at == cursor.end && (event->kind == BINANCE_KLINE || !binance_event_fault(event));
}
