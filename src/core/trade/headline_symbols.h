/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the watched symbols a headline is about, and how surely. Names and tickers are listed in
 * asset_names.def. A cashtag ($LINK), a ticker in brackets or before a quote asset (LINK/USDT) and
 * a name that is no ordinary word are sure; a ticker that is a word (ONE, LINK, NEAR, SUI) counts
 * in capitals and only beside a word of the trade, never in a headline all in capitals. "Bitcoin
 * Cash" is not bitcoin. A headline that names none but speaks of crypto, or of what moves every
 * market, is about the whole market ("*"). Pure; nothing is kept.
 */
#ifndef CORE_TRADE_HEADLINE_SYMBOLS_H
#define CORE_TRADE_HEADLINE_SYMBOLS_H

#include "core/bus/message.h"
#include "core/market/symbol.h"

#define HEADLINE_WHOLE_MARKET "*"

/* Fills symbols, symbols_count and relevance of the headline from its title. Relevance 0 and no
 * symbols: it is about something else. */
void headline_find_symbols(const SymbolTable *watched, Headline *headline);

#endif
