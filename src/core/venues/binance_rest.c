/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_rest.h"

#include <string.h>

#include "core/venues/binance_fields.h"

static bool malformed(Error *error, const JsonReader *reader, const char *noun) {
    return binance_fail(error, reader, noun, "malformed or of another shape");
}

/* One candle's array, entered: the twelve values of the kline array; what follows the tenth is not
 * kept. */
static bool row_read(JsonReader *reader, Bar *bar, int64_t *close_us) {
    int64_t trades = 0;
    bool ok = binance_take_stamp(reader, &bar->time_us) && json_take_price(reader, &bar->open) &&
              json_take_price(reader, &bar->high) && json_take_price(reader, &bar->low) &&
              json_take_price(reader, &bar->close) && binance_take_volume(reader, &bar->volume) &&
              binance_take_stamp(reader, close_us) &&
              binance_take_volume(reader, &bar->quote_volume) && json_take_int(reader, &trades) &&
              binance_take_volume(reader, &bar->taker_volume) && json_leave(reader);
    if (!ok || trades < 0 || trades > UINT32_MAX) return false;
    bar->trades = (uint32_t)trades;
    return true;
}

/* Judges the candle as the stream's codec does: as a closed one, heard now. */
static const char *row_fault(const BinanceBars *bars, const Bar *bar, Interval interval,
                             int64_t close_us) {
    BinanceEvent event = {.kind = BINANCE_KLINE, .event_us = INT64_MAX / 2};
    event.kline = (BinanceKline){.bar = *bar, .interval = interval, .is_closed = true};
    const char *fault = binance_kline_fault(&event, close_us);
    if (fault) return fault;
    bool later = bars->count == 0 || bar->time_us > bars->at[bars->count - 1].time_us;
    return later ? NULL : "not later than the candle before it";
}

static bool row_keep(BinanceBars *bars, const Bar *bar) {
    if (bars->count == bars->capacity) return false;
    bars->at[bars->count++] = *bar;
    return true;
}

bool binance_rest_klines(Slice body, Interval interval, int64_t server_us, BinanceBars *bars,
                         Error *error) {
    JsonReader reader = json_reader(body);
    JsonToken token = json_next(&reader);
    bars->count = bars->open = bars->refused = 0;
    if (token != JSON_ARRAY_BEGIN) return malformed(error, &reader, "klines");
    while ((token = json_next(&reader)) == JSON_ARRAY_BEGIN) {
        Bar bar = {.bars = (uint32_t)(interval_us(interval) / INSTANT_MINUTE_US)};
        int64_t close_us;
        if (!row_read(&reader, &bar, &close_us)) return malformed(error, &reader, "kline");
        const char *fault = row_fault(bars, &bar, interval, close_us);
        if (fault) {
            bars->refused++;
            bars->refused_us = bar.time_us;
            bars->reason = fault;
        } else if (close_us >= server_us) {
            bars->open++;
        } else if (!row_keep(bars, &bar)) {
            return binance_fail(error, &reader, "klines", "more candles than asked for");
        }
    }
    if (token == JSON_ARRAY_END && json_next(&reader) == JSON_END) return true;
    return malformed(error, &reader, "klines");
}

void binance_exchange_init(BinanceExchange *exchange) {
    memset(exchange, 0, sizeof *exchange);
}

bool binance_exchange_want(BinanceExchange *exchange, const SymbolName *symbol) {
    if (exchange->count == LIMIT_SYMBOLS) return false;
    exchange->listings[exchange->count++] = (BinanceListing){.symbol.name = *symbol};
    return true;
}

bool binance_listing_trades(const BinanceListing *listing) {
    return strcmp(listing->status, "TRADING") == 0;
}

/* Bounds are read as Money, whose range is wider: a bound beyond Price or Quantity binds nothing.
 */
typedef struct Bounds {
    Money lowest, highest, grid;
} Bounds;

static const Field PRICE_ROWS[] = {
    {"minPrice", FIELD_MONEY, true, offsetof(Bounds, lowest)},
    {"maxPrice", FIELD_MONEY, true, offsetof(Bounds, highest)},
    {"tickSize", FIELD_MONEY, true, offsetof(Bounds, grid)},
};
static const Field LOT_ROWS[] = {
    {"minQty", FIELD_MONEY, true, offsetof(Bounds, lowest)},
    {"maxQty", FIELD_MONEY, true, offsetof(Bounds, highest)},
    {"stepSize", FIELD_MONEY, true, offsetof(Bounds, grid)},
};
static const Field NOTIONAL_ROWS[] = {
    {"minNotional", FIELD_MONEY, true, offsetof(Bounds, lowest)},
    {"maxNotional", FIELD_MONEY, false, offsetof(Bounds, highest)},
};
static const FieldTable PRICE_TABLE = FIELD_TABLE("PRICE_FILTER", PRICE_ROWS);
static const FieldTable LOT_TABLE = FIELD_TABLE("LOT_SIZE", LOT_ROWS);
static const FieldTable NOTIONAL_TABLE = FIELD_TABLE("NOTIONAL", NOTIONAL_ROWS);
static const FieldTable MIN_NOTIONAL_TABLE = FIELD_TABLE("MIN_NOTIONAL", NOTIONAL_ROWS);

