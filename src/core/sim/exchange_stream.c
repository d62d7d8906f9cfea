/* SPDX-License-Identifier: Apache-2.0 */
/* The market's streams (exchange_stream.h). */
#include "core/sim/exchange_stream.h"

#include <string.h>

/* ---- names --------------------------------------------------------------------------------- */

static bool take_kind(Slice word, StreamTopic *topic) {
    static const struct {
        const char *word;
        StreamKind kind;
    } kinds[] = {{"trade", STREAM_TRADE},
                 {"aggTrade", STREAM_AGG_TRADE},
                 {"bookTicker", STREAM_BOOK_TICKER},
                 {"miniTicker", STREAM_MINI_TICKER},
                 {"ticker", STREAM_TICKER},
                 {"depth", STREAM_DEPTH},
                 {"depth@100ms", STREAM_DEPTH},
                 {"depth@1000ms", STREAM_DEPTH}};
    static const unsigned levels[] = {5, 10, 20};
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        topic->kind = kinds[i].kind;
        if (slice_is(word, kinds[i].word)) return true;
    }
    for (unsigned i = 0; i < 3; i++) {
        char memory[16];
        Text name = TEXT_IN(memory);
        text_format(&name, "depth%d", (int)levels[i]);
        topic->kind = STREAM_PARTIAL_DEPTH;
        topic->levels = levels[i];
        size_t length = name.length;
        if (slice_starts(word, text_end(&name)) &&
            (word.length == length ||
             slice_is((Slice){word.at + length, word.length - length}, "@100ms")))
            return true;
    }
    topic->kind = STREAM_KLINE;
    return slice_starts(word, "kline_") &&
           interval_parse((Slice){word.at + 6, word.length - 6}, &topic->interval);
}

bool stream_topic_read(const Exchange *exchange, Slice name, StreamTopic *topic) {
    const char *at = name.length ? memchr(name.at, '@', name.length) : NULL;
    char symbol[LIMIT_SYMBOL_TEXT];
    memset(topic, 0, sizeof *topic);
    if (!at || !slice_copy((Slice){name.at, (size_t)(at - name.at)}, symbol, sizeof symbol) ||
        !slice_copy(name, topic->name, sizeof topic->name))
        return false;
    for (char *c = symbol; *c; c++)
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    int pair = exchange_find_pair(exchange, slice_of(symbol));
    topic->pair = pair < 0 ? 0 : (unsigned)pair;
    size_t length = name.length - (size_t)(at - name.at) - 1;
    return pair >= 0 && take_kind((Slice){at + 1, length}, topic);
}

/* ---- what is said -------------------------------------------------------------------------- */

static void begin_event(JsonWriter *writer, const char *name, int64_t now_us, const char *symbol) {
    json_object_begin(writer);
    exchange_put_text(writer, "e", name);
    exchange_put_int(writer, "E", now_us / 1000);
    exchange_put_text(writer, "s", symbol);
}

static void put_price(JsonWriter *writer, const char *key, Price price) {
    exchange_put_decimal(writer, key, money_of(price.units));
}

static void write_trade(const ExchangePair *pair, bool is_aggregate, int64_t now_us,
                        JsonWriter *writer) {
    const ExchangePrint *print = &pair->prints[pair->print_count % LIMIT_EXCHANGE_PRINTS];
    begin_event(writer, is_aggregate ? "aggTrade" : "trade", now_us, pair->symbol.name.text);
    exchange_put_int(writer, is_aggregate ? "a" : "t", print->id);
    put_price(writer, "p", print->price);
    exchange_put_decimal(writer, "q", money_of(print->quantity.units));
    if (is_aggregate) {
        exchange_put_int(writer, "f", print->id);
        exchange_put_int(writer, "l", print->id);
    }
    exchange_put_int(writer, "T", print->time_us / 1000);
    exchange_put_bool(writer, "m", print->buyer_is_maker);
    exchange_put_bool(writer, "M", true);
    json_object_end(writer);
}

