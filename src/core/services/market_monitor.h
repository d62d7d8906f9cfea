/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others may read of the market monitor's state, between turns only: the closed bars that it
 * holds, for the database and the dashboard. The kernel owns the state.
 */
#ifndef CORE_SERVICES_MARKET_MONITOR_H
#define CORE_SERVICES_MARKET_MONITOR_H

#include "core/market/history.h"
#include "core/market/symbol.h"

/* Symbols that the monitor knows, in order of arrival. */
const SymbolTable *market_monitor_symbols(const void *state);
/* The shortest candles that come in of the symbol with that index; INTERVAL_COUNT: none came yet.
 */
Interval market_monitor_base(const void *state, unsigned symbol);
/* Closed bars of the symbol with that index. */
const History *market_monitor_history(const void *state, unsigned symbol, Interval interval);

#endif
