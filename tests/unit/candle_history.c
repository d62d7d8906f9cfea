/* SPDX-License-Identifier: Apache-2.0 */
/* Longer candles out of stored shorter ones: what is complete equals a plain sum, what is not is
 * left out and counted, and the venue's own hours come out of its minutes. */
#include "unit.h"

#include "temporary.h"

#include "shell/store/candle_history.h"
#include "shell/store/candle_import.h"

#define FIRST_US 1704067200000000LL /* 2024-01-01 */

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static CandleKey key_of(const char *symbol, const char *interval) {
    CandleKey key = {.venue = CANDLE_VENUE};
    assert_true(symbol_name_set(&key.symbol, slice_of(symbol)));
    assert_true(candle_length_parse(slice_of(interval), &key.length_us));
    return key;
}

static Bar minute_at(size_t i) {
    int64_t price = 100000000LL * (100 + (int64_t)(i * i % 131));
    return (Bar){.time_us = FIRST_US + (int64_t)i * INSTANT_MINUTE_US,
                 .open = {price},
                 .high = {price + (int64_t)(i % 11)},
                 .low = {price - (int64_t)(i % 7)},
                 .close = {price + 1 < price + (int64_t)(i % 11) ? price + 1 : price},
                 .volume = 1 + (double)(i % 17),
                 .quote_volume = 100,
                 .taker_volume = 0.5,
                 .trades = 3,
                 .bars = 1};
}

/* Minutes [first, end) without those of [hole, hole_end). */
static void store_minutes(size_t first, size_t end, size_t hole, size_t hole_end) {
    CandleKey key = key_of("BTCUSDT", "1m");
    CandleBatch batch;
    CandlePut put;
    candle_batch_init(&batch);
    for (size_t i = first; i < end; i++) {
        Bar bar = minute_at(i);
        if (i >= hole && i < hole_end) continue;
        assert_true(candle_batch_add(&batch, &bar, CANDLE_ALL_KNOWN, 0, NULL));
    }
    assert_true(candle_store_put("data", &key, &batch, &put, NULL));
    candle_batch_deinit(&batch);
}

/* The bucket's values, minute by minute. */
static void equals_minutes(const CandleSeries *series, size_t row) {
    Bar is = candle_series_bar(series, row);
    size_t first = (size_t)((is.time_us - FIRST_US) / INSTANT_MINUTE_US);
    size_t minutes = (size_t)(series->length_us / INSTANT_MINUTE_US);
    Bar should = minute_at(first);
    for (size_t i = first + 1; i < first + minutes; i++) {
        Bar minute = minute_at(i);
        if (minute.high.units > should.high.units) should.high = minute.high;
        if (minute.low.units < should.low.units) should.low = minute.low;
        should.close = minute.close;
        should.volume += minute.volume;
        should.quote_volume += minute.quote_volume;
        should.taker_volume += minute.taker_volume;
        should.trades += minute.trades;
    }
    should.bars = (uint32_t)minutes;
    assert_memory_equal(&is, &should, sizeof is);
}

static void test_only_what_is_complete(void **state) {
    (void)state;
    CandleHistory history;
    CandleKey key = key_of("BTCUSDT", "1h");
    store_minutes(17, 600, 200, 201); /* begins and ends inside of an hour; one minute is missing */
    assert_true(candle_history_open("data", &key, INT64_MIN, INT64_MAX, &history, NULL));
    assert_int_equal(history.source_us, INSTANT_MINUTE_US);
    assert_int_equal(history.series.count, 8); /* hours 1 to 9 without 3 */
    assert_int_equal(history.incomplete, 2);
    for (size_t row = 0; row < history.series.count; row++)
        equals_minutes(&history.series, row);
    assert_int_equal(history.series.time_us[1] - FIRST_US, 2 * INSTANT_HOUR_US);
    assert_int_equal(history.series.time_us[2] - FIRST_US, 4 * INSTANT_HOUR_US);
    candle_history_close(&history);
}

