/* SPDX-License-Identifier: Apache-2.0 */
/* Orders: placed, tried, asked for, cancelled, replaced. */
#include "core/sim/exchange_api.h"

#include <string.h>

/* ---- placing ------------------------------------------------------------------------------- */

static const char *detail_of(const ExchangeCall *call, ExchangeType type) {
    const char *asked = exchange_query_value(call->query, "newOrderRespType");
    if (asked) return asked;
    return type == EXCHANGE_MARKET || type == EXCHANGE_LIMIT ? "FULL" : "ACK";
}

bool exchange_post_order(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    ExchangeWish wish;
    const ExchangeOrder *order;
    if (!exchange_take_wish(exchange, reply->call, &wish, fault) ||
        !exchange_place(exchange, &wish, reply->call->now_us, &order, fault))
        return false;
    exchange_write_report(exchange, order, reply, detail_of(reply->call, wish.type));
    return true;
}

bool exchange_post_test(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    ExchangeWish wish;
    if (!exchange_take_wish(exchange, reply->call, &wish, fault) ||
        !exchange_try(exchange, &wish, fault))
        return false;
    if (slice_is(slice_of(exchange_query_value(reply->call->query, "computeCommissionRates")),
                 "true"))
        exchange_write_order_rates(exchange, &reply->writer);
    else
        json_raw(&reply->writer, SLICE("{}"));
    return true;
}

/* ---- finding ------------------------------------------------------------------------------- */

const ExchangeOrder *exchange_take_order(const Exchange *exchange, const ExchangeCall *call,
                                         unsigned pair, const char *id_name,
                                         const char *client_name) {
    ExchangeFault ignored;
    int64_t id = 0;
    if (!exchange_query_int(call->query, id_name, &id, &ignored)) return NULL;
    const char *client_id = exchange_query_value(call->query, client_name);
    const ExchangeOrder *order =
        id          ? exchange_order(exchange, id)
        : client_id ? exchange_order_of(exchange, call->account, pair, slice_of(client_id))
                    : NULL;
    bool fits = order && order->wish.pair == pair && order->wish.account == call->account;
    return fits ? order : NULL;
}

/* Where both are sent, the order's id is looked for and the client's has to be that order's. */
static bool names_agree(const ExchangeCall *call, const ExchangeOrder *order,
                        const char *client_name) {
    const char *client_id = exchange_query_value(call->query, client_name);
    return !client_id || slice_is(slice_of(client_id), order->wish.client_id);
}

bool exchange_names_order(const ExchangeCall *call, ExchangeFault *fault) {
    if (exchange_query_value(call->query, "orderId") ||
        exchange_query_value(call->query, "origClientOrderId"))
        return true;
    return exchange_refuse(fault, -1102,
                           "Param 'origClientOrderId' or 'orderId' must be sent, but both were "
                           "empty/null!");
}

static void write_order(const Exchange *exchange, const ExchangeOrder *order,
                        ExchangeReply *reply) {
    json_object_begin(&reply->writer);
    exchange_put_text(&reply->writer, "symbol", exchange->pairs[order->wish.pair].symbol.name.text);
    exchange_write_order(order, reply);
    json_object_end(&reply->writer);
}

static void write_canceled(const Exchange *exchange, const ExchangeOrder *order,
                           ExchangeReply *reply) {
    json_object_begin(&reply->writer);
    exchange_put_text(&reply->writer, "symbol", exchange->pairs[order->wish.pair].symbol.name.text);
    exchange_write_canceled(order, reply);
    json_object_end(&reply->writer);
}

bool exchange_get_order(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair;
    if (!exchange_take_pair(exchange, reply->call, &pair, fault) ||
        !exchange_names_order(reply->call, fault))
        return false;
    const ExchangeOrder *order =
        exchange_take_order(exchange, reply->call, pair, "orderId", "origClientOrderId");
    if (!order) return exchange_refuse(fault, -2013, "Order does not exist.");
    if (!names_agree(reply->call, order, "origClientOrderId"))
        return exchange_refuse(fault, -2039, "Client order ID is not correct for this order ID.");
    write_order(exchange, order, reply);
    return true;
}

