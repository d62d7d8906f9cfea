/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/trading_account.h"

#include <string.h>

#define SUB_UNITS 100000000LL /* of 1e-16 in one unit of 1e-8 */

void trading_account_init(TradingAccount *account) {
    memset(account, 0, sizeof *account);
    account->quote = -1;
}

static bool move(TradingAccount *account, int asset, Account debit, Account credit, Money amount,
                 const PostingSink *sink) {
    if (amount.units == 0) return true;
    if (!ledger_post(&account->ledger, asset, debit, credit, amount)) return false;
    sink->post(sink->context, account->ledger.assets[asset].name.text, debit, credit, amount);
    return true;
}

static void round_off(TradingAccount *account, int64_t sub_units, const PostingSink *sink) {
    if (ledger_round(&account->ledger, account->quote, sub_units))
        sink->post(sink->context, account->ledger.assets[account->quote].name.text,
                   ACCOUNT_ROUNDING, ACCOUNT_MARKET, money_of(1));
}

bool trading_account_open(TradingAccount *account, const char *quote, Money amount,
                          const PostingSink *sink) {
    if (amount.units < 0) return false;
    int asset = ledger_asset(&account->ledger, quote);
    if (asset < 0 || (account->quote >= 0 && account->quote != asset)) return false;
    account->quote = asset;
    account->opening = money_add(account->opening, amount);
    return move(account, asset, ACCOUNT_FREE, ACCOUNT_OPENING, amount, sink);
}

bool trading_account_restore(TradingAccount *account, const AccountStand *stand,
                             const PostingSink *sink) {
    if (account->quote >= 0 || !trading_account_open(account, stand->quote, stand->cash, sink))
        return false;
    account->opening = stand->opening;
    account->realised = stand->realised;
    account->fees = stand->fees;
    return true;
}

bool trading_account_restore_inventory(TradingAccount *account, unsigned symbol, Quantity quantity,
                                       Money cost, const PostingSink *sink) {
    Inventory *inventory = &account->inventories[symbol];
    if (inventory->quantity.units != 0) return false;
    inventory->quantity = quantity;
    inventory->cost = cost;
    return move(account, inventory->base, ACCOUNT_FREE, ACCOUNT_OPENING, money_of(quantity.units),
                sink);
}

bool trading_account_symbol(TradingAccount *account, unsigned symbol, const char *base) {
    int asset = ledger_asset(&account->ledger, base);
    account->inventories[symbol].base = asset;
    return asset >= 0;
}

/* What a venue sends can be anything; only this can be booked. */
static bool is_sound(const TradingAccount *account, const Booking *booking) {
    return account->quote >= 0 && account->inventories[booking->symbol].base >= 0 &&
           booking->price.units > 0 && booking->quantity.units > 0 && booking->fee.units >= 0;
}

bool trading_account_lock(TradingAccount *account, int asset, Money amount,
                          const PostingSink *sink) {
    return move(account, asset, ACCOUNT_LOCKED, ACCOUNT_FREE, amount, sink);
}

bool trading_account_unlock(TradingAccount *account, int asset, Money amount,
                            const PostingSink *sink) {
    return move(account, asset, ACCOUNT_FREE, ACCOUNT_LOCKED, amount, sink);
}

bool trading_account_buy(TradingAccount *account, const Booking *booking, const PostingSink *sink) {
    if (!is_sound(account, booking)) return false;
    Inventory *inventory = &account->inventories[booking->symbol];
    Notional notional = price_times_quantity(booking->price, booking->quantity);
    bool up = notional.remainder > 0;
    Money cost = up ? money_add(notional.money, money_of(1)) : notional.money;
    Money bought = money_of(booking->quantity.units);
    if (money_compare(booking->fee, bought) > 0) return false;
    if (!move(account, account->quote, ACCOUNT_MARKET, ACCOUNT_FREE, cost, sink)) return false;
    if (up) round_off(account, SUB_UNITS - notional.remainder, sink);
    bool booked = move(account, inventory->base, ACCOUNT_FREE, ACCOUNT_MARKET, bought, sink) &&
                  move(account, inventory->base, ACCOUNT_FEES, ACCOUNT_FREE, booking->fee, sink);
    CHECK(booked, "what was just bought pays its fee");
    Quantity net = quantity_of((int64_t)(bought.units - booking->fee.units));
    Quantity fee = quantity_of((int64_t)booking->fee.units);
    inventory->quantity = quantity_add(inventory->quantity, net);
    inventory->cost = money_add(inventory->cost, cost);
    account->fees = money_add(account->fees, price_times_quantity(booking->price, fee).money);
    return true;
}

/* The sold share of the cost; all of it with the last piece, so that nothing is left on an empty
 * inventory. */
static Money cost_of_part(const Inventory *inventory, Quantity sold) {
    if (sold.units == inventory->quantity.units) return inventory->cost;
    return money_share(inventory->cost, sold.units, inventory->quantity.units);
}

bool trading_account_sell(TradingAccount *account, const Booking *booking, const PostingSink *sink,
                          Money *gain) {
    if (!is_sound(account, booking)) return false;
    Inventory *inventory = &account->inventories[booking->symbol];
    Notional notional = price_times_quantity(booking->price, booking->quantity);
    if (booking->quantity.units > inventory->quantity.units) return false;
    if (money_compare(booking->fee, notional.money) > 0) return false;
    if (!move(account, inventory->base, ACCOUNT_MARKET, ACCOUNT_FREE,
              money_of(booking->quantity.units), sink))
        return false;
    bool booked =
        move(account, account->quote, ACCOUNT_FREE, ACCOUNT_MARKET, notional.money, sink) &&
        move(account, account->quote, ACCOUNT_FEES, ACCOUNT_FREE, booking->fee, sink);
    CHECK(booked, "proceeds pay their fee");
    round_off(account, notional.remainder, sink);
    Money cost = cost_of_part(inventory, booking->quantity);
    inventory->quantity = quantity_subtract(inventory->quantity, booking->quantity);
    inventory->cost = money_subtract(inventory->cost, cost);
    *gain = money_subtract(money_subtract(notional.money, booking->fee), cost);
    account->realised = money_add(account->realised, *gain);
    account->fees = money_add(account->fees, booking->fee);
    return true;
}

Money trading_account_value(const TradingAccount *account, unsigned symbol, Price price) {
    return price_times_quantity(price, account->inventories[symbol].quantity).money;
}

Money trading_account_cash(const TradingAccount *account) {
    return account->quote < 0 ? money_of(0) : ledger_owned(&account->ledger, account->quote);
}

Money trading_account_free(const TradingAccount *account) {
    if (account->quote < 0) return money_of(0);
    return ledger_balance(&account->ledger, account->quote, ACCOUNT_FREE);
}
