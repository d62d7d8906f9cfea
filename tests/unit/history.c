/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of history cannot see past its time: compared with a plain list at every instant around every close. */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/market/history.h"

#define BARS 5000 /* the ring goes round twice */

static History history;
static int64_t opens[BARS];

static Bar bar_at(int64_t open_us, unsigned number) {
    return (Bar){.time_us = open_us, .close = price_of(number + 1)};
}

/* How many of the first `added` bars had closed, counted one by one. */
static unsigned naive_closed(unsigned added, int64_t length, int64_t now) {
    unsigned first = added > LIMIT_CANDLES ? added - LIMIT_CANDLES : 0, count = 0;
    for (unsigned i = first; i < added; i++) count += opens[i] + length - 1 <= now;
    return count;
}

static void check_at(unsigned added, int64_t length, int64_t now) {
    unsigned closed = naive_closed(added, length, now);
    unsigned first = added > LIMIT_CANDLES ? added - LIMIT_CANDLES : 0;
    assert_int_equal(history_closed(&history, now), closed);
    assert_null(history_bar(&history, now, closed));
    assert_null(history_bar(&history, now, LIMIT_CANDLES));
    if (closed == 0) return;
    const Bar *newest = history_bar(&history, now, 0), *oldest = history_bar(&history, now, closed - 1);
    assert_int_equal(newest->close.units, first + closed);
    assert_int_equal(oldest->close.units, first + 1);
    assert_true(newest->time_us + length - 1 <= now);
}

static void test_no_reader_sees_an_open_bar(void **state) {
    (void)state;
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++) {
        int64_t length = interval_us(interval), open = 0;
        Random random = random_stream(51, interval);
        history_init(&history, interval);
        for (unsigned i = 0; i < BARS; i++) {
            open += length * (1 + random_below(&random, 3)); /* with holes */
            opens[i] = open;
            Bar bar = bar_at(open, i);
            assert_true(history_add(&history, &bar));
            if (i % 499 != 0) continue;
            for (int64_t shift = -2; shift <= 2; shift++) {
                check_at(i + 1, length, open + shift);          /* around its open: it is not there */
                check_at(i + 1, length, open + length + shift); /* around its close: it appears with the last instant */
            }
            check_at(i + 1, length, INT64_MIN);
            check_at(i + 1, length, INT64_MAX);
            check_at(i + 1, length, open - (int64_t)random_below(&random, 100) * length);
        }
    }
}

static void test_the_last_microsecond_closes(void **state) {
    (void)state;
    Bar bar = bar_at(60 * INSTANT_SECOND_US, 0);
    history_init(&history, INTERVAL_1M);
    assert_true(history_add(&history, &bar));
    assert_int_equal(history_closed(&history, 120 * INSTANT_SECOND_US - 2), 0);
    assert_int_equal(history_closed(&history, 120 * INSTANT_SECOND_US - 1), 1);
}

static void test_older_and_equal_bars_are_refused(void **state) {
    (void)state;
    Bar bar = bar_at(INSTANT_HOUR_US, 0), older = bar_at(INSTANT_HOUR_US - INSTANT_MINUTE_US, 1);
    history_init(&history, INTERVAL_1M);
    assert_true(history_add(&history, &bar));
    assert_false(history_add(&history, &bar));
    assert_false(history_add(&history, &older));
    assert_int_equal(history.count, 1);
    assert_int_equal(history_bar(&history, INT64_MAX, 0)->time_us, INSTANT_HOUR_US);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_reader_sees_an_open_bar),
        cmocka_unit_test(test_the_last_microsecond_closes),
        cmocka_unit_test(test_older_and_equal_bars_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
