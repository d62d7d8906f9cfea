/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs, balances, history, look-ups and the queue of events (exchange.h). */
#include <string.h>

#include "core/sim/exchange_parts.h"

#define DEPTH_SHARE 20 /* a first level holds a twentieth of a minute's volume */

void exchange_init(Exchange *exchange, const ExchangeCosts *costs) {
    memset(exchange, 0, sizeof *exchange);
    exchange->costs = *costs;
}

/* ---- pairs and assets ---------------------------------------------------------------------- */

int exchange_find_asset(const Exchange *exchange, Slice name) {
    for (unsigned i = 0; i < exchange->asset_count; i++)
        if (slice_is(name, exchange->balances[i].asset.text)) return (int)i;
    return -1;
}

unsigned exchange_asset(Exchange *exchange, const AssetName *name) {
    int index = exchange_find_asset(exchange, slice_of(name->text));
    if (index >= 0) return (unsigned)index;
    CHECK(exchange->asset_count < LIMIT_EXCHANGE_ASSETS, "room for the assets of all pairs");
    exchange->balances[exchange->asset_count] = (ExchangeBalance){.asset = *name};
    return exchange->asset_count++;
}

bool exchange_deposit(Exchange *exchange, Slice asset, Money amount) {
    int index = exchange_find_asset(exchange, asset);
    AssetName name = {{0}};
    if (index < 0) {
        if (exchange->asset_count == LIMIT_EXCHANGE_ASSETS || asset.length == 0 ||
            !slice_copy(asset, name.text, sizeof name.text))
            return false;
        index = (int)exchange_asset(exchange, &name);
    }
    ExchangeBalance *balance = &exchange->balances[index];
    balance->free = money_add(balance->free, amount);
    return true;
}

int exchange_list_pair(Exchange *exchange, const Symbol *symbol) {
    int found = exchange_find_pair(exchange, slice_of(symbol->name.text));
    if (found >= 0) return found;
    if (exchange->pair_count == LIMIT_SYMBOLS || exchange->asset_count + 2 > LIMIT_EXCHANGE_ASSETS)
        return -1;
    ExchangePair *pair = &exchange->pairs[exchange->pair_count];
    pair->symbol = *symbol;
    pair->base = exchange_asset(exchange, &symbol->base);
    pair->quote = exchange_asset(exchange, &symbol->quote);
    return (int)exchange->pair_count++;
}

int exchange_find_pair(const Exchange *exchange, Slice name) {
    for (unsigned i = 0; i < exchange->pair_count; i++)
        if (slice_is(name, exchange->pairs[i].symbol.name.text)) return (int)i;
    return -1;
}

void exchange_set_trading(Exchange *exchange, unsigned pair, ExchangeTrading trading,
                          int64_t now_us) {
    (void)now_us;
    exchange->pairs[pair].trading = trading;
}

/* ---- history ------------------------------------------------------------------------------- */

/* The depth follows the volume slowly, so that one busy minute does not make a deep book. */
static void follow_depth(ExchangePair *pair, double volume) {
    Quantity seen;
    if (!quantity_from_double(volume / DEPTH_SHARE, &seen)) return;
    int64_t mixed =
        pair->depth.units ? pair->depth.units - pair->depth.units / 4 + seen.units / 4 : seen.units;
    Quantity step = pair->symbol.filters.step;
    pair->depth = quantity_floor(quantity_of(mixed), step);
    int64_t least = step.units ? step.units : 1;
    if (pair->depth.units < least) pair->depth.units = least;
}

void exchange_history(Exchange *exchange, unsigned index, const Bar *bar) {
    ExchangePair *pair = &exchange->pairs[index];
    pair->bars[pair->bar_count++ % LIMIT_EXCHANGE_BARS] = *bar;
    pair->last = bar->close;
    follow_depth(pair, bar->volume);
}

const Bar *exchange_bar(const ExchangePair *pair, uint64_t age) {
    if (age >= pair->bar_count || age >= LIMIT_EXCHANGE_BARS) return NULL;
    return &pair->bars[(pair->bar_count - 1 - age) % LIMIT_EXCHANGE_BARS];
}

static void join(Bar *candle, const Bar *minute) {
    uint32_t bars = candle->bars + minute->bars;
    if (candle->bars == 0) {
        *candle = *minute;
        return;
    }
    candle->close = minute->close;
    if (minute->high.units > candle->high.units) candle->high = minute->high;
    if (minute->low.units < candle->low.units) candle->low = minute->low;
    candle->volume += minute->volume;
    candle->quote_volume += minute->quote_volume;
    candle->taker_volume += minute->taker_volume;
    candle->trades += minute->trades;
    candle->bars = bars;
}

bool exchange_candle(const ExchangePair *pair, int64_t start_us, int64_t length_us, bool with_open,
                     Bar *candle) {
    uint64_t age = 0;
    *candle = (Bar){0};
    while (exchange_bar(pair, age) && exchange_bar(pair, age)->time_us >= start_us)
        age++;
    while (age-- > 0) {
        const Bar *bar = exchange_bar(pair, age);
        if (bar->time_us < start_us + length_us) join(candle, bar);
    }
    if (with_open && pair->minute.bars && pair->minute.time_us < start_us + length_us)
        join(candle, &pair->minute);
    candle->time_us = start_us;
    return candle->bars > 0;
}

/* ---- look-ups ------------------------------------------------------------------------------ */

