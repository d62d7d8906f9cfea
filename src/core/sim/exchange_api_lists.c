/* SPDX-License-Identifier: Apache-2.0 */
/* Order lists: one cancels the other. */
#include "core/sim/exchange_api.h"

#include <string.h>

typedef struct LegNames {
    const char *type, *price, *stop, *force, *client_id, *trailing;
} LegNames;

static const LegNames leg_names[2] = {
    {"aboveType", "abovePrice", "aboveStopPrice", "aboveTimeInForce", "aboveClientOrderId",
     "aboveTrailingDelta"},
    {"belowType", "belowPrice", "belowStopPrice", "belowTimeInForce", "belowClientOrderId",
     "belowTrailingDelta"}};

static bool take_leg(const ExchangeCall *call, const LegNames *names, ExchangeWish *leg,
                     ExchangeFault *fault) {
    const ExchangeQuery *query = call->query;
    if (!exchange_query_needs(query, names->type, fault) ||
        !exchange_take_type(exchange_query_value(query, names->type), &leg->type, fault))
        return false;
    if (exchange_query_value(query, names->trailing))
        return exchange_refuse(fault, -2010,
                               "Trailing stop orders are not supported for this symbol.");
    bool limited = leg->type == EXCHANGE_STOP_LOSS_LIMIT || leg->type == EXCHANGE_TAKE_PROFIT_LIMIT;
    const char *force = exchange_query_value(query, names->force);
    if ((limited || leg->type == EXCHANGE_LIMIT_MAKER) &&
        !exchange_query_needs(query, names->price, fault))
        return false;
    if (exchange_is_stop(leg->type) && !exchange_query_needs(query, names->stop, fault))
        return false;
    if (limited && !exchange_query_needs(query, names->force, fault)) return false;
    return exchange_query_decimal(query, names->price, &leg->price.units, fault) &&
           exchange_query_decimal(query, names->stop, &leg->stop.units, fault) &&
           (!limited || exchange_take_force(force, &leg->force, fault)) &&
           exchange_take_client_id(call, names->client_id, leg->client_id, fault);
}

bool exchange_post_oco(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    const ExchangeCall *call = reply->call;
    ExchangeWish legs[2] = {{.force = EXCHANGE_GTC}, {.force = EXCHANGE_GTC}};
    char client_id[LIMIT_EXCHANGE_CLIENT_ID];
    const ExchangeList *list;
    if (!exchange_take_pair(exchange, call, &legs[0].pair, fault) ||
        !exchange_query_needs(call->query, "side", fault) ||
        !exchange_query_needs(call->query, "quantity", fault) ||
        !exchange_query_decimal(call->query, "quantity", &legs[0].quantity.units, fault) ||
        !exchange_take_client_id(call, "listClientOrderId", client_id, fault))
        return false;
    const char *side = exchange_query_value(call->query, "side");
    if (strcmp(side, "BUY") != 0 && strcmp(side, "SELL") != 0)
        return exchange_refuse(fault, -1117, "Invalid side.");
    legs[0].side = side[0] == 'B' ? SIDE_BUY : SIDE_SELL;
    legs[1] = legs[0];
    if (!take_leg(call, &leg_names[0], &legs[0], fault) ||
        !take_leg(call, &leg_names[1], &legs[1], fault) ||
        !exchange_place_oco(exchange, legs, client_id, call->now_us, &list, fault))
        return false;
    exchange->orders_today += 2;
    const char *detail = exchange_query_value(call->query, "newOrderRespType");
    exchange_write_list(exchange, list, reply, detail ? detail : "RESULT");
    return true;
}

static const ExchangeList *find_list(const Exchange *exchange, const ExchangeCall *call,
                                     const char *client_name) {
    ExchangeFault ignored;
    int64_t id = -1;
    if (!exchange_query_int(call->query, "orderListId", &id, &ignored)) return NULL;
    if (id >= 0) return exchange_list(exchange, id);
    const char *client_id = exchange_query_value(call->query, client_name);
    for (id = exchange->list_count - 1; client_id && id >= 0; id--) {
        const ExchangeList *list = exchange_list(exchange, id);
        if (!list) return NULL;
        if (strcmp(list->client_id, client_id) == 0) return list;
    }
    return NULL;
}

bool exchange_get_list(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    const ExchangeList *list = find_list(exchange, reply->call, "origClientOrderId");
    if (!list) return exchange_refuse(fault, -2018, "Order list does not exist.");
    exchange_write_list(exchange, list, reply, NULL);
    return true;
}

bool exchange_delete_list(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair;
    char cancel_id[LIMIT_EXCHANGE_CLIENT_ID];
    if (!exchange_take_pair(exchange, reply->call, &pair, fault) ||
        !exchange_take_client_id(reply->call, "newClientOrderId", cancel_id, fault))
        return false;
    const ExchangeList *list = find_list(exchange, reply->call, "listClientOrderId");
    if (!list || list->done || list->pair != pair)
        return exchange_refuse(fault, -2011, "Unknown order list sent.");
    const ExchangeOrder *leg = exchange_order(exchange, list->order_ids[0]);
    int64_t id = leg && exchange_is_open(leg) ? list->order_ids[0] : list->order_ids[1];
    if (!exchange_cancel(exchange, id, cancel_id, reply->call->now_us, fault)) return false;
    exchange_write_list(exchange, list, reply, "RESULT");
    return true;
}

static bool write_lists(const Exchange *exchange, ExchangeReply *reply, bool open_only) {
    int64_t first = exchange->list_count - LIMIT_EXCHANGE_LISTS;
    json_array_begin(&reply->writer);
    for (int64_t id = first > 0 ? first : 0; id < exchange->list_count; id++) {
        const ExchangeList *list = exchange_list(exchange, id);
        if (list && !(open_only && list->done)) exchange_write_list(exchange, list, reply, NULL);
    }
    json_array_end(&reply->writer);
    return true;
}

bool exchange_get_lists(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)fault;
    return write_lists(exchange, reply, false);
}

bool exchange_get_open_lists(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)fault;
    return write_lists(exchange, reply, true);
}
