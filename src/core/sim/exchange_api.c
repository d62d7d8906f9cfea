/* SPDX-License-Identifier: Apache-2.0 */
/* The table of endpoints: what each weighs, who may ask, who answers. */
#include "core/sim/exchange_api.h"

#define RECEIVE_PRESET_US 5000000LL /* recvWindow that is not given */
#define RECEIVE_MAX_MS    60000     /* the venue's */
#define AHEAD_US          1000000   /* a timestamp may be so far in the future */

typedef struct ExchangeEndpoint {
    const char *method, *path;
    unsigned weight;
    bool is_signed;
    ExchangeRoute *answer;
} ExchangeEndpoint;

static const ExchangeEndpoint endpoints[] = {
    {"GET", "/api/v3/ping", 1, false, exchange_get_ping},
    {"GET", "/api/v3/time", 1, false, exchange_get_time},
    {"GET", "/api/v3/exchangeInfo", 20, false, exchange_get_rules},
    {"GET", "/api/v3/depth", 5, false, exchange_get_depth},
    {"GET", "/api/v3/trades", 25, false, exchange_get_trades},
    {"GET", "/api/v3/historicalTrades", 25, false, exchange_get_trades},
    {"GET", "/api/v3/aggTrades", 4, false, exchange_get_agg_trades},
    {"GET", "/api/v3/klines", 2, false, exchange_get_klines},
    {"GET", "/api/v3/uiKlines", 2, false, exchange_get_klines},
    {"GET", "/api/v3/avgPrice", 2, false, exchange_get_average},
    {"GET", "/api/v3/ticker/24hr", 2, false, exchange_get_day},
    {"GET", "/api/v3/ticker/price", 2, false, exchange_get_price},
    {"GET", "/api/v3/ticker/bookTicker", 2, false, exchange_get_book_ticker},
    {"GET", "/api/v3/account", 20, true, exchange_get_account},
    {"GET", "/api/v3/account/commission", 20, true, exchange_get_commission},
    {"GET", "/api/v3/myTrades", 20, true, exchange_get_fills},
    {"GET", "/api/v3/rateLimit/order", 40, true, exchange_get_counts},
    {"GET", "/api/v3/order", 4, true, exchange_get_order},
    {"POST", "/api/v3/order", 1, true, exchange_post_order},
    {"POST", "/api/v3/order/test", 1, true, exchange_post_test},
    {"DELETE", "/api/v3/order", 1, true, exchange_delete_order},
    {"POST", "/api/v3/order/cancelReplace", 1, true, exchange_post_replace},
    {"GET", "/api/v3/openOrders", 6, true, exchange_get_open},
    {"DELETE", "/api/v3/openOrders", 1, true, exchange_delete_open},
    {"GET", "/api/v3/allOrders", 20, true, exchange_get_orders},
    {"PUT", "/api/v3/order/amend/keepPriority", 4, true, exchange_put_amendment},
    {"GET", "/api/v3/order/amendments", 4, true, exchange_get_amendments},
    {"GET", "/api/v3/myPreventedMatches", 20, true, exchange_get_prevented},
    {"GET", "/api/v3/myFilters", 40, true, exchange_get_filters},
    {"POST", "/api/v3/orderList/oco", 1, true, exchange_post_oco},
    {"POST", "/api/v3/orderList/oto", 1, true, exchange_post_oto},
    {"POST", "/api/v3/orderList/otoco", 1, true, exchange_post_otoco},
    {"POST", "/api/v3/orderList/opo", 1, true, exchange_post_opo},
    {"POST", "/api/v3/orderList/opoco", 1, true, exchange_post_opoco},
    {"GET", "/api/v3/orderList", 4, true, exchange_get_list},
    {"DELETE", "/api/v3/orderList", 1, true, exchange_delete_list},
    {"GET", "/api/v3/allOrderList", 20, true, exchange_get_lists},
    {"GET", "/api/v3/openOrderList", 6, true, exchange_get_open_lists},
    {"GET", "/sapi/v1/account/apiRestrictions", 1, true, exchange_get_rights},
    /* Clients with keys ask these while they load the markets: there is no margin here. */
    {"GET", "/sapi/v1/margin/allPairs", 1, false, exchange_get_nothing},
    {"GET", "/sapi/v1/margin/isolated/allPairs", 1, false, exchange_get_nothing},
    {"GET", "/sapi/v1/capital/config/getall", 10, true, exchange_get_nothing},
};

void exchange_write_fault(const ExchangeFault *fault, Text *answer) {
    JsonWriter writer = json_writer(answer);
    text_clear(answer);
    json_object_begin(&writer);
    exchange_put_int(&writer, "code", fault->code);
    exchange_put_text(&writer, "msg", fault->text);
    json_object_end(&writer);
    text_end(answer);
}

/* ---- who asks, and when -------------------------------------------------------------------- */

static bool in_window(int64_t stamp_us, int64_t now_us, int64_t window_us) {
    return stamp_us < now_us + AHEAD_US && now_us - stamp_us <= window_us;
}

/* recvWindow may have decimals of a millisecond: a decimal's unit is 1e-8, so 1e5 of them are a
 * microsecond. */
static bool take_window(const ExchangeCall *call, int64_t *window_us, ExchangeFault *fault) {
    int64_t units = RECEIVE_PRESET_US * 100000;
    if (!exchange_query_decimal(call->query, "recvWindow", &units, fault)) return false;
    *window_us = units / 100000;
    return units / DECIMAL_SCALE <= RECEIVE_MAX_MS ||
           exchange_refuse(fault, -1131, "'recvWindow' must be less than 60000.");
}

