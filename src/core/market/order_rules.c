/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/order_rules.h"

/* The grid begins at zero; a bound or step of 0 is off. */
static bool off_grid(int64_t units, int64_t smallest, int64_t greatest, int64_t grid) {
    return units <= 0 || (smallest && units < smallest) || (greatest && units > greatest) ||
           (grid && units % grid != 0);
}

static bool off_price(const Filters *filters, Price price) {
    return off_grid(price.units, filters->price_min.units, filters->price_max.units,
                    filters->tick.units);
}

static bool off_lot(const Filters *filters, Quantity quantity) {
    return off_grid(quantity.units, filters->quantity_min.units, filters->quantity_max.units,
                    filters->step.units);
}

/* reference x down <= price <= reference x up, as whole numbers: 63 bits each side fit in 128. */
static bool off_band(const PriceBand *band, Side side, Price price, Price reference) {
    if (!band->is_set || reference.units <= 0 || price.units <= 0) return false;
    int64_t up = side == SIDE_BUY ? band->bid_up : band->ask_up;
    int64_t down = side == SIDE_BUY ? band->bid_down : band->ask_down;
    __int128 scaled = (__int128)price.units * DECIMAL_SCALE;
    return scaled < (__int128)reference.units * down || scaled > (__int128)reference.units * up;
}

/* The floored money is below the lower bound exactly when the product is; at the upper one the
 * remainder counts. */
static bool off_notional(const OrderRules *rules, const OrderShape *order) {
    Price price = order->is_market ? order->reference : order->price;
    if (price.units <= 0) return false;
    bool low = !order->is_market || rules->min_to_market;
    bool high = (!order->is_market || rules->max_to_market) && rules->notional_max.units > 0;
    Notional notional = price_times_quantity(price, order->quantity);
    int above = money_compare(notional.money, rules->notional_max);
    return (low && money_compare(notional.money, rules->notional_min) < 0) ||
           (high && (above > 0 || (above == 0 && notional.remainder > 0)));
}

static bool too_many_parts(const OrderRules *rules, const OrderShape *order) {
    if (rules->iceberg_parts_max == 0 || order->iceberg.units <= 0) return false;
    int64_t parts = order->quantity.units / order->iceberg.units +
                    (order->quantity.units % order->iceberg.units != 0);
    return parts > rules->iceberg_parts_max;
}

const char *order_rules_fault(const Filters *filters, const OrderRules *rules,
                              const OrderShape *order) {
    if (!order->is_market && off_price(filters, order->price)) return "PRICE_FILTER";
    if (order->stop_price.units != 0 && off_price(filters, order->stop_price))
        return "PRICE_FILTER";
    if (off_lot(filters, order->quantity)) return "LOT_SIZE";
    if (order->iceberg.units != 0 && off_lot(filters, order->iceberg)) return "LOT_SIZE";
    if (order->is_market && off_grid(order->quantity.units, rules->market_min.units,
                                     rules->market_max.units, rules->market_step.units))
        return "MARKET_LOT_SIZE";
    if (off_band(&rules->band, order->side, order->price, order->reference))
        return "PERCENT_PRICE_BY_SIDE";
    if (off_notional(rules, order)) return "NOTIONAL";
    return too_many_parts(rules, order) ? "ICEBERG_PARTS" : NULL;
}

static bool beyond(bool is_set, uint32_t limit, uint32_t resting, uint32_t more) {
    return is_set && more > 0 && (uint64_t)resting + more > limit;
}

const char *order_rules_crowded(const OrderRules *rules, const OrderShape *order,
                                const OrderCrowd *crowd) {
    uint32_t icebergs = order->iceberg.units > 0, lists = crowd->legs > 1;
    if (beyond(rules->has_orders_max, rules->orders_max, crowd->orders, crowd->legs))
        return "MAX_NUM_ORDERS";
    if (beyond(rules->has_stops_max, rules->stops_max, crowd->stops, crowd->stop_legs))
        return "MAX_NUM_ALGO_ORDERS";
    if (beyond(rules->has_icebergs_max, rules->icebergs_max, crowd->icebergs, icebergs))
        return "MAX_NUM_ICEBERG_ORDERS";
    if (beyond(rules->has_lists_max, rules->lists_max, crowd->lists, lists))
        return "MAX_NUM_ORDER_LISTS";
    if (order->side != SIDE_BUY || !rules->has_position_max) return NULL;
    Money after =
        money_add(money_add(crowd->base_held, crowd->open_buys), money_of(order->quantity.units));
    return after.units > rules->position_max.units ? "MAX_POSITION" : NULL;
}
