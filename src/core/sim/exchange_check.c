/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules that an order is held to before any balance is looked at: the symbol's filters, how
 * many orders there may be, on which side of the price a stop may stand. The words are the venue's,
 * because clients compare them (Binance Spot API, "Filters" and "Errors").
 */
#include "core/sim/exchange_parts.h"

static bool filter_failure(ExchangeFault *fault, const char *filter) {
    return exchange_refuse(fault, -1013, "Filter failure: %s", filter);
}

static bool off_grid(int64_t units, int64_t least, int64_t most, int64_t grid) {
    return units <= 0 || (least && units < least) || (most && units > most) ||
           (grid && units % grid != 0);
}

/* ---- prices -------------------------------------------------------------------------------- */

static bool check_price(const ExchangePair *pair, Price price, ExchangeFault *fault) {
    const Filters *filters = &pair->symbol.filters;
    return !off_grid(price.units, filters->price_min.units, filters->price_max.units,
                     filters->tick.units) ||
           filter_failure(fault, "PRICE_FILTER");
}

static bool check_percent(const ExchangePair *pair, const ExchangeWish *wish,
                          ExchangeFault *fault) {
    const ExchangeRules *rules = &pair->rules;
    __int128 last = pair->last.units, price = (__int128)wish->price.units * PPM;
    bool buys = wish->side == SIDE_BUY;
    int64_t up = buys ? rules->bid_up_ppm : rules->ask_up_ppm;
    int64_t down = buys ? rules->bid_down_ppm : rules->ask_down_ppm;
    bool outside = (up && price > last * up) || (down && price < last * down);
    return !outside || filter_failure(fault, "PERCENT_PRICE_BY_SIDE");
}

static bool rises_to_stop(const ExchangeWish *wish) {
    bool is_loss = wish->type == EXCHANGE_STOP_LOSS || wish->type == EXCHANGE_STOP_LOSS_LIMIT;
    return is_loss == (wish->side == SIDE_BUY);
}

bool exchange_stop_reached(const ExchangeWish *wish, Price price) {
    return rises_to_stop(wish) ? price.units >= wish->stop.units : price.units <= wish->stop.units;
}

static bool check_trailing(const ExchangePair *pair, const ExchangeWish *wish,
                           ExchangeFault *fault) {
    const ExchangeRules *rules = &pair->rules;
    bool above = rises_to_stop(wish);
    unsigned least = above ? rules->trail_above_min : rules->trail_below_min;
    unsigned most = above ? rules->trail_above_max : rules->trail_below_max;
    if (!rules->allows_trailing)
        return exchange_refuse(fault, -2010,
                               "Trailing stop orders are not supported for this symbol.");
    return (wish->trailing >= least && wish->trailing <= most) ||
           filter_failure(fault, "TRAILING_DELTA");
}

static bool check_prices(const ExchangePair *pair, const ExchangeWish *wish, ExchangeFault *fault) {
    bool stops = exchange_is_stop(wish->type);
    if (exchange_has_price(wish->type) && !check_price(pair, wish->price, fault)) return false;
    if (stops && (wish->stop.units || !wish->trailing) && !check_price(pair, wish->stop, fault))
        return false;
    return !stops || !wish->trailing || check_trailing(pair, wish, fault);
}

/* ---- amounts ------------------------------------------------------------------------------- */

static bool check_lot(const ExchangePair *pair, Quantity quantity, ExchangeFault *fault) {
    const Filters *filters = &pair->symbol.filters;
    return !off_grid(quantity.units, filters->quantity_min.units, filters->quantity_max.units,
                     filters->step.units) ||
           filter_failure(fault, "LOT_SIZE");
}

static bool check_quantity(const ExchangePair *pair, const ExchangeWish *wish,
                           ExchangeFault *fault) {
    const ExchangeRules *rules = &pair->rules;
    if (!check_lot(pair, wish->quantity, fault)) return false;
    return wish->type != EXCHANGE_MARKET ||
           !off_grid(wish->quantity.units, rules->market_min.units, rules->market_max.units,
                     rules->market_step.units) ||
           filter_failure(fault, "MARKET_LOT_SIZE");
}

