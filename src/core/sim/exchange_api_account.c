/* SPDX-License-Identifier: Apache-2.0 */
/* The account: balances, fills, fees, how many orders were sent. */
#include "core/sim/exchange_api.h"

/* Parts per million as a fraction with eight decimals. */
static Money fraction(int64_t ppm) {
    return money_of(ppm * (DECIMAL_SCALE / 1000000));
}

static void put_rates(JsonWriter *writer, const char *key, int64_t maker, int64_t taker) {
    json_key(writer, key);
    json_object_begin(writer);
    exchange_put_decimal(writer, "maker", fraction(maker));
    exchange_put_decimal(writer, "taker", fraction(taker));
    exchange_put_decimal(writer, "buyer", money_of(0));
    exchange_put_decimal(writer, "seller", money_of(0));
    json_object_end(writer);
}

static void put_balances(const Exchange *exchange, unsigned account, bool omit,
                         JsonWriter *writer) {
    json_key(writer, "balances");
    json_array_begin(writer);
    for (unsigned i = 0; i < exchange->asset_count; i++) {
        const ExchangeBalance *balance = &exchange->accounts[account].balances[i];
        if (omit && balance->free.units == 0 && balance->locked.units == 0) continue;
        json_object_begin(writer);
        exchange_put_text(writer, "asset", balance->asset.text);
        exchange_put_decimal(writer, "free", balance->free);
        exchange_put_decimal(writer, "locked", balance->locked);
        json_object_end(writer);
    }
    json_array_end(writer);
}

bool exchange_get_account(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)fault;
    JsonWriter *writer = &reply->writer;
    const char *omit = exchange_query_value(reply->call->query, "omitZeroBalances");
    json_object_begin(writer);
    exchange_put_int(writer, "makerCommission", exchange->costs.maker_ppm / 100);
    exchange_put_int(writer, "takerCommission", exchange->costs.taker_ppm / 100);
    exchange_put_int(writer, "buyerCommission", 0);
    exchange_put_int(writer, "sellerCommission", 0);
    put_rates(writer, "commissionRates", exchange->costs.maker_ppm, exchange->costs.taker_ppm);
    exchange_put_bool(writer, "canTrade", true);
    exchange_put_bool(writer, "canWithdraw", false);
    exchange_put_bool(writer, "canDeposit", false);
    exchange_put_bool(writer, "brokered", false);
    exchange_put_bool(writer, "requireSelfTradePrevention", false);
    exchange_put_bool(writer, "preventSor", false);
    exchange_put_time(reply, "updateTime", reply->call->now_us);
    exchange_put_text(writer, "accountType", "SPOT");
    put_balances(exchange, reply->call->account, omit && slice_is(slice_of(omit), "true"), writer);
    json_key(writer, "permissions");
    json_raw(writer, SLICE("[\"SPOT\"]"));
    exchange_put_int(writer, "uid", 1 + reply->call->account);
    json_object_end(writer);
    return true;
}

static void put_discount(const ExchangeCosts *costs, JsonWriter *writer) {
    json_key(writer, "discount");
    json_object_begin(writer);
    exchange_put_bool(writer, "enabledForAccount", costs->pays_in_bnb);
    exchange_put_bool(writer, "enabledForSymbol", true);
    exchange_put_text(writer, "discountAsset", "BNB");
    exchange_put_decimal(writer, "discount", fraction(1000000 - costs->discount_ppm));
    json_object_end(writer);
}

bool exchange_get_commission(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    unsigned pair;
    JsonWriter *writer = &reply->writer;
    const ExchangeCosts *costs = &exchange->costs;
    if (!exchange_take_pair(exchange, reply->call, &pair, fault)) return false;
    json_object_begin(writer);
    exchange_put_text(writer, "symbol", exchange->pairs[pair].symbol.name.text);
    put_rates(writer, "standardCommission", costs->maker_ppm, costs->taker_ppm);
    put_rates(writer, "specialCommission", 0, 0);
    put_rates(writer, "taxCommission", 0, 0);
    put_discount(costs, writer);
    json_object_end(writer);
    return true;
}

static void put_order_rates(JsonWriter *writer, const char *key, int64_t maker, int64_t taker) {
    json_key(writer, key);
    json_object_begin(writer);
    exchange_put_decimal(writer, "maker", fraction(maker));
    exchange_put_decimal(writer, "taker", fraction(taker));
    json_object_end(writer);
}

void exchange_write_order_rates(const Exchange *exchange, JsonWriter *writer) {
    const ExchangeCosts *costs = &exchange->costs;
    json_object_begin(writer);
    put_order_rates(writer, "standardCommissionForOrder", costs->maker_ppm, costs->taker_ppm);
    put_order_rates(writer, "specialCommissionForOrder", 0, 0);
    put_order_rates(writer, "taxCommissionForOrder", 0, 0);
    put_discount(costs, writer);
    json_object_end(writer);
}

/* ---- fills --------------------------------------------------------------------------------- */

typedef struct FillSpan {
    unsigned account, pair;
    int64_t limit, order_id, from_id, start_us, end_us;
} FillSpan;

static bool wanted(const FillSpan *span, const ExchangeFill *fill) {
    return fill && fill->account == span->account && fill->pair == span->pair &&
           fill->id >= span->from_id && (!span->order_id || fill->order_id == span->order_id) &&
           fill->time_us >= span->start_us && fill->time_us <= span->end_us;
}

