/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody may ask: the market's time, rules, book, trades, candles and tickers. */
#include "core/sim/exchange_api.h"

#include <string.h>

#define AVERAGE_MINUTES 5 /* the venue's avgPrice */

bool exchange_get_ping(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)exchange, (void)fault;
    json_raw(&reply->writer, SLICE("{}"));
    return true;
}

bool exchange_get_time(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)exchange, (void)fault;
    json_object_begin(&reply->writer);
    exchange_put_time(reply, "serverTime", reply->call->now_us);
    json_object_end(&reply->writer);
    return true;
}

/* ---- one pair, several, or all ------------------------------------------------------------- */

static bool take_listed(const Exchange *exchange, const char *list, uint64_t *wanted,
                        ExchangeFault *fault) {
    JsonReader reader = json_reader(slice_of(list));
    JsonToken token = json_next(&reader);
    *wanted = 0;
    if (token == JSON_ARRAY_BEGIN) {
        while ((token = json_next(&reader)) == JSON_STRING) {
            int found = exchange_find_pair(exchange, reader.slice);
            if (found < 0) return exchange_refuse(fault, -1121, "Invalid symbol.");
            if (*wanted >> found & 1)
                return exchange_refuse(fault, -1151,
                                       "Symbol is present multiple times in the "
                                       "list.");
            *wanted |= (uint64_t)1 << found;
        }
    }
    return token == JSON_ARRAY_END ||
           exchange_refuse(fault, -1100, "Illegal characters found in parameter 'symbols'.");
}

/* Without `symbol` and `symbols` it narrows what is told; with `symbol` it must be so. */
static bool take_status(const Exchange *exchange, const ExchangeCall *call, uint64_t *wanted,
                        bool alone, ExchangeFault *fault) {
    const char *status = exchange_query_value(call->query, "symbolStatus");
    bool known = false;
    if (!status) return true;
    for (ExchangeTrading at = 0; at < EXCHANGE_TRADING_COUNT; at++)
        known |= slice_is(slice_of(status), exchange_trading_name(at));
    if (!known) return exchange_refuse(fault, -1122, "Invalid symbolStatus.");
    for (unsigned i = 0; i < exchange->pair_count; i++)
        if (!slice_is(slice_of(status), exchange_trading_name(exchange->pairs[i].trading)))
            *wanted &= ~((uint64_t)1 << i);
    return *wanted || !alone ||
           exchange_refuse(fault, -1220,
                           "The symbol's status does not match the requested "
                           "symbolStatus.");
}

bool exchange_take_pairs(const Exchange *exchange, const ExchangeCall *call, uint64_t *wanted,
                         bool *alone, ExchangeFault *fault) {
    const char *list = exchange_query_value(call->query, "symbols");
    unsigned pair = 0;
    *alone = exchange_query_value(call->query, "symbol") != NULL;
    if (list && *alone)
        return exchange_refuse(fault, -1128, "Combination of optional parameters invalid.");
    *wanted = 0;
    /* What is delisted is told to nobody who has not asked for it by name. */
    for (unsigned i = 0; i < exchange->pair_count; i++)
        if (exchange->pairs[i].trading != EXCHANGE_GONE) *wanted |= (uint64_t)1 << i;
    if (*alone) {
        if (!exchange_take_pair(exchange, call, &pair, fault)) return false;
        *wanted = (uint64_t)1 << pair;
    }
    return (!list || take_listed(exchange, list, wanted, fault)) &&
           take_status(exchange, call, wanted, *alone, fault);
}

_Static_assert(LIMIT_SYMBOLS < 64, "a set of pairs is one word");

typedef void WritePair(const Exchange *exchange, unsigned pair, ExchangeReply *reply);

static bool for_pairs(const Exchange *exchange, ExchangeReply *reply, WritePair *write,
                      ExchangeFault *fault) {
    uint64_t wanted;
    bool alone;
    if (!exchange_take_pairs(exchange, reply->call, &wanted, &alone, fault)) return false;
    if (!alone) json_array_begin(&reply->writer);
    for (unsigned i = 0; i < exchange->pair_count; i++) {
        if (!(wanted >> i & 1)) continue;
        json_object_begin(&reply->writer);
        exchange_put_text(&reply->writer, "symbol", exchange->pairs[i].symbol.name.text);
        write(exchange, i, reply);
        json_object_end(&reply->writer);
    }
    if (!alone) json_array_end(&reply->writer);
    return true;
}

/* ---- book and trades ----------------------------------------------------------------------- */