static bool check_iceberg(const ExchangePair *pair, const ExchangeWish *wish,
                          ExchangeFault *fault) {
    int64_t part = wish->iceberg.units, whole = wish->quantity.units;
    if (!part) return true;
    if (!pair->rules.allows_iceberg)
        return exchange_refuse(fault, -2010, "Iceberg orders are not supported for this symbol.");
    if (part > whole) return exchange_refuse(fault, -2010, "IcebergQty exceeds QTY.");
    if (!check_lot(pair, wish->iceberg, fault)) return false;
    unsigned most = pair->rules.parts_max;
    return !most || whole / part + (whole % part != 0) <= most ||
           filter_failure(fault, "ICEBERG_PARTS");
}

/* The floored money is below the least exactly when the exact product is. */
static bool check_notional(const ExchangePair *pair, const ExchangeWish *wish, Money notional,
                           ExchangeFault *fault) {
    const Filters *filters = &pair->symbol.filters;
    bool market = wish->type == EXCHANGE_MARKET;
    bool min = !market || pair->rules.min_to_market, max = !market || pair->rules.max_to_market;
    bool below = min && money_compare(notional, filters->notional_min) < 0;
    bool above =
        max && filters->notional_max.units && money_compare(notional, filters->notional_max) > 0;
    return (!below && !above) || filter_failure(fault, "NOTIONAL");
}

bool exchange_check_amount(const ExchangePair *pair, const ExchangeWish *wish,
                           ExchangeFault *fault) {
    if (wish->quote_quantity.units) return check_notional(pair, wish, wish->quote_quantity, fault);
    if (!check_quantity(pair, wish, fault) || !check_iceberg(pair, wish, fault)) return false;
    Price price = exchange_has_price(wish->type) ? wish->price
                  : wish->stop.units             ? wish->stop
                                                 : pair->last;
    return check_notional(pair, wish, price_times_quantity(price, wish->quantity).money, fault);
}

/* BUY: what the account has of the base asset, and all that it has asked for. */
static bool check_position(const Exchange *exchange, const ExchangeWish *wish,
                           ExchangeFault *fault) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    const ExchangeAccount *account = &exchange->accounts[wish->account];
    const ExchangeBalance *held = &account->balances[pair->base];
    if (wish->side == SIDE_SELL || !pair->rules.position_max.units) return true;
    Money sum = money_add(held->free, held->locked);
    for (unsigned i = 0; i < account->open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, account->open[i]);
        if (order && order->wish.pair == wish->pair && order->wish.side == SIDE_BUY)
            sum = money_add(sum, money_of(exchange_left(order).units));
    }
    sum = money_add(sum, money_of(wish->quantity.units));
    return money_compare(sum, money_of(pair->rules.position_max.units)) <= 0 ||
           filter_failure(fault, "MAX_POSITION");
}

/* ---- all of an order ----------------------------------------------------------------------- */

static bool would_take(const Exchange *exchange, const ExchangeWish *wish) {
    Side other = wish->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    Price touch = exchange_touch(exchange, wish->pair, other);
    return touch.units > 0 && exchange_crosses(wish, touch);
}

bool exchange_check_form(const Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    if (!check_prices(pair, wish, fault)) return false;
    /* The quantity of a leg that another pays is not known yet, nor that of an order by quote. */
    bool unknown = wish->quantity.units == 0;
    return unknown || (check_quantity(pair, wish, fault) && check_iceberg(pair, wish, fault));
}

bool exchange_check_moment(const Exchange *exchange, const ExchangeWish *wish,
                           ExchangeFault *fault) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    if (pair->trading != EXCHANGE_TRADING || pair->last.units <= 0)
        return exchange_refuse(fault, -2010, "Market is closed.");
    if (!check_prices(pair, wish, fault)) return false;
    if (exchange_has_price(wish->type) && !check_percent(pair, wish, fault)) return false;
    if (!exchange_check_amount(pair, wish, fault) || !check_position(exchange, wish, fault))
        return false;
    if (exchange_is_stop(wish->type) && wish->stop.units && exchange_stop_reached(wish, pair->last))
        return exchange_refuse(fault, -2010, "Order would trigger immediately.");
    if (wish->type == EXCHANGE_LIMIT_MAKER && would_take(exchange, wish))
        return exchange_refuse(fault, -2010, "Order would immediately match and take.");
    return true;
}

