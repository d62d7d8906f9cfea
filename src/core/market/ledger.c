/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/ledger.h"

#include <string.h>

#define SUB_UNITS 100000000LL /* of 1e-16 in one unit of 1e-8 */

int ledger_asset(Ledger *ledger, const char *name) {
    for (unsigned i = 0; i < ledger->count; i++)
        if (strcmp(ledger->assets[i].name.text, name) == 0) return (int)i;
    if (ledger->count == LEDGER_ASSETS) return -1;
    LedgerAsset *asset = &ledger->assets[ledger->count];
    if (!slice_copy(slice_of(name), asset->name.text, sizeof asset->name.text)) return -1;
    return (int)ledger->count++;
}

Money ledger_balance(const Ledger *ledger, int asset, Account account) {
    return ledger->assets[asset].balance[account];
}

Money ledger_owned(const Ledger *ledger, int asset) {
    const LedgerAsset *of = &ledger->assets[asset];
    return money_add(of->balance[ACCOUNT_FREE], of->balance[ACCOUNT_LOCKED]);
}

static bool is_owned(Account account) {
    return account == ACCOUNT_FREE || account == ACCOUNT_LOCKED;
}

bool ledger_post(Ledger *ledger, int asset, Account debit, Account credit, Money amount) {
    CHECK(amount.units >= 0 && debit != credit, "a posting moves an amount between two accounts");
    LedgerAsset *of = &ledger->assets[asset];
    Money left = money_subtract(of->balance[credit], amount);
    if (is_owned(credit) && left.units < 0) return false;
    of->balance[credit] = left;
    of->balance[debit] = money_add(of->balance[debit], amount);
    return true;
}

bool ledger_round(Ledger *ledger, int asset, int64_t sub_units) {
    CHECK(sub_units >= 0 && sub_units <= SUB_UNITS, "rounding moves less than one unit");
    LedgerAsset *of = &ledger->assets[asset];
    of->sub_units += sub_units;
    if (of->sub_units < SUB_UNITS) return false;
    of->sub_units -= SUB_UNITS;
    bool posted = ledger_post(ledger, asset, ACCOUNT_ROUNDING, ACCOUNT_MARKET, money_of(1));
    CHECK(posted, "MARKET may be negative");
    return true;
}

const char *ledger_fault(const Ledger *ledger) {
    for (unsigned i = 0; i < ledger->count; i++) {
        const LedgerAsset *of = &ledger->assets[i];
        Money sum = money_of(0);
        for (unsigned account = 0; account < Account_COUNT; account++)
            sum = money_add(sum, of->balance[account]);
        if (sum.units != 0 || of->balance[ACCOUNT_FREE].units < 0 ||
            of->balance[ACCOUNT_LOCKED].units < 0)
            return of->name.text;
    }
    return NULL;
}
