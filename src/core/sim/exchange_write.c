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

static Money of_price(Price price) {
    return money_of(price.units);
}

static Money of_quantity(Quantity quantity) {
    return money_of(quantity.units);
}

/* ---- orders -------------------------------------------------------------------------------- */

static void put_names(const ExchangeOrder *order, ExchangeReply *reply) {
    exchange_put_int(&reply->writer, "orderId", order->id);
    exchange_put_int(&reply->writer, "orderListId", order->list_id);
}

static void put_symbol(const Exchange *exchange, unsigned pair, JsonWriter *writer) {
    exchange_put_text(writer, "symbol", exchange->pairs[pair].symbol.name.text);
}

static void put_amounts(const ExchangeOrder *order, JsonWriter *writer) {
    const ExchangeWish *wish = &order->wish;
    exchange_put_decimal(writer, "price", of_price(wish->price));
    exchange_put_decimal(writer, "origQty", of_quantity(wish->quantity));
    exchange_put_decimal(writer, "executedQty", of_quantity(order->executed));
    exchange_put_decimal(writer, "origQuoteOrderQty", wish->quote_quantity);
    exchange_put_decimal(writer, "cummulativeQuoteQty", order->quote_executed);
    exchange_put_text(writer, "status", exchange_status_name(order->status));
    exchange_put_text(writer, "timeInForce", exchange_force_name(wish->force));
    exchange_put_text(writer, "type", exchange_type_name(wish->type));
    exchange_put_text(writer, "side", wish->side == SIDE_BUY ? "BUY" : "SELL");
    if (exchange_is_stop(wish->type))
        exchange_put_decimal(writer, "stopPrice", of_price(wish->stop));
    if (order->reason)
        exchange_put_text(writer, "expiryReason", exchange_reason_name(order->reason));
    exchange_put_text(writer, "selfTradePreventionMode", "NONE");
}

void exchange_write_order(const ExchangeOrder *order, ExchangeReply *reply) {
    JsonWriter *writer = &reply->writer;
    put_names(order, reply);
    exchange_put_text(writer, "clientOrderId", order->wish.client_id);
    put_amounts(order, writer);
    if (!exchange_is_stop(order->wish.type)) exchange_put_decimal(writer, "stopPrice", money_of(0));
    exchange_put_decimal(writer, "icebergQty", money_of(0));
    exchange_put_time(reply, "time", order->time_us);
    exchange_put_time(reply, "updateTime", order->update_us);
    exchange_put_bool(writer, "isWorking", order->working_us != 0);
    exchange_put_int(writer, "workingTime",
                     order->working_us ? exchange_stamp(reply->call, order->working_us) : -1);
}

static void put_fills(const Exchange *exchange, const ExchangeOrder *order, JsonWriter *writer) {
    json_key(writer, "fills");
    json_array_begin(writer);
    int64_t first = exchange->fill_count - LIMIT_EXCHANGE_FILLS + 1;
    for (int64_t id = first > 1 ? first : 1; id <= exchange->fill_count; id++) {
        const ExchangeFill *fill = exchange_fill(exchange, id);
        if (!fill || fill->order_id != order->id) continue;
        json_object_begin(writer);
        exchange_put_decimal(writer, "price", of_price(fill->price));
        exchange_put_decimal(writer, "qty", of_quantity(fill->quantity));
        exchange_put_decimal(writer, "commission", fill->fee);
        exchange_put_text(writer, "commissionAsset",
                          exchange->balances[fill->fee_asset].asset.text);
        exchange_put_int(writer, "tradeId", fill->id);
        json_object_end(writer);
    }
    json_array_end(writer);
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
        put_amounts(order, writer);
        exchange_put_int(writer, "workingTime",
                         order->working_us ? exchange_stamp(reply->call, order->working_us) : -1);
    }
    if (slice_is(slice_of(detail), "FULL")) put_fills(exchange, order, writer);
    json_object_end(writer);
}