ExchangeOrder *exchange_slot(Exchange *exchange, int64_t id) {
    return &exchange->orders[id % LIMIT_EXCHANGE_ORDERS];
}

const ExchangeOrder *exchange_order(const Exchange *exchange, int64_t id) {
    if (id <= 0) return NULL;
    const ExchangeOrder *order = &exchange->orders[id % LIMIT_EXCHANGE_ORDERS];
    return order->id == id ? order : NULL;
}

const ExchangeOrder *exchange_order_named(const Exchange *exchange, unsigned pair,
                                          Slice client_id) {
    for (int64_t id = exchange->order_count;
         id > 0 && id > exchange->order_count - LIMIT_EXCHANGE_ORDERS; id--) {
        const ExchangeOrder *order = exchange_order(exchange, id);
        if (order && order->wish.pair == pair && slice_is(client_id, order->wish.client_id))
            return order;
    }
    return NULL;
}

const ExchangeList *exchange_list(const Exchange *exchange, int64_t id) {
    if (id < 0) return NULL;
    const ExchangeList *list = &exchange->lists[id % LIMIT_EXCHANGE_LISTS];
    return list->time_us && list->id == id ? list : NULL;
}

const ExchangeFill *exchange_fill(const Exchange *exchange, int64_t id) {
    if (id <= 0) return NULL;
    const ExchangeFill *fill = &exchange->fills[id % LIMIT_EXCHANGE_FILLS];
    return fill->id == id ? fill : NULL;
}

bool exchange_is_open(const ExchangeOrder *order) {
    return order->status == EXCHANGE_NEW || order->status == EXCHANGE_PARTIALLY_FILLED;
}

bool exchange_is_stop(ExchangeType type) {
    return type >= EXCHANGE_STOP_LOSS;
}

/* ---- events -------------------------------------------------------------------------------- */

static ExchangeEvent *push_event(Exchange *exchange, ExchangeEventKind kind, int64_t time_us) {
    CHECK(exchange->event_count < LIMIT_EXCHANGE_EVENTS, "the events of each call are taken");
    ExchangeEvent *event = &exchange->events[exchange->event_count++];
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->time_us = time_us;
    return event;
}

void exchange_say_order(Exchange *exchange, const ExchangeOrder *order, ExchangeExecution execution,
                        int64_t fill_id) {
    ExchangeEvent *event = push_event(exchange, EXCHANGE_EXECUTION, order->update_us);
    event->execution = execution;
    event->fill_id = fill_id;
    event->order = *order;
}

void exchange_say_position(Exchange *exchange, unsigned index, bool with_bnb, int64_t now_us) {
    const ExchangePair *pair = &exchange->pairs[index];
    ExchangeEvent *event = push_event(exchange, EXCHANGE_POSITION, now_us);
    event->balances[event->balance_count++] = exchange->balances[pair->base];
    event->balances[event->balance_count++] = exchange->balances[pair->quote];
    int bnb = with_bnb ? exchange_find_asset(exchange, SLICE("BNB")) : -1;
    if (bnb >= 0 && (unsigned)bnb != pair->base && (unsigned)bnb != pair->quote)
        event->balances[event->balance_count++] = exchange->balances[bnb];
}

void exchange_say_list(Exchange *exchange, int64_t list_id, int64_t now_us) {
    push_event(exchange, EXCHANGE_LIST, now_us)->list_id = list_id;
}

const ExchangeEvent *exchange_next_event(Exchange *exchange) {
    if (exchange->event_taken < exchange->event_count)
        return &exchange->events[exchange->event_taken++];
    exchange->event_taken = exchange->event_count = 0;
    return NULL;
}

/* ---- words --------------------------------------------------------------------------------- */

const char *exchange_type_name(ExchangeType type) {
    static const char *const names[EXCHANGE_TYPE_COUNT] = {
        "LIMIT",           "LIMIT_MAKER", "MARKET",           "STOP_LOSS",
        "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"};
    return names[type];
}

const char *exchange_force_name(ExchangeForce force) {
    static const char *const names[EXCHANGE_FORCE_COUNT] = {"GTC", "IOC", "FOK"};
    return names[force];
}

const char *exchange_status_name(ExchangeStatus status) {
    static const char *const names[EXCHANGE_STATUS_COUNT] = {"NEW", "PARTIALLY_FILLED", "FILLED",
                                                             "CANCELED", "EXPIRED"};
    return names[status];
}

const char *exchange_trading_name(ExchangeTrading trading) {
    static const char *const names[EXCHANGE_TRADING_COUNT] = {"TRADING", "HALT", "BREAK",
                                                              "CANCEL_ONLY", "BREAK"};
    return names[trading];
}

const char *exchange_reason_name(ExchangeReason reason) {
    static const char *const names[EXCHANGE_REASON_COUNT] = {
        "NONE", "OCO_TRIGGER", "UNFILLED_IOC_QUANTITY_EXPIRED", "UNFILLED_FOK_ORDER_EXPIRED",
        "INSUFFICIENT_LIQUIDITY"};
    return names[reason];
}

bool exchange_refuse(ExchangeFault *fault, int code, const char *format, ...) {
    Text text = TEXT_IN(fault->text);
    va_list values;
    va_start(values, format);
    text_format_list(&text, format, values);
    va_end(values);
    text_end(&text);
    fault->code = code;
    fault->status = 400;
    return false;
}