static void write_fill(const Exchange *exchange, const ExchangeFill *fill, ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    json_object_begin(writer);
    exchange_put_text(writer, "symbol", exchange->pairs[fill->pair].symbol.name.text);
    exchange_put_int(writer, "id", fill->id);
    exchange_put_int(writer, "orderId", fill->order_id);
    exchange_put_int(writer, "orderListId", fill->list_id);
    exchange_put_decimal(writer, "price", money_of(fill->price.units));
    exchange_put_decimal(writer, "qty", money_of(fill->quantity.units));
    exchange_put_decimal(writer, "quoteQty", fill->quote);
    exchange_put_decimal(writer, "commission", fill->fee);
    exchange_put_text(writer, "commissionAsset",
                      exchange->accounts[0].balances[fill->fee_asset].asset.text);
    exchange_put_time(reply, "time", fill->time_us);
    exchange_put_bool(writer, "isBuyer", fill->side == SIDE_BUY);
    exchange_put_bool(writer, "isMaker", fill->maker);
    exchange_put_bool(writer, "isBestMatch", true);
    json_object_end(writer);
}

bool exchange_get_fills(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    const ExchangeCall *call = reply->call;
    FillSpan span = {.account = call->account, .end_us = INSTANT_LAST_US};
    if (!exchange_take_pair(exchange, call, &span.pair, fault) ||
        !exchange_take_limit(call, 500, 1000, &span.limit, fault) ||
        !exchange_query_int(call->query, "orderId", &span.order_id, fault) ||
        !exchange_query_int(call->query, "fromId", &span.from_id, fault) ||
        !exchange_take_span(call, &span.start_us, &span.end_us, fault))
        return false;
    /* An id of 0 is the first, not none. */
    bool newest = !exchange_query_value(call->query, "fromId") && !span.start_us;
    int64_t id = exchange->fill_count, oldest = id - LIMIT_EXCHANGE_FILLS + 1, found = 0;
    if (oldest < span.from_id) oldest = span.from_id;
    for (; id > 0 && id >= oldest && !(newest && found == span.limit); id--)
        found += wanted(&span, exchange_fill(exchange, id));
    json_array_begin(&reply->writer);
    for (id++; id <= exchange->fill_count && span.limit > 0; id++) {
        const ExchangeFill *fill = exchange_fill(exchange, id);
        if (!wanted(&span, fill)) continue;
        write_fill(exchange, fill, reply);
        span.limit--;
    }
    json_array_end(&reply->writer);
    return true;
}

static void put_count(JsonWriter *writer, const char *interval, int64_t number, int64_t limit,
                      int64_t count) {
    json_object_begin(writer);
    exchange_put_text(writer, "rateLimitType", "ORDERS");
    exchange_put_text(writer, "interval", interval);
    exchange_put_int(writer, "intervalNum", number);
    exchange_put_int(writer, "limit", limit);
    exchange_put_int(writer, "count", count);
    json_object_end(writer);
}

bool exchange_get_counts(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)exchange, (void)fault;
    const ExchangeCall *call = reply->call;
    ExchangeOrderCount count = {0};
    if (call->limits) count = exchange_limit_counts(call->limits, call->account, call->wall_us);
    json_array_begin(&reply->writer);
    put_count(&reply->writer, "SECOND", 10,
              call->limits ? call->limits->ten_max : EXCHANGE_ORDERS_TEN_MAX, count.ten);
    put_count(&reply->writer, "DAY", 1,
              call->limits ? call->limits->day_max : EXCHANGE_ORDERS_DAY_MAX, count.day);
    json_array_end(&reply->writer);
    return true;
}

bool exchange_get_restrictions(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)exchange, (void)fault;
    static const char *const never[] = {"enableMargin",
                                        "enableFutures",
                                        "enableVanillaOptions",
                                        "enablePortfolioMarginTrading",
                                        "enableFixApiTrade",
                                        "enableFixReadOnly",
                                        "permitsUniversalTransfer"};
    ExchangeRights rights = {0};
    JsonWriter *writer = &reply->writer;
    if (reply->call->rights) rights = *reply->call->rights;
    json_object_begin(writer);
    exchange_put_bool(writer, "ipRestrict", rights.bound_to_address);
    exchange_put_time(reply, "createTime", reply->call->now_us);
    exchange_put_bool(writer, "enableReading", !rights.no_reading);
    exchange_put_bool(writer, "enableSpotAndMarginTrading", !rights.no_trading);
    exchange_put_bool(writer, "enableWithdrawals", rights.withdraws);
    exchange_put_bool(writer, "enableInternalTransfer", rights.transfers);
    for (unsigned i = 0; i < sizeof never / sizeof never[0]; i++)
        exchange_put_bool(writer, never[i], false);
    json_object_end(writer);
    return true;
}

bool exchange_get_status(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)exchange, (void)fault;
    json_object_begin(&reply->writer);
    exchange_put_int(&reply->writer, "status", reply->call->maintenance);
    exchange_put_text(&reply->writer, "msg",
                      reply->call->maintenance ? "system maintenance" : "normal");
    json_object_end(&reply->writer);
    return true;
}

/* The listenKey's calls ended on 2026-02-20; what answers there is a gateway. */
bool exchange_refuse_gone(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)exchange;
    text_put(reply->writer.text, "<html>\r\n<head><title>410 Gone</title></head>\r\n<body>\r\n"
                                 "<center><h1>410 Gone</h1></center>\r\n</body>\r\n</html>\r\n");
    exchange_refuse(fault, -1000, "This call has been removed.");
    fault->status = 410;
    return false;
}

bool exchange_get_nothing(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault) {
    (void)exchange, (void)fault;
    json_raw(&reply->writer, SLICE("[]"));
    return true;
}