static int64_t narrow(Money value) {
    return value.units > INT64_MAX ? INT64_MAX : (int64_t)value.units;
}

static bool bounds_read(JsonReader object, const FieldTable *table, Bounds *bounds, Error *error) {
    if (!binance_fields_read(&object, table, bounds, NULL, error)) return false;
    bool negative = bounds->lowest.units < 0 || bounds->highest.units < 0 || bounds->grid.units < 0;
    return !negative || binance_fail(error, &object, table->noun, "negative bound");
}

static bool price_filter(JsonReader object, Filters *filters, Error *error) {
    Bounds bounds = {0};
    if (!bounds_read(object, &PRICE_TABLE, &bounds, error)) return false;
    filters->price_min = price_of(narrow(bounds.lowest));
    filters->price_max = price_of(narrow(bounds.highest));
    filters->tick = price_of(narrow(bounds.grid));
    return true;
}

static bool lot_filter(JsonReader object, Filters *filters, Error *error) {
    Bounds bounds = {0};
    if (!bounds_read(object, &LOT_TABLE, &bounds, error)) return false;
    filters->quantity_min = quantity_of(narrow(bounds.lowest));
    filters->quantity_max = quantity_of(narrow(bounds.highest));
    filters->step = quantity_of(narrow(bounds.grid));
    return true;
}

/* Where both forms are given the stricter bound of each counts. */
static bool notional_filter(JsonReader object, const FieldTable *table, Filters *filters,
                            Error *error) {
    Bounds bounds = {0};
    if (!bounds_read(object, table, &bounds, error)) return false;
    Money low = bounds.lowest, high = bounds.highest;
    if (low.units > filters->notional_min.units) filters->notional_min = low;
    bool stricter = filters->notional_max.units == 0 || high.units < filters->notional_max.units;
    if (high.units > 0 && stricter) filters->notional_max = high;
    return true;
}

/* `object` stands behind the brace of one filter. */
static bool filter_read(JsonReader object, Slice type, Filters *filters, Error *error) {
    if (slice_is(type, "PRICE_FILTER")) return price_filter(object, filters, error);
    if (slice_is(type, "LOT_SIZE")) return lot_filter(object, filters, error);
    if (slice_is(type, "NOTIONAL")) {
        return notional_filter(object, &NOTIONAL_TABLE, filters, error);
    }
    if (slice_is(type, "MIN_NOTIONAL")) {
        return notional_filter(object, &MIN_NOTIONAL_TABLE, filters, error);
    }
    return true;
}

static bool filters_read(JsonReader value, Filters *filters, Error *error) {
    static const Field TYPE_ROWS[] = {{"filterType", FIELD_SLICE, true, 0}};
    static const FieldTable TYPE_TABLE = FIELD_TABLE("filter", TYPE_ROWS);
    JsonToken token = json_next(&value);
    if (token != JSON_ARRAY_BEGIN) return malformed(error, &value, "filters");
    while ((token = json_next(&value)) == JSON_OBJECT_BEGIN) {
        JsonReader object = value;
        Slice type;
        if (!binance_fields_read(&value, &TYPE_TABLE, &type, NULL, error)) return false;
        if (!filter_read(object, type, filters, error)) return false;
    }
    return token == JSON_ARRAY_END || malformed(error, &value, "filters");
}

typedef struct ListingDraft {
    Slice symbol, status, base, quote;
    JsonReader filters;
} ListingDraft;

static const Field LISTING_ROWS[] = {
    {"symbol", FIELD_SLICE, true, offsetof(ListingDraft, symbol)},
    {"status", FIELD_SLICE, true, offsetof(ListingDraft, status)},
    {"baseAsset", FIELD_SLICE, true, offsetof(ListingDraft, base)},
    {"quoteAsset", FIELD_SLICE, true, offsetof(ListingDraft, quote)},
    {"filters", FIELD_VALUE, true, offsetof(ListingDraft, filters)},
};
static const FieldTable LISTING_TABLE = FIELD_TABLE("symbol", LISTING_ROWS);

static BinanceListing *listing_find(BinanceExchange *exchange, Slice name) {
    for (unsigned i = 0; i < exchange->count; i++)
        if (slice_is(name, exchange->listings[i].symbol.name.text)) return &exchange->listings[i];
    return NULL;
}

static bool listing_read(JsonReader *reader, BinanceExchange *exchange, Error *error) {
    ListingDraft draft;
    if (!binance_fields_read(reader, &LISTING_TABLE, &draft, NULL, error)) return false;
    BinanceListing *listing = listing_find(exchange, draft.symbol);
    if (!listing) return true;
    Symbol *symbol = &listing->symbol;
    if (!slice_copy(draft.base, symbol->base.text, sizeof symbol->base.text) ||
        !slice_copy(draft.quote, symbol->quote.text, sizeof symbol->quote.text) ||
        !slice_copy(draft.status, listing->status, sizeof listing->status)) {
        return binance_fail(error, reader, "symbol", "asset or status is too long");
    }
    symbol->filters = (Filters){0};
    return filters_read(draft.filters, &symbol->filters, error);
}

