/* SPDX-License-Identifier: Apache-2.0 */
/* How the venue writes things down: money in quotes with eight decimals, ids and times bare. */
#include "core/sim/exchange_api.h"

void exchange_put_decimal(JsonWriter *writer, const char *key, Money value) {
    char text[DECIMAL_TEXT_MAX];
    money_to_fixed(value, 8, text);
    if (key) json_key(writer, key);
    json_string(writer, text);
}

void exchange_put_double(JsonWriter *writer, const char *key, double value) {
    char memory[64];
    Text text = TEXT_IN(memory);
    text_fixed(&text, value, 8);
    if (key) json_key(writer, key);
    json_string(writer, text_end(&text));
}

void exchange_put_text(JsonWriter *writer, const char *key, const char *text) {
    json_key(writer, key);
    json_string(writer, text);
}

void exchange_put_int(JsonWriter *writer, const char *key, int64_t value) {
    json_key(writer, key);
    json_int(writer, value);
}

void exchange_put_bool(JsonWriter *writer, const char *key, bool value) {
    json_key(writer, key);
    json_bool(writer, value);
}

int64_t exchange_stamp(const ExchangeCall *call, int64_t time_us) {
    return call->microseconds ? time_us : time_us / 1000;
}

void exchange_put_time(ExchangeReply *reply, const char *key, int64_t time_us) {
    exchange_put_int(&reply->writer, key, exchange_stamp(reply->call, time_us));
}

/* ---- orders -------------------------------------------------------------------------------- */

static Money of_price(Price price) {
    return money_of(price.units);
}

static Money of_quantity(Quantity quantity) {
    return money_of(quantity.units);
}

static void put_names(const ExchangeOrder *order, ExchangeReply *reply) {
    exchange_put_int(&reply->writer, "orderId", order->id);
    exchange_put_int(&reply->writer, "orderListId", order->list_id);
}

static void put_symbol(const Exchange *exchange, unsigned pair, JsonWriter *writer) {
    exchange_put_text(writer, "symbol", exchange->pairs[pair].symbol.name.text);
}

/* The venue's fields that appear only where there is something to say. */
static void put_conditional(const ExchangeOrder *order, ExchangeReply *reply) {
    const ExchangeWish *wish = &order->wish;
    JsonWriter *writer = &reply->writer;
    if (wish->trailing) {
        exchange_put_int(writer, "trailingDelta", wish->trailing);
        exchange_put_int(writer, "trailingTime",
                         order->trailing_us ? exchange_stamp(reply->call, order->trailing_us) : -1);
    }
    if (order->prevented.units) {
        exchange_put_int(writer, "preventedMatchId", order->prevented_id);
        exchange_put_decimal(writer, "preventedQuantity", of_quantity(order->prevented));
    }
    if (wish->has_strategy) exchange_put_int(writer, "strategyId", wish->strategy);
    if (wish->has_strategy_type) exchange_put_int(writer, "strategyType", wish->strategy_type);
    if (order->reason)
        exchange_put_text(writer, "expiryReason", exchange_reason_name(order->reason));
    exchange_put_text(writer, "selfTradePreventionMode",
                      exchange_prevention_name(wish->prevention));
}

/* The quantity of a leg that another pays is not known before it enters. */
static void put_amounts(const ExchangeOrder *order, ExchangeReply *reply) {
    const ExchangeWish *wish = &order->wish;
    JsonWriter *writer = &reply->writer;
    exchange_put_decimal(writer, "price", of_price(wish->price));
    if (wish->quantity.units || wish->quote_quantity.units)
        exchange_put_decimal(writer, "origQty", of_quantity(wish->quantity));
    exchange_put_decimal(writer, "executedQty", of_quantity(order->executed));
    exchange_put_decimal(writer, "origQuoteOrderQty", wish->quote_quantity);
    exchange_put_decimal(writer, "cummulativeQuoteQty", order->quote_executed);
    exchange_put_text(writer, "status", exchange_status_name(order->status));
    exchange_put_text(writer, "timeInForce", exchange_force_name(wish->force));
    exchange_put_text(writer, "type", exchange_type_name(wish->type));
    exchange_put_text(writer, "side", wish->side == SIDE_BUY ? "BUY" : "SELL");
}

