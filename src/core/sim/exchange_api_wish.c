/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the parameters of a call to what is wished for. A leg of a list has the parameters of an
 * order behind the leg's name: `price` of an order is `workingPrice`, `pendingAbovePrice` of a leg.
 */
#include "core/sim/exchange_api.h"

#include <string.h>

#define STRATEGY_TYPE_MIN 1000000 /* smaller ones are the venue's own */

bool exchange_take_type(const char *word, ExchangeType *type, ExchangeFault *fault) {
    for (ExchangeType at = 0; at < EXCHANGE_TYPE_COUNT; at++) {
        if (strcmp(word, exchange_type_name(at)) != 0) continue;
        *type = at;
        return true;
    }
    return exchange_refuse(fault, -1116, "Invalid orderType.");
}

bool exchange_take_force(const char *word, ExchangeForce *force, ExchangeFault *fault) {
    for (ExchangeForce at = 0; at < EXCHANGE_FORCE_COUNT; at++) {
        if (strcmp(word, exchange_force_name(at)) != 0) continue;
        *force = at;
        return true;
    }
    return exchange_refuse(fault, -1115, "Invalid timeInForce.");
}

bool exchange_take_side(const char *word, Side *side, ExchangeFault *fault) {
    bool buys = strcmp(word, "BUY") == 0;
    *side = buys ? SIDE_BUY : SIDE_SELL;
    return buys || strcmp(word, "SELL") == 0 || exchange_refuse(fault, -1117, "Invalid side.");
}

bool exchange_take_prevention(const Exchange *exchange, const ExchangeCall *call, unsigned pair,
                              ExchangePrevention *mode, ExchangeFault *fault) {
    const char *word = exchange_query_value(call->query, "selfTradePreventionMode");
    *mode = exchange->pairs[pair].rules.prevention;
    if (!word) return true;
    for (ExchangePrevention at = 0; at < EXCHANGE_PREVENTION_COUNT; at++) {
        if (strcmp(word, exchange_prevention_name(at)) != 0) continue;
        *mode = at;
        return true;
    }
    return exchange_refuse(fault, -1013,
                           "This symbol does not allow the specified self-trade prevention mode.");
}

static bool is_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-_.:/", c);
}

bool exchange_take_client_id(const ExchangeCall *call, const char *name,
                             char target[static LIMIT_EXCHANGE_CLIENT_ID], ExchangeFault *fault) {
    const char *value = exchange_query_value(call->query, name);
    target[0] = 0;
    if (!value) return true;
    bool sound = slice_copy(slice_of(value), target, LIMIT_EXCHANGE_CLIENT_ID) && target[0];
    for (const char *c = value; *c && sound; c++)
        sound = is_id_character(*c);
    return sound || exchange_refuse(fault, -1100,
                                    "Illegal characters found in parameter '%s'; legal range is "
                                    "'^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
                                    name);
}

/* ---- the names of a leg's parameters ------------------------------------------------------- */

typedef struct LegName {
    char text[40];
} LegName;

/* `Price` behind "pendingAbove"; of a single order `price`. */
static LegName name_in(const char *leg, const char *name) {
    LegName full = {{0}};
    Text text = TEXT_IN(full.text);
    text_put(&text, leg);
    text_put(&text, name);
    text_end(&text);
    if (!leg[0] && name[0] >= 'A' && name[0] <= 'Z') full.text[0] = (char)(name[0] - 'A' + 'a');
    return full;
}

static const char *value_in(const ExchangeQuery *query, const char *leg, const char *name) {
    LegName full = name_in(leg, name);
    return exchange_query_value(query, full.text);
}

static bool needs_in(const ExchangeQuery *query, const char *leg, const char *name,
                     ExchangeFault *fault) {
    LegName full = name_in(leg, name);
    return exchange_query_needs(query, full.text, fault);
}

static bool unwanted_in(const ExchangeQuery *query, const char *leg, const char *name,
                        ExchangeFault *fault) {
    LegName full = name_in(leg, name);
    return !exchange_query_value(query, full.text) ||
           exchange_refuse(fault, -1106, "Parameter '%s' sent when not required.", full.text);
}

static bool decimal_in(const ExchangeQuery *query, const char *leg, const char *name,
                       int64_t *units, ExchangeFault *fault) {
    LegName full = name_in(leg, name);
    return exchange_query_decimal(query, full.text, units, fault);
}

static bool int_in(const ExchangeQuery *query, const char *leg, const char *name, int64_t *value,
                   ExchangeFault *fault) {
    LegName full = name_in(leg, name);
    return exchange_query_int(query, full.text, value, fault);
}

/* ---- a leg --------------------------------------------------------------------------------- */

/* Which parameters the type needs, and which it may not have. */
static bool check_given(const ExchangeQuery *query, const char *leg, ExchangeType type,
                        ExchangeFault *fault) {
    bool stops = exchange_is_stop(type), maker = type == EXCHANGE_LIMIT_MAKER;
    bool priced =
        type != EXCHANGE_MARKET && type != EXCHANGE_STOP_LOSS && type != EXCHANGE_TAKE_PROFIT;
    bool trails = value_in(query, leg, "TrailingDelta") != NULL;
    bool forced = priced && !maker;
    if (forced ? !needs_in(query, leg, "TimeInForce", fault)
               : !unwanted_in(query, leg, "TimeInForce", fault))
        return false;
    if (priced ? !needs_in(query, leg, "Price", fault) : !unwanted_in(query, leg, "Price", fault))
        return false;
    if (!priced && !unwanted_in(query, leg, "IcebergQty", fault)) return false;
    if (stops) return trails || needs_in(query, leg, "StopPrice", fault);
    return unwanted_in(query, leg, "StopPrice", fault) &&
           unwanted_in(query, leg, "TrailingDelta", fault);
}

