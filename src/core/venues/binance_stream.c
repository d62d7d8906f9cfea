/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_stream.h"

#include <string.h>

#include "core/venues/binance_fields.h"
#include "core/venues/binance_layout.h"

/* An event in the making, and what is checked but not kept. */
typedef struct Draft {
    BinanceEvent event;
    int64_t close_us;
    SymbolName inner;
    Slice name, interval;
    JsonReader nested, bids, asks;
} Draft;

/* A frame, or the data of a combined one, at first sight. */
typedef struct Sight {
    Slice stream, name;
    JsonReader body, error, value;
} Sight;

enum {
    SIGHT_STREAM,
    SIGHT_DATA,
    SIGHT_NAME,
    SIGHT_ID,
    SIGHT_RESULT,
    SIGHT_ERROR,
    SIGHT_CODE,
    SIGHT_MESSAGE,
    SIGHT_TICKER
};
#define SEEN(seen, bit)  ((seen) >> (bit)&1u)
#define SEEN_TICKER(set) (((set) >> SIGHT_TICKER & 0x3Fu) == 0x3Fu) /* its six keys */

static const Field SIGHT_FIELDS[] = {
    {"stream", FIELD_SLICE, false, offsetof(Sight, stream)},
    {"data", FIELD_VALUE, false, offsetof(Sight, body)},
    {"e", FIELD_SLICE, false, offsetof(Sight, name)},
    {"id", FIELD_VALUE, false, offsetof(Sight, value)},
    {"result", FIELD_VALUE, false, offsetof(Sight, value)},
    {"error", FIELD_VALUE, false, offsetof(Sight, error)},
    {"code", FIELD_VALUE, false, offsetof(Sight, value)},
    {"msg", FIELD_VALUE, false, offsetof(Sight, value)},
    {"u", FIELD_VALUE, false, offsetof(Sight, value)},
    {"s", FIELD_VALUE, false, offsetof(Sight, value)},
    {"b", FIELD_VALUE, false, offsetof(Sight, value)},
    {"B", FIELD_VALUE, false, offsetof(Sight, value)},
    {"a", FIELD_VALUE, false, offsetof(Sight, value)},
    {"A", FIELD_VALUE, false, offsetof(Sight, value)},
};
static const FieldTable SIGHT_TABLE = FIELD_TABLE("frame", SIGHT_FIELDS);

#define AT(member) offsetof(Draft, member)

static const Field KLINE_FIELDS[] = {
    {"e", FIELD_SLICE, true, AT(name)},
    {"E", FIELD_STAMP, true, AT(event.event_us)},
    {"s", FIELD_SYMBOL, true, AT(event.symbol)},
    {"k", FIELD_VALUE, true, AT(nested)},
};
static const Field CANDLE_FIELDS[] = {
    {"t", FIELD_STAMP, true, AT(event.kline.bar.time_us)},
    {"T", FIELD_STAMP, true, AT(close_us)},
    {"s", FIELD_SYMBOL, true, AT(inner)},
    {"i", FIELD_SLICE, true, AT(interval)},
    {"o", FIELD_PRICE, true, AT(event.kline.bar.open)},
    {"c", FIELD_PRICE, true, AT(event.kline.bar.close)},
    {"h", FIELD_PRICE, true, AT(event.kline.bar.high)},
    {"l", FIELD_PRICE, true, AT(event.kline.bar.low)},
    {"v", FIELD_VOLUME, true, AT(event.kline.bar.volume)},
    {"n", FIELD_COUNT, true, AT(event.kline.bar.trades)},
    {"x", FIELD_BOOL, true, AT(event.kline.is_closed)},
    {"q", FIELD_VOLUME, true, AT(event.kline.bar.quote_volume)},
    {"V", FIELD_VOLUME, true, AT(event.kline.bar.taker_volume)},
};
#define TRADE_ROWS(key)                                                                            \
    {"e", FIELD_SLICE, true, AT(name)}, {"E", FIELD_STAMP, true, AT(event.event_us)},              \
        {"s", FIELD_SYMBOL, true, AT(event.symbol)}, {key, FIELD_INT, true, AT(event.trade.id)},   \
        {"p", FIELD_PRICE, true, AT(event.trade.price)},                                           \
        {"q", FIELD_QUANTITY, true, AT(event.trade.quantity)},                                     \
        {"T", FIELD_STAMP, true, AT(event.trade.time_us)}, {                                       \
        "m", FIELD_BOOL, true, AT(event.trade.taker_sold)                                          \
    }