static void put_working_time(const ExchangeOrder *order, ExchangeReply *reply) {
    exchange_put_int(&reply->writer, "workingTime",
                     order->working_us ? exchange_stamp(reply->call, order->working_us) : -1);
}

void exchange_write_order(const ExchangeOrder *order, ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    put_names(order, reply);
    exchange_put_text(writer, "clientOrderId", order->wish.client_id);
    put_amounts(order, reply);
    exchange_put_decimal(writer, "stopPrice", of_price(order->wish.stop));
    exchange_put_decimal(writer, "icebergQty", of_quantity(order->wish.iceberg));
    exchange_put_time(reply, "time", order->time_us);
    exchange_put_time(reply, "updateTime", order->update_us);
    exchange_put_bool(writer, "isWorking", order->working_us != 0);
    put_working_time(order, reply);
    put_conditional(order, reply);
}

static void put_fills(const Exchange *exchange, const ExchangeOrder *order, JsonWriter *writer) {
    json_key(writer, "fills");
    json_array_begin(writer);
    int64_t first = exchange->fill_count - LIMIT_EXCHANGE_FILLS + 1;
    if (first < order->first_fill) first = order->first_fill;
    for (int64_t id = first; order->first_fill && id <= exchange->fill_count; id++) {
        const ExchangeFill *fill = exchange_fill(exchange, id);
        if (!fill || fill->order_id != order->id) continue;
        json_object_begin(writer);
        exchange_put_decimal(writer, "price", of_price(fill->price));
        exchange_put_decimal(writer, "qty", of_quantity(fill->quantity));
        exchange_put_decimal(writer, "commission", fill->fee);
        exchange_put_text(writer, "commissionAsset",
                          exchange->accounts[0].balances[fill->fee_asset].asset.text);
        exchange_put_int(writer, "tradeId", fill->id);
        json_object_end(writer);
    }
    json_array_end(writer);
}

static const ExchangePrevented *prevented_of(const Exchange *exchange, const ExchangeOrder *order,
                                             int64_t id) {
    const ExchangePrevented *match = exchange_prevented(exchange, id);
    return match && match->taker_id == order->id ? match : NULL;
}

