/* SPDX-License-Identifier: Apache-2.0 */
/* The table of endpoints: what each weighs, who may ask, who answers. */
#include "core/sim/exchange_api.h"

/* ---- weights that depend on the parameters ------------------------------------------------- */

static const char *given(const ExchangeCall *call, const char *name) {
    return exchange_query_value(call->query, name);
}

/* How many symbols are asked for; `all` where none is named. */
static unsigned symbols_of(const ExchangeCall *call, unsigned all) {
    const char *list = given(call, "symbols");
    unsigned count = 1;
    if (given(call, "symbol")) return 1;
    for (const char *c = list; c && *c; c++)
        count += *c == ',';
    return list ? count : all;
}

static unsigned weigh_depth(const Exchange *exchange, const ExchangeCall *call) {
    int64_t limit = 100;
    ExchangeFault ignored;
    (void)exchange;
    if (!exchange_query_int(call->query, "limit", &limit, &ignored)) return 5;
    return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
}

static unsigned weigh_day(const Exchange *exchange, const ExchangeCall *call) {
    unsigned count = symbols_of(call, 101);
    (void)exchange;
    return count <= 20 ? 2 : count <= 100 ? 40 : 80;
}

static unsigned weigh_price(const Exchange *exchange, const ExchangeCall *call) {
    (void)exchange;
    return given(call, "symbol") ? 2 : 4;
}

static unsigned weigh_window(const Exchange *exchange, const ExchangeCall *call) {
    unsigned weight = 4 * symbols_of(call, exchange->pair_count);
    return weight < 200 ? weight : 200;
}

static unsigned weigh_execution(const Exchange *exchange, const ExchangeCall *call) {
    unsigned weight = 2 * symbols_of(call, 20);
    (void)exchange;
    return weight < 40 ? weight : 40;
}

static unsigned weigh_open(const Exchange *exchange, const ExchangeCall *call) {
    (void)exchange;
    return given(call, "symbol") ? 6 : 80;
}

static unsigned weigh_fills(const Exchange *exchange, const ExchangeCall *call) {
    (void)exchange;
    return given(call, "orderId") ? 5 : 20;
}

static unsigned weigh_test(const Exchange *exchange, const ExchangeCall *call) {
    (void)exchange;
    return slice_is(slice_of(given(call, "computeCommissionRates")), "true") ? 20 : 1;
}

static unsigned weigh_prevented(const Exchange *exchange, const ExchangeCall *call) {
    (void)exchange;
    return given(call, "orderId") ? 20 : 2;
}

/* ---- the table ----------------------------------------------------------------------------- */

#define LISTED "/api/v3/orderList"