bool exchange_get_depth(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair;
    int64_t limit;
    if (!exchange_take_pair(exchange, reply->call, &pair, fault) ||
        !exchange_take_limit(reply->call, 100, 5000, &limit, fault))
        return false;
    json_object_begin(&reply->writer);
    exchange_put_int(&reply->writer, "lastUpdateId", exchange->pairs[pair].update_count);
    exchange_write_levels(exchange, pair, (unsigned)limit, &reply->writer);
    json_object_end(&reply->writer);
    return true;
}

/* The oldest id that is wanted and remembered. */
static bool take_first_id(const ExchangePair *pair, const ExchangeCall *call, int64_t limit,
                          int64_t *first, ExchangeFault *fault) {
    int64_t oldest = pair->print_count - LIMIT_EXCHANGE_PRINTS + 1;
    *first = pair->print_count - limit + 1;
    if (!exchange_query_int(call->query, "fromId", first, fault)) return false;
    if (*first < oldest) *first = oldest;
    if (*first < 1) *first = 1;
    return true;
}

static void write_trade(const ExchangePrint *print, ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    exchange_put_int(writer, "id", print->id);
    exchange_put_decimal(writer, "price", money_of(print->price.units));
    exchange_put_decimal(writer, "qty", money_of(print->quantity.units));
    exchange_put_decimal(writer, "quoteQty",
                         price_times_quantity(print->price, print->quantity).money);
    exchange_put_time(reply, "time", print->time_us);
    exchange_put_bool(writer, "isBuyerMaker", print->buyer_is_maker);
    exchange_put_bool(writer, "isBestMatch", true);
}

static void write_agg_trade(const ExchangePrint *print, ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    exchange_put_int(writer, "a", print->id);
    exchange_put_decimal(writer, "p", money_of(print->price.units));
    exchange_put_decimal(writer, "q", money_of(print->quantity.units));
    exchange_put_int(writer, "f", print->id);
    exchange_put_int(writer, "l", print->id);
    exchange_put_time(reply, "T", print->time_us);
    exchange_put_bool(writer, "m", print->buyer_is_maker);
    exchange_put_bool(writer, "M", true);
}

static bool write_prints(const Exchange *exchange, ExchangeReply *reply,
                         void (*write)(const ExchangePrint *, ExchangeReply *),
                         ExchangeFault *fault) {
    unsigned index;
    int64_t limit, id, start_us = 0, end_us = INSTANT_LAST_US;
    if (!exchange_take_pair(exchange, reply->call, &index, fault) ||
        !exchange_take_limit(reply->call, 500, 1000, &limit, fault) ||
        !exchange_take_span(reply->call, &start_us, &end_us, fault) ||
        !take_first_id(&exchange->pairs[index], reply->call,
                       start_us ? LIMIT_EXCHANGE_PRINTS : limit, &id, fault))
        return false;
    const ExchangePair *pair = &exchange->pairs[index];
    json_array_begin(&reply->writer);
    for (; id <= pair->print_count && limit > 0; id++) {
        const ExchangePrint *print = &pair->prints[id % LIMIT_EXCHANGE_PRINTS];
        if (print->time_us < start_us || print->time_us > end_us) continue;
        json_object_begin(&reply->writer);
        write(print, reply);
        json_object_end(&reply->writer);
        limit--;
    }
    json_array_end(&reply->writer);
    return true;
}

bool exchange_get_trades(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return write_prints(exchange, reply, write_trade, fault);
}

bool exchange_get_agg_trades(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return write_prints(exchange, reply, write_agg_trade, fault);
}

/* ---- candles ------------------------------------------------------------------------------- */

typedef struct CandleSpan {
    Interval interval;
    int64_t start_us, end_us, limit, seen, skip;
} CandleSpan;

static void write_kline(const Bar *bar, int64_t length_us, ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    const Price prices[] = {bar->open, bar->high, bar->low, bar->close};
    json_array_begin(writer);
    json_int(writer, exchange_stamp(reply->call, bar->time_us));
    for (unsigned i = 0; i < 4; i++)
        exchange_put_decimal(writer, NULL, money_of(prices[i].units));
    exchange_put_double(writer, NULL, bar->volume);
    json_int(writer, exchange_stamp(reply->call, bar->time_us + length_us - 1));
    exchange_put_double(writer, NULL, bar->quote_volume);
    json_int(writer, bar->trades);
    exchange_put_double(writer, NULL, bar->taker_volume);
    exchange_put_double(writer, NULL,
                        bar->volume > 0 ? bar->quote_volume * bar->taker_volume / bar->volume : 0);
    json_string(writer, "0");
    json_array_end(writer);
}

/* Writes what the span wants; without a writer it only counts. */
static void offer(CandleSpan *span, const Bar *bar, ExchangeReply *reply) {
    if (bar->time_us < span->start_us || bar->time_us > span->end_us) return;
    span->seen++;
    if (!reply || span->seen <= span->skip || span->seen > span->skip + span->limit) return;
    write_kline(bar, interval_us(span->interval), reply);
}