static bool find_candle(const ExchangePair *pair, const StreamTopic *topic, bool closed,
                        Bar *candle) {
    int64_t length = interval_us(topic->interval), open_us = pair->minute.time_us;
    int64_t start_us = interval_floor(open_us - (closed ? INSTANT_MINUTE_US : 0), length);
    if (closed) {
        const Bar *last = exchange_bar(pair, 0);
        start_us = interval_floor(last->time_us, length);
        if (interval_floor(open_us, length) == start_us) closed = false; /* it goes on */
    }
    return exchange_candle(pair, start_us, length, !closed, candle);
}

static bool write_kline(const ExchangePair *pair, const StreamTopic *topic, int64_t now_us,
                        bool closed, JsonWriter *writer) {
    Bar candle;
    int64_t length = interval_us(topic->interval);
    if (!find_candle(pair, topic, closed, &candle)) return false;
    begin_event(writer, "kline", now_us, pair->symbol.name.text);
    json_key(writer, "k");
    json_object_begin(writer);
    exchange_put_int(writer, "t", candle.time_us / 1000);
    exchange_put_int(writer, "T", (candle.time_us + length - 1) / 1000);
    exchange_put_text(writer, "s", pair->symbol.name.text);
    exchange_put_text(writer, "i", interval_name(topic->interval));
    exchange_put_int(writer, "f", -1);
    exchange_put_int(writer, "L", -1);
    put_price(writer, "o", candle.open);
    put_price(writer, "c", candle.close);
    put_price(writer, "h", candle.high);
    put_price(writer, "l", candle.low);
    exchange_put_double(writer, "v", candle.volume);
    exchange_put_int(writer, "n", candle.trades);
    exchange_put_bool(writer, "x", candle.time_us + length <= pair->minute.time_us);
    exchange_put_double(writer, "q", candle.quote_volume);
    exchange_put_double(writer, "V", candle.taker_volume);
    exchange_put_double(
        writer, "Q",
        candle.volume > 0 ? candle.quote_volume * candle.taker_volume / candle.volume : 0);
    exchange_put_text(writer, "B", "0");
    json_object_end(writer);
    json_object_end(writer);
    return true;
}

static void put_best(const Exchange *exchange, unsigned index, JsonWriter *writer) {
    static const char *const names[2][2] = {{"b", "B"}, {"a", "A"}};
    ExchangeLevel levels[LIMIT_EXCHANGE_LEVELS];
    for (unsigned side = 0; side < 2; side++) {
        levels[0] = (ExchangeLevel){price_of(0), quantity_of(0)};
        exchange_book(exchange, index, side ? SIDE_SELL : SIDE_BUY, levels);
        put_price(writer, names[side][0], levels[0].price);
        exchange_put_decimal(writer, names[side][1], money_of(levels[0].quantity.units));
    }
}

static void write_best(const Exchange *exchange, unsigned index, JsonWriter *writer) {
    json_object_begin(writer);
    exchange_put_int(writer, "u", exchange->pairs[index].update_count);
    exchange_put_text(writer, "s", exchange->pairs[index].symbol.name.text);
    put_best(exchange, index, writer);
    json_object_end(writer);
}

static void write_day(const Exchange *exchange, const StreamTopic *topic, int64_t now_us,
                      JsonWriter *writer) {
    const ExchangePair *pair = &exchange->pairs[topic->pair];
    ExchangeDay day = exchange_day(pair, now_us);
    bool full = topic->kind == STREAM_TICKER;
    begin_event(writer, full ? "24hrTicker" : "24hrMiniTicker", now_us, pair->symbol.name.text);
    put_price(writer, "c", pair->last);
    put_price(writer, "o", day.open);
    put_price(writer, "h", day.high);
    put_price(writer, "l", day.low);
    exchange_put_double(writer, "v", day.volume);
    exchange_put_double(writer, "q", day.quote_volume);
    if (full) {
        double open = price_double(day.open), change = price_double(pair->last) - open;
        exchange_put_double(writer, "p", change);
        exchange_put_double(writer, "P", open > 0 ? 100 * change / open : 0);
        exchange_put_double(writer, "w", day.weighted);
        put_price(writer, "x", day.open);
        put_best(exchange, topic->pair, writer);
        exchange_put_int(writer, "O", day.open_us / 1000);
        exchange_put_int(writer, "C", now_us / 1000);
        exchange_put_int(writer, "n", day.trades);
    }
    json_object_end(writer);
}

