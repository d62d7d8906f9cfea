/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one function by which orders meet recorded prices: trial, lab, replay and the paper venue all
 * call it. A market order fills at its symbol's next open, moved against it by half the spread and
 * the slippage. A protection (stop and target) is judged first at the open (a gap through a level
 * fills at the open), then on the bar's range (both touched means the stop). Prices stay on the
 * tick, rounded against the order; fees are taken from what is received, rounded up. Pure.
 */
#ifndef CORE_SIM_PAPER_FILL_H
#define CORE_SIM_PAPER_FILL_H

#include "core/market/choices.h"
#include "core/market/symbol.h"

/* Costs in parts per million of the price or of the received amount. */
typedef struct PaperCosts {
    int64_t fee_ppm, half_spread_ppm, slippage_ppm;
} PaperCosts;

typedef struct PaperFill {
    Price price;        /* on the tick */
    Money fee;          /* BUY: in the base asset; SELL: in the quote asset */
    Money slippage;     /* quote lost against the undisturbed price, >= 0 */
    TradeReason reason; /* what made it fill */
} PaperFill;

/* Price of a market order (or a triggered stop) at the undisturbed price. */
PaperFill paper_fill_market(const PaperCosts *costs, const Filters *filters, Side side, Price price,
                            Quantity quantity);

typedef struct Protection {
    Quantity quantity;
    Price stop, target;      /* 0: none */
    TradeReason stop_reason; /* REASON_STOP_LOSS, or REASON_TRAILING_STOP once it has moved */
} Protection;

/* At an open (or any single price). True if it fills. */
bool paper_judge_price(const PaperCosts *costs, const Filters *filters,
                       const Protection *protection, Price price, PaperFill *fill);
/* On the range of a bar that opened between the levels. True if it fills. */
bool paper_judge_range(const PaperCosts *costs, const Filters *filters,
                       const Protection *protection, Price high, Price low, PaperFill *fill);

#endif
