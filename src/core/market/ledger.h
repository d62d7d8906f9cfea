/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The double-entry ledger: every movement takes an amount from one account of an asset and gives it
 * to another, so that the accounts of an asset always sum to zero. FREE and LOCKED are what the
 * program owns and are never negative; OPENING, MARKET, FEES and ROUNDING are the other sides.
 * price x quantity is formed at 1e-16; what rounding to 1e-8 takes is kept in `sub_units` and
 * posted to ROUNDING when it makes up a whole unit, so nothing is ever lost. A Ledger is a plain
 * block, owned by whoever holds it.
 */
#ifndef CORE_MARKET_LEDGER_H
#define CORE_MARKET_LEDGER_H

#include "core/base/decimal.h"
#include "core/base/limits.h"
#include "core/market/choices.h"
#include "core/market/symbol.h"

#define LEDGER_ASSETS (LIMIT_SYMBOLS + 4) /* every base asset, the quote, and assets of fees */

typedef struct LedgerAsset {
    AssetName name;
    Money balance[Account_COUNT];
    int64_t sub_units; /* owed to ROUNDING, in 1e-16, 0 .. 1e8-1 */
} LedgerAsset;

typedef struct Ledger {
    LedgerAsset assets[LEDGER_ASSETS];
    unsigned count;
} Ledger;

/* Index of the asset, added if it is new; -1 when the ledger is full. */
int ledger_asset(Ledger *ledger, const char *name);
Money ledger_balance(const Ledger *ledger, int asset, Account account);
/* FREE + LOCKED. */
Money ledger_owned(const Ledger *ledger, int asset);

/* Moves `amount` >= 0 from `credit` to `debit`. False, and nothing moves, if FREE or LOCKED would
 * become negative. */
bool ledger_post(Ledger *ledger, int asset, Account debit, Account credit, Money amount) MUST_USE;
/* Notes that rounding kept `sub_units` x 1e-16 (0 to 1e8) on the program's or the market's side.
 * Returns true when a whole unit has come together; it has then been posted from MARKET to
 * ROUNDING. */
bool ledger_round(Ledger *ledger, int asset, int64_t sub_units);

/* NULL if every asset sums to zero and nothing owned is negative, else the name of the first that
 * does not. */
const char *ledger_fault(const Ledger *ledger);

#endif
