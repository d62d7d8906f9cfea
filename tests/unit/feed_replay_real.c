/* SPDX-License-Identifier: Apache-2.0 */
/* The replay feed over the shared recordings: counts as in their README. */
#include "replay_stage.h"

#include <time.h>

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

typedef struct Tally {
    uint64_t bars, opens, gaps, refused, zero_volume;
} Tally;

/* Reads the feed to its end and holds the order of events and the soundness of bars on the way. */
static Tally drain(Feed *feed) {
    Tally tally = {0};
    FeedEvent event, last = {.time_us = INT64_MIN};
    FeedAnswer answer;
    Error error;
    while ((answer = feed->next(feed, &event, &error)) == FEED_EVENT) {
        assert_true(event.time_us >= last.time_us);
        if (event.time_us == last.time_us && event.kind == last.kind && event.kind != FEED_STATUS)
            assert_true(strcmp(last.symbol.text, event.symbol.text) < 0);
        tally.opens += event.kind == FEED_OPEN;
        if (event.kind == FEED_STATUS) {
            tally.gaps += event.status.state == FEED_GAP;
            tally.refused += event.status.state == FEED_REFUSED;
        }
        if (event.kind == FEED_BAR) {
            tally.bars++;
            tally.zero_volume += !(event.candle.bar.volume > 0);
            assert_null(bar_fault(&event.candle.bar, MINUTE));
        }
        last = event;
    }
    assert_int_equal(answer, FEED_ENDED);
    assert_int_equal(tally.opens, tally.bars);
    return tally;
}

static void check_real(const char *name, uint64_t bars, uint64_t gaps, uint64_t zero_volume) {
    const char *path = shared_data(name);
    Feed *feed = open_sound(&path, 1);
    Tally tally = drain(feed);
    assert_int_equal(tally.bars, bars);
    assert_int_equal(tally.gaps, gaps);
    assert_int_equal(tally.zero_volume, zero_volume);
    assert_int_equal(tally.refused, 0);
    feed->close(feed);
}

/* Counts as in the README of the shared data. */
static void test_real_files(void **state) {
    (void)state;
    check_real("ohlcv/1m/ADAUSDT-1m-2021-09-17_2021-10-17.csv.gz", 43079, 1, 0);
    check_real("ohlcv/1m/BTCUSDC-1m-2023-03-01_2023-03-21-binanceus.csv.gz", 30240, 0, 12971);
    check_real("ohlcv/1m/BTCUSDT-1m-2025-03.csv.gz", 44640, 0, 0);
    check_real("ohlcv/1m/ADAUSDT-1m-2023-03-16_2023-05-01.csv.gz", 66087, 1, 76);
    check_real("ohlcv/1h/BTCUSDT-1h-2023-03.full12.csv", 743, 1, 1);
    check_real("ohlcv/1d/BTCUSDT-1d-2020-09-20_2024-12-31.csv.gz", 1564, 0, 0);
}

static void test_real_five_symbols(void **state) {
    (void)state;
    const char *paths[] = {
        shared_data("ohlcv/1m/BTCUSDT-1m-2023-03-16_2023-05-01.csv.gz"),
        shared_data("ohlcv/1m/ETHUSDT-1m-2023-03-16_2023-05-01.csv.gz"),
        shared_data("ohlcv/1m/SOLUSDT-1m-2023-03-16_2023-05-01.csv.gz"),
        shared_data("ohlcv/1m/ADAUSDT-1m-2023-03-16_2023-05-01.csv.gz"),
        shared_data("ohlcv/1m/DOGEUSDT-1m-2023-03-16_2023-05-01.csv.gz"),
    };
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    Feed *feed = open_sound(paths, 5);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double opening =
        (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) * 1e-9;
    Tally tally = drain(feed);
    assert_int_equal(tally.bars, 3 * 66087 + 2 * 66088);
    assert_int_equal(tally.gaps, 5);
    assert_int_equal(tally.zero_volume, 76 + 72 + 72 + 72 + 73);
    expect_description(feed, "5 gaps (400 bars missing)");
    feed->close(feed);
    print_message("opening five files of 66,087 rows took %.3f s of CPU\n", opening);
}

/* Prices with 12 decimals: refused with line and column, as the law says, not rounded. */
static void test_real_file_of_rounded_doubles(void **state) {
    (void)state;
    refused(shared_data("ohlcv/1d/BTCUSD-1d-yahoo_to_2024-12-31.csv.gz"), "8 decimals",
            "line 2, column 2 (open)");
}

/* Our own filters fit every recorded price of their symbols. */
static void test_own_filters_fit_real_prices(void **state) {
    (void)state;
    static const char *const names[] = {
        "ohlcv/1m/ADAUSDT-1m-2023-03-16_2023-05-01.csv.gz",
        "ohlcv/1m/AVAXUSDT-1m-2021-09-17_2021-10-17.csv.gz",
        "ohlcv/1m/BTCUSDT-1m-2025-03.csv.gz",
        "ohlcv/1m/DOGEUSDT-1m-2023-03-16_2023-05-01.csv.gz",
        "ohlcv/1m/DOTUSDT-1m-2021-09-17_2021-10-17.csv.gz",
        "ohlcv/1m/ETHUSDT-1m-2025-03.csv.gz",
        "ohlcv/1m/LTCUSDT-1m-2021-09-17_2021-10-17.csv.gz",
        "ohlcv/1m/SOLUSDT-1m-2023-03-16_2023-05-01.csv.gz",
    };
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        FeedEvent ours, derived;
        Error error;
        const char *path = shared_data(names[i]);
        Feed *feed = open_filtered(path, "config/filters.json", &error);
        if (!feed) fail_msg("%s: %s", error.where, error.message);
        assert_int_equal(feed->next(feed, &ours, &error), FEED_EVENT);
        feed->close(feed);
        feed = open_sound(&path, 1);
        assert_int_equal(feed->next(feed, &derived, &error), FEED_EVENT);
        feed->close(feed);
        assert_string_equal(ours.listed.quote.text, "USDT");
        assert_string_equal(ours.listed.base.text, derived.listed.base.text);
        assert_int_equal(derived.listed.filters.tick.units % ours.listed.filters.tick.units, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_files),
        cmocka_unit_test(test_real_five_symbols),
        cmocka_unit_test(test_real_file_of_rounded_doubles),
        cmocka_unit_test(test_own_filters_fit_real_prices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
