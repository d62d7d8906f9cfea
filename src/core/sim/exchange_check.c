/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules that an order is held to before any balance is looked at: the symbol's filters, how
 * many orders there may be, on which side of the price a stop may stand. The words are the venue's,
 * because clients compare them (Binance Spot API, "Filters" and "Errors").
 */
#include "core/sim/exchange_parts.h"

/* PERCENT_PRICE_BY_SIDE: a limit price may be at most so many times, and at least the fifth part
 * of, the last one. */
#define PRICE_TIMES_MAX 5

static bool off_grid(int64_t units, int64_t least, int64_t most, int64_t grid) {
    return units <= 0 || (least && units < least) || (most && units > most) ||
           (grid && units % grid != 0);
}

static bool check_price(const ExchangePair *pair, Price price, ExchangeFault *fault) {
    const Filters *filters = &pair->symbol.filters;
    if (off_grid(price.units, filters->price_min.units, filters->price_max.units,
                 filters->tick.units))
        return exchange_refuse(fault, -1013, "Filter failure: PRICE_FILTER");
    return true;
}

static bool check_percent(const ExchangePair *pair, Price price, ExchangeFault *fault) {
    int64_t last = pair->last.units;
    if (last > 0 && (price.units / PRICE_TIMES_MAX > last || price.units < last / PRICE_TIMES_MAX))
        return exchange_refuse(fault, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE");
    return true;
}

static bool check_quantity(const ExchangePair *pair, Quantity quantity, ExchangeFault *fault) {
    const Filters *filters = &pair->symbol.filters;
    if (off_grid(quantity.units, filters->quantity_min.units, filters->quantity_max.units,
                 filters->step.units))
        return exchange_refuse(fault, -1013, "Filter failure: LOT_SIZE");
    return true;
}

/* The floored money is below the least exactly when the exact product is. */
static bool check_notional(const ExchangePair *pair, Money notional, ExchangeFault *fault) {
    const Filters *filters = &pair->symbol.filters;
    bool above = filters->notional_max.units && money_compare(notional, filters->notional_max) > 0;
    if (money_compare(notional, filters->notional_min) < 0 || above)
        return exchange_refuse(fault, -1013, "Filter failure: NOTIONAL");
    return true;
}

bool exchange_stop_reached(const ExchangeWish *wish, Price price) {
    bool is_loss = wish->type == EXCHANGE_STOP_LOSS || wish->type == EXCHANGE_STOP_LOSS_LIMIT;
    bool rising = is_loss == (wish->side == SIDE_BUY);
    return rising ? price.units >= wish->stop.units : price.units <= wish->stop.units;
}

static bool would_take(const Exchange *exchange, const ExchangeWish *wish) {
    ExchangeLevel levels[LIMIT_EXCHANGE_LEVELS];
    Side other = wish->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    if (exchange_book(exchange, wish->pair, other, levels) == 0) return false;
    return wish->side == SIDE_BUY ? levels[0].price.units <= wish->price.units
                                  : levels[0].price.units >= wish->price.units;
}

static bool check_amount(const ExchangePair *pair, const ExchangeWish *wish, ExchangeFault *fault) {
    if (wish->quote_quantity.units) return check_notional(pair, wish->quote_quantity, fault);
    if (!check_quantity(pair, wish->quantity, fault)) return false;
    Price price = exchange_has_price(wish->type) ? wish->price
                  : exchange_is_stop(wish->type) ? wish->stop
                                                 : pair->last;
    return check_notional(pair, price_times_quantity(price, wish->quantity).money, fault);
}

bool exchange_check(const Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    if (pair->trading != EXCHANGE_TRADING || pair->last.units <= 0)
        return exchange_refuse(fault, -2010, "Market is closed.");
    if (exchange_has_price(wish->type) &&
        (!check_price(pair, wish->price, fault) || !check_percent(pair, wish->price, fault)))
        return false;
    if (exchange_is_stop(wish->type) && !check_price(pair, wish->stop, fault)) return false;
    if (!check_amount(pair, wish, fault)) return false;
    for (unsigned i = 0; wish->client_id[0] && i < exchange->open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, exchange->open[i]);
        if (order && slice_is(slice_of(wish->client_id), order->wish.client_id))
            return exchange_refuse(fault, -2010, "Duplicate order sent.");
    }
    if (exchange_is_stop(wish->type) && exchange_stop_reached(wish, pair->last))
        return exchange_refuse(fault, -2010, "Order would trigger immediately.");
    if (wish->type == EXCHANGE_LIMIT_MAKER && would_take(exchange, wish))
        return exchange_refuse(fault, -2010, "Order would immediately match and take.");
    return true;
}

bool exchange_check_counts(const Exchange *exchange, unsigned pair, unsigned orders, unsigned stops,
                           ExchangeFault *fault) {
    for (unsigned i = 0; i < exchange->open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, exchange->open[i]);
        if (!order || order->wish.pair != pair) continue;
        orders++;
        stops += stops && exchange_is_stop(order->wish.type);
    }
    if (orders > LIMIT_EXCHANGE_OPEN_PAIR)
        return exchange_refuse(fault, -1013, "Filter failure: MAX_NUM_ORDERS");
    if (stops > LIMIT_EXCHANGE_STOPS)
        return exchange_refuse(fault, -1013, "Filter failure: MAX_NUM_ALGO_ORDERS");
    if (exchange->open_count + 2 > LIMIT_EXCHANGE_OPEN)
        return exchange_refuse(fault, -1013, "Filter failure: EXCHANGE_MAX_NUM_ORDERS");
    return true;
}