static const Field TRADE_FIELDS[] = {TRADE_ROWS("t")};
static const Field AGG_TRADE_FIELDS[] = {TRADE_ROWS("a")};
static const Field TICKER_FIELDS[] = {
    {"u", FIELD_INT, true, AT(event.ticker.update_id)},
    {"s", FIELD_SYMBOL, true, AT(event.symbol)},
    {"b", FIELD_PRICE, true, AT(event.ticker.bid.price)},
    {"B", FIELD_QUANTITY, true, AT(event.ticker.bid.quantity)},
    {"a", FIELD_PRICE, true, AT(event.ticker.ask.price)},
    {"A", FIELD_QUANTITY, true, AT(event.ticker.ask.quantity)},
};
static const Field DEPTH_FIELDS[] = {
    {"e", FIELD_SLICE, true, AT(name)},
    {"E", FIELD_STAMP, true, AT(event.event_us)},
    {"s", FIELD_SYMBOL, true, AT(event.symbol)},
    {"U", FIELD_INT, true, AT(event.depth.first_id)},
    {"u", FIELD_INT, true, AT(event.depth.last_id)},
    {"b", FIELD_VALUE, true, AT(bids)},
    {"a", FIELD_VALUE, true, AT(asks)},
};
static const Field MINI_FIELDS[] = {
    {"e", FIELD_SLICE, true, AT(name)},
    {"E", FIELD_STAMP, true, AT(event.event_us)},
    {"s", FIELD_SYMBOL, true, AT(event.symbol)},
    {"c", FIELD_PRICE, true, AT(event.mini.close)},
    {"o", FIELD_PRICE, true, AT(event.mini.open)},
    {"h", FIELD_PRICE, true, AT(event.mini.high)},
    {"l", FIELD_PRICE, true, AT(event.mini.low)},
    {"v", FIELD_VOLUME, true, AT(event.mini.volume)},
    {"q", FIELD_VOLUME, true, AT(event.mini.quote_volume)},
};
static const Field SHUTDOWN_FIELDS[] = {
    {"e", FIELD_SLICE, true, AT(name)},
    {"E", FIELD_STAMP, true, AT(event.event_us)},
};
typedef struct FaultDraft {
    int64_t code;
    Slice message;
} FaultDraft;
static const Field FAULT_FIELDS[] = {
    {"code", FIELD_INT, true, offsetof(FaultDraft, code)},
    {"msg", FIELD_SLICE, true, offsetof(FaultDraft, message)},
};

static const FieldTable CANDLE_TABLE = FIELD_TABLE("kline", CANDLE_FIELDS);
static const FieldTable TICKER_TABLE = FIELD_TABLE("bookTicker", TICKER_FIELDS);
static const FieldTable FAULT_TABLE = FIELD_TABLE("error", FAULT_FIELDS);
/* The noun of each table is the venue's name of the event. */
static const struct {
    BinanceKind kind;
    FieldTable table;
} KINDS[] = {
    {BINANCE_KLINE, FIELD_TABLE("kline", KLINE_FIELDS)},
    {BINANCE_TRADE, FIELD_TABLE("trade", TRADE_FIELDS)},
    {BINANCE_AGG_TRADE, FIELD_TABLE("aggTrade", AGG_TRADE_FIELDS)},
    {BINANCE_DEPTH, FIELD_TABLE("depthUpdate", DEPTH_FIELDS)},
    {BINANCE_MINI_TICKER, FIELD_TABLE("24hrMiniTicker", MINI_FIELDS)},
    {BINANCE_SHUTDOWN, FIELD_TABLE("serverShutdown", SHUTDOWN_FIELDS)},
};

bool binance_stamp(int64_t stamp, int64_t *time_us) {
    /* 2001-09 to 2200 in either unit; the two ranges do not touch. */
    if (stamp >= 1000000000000 && stamp <= 7258118400000) {
        *time_us = stamp * 1000;
        return true;
    }
    *time_us = stamp;
    return stamp >= 1000000000000000 && stamp <= 7258118400000000;
}

const char *binance_kline_fault(const BinanceEvent *event, int64_t close_us) {
    const BinanceKline *kline = &event->kline;
    int64_t length_us = interval_us(kline->interval);
    const char *fault = bar_fault(&kline->bar, length_us);
    if (fault) return fault;
    /* The close time is the next open minus one unit, of a millisecond or a microsecond. */
    int64_t unit_us = kline->bar.time_us + length_us - close_us;
    if (unit_us != 1000 && unit_us != 1) return "close time does not fit the interval";
    /* Clocks of the venue's machines may differ a little; a second is far more than that. */
    bool early = event->event_us + INSTANT_SECOND_US < close_us;
    return kline->is_closed && early ? "closed before its end" : NULL;
}

static const char *trade_fault(const Print *trade) {
    if (trade->price.units <= 0) return "price is not above zero";
    if (trade->quantity.units <= 0) return "quantity is not above zero";
    return trade->id < 0 ? "negative id" : NULL;
}

