/* SPDX-License-Identifier: Apache-2.0 */
/* The user's stream and the frames that clients send (exchange_stream.h). */
#include "core/sim/exchange_stream.h"

#include <string.h>

/* ---- the user's stream --------------------------------------------------------------------- */

static void put_fill(const Exchange *exchange, const ExchangeEvent *event, JsonWriter *writer) {
    const ExchangeFill *fill = exchange_fill(exchange, event->fill_id);
    Money none = money_of(0);
    exchange_put_decimal(writer, "l", fill ? money_of(fill->quantity.units) : none);
    exchange_put_decimal(writer, "L", fill ? money_of(fill->price.units) : none);
    exchange_put_decimal(writer, "Y", fill ? fill->quote : none);
    exchange_put_decimal(writer, "n", fill ? fill->fee : none);
    json_key(writer, "N");
    if (fill)
        json_string(writer, exchange->accounts[0].balances[fill->fee_asset].asset.text);
    else
        json_null(writer);
    exchange_put_int(writer, "t", fill ? fill->id : -1);
    exchange_put_bool(writer, "m", fill && fill->maker);
}

static void put_order(const ExchangeEvent *event, JsonWriter *writer) {
    const ExchangeOrder *order = &event->order;
    const ExchangeWish *wish = &order->wish;
    bool canceled = order->status == EXCHANGE_CANCELED;
    bool renamed = event->execution == EXECUTION_REPLACED;
    exchange_put_text(writer, "c", canceled ? order->cancel_id : wish->client_id);
    exchange_put_text(writer, "C", canceled ? wish->client_id : renamed ? order->cancel_id : "");
    exchange_put_text(writer, "S", wish->side == SIDE_BUY ? "BUY" : "SELL");
    exchange_put_text(writer, "o", exchange_type_name(wish->type));
    exchange_put_text(writer, "f", exchange_force_name(wish->force));
    exchange_put_decimal(writer, "q", money_of(wish->quantity.units));
    exchange_put_decimal(writer, "p", money_of(wish->price.units));
    exchange_put_decimal(writer, "P", money_of(wish->stop.units));
    exchange_put_decimal(writer, "F", money_of(wish->iceberg.units));
    exchange_put_int(writer, "g", order->list_id);
    exchange_put_text(writer, "X", exchange_status_name(order->status));
    exchange_put_text(writer, "r", "NONE");
    exchange_put_int(writer, "i", order->id);
    exchange_put_int(writer, "I", event->execution_id);
    exchange_put_decimal(writer, "z", money_of(order->executed.units));
    exchange_put_decimal(writer, "Z", order->quote_executed);
    exchange_put_decimal(writer, "Q", wish->quote_quantity);
    exchange_put_int(writer, "T", order->update_us / 1000);
    exchange_put_int(writer, "O", order->time_us / 1000);
    exchange_put_bool(writer, "w", order->working_us != 0 && exchange_is_open(order));
    exchange_put_text(writer, "V", exchange_prevention_name(wish->prevention));
}

/* Fields that appear only where there is something to say. */
static void put_conditional(const ExchangeOrder *order, JsonWriter *writer) {
    const ExchangeWish *wish = &order->wish;
    if (order->reason) exchange_put_text(writer, "eR", exchange_reason_name(order->reason));
    if (order->working_us) exchange_put_int(writer, "W", order->working_us / 1000);
    if (wish->trailing) {
        exchange_put_int(writer, "d", wish->trailing);
        exchange_put_int(writer, "D", order->trailing_us ? order->trailing_us / 1000 : -1);
    }
    if (wish->has_strategy) exchange_put_int(writer, "j", wish->strategy);
    if (wish->has_strategy_type) exchange_put_int(writer, "J", wish->strategy_type);
    if (order->prevented.units) exchange_put_decimal(writer, "A", money_of(order->prevented.units));
}

/* Of a match that self-trade prevention kept from happening: what was taken off this order, the
 * other one, and what would have traded. */
static void put_prevented(const Exchange *exchange, const ExchangeEvent *event,
                          JsonWriter *writer) {
    const ExchangePrevented *match = exchange_prevented(exchange, event->prevented_id);
    if (!match) return;
    bool takes = match->taker_id == event->order.id;
    Quantity own = takes ? match->taker : match->maker, both = match->taker;
    if (!both.units || (match->maker.units && match->maker.units < both.units)) both = match->maker;
    exchange_put_int(writer, "v", match->id);
    exchange_put_decimal(writer, "B", money_of(own.units));
    exchange_put_int(writer, "u", -1);
    exchange_put_int(writer, "U", takes ? match->maker_id : match->taker_id);
    exchange_put_text(writer, "Cs", exchange->pairs[match->pair].symbol.name.text);
    exchange_put_decimal(writer, "pl", money_of(both.units));
    exchange_put_decimal(writer, "pL", money_of(match->price.units));
    exchange_put_decimal(writer, "pY", price_times_quantity(match->price, both).money);
}

