/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's other trading rules, beside the grid that core/market/symbol.h keeps (Binance Spot
 * API, "Filters"): market lots, bands around a reference price, notional with its flags for market
 * orders, how many orders may rest, and the greatest position. Judged exactly, on integers of 128
 * bits, before an order leaves; a refusal names the filter as the venue would. A rule that is
 * absent, and a bound of 0 where the venue means "off", bind nothing. Plain values.
 */
#ifndef CORE_MARKET_ORDER_RULES_H
#define CORE_MARKET_ORDER_RULES_H

#include "core/market/choices.h"
#include "core/market/symbol.h"

/* Multipliers of the reference price, at 1e-8. */
typedef struct PriceBand {
    bool is_set;
    int64_t bid_up, bid_down, ask_up, ask_down;
} PriceBand;

typedef struct OrderRules {
    Quantity market_min, market_max, market_step;
    PriceBand band;
    Money notional_min, notional_max;  /* of a price times a quantity */
    bool min_to_market, max_to_market; /* whether they bind market orders too */
    bool has_orders_max, has_stops_max, has_icebergs_max, has_lists_max, has_position_max;
    uint32_t orders_max, stops_max, icebergs_max, lists_max; /* that may rest on the symbol */
    uint32_t iceberg_parts_max;                              /* 0: off */
    Quantity position_max;
    uint32_t average_minutes; /* over which the reference price is averaged; 0: the last price */
} OrderRules;

typedef struct OrderShape {
    Side side;
    bool is_market;   /* no limit price: also a stop that becomes a market order */
    Price price;      /* limit; 0 where there is none */
    Price stop_price; /* 0: none, or it trails */
    Price reference;  /* 0: not known, and then rules that need it bind nothing */
    Quantity quantity, iceberg;
} OrderShape;

/* What rests already, without the order that is judged. */
typedef struct OrderCrowd {
    uint32_t orders, stops, icebergs, lists;
    Money base_held;    /* free and locked of the base asset */
    Money open_buys;    /* quantities of resting buys */
    uint32_t legs;      /* of the order that is judged: 1, or 2 or 3 in a list */
    uint32_t stop_legs; /* of these, those that wait for a trigger */
} OrderCrowd;

/* NULL, or the name of the filter that the order breaks. */
const char *order_rules_fault(const Filters *filters, const OrderRules *rules,
                              const OrderShape *order);
/* The same for the counts and the position. */
const char *order_rules_crowded(const OrderRules *rules, const OrderShape *order,
                                const OrderCrowd *crowd);

#endif