static const char *ticker_fault(const BinanceTicker *ticker) {
    const BookLevel *bid = &ticker->bid, *ask = &ticker->ask;
    if (bid->price.units < 0 || ask->price.units < 0) return "negative price";
    if (bid->quantity.units < 0 || ask->quantity.units < 0) return "negative quantity";
    bool both = bid->price.units > 0 && ask->price.units > 0;
    return both && bid->price.units >= ask->price.units ? "bid is not below ask" : NULL;
}

static const char *mini_fault(const BinanceMini *mini) {
    if (mini->low.units < 0 || mini->open.units < 0) return "negative price";
    bool outside = mini->close.units > mini->high.units || mini->close.units < mini->low.units;
    if (mini->high.units < mini->low.units || outside) return "close outside of low to high";
    return mini->volume < 0 || mini->quote_volume < 0 ? "negative volume" : NULL;
}

const char *binance_event_fault(const BinanceEvent *event) {
    switch (event->kind) {
    case BINANCE_TRADE:
    case BINANCE_AGG_TRADE:
        return trade_fault(&event->trade);
    case BINANCE_BOOK_TICKER:
        return ticker_fault(&event->ticker);
    case BINANCE_MINI_TICKER:
        return mini_fault(&event->mini);
    case BINANCE_DEPTH:
        return event->depth.first_id > event->depth.last_id ? "first update after the last" : NULL;
    default:
        return NULL;
    }
}

/* The name of what is not known, cut to fit. */
static bool unknown(BinanceEvent *event, const char *before, Slice name) {
    event->kind = BINANCE_UNKNOWN;
    Text text = TEXT_IN(event->unknown);
    text_put(&text, before);
    if (name.length > sizeof event->unknown / 2) name.length = sizeof event->unknown / 2;
    text_slice(&text, name);
    (void)text_end(&text);
    return true;
}

static bool level_read(JsonReader *reader, BookLevel *level) {
    return json_take_price(reader, &level->price) && level->price.units > 0 &&
           json_take_quantity(reader, &level->quantity) && level->quantity.units >= 0 &&
           json_next(reader) == JSON_ARRAY_END;
}

bool binance_levels_read(JsonReader value, BinanceLevels *room, unsigned *count, Error *error) {
    const BookLevel *begin = room->at;
    JsonToken token = json_next(&value);
    if (token != JSON_ARRAY_BEGIN) return binance_fail(error, &value, "depth", "not an array");
    while ((token = json_next(&value)) == JSON_ARRAY_BEGIN) {
        if (room->capacity == 0) return binance_fail(error, &value, "depth", "too many levels");
        if (!level_read(&value, room->at)) return binance_fail(error, &value, "depth", "bad level");
        room->at++;
        room->capacity--;
    }
    if (token != JSON_ARRAY_END) return binance_fail(error, &value, "depth", "bad level");
    *count = (unsigned)(room->at - begin);
    return true;
}

static bool depth_finish(Draft *draft, BinanceLevels room, Error *error) {
    BookChange *change = &draft->event.depth;
    change->bids = room.at;
    if (!binance_levels_read(draft->bids, &room, &change->bid_count, error)) return false;
    change->asks = room.at;
    return binance_levels_read(draft->asks, &room, &change->ask_count, error);
}

static bool kline_finish(Draft *draft, const JsonReader *reader, Error *error) {
    BinanceEvent *event = &draft->event;
    if (!binance_fields_inside(draft->nested, &CANDLE_TABLE, draft, error)) return false;
    if (!symbol_name_equal(&event->symbol, &draft->inner)) {
        return binance_fail(error, reader, "kline", "two symbols in one frame");
    }
    if (!interval_parse(draft->interval, &event->kline.interval)) {
        return unknown(event, "kline_", draft->interval);
    }
    event->kline.bar.bars = (uint32_t)(interval_us(event->kline.interval) / INSTANT_MINUTE_US);
    const char *fault = binance_kline_fault(event, draft->close_us);
    return !fault || binance_fail(error, reader, "kline", fault);
}

/* `reader` stands behind the opening brace of the event's own object. */
static bool draft_read(Draft *draft, JsonReader reader, const FieldTable *table, BinanceLevels room,
                       Error *error) {
    if (!binance_fields_read(&reader, table, draft, NULL, error)) return false;
    if (draft->event.kind == BINANCE_KLINE) return kline_finish(draft, &reader, error);
    if (draft->event.kind == BINANCE_DEPTH && !depth_finish(draft, room, error)) return false;
    const char *fault = binance_event_fault(&draft->event);
    return !fault || binance_fail(error, &reader, table->noun, fault);
}

static bool fault_read(JsonReader reader, BinanceFault *fault, Error *error) {
    FaultDraft draft = {0};
    if (!binance_fields_read(&reader, &FAULT_TABLE, &draft, NULL, error)) return false;
    fault->code = draft.code;
    Slice text = draft.message;
    if (text.length >= sizeof fault->text) text.length = sizeof fault->text - 1;
    return slice_copy(text, fault->text, sizeof fault->text);
}