static const ExchangeEndpoint endpoints[] = {
    {"GET", "/api/v3/ping", 1, FOR_ALL, .answer = exchange_get_ping},
    {"GET", "/api/v3/time", 1, FOR_ALL, .answer = exchange_get_time},
    {"GET", "/api/v3/exchangeInfo", 20, FOR_ALL, .answer = exchange_get_rules},
    {"GET", "/api/v3/executionRules", 0, FOR_ALL, .answer = exchange_get_execution_rules,
     .weigh = weigh_execution},
    {"GET", "/api/v3/referencePrice", 2, FOR_ALL, .answer = exchange_get_reference},
    {"GET", "/api/v3/depth", 0, FOR_ALL, .answer = exchange_get_depth, .weigh = weigh_depth},
    {"GET", "/api/v3/trades", 25, FOR_ALL, .answer = exchange_get_trades},
    {"GET", "/api/v3/historicalTrades", 25, FOR_ALL, .answer = exchange_get_trades},
    {"GET", "/api/v3/aggTrades", 4, FOR_ALL, .answer = exchange_get_agg_trades},
    {"GET", "/api/v3/klines", 2, FOR_ALL, .answer = exchange_get_klines},
    {"GET", "/api/v3/uiKlines", 2, FOR_ALL, .answer = exchange_get_klines},
    {"GET", "/api/v3/avgPrice", 2, FOR_ALL, .answer = exchange_get_average},
    {"GET", "/api/v3/ticker/24hr", 0, FOR_ALL, .answer = exchange_get_day, .weigh = weigh_day},
    {"GET", "/api/v3/ticker/tradingDay", 0, FOR_ALL, .answer = exchange_get_trading_day,
     .weigh = weigh_window},
    {"GET", "/api/v3/ticker", 0, FOR_ALL, .answer = exchange_get_window, .weigh = weigh_window},
    {"GET", "/api/v3/ticker/price", 0, FOR_ALL, .answer = exchange_get_price, .weigh = weigh_price},
    {"GET", "/api/v3/ticker/bookTicker", 0, FOR_ALL, .answer = exchange_get_book_ticker,
     .weigh = weigh_price},
    {"GET", "/api/v3/account", 20, FOR_READERS, .answer = exchange_get_account},
    {"GET", "/api/v3/account/commission", 20, FOR_READERS, .answer = exchange_get_commission},
    {"GET", "/api/v3/myTrades", 0, FOR_READERS, .answer = exchange_get_fills, .weigh = weigh_fills},
    {"GET", "/api/v3/myFilters", 40, FOR_READERS, .answer = exchange_get_filters},
    {"GET", "/api/v3/myPreventedMatches", 0, FOR_READERS, .answer = exchange_get_prevented,
     .weigh = weigh_prevented},
    {"GET", "/api/v3/myAllocations", 20, FOR_READERS, .answer = exchange_get_nothing},
    {"GET", "/api/v3/rateLimit/order", 40, FOR_READERS, .answer = exchange_get_counts},
    {"GET", "/api/v3/order", 4, FOR_READERS, .answer = exchange_get_order},
    {"POST", "/api/v3/order", 1, FOR_TRADERS, .answer = exchange_post_order, .orders = 1,
     .is_free = true},
    {"POST", "/api/v3/order/test", 0, FOR_TRADERS, .answer = exchange_post_test,
     .weigh = weigh_test},
    {"DELETE", "/api/v3/order", 1, FOR_TRADERS, .answer = exchange_delete_order, .is_free = true},
    {"POST", "/api/v3/order/cancelReplace", 1, FOR_TRADERS, .answer = exchange_post_replace,
     .orders = 1, .is_free = true},
    {"PUT", "/api/v3/order/amend/keepPriority", 4, FOR_TRADERS, .answer = exchange_put_amendment},
    {"GET", "/api/v3/order/amendments", 4, FOR_READERS, .answer = exchange_get_amendments},
    {"GET", "/api/v3/openOrders", 0, FOR_READERS, .answer = exchange_get_open, .weigh = weigh_open},
    {"DELETE", "/api/v3/openOrders", 1, FOR_TRADERS, .answer = exchange_delete_open,
     .is_free = true},
    {"GET", "/api/v3/allOrders", 20, FOR_READERS, .answer = exchange_get_orders},
    {"POST", LISTED "/oco", 1, FOR_TRADERS, .answer = exchange_post_oco, .orders = 2,
     .is_free = true},
    {"POST", "/api/v3/order/oco", 1, FOR_TRADERS, .answer = exchange_post_old_oco, .orders = 2,
     .is_free = true},
    {"POST", LISTED "/oto", 1, FOR_TRADERS, .answer = exchange_post_oto, .orders = 2,
     .is_free = true},
    {"POST", LISTED "/otoco", 1, FOR_TRADERS, .answer = exchange_post_otoco, .orders = 3,
     .is_free = true},
    {"POST", LISTED "/opo", 1, FOR_TRADERS, .answer = exchange_post_opo, .orders = 2,
     .is_free = true},
    {"POST", LISTED "/opoco", 1, FOR_TRADERS, .answer = exchange_post_opoco, .orders = 3,
     .is_free = true},
    {"GET", LISTED, 4, FOR_READERS, .answer = exchange_get_list},
    {"DELETE", LISTED, 1, FOR_TRADERS, .answer = exchange_delete_list, .is_free = true},
    {"GET", "/api/v3/allOrderList", 20, FOR_READERS, .answer = exchange_get_lists},
    {"GET", "/api/v3/openOrderList", 6, FOR_READERS, .answer = exchange_get_open_lists},
    {"POST", "/api/v3/userDataStream", 2, FOR_ALL, .answer = exchange_refuse_gone},
    {"PUT", "/api/v3/userDataStream", 2, FOR_ALL, .answer = exchange_refuse_gone},
    {"DELETE", "/api/v3/userDataStream", 2, FOR_ALL, .answer = exchange_refuse_gone},
    {"GET", "/sapi/v1/account/apiRestrictions", 1, FOR_READERS,
     .answer = exchange_get_restrictions},
    {"GET", "/sapi/v1/system/status", 1, FOR_ALL, .answer = exchange_get_status},
    /* Clients with keys ask these while they load the markets: there is no margin here. */
    {"GET", "/sapi/v1/margin/allPairs", 1, FOR_ALL, .answer = exchange_get_nothing},
    {"GET", "/sapi/v1/margin/isolated/allPairs", 1, FOR_ALL, .answer = exchange_get_nothing},
    {"GET", "/sapi/v1/capital/config/getall", 10, FOR_READERS, .answer = exchange_get_nothing},
};

const ExchangeEndpoint *exchange_find_endpoint(const ExchangeCall *call, bool *known) {
    *known = false;
    for (unsigned i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        if (!slice_is(call->path, endpoints[i].path)) continue;
        *known = true;
        if (slice_is(call->method, endpoints[i].method)) return &endpoints[i];
    }
    return NULL;
}

unsigned exchange_endpoint_weight(const Exchange *exchange, const ExchangeCall *call,
                                  const ExchangeEndpoint *endpoint) {
    return endpoint->weigh ? endpoint->weigh(exchange, call) : endpoint->weight;
}
