/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: accounts of an asset sum to zero, nothing owned is negative, a refused posting
 * changes nothing, and what rounding keeps is posted when it makes up a whole unit. */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/market/ledger.h"

#define WHOLE 100000000

static Ledger ledger;

static int fresh(const char *name) {
    memset(&ledger, 0, sizeof ledger);
    return ledger_asset(&ledger, name);
}

static void test_assets_are_found_again_and_bounded(void **state) {
    (void)state;
    char name[LIMIT_ASSET_TEXT];
    assert_int_equal(fresh("USDC"), 0);
    assert_int_equal(ledger_asset(&ledger, "USDC"), 0);
    for (int i = 1; i < LEDGER_ASSETS; i++) {
        snprintf(name, sizeof name, "A%d", i);
        assert_int_equal(ledger_asset(&ledger, name), i);
    }
    assert_int_equal(ledger_asset(&ledger, "ONE_TOO_MANY"), -1);
    assert_int_equal(ledger_asset(&ledger, "A7"), 7);
    fresh("USDC");
    assert_int_equal(ledger_asset(&ledger, "A_NAME_OF_SIXTEEN"), -1);
    assert_int_equal(ledger.count, 1);
}

static void test_postings_move_and_never_make(void **state) {
    (void)state;
    int asset = fresh("USDC");
    assert_true(ledger_post(&ledger, asset, ACCOUNT_FREE, ACCOUNT_OPENING, money_of(100)));
    assert_true(ledger_balance(&ledger, asset, ACCOUNT_OPENING).units == -100);
    assert_true(ledger_post(&ledger, asset, ACCOUNT_LOCKED, ACCOUNT_FREE, money_of(40)));
    assert_true(ledger_owned(&ledger, asset).units == 100);
    Ledger before = ledger;
    assert_false(ledger_post(&ledger, asset, ACCOUNT_MARKET, ACCOUNT_FREE, money_of(61)));
    assert_false(ledger_post(&ledger, asset, ACCOUNT_FREE, ACCOUNT_LOCKED, money_of(41)));
    assert_memory_equal(&before, &ledger, sizeof ledger);
    assert_true(ledger_post(&ledger, asset, ACCOUNT_MARKET, ACCOUNT_FREE, money_of(60)));
    assert_true(ledger_balance(&ledger, asset, ACCOUNT_FREE).units == 0);
    assert_null(ledger_fault(&ledger));
}

static void test_random_postings_sum_to_zero(void **state) {
    (void)state;
    Random random = random_stream(3, 4);
    unsigned refused = 0;
    int asset = fresh("USDC");
    for (unsigned i = 0; i < 100000; i++) {
        Account debit = (Account)random_below(&random, Account_COUNT);
        Account credit =
            (Account)((debit + 1 + random_below(&random, Account_COUNT - 1)) % Account_COUNT);
        Money amount = money_of((__int128)random_u64(&random) >> (4 + random_below(&random, 8)));
        __int128 left = ledger_balance(&ledger, asset, credit).units - amount.units;
        bool owned = credit == ACCOUNT_FREE || credit == ACCOUNT_LOCKED;
        bool posted = ledger_post(&ledger, asset, debit, credit, amount);
        assert_int_equal(posted, !(owned && left < 0));
        refused += !posted;
        assert_null(ledger_fault(&ledger));
    }
    assert_true(refused > 100);
}

static void test_faults_are_named(void **state) {
    (void)state;
    int asset = fresh("USDC");
    ledger.assets[asset].balance[ACCOUNT_FEES] = money_of(1);
    assert_string_equal(ledger_fault(&ledger), "USDC");
    fresh("BTC");
    ledger.assets[0].balance[ACCOUNT_FREE] = money_of(-1);
    ledger.assets[0].balance[ACCOUNT_MARKET] = money_of(1);
    assert_string_equal(ledger_fault(&ledger), "BTC");
}

static void test_rounding_is_kept_until_it_is_a_unit(void **state) {
    (void)state;
    Random random = random_stream(4, 4);
    int asset = fresh("USDC");
    __int128 sum = 0;
    for (unsigned i = 0; i < 100000; i++) {
        int64_t sub_units = i % 97 == 0 ? WHOLE : random_below(&random, WHOLE);
        __int128 units = ledger_balance(&ledger, asset, ACCOUNT_ROUNDING).units;
        sum += sub_units;
        bool posted = ledger_round(&ledger, asset, sub_units);
        assert_int_equal(posted,
                         ledger_balance(&ledger, asset, ACCOUNT_ROUNDING).units == units + 1);
        assert_true(ledger_balance(&ledger, asset, ACCOUNT_ROUNDING).units == sum / WHOLE);
        assert_true(ledger.assets[asset].sub_units == (int64_t)(sum % WHOLE));
    }
    assert_null(ledger_fault(&ledger));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_assets_are_found_again_and_bounded),
        cmocka_unit_test(test_postings_move_and_never_make),
        cmocka_unit_test(test_random_postings_sum_to_zero),
        cmocka_unit_test(test_faults_are_named),
        cmocka_unit_test(test_rounding_is_kept_until_it_is_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