void exchange_write_canceled(const ExchangeOrder *order, ExchangeReply *reply) {
    put_names(order, reply);
    exchange_put_text(&reply->writer, "origClientOrderId", order->wish.client_id);
    exchange_put_text(&reply->writer, "clientOrderId", order->cancel_id);
    exchange_put_time(reply, "transactTime", order->update_us);
    put_amounts(order, &reply->writer);
}

/* ---- lists --------------------------------------------------------------------------------- */

static void put_leg(const Exchange *exchange, const ExchangeOrder *order, JsonWriter *writer) {
    json_object_begin(writer);
    put_symbol(exchange, order->wish.pair, writer);
    exchange_put_int(writer, "orderId", order->id);
    exchange_put_text(writer, "clientOrderId", order->wish.client_id);
    json_object_end(writer);
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

void exchange_write_list(const Exchange *exchange, const ExchangeList *list, ExchangeReply *reply,
                         const char *detail) {
    JsonWriter *writer = &reply->writer;
    json_object_begin(writer);
    exchange_put_int(writer, "orderListId", list->id);
    exchange_put_text(writer, "contingencyType", "OCO");
    exchange_put_text(writer, "listStatusType", list->done ? "ALL_DONE" : "EXEC_STARTED");
    exchange_put_text(writer, "listOrderStatus", list->done ? "ALL_DONE" : "EXECUTING");
    exchange_put_text(writer, "listClientOrderId", list->client_id);
    exchange_put_time(reply, "transactionTime", list->time_us);
    put_symbol(exchange, list->pair, writer);
    for (unsigned reports = 0; reports < (detail ? 2 : 1); reports++) {
        json_key(writer, reports ? "orderReports" : "orders");
        json_array_begin(writer);
        for (unsigned i = 0; i < 2; i++) {
            const ExchangeOrder *order = exchange_order(exchange, list->order_ids[i]);
            if (order && reports) put_leg_report(exchange, order, reply, detail);
            if (order && !reports) put_leg(exchange, order, writer);
        }
        json_array_end(writer);
    }
    json_object_end(writer);
}

/* ---- symbols ------------------------------------------------------------------------------- */

static void begin_filter(JsonWriter *writer, const char *name) {
    json_object_begin(writer);
    exchange_put_text(writer, "filterType", name);
}

static void put_lot(const Filters *filters, const char *name, JsonWriter *writer) {
    begin_filter(writer, name);
    exchange_put_decimal(writer, "minQty", of_quantity(filters->quantity_min));
    exchange_put_decimal(writer, "maxQty",
                         of_quantity(filters->quantity_max.units ? filters->quantity_max
                                                                 : quantity_of(INT64_MAX / 2)));
    exchange_put_decimal(writer, "stepSize", of_quantity(filters->step));
    json_object_end(writer);
}

static void put_filters(const Filters *filters, JsonWriter *writer) {
    begin_filter(writer, "PRICE_FILTER");
    exchange_put_decimal(writer, "minPrice", of_price(filters->price_min));
    exchange_put_decimal(writer, "maxPrice", of_price(filters->price_max));
    exchange_put_decimal(writer, "tickSize", of_price(filters->tick));
    json_object_end(writer);
    put_lot(filters, "LOT_SIZE", writer);
    put_lot(filters, "MARKET_LOT_SIZE", writer);
    begin_filter(writer, "PERCENT_PRICE_BY_SIDE");
    static const char *const factors[] = {"bidMultiplierUp", "bidMultiplierDown", "askMultiplierUp",
                                          "askMultiplierDown"};
    for (unsigned i = 0; i < 4; i++)
        exchange_put_text(writer, factors[i], i % 2 ? "0.2" : "5");
    exchange_put_int(writer, "avgPriceMins", 0);
    json_object_end(writer);
    begin_filter(writer, "NOTIONAL");
    exchange_put_decimal(writer, "minNotional", filters->notional_min);
    exchange_put_bool(writer, "applyMinToMarket", true);
    exchange_put_decimal(writer, "maxNotional",
                         filters->notional_max.units ? filters->notional_max
                                                     : money_of(9000000 * (__int128)DECIMAL_SCALE));
    exchange_put_bool(writer, "applyMaxToMarket", filters->notional_max.units != 0);
    exchange_put_int(writer, "avgPriceMins", 0);
    json_object_end(writer);
    begin_filter(writer, "MAX_NUM_ORDERS");
    exchange_put_int(writer, "maxNumOrders", LIMIT_EXCHANGE_OPEN_PAIR);
    json_object_end(writer);
    begin_filter(writer, "MAX_NUM_ALGO_ORDERS");
    exchange_put_int(writer, "maxNumAlgoOrders", LIMIT_EXCHANGE_STOPS);
    json_object_end(writer);
}

static void put_abilities(JsonWriter *writer) {
    static const struct {
        const char *name;
        bool can;
    } abilities[] = {{"icebergAllowed", false},
                     {"ocoAllowed", true},
                     {"otoAllowed", false},
                     {"opoAllowed", false},
                     {"quoteOrderQtyMarketAllowed", true},
                     {"allowTrailingStop", false},
                     {"cancelReplaceAllowed", true},
                     {"amendAllowed", false},
                     {"pegInstructionsAllowed", false},
                     {"isSpotTradingAllowed", true},
                     {"isMarginTradingAllowed", false}};
    for (unsigned i = 0; i < sizeof abilities / sizeof abilities[0]; i++)
        exchange_put_bool(writer, abilities[i].name, abilities[i].can);
}

void exchange_write_symbol(const ExchangePair *pair, JsonWriter *writer) {
    static const char *const precisions[] = {"baseAssetPrecision", "quotePrecision",
                                             "quoteAssetPrecision", "baseCommissionPrecision",
                                             "quoteCommissionPrecision"};
    json_object_begin(writer);
    exchange_put_text(writer, "symbol", pair->symbol.name.text);
    exchange_put_text(writer, "status", exchange_trading_name(pair->trading));
    exchange_put_text(writer, "baseAsset", pair->symbol.base.text);
    exchange_put_text(writer, "quoteAsset", pair->symbol.quote.text);
    for (unsigned i = 0; i < 5; i++)
        exchange_put_int(writer, precisions[i], 8);
    json_key(writer, "orderTypes");
    json_array_begin(writer);
    for (ExchangeType type = 0; type < EXCHANGE_TYPE_COUNT; type++)
        json_string(writer, exchange_type_name(type));
    json_array_end(writer);
    put_abilities(writer);
    json_key(writer, "filters");
    json_array_begin(writer);
    put_filters(&pair->symbol.filters, writer);
    json_array_end(writer);
    json_key(writer, "permissions");
    json_raw(writer, SLICE("[]"));
    json_key(writer, "permissionSets");
    json_raw(writer, SLICE("[[\"SPOT\"]]"));
    exchange_put_text(writer, "defaultSelfTradePreventionMode", "NONE");
    json_key(writer, "allowedSelfTradePreventionModes");
    json_raw(writer, SLICE("[\"NONE\"]"));
    json_object_end(writer);
}

void exchange_write_levels(const Exchange *exchange, unsigned pair, unsigned limit,
                           JsonWriter *writer) {
    ExchangeLevel levels[LIMIT_EXCHANGE_LEVELS];
    for (unsigned side = 0; side < 2; side++) {
        unsigned count = exchange_book(exchange, pair, side ? SIDE_SELL : SIDE_BUY, levels);
        json_key(writer, side ? "asks" : "bids");
        json_array_begin(writer);
        for (unsigned i = 0; i < count && i < limit; i++) {
            json_array_begin(writer);
            exchange_put_decimal(writer, NULL, of_price(levels[i].price));
            exchange_put_decimal(writer, NULL, of_quantity(levels[i].quantity));
            json_array_end(writer);
        }
        json_array_end(writer);
    }
}
