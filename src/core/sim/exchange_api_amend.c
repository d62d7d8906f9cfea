/* SPDX-License-Identifier: Apache-2.0 */
/* Amendments, prevented matches, and the filters that hold for an account. */
#include "core/sim/exchange_api.h"

bool exchange_put_amendment(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    const ExchangeCall *call = reply->call;
    char client_id[LIMIT_EXCHANGE_CLIENT_ID];
    const ExchangeAmendment *amendment;
    Quantity quantity = {0};
    unsigned pair;
    if (!exchange_take_pair(exchange, call, &pair, fault) || !exchange_names_order(call, fault) ||
        !exchange_query_needs(call->query, "newQty", fault) ||
        !exchange_query_decimal(call->query, "newQty", &quantity.units, fault) ||
        !exchange_take_client_id(call, "newClientOrderId", client_id, fault))
        return false;
    const ExchangeOrder *order =
        exchange_take_order(exchange, call, pair, "orderId", "origClientOrderId");
    const ExchangeChange change = {order ? order->id : 0, quantity, client_id};
    if (!exchange_amend(exchange, &change, call->now_us, &amendment, fault)) return false;
    exchange_write_amended(exchange, amendment, reply);
    return true;
}

static void write_amendment(const Exchange *exchange, const ExchangeAmendment *amendment,
                            unsigned pair, ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    json_object_begin(writer);
    exchange_put_text(writer, "symbol", exchange->pairs[pair].symbol.name.text);
    exchange_put_int(writer, "orderId", amendment->order_id);
    exchange_put_int(writer, "executionId", amendment->execution_id);
    exchange_put_text(writer, "origClientOrderId", amendment->former_id);
    exchange_put_text(writer, "newClientOrderId", amendment->client_id);
    exchange_put_decimal(writer, "origQty", money_of(amendment->before.units));
    exchange_put_decimal(writer, "newQty", money_of(amendment->after.units));
    exchange_put_time(reply, "time", amendment->time_us);
    json_object_end(writer);
}

static int64_t oldest_of(int64_t count, int64_t limit) {
    return count > limit ? count - limit + 1 : 1;
}

bool exchange_get_amendments(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    const ExchangeCall *call = reply->call;
    int64_t limit, from = 0;
    unsigned pair;
    if (!exchange_take_pair(exchange, call, &pair, fault) ||
        !exchange_query_needs(call->query, "orderId", fault) ||
        !exchange_take_limit(call, 500, 1000, &limit, fault) ||
        !exchange_query_int(call->query, "fromExecutionId", &from, fault))
        return false;
    const ExchangeOrder *order =
        exchange_take_order(exchange, call, pair, "orderId", "origClientOrderId");
    int64_t id = oldest_of(exchange->amended_count, LIMIT_EXCHANGE_AMENDED);
    json_array_begin(&reply->writer);
    for (; order && id <= exchange->amended_count && limit > 0; id++) {
        const ExchangeAmendment *amendment = exchange_amendment(exchange, id);
        if (!amendment || amendment->order_id != order->id || amendment->execution_id < from)
            continue;
        write_amendment(exchange, amendment, pair, reply);
        limit--;
    }
    json_array_end(&reply->writer);
    return true;
}

bool exchange_get_prevented(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    const ExchangeCall *call = reply->call;
    int64_t limit, only = 0, order_id = 0, from = 0;
    unsigned pair;
    if (!exchange_take_pair(exchange, call, &pair, fault) ||
        !exchange_take_limit(call, 500, 1000, &limit, fault) ||
        !exchange_query_int(call->query, "preventedMatchId", &only, fault) ||
        !exchange_query_int(call->query, "orderId", &order_id, fault) ||
        !exchange_query_int(call->query, "fromPreventedMatchId", &from, fault))
        return false;
    if (!only && !order_id)
        return exchange_refuse(fault, -1128, "Combination of optional parameters invalid.");
    int64_t id = oldest_of(exchange->prevented_count, LIMIT_EXCHANGE_PREVENTED);
    json_array_begin(&reply->writer);
    for (; id <= exchange->prevented_count && limit > 0; id++) {
        const ExchangePrevented *match = exchange_prevented(exchange, id);
        if (!match || match->account != call->account || match->pair != pair || id < from ||
            (only && id != only) ||
            (order_id && match->taker_id != order_id && match->maker_id != order_id))
            continue;
        exchange_write_prevented(exchange, match, reply);
        limit--;
    }
    json_array_end(&reply->writer);
    return true;
}

bool exchange_get_filters(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    JsonWriter *writer = &reply->writer;
    unsigned pair;
    if (!exchange_take_pair(exchange, reply->call, &pair, fault)) return false;
    json_object_begin(writer);
    json_key(writer, "exchangeFilters");
    json_array_begin(writer);
    exchange_write_account_filters(writer);
    json_array_end(writer);
    json_key(writer, "symbolFilters");
    json_array_begin(writer);
    exchange_write_filters(&exchange->pairs[pair], writer);
    json_array_end(writer);
    json_key(writer, "assetFilters");
    json_raw(writer, SLICE("[]"));
    json_object_end(writer);
    return true;
}
