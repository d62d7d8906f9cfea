/* SPDX-License-Identifier: Apache-2.0 */
/* The order book against a naive one (a plain list searched from end to end), and the rules of its
 * update numbers. */
#include "unit.h"

#include "core/base/random.h"
#include "core/market/book.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static BookLevel level(int64_t price, int64_t quantity) {
    return (BookLevel){price_of(price), quantity_of(quantity)};
}

static BookLevel memory[2 * 64];

static Book started(unsigned depth) {
    Book book;
    book_init(&book, memory, depth);
    BookLevel bid = level(100, 5), ask = level(101, 6);
    BookChange snapshot = {50, 50, &bid, &ask, 1, 1};
    assert_int_equal(book_snapshot(&book, &snapshot), BOOK_APPLIED);
    return book;
}

static BookAnswer apply(Book *book, int64_t first, int64_t last, BookLevel bid, BookLevel ask) {
    BookChange change = {first, last, &bid, &ask, bid.price.units > 0, ask.price.units > 0};
    return book_apply(book, &change);
}

static void test_numbers(void **state) {
    (void)state;
    BookLevel none = level(0, 0);
    Book book = started(64);
    assert_true(book_snapshot_fits(50, 50));
    assert_true(book_snapshot_fits(50, 12));
    assert_false(book_snapshot_fits(50, 51)); /* older than the first buffered change */
    assert_int_equal(apply(&book, 40, 50, level(90, 1), none), BOOK_OLD);
    assert_null(book_bid(&book, 1));
    assert_int_equal(apply(&book, 45, 51, level(99, 1), none), BOOK_APPLIED); /* straddles */
    assert_int_equal(apply(&book, 52, 55, level(98, 1), none), BOOK_APPLIED);
    assert_int_equal(book.last_id, 55);
    assert_int_equal(apply(&book, 57, 60, level(97, 1), none), BOOK_GAP);
    assert_false(book.is_valid);
    assert_int_equal(apply(&book, 56, 60, level(97, 1), none), BOOK_GAP); /* until a snapshot */
    book = started(64);
    assert_true(book.is_valid);
}

static void test_levels(void **state) {
    (void)state;
    BookLevel none = level(0, 0);
    Book book = started(64);
    assert_int_equal(apply(&book, 51, 51, level(99, 7), level(103, 8)), BOOK_APPLIED);
    assert_int_equal(book_bid(&book, 1)->price.units, 99);
    assert_int_equal(book_ask(&book, 1)->quantity.units, 8);
    assert_int_equal(apply(&book, 52, 52, level(100, 0), level(77777, 0)), BOOK_APPLIED);
    assert_int_equal(book_bid(&book, 0)->price.units, 99);
    assert_int_equal(apply(&book, 53, 53, level(99, 3), none), BOOK_APPLIED);
    assert_int_equal(book_bid(&book, 0)->quantity.units, 3);
    assert_int_equal(apply(&book, 54, 54, level(101, 1), none), BOOK_CROSSED);
    assert_false(book.is_valid);
}

static void test_bound(void **state) {
    (void)state;
    BookLevel none = level(0, 0);
    Book book = started(3);
    int64_t id = 51;
    for (int64_t price = 90; price < 96; price++, id++)
        assert_int_equal(apply(&book, id, id, level(price, price), none), BOOK_APPLIED);
    assert_int_equal(book.bids.count, 3);
    assert_int_equal(book_bid(&book, 0)->price.units, 100);
    assert_int_equal(book_bid(&book, 2)->price.units, 94);
    assert_int_equal(apply(&book, id, id, level(80, 1), none), BOOK_APPLIED); /* too far away */
    assert_int_equal(book_bid(&book, 2)->price.units, 94);
    assert_int_equal(book.dropped_levels, 5);
}

/* The naive book: one quantity for every price of a small grid. */
enum { GRID = 60 };

static void compare(const Book *book, const int64_t bids[GRID], const int64_t asks[GRID]) {
    unsigned bid = 0, ask = 0;
    for (int price = GRID - 1; price > 0; price--) {
        if (!bids[price]) continue;
        const BookLevel *at = book_bid(book, bid++);
        assert_int_equal(at->price.units, price);
        assert_int_equal(at->quantity.units, bids[price]);
    }
    for (int price = 1; price < GRID; price++) {
        if (!asks[price]) continue;
        const BookLevel *at = book_ask(book, ask++);
        assert_int_equal(at->price.units, price);
        assert_int_equal(at->quantity.units, asks[price]);
    }
    assert_null(book_bid(book, bid));
    assert_null(book_ask(book, ask));
}

static void test_against_naive(void **state) {
    (void)state;
    int64_t bids[GRID] = {0}, asks[GRID] = {0};
    Book book;
    Random random = random_stream(11, 0);
    book_init(&book, memory, 64);
    BookChange empty = {0};
    assert_int_equal(book_snapshot(&book, &empty), BOOK_APPLIED);
    for (int64_t id = 1; id < 4000; id++) {
        uint32_t bid = 1 + random_below(&random, GRID / 2 - 1);
        uint32_t ask = GRID / 2 + random_below(&random, GRID / 2);
        bids[bid] = random_below(&random, 3);
        asks[ask] = random_below(&random, 3);
        assert_int_equal(apply(&book, id, id, level(bid, bids[bid]), level(ask, asks[ask])),
                         BOOK_APPLIED);
        compare(&book, bids, asks);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_levels), cmocka_unit_test(test_bound),
                                       cmocka_unit_test(test_against_naive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
