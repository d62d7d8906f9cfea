/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much, and where the stop stands: the two audited places where a double becomes a Quantity or
 * a Price. Sizes are rounded down to the step, stops up and targets down to the tick: always
 * towards less risk. Pure.
 */
#ifndef CORE_TRADE_SIZING_H
#define CORE_TRADE_SIZING_H

#include "core/market/symbol.h"

typedef struct SizeAsk {
    Money equity, free_quote;
    double size_fraction; /* largest share of equity */
    Money smallest;       /* quote: the size while unproven, and the least of any entry */
    bool only_smallest;
    Price price;
    int reserve_percent; /* of free quote, kept for costs between decision and fill */
} SizeAsk;

/* Quantity on the step, at most what free quote pays for; 0 if that is nothing. */
Quantity sizing_quantity(const SizeAsk *ask, const Filters *filters);
/* Stop `fraction` below and target `fraction` above the entry. 0 if they would not be a price. */
Price sizing_stop(Price entry, double fraction, const Filters *filters);
Price sizing_target(Price entry, double fraction, const Filters *filters);

typedef struct TrailingRule {
    double activation_fraction, trail_fraction, step_fraction;
    int64_t pause_us; /* least time between two moves */
} TrailingRule;

/* The new stop behind the highest price since the entry, or 0 if it does not move. */
Price sizing_trail(const TrailingRule *rule, Price entry, Price high_water, Price stop,
                   const Filters *filters);
/* part / whole as a statistic for screens (0 if whole is not positive). */
double sizing_ratio(Money part, Money whole);

#endif
