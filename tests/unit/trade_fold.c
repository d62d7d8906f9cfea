/* SPDX-License-Identifier: Apache-2.0 */
/* Prints become minutes and a current price that is told at most every 250 ms. */
#include "unit.h"

#include "core/market/trade_fold.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static Print print_at(int64_t time_us, int64_t id, int64_t price, int64_t quantity, bool sold) {
    return (Print){time_us, id, price_of(price * DECIMAL_SCALE),
                   quantity_of(quantity * DECIMAL_SCALE / 4), sold};
}

static FoldAnswer add(TradeFold *fold, Print print, Bar *closed, bool *partial) {
    return trade_fold_add(fold, &print, closed, partial);
}

static void test_minutes(void **state) {
    (void)state;
    TradeFold fold;
    Bar bar = {0};
    bool partial = false;
    int64_t start = 1790000040000000, minute = INSTANT_MINUTE_US;
    trade_fold_init(&fold, 250000);
    assert_int_equal(add(&fold, print_at(start + 5, 1, 10, 4, false), &bar, &partial), FOLD_ADDED);
    assert_int_equal(add(&fold, print_at(start + minute, 2, 12, 2, false), &bar, &partial),
                     FOLD_CLOSED);
    assert_true(partial);
    assert_int_equal(bar.time_us, start);
    assert_int_equal(add(&fold, print_at(start + minute + 1, 3, 15, 4, true), &bar, &partial),
                     FOLD_ADDED);
    assert_int_equal(add(&fold, print_at(start + minute + 1, 3, 99, 4, true), &bar, &partial),
                     FOLD_REPEATED);
    assert_int_equal(add(&fold, print_at(start + minute + 2, 4, 9, 8, false), &bar, &partial),
                     FOLD_ADDED);
    assert_int_equal(add(&fold, print_at(start + minute + 3, 5, 11, 4, true), &bar, &partial),
                     FOLD_ADDED);
    assert_int_equal(add(&fold, print_at(start, 6, 99, 4, true), &bar, &partial), FOLD_LATE);
    /* A minute without a trade is absent. */
    assert_int_equal(add(&fold, print_at(start + 3 * minute, 7, 20, 4, true), &bar, &partial),
                     FOLD_CLOSED);
    assert_false(partial);
    assert_int_equal(bar.time_us, start + minute);
    assert_int_equal(bar.open.units, 12 * DECIMAL_SCALE);
    assert_int_equal(bar.high.units, 15 * DECIMAL_SCALE);
    assert_int_equal(bar.low.units, 9 * DECIMAL_SCALE);
    assert_int_equal(bar.close.units, 11 * DECIMAL_SCALE);
    assert_true(bar.volume == 4.5 && bar.taker_volume == 2.5);
    assert_true(bar.quote_volume == 6 + 15 + 18 + 11 /* price x quantity */);
    assert_int_equal(bar.trades, 4);
    assert_null(bar_fault(&bar, minute));
}

static void test_price(void **state) {
    (void)state;
    TradeFold fold;
    Bar bar;
    PricePoint point;
    int64_t now = 1790000040000000;
    trade_fold_init(&fold, 250000);
    assert_false(trade_fold_price(&fold, now, &point));
    (void)!add(&fold, print_at(now, 1, 10, 1, true), &bar, NULL);
    assert_true(trade_fold_price(&fold, now, &point));
    assert_int_equal(point.last.units, 10 * DECIMAL_SCALE);
    (void)!add(&fold, print_at(now + 1, 2, 14, 1, true), &bar, NULL);
    (void)!add(&fold, print_at(now + 2, 3, 8, 1, true), &bar, NULL);
    (void)!add(&fold, print_at(now + 3, 4, 9, 1, true), &bar, NULL);
    assert_false(trade_fold_price(&fold, now + 249999, &point));
    assert_true(trade_fold_price(&fold, now + 250000, &point));
    assert_int_equal(point.high.units, 14 * DECIMAL_SCALE);
    assert_int_equal(point.low.units, 8 * DECIMAL_SCALE);
    assert_int_equal(point.last.units, 9 * DECIMAL_SCALE);
    assert_false(trade_fold_price(&fold, now + 900000, &point)); /* told already */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_minutes),
                                       cmocka_unit_test(test_price)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
