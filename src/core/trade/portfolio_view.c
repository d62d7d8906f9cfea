/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/portfolio_view.h"

#include <string.h>

#include "core/trade/sizing.h"

Money portfolio_value(const TradingAccount *account, const DeskView *desks, unsigned count) {
    Money total = trading_account_cash(account);
    for (unsigned i = 0; i < count; i++)
        total = money_add(total, trading_account_value(account, desks[i].index, desks[i].price));
    return total;
}

static void fill_position(const TradingAccount *account, const DeskView *desk, Money total,
                          PositionState *position) {
    const Inventory *inventory = &account->inventories[desk->index];
    memcpy(position->symbol, desk->symbol, strlen(desk->symbol) + 1);
    memcpy(position->signal_id, desk->signal_id, strlen(desk->signal_id) + 1);
    position->quantity = inventory->quantity;
    position->average_price = desk->average;
    position->price = desk->price;
    position->value = trading_account_value(account, desk->index, desk->price);
    position->weight = sizing_ratio(position->value, total);
    position->unrealised_pnl = money_subtract(position->value, inventory->cost);
    position->unrealised_pct = 100 * sizing_ratio(position->unrealised_pnl, inventory->cost);
    position->stop_price = desk->stop;
    position->target_price = desk->target;
    position->high_water = desk->high_water;
    position->opened = desk->opened_us;
}

Money portfolio_fill(const TradingAccount *account, const DeskView *desks, unsigned count,
                     Holdings *holdings) {
    Money total = portfolio_value(account, desks, count), cost = money_of(0);
    for (unsigned i = 0; i < count; i++) {
        cost = money_add(cost, account->inventories[desks[i].index].cost);
        if (desks[i].open)
            fill_position(account, &desks[i], total,
                          &holdings->positions[holdings->positions_count++]);
    }
    holdings->total_value = total;
    holdings->available = trading_account_free(account);
    holdings->invested = money_subtract(total, trading_account_cash(account));
    holdings->exposure = sizing_ratio(holdings->invested, total);
    holdings->realised_pnl = account->realised;
    holdings->unrealised_pnl = money_subtract(holdings->invested, cost);
    holdings->fees = account->fees;
    if (money_compare(total, holdings->peak) > 0) holdings->peak = total;
    holdings->drawdown = sizing_ratio(money_subtract(holdings->peak, total), holdings->peak);
    const char *quote = account->ledger.assets[account->quote].name.text;
    memcpy(holdings->quote_asset, quote, strlen(quote) + 1);
    return total;
}

void portfolio_point(const Holdings *holdings, Money cash, EquityPoint *point) {
    point->time = holdings->time;
    point->equity = holdings->total_value;
    point->cash = cash;
    point->exposure = holdings->exposure;
    point->drawdown = holdings->drawdown;
    point->positions = holdings->positions_count;
}

void portfolio_trade_percent(Money pnl, Money cost, Trade *trade) {
    trade->pnl_pct = 100 * sizing_ratio(pnl, cost);
}
