/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/sizing.h"

#include "core/base/planted.h"

Quantity sizing_quantity(const SizeAsk *ask, const Filters *filters) {
    double smallest = money_double(ask->smallest);
    double wanted = ask->only_smallest ? smallest : money_double(ask->equity) * ask->size_fraction;
    double payable = money_double(ask->free_quote) * (100 - ask->reserve_percent) / 100;
    if (wanted < smallest) wanted = smallest;
    if (wanted > payable) wanted = payable;
    Quantity quantity;
    if (ask->price.units <= 0 ||
        !quantity_from_double(wanted / price_double(ask->price), &quantity))
        return quantity_of(0);
    if (filters->quantity_max.units > 0 && quantity.units > filters->quantity_max.units)
        quantity = filters->quantity_max;
    return quantity_floor(quantity, filters->step);
}

Price sizing_stop(Price entry, double fraction, const Filters *filters) {
    Price stop;
    if (!price_from_double(price_double(entry) * (1 - fraction), &stop)) return price_of(0);
    return price_ceil(stop, filters->tick);
}

Price sizing_target(Price entry, double fraction, const Filters *filters) {
    Price target;
    if (!price_from_double(price_double(entry) * (1 + fraction), &target)) return price_of(0);
    return price_floor(target, filters->tick);
}

Price sizing_trail(const TrailingRule *rule, Price entry, Price high_water, Price stop,
                   const Filters *filters) {
    double high = price_double(high_water), from = price_double(stop);
    if (high < price_double(entry) * (1 + rule->activation_fraction)) return price_of(0);
    Price moved;
    if (!price_from_double(high * (1 - rule->trail_fraction), &moved)) return price_of(0);
    moved = price_floor(moved, filters->tick);
    if (PLANTED(9, false, true)) return moved;
    return price_double(moved) >= from * (1 + rule->step_fraction) ? moved : price_of(0);
}

double sizing_ratio(Money part, Money whole) {
    return whole.units > 0 ? money_double(part) / money_double(whole) : 0;
}