static bool listings_read(JsonReader value, BinanceExchange *exchange, Error *error) {
    JsonToken token = json_next(&value);
    if (token != JSON_ARRAY_BEGIN) return malformed(error, &value, "symbols");
    while ((token = json_next(&value)) == JSON_OBJECT_BEGIN)
        if (!listing_read(&value, exchange, error)) return false;
    return token == JSON_ARRAY_END || malformed(error, &value, "symbols");
}

typedef struct RateLimit {
    Slice type, interval;
    int64_t intervals, limit;
} RateLimit;

static const Field RATE_ROWS[] = {
    {"rateLimitType", FIELD_SLICE, true, offsetof(RateLimit, type)},
    {"interval", FIELD_SLICE, true, offsetof(RateLimit, interval)},
    {"intervalNum", FIELD_INT, true, offsetof(RateLimit, intervals)},
    {"limit", FIELD_INT, true, offsetof(RateLimit, limit)},
};
static const FieldTable RATE_TABLE = FIELD_TABLE("rateLimit", RATE_ROWS);

static bool rate_limits_read(JsonReader value, BinanceExchange *exchange, Error *error) {
    JsonToken token = json_next(&value);
    if (token != JSON_ARRAY_BEGIN) return malformed(error, &value, "rateLimits");
    while ((token = json_next(&value)) == JSON_OBJECT_BEGIN) {
        RateLimit rate;
        if (!binance_fields_read(&value, &RATE_TABLE, &rate, NULL, error)) return false;
        bool minute = slice_is(rate.interval, "MINUTE") && rate.intervals == 1;
        if (minute && rate.limit > 0 && slice_is(rate.type, "REQUEST_WEIGHT")) {
            exchange->weight_per_minute = rate.limit;
        }
    }
    return token == JSON_ARRAY_END || malformed(error, &value, "rateLimits");
}

typedef struct ExchangeDraft {
    int64_t server_us;
    JsonReader limits, symbols;
} ExchangeDraft;

static const Field EXCHANGE_ROWS[] = {
    {"serverTime", FIELD_STAMP, true, offsetof(ExchangeDraft, server_us)},
    {"symbols", FIELD_VALUE, true, offsetof(ExchangeDraft, symbols)},
    {"rateLimits", FIELD_VALUE, false, offsetof(ExchangeDraft, limits)},
};
static const FieldTable EXCHANGE_TABLE = FIELD_TABLE("exchangeInfo", EXCHANGE_ROWS);

bool binance_rest_exchange_info(Slice body, BinanceExchange *exchange, Error *error) {
    ExchangeDraft draft;
    uint32_t seen;
    JsonReader reader = json_reader(body);
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return malformed(error, &reader, "exchangeInfo");
    if (!binance_fields_read(&reader, &EXCHANGE_TABLE, &draft, &seen, error)) return false;
    exchange->server_us = draft.server_us;
    bool limits = seen >> 2 & 1; /* the third row */
    if (limits && !rate_limits_read(draft.limits, exchange, error)) return false;
    return listings_read(draft.symbols, exchange, error);
}

bool binance_rest_time(Slice body, int64_t *server_us, Error *error) {
    static const Field ROWS[] = {{"serverTime", FIELD_STAMP, true, 0}};
    static const FieldTable TABLE = FIELD_TABLE("time", ROWS);
    return binance_fields_inside(json_reader(body), &TABLE, server_us, error);
}

bool binance_rest_fault(Slice body, BinanceFault *fault) {
    BinanceEvent event;
    Error error;
    if (!binance_stream_read_any(body, (BinanceLevels){0}, &event, &error)) return false;
    if (event.kind == BINANCE_ERROR) *fault = event.fault;
    return event.kind == BINANCE_ERROR;
}

typedef struct DepthDraft {
    int64_t last_id;
    JsonReader bids, asks;
} DepthDraft;

static const Field DEPTH_ROWS[] = {
    {"lastUpdateId", FIELD_INT, true, offsetof(DepthDraft, last_id)},
    {"bids", FIELD_VALUE, true, offsetof(DepthDraft, bids)},
    {"asks", FIELD_VALUE, true, offsetof(DepthDraft, asks)},
};
static const FieldTable DEPTH_TABLE = FIELD_TABLE("depth", DEPTH_ROWS);

bool binance_rest_depth(Slice body, BinanceLevels room, BookChange *snapshot, Error *error) {
    DepthDraft draft;
    if (!binance_fields_inside(json_reader(body), &DEPTH_TABLE, &draft, error)) return false;
    *snapshot = (BookChange){.first_id = draft.last_id, .last_id = draft.last_id, .bids = room.at};
    if (!binance_levels_read(draft.bids, &room, &snapshot->bid_count, error)) return false;
    snapshot->asks = room.at;
    return binance_levels_read(draft.asks, &room, &snapshot->ask_count, error);
}
