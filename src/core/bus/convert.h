/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between messages and the nouns of the market: a symbol's filters and a bar have a form on the bus
 * and a form that the market's functions work on. Pure; nothing is kept.
 */
#ifndef CORE_BUS_CONVERT_H
#define CORE_BUS_CONVERT_H

#include "core/bus/message.h"
#include "core/market/candle.h"
#include "core/market/symbol.h"

/* False if a name is not one. */
bool symbol_from_filters(const SymbolFilters *filters, Symbol *symbol) MUST_USE;
void filters_from_symbol(const Symbol *symbol, SymbolFilters *filters);
Bar bar_from_message(const MarketBar *message);
void message_from_bar(const char *symbol, Interval interval, const Bar *bar, MarketBar *message);

/* Whether a language model was really asked, so that it may have to be paid: not where the answer
 * came from the record or is missing there, and not where nothing left. */
bool outside_reply_is_paid(const OutsideReply *reply);

#endif