/* What a taker met of itself; no array where it met nothing. */
static void put_prevented(const Exchange *exchange, const ExchangeOrder *order,
                          JsonWriter *writer) {
    int64_t newest = exchange->prevented_count, id = newest;
    while (id > 0 && newest - id < LIMIT_EXCHANGE_PREVENTED && !prevented_of(exchange, order, id))
        id--;
    if (!prevented_of(exchange, order, id)) return;
    while (prevented_of(exchange, order, id - 1))
        id--;
    json_key(writer, "preventedMatches");
    json_array_begin(writer);
    for (const ExchangePrevented *match; (match = prevented_of(exchange, order, id)); id++) {
        json_object_begin(writer);
        exchange_put_int(writer, "preventedMatchId", match->id);
        exchange_put_int(writer, "makerOrderId", match->maker_id);
        exchange_put_decimal(writer, "price", of_price(match->price));
        if (match->taker.units)
            exchange_put_decimal(writer, "takerPreventedQuantity", of_quantity(match->taker));
        if (match->maker.units)
            exchange_put_decimal(writer, "makerPreventedQuantity", of_quantity(match->maker));
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void put_stop_and_iceberg(const ExchangeOrder *order, JsonWriter *writer) {
    if (exchange_is_stop(order->wish.type))
        exchange_put_decimal(writer, "stopPrice", of_price(order->wish.stop));
    if (order->wish.iceberg.units)
        exchange_put_decimal(writer, "icebergQty", of_quantity(order->wish.iceberg));
}

void exchange_write_report(const Exchange *exchange, const ExchangeOrder *order,
                           ExchangeReply *reply, const char *detail) {
    JsonWriter *writer = &reply->writer;
    json_object_begin(writer);
    put_symbol(exchange, order->wish.pair, writer);
    put_names(order, reply);
    exchange_put_text(writer, "clientOrderId", order->wish.client_id);
    exchange_put_time(reply, "transactTime", order->update_us);
    if (!slice_is(slice_of(detail), "ACK")) {
        put_amounts(order, reply);
        put_stop_and_iceberg(order, writer);
        put_working_time(order, reply);
        put_conditional(order, reply);
    }
    if (slice_is(slice_of(detail), "FULL")) {
        put_fills(exchange, order, writer);
        put_prevented(exchange, order, writer);
    }
    json_object_end(writer);
}

void exchange_write_canceled(const ExchangeOrder *order, ExchangeReply *reply) {
    put_names(order, reply);
    exchange_put_text(&reply->writer, "origClientOrderId", order->wish.client_id);
    exchange_put_text(&reply->writer, "clientOrderId", order->cancel_id);
    exchange_put_time(reply, "transactTime", order->update_us);
    put_amounts(order, reply);
    put_stop_and_iceberg(order, &reply->writer);
    put_conditional(order, reply);
}

/* ---- lists --------------------------------------------------------------------------------- */

static void put_leg(const Exchange *exchange, const ExchangeOrder *order, JsonWriter *writer) {
    json_object_begin(writer);
    put_symbol(exchange, order->wish.pair, writer);
    exchange_put_int(writer, "orderId", order->id);
    exchange_put_text(writer, "clientOrderId", order->wish.client_id);
    json_object_end(writer);
}

static void put_legs(const Exchange *exchange, const ExchangeList *list, JsonWriter *writer) {
    json_key(writer, "orders");
    json_array_begin(writer);
    for (unsigned i = 0; i < list->leg_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, list->order_ids[i]);
        if (order) put_leg(exchange, order, writer);
    }
    json_array_end(writer);
}

static void put_leg_report(const Exchange *exchange, const ExchangeOrder *order,
                           ExchangeReply *reply, const char *detail) {
    if (order->status != EXCHANGE_CANCELED) {
        exchange_write_report(exchange, order, reply, detail);
        return;
    }
    json_object_begin(&reply->writer);
    put_symbol(exchange, order->wish.pair, &reply->writer);
    exchange_write_canceled(order, reply);
    json_object_end(&reply->writer);
}

static void begin_list(const Exchange *exchange, const ExchangeList *list, bool done,
                       ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    json_object_begin(writer);
    exchange_put_int(writer, "orderListId", list->id);
    exchange_put_text(writer, "contingencyType", exchange_list_name(list->kind));
    exchange_put_text(writer, "listStatusType", done ? "ALL_DONE" : "EXEC_STARTED");
    exchange_put_text(writer, "listOrderStatus", done ? "ALL_DONE" : "EXECUTING");
    exchange_put_text(writer, "listClientOrderId", list->client_id);
    exchange_put_time(reply, "transactionTime", list->time_us);
    put_symbol(exchange, list->pair, writer);
    put_legs(exchange, list, writer);
}

void exchange_write_list(const Exchange *exchange, const ExchangeList *list, ExchangeReply *reply,
                         const char *detail) {
    JsonWriter *writer = &reply->writer;
    begin_list(exchange, list, list->done, reply);
    if (detail) {
        json_key(writer, "orderReports");
        json_array_begin(writer);
        for (unsigned i = 0; i < list->leg_count; i++) {
            const ExchangeOrder *order = exchange_order(exchange, list->order_ids[i]);
            if (order) put_leg_report(exchange, order, reply, detail);
        }
        json_array_end(writer);
    }
    json_object_end(writer);
}

/* The venue answers before the pending legs enter, even where the working order filled at once. */
static ExchangeOrder as_pending(const ExchangeList *list, const ExchangeOrder *order) {
    ExchangeOrder pending = *order;
    pending.status = EXCHANGE_PENDING_NEW;
    pending.reason = EXCHANGE_NO_REASON;
    pending.executed = pending.prevented = quantity_of(0);
    pending.quote_executed = money_of(0);
    pending.working_us = pending.trailing_us = pending.first_fill = 0;
    pending.update_us = list->time_us;
    if (list->kind == EXCHANGE_OPO || list->kind == EXCHANGE_OPOCO)
        pending.wish.quantity = quantity_of(0);
    return pending;
}

void exchange_write_placed_list(const Exchange *exchange, const ExchangeList *list,
                                ExchangeReply *reply, const char *detail) {
    JsonWriter *writer = &reply->writer;
    bool works = list->kind != EXCHANGE_OCO;
    begin_list(exchange, list, list->done && !works, reply);
    json_key(writer, "orderReports");
    json_array_begin(writer);
    for (unsigned i = 0; i < list->leg_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, list->order_ids[i]);
        if (!order) continue;
        ExchangeOrder told = works && i > 0 ? as_pending(list, order) : *order;
        put_leg_report(exchange, &told, reply, detail);
    }
    json_array_end(writer);
    json_object_end(writer);
}