static void write_execution(const Exchange *exchange, const ExchangeEvent *event,
                            JsonWriter *writer) {
    static const char *const names[] = {"NEW",     "TRADE",    "CANCELED",
                                        "EXPIRED", "REPLACED", "TRADE_PREVENTION"};
    exchange_put_text(writer, "s", exchange->pairs[event->order.wish.pair].symbol.name.text);
    exchange_put_text(writer, "x", names[event->execution]);
    put_order(event, writer);
    put_fill(exchange, event, writer);
    exchange_put_bool(writer, "M", true);
    put_conditional(&event->order, writer);
    put_prevented(exchange, event, writer);
}

static void write_position(const ExchangeEvent *event, JsonWriter *writer) {
    exchange_put_int(writer, "u", event->time_us / 1000);
    json_key(writer, "B");
    json_array_begin(writer);
    for (unsigned i = 0; i < event->balance_count; i++) {
        json_object_begin(writer);
        exchange_put_text(writer, "a", event->balances[i].asset.text);
        exchange_put_decimal(writer, "f", event->balances[i].free);
        exchange_put_decimal(writer, "l", event->balances[i].locked);
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void write_list(const Exchange *exchange, const ExchangeEvent *event, JsonWriter *writer) {
    const ExchangeList *list = exchange_list(exchange, event->list_id);
    if (!list) return;
    const char *symbol = exchange->pairs[list->pair].symbol.name.text;
    exchange_put_text(writer, "s", symbol);
    exchange_put_int(writer, "g", list->id);
    exchange_put_text(writer, "c", exchange_list_name(list->kind));
    exchange_put_text(writer, "l",
                      event->updated ? "UPDATED"
                      : event->done  ? "ALL_DONE"
                                     : "EXEC_STARTED");
    exchange_put_text(writer, "L", event->done ? "ALL_DONE" : "EXECUTING");
    exchange_put_text(writer, "r", "NONE");
    exchange_put_text(writer, "C", list->client_id);
    exchange_put_int(writer, "T", event->time_us / 1000);
    json_key(writer, "O");
    json_array_begin(writer);
    for (unsigned i = 0; i < list->leg_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, list->order_ids[i]);
        json_object_begin(writer);
        exchange_put_text(writer, "s", symbol);
        exchange_put_int(writer, "i", list->order_ids[i]);
        exchange_put_text(writer, "c", order ? order->wish.client_id : "");
        json_object_end(writer);
    }
    json_array_end(writer);
}

void stream_event_write(const Exchange *exchange, const ExchangeEvent *event, Text *frame) {
    static const char *const names[] = {"executionReport", "outboundAccountPosition", "listStatus"};
    JsonWriter writer = json_writer(frame);
    text_clear(frame);
    json_object_begin(&writer);
    exchange_put_text(&writer, "e", names[event->kind]);
    exchange_put_int(&writer, "E", event->time_us / 1000);
    if (event->kind == EXCHANGE_EXECUTION) write_execution(exchange, event, &writer);
    if (event->kind == EXCHANGE_POSITION) write_position(event, &writer);
    if (event->kind == EXCHANGE_LIST) write_list(exchange, event, &writer);
    json_object_end(&writer);
    text_end(frame);
}

/* ---- frames of clients --------------------------------------------------------------------- */

static bool take_id(JsonReader *reader, StreamRequest *request) {
    JsonToken token = json_next(reader);
    Text id = TEXT_IN(request->id);
    if (token == JSON_STRING) text_format(&id, "\"%S\"", reader->slice);
    if (token == JSON_NUMBER) text_slice(&id, reader->slice);
    if (token == JSON_NULL) text_put(&id, "null");
    text_end(&id);
    return id.length > 0 && !id.overflow;
}

static bool take_params(JsonReader *reader, StreamRequest *request) {
    JsonReader ahead = *reader;
    if (!json_skip(&ahead)) return false;
    request->params = (Slice){reader->at, (size_t)(ahead.at - reader->at)};
    while (request->params.length && strchr(": \t\r\n", request->params.at[0]))
        request->params = (Slice){request->params.at + 1, request->params.length - 1};
    *reader = ahead;
    return true;
}

static bool take_request_member(JsonReader *reader, StreamRequest *request) {
    Slice key = reader->slice, method;
    if (slice_is(key, "id")) return take_id(reader, request);
    if (slice_is(key, "params")) return take_params(reader, request);
    if (slice_is(key, "method"))
        return json_take_string(reader, &method) &&
               slice_copy(method, request->method, sizeof request->method);
    return json_skip(reader);
}

bool stream_request_read(Slice frame, StreamRequest *request, ExchangeFault *fault) {
    JsonReader reader = json_reader(frame);
    memset(request, 0, sizeof *request);
    memcpy(request->id, "null", 5);
    JsonToken token = json_next(&reader);
    bool sound = token == JSON_OBJECT_BEGIN && json_valid(frame);
    while (sound && (token = json_next(&reader)) == JSON_KEY)
        sound = take_request_member(&reader, request);
    if (!sound || token != JSON_OBJECT_END || !request->method[0])
        return exchange_refuse(fault, -1135, "Invalid JSON Request");
    return true;
}

bool stream_names_read(Slice params, char names[static STREAM_PARAMS_MAX][STREAM_NAME_MAX],
                       unsigned *count) {
    JsonReader reader = json_reader(params);
    JsonToken token;
    *count = 0;
    if (json_next(&reader) != JSON_ARRAY_BEGIN) return false;
    while ((token = json_next(&reader)) == JSON_STRING) {
        if (*count == STREAM_PARAMS_MAX) return false;
        if (!json_unescape(&reader, names[(*count)++], STREAM_NAME_MAX)) return false;
    }
    return token == JSON_ARRAY_END;
}

bool stream_method_find(const char *method, Slice *verb, Slice *path) {
    static const char *const methods[][3] = {
        {"ping", "GET", "/api/v3/ping"},
        {"time", "GET", "/api/v3/time"},
        {"exchangeInfo", "GET", "/api/v3/exchangeInfo"},
        {"depth", "GET", "/api/v3/depth"},
        {"trades.recent", "GET", "/api/v3/trades"},
        {"trades.aggregate", "GET", "/api/v3/aggTrades"},
        {"klines", "GET", "/api/v3/klines"},
        {"avgPrice", "GET", "/api/v3/avgPrice"},
        {"ticker.24hr", "GET", "/api/v3/ticker/24hr"},
        {"ticker.price", "GET", "/api/v3/ticker/price"},
        {"ticker.book", "GET", "/api/v3/ticker/bookTicker"},
        {"account.status", "GET", "/api/v3/account"},
        {"account.commission", "GET", "/api/v3/account/commission"},
        {"account.rateLimits.orders", "GET", "/api/v3/rateLimit/order"},
        {"myTrades", "GET", "/api/v3/myTrades"},
        {"allOrders", "GET", "/api/v3/allOrders"},
        {"order.place", "POST", "/api/v3/order"},
        {"order.test", "POST", "/api/v3/order/test"},
        {"order.status", "GET", "/api/v3/order"},
        {"order.cancel", "DELETE", "/api/v3/order"},
        {"order.cancelReplace", "POST", "/api/v3/order/cancelReplace"},
        {"openOrders.status", "GET", "/api/v3/openOrders"},
        {"openOrders.cancelAll", "DELETE", "/api/v3/openOrders"},
        {"order.amend.keepPriority", "PUT", "/api/v3/order/amend/keepPriority"},
        {"order.amendments", "GET", "/api/v3/order/amendments"},
        {"myPreventedMatches", "GET", "/api/v3/myPreventedMatches"},
        {"myFilters", "GET", "/api/v3/myFilters"},
        {"orderList.place.oco", "POST", "/api/v3/orderList/oco"},
        {"orderList.place.oto", "POST", "/api/v3/orderList/oto"},
        {"orderList.place.otoco", "POST", "/api/v3/orderList/otoco"},
        {"orderList.place.opo", "POST", "/api/v3/orderList/opo"},
        {"orderList.place.opoco", "POST", "/api/v3/orderList/opoco"},
        {"openOrderLists.status", "GET", "/api/v3/openOrderList"},
        {"allOrderLists", "GET", "/api/v3/allOrderList"},
        {"orderList.status", "GET", "/api/v3/orderList"},
        {"orderList.cancel", "DELETE", "/api/v3/orderList"},
    };
    for (unsigned i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(method, methods[i][0]) != 0) continue;
        *verb = slice_of(methods[i][1]);
        *path = slice_of(methods[i][2]);
        return true;
    }
    return false;
}
