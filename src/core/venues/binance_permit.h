/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a symbol permits beside its filters (Binance Spot API, "Exchange information"): which kinds
 * of orders, order lists, and a cancel and a new order in one call. What the answer does not name
 * is not permitted, except cancel and replace, which old answers lack. Plain values.
 */
#ifndef CORE_VENUES_BINANCE_PERMIT_H
#define CORE_VENUES_BINANCE_PERMIT_H

#include "core/base/error.h"
#include "core/market/symbol.h"

typedef struct BinancePermits {
    bool has_stop;       /* STOP_LOSS: becomes a market order */
    bool has_stop_limit; /* STOP_LOSS_LIMIT */
    bool has_oco, has_replace;
} BinancePermits;

/* An Error if the body cannot be read or does not list the symbol. */
bool binance_permit_read(Slice exchange_info, const SymbolName *symbol, BinancePermits *permits,
                         Error *error) MUST_USE;

#endif