bool exchange_get_open(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair = 0;
    bool one = exchange_query_value(reply->call->query, "symbol") != NULL;
    if (one && !exchange_take_pair(exchange, reply->call, &pair, fault)) return false;
    json_array_begin(&reply->writer);
    const ExchangeAccount *account = &exchange->accounts[reply->call->account];
    for (unsigned i = 0; i < account->open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, account->open[i]);
        if (order && (!one || order->wish.pair == pair)) write_order(exchange, order, reply);
    }
    json_array_end(&reply->writer);
    return true;
}

typedef struct OrderSpan {
    unsigned account, pair;
    int64_t first, start_us, end_us;
} OrderSpan;

static const ExchangeOrder *wanted_at(const Exchange *exchange, int64_t id, const OrderSpan *span) {
    const ExchangeOrder *order = exchange_order(exchange, id);
    bool wanted = order && order->wish.account == span->account && order->wish.pair == span->pair &&
                  order->id >= span->first && order->time_us >= span->start_us &&
                  order->time_us <= span->end_us;
    return wanted ? order : NULL;
}

bool exchange_get_orders(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair;
    int64_t limit, first = 0, start_us = 0, end_us = INSTANT_LAST_US;
    if (!exchange_take_pair(exchange, reply->call, &pair, fault) ||
        !exchange_take_limit(reply->call, 500, 1000, &limit, fault) ||
        !exchange_query_int(reply->call->query, "orderId", &first, fault) ||
        !exchange_take_span(reply->call, &start_us, &end_us, fault))
        return false;
    const OrderSpan span = {reply->call->account, pair, first, start_us, end_us};
    int64_t newest = exchange->order_count, id = newest, found = 0;
    /* Without a first id or a start the newest are meant. */
    for (; id > 0 && newest - id < LIMIT_EXCHANGE_ORDERS; id--)
        if (wanted_at(exchange, id, &span) && !first && !start_us && ++found > limit) break;
    json_array_begin(&reply->writer);
    for (id++; id <= newest && limit > 0; id++) {
        const ExchangeOrder *order = wanted_at(exchange, id, &span);
        if (!order) continue;
        write_order(exchange, order, reply);
        limit--;
    }
    json_array_end(&reply->writer);
    return true;
}

/* ---- cancelling ---------------------------------------------------------------------------- */

static bool check_restrictions(const ExchangeCall *call, const ExchangeOrder *order,
                               ExchangeFault *fault) {
    const char *only = exchange_query_value(call->query, "cancelRestrictions");
    if (!only) return true;
    bool wants_new = strcmp(only, "ONLY_NEW") == 0;
    if (!wants_new && strcmp(only, "ONLY_PARTIALLY_FILLED") != 0)
        return exchange_refuse(fault, -1145, "Invalid cancelRestrictions");
    bool fits = !order || !exchange_is_open(order) ||
                order->status == (wants_new ? EXCHANGE_NEW : EXCHANGE_PARTIALLY_FILLED);
    return fits ||
           exchange_refuse(fault, -2011, "Order was not canceled due to cancel restrictions.");
}

static bool cancel_found(Exchange *exchange, const ExchangeCall *call, const ExchangeOrder *order,
                         const char *id_name, ExchangeFault *fault) {
    char cancel_id[LIMIT_EXCHANGE_CLIENT_ID];
    return exchange_take_client_id(call, id_name, cancel_id, fault) &&
           check_restrictions(call, order, fault) &&
           exchange_cancel(exchange, order ? order->id : 0, cancel_id, call->now_us, fault);
}

bool exchange_delete_order(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair;
    if (!exchange_take_pair(exchange, reply->call, &pair, fault) ||
        !exchange_names_order(reply->call, fault))
        return false;
    const ExchangeOrder *order =
        exchange_take_order(exchange, reply->call, pair, "orderId", "origClientOrderId");
    if (order && !names_agree(reply->call, order, "origClientOrderId")) order = NULL;
    if (!cancel_found(exchange, reply->call, order, "newClientOrderId", fault)) return false;
    const ExchangeList *list = exchange_list(exchange, order->list_id);
    if (list)
        exchange_write_list(exchange, list, reply, "RESULT");
    else
        write_canceled(exchange, order, reply);
    return true;
}

