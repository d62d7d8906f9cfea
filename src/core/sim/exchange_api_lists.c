/* SPDX-License-Identifier: Apache-2.0 */
/* Order lists: placed by one of five calls, asked for, cancelled. */
#include "core/sim/exchange_api.h"

#include <string.h>

/* ---- placing ------------------------------------------------------------------------------- */

static bool take_quantity(const ExchangeQuery *query, const char *name, Quantity *quantity,
                          ExchangeFault *fault) {
    return exchange_query_needs(query, name, fault) &&
           exchange_query_decimal(query, name, &quantity->units, fault);
}

static bool take_side(const ExchangeQuery *query, const char *name, Side *side,
                      ExchangeFault *fault) {
    return exchange_query_needs(query, name, fault) &&
           exchange_take_side(exchange_query_value(query, name), side, fault);
}

/* What all legs share. */
static bool begin_list(const Exchange *exchange, const ExchangeCall *call, ExchangeListWish *wish,
                       ExchangeFault *fault) {
    ExchangeWish shared = {.account = call->account};
    if (!exchange_take_pair(exchange, call, &shared.pair, fault) ||
        !exchange_take_prevention(exchange, call, shared.pair, &shared.prevention, fault) ||
        !exchange_take_client_id(call, "listClientOrderId", wish->client_id, fault))
        return false;
    for (unsigned i = 0; i < LIMIT_EXCHANGE_LEGS; i++)
        wish->legs[i] = shared;
    return true;
}

static bool take_oco(const ExchangeCall *call, ExchangeListWish *wish, ExchangeFault *fault) {
    const ExchangeQuery *query = call->query;
    if (!take_side(query, "side", &wish->legs[0].side, fault) ||
        !take_quantity(query, "quantity", &wish->legs[0].quantity, fault))
        return false;
    wish->legs[1].side = wish->legs[0].side;
    wish->legs[1].quantity = wish->legs[0].quantity;
    return exchange_take_leg(call, "above", &wish->legs[0], fault) &&
           exchange_take_leg(call, "below", &wish->legs[1], fault);
}

/* The call that it replaced: a limit order, and a stop with or without a limit. */
static bool take_stop_limit(const ExchangeQuery *query, ExchangeWish *stop, ExchangeFault *fault) {
    const char *force = exchange_query_value(query, "stopLimitTimeInForce");
    bool limited = exchange_query_value(query, "stopLimitPrice") != NULL;
    stop->type = limited ? EXCHANGE_STOP_LOSS_LIMIT : EXCHANGE_STOP_LOSS;
    if (!limited) return true;
    return exchange_query_needs(query, "stopLimitTimeInForce", fault) &&
           exchange_take_force(force, &stop->force, fault) &&
           exchange_query_decimal(query, "stopLimitPrice", &stop->price.units, fault);
}

static bool take_old_oco(const ExchangeCall *call, ExchangeListWish *wish, ExchangeFault *fault) {
    const ExchangeQuery *query = call->query;
    ExchangeWish limit = wish->legs[0], stop;
    int64_t trailing = 0;
    if (!take_side(query, "side", &limit.side, fault) ||
        !take_quantity(query, "quantity", &limit.quantity, fault) ||
        !exchange_query_needs(query, "price", fault) ||
        !exchange_query_needs(query, "stopPrice", fault))
        return false;
    stop = limit;
    limit.type = EXCHANGE_LIMIT_MAKER;
    if (!exchange_query_decimal(query, "price", &limit.price.units, fault) ||
        !exchange_query_decimal(query, "limitIcebergQty", &limit.iceberg.units, fault) ||
        !exchange_query_decimal(query, "stopPrice", &stop.stop.units, fault) ||
        !exchange_query_decimal(query, "stopIcebergQty", &stop.iceberg.units, fault) ||
        !exchange_query_int(query, "trailingDelta", &trailing, fault) ||
        !take_stop_limit(query, &stop, fault) ||
        !exchange_take_client_id(call, "limitClientOrderId", limit.client_id, fault) ||
        !exchange_take_client_id(call, "stopClientOrderId", stop.client_id, fault))
        return false;
    if (trailing < 0 || trailing > UINT16_MAX)
        return exchange_refuse(fault, -1013, "Filter failure: TRAILING_DELTA");
    stop.trailing = (unsigned)trailing;
    bool buys = limit.side == SIDE_BUY;
    wish->legs[0] = buys ? stop : limit;
    wish->legs[1] = buys ? limit : stop;
    return true;
}

static bool take_working(const ExchangeCall *call, ExchangeWish *leg, ExchangeFault *fault) {
    return take_side(call->query, "workingSide", &leg->side, fault) &&
           take_quantity(call->query, "workingQuantity", &leg->quantity, fault) &&
           exchange_take_leg(call, "working", leg, fault);
}