/* ---- amendments and prevented matches ------------------------------------------------------ */

void exchange_write_amended(const Exchange *exchange, const ExchangeAmendment *amendment,
                            ExchangeReply *reply) {
    const ExchangeOrder *order = exchange_order(exchange, amendment->order_id);
    const ExchangeList *list = order ? exchange_list(exchange, order->list_id) : NULL;
    JsonWriter *writer = &reply->writer;
    if (!order) return;
    json_object_begin(writer);
    exchange_put_time(reply, "transactTime", amendment->time_us);
    exchange_put_int(writer, "executionId", amendment->execution_id);
    json_key(writer, "amendedOrder");
    json_object_begin(writer);
    put_symbol(exchange, order->wish.pair, writer);
    put_names(order, reply);
    exchange_put_text(writer, "origClientOrderId", amendment->former_id);
    exchange_put_text(writer, "clientOrderId", amendment->client_id);
    exchange_put_decimal(writer, "price", of_price(order->wish.price));
    exchange_put_decimal(writer, "qty", of_quantity(order->wish.quantity));
    exchange_put_decimal(writer, "executedQty", of_quantity(order->executed));
    exchange_put_decimal(writer, "preventedQty", of_quantity(order->prevented));
    exchange_put_decimal(writer, "quoteOrderQty", order->wish.quote_quantity);
    exchange_put_decimal(writer, "cumulativeQuoteQty", order->quote_executed);
    exchange_put_text(writer, "status", exchange_status_name(order->status));
    exchange_put_text(writer, "timeInForce", exchange_force_name(order->wish.force));
    exchange_put_text(writer, "type", exchange_type_name(order->wish.type));
    exchange_put_text(writer, "side", order->wish.side == SIDE_BUY ? "BUY" : "SELL");
    put_stop_and_iceberg(order, writer);
    if (order->working_us) put_working_time(order, reply);
    exchange_put_text(writer, "selfTradePreventionMode",
                      exchange_prevention_name(order->wish.prevention));
    json_object_end(writer);
    if (list) {
        json_key(writer, "listStatus");
        json_object_begin(writer);
        exchange_put_int(writer, "orderListId", list->id);
        exchange_put_text(writer, "contingencyType", exchange_list_name(list->kind));
        exchange_put_text(writer, "listOrderStatus", list->done ? "ALL_DONE" : "EXECUTING");
        exchange_put_text(writer, "listClientOrderId", list->client_id);
        put_symbol(exchange, list->pair, writer);
        put_legs(exchange, list, writer);
        json_object_end(writer);
    }
    json_object_end(writer);
}

void exchange_write_prevented(const Exchange *exchange, const ExchangePrevented *match,
                              ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    json_object_begin(writer);
    put_symbol(exchange, match->pair, writer);
    exchange_put_int(writer, "preventedMatchId", match->id);
    exchange_put_int(writer, "takerOrderId", match->taker_id);
    exchange_put_text(writer, "makerSymbol", exchange->pairs[match->pair].symbol.name.text);
    exchange_put_int(writer, "makerOrderId", match->maker_id);
    exchange_put_int(writer, "tradeGroupId", -1); /* an account trades for itself */
    exchange_put_text(writer, "selfTradePreventionMode", exchange_prevention_name(match->mode));
    exchange_put_decimal(writer, "price", of_price(match->price));
    if (match->taker.units)
        exchange_put_decimal(writer, "takerPreventedQuantity", of_quantity(match->taker));
    if (match->maker.units)
        exchange_put_decimal(writer, "makerPreventedQuantity", of_quantity(match->maker));
    exchange_put_time(reply, "transactTime", match->time_us);
    json_object_end(writer);
}