bool exchange_delete_open(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair, count = 0;
    int64_t ids[LIMIT_EXCHANGE_OPEN];
    if (!exchange_take_pair(exchange, reply->call, &pair, fault)) return false;
    const ExchangeAccount *account = &exchange->accounts[reply->call->account];
    for (unsigned i = 0; i < account->open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, account->open[i]);
        if (order && order->wish.pair == pair) ids[count++] = order->id;
    }
    if (count == 0) return exchange_refuse(fault, -2011, "Unknown order sent.");
    json_array_begin(&reply->writer);
    for (unsigned i = 0; i < count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, ids[i]);
        /* The second leg went with the first, and stands in the list's report. */
        if (!exchange_is_open(order)) continue;
        bool gone = exchange_cancel(exchange, ids[i], NULL, reply->call->now_us, fault);
        CHECK(gone, "an open order can be cancelled");
        const ExchangeList *list = exchange_list(exchange, order->list_id);
        if (list)
            exchange_write_list(exchange, list, reply, "RESULT");
        else
            write_canceled(exchange, order, reply);
    }
    json_array_end(&reply->writer);
    return true;
}

/* ---- cancel and replace -------------------------------------------------------------------- */

typedef struct Replacement {
    ExchangeFault cancel_fault, order_fault;
    const ExchangeOrder *canceled, *placed;
    bool attempted;
} Replacement;

static void write_outcome(JsonWriter *writer, const ExchangeFault *fault) {
    json_object_begin(writer);
    exchange_put_int(writer, "code", fault->code);
    exchange_put_text(writer, "msg", fault->text);
    json_object_end(writer);
}

static void write_replacement(const Exchange *exchange, const Replacement *replacement,
                              ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    json_object_begin(writer);
    exchange_put_text(writer, "cancelResult", replacement->canceled ? "SUCCESS" : "FAILURE");
    exchange_put_text(writer, "newOrderResult",
                      replacement->placed      ? "SUCCESS"
                      : replacement->attempted ? "FAILURE"
                                               : "NOT_ATTEMPTED");
    json_key(writer, "cancelResponse");
    if (replacement->canceled)
        write_canceled(exchange, replacement->canceled, reply);
    else
        write_outcome(writer, &replacement->cancel_fault);
    json_key(writer, "newOrderResponse");
    if (replacement->placed)
        exchange_write_report(exchange, replacement->placed, reply,
                              detail_of(reply->call, replacement->placed->wish.type));
    else if (replacement->attempted)
        write_outcome(writer, &replacement->order_fault);
    else
        json_null(writer);
    json_object_end(writer);
}

static bool replace_failed(const Exchange *exchange, const Replacement *replacement,
                           ExchangeReply *reply, ExchangeFault *fault) {
    bool half = replacement->canceled || replacement->placed;
    exchange_refuse(fault, half ? -2021 : -2022,
                    half ? "Order cancel-replace partially failed."
                         : "Order cancel-replace failed.");
    fault->status = half ? 409 : 400;
    json_object_begin(&reply->writer);
    exchange_put_int(&reply->writer, "code", fault->code);
    exchange_put_text(&reply->writer, "msg", fault->text);
    json_key(&reply->writer, "data");
    write_replacement(exchange, replacement, reply);
    json_object_end(&reply->writer);
    return false;
}

bool exchange_post_replace(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    const ExchangeCall *call = reply->call;
    Replacement replacement = {0};
    ExchangeWish wish;
    if (!exchange_take_wish(exchange, call, &wish, fault) ||
        !exchange_query_needs(call->query, "cancelReplaceMode", fault))
        return false;
    Slice mode = slice_of(exchange_query_value(call->query, "cancelReplaceMode"));
    bool stops = slice_is(mode, "STOP_ON_FAILURE");
    if (!stops && !slice_is(mode, "ALLOW_FAILURE"))
        return exchange_refuse(fault, -1130,
                               "Data sent for parameter 'cancelReplaceMode' is not valid.");
    if (!exchange_try_filters(exchange, &wish, fault)) return false;
    const ExchangeOrder *old =
        exchange_take_order(exchange, call, wish.pair, "cancelOrderId", "cancelOrigClientOrderId");
    if (cancel_found(exchange, call, old, "cancelNewClientOrderId", &replacement.cancel_fault))
        replacement.canceled = old;
    replacement.attempted = replacement.canceled || !stops;
    bool placed =
        replacement.attempted && exchange_place(exchange, &wish, call->now_us, &replacement.placed,
                                                &replacement.order_fault);
    if (!replacement.canceled || !placed)
        return replace_failed(exchange, &replacement, reply, fault);
    write_replacement(exchange, &replacement, reply);
    return true;
}