/* The legs that wait: how much of it they sell the venue works out itself in an OPO list. */
static bool take_pending(const ExchangeCall *call, ExchangeListWish *wish, ExchangeFault *fault) {
    const ExchangeQuery *query = call->query;
    bool paid = wish->kind == EXCHANGE_OPO || wish->kind == EXCHANGE_OPOCO;
    bool pair = wish->kind == EXCHANGE_OTOCO || wish->kind == EXCHANGE_OPOCO;
    ExchangeWish *legs = &wish->legs[1];
    if (!take_side(query, "pendingSide", &legs[0].side, fault)) return false;
    if (paid && exchange_query_value(query, "pendingQuantity"))
        return exchange_refuse(fault, -1106, "Parameter 'pendingQuantity' sent when not required.");
    if (!paid && !take_quantity(query, "pendingQuantity", &legs[0].quantity, fault)) return false;
    legs[1].side = legs[0].side;
    legs[1].quantity = legs[0].quantity;
    if (!pair) return exchange_take_leg(call, "pending", &legs[0], fault);
    return exchange_take_leg(call, "pendingAbove", &legs[0], fault) &&
           exchange_take_leg(call, "pendingBelow", &legs[1], fault);
}

static bool take_list(const ExchangeCall *call, ExchangeListWish *wish, bool old,
                      ExchangeFault *fault) {
    if (old) return take_old_oco(call, wish, fault);
    if (wish->kind == EXCHANGE_OCO) return take_oco(call, wish, fault);
    return take_working(call, &wish->legs[0], fault) && take_pending(call, wish, fault);
}

static bool post_list(Exchange *exchange, ExchangeReply *reply, ExchangeListKind kind, bool old,
                      ExchangeFault *fault) {
    const ExchangeCall *call = reply->call;
    ExchangeListWish wish = {.kind = kind};
    const ExchangeList *list;
    if (!begin_list(exchange, call, &wish, fault) || !take_list(call, &wish, old, fault) ||
        !exchange_place_list(exchange, &wish, call->now_us, &list, fault))
        return false;
    const char *detail = exchange_query_value(call->query, "newOrderRespType");
    exchange_write_placed_list(exchange, list, reply, detail ? detail : "RESULT");
    return true;
}

bool exchange_post_oco(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return post_list(exchange, reply, EXCHANGE_OCO, false, fault);
}

bool exchange_post_old_oco(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return post_list(exchange, reply, EXCHANGE_OCO, true, fault);
}

bool exchange_post_oto(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return post_list(exchange, reply, EXCHANGE_OTO, false, fault);
}

bool exchange_post_otoco(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return post_list(exchange, reply, EXCHANGE_OTOCO, false, fault);
}

bool exchange_post_opo(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return post_list(exchange, reply, EXCHANGE_OPO, false, fault);
}

bool exchange_post_opoco(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    return post_list(exchange, reply, EXCHANGE_OPOCO, false, fault);
}

/* ---- finding ------------------------------------------------------------------------------- */

static const ExchangeList *own(const ExchangeList *list, const ExchangeCall *call) {
    return list && list->account == call->account ? list : NULL;
}

static const ExchangeList *find_list(const Exchange *exchange, const ExchangeCall *call,
                                     const char *client_name) {
    ExchangeFault ignored;
    int64_t id = -1, newest = exchange->list_count - 1;
    if (!exchange_query_int(call->query, "orderListId", &id, &ignored)) return NULL;
    if (id >= 0) return own(exchange_list(exchange, id), call);
    const char *client_id = exchange_query_value(call->query, client_name);
    for (id = newest; client_id && id >= 0 && newest - id < LIMIT_EXCHANGE_LISTS; id--) {
        const ExchangeList *list = own(exchange_list(exchange, id), call);
        if (list && strcmp(list->client_id, client_id) == 0) return list;
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
    for (unsigned i = 0; list && !list->done && list->pair == pair && i < list->leg_count; i++) {
        const ExchangeOrder *leg = exchange_order(exchange, list->order_ids[i]);
        if (!leg || !exchange_is_open(leg)) continue;
        if (!exchange_cancel(exchange, leg->id, cancel_id, reply->call->now_us, fault))
            return false;
        exchange_write_list(exchange, list, reply, "RESULT");
        return true;
    }
    return exchange_refuse(fault, -2011, "Unknown order list sent.");
}

/* Those that are open stand in the ring with the others: a list outlives its turn only while it is
 * open, and then its place still holds it. */
static bool write_lists(const Exchange *exchange, ExchangeReply *reply, bool open_only) {
    int64_t first = exchange->list_count - LIMIT_EXCHANGE_LISTS;
    json_array_begin(&reply->writer);
    for (int64_t id = first > 0 ? first : 0; id < exchange->list_count; id++) {
        const ExchangeList *list = &exchange->lists[id % LIMIT_EXCHANGE_LISTS];
        if (list->id > id || list->account != reply->call->account || (open_only && list->done))
            continue;
        exchange_write_list(exchange, list, reply, NULL);
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