/* ---- the book ------------------------------------------------------------------------------ */

static void put_level(JsonWriter *writer, Price price, Quantity quantity) {
    json_array_begin(writer);
    exchange_put_decimal(writer, NULL, money_of(price.units));
    exchange_put_decimal(writer, NULL, money_of(quantity.units));
    json_array_end(writer);
}

static bool holds(const ExchangeLevel *levels, unsigned count, Price price) {
    for (unsigned i = 0; i < count; i++)
        if (levels[i].price.units == price.units) return true;
    return false;
}

/* The new levels, and the ones that went with nothing left. */
static void write_change(const Exchange *exchange, unsigned index, int64_t now_us,
                         JsonWriter *writer) {
    const ExchangePair *pair = &exchange->pairs[index];
    ExchangeLevel now[LIMIT_EXCHANGE_LEVELS], before[LIMIT_EXCHANGE_LEVELS];
    begin_event(writer, "depthUpdate", now_us, pair->symbol.name.text);
    exchange_put_int(writer, "U", pair->update_count);
    exchange_put_int(writer, "u", pair->update_count);
    for (Side side = SIDE_BUY; side <= SIDE_SELL; side++) {
        unsigned count = exchange_book(exchange, index, side, now);
        unsigned gone = exchange_book_before(exchange, index, side, before);
        json_key(writer, side == SIDE_BUY ? "b" : "a");
        json_array_begin(writer);
        for (unsigned i = 0; i < count; i++)
            put_level(writer, now[i].price, now[i].quantity);
        for (unsigned i = 0; i < gone; i++)
            if (!holds(now, count, before[i].price))
                put_level(writer, before[i].price, quantity_of(0));
        json_array_end(writer);
    }
    json_object_end(writer);
}

static void write_partial(const Exchange *exchange, const StreamTopic *topic, JsonWriter *writer) {
    json_object_begin(writer);
    exchange_put_int(writer, "lastUpdateId", exchange->pairs[topic->pair].update_count);
    exchange_write_levels(exchange, topic->pair, topic->levels, writer);
    json_object_end(writer);
}

static bool write_topic(const Exchange *exchange, const StreamTopic *topic, int64_t now_us,
                        bool closed, JsonWriter *writer) {
    const ExchangePair *pair = &exchange->pairs[topic->pair];
    switch (topic->kind) {
    case STREAM_TRADE:
    case STREAM_AGG_TRADE:
        if (pair->print_count == 0) return false;
        write_trade(pair, topic->kind == STREAM_AGG_TRADE, now_us, writer);
        return true;
    case STREAM_KLINE:
        return write_kline(pair, topic, now_us, closed, writer);
    case STREAM_BOOK_TICKER:
        write_best(exchange, topic->pair, writer);
        return true;
    case STREAM_MINI_TICKER:
    case STREAM_TICKER:
        write_day(exchange, topic, now_us, writer);
        return true;
    case STREAM_DEPTH:
        write_change(exchange, topic->pair, now_us, writer);
        return true;
    case STREAM_PARTIAL_DEPTH:
        write_partial(exchange, topic, writer);
        return true;
    }
    return false;
}

bool stream_topic_write(const Exchange *exchange, const StreamTopic *topic, int64_t now_us,
                        bool closed, Text *frame) {
    JsonWriter writer = json_writer(frame);
    text_clear(frame);
    bool said = write_topic(exchange, topic, now_us, closed, &writer);
    text_end(frame);
    return said && !frame->overflow;
}
