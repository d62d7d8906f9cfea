/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account that the program trades: the ledger, and for every symbol what was bought and what it
 * cost (average cost). Fills are booked here and nowhere else, each as double entries that the
 * caller hears of, so that equity - opening = realised + unrealised            (quote, marked at
 * any price, exactly) holds after every event. Costs are rounded up and proceeds down; the
 * difference goes to ROUNDING. Fees may be in the base asset, in the quote asset, or in a third
 * one: that is paid out of what the program does not own (EXTERNAL). What comes or goes from
 * outside moves the opening balance by its value in the books. A plain block; the executor owns it.
 */
#ifndef CORE_TRADE_TRADING_ACCOUNT_H
#define CORE_TRADE_TRADING_ACCOUNT_H

#include "core/market/ledger.h"

typedef struct Inventory {
    int base; /* asset in the ledger */
    Quantity quantity;
    Money cost;
} Inventory;

typedef struct TradingAccount {
    Ledger ledger;
    int quote; /* asset in the ledger, -1 before the opening */
    Money opening, realised, fees;
    Inventory inventories[LIMIT_SYMBOLS];
} TradingAccount;

/* Told of every posting. */
typedef struct PostingSink {
    void (*post)(void *context, const char *asset, Account debit, Account credit, Money amount);
    void *context;
} PostingSink;

void trading_account_init(TradingAccount *account);
/* False (nothing changed) if another quote asset is in use already, or the amount is negative. */
bool trading_account_open(TradingAccount *account, const char *quote, Money amount,
                          const PostingSink *sink) MUST_USE;
/* Cold start: what was booked before, as it stood. The ledger begins anew with what is owned, out
 * of OPENING. */
typedef struct AccountStand {
    const char *quote;
    Money cash, opening, realised, fees;
} AccountStand;
bool trading_account_restore(TradingAccount *account, const AccountStand *stand,
                             const PostingSink *sink) MUST_USE;
bool trading_account_restore_inventory(TradingAccount *account, unsigned symbol, Quantity quantity,
                                       Money cost, const PostingSink *sink) MUST_USE;
bool trading_account_symbol(TradingAccount *account, unsigned symbol, const char *base) MUST_USE;

/* Moves between FREE and LOCKED; false if there is not enough. */
bool trading_account_lock(TradingAccount *account, int asset, Money amount,
                          const PostingSink *sink) MUST_USE;
bool trading_account_unlock(TradingAccount *account, int asset, Money amount,
                            const PostingSink *sink) MUST_USE;

typedef struct Booking {
    unsigned symbol;
    Price price;
    Quantity quantity;
    Money fee;
    const char *fee_asset; /* NULL or empty: what is received (base of a buy, quote of a sale) */
    /* True: it has happened at a real venue and is booked whatever the books hold; what they lack
     * was paid by others' funds on the account (EXTERNAL). */
    bool happened;
} Booking;

/* Books a fill out of FREE funds. False (nothing booked) if they do not suffice, or the fill is
 * none (no price, no quantity, a negative fee): a venue that says so is wrong. */
bool trading_account_buy(TradingAccount *account, const Booking *booking,
                         const PostingSink *sink) MUST_USE;
/* `gain`: proceeds after the fee minus the sold share of the cost. */
bool trading_account_sell(TradingAccount *account, const Booking *booking, const PostingSink *sink,
                          Money *gain) MUST_USE;

/* What somebody took of the program's own: quote, or a symbol's inventory at its share of the cost.
 * Returns what was booked, at most what is free. */
Money trading_account_lose_quote(TradingAccount *account, Money amount, const PostingSink *sink);
Money trading_account_lose_base(TradingAccount *account, unsigned symbol, Money amount,
                                const PostingSink *sink);

/* Value of a symbol's inventory at a price, and of everything: quote + inventories at
 * `prices[symbol]`. */
Money trading_account_value(const TradingAccount *account, unsigned symbol, Price price);
Money trading_account_cash(const TradingAccount *account);
Money trading_account_free(const TradingAccount *account);

#endif
