/* SPDX-License-Identifier: Apache-2.0 */
/* The candle store: what is put in comes out, a crash at any write leaves the old or the new, and
 * no flipped bit goes unseen. */
#include "faulty_calls.h"

#include "unit.h"

#include "stored_minutes.h"
#include "temporary.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "shell/store/candle_catalog.h"
#include "shell/store/candle_store.h"
#include "shell/store/candle_write.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static CandleKey key_of(const char *symbol, int64_t minutes) {
    CandleKey key = {.venue = CANDLE_VENUE, .length_us = minutes * INSTANT_MINUTE_US};
    assert_true(symbol_name_set(&key.symbol, slice_of(symbol)));
    return key;
}

static void fill(CandleBatch *batch, size_t first, size_t count, unsigned known) {
    candle_batch_init(batch);
    for (size_t i = first; i < first + count; i++) {
        Bar bar = bar_at(i);
        assert_true(candle_batch_add(batch, &bar, known, i, NULL));
    }
}

static bool put(size_t first, size_t count, unsigned known, CandlePut *result, Error *error) {
    CandleKey key = key_of("BTCUSDT", 1);
    CandleBatch batch;
    fill(&batch, first, count, known);
    bool good = candle_store_put("data", &key, &batch, result, error);
    candle_batch_deinit(&batch);
    return good;
}

static void put_well(size_t first, size_t count, CandlePut *result) {
    Error error = {0};
    if (put(first, count, CANDLE_ALL_KNOWN, result, &error)) return;
    print_error("%s: %s\n", error.where, error.message);
    fail();
}

static void open_well(StoredCandles *stored) {
    CandleKey key = key_of("BTCUSDT", 1);
    Error error = {0};
    bool good = candle_store_open("data", &key, stored, &error) &&
                candle_store_verify(stored, 0, SIZE_MAX, &error);
    if (!good) print_error("%s: %s\n", error.where, error.message);
    assert_true(good);
}

/* Rows of the formula, from `first` on, in the store. */
static void holds_rows(size_t first, size_t count) {
    StoredCandles stored;
    open_well(&stored);
    assert_int_equal(stored.series.count, count);
    for (size_t i = 0; i < count; i++) {
        Bar is = candle_series_bar(&stored.series, i), should = bar_at(first + i);
        assert_memory_equal(&is, &should, sizeof is);
    }
    candle_store_close(&stored);
}

static void test_what_goes_in_comes_out(void **state) {
    (void)state;
    CandlePut result;
    put_well(0, 1000, &result);
    assert_int_equal(result.added, 1000);
    holds_rows(0, 1000);
    put_well(1000, 1, &result); /* behind */
    put_well(1001, 5000, &result);
    assert_int_equal(result.added, 5000);
    holds_rows(0, 6001);
    put_well(5990, 30, &result); /* overlapping the end */
    assert_int_equal(result.added, 19);
    assert_int_equal(result.same, 11);
    holds_rows(0, 6020);
    put_well(100, 50, &result); /* nothing new */
    assert_int_equal(result.added, 0);
    assert_int_equal(result.same, 50);
    holds_rows(0, 6020);
}

static void test_older_rows_and_rows_between(void **state) {
    (void)state;
    CandlePut result;
    StoredCandles mapped;
    put_well(5000, 700, &result);
    open_well(&mapped);
    put_well(0, 600, &result);
    put_well(590, 4500, &result);
    assert_int_equal(result.added, 4400);
    holds_rows(0, 5700);
    /* Who had the old file mapped keeps it. */
    assert_int_equal(mapped.series.count, 700);
    assert_true(candle_store_verify(&mapped, 0, 700, NULL));
    candle_store_close(&mapped);
}

static void test_more_rows_than_places(void **state) {
    (void)state;
    CandlePut result;
    StoredCandles stored;
    put_well(0, 10, &result);
    open_well(&stored);
    uint64_t places = stored.header.capacity;
    candle_store_close(&stored);
    put_well(10, places, &result);
    holds_rows(0, places + 10);
}