static bool take_labels(const ExchangeQuery *query, const char *leg, ExchangeWish *wish,
                        ExchangeFault *fault) {
    wish->has_strategy = value_in(query, leg, "StrategyId") != NULL;
    wish->has_strategy_type = value_in(query, leg, "StrategyType") != NULL;
    if (!int_in(query, leg, "StrategyId", &wish->strategy, fault) ||
        !int_in(query, leg, "StrategyType", &wish->strategy_type, fault))
        return false;
    return !wish->has_strategy_type || wish->strategy_type >= STRATEGY_TYPE_MIN ||
           exchange_refuse(fault, -1134, "`strategyType` was less than 1000000.");
}

static bool take_trailing(const ExchangeQuery *query, const char *leg, ExchangeWish *wish,
                          ExchangeFault *fault) {
    int64_t delta = 0;
    if (!int_in(query, leg, "TrailingDelta", &delta, fault)) return false;
    if (value_in(query, leg, "TrailingDelta") && (delta <= 0 || delta > UINT16_MAX))
        return exchange_refuse(fault, -1013, "Filter failure: TRAILING_DELTA");
    wish->trailing = (unsigned)delta;
    return true;
}

/* Hidden parts are renewed while the order rests: it has to be one that may. */
static bool check_iceberg(const char *leg, const ExchangeWish *wish, ExchangeFault *fault) {
    if (!wish->iceberg.units || wish->force == EXCHANGE_GTC) return true;
    if (!leg[0]) return exchange_refuse(fault, -1014, "Unsupported order combination.");
    return exchange_refuse(fault, -1160,
                           "Parameter '%sIcebergQty' is not supported if `%sTimeInForce` is not "
                           "GTC.",
                           leg, leg);
}

bool exchange_take_leg(const ExchangeCall *call, const char *leg, ExchangeWish *wish,
                       ExchangeFault *fault) {
    const ExchangeQuery *query = call->query;
    const char *force = value_in(query, leg, "TimeInForce");
    LegName client_id = name_in(leg, leg[0] ? "ClientOrderId" : "newClientOrderId");
    if (value_in(query, leg, "PegPriceType"))
        return exchange_refuse(fault, -2010, "Pegged orders are not supported for this symbol.");
    if (!needs_in(query, leg, "Type", fault) ||
        !exchange_take_type(value_in(query, leg, "Type"), &wish->type, fault) ||
        !check_given(query, leg, wish->type, fault) ||
        !decimal_in(query, leg, "Price", &wish->price.units, fault) ||
        !decimal_in(query, leg, "StopPrice", &wish->stop.units, fault) ||
        !decimal_in(query, leg, "IcebergQty", &wish->iceberg.units, fault) ||
        !take_trailing(query, leg, wish, fault) || !take_labels(query, leg, wish, fault))
        return false;
    wish->force = EXCHANGE_GTC;
    return (!force || exchange_take_force(force, &wish->force, fault)) &&
           check_iceberg(leg, wish, fault) &&
           exchange_take_client_id(call, client_id.text, wish->client_id, fault);
}

/* ---- a single order ------------------------------------------------------------------------ */

static bool take_amounts(const ExchangeQuery *query, ExchangeWish *wish, ExchangeFault *fault) {
    const char *type = exchange_query_value(query, "type");
    int64_t quote = 0;
    bool by_quote =
        type && strcmp(type, "MARKET") == 0 && exchange_query_value(query, "quoteOrderQty");
    if (by_quote ? !unwanted_in(query, "", "Quantity", fault)
                 : !exchange_query_needs(query, "quantity", fault) ||
                       !unwanted_in(query, "", "quoteOrderQty", fault))
        return false;
    if (!exchange_query_decimal(query, "quantity", &wish->quantity.units, fault) ||
        !exchange_query_decimal(query, "quoteOrderQty", &quote, fault))
        return false;
    wish->quote_quantity = money_of(quote);
    return true;
}

bool exchange_take_wish(const Exchange *exchange, const ExchangeCall *call, ExchangeWish *wish,
                        ExchangeFault *fault) {
    const ExchangeQuery *query = call->query;
    ExchangeType type;
    *wish = (ExchangeWish){.account = call->account};
    return exchange_take_pair(exchange, call, &wish->pair, fault) &&
           exchange_query_needs(query, "side", fault) &&
           exchange_query_needs(query, "type", fault) &&
           exchange_take_side(exchange_query_value(query, "side"), &wish->side, fault) &&
           exchange_take_type(exchange_query_value(query, "type"), &type, fault) &&
           take_amounts(query, wish, fault) && exchange_take_leg(call, "", wish, fault) &&
           exchange_take_prevention(exchange, call, wish->pair, &wish->prevention, fault);
}
