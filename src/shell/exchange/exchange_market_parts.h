/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the exchange's market share, and nobody else includes: one for minutes, one for
 * live prices, one for recorded trades. The ExchangeMarket owns what they open.
 */
#ifndef SHELL_EXCHANGE_EXCHANGE_MARKET_PARTS_H
#define SHELL_EXCHANGE_EXCHANGE_MARKET_PARTS_H

#include "shell/exchange/exchange_market.h"

/* exchange_market.c: a price times parts per million, on the grid and within the filters. */
Price exchange_market_scaled(Price price, int64_t ppm, const Filters *filters);
/* One print, at the tester's jump, told. */
void exchange_market_say(ExchangeMarket *market, unsigned pair, ExchangePrint print,
                         ExchangeHeard *heard, void *context);
/* From now on the market's clock runs from `begin_us`, which was `late_us` ago. */
void exchange_market_start(ExchangeMarket *market, int64_t begin_us, int64_t late_us);
/* The newest minute that the exchange has; 0: none. */
int64_t exchange_market_newest_us(const Exchange *exchange);

/* exchange_market_live.c */
bool exchange_live_open(ExchangeMarket *market, const ExchangeMarketPlan *plan, Error *error);
bool exchange_live_play(ExchangeMarket *market, ExchangeHeard *heard, void *context, Error *error);

/* exchange_market_trades.c */
bool exchange_trades_open(ExchangeMarket *market, const ExchangeMarketPlan *plan, Error *error);
bool exchange_trades_play(ExchangeMarket *market, ExchangeHeard *heard, void *context,
                          Error *error);

#endif