static void test_a_source_that_knows_less(void **state) {
    (void)state;
    CandlePut result;
    StoredCandles stored;
    Error error = {0};
    assert_true(put(0, 100, CANDLE_TRADES_KNOWN, &result, &error));
    open_well(&stored);
    assert_null(stored.series.taker);
    assert_non_null(stored.series.trades);
    assert_false(stored.quote_known);
    candle_store_close(&stored);
    put_well(0, 100, &result); /* the same rows with all fields */
    assert_int_equal(result.improved, 100);
    holds_rows(0, 100);
    open_well(&stored);
    assert_non_null(stored.series.taker);
    assert_true(stored.quote_known);
    candle_store_close(&stored);
    assert_true(put(0, 100, 0, &result, &error)); /* and back: nothing is forgotten */
    assert_int_equal(result.improved, 0);
    holds_rows(0, 100);
}

static void test_another_candle_of_the_same_time(void **state) {
    (void)state;
    CandlePut result;
    CandleKey key = key_of("BTCUSDT", 1);
    CandleBatch batch;
    Error error = {0};
    put_well(0, 100, &result);
    fill(&batch, 50, 100, CANDLE_ALL_KNOWN);
    ((int64_t *)batch.column[STORED_CLOSE])[7]++;
    assert_false(candle_store_put("data", &key, &batch, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_int_equal(result.conflict, 7);
    assert_non_null(strstr(error.message, "2024-01-01T00:57"));
    candle_batch_deinit(&batch);
    holds_rows(0, 100);
}

/* --- damage ----------------------------------------------------------------------------------- */

static const char *stored_path(void) {
    static char path[CANDLE_PATH_MAX];
    CandleKey key = key_of("BTCUSDT", 1);
    assert_true(candle_key_path("data", &key, path, NULL));
    return path;
}

static void flip(uint64_t offset, unsigned bit) {
    unsigned char byte;
    int file = open(stored_path(), O_RDWR);
    assert_int_equal(pread(file, &byte, 1, (off_t)offset), 1);
    byte ^= (unsigned char)(1u << bit);
    assert_int_equal(pwrite(file, &byte, 1, (off_t)offset), 1);
    close(file);
}

/* Open and verified; the error if not. */
static bool is_sound(Error *error) {
    StoredCandles stored;
    CandleKey key = key_of("BTCUSDT", 1);
    if (!candle_store_open("data", &key, &stored, error)) return false;
    bool sound = candle_store_verify(&stored, 0, SIZE_MAX, error);
    candle_store_close(&stored);
    return sound;
}

static void test_flipped_bits_are_found(void **state) {
    (void)state;
    CandlePut result;
    StoredCandles stored;
    put_well(0, 1300, &result);
    open_well(&stored);
    CandleHeader header = stored.header;
    candle_store_close(&stored);
    for (unsigned column = 0; column < STORED_COLUMNS; column++) {
        size_t width = candle_column_width((StoredColumn)column);
        for (size_t row = 0; row < 1300; row += 13) {
            uint64_t at = header.column_offset[column] + row * width + row % width;
            Error error = {0};
            flip(at, (unsigned)row % 8);
            assert_false(is_sound(&error));
            assert_non_null(strstr(error.message, stored_column_name((StoredColumn)column)));
            flip(at, (unsigned)row % 8);
        }
    }
    assert_true(is_sound(NULL));
}

/* One copy of header and checksums may be damaged: the other holds. Both: refused, not believed. */
static void test_flipped_bits_of_the_header(void **state) {
    (void)state;
    CandlePut result;
    put_well(0, 1300, &result);
    put_well(1300, 7, &result);
    for (uint64_t byte = 0; byte < sizeof(CandleHeader); byte++) {
        for (unsigned copy = 0; copy < 2; copy++) {
            flip(copy * CANDLE_PAGE + byte, (unsigned)byte % 8);
            holds_rows(0, 1307);
            flip(copy * CANDLE_PAGE + byte, (unsigned)byte % 8);
        }
        Error error = {0};
        flip(byte, (unsigned)byte % 8);
        flip(CANDLE_PAGE + byte, (unsigned)byte % 8);
        assert_false(is_sound(&error));
        assert_int_equal(error.code, ERROR_DATA);
        flip(byte, (unsigned)byte % 8);
        flip(CANDLE_PAGE + byte, (unsigned)byte % 8);
    }
    flip(2 * CANDLE_PAGE + 3, 5); /* a checksum of the first table */
    holds_rows(0, 1307);
}

/* --- crashes ---------------------------------------------------------------------------------- */

/* The child dies at its n-th call that changes a file. True when it got through. */
static bool dies_at(unsigned n, size_t first, size_t count) {
    pid_t child = fork();
    if (child == 0) {
        CandlePut result;
        Error error;
        fault.armed = true;
        fault.count = 0;
        fault.at = n;
        fault.error = FAULT_KILL;
        _exit(put(first, count, CANDLE_ALL_KNOWN, &result, &error) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 1);
    return WEXITSTATUS(status) == 0;
}

static size_t rows_stored(void) {
    StoredCandles stored;
    open_well(&stored);
    size_t count = stored.series.count;
    candle_store_close(&stored);
    return count;
}

static void kill_everywhere(size_t old, size_t first, size_t count) {
    CandlePut result;
    unsigned n = 1;
    bool seen_old = false;
    for (bool through = false; !through; n++) {
        assert_int_equal(system("rm -rf data"), 0);
        put_well(old, 1000, &result);
        through = dies_at(n, first, count);
        size_t rows = rows_stored();
        size_t all = first == old + 1000 ? 1000 + count : old + 1000 - first;
        assert_true(rows == 1000 || rows == all);
        assert_true(!through || rows == all);
        seen_old |= rows == 1000;
        holds_rows(rows == 1000 ? old : first < old ? first : old, rows);
        put_well(first, count, &result); /* and again, after the crash */
        holds_rows(first < old ? first : old, all);
    }
    assert_true(seen_old);
    assert_true(n > 10);
}

static void test_a_crash_while_appending(void **state) {
    (void)state;
    kill_everywhere(2000, 3000, 700);
}

static void test_a_crash_while_replacing(void **state) {
    (void)state;
    kill_everywhere(2000, 500, 1500);
}

static void test_a_disk_that_refuses(void **state) {
    (void)state;
    CandlePut result;
    const int errors[] = {ENOSPC, EIO};
    for (unsigned i = 0; i < 2; i++) {
        bool good = false;
        for (unsigned n = 1; !good; n++) {
            Error error = {0};
            assert_int_equal(system("rm -rf data"), 0);
            put_well(0, 1000, &result);
            fault.armed = true;
            fault.count = 0;
            fault.at = n;
            fault.error = errors[i];
            good = put(1000, 300, CANDLE_ALL_KNOWN, &result, &error);
            fault.armed = false;
            assert_true(good || error.code == (i ? ERROR_IO : ERROR_DISK_FULL));
            size_t rows = rows_stored();
            assert_true(rows == 1300 || (!good && rows == 1000));
        }
    }
}

static void test_the_catalog(void **state) {
    (void)state;
    CandleCatalog catalog;
    CandlePut result;
    assert_true(candle_catalog_read("data", &catalog, NULL));
    assert_int_equal(catalog.count, 0);
    put_well(0, 10, &result);
    temporary_write("data/candles/binance/BTCUSDT/notes.txt", "x");
    temporary_write("data/candles/binance/BTCUSDT/7m.candles", "x");
    temporary_write("data/candles/binance/stray", "x");
    assert_true(candle_catalog_read("data", &catalog, NULL));
    assert_int_equal(catalog.count, 1);
    assert_string_equal(catalog.keys[0].symbol.text, "BTCUSDT");
    assert_int_equal(catalog.keys[0].length_us, INSTANT_MINUTE_US);
    candle_catalog_free(&catalog);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        TEST(test_what_goes_in_comes_out),
        TEST(test_older_rows_and_rows_between),
        TEST(test_more_rows_than_places),
        TEST(test_a_source_that_knows_less),
        TEST(test_another_candle_of_the_same_time),
        TEST(test_flipped_bits_are_found),
        TEST(test_flipped_bits_of_the_header),
        TEST(test_a_crash_while_appending),
        TEST(test_a_crash_while_replacing),
        TEST(test_a_disk_that_refuses),
        TEST(test_the_catalog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