static void test_a_range(void **state) {
    (void)state;
    CandleHistory history;
    Error error = {0};
    CandleKey key = key_of("BTCUSDT", "5m");
    store_minutes(0, 600, 0, 0);
    assert_true(candle_history_open("data", &key, FIRST_US + 7 * INSTANT_MINUTE_US,
                                    FIRST_US + 60 * INSTANT_MINUTE_US, &history, &error));
    assert_int_equal(history.series.count, 10);
    assert_int_equal(history.series.time_us[0] - FIRST_US, 10 * INSTANT_MINUTE_US);
    assert_int_equal(history.series.time_us[9] - FIRST_US, 55 * INSTANT_MINUTE_US);
    candle_history_close(&history);
    assert_false(
        candle_history_open("data", &key, FIRST_US + INSTANT_DAY_US, INT64_MAX, &history, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_non_null(strstr(error.hint, "2024-01-01T00:00"));
    key = key_of("ETHUSDT", "5m");
    assert_false(candle_history_open("data", &key, INT64_MIN, INT64_MAX, &history, &error));
    assert_non_null(strstr(error.message, "ETHUSDT 5m"));
}

/* The same file as minutes gives 15m twice, straight and by way of 5m. */
static void test_steps_between_make_no_difference(void **state) {
    (void)state;
    CandleKey key = key_of("BTCUSDT", "5m"), longer = key_of("BTCUSDT", "30m");
    CandleHistory five, straight, again;
    CandlePut put;
    store_minutes(3, 2000, 700, 733);
    assert_true(candle_history_open("data", &longer, INT64_MIN, INT64_MAX, &straight, NULL));
    assert_true(candle_history_open("data", &key, INT64_MIN, INT64_MAX, &five, NULL));
    assert_true(candle_store_put("data", &key, &five.folded, &put, NULL));
    assert_true(candle_history_open("data", &longer, INT64_MIN, INT64_MAX, &again, NULL));
    assert_int_equal(again.source_us, 5 * INSTANT_MINUTE_US);
    assert_int_equal(again.series.count, straight.series.count);
    for (size_t row = 0; row < again.series.count; row++) {
        Bar a = candle_series_bar(&again.series, row), b = candle_series_bar(&straight.series, row);
        assert_memory_equal(&a, &b, sizeof a);
    }
    candle_history_close(&five);
    candle_history_close(&straight);
    candle_history_close(&again);
}

static void test_the_venue_s_own_hours(void **state) {
    char minutes[PATH_MAX], hours[PATH_MAX];
    assert_non_null(
        realpath(shared_data("ohlcv/1m/BTCUSDT-1m-2023-03-16_2023-05-01.csv.gz"), minutes));
    assert_non_null(realpath(shared_data("ohlcv/1h/BTCUSDT-1h-to_2024-12-31.csv.gz"), hours));
    assert_int_equal(temporary_enter(state), 0);
    CandleImported imported;
    CandleImportPlan plan = {.root = "minutes", .venue = CANDLE_VENUE};
    CandleKey key = key_of("BTCUSDT", "1h");
    CandleHistory ours, theirs;
    assert_true(candle_import(&plan, minutes, &imported, NULL));
    plan.root = "hours";
    assert_true(candle_import(&plan, hours, &imported, NULL));
    assert_true(candle_history_open("minutes", &key, INT64_MIN, INT64_MAX, &ours, NULL));
    assert_true(candle_history_open("hours", &key, INT64_MIN, INT64_MAX, &theirs, NULL));
    assert_in_range(ours.series.count, 1000, 1200);
    for (size_t row = 0; row < ours.series.count; row++) {
        size_t other = candle_series_before(&theirs.series, ours.series.time_us[row]);
        Bar a = candle_series_bar(&ours.series, row);
        Bar b = candle_series_bar(&theirs.series, other);
        assert_int_equal(a.time_us, b.time_us);
        assert_int_equal(a.open.units, b.open.units);
        assert_int_equal(a.high.units, b.high.units);
        assert_int_equal(a.low.units, b.low.units);
        assert_int_equal(a.close.units, b.close.units);
        assert_close(a.volume, b.volume, 1e-9 * b.volume);
    }
    candle_history_close(&ours);
    candle_history_close(&theirs);
    temporary_leave(state);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        TEST(test_only_what_is_complete),
        TEST(test_a_range),
        TEST(test_steps_between_make_no_difference),
        cmocka_unit_test(test_the_venue_s_own_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
