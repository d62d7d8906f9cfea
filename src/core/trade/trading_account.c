/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/trading_account.h"

#include <string.h>

#include "core/base/planted.h"

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

/* ---- fees ------------------------------------------------------------------------------------ */

typedef enum FeeKind { FEE_BASE, FEE_QUOTE, FEE_OTHER } FeeKind;

static bool is_asset(const TradingAccount *account, int asset, const char *name) {
    return strcmp(account->ledger.assets[asset].name.text, name) == 0;
}

static FeeKind fee_kind(const TradingAccount *account, const Booking *booking, FeeKind received) {
    if (!booking->fee_asset || !booking->fee_asset[0]) return received;
    int base = account->inventories[booking->symbol].base;
    if (is_asset(account, base, booking->fee_asset)) return FEE_BASE;
    return is_asset(account, account->quote, booking->fee_asset) ? FEE_QUOTE : FEE_OTHER;
}

/* In an asset that the program does not trade here: others' funds pay it. A ledger without room for
 * the asset leaves it unbooked; the venue's balances tell of it. */
static void pay_other_fee(TradingAccount *account, const Booking *booking,
                          const PostingSink *sink) {
    int asset = booking->fee.units > 0 ? ledger_asset(&account->ledger, booking->fee_asset) : -1;
    if (asset < 0) return;
    bool paid = move(account, asset, ACCOUNT_FEES, ACCOUNT_EXTERNAL, booking->fee, sink);
    CHECK(paid, "EXTERNAL may be negative");
}

/* ---- from outside ---------------------------------------------------------------------------- */

/* Brings FREE up to `needed` out of EXTERNAL; what was brought. */
static Money bring(TradingAccount *account, int asset, Money needed, const PostingSink *sink) {
    Money free_now = ledger_balance(&account->ledger, asset, ACCOUNT_FREE);
    if (money_compare(free_now, needed) >= 0) return money_of(0);
    Money lacking = money_subtract(needed, free_now);
    bool brought = move(account, asset, ACCOUNT_FREE, ACCOUNT_EXTERNAL, lacking, sink);
    CHECK(brought, "EXTERNAL may be negative");
    return lacking;
}

static void bring_quote(TradingAccount *account, Money needed, const PostingSink *sink) {
    Money brought = bring(account, account->quote, needed, sink);
    account->opening = money_add(account->opening, brought);
}

/* At the price at which it is sold: what others held brings no gain. */
static void bring_base(TradingAccount *account, const Booking *booking, Quantity needed,
                       const PostingSink *sink) {
    Inventory *inventory = &account->inventories[booking->symbol];
    if (needed.units <= inventory->quantity.units) return;
    Quantity lacking = quantity_subtract(needed, inventory->quantity);
    Money value = price_times_quantity(booking->price, lacking).money;
    bool brought = move(account, inventory->base, ACCOUNT_FREE, ACCOUNT_EXTERNAL,
                        money_of(lacking.units), sink);
    CHECK(brought, "EXTERNAL may be negative");
    inventory->quantity = needed;
    inventory->cost = money_add(inventory->cost, value);
    account->opening = money_add(account->opening, value);
}

/* ---- fills ----------------------------------------------------------------------------------- */