static void walk_candles(const ExchangePair *pair, CandleSpan *span, ExchangeReply *reply) {
    CandleFold fold;
    Bar closed[2];
    uint64_t kept = pair->bar_count < LIMIT_EXCHANGE_BARS ? pair->bar_count : LIMIT_EXCHANGE_BARS;
    candle_fold_init(&fold, span->interval);
    span->seen = 0;
    for (uint64_t age = kept; age-- > 0;) {
        unsigned count = candle_fold_add(&fold, exchange_bar(pair, age), closed);
        for (unsigned i = 0; i < count; i++)
            offer(span, &closed[i], reply);
    }
    if (pair->minute.bars) {
        unsigned count = candle_fold_add(&fold, &pair->minute, closed);
        for (unsigned i = 0; i < count; i++)
            offer(span, &closed[i], reply);
    }
    if (fold.bucket.bars) offer(span, &fold.bucket, reply);
}

bool exchange_get_klines(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    CandleSpan span = {.start_us = -1, .end_us = INSTANT_LAST_US};
    unsigned pair;
    if (!exchange_take_pair(exchange, reply->call, &pair, fault) ||
        !exchange_query_needs(reply->call->query, "interval", fault) ||
        !exchange_take_limit(reply->call, 500, 1000, &span.limit, fault) ||
        !exchange_take_span(reply->call, &span.start_us, &span.end_us, fault))
        return false;
    if (!interval_parse(slice_of(exchange_query_value(reply->call->query, "interval")),
                        &span.interval))
        return exchange_refuse(fault, -1120, "Invalid interval.");
    walk_candles(&exchange->pairs[pair], &span, NULL);
    /* Without a start the newest are meant. */
    if (span.start_us < 0 && span.seen > span.limit) span.skip = span.seen - span.limit;
    json_array_begin(&reply->writer);
    walk_candles(&exchange->pairs[pair], &span, reply);
    json_array_end(&reply->writer);
    return true;
}

/* ---- tickers ------------------------------------------------------------------------------- */

bool exchange_get_average(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned index;
    if (!exchange_take_pair(exchange, reply->call, &index, fault)) return false;
    const ExchangePair *pair = &exchange->pairs[index];
    double volume = pair->minute.volume, quote = pair->minute.quote_volume;
    for (uint64_t age = 0; age + 1 < AVERAGE_MINUTES && exchange_bar(pair, age); age++) {
        volume += exchange_bar(pair, age)->volume;
        quote += exchange_bar(pair, age)->quote_volume;
    }
    json_object_begin(&reply->writer);
    exchange_put_int(&reply->writer, "mins", AVERAGE_MINUTES);
    exchange_put_double(&reply->writer, "price",
                        volume > 0 ? quote / volume : price_double(pair->last));
    exchange_put_time(reply, "closeTime", reply->call->now_us);
    json_object_end(&reply->writer);
    return true;
}

static void write_price(const Exchange *exchange, unsigned pair, ExchangeReply *reply) {
    exchange_put_decimal(&reply->writer, "price", money_of(exchange->pairs[pair].last.units));
}

bool exchange_get_price(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return for_pairs(exchange, reply, write_price, fault);
}

static void write_best(const Exchange *exchange, unsigned pair, ExchangeReply *reply) {
    static const char *const names[2][2] = {{"bidPrice", "bidQty"}, {"askPrice", "askQty"}};
    ExchangeLevel levels[LIMIT_EXCHANGE_LEVELS];
    for (unsigned side = 0; side < 2; side++) {
        levels[0] = (ExchangeLevel){price_of(0), quantity_of(0)};
        exchange_book(exchange, pair, side ? SIDE_SELL : SIDE_BUY, levels);
        exchange_put_decimal(&reply->writer, names[side][0], money_of(levels[0].price.units));
        exchange_put_decimal(&reply->writer, names[side][1], money_of(levels[0].quantity.units));
    }
}

bool exchange_get_book_ticker(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return for_pairs(exchange, reply, write_best, fault);
}

static void put_change(const ExchangePair *pair, const ExchangeDay *day, JsonWriter *writer) {
    double change = price_double(pair->last) - price_double(day->open);
    char memory[40];
    Text percent = TEXT_IN(memory);
    text_fixed(&percent, day->open.units ? 100 * change / price_double(day->open) : 0, 3);
    exchange_put_double(writer, "priceChange", change);
    exchange_put_text(writer, "priceChangePercent", text_end(&percent));
    exchange_put_double(writer, "weightedAvgPrice", day->weighted);
}

