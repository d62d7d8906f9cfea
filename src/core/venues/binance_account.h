/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the venue answers about the account (Binance Spot API, "Account endpoints"): balances, own
 * trades, rates of commission, counts of orders, what the key may do, and the trading rules of a
 * symbol that core/market/order_rules.h judges by. Amounts are exact; keys and filters that are not
 * named here are skipped; a malformed body is an Error with its place. Lists lie in memory that the
 * caller hands in.
 */
#ifndef CORE_VENUES_BINANCE_ACCOUNT_H
#define CORE_VENUES_BINANCE_ACCOUNT_H

#include "core/market/order_rules.h"
#include "core/venues/binance_governor.h"
#include "core/venues/binance_reply.h"

typedef struct BinanceBalance {
    AssetName asset;
    Money free, locked;
} BinanceBalance;

typedef struct BinanceBalances {
    BinanceBalance *at;
    unsigned capacity, count;
} BinanceBalances;

typedef struct BinanceAccount {
    bool can_trade, can_withdraw, can_deposit;
    int64_t uid;       /* -1: not told */
    int64_t update_ms; /* as the venue says it */
    char kind[16];     /* SPOT */
} BinanceAccount;

typedef struct BinanceTrade {
    SymbolName symbol;
    int64_t order_id, list_id, time_us;
    Money quote_quantity;
    BinanceFill fill;
    bool is_buyer, is_maker;
} BinanceTrade;

typedef struct BinanceTrades {
    BinanceTrade *at;
    unsigned capacity, count;
} BinanceTrades;

/* At 1e-8: 100000 is 0.001, ten basis points. */
typedef struct BinanceRates {
    Money maker, taker, buyer, seller;
} BinanceRates;

typedef struct BinanceCommission {
    BinanceRates standard, special, tax;
    bool discount_account, discount_symbol; /* both: the discount counts */
    AssetName discount_asset;
    Money discount;
} BinanceCommission;

/* What the key may do. A right that the answer does not name counts as given, except to trade. */
typedef struct BinanceRights {
    bool may_withdraw, may_trade, may_transfer, may_read;
    bool is_bound; /* to addresses */
} BinanceRights;

bool binance_account_read(Slice body, BinanceAccount *account, BinanceBalances *balances,
                          Error *error) MUST_USE;
bool binance_account_trades(Slice body, BinanceTrades *trades, Error *error) MUST_USE;
/* Of the account, or of a test order (`...ForOrder`). */
bool binance_account_commission(Slice body, BinanceCommission *commission, Error *error) MUST_USE;
bool binance_account_counts(Slice body, BinanceGovernor *governor, int64_t now_us,
                            Error *error) MUST_USE;
bool binance_account_rights(Slice body, BinanceRights *rights, Error *error) MUST_USE;
/* One filter of exchangeInfo. */
bool binance_account_rule(Slice filter, OrderRules *rules, Error *error) MUST_USE;
/* All of the symbol's: an Error if exchangeInfo does not list it. */
bool binance_account_rules(Slice exchange_info, const SymbolName *symbol, OrderRules *rules,
                           Error *error) MUST_USE;

#endif
