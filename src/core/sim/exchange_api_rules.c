/* SPDX-License-Identifier: Apache-2.0 */
/* The rules: exchangeInfo, the execution rules, the reference price. */
#include "core/sim/exchange_api.h"

/* ---- exchangeInfo -------------------------------------------------------------------------- */

static void put_limit(JsonWriter *writer, const char *type, const char *interval, int64_t number,
                      int64_t limit) {
    json_object_begin(writer);
    exchange_put_text(writer, "rateLimitType", type);
    exchange_put_text(writer, "interval", interval);
    exchange_put_int(writer, "intervalNum", number);
    exchange_put_int(writer, "limit", limit);
    json_object_end(writer);
}

static void put_limits(const ExchangeLimits *limits, JsonWriter *writer) {
    json_key(writer, "rateLimits");
    json_array_begin(writer);
    put_limit(writer, "REQUEST_WEIGHT", "MINUTE", 1,
              limits ? limits->weight_max : EXCHANGE_WEIGHT_MAX);
    put_limit(writer, "ORDERS", "SECOND", 10, limits ? limits->ten_max : EXCHANGE_ORDERS_TEN_MAX);
    put_limit(writer, "ORDERS", "DAY", 1, limits ? limits->day_max : EXCHANGE_ORDERS_DAY_MAX);
    put_limit(writer, "RAW_REQUESTS", "MINUTE", 5, limits ? limits->raw_max : EXCHANGE_RAW_MAX);
    json_array_end(writer);
}

/* `permissions`: a word or a list of words. Every pair here is for SPOT, and none for anything
 * else.
 */
static bool asks_for_spot(const ExchangeCall *call, bool *spot, ExchangeFault *fault) {
    const char *asked = exchange_query_value(call->query, "permissions");
    *spot = true;
    if (!asked) return true;
    if (exchange_query_value(call->query, "symbol") || exchange_query_value(call->query, "symbols"))
        return exchange_refuse(fault, -1128, "Combination of optional parameters invalid.");
    JsonReader reader = json_reader(slice_of(asked));
    *spot = slice_is(slice_of(asked), "SPOT");
    if (asked[0] != '[') return true;
    JsonToken token = json_next(&reader);
    while ((token = json_next(&reader)) == JSON_STRING)
        *spot |= slice_is(reader.slice, "SPOT");
    return token == JSON_ARRAY_END ||
           exchange_refuse(fault, -1100, "Illegal characters found in parameter 'permissions'.");
}

static bool status_is_alone(const ExchangeCall *call, ExchangeFault *fault) {
    if (!exchange_query_value(call->query, "symbolStatus") ||
        (!exchange_query_value(call->query, "symbol") &&
         !exchange_query_value(call->query, "symbols")))
        return true;
    return exchange_refuse(fault, -1128, "Combination of optional parameters invalid.");
}

bool exchange_get_rules(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    JsonWriter *writer = &reply->writer;
    uint64_t wanted;
    bool alone, spot;
    if (!status_is_alone(reply->call, fault) || !asks_for_spot(reply->call, &spot, fault) ||
        !exchange_take_pairs(exchange, reply->call, &wanted, &alone, fault))
        return false;
    json_object_begin(writer);
    exchange_put_text(writer, "timezone", "UTC");
    exchange_put_time(reply, "serverTime", reply->call->now_us);
    put_limits(reply->call->limits, writer);
    json_key(writer, "exchangeFilters");
    json_raw(writer, SLICE("[]"));
    json_key(writer, "symbols");
    json_array_begin(writer);
    for (unsigned i = 0; i < exchange->pair_count; i++)
        if (spot && wanted >> i & 1) exchange_write_symbol(&exchange->pairs[i], writer);
    json_array_end(writer);
    json_object_end(writer);
    return true;
}

/* ---- rules of execution -------------------------------------------------------------------- */

/* Parts per million as a multiplier. */
static Money multiplier(int64_t ppm) {
    return money_of(ppm * (DECIMAL_SCALE / 1000000));
}

static void put_range(const ExchangeRules *rules, JsonWriter *writer) {
    static const char *const ups[] = {"bidLimitMultUp", "askLimitMultUp"};
    static const char *const downs[] = {"bidLimitMultDown", "askLimitMultDown"};
    if (!rules->range_up_ppm && !rules->range_down_ppm) return;
    json_object_begin(writer);
    exchange_put_text(writer, "ruleType", "PRICE_RANGE");
    for (unsigned i = 0; i < 2; i++) {
        if (rules->range_up_ppm)
            exchange_put_decimal(writer, ups[i], multiplier(rules->range_up_ppm));
        if (rules->range_down_ppm)
            exchange_put_decimal(writer, downs[i], multiplier(rules->range_down_ppm));
    }
    json_object_end(writer);
}

bool exchange_get_execution_rules(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    JsonWriter *writer = &reply->writer;
    uint64_t wanted;
    bool alone;
    if (!exchange_take_pairs(exchange, reply->call, &wanted, &alone, fault)) return false;
    json_object_begin(writer);
    json_key(writer, "symbolRules");
    json_array_begin(writer);
    for (unsigned i = 0; i < exchange->pair_count; i++) {
        if (!(wanted >> i & 1)) continue;
        json_object_begin(writer);
        exchange_put_text(writer, "symbol", exchange->pairs[i].symbol.name.text);
        json_key(writer, "rules");
        json_array_begin(writer);
        put_range(&exchange->pairs[i].rules, writer);
        json_array_end(writer);
        json_object_end(writer);
    }
    json_array_end(writer);
    json_object_end(writer);
    return true;
}

/* Filters and rules go by the last price and the average here: no symbol has a reference price. */
bool exchange_get_reference(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair;
    return exchange_take_pair(exchange, reply->call, &pair, fault) &&
           exchange_refuse(fault, -2043, "This symbol does not have a reference price.");
}