static void put_range(const ExchangePair *pair, const ExchangeDay *day, ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    exchange_put_decimal(writer, "openPrice", money_of(day->open.units));
    exchange_put_decimal(writer, "highPrice", money_of(day->high.units));
    exchange_put_decimal(writer, "lowPrice", money_of(day->low.units));
    exchange_put_double(writer, "volume", day->volume);
    exchange_put_double(writer, "quoteVolume", day->quote_volume);
    exchange_put_time(reply, "openTime", day->open_us);
    exchange_put_time(reply, "closeTime", reply->call->now_us);
    exchange_put_int(writer, "firstId", -1); /* trades of recorded minutes have no ids */
    exchange_put_int(writer, "lastId", pair->print_count ? pair->print_count : -1);
    exchange_put_int(writer, "count", day->trades);
}

static bool is_mini(const ExchangeCall *call) {
    return slice_is(slice_of(exchange_query_value(call->query, "type")), "MINI");
}

static void write_day(const Exchange *exchange, unsigned index, ExchangeReply *reply) {
    const ExchangePair *pair = &exchange->pairs[index];
    JsonWriter *writer = &reply->writer;
    ExchangeDay day = exchange_day(pair, reply->call->now_us);
    const ExchangePrint *last = &pair->prints[pair->print_count % LIMIT_EXCHANGE_PRINTS];
    if (!is_mini(reply->call)) {
        put_change(pair, &day, writer);
        exchange_put_decimal(writer, "prevClosePrice", money_of(day.open.units));
    }
    exchange_put_decimal(writer, "lastPrice", money_of(pair->last.units));
    if (!is_mini(reply->call)) {
        exchange_put_decimal(writer, "lastQty",
                             money_of(pair->print_count ? last->quantity.units : 0));
        write_best(exchange, index, reply);
    }
    put_range(pair, &day, reply);
}

static bool take_type(const ExchangeCall *call, ExchangeFault *fault) {
    const char *type = exchange_query_value(call->query, "type");
    return !type || is_mini(call) || slice_is(slice_of(type), "FULL") ||
           exchange_refuse(fault, -1139, "Invalid ticker type.");
}

bool exchange_get_day(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return take_type(reply->call, fault) && for_pairs(exchange, reply, write_day, fault);
}

/* 1m to 59m, 1h to 23h, 1d to 7d; preset: a day. */
static bool take_window(const ExchangeCall *call, int64_t *length_us, ExchangeFault *fault) {
    static const struct {
        char letter;
        int64_t most, length_us;
    } units[] = {
        {'m', 59, INSTANT_MINUTE_US}, {'h', 23, INSTANT_HOUR_US}, {'d', 7, INSTANT_DAY_US}};
    const char *word = exchange_query_value(call->query, "windowSize");
    size_t length = word ? strlen(word) : 0;
    int64_t count;
    *length_us = INSTANT_DAY_US;
    if (!word) return true;
    for (unsigned i = 0; i < 3 && length > 1; i++) {
        if (word[length - 1] != units[i].letter || !slice_int((Slice){word, length - 1}, &count) ||
            count < 1 || count > units[i].most)
            continue;
        *length_us = count * units[i].length_us;
        return true;
    }
    return exchange_refuse(fault, -1130, "Data sent for parameter 'windowSize' is not valid.");
}

static void write_since(const Exchange *exchange, unsigned index, int64_t start_us,
                        ExchangeReply *reply) {
    const ExchangePair *pair = &exchange->pairs[index];
    ExchangeDay day = exchange_window(pair, start_us, reply->call->now_us);
    if (!is_mini(reply->call)) put_change(pair, &day, &reply->writer);
    exchange_put_decimal(&reply->writer, "lastPrice", money_of(pair->last.units));
    put_range(pair, &day, reply);
}

static void write_window(const Exchange *exchange, unsigned index, ExchangeReply *reply) {
    ExchangeFault ignored;
    int64_t length_us, now_us = reply->call->now_us;
    if (take_window(reply->call, &length_us, &ignored))
        write_since(exchange, index, interval_floor(now_us, INSTANT_MINUTE_US) - length_us, reply);
}

static void write_trading_day(const Exchange *exchange, unsigned index, ExchangeReply *reply) {
    write_since(exchange, index, interval_floor(reply->call->now_us, INSTANT_DAY_US), reply);
}

static bool names_pairs(const ExchangeCall *call, ExchangeFault *fault) {
    return exchange_query_value(call->query, "symbols") ||
           exchange_query_needs(call->query, "symbol", fault);
}

bool exchange_get_window(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    int64_t length_us;
    return names_pairs(reply->call, fault) && take_type(reply->call, fault) &&
           take_window(reply->call, &length_us, fault) &&
           for_pairs(exchange, reply, write_window, fault);
}

bool exchange_get_trading_day(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return names_pairs(reply->call, fault) && take_type(reply->call, fault) &&
           for_pairs(exchange, reply, write_trading_day, fault);
}
