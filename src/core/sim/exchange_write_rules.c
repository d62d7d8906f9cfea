/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a symbol and its book, as the venue writes them down. */
#include "core/sim/exchange_api.h"

/* The venue writes a bound where we have none: the greatest that a decimal of its API holds. */
#define NO_BOUND (9000000 * (int64_t)DECIMAL_SCALE)

static void begin_filter(JsonWriter *writer, const char *name) {
    json_object_begin(writer);
    exchange_put_text(writer, "filterType", name);
}

static void put_lot(const char *name, const Quantity bounds[static 3], JsonWriter *writer) {
    begin_filter(writer, name);
    exchange_put_decimal(writer, "minQty", money_of(bounds[0].units));
    exchange_put_decimal(writer, "maxQty", money_of(bounds[1].units ? bounds[1].units : NO_BOUND));
    exchange_put_decimal(writer, "stepSize", money_of(bounds[2].units));
    json_object_end(writer);
}

/* Parts per million as the venue's multiplier, without zeros behind. */
static void put_times(JsonWriter *writer, const char *key, int64_t ppm) {
    char text[DECIMAL_TEXT_MAX];
    money_to_text(money_of(ppm * (DECIMAL_SCALE / 1000000)), text);
    exchange_put_text(writer, key, text);
}

static void put_percent(const ExchangeRules *rules, JsonWriter *writer) {
    if (!rules->bid_up_ppm && !rules->ask_up_ppm) return;
    begin_filter(writer, "PERCENT_PRICE_BY_SIDE");
    put_times(writer, "bidMultiplierUp", rules->bid_up_ppm);
    put_times(writer, "bidMultiplierDown", rules->bid_down_ppm);
    put_times(writer, "askMultiplierUp", rules->ask_up_ppm);
    put_times(writer, "askMultiplierDown", rules->ask_down_ppm);
    exchange_put_int(writer, "avgPriceMins", 0);
    json_object_end(writer);
}

static void put_notional(const ExchangePair *pair, JsonWriter *writer) {
    const Filters *filters = &pair->symbol.filters;
    begin_filter(writer, "NOTIONAL");
    exchange_put_decimal(writer, "minNotional", filters->notional_min);
    exchange_put_bool(writer, "applyMinToMarket", pair->rules.min_to_market);
    exchange_put_decimal(writer, "maxNotional",
                         filters->notional_max.units ? filters->notional_max : money_of(NO_BOUND));
    exchange_put_bool(writer, "applyMaxToMarket",
                      pair->rules.max_to_market && filters->notional_max.units);
    exchange_put_int(writer, "avgPriceMins", 0);
    json_object_end(writer);
}

static void put_count(const char *filter, const char *key, unsigned most, JsonWriter *writer) {
    if (!most) return;
    begin_filter(writer, filter);
    exchange_put_int(writer, key, most);
    json_object_end(writer);
}

static void put_trailing(const ExchangeRules *rules, JsonWriter *writer) {
    begin_filter(writer, "TRAILING_DELTA");
    exchange_put_int(writer, "minTrailingAboveDelta", rules->trail_above_min);
    exchange_put_int(writer, "maxTrailingAboveDelta", rules->trail_above_max);
    exchange_put_int(writer, "minTrailingBelowDelta", rules->trail_below_min);
    exchange_put_int(writer, "maxTrailingBelowDelta", rules->trail_below_max);
    json_object_end(writer);
}

static void put_counts(const ExchangeRules *rules, JsonWriter *writer) {
    put_count("MAX_NUM_ORDERS", "maxNumOrders", rules->orders_max, writer);
    put_count("MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", rules->stops_max, writer);
    put_count("MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", rules->icebergs_max, writer);
    put_count("MAX_NUM_ORDER_LISTS", "maxNumOrderLists", rules->lists_max, writer);
    put_count("MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends", rules->amends_max, writer);
}

void exchange_write_filters(const ExchangePair *pair, JsonWriter *writer) {
    const Filters *filters = &pair->symbol.filters;
    const ExchangeRules *rules = &pair->rules;
    begin_filter(writer, "PRICE_FILTER");
    exchange_put_decimal(writer, "minPrice", money_of(filters->price_min.units));
    exchange_put_decimal(writer, "maxPrice", money_of(filters->price_max.units));
    exchange_put_decimal(writer, "tickSize", money_of(filters->tick.units));
    json_object_end(writer);
    put_lot("LOT_SIZE",
            (const Quantity[]){filters->quantity_min, filters->quantity_max, filters->step},
            writer);
    put_count("ICEBERG_PARTS", "limit", rules->parts_max, writer);
    put_lot("MARKET_LOT_SIZE",
            (const Quantity[]){rules->market_min, rules->market_max, rules->market_step}, writer);
    put_trailing(rules, writer);
    put_percent(rules, writer);
    put_notional(pair, writer);
    put_counts(rules, writer);
    if (rules->position_max.units) {
        begin_filter(writer, "MAX_POSITION");
        exchange_put_decimal(writer, "maxPosition", money_of(rules->position_max.units));
        json_object_end(writer);
    }
}

void exchange_write_account_filters(JsonWriter *writer) {
    put_count("EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders", LIMIT_EXCHANGE_OPEN, writer);
    put_count("EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", EXCHANGE_STOPS_IN_ALL, writer);
    put_count("EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", EXCHANGE_ICEBERGS_IN_ALL,
              writer);
    put_count("EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists", EXCHANGE_LISTS_IN_ALL, writer);
}

static void put_abilities(const ExchangeRules *rules, JsonWriter *writer) {
    const struct {
        const char *name;
        bool can;
    } abilities[] = {{"icebergAllowed", rules->allows_iceberg},
                     {"ocoAllowed", rules->allows_oco},
                     {"otoAllowed", rules->allows_oto},
                     {"opoAllowed", rules->allows_opo},
                     {"quoteOrderQtyMarketAllowed", true},
                     {"allowTrailingStop", rules->allows_trailing},
                     {"cancelReplaceAllowed", true},
                     {"amendAllowed", rules->allows_amend},
                     {"pegInstructionsAllowed", false},
                     {"isSpotTradingAllowed", true},
                     {"isMarginTradingAllowed", false}};
    for (unsigned i = 0; i < sizeof abilities / sizeof abilities[0]; i++)
        exchange_put_bool(writer, abilities[i].name, abilities[i].can);
}

static void put_preventions(const ExchangeRules *rules, JsonWriter *writer) {
    exchange_put_text(writer, "defaultSelfTradePreventionMode",
                      exchange_prevention_name(rules->prevention));
    json_key(writer, "allowedSelfTradePreventionModes");
    json_array_begin(writer);
    for (ExchangePrevention mode = 0; mode < EXCHANGE_PREVENTION_COUNT; mode++)
        json_string(writer, exchange_prevention_name(mode));
    json_array_end(writer);
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
    put_abilities(&pair->rules, writer);
    json_key(writer, "filters");
    json_array_begin(writer);
    exchange_write_filters(pair, writer);
    json_array_end(writer);
    json_key(writer, "permissions");
    json_raw(writer, SLICE("[]"));
    json_key(writer, "permissionSets");
    json_raw(writer, SLICE("[[\"SPOT\"]]"));
    put_preventions(&pair->rules, writer);
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
            exchange_put_decimal(writer, NULL, money_of(levels[i].price.units));
            exchange_put_decimal(writer, NULL, money_of(levels[i].quantity.units));
            json_array_end(writer);
        }
        json_array_end(writer);
    }
}