/* A reply has no event's name and no stream: `{"result":null,"id":1}`, `{"error":{..},"id":1}`,
 * `{"code":2,"msg":""}`. */
static bool control_read(BinanceEvent *event, const Sight *sight, uint32_t seen, JsonReader object,
                         Error *error) {
    if (SEEN(seen, SIGHT_ERROR) || (SEEN(seen, SIGHT_CODE) && SEEN(seen, SIGHT_MESSAGE))) {
        JsonReader inside = sight->error;
        event->kind = BINANCE_ERROR;
        if (!SEEN(seen, SIGHT_ERROR)) return fault_read(object, &event->fault, error);
        if (json_next(&inside) == JSON_OBJECT_BEGIN)
            return fault_read(inside, &event->fault, error);
        return binance_fail(error, &inside, "error", "not an object");
    }
    if (!SEEN(seen, SIGHT_RESULT)) return unknown(event, "nameless object", SLICE(""));
    static const Field REPLY_FIELDS[] = {{"id", FIELD_VALUE, true, 0}};
    static const FieldTable REPLY_TABLE = FIELD_TABLE("reply", REPLY_FIELDS);
    JsonReader id;
    if (!binance_fields_read(&object, &REPLY_TABLE, &id, NULL, error)) return false;
    event->kind = BINANCE_REPLY;
    if (!json_take_int(&id, &event->reply_id)) event->reply_id = -1;
    return true;
}

/* One event whose object `reader` has just entered. */
static bool event_read(Draft *draft, JsonReader reader, const Sight *sight, uint32_t seen,
                       BinanceLevels room, Error *error) {
    if (!SEEN(seen, SIGHT_NAME)) {
        draft->event.kind = BINANCE_BOOK_TICKER;
        if (SEEN_TICKER(seen)) return draft_read(draft, reader, &TICKER_TABLE, room, error);
        if (sight->stream.at) return unknown(&draft->event, "", sight->stream);
        return control_read(&draft->event, sight, seen, reader, error);
    }
    for (unsigned i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (!slice_is(sight->name, KINDS[i].table.noun)) continue;
        draft->event.kind = KINDS[i].kind;
        return draft_read(draft, reader, &KINDS[i].table, room, error);
    }
    return unknown(&draft->event, "", sight->name);
}

/* The data of a combined frame: an object, else (arrays of tickers) known by the stream's name
 * only. */
static bool data_read(Draft *draft, const Sight *outer, BinanceLevels room, Error *error) {
    JsonReader reader = outer->body;
    Sight inner = {0};
    uint32_t seen;
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return unknown(&draft->event, "", outer->stream);
    JsonReader object = reader, first = reader;
    inner.stream = outer->stream;
    /* The name comes first, as a rule; then one look at the object is enough. */
    if (json_next(&first) == JSON_KEY && slice_is(first.slice, "e") && !first.escaped &&
        json_take_string(&first, &inner.name)) {
        return event_read(draft, object, &inner, 1u << SIGHT_NAME, room, error);
    }
    if (!binance_fields_read(&reader, &SIGHT_TABLE, &inner, &seen, error)) return false;
    inner.stream = outer->stream;
    return event_read(draft, object, &inner, seen, room, error);
}

/* What is no object: another JSON document is merely unknown. */
static bool other_read(Slice frame, BinanceEvent *event, Error *error) {
    JsonReader reader = json_reader(frame);
    if (!json_skip(&reader) || json_next(&reader) != JSON_END) {
        return binance_fail(error, &reader, "frame", "malformed JSON");
    }
    *event = (BinanceEvent){0};
    return unknown(event, "not an object", SLICE(""));
}

bool binance_stream_read_any(Slice frame, BinanceLevels room, BinanceEvent *event, Error *error) {
    JsonReader reader = json_reader(frame);
    Draft draft = {0};
    Sight sight = {0};
    uint32_t seen;
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return other_read(frame, event, error);
    JsonReader object = reader;
    if (!binance_fields_read(&reader, &SIGHT_TABLE, &sight, &seen, error)) return false;
    if (json_next(&reader) != JSON_END) {
        return binance_fail(error, &reader, "frame", "text behind the end");
    }
    bool combined = SEEN(seen, SIGHT_STREAM) && SEEN(seen, SIGHT_DATA);
    if (!(combined ? data_read(&draft, &sight, room, error)
                   : event_read(&draft, object, &sight, seen, room, error))) {
        return false;
    }
    *event = draft.event;
    return true;
}

bool binance_stream_read(Slice frame, BinanceLevels room, BinanceEvent *event, Error *error) {
    return binance_layout_read(frame, event) || binance_stream_read_any(frame, room, event, error);
}