bool trading_account_buy(TradingAccount *account, const Booking *booking, const PostingSink *sink) {
    if (!is_sound(account, booking)) return false;
    Inventory *inventory = &account->inventories[booking->symbol];
    Notional notional = price_times_quantity(booking->price, booking->quantity);
    FeeKind kind = fee_kind(account, booking, FEE_BASE);
    bool up = notional.remainder > 0;
    Money cost = up ? money_add(notional.money, money_of(1)) : notional.money;
    Money bought = money_of(booking->quantity.units);
    Money base_fee = kind == FEE_BASE ? PLANTED(33, booking->fee, money_of(0)) : money_of(0);
    Money quote_fee = kind == FEE_QUOTE ? booking->fee : money_of(0);
    if (money_compare(base_fee, bought) > 0) return false;
    Money paid = money_add(cost, quote_fee);
    if (booking->happened) bring_quote(account, paid, sink);
    if (money_compare(trading_account_free(account), paid) < 0) return false;
    if (!move(account, account->quote, ACCOUNT_MARKET, ACCOUNT_FREE, cost, sink)) return false;
    if (up) round_off(account, SUB_UNITS - notional.remainder, sink);
    bool booked = move(account, account->quote, ACCOUNT_FEES, ACCOUNT_FREE, quote_fee, sink) &&
                  move(account, inventory->base, ACCOUNT_FREE, ACCOUNT_MARKET, bought, sink) &&
                  move(account, inventory->base, ACCOUNT_FEES, ACCOUNT_FREE, base_fee, sink);
    CHECK(booked, "what was just bought pays its fee");
    if (kind == FEE_OTHER) pay_other_fee(account, booking, sink);
    Quantity net = quantity_of((int64_t)(bought.units - base_fee.units));
    Quantity fee = quantity_of((int64_t)base_fee.units);
    inventory->quantity = quantity_add(inventory->quantity, net);
    inventory->cost = money_add(inventory->cost, paid);
    account->fees = money_add(account->fees, price_times_quantity(booking->price, fee).money);
    account->fees = money_add(account->fees, quote_fee);
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
    FeeKind kind = fee_kind(account, booking, FEE_QUOTE);
    Money quote_fee = kind == FEE_QUOTE ? booking->fee : money_of(0);
    Money base_fee = kind == FEE_BASE ? booking->fee : money_of(0);
    if (money_compare(quote_fee, notional.money) > 0 || base_fee.units > booking->quantity.units)
        return false;
    Quantity gone = quantity_add(booking->quantity, quantity_of((int64_t)base_fee.units));
    if (booking->happened) bring_base(account, booking, gone, sink);
    Money free_base = ledger_balance(&account->ledger, inventory->base, ACCOUNT_FREE);
    if (gone.units > inventory->quantity.units || free_base.units < gone.units) return false;
    bool booked =
        move(account, inventory->base, ACCOUNT_MARKET, ACCOUNT_FREE,
             money_of(booking->quantity.units), sink) &&
        move(account, inventory->base, ACCOUNT_FEES, ACCOUNT_FREE, base_fee, sink) &&
        move(account, account->quote, ACCOUNT_FREE, ACCOUNT_MARKET, notional.money, sink) &&
        move(account, account->quote, ACCOUNT_FEES, ACCOUNT_FREE, quote_fee, sink);
    CHECK(booked, "proceeds pay their fee");
    if (kind == FEE_OTHER) pay_other_fee(account, booking, sink);
    round_off(account, notional.remainder, sink);
    Money cost = cost_of_part(inventory, gone);
    inventory->quantity = quantity_subtract(inventory->quantity, gone);
    inventory->cost = money_subtract(inventory->cost, cost);
    *gain = money_subtract(money_subtract(notional.money, quote_fee), cost);
    account->realised = money_add(account->realised, *gain);
    account->fees = money_add(account->fees, quote_fee);
    Quantity fee = quantity_of((int64_t)base_fee.units);
    account->fees = money_add(account->fees, price_times_quantity(booking->price, fee).money);
    return true;
}

static Money at_most(Money amount, Money most) {
    return money_compare(amount, most) > 0 ? most : amount;
}

Money trading_account_lose_quote(TradingAccount *account, Money amount, const PostingSink *sink) {
    Money lost = at_most(amount, trading_account_free(account));
    if (account->quote < 0 || lost.units <= 0) return money_of(0);
    bool moved = move(account, account->quote, ACCOUNT_EXTERNAL, ACCOUNT_FREE, lost, sink);
    CHECK(moved, "it is at most what is free");
    account->opening = money_subtract(account->opening, lost);
    return lost;
}

Money trading_account_lose_base(TradingAccount *account, unsigned symbol, Money amount,
                                const PostingSink *sink) {
    Inventory *inventory = &account->inventories[symbol];
    Money free_base = ledger_balance(&account->ledger, inventory->base, ACCOUNT_FREE);
    Money lost = at_most(at_most(amount, free_base), money_of(inventory->quantity.units));
    if (lost.units <= 0) return money_of(0);
    bool moved = move(account, inventory->base, ACCOUNT_EXTERNAL, ACCOUNT_FREE, lost, sink);
    CHECK(moved, "it is at most what is free");
    Quantity part = quantity_of((int64_t)lost.units);
    Money cost = cost_of_part(inventory, part);
    inventory->quantity = quantity_subtract(inventory->quantity, part);
    inventory->cost = money_subtract(inventory->cost, cost);
    account->opening = money_subtract(account->opening, cost);
    return lost;
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
