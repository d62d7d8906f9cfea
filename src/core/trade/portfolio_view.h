/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portfolio as screens and risk see it: exact money, and ratios as statistics. The executor
 * hands in its account and what it knows of each open position; nothing is kept here. Pure.
 */
#ifndef CORE_TRADE_PORTFOLIO_VIEW_H
#define CORE_TRADE_PORTFOLIO_VIEW_H

#include "core/bus/message.h"
#include "core/trade/trading_account.h"

/* What the executor knows of one symbol. */
typedef struct DeskView {
    const char *symbol;
    unsigned index;
    Price price, average, stop, target, high_water;
    bool open;
    int64_t opened_us;
    const char *signal_id;
} DeskView;

/* Quote and all inventories at the desks' prices. */
Money portfolio_value(const TradingAccount *account, const DeskView *desks, unsigned count);
/* Fills holdings (positions: the open desks) but not time and peak, which come in; returns the
 * total value. */
Money portfolio_fill(const TradingAccount *account, const DeskView *desks, unsigned count,
                     Holdings *holdings);
/* The curve's point that belongs to holdings. */
void portfolio_point(const Holdings *holdings, Money cash, EquityPoint *point);
/* pnl as a percentage of cost, a statistic. */
void portfolio_trade_percent(Money pnl, Money cost, Trade *trade);

#endif
