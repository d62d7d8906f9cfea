/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A symbol of the venue and the rules under which it trades: grid of prices and quantities,
 * smallest and largest order. Facts of the filters: Binance Spot API, "Filters". Zero in a bound or
 * step means that the rule is off. Plain values; a SymbolTable gives each name a small index in
 * order of arrival.
 */
#ifndef CORE_MARKET_SYMBOL_H
#define CORE_MARKET_SYMBOL_H

#include "core/base/decimal.h"
#include "core/base/limits.h"

typedef struct SymbolName {
    char text[LIMIT_SYMBOL_TEXT];
} SymbolName;

typedef struct AssetName {
    char text[LIMIT_ASSET_TEXT];
} AssetName;

typedef struct Filters {
    Price tick, price_min, price_max;
    Quantity step, quantity_min, quantity_max;
    Money notional_min, notional_max;
} Filters;

typedef struct Symbol {
    SymbolName name;
    AssetName base, quote;
    Filters filters;
} Symbol;

typedef struct SymbolTable {
    Symbol symbols[LIMIT_SYMBOLS];
    unsigned count;
} SymbolTable;

bool symbol_name_set(SymbolName *name,
                     Slice text) MUST_USE; /* 1 to 23 bytes without blanks or controls */
bool symbol_name_equal(const SymbolName *a, const SymbolName *b);
/* Index of the name, or -1. */
int symbol_table_find(const SymbolTable *table, const SymbolName *name);
/* The same for the symbol field of a message. */
int symbol_table_find_text(const SymbolTable *table, const char text[static LIMIT_SYMBOL_TEXT]);
/* Adds or replaces; the index, or -1 when the table is full. */
int symbol_table_put(SymbolTable *table, const Symbol *symbol);
/* Splits a name into base and quote by the known quote assets (USDT, USDC, FDUSD, TUSD, BUSD, DAI,
 * USD, EUR, GBP, TRY, BRL, BTC, ETH, BNB), for data that come without exchange information. false
 * when none fits. */
bool symbol_split(const SymbolName *name, AssetName *base, AssetName *quote) MUST_USE;

/* NULL if an order of `quantity` at `price` passes, else the name of the filter that it breaks
 * (PRICE_FILTER, LOT_SIZE, NOTIONAL). A market order is judged at the reference price. */
const char *filters_fault(const Filters *filters, Price price, Quantity quantity);

#endif