bool exchange_check_names(const Exchange *exchange, const ExchangeWish *wish,
                          ExchangeFault *fault) {
    const ExchangeAccount *account = &exchange->accounts[wish->account];
    if (!wish->client_id[0]) return true;
    uint32_t hash = exchange_hash(wish->account, slice_of(wish->client_id));
    for (unsigned i = 0; i < account->open_count; i++) {
        int64_t id = account->open[i];
        if (exchange->names[id % LIMIT_EXCHANGE_ORDERS] != hash) continue;
        const ExchangeOrder *order = exchange_order(exchange, id);
        if (order && slice_is(slice_of(wish->client_id), order->wish.client_id))
            return exchange_refuse(fault, -2010, "Duplicate order sent.");
    }
    return true;
}

bool exchange_check(const Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault) {
    return exchange_check_moment(exchange, wish, fault) &&
           exchange_check_names(exchange, wish, fault);
}

/* ---- how many ------------------------------------------------------------------------------ */

typedef struct Tally {
    unsigned orders, stops, icebergs, lists;
} Tally;

static void count_order(Tally *tally, const ExchangeWish *wish) {
    tally->orders++;
    tally->stops += exchange_is_stop(wish->type);
    tally->icebergs += wish->iceberg.units > 0;
}

static bool over(unsigned count, unsigned most) {
    return most && count > most;
}

static bool check_tallies(const ExchangeRules *rules, const Tally *pair, const Tally *all,
                          ExchangeFault *fault) {
    if (pair->orders > rules->orders_max) return filter_failure(fault, "MAX_NUM_ORDERS");
    if (pair->stops && over(pair->stops, rules->stops_max))
        return filter_failure(fault, "MAX_NUM_ALGO_ORDERS");
    if (over(pair->icebergs, rules->icebergs_max))
        return filter_failure(fault, "MAX_NUM_ICEBERG_ORDERS");
    if (over(pair->lists, rules->lists_max)) return filter_failure(fault, "MAX_NUM_ORDER_LISTS");
    if (all->orders > LIMIT_EXCHANGE_OPEN) return filter_failure(fault, "EXCHANGE_MAX_NUM_ORDERS");
    if (all->stops > EXCHANGE_STOPS_IN_ALL)
        return filter_failure(fault, "EXCHANGE_MAX_NUM_ALGO_ORDERS");
    if (all->icebergs > EXCHANGE_ICEBERGS_IN_ALL)
        return filter_failure(fault, "EXCHANGE_MAX_NUM_ICEBERG_ORDERS");
    return all->lists <= EXCHANGE_LISTS_IN_ALL ||
           filter_failure(fault, "EXCHANGE_MAX_NUM_ORDER_LISTS");
}

/* An open list is counted at its first leg that is open. */
static bool leads_list(const Exchange *exchange, const ExchangeOrder *order) {
    const ExchangeList *list = exchange_list(exchange, order->list_id);
    for (unsigned i = 0; list && i < list->leg_count; i++) {
        const ExchangeOrder *leg = exchange_order(exchange, list->order_ids[i]);
        if (leg && exchange_is_open(leg)) return leg == order;
    }
    return false;
}

bool exchange_check_counts(const Exchange *exchange, const ExchangeWish *wishes, unsigned count,
                           unsigned lists, ExchangeFault *fault) {
    const ExchangeAccount *account = &exchange->accounts[wishes->account];
    Tally pair = {.lists = lists}, all = {.lists = lists}, asked = {0};
    for (unsigned i = 0; i < count; i++) {
        count_order(&pair, &wishes[i]);
        count_order(&all, &wishes[i]);
    }
    asked = pair;
    for (unsigned i = 0; i < account->open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, account->open[i]);
        if (!order) continue;
        bool leads = order->list_id >= 0 && lists && leads_list(exchange, order);
        count_order(&all, &order->wish);
        all.lists += leads;
        if (order->wish.pair != wishes->pair) continue;
        count_order(&pair, &order->wish);
        pair.lists += leads;
    }
    /* What is not asked for cannot be too much of it. */
    if (!asked.stops) pair.stops = all.stops = 0;
    if (!asked.icebergs) pair.icebergs = all.icebergs = 0;
    return check_tallies(&exchange->pairs[wishes->pair].rules, &pair, &all, fault);
}