static bool stamp_fits(const ExchangeCall *call, ExchangeFault *fault) {
    int64_t stamp = 0, stamp_us = 0, window_us = 0;
    if (!exchange_query_needs(call->query, "timestamp", fault) ||
        !exchange_query_int(call->query, "timestamp", &stamp, fault) ||
        !take_window(call, &window_us, fault))
        return false;
    if (!instant_from_stamp(stamp, &stamp_us)) stamp_us = 0;
    if (in_window(stamp_us, call->now_us, window_us) ||
        in_window(stamp_us, call->wall_us, window_us))
        return true;
    if (stamp_us >= call->now_us + AHEAD_US)
        return exchange_refuse(fault, -1021,
                               "Timestamp for this request was 1000ms ahead of the server's time.");
    return exchange_refuse(fault, -1021,
                           "Timestamp for this request is outside of the recvWindow.");
}

bool exchange_seal_fits(const ExchangeCall *call, ExchangeFault *fault) {
    if (call->seal == SEAL_NO_KEY) return exchange_refuse(fault, -2014, "API-key format invalid.");
    if (call->seal == SEAL_NO_SIGNATURE)
        return exchange_query_needs(call->query, "signature", fault);
    if (!stamp_fits(call, fault)) return false;
    if (call->seal == SEAL_UNKNOWN_KEY) {
        exchange_refuse(fault, -2015, "Invalid API-key, IP, or permissions for action.");
        fault->status = 401;
        return false;
    }
    return call->seal == SEAL_GOOD ||
           exchange_refuse(fault, -1022, "Signature for this request is not valid.");
}

/* ---- parameters that many take ------------------------------------------------------------- */

bool exchange_take_pair(const Exchange *exchange, const ExchangeCall *call, unsigned *pair,
                        ExchangeFault *fault) {
    if (!exchange_query_needs(call->query, "symbol", fault)) return false;
    int found = exchange_find_pair(exchange, slice_of(exchange_query_value(call->query, "symbol")));
    if (found < 0) return exchange_refuse(fault, -1121, "Invalid symbol.");
    *pair = (unsigned)found;
    return true;
}

bool exchange_take_limit(const ExchangeCall *call, int64_t preset, int64_t most, int64_t *limit,
                         ExchangeFault *fault) {
    *limit = preset;
    if (!exchange_query_int(call->query, "limit", limit, fault)) return false;
    if (*limit > most) *limit = most;
    return *limit > 0 || exchange_refuse(fault, -1130,
                                         "Data sent for parameter 'limit' is not "
                                         "valid.");
}

bool exchange_take_span(const ExchangeCall *call, int64_t *start_us, int64_t *end_us,
                        ExchangeFault *fault) {
    static const char *const names[] = {"startTime", "endTime"};
    int64_t *targets[] = {start_us, end_us};
    for (unsigned i = 0; i < 2; i++) {
        int64_t stamp = -1;
        if (!exchange_query_int(call->query, names[i], &stamp, fault)) return false;
        if (stamp < 0) continue;
        /* What is too small for a time since 2001 is a time all the same: milliseconds. */
        if (!instant_from_stamp(stamp, targets[i]))
            *targets[i] = stamp < INSTANT_LAST_US / 1000 ? stamp * 1000 : INSTANT_LAST_US;
    }
    return true;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static const ExchangeEndpoint *find_endpoint(const ExchangeCall *call, bool *known) {
    *known = false;
    for (unsigned i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        if (!slice_is(call->path, endpoints[i].path)) continue;
        *known = true;
        if (slice_is(call->method, endpoints[i].method)) return &endpoints[i];
    }
    return NULL;
}

static bool weigh_call(Exchange *exchange, const ExchangeCall *call, unsigned weight,
                       ExchangeFault *fault) {
    int64_t minute_us = interval_floor(call->wall_us, INSTANT_MINUTE_US);
    if (minute_us != exchange->minute_us) exchange->weight = 0;
    if (interval_floor(minute_us, INSTANT_DAY_US) !=
        interval_floor(exchange->minute_us, INSTANT_DAY_US))
        exchange->orders_today = 0;
    exchange->minute_us = minute_us;
    exchange->weight += weight;
    if (exchange->weight <= EXCHANGE_WEIGHT_MAX) return true;
    exchange_refuse(fault, -1003,
                    "Too much request weight used; current limit is %d request weight per 1 "
                    "MINUTE. Please use WebSocket Streams for live updates to avoid polling the "
                    "API.",
                    EXCHANGE_WEIGHT_MAX);
    fault->status = 429;
    return false;
}

static unsigned refused(const ExchangeFault *fault, Text *answer) {
    /* A cancel-and-replace that failed has written its own answer. */
    if (fault->code != -2021 && fault->code != -2022) exchange_write_fault(fault, answer);
    text_end(answer);
    return fault->status;
}

unsigned exchange_answer(Exchange *exchange, const ExchangeCall *call, Text *answer) {
    ExchangeFault fault = {.status = 404};
    bool known;
    const ExchangeEndpoint *endpoint = find_endpoint(call, &known);
    text_clear(answer);
    if (!endpoint) {
        exchange_refuse(&fault, -1000, "There is no such endpoint here.");
        fault.status = known ? 405 : 404;
        return refused(&fault, answer);
    }
    ExchangeReply reply = {.writer = json_writer(answer), .call = call};
    if (!weigh_call(exchange, call, endpoint->weight, &fault) ||
        (endpoint->is_signed && !exchange_seal_fits(call, &fault)) ||
        !endpoint->answer(exchange, &reply, &fault))
        return refused(&fault, answer);
    text_end(answer);
    CHECK(!answer->overflow, "the longest answer fits");
    return 200;
}
