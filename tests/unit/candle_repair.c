/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged .candles files: found, named, and repaired without losing a row that can be proved. */
#include "unit.h"

#include "stored_minutes.h"
#include "temporary.h"

#include <fcntl.h>

#include "shell/store/candle_repair.h"
#include "shell/store/candle_write.h"

#define ROWS 2000u /* three full blocks and a part */

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static char path[CANDLE_PATH_MAX];
static CandleHeader header;

/* Minutes 0 to ROWS without [hole, hole_end). */
static void store_rows(size_t hole, size_t hole_end) {
    CandleKey key = {.venue = CANDLE_VENUE, .length_us = INSTANT_MINUTE_US};
    CandleBatch batch;
    CandlePut put;
    StoredCandles stored;
    assert_true(symbol_name_set(&key.symbol, slice_of("BTCUSDT")));
    assert_int_equal(system("rm -rf data"), 0);
    candle_batch_init(&batch);
    for (size_t i = 0; i < ROWS; i++) {
        Bar bar = bar_at(i);
        if (i >= hole && i < hole_end) continue;
        assert_true(candle_batch_add(&batch, &bar, CANDLE_ALL_KNOWN, 0, NULL));
    }
    assert_true(candle_store_put("data", &key, &batch, &put, NULL));
    candle_batch_deinit(&batch);
    assert_true(candle_key_path("data", &key, path, NULL));
    assert_true(candle_store_open_file(path, &stored, NULL));
    header = stored.header;
    candle_store_close(&stored);
}

static void write_at(uint64_t offset, const void *bytes, size_t count) {
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, bytes, count, (off_t)offset), count);
    close(file);
}

static void flip(uint64_t offset, unsigned bit) {
    unsigned char byte;
    int file = open(path, O_RDONLY);
    assert_int_equal(pread(file, &byte, 1, (off_t)offset), 1);
    close(file);
    byte ^= (unsigned char)(1u << bit);
    write_at(offset, &byte, 1);
}

static uint64_t place(StoredColumn column, size_t row) {
    return header.column_offset[column] + row * candle_column_width(column);
}

static void is_found(const char *part) {
    CandleDamage damage;
    Error error = {0};
    assert_false(candle_check(path, &damage, &error));
    assert_int_equal(error.code, ERROR_DATA);
    if (!strstr(error.message, part)) fail_msg("\"%s\" lacks \"%s\"", error.message, part);
    assert_non_null(strstr(error.where, "1m.candles"));
}

static void repair_well(CandleRepair *repair) {
    CandleDamage damage;
    Error error = {0};
    if (!candle_repair(path, repair, &error)) fail_msg("%s: %s", error.where, error.message);
    assert_true(candle_check(path, &damage, &error));
    assert_false(damage.header);
    assert_true(access(repair->aside, F_OK) == 0);
}

/* Rows that are there are those of the formula; `taker_known` and so on as they should be. */
static size_t sound_rows(bool all_known) {
    StoredCandles stored;
    assert_true(candle_store_open_file(path, &stored, NULL));
    for (size_t row = 0; row < stored.series.count; row++) {
        Bar is = candle_series_bar(&stored.series, row);
        Bar should = bar_at((size_t)((is.time_us - FIRST_US) / INSTANT_MINUTE_US));
        if (all_known) assert_memory_equal(&is, &should, sizeof is);
        assert_int_equal(is.close.units, should.close.units);
        assert_close(is.volume, should.volume, 0);
    }
    size_t count = stored.series.count;
    candle_store_close(&stored);
    return count;
}

static void test_a_sound_file_is_left_alone(void **state) {
    (void)state;
    CandleRepair repair;
    store_rows(0, 0);
    assert_true(candle_repair(path, &repair, NULL));
    assert_string_equal(repair.aside, "");
    assert_int_equal(sound_rows(true), ROWS);
}

static void test_damaged_bytes_are_put_right(void **state) {
    (void)state;
    for (unsigned i = 0; i < STORED_COLUMNS; i++) {
        CandleRepair repair;
        store_rows(0, 0);
        flip(place((StoredColumn)i, 100) + 2, i % 8);
        flip(place((StoredColumn)i, 100) + 2, (i + 3) % 8); /* the same byte */
        flip(place((StoredColumn)i, 1999), 7);              /* in the growing block */
        is_found(stored_column_name((StoredColumn)i));
        repair_well(&repair);
        /* Of times the first is found by its neighbours, not by trying. */
        assert_int_equal(repair.bytes + repair.times, 2);
        assert_int_equal(repair.lost, 0);
        assert_int_equal(sound_rows(true), ROWS);
    }
}

static void test_a_lost_page_of_prices(void **state) {
    (void)state;
    static const char zeros[CANDLE_PAGE];
    CandleRepair repair;
    store_rows(0, 0);
    write_at(place(STORED_HIGH, 512), zeros, sizeof zeros);
    is_found("column high");
    repair_well(&repair);
    assert_int_equal(repair.rows, ROWS);
    assert_int_equal(repair.kept, ROWS - 512);
    assert_int_equal(repair.lost, 512);
    assert_int_equal(repair.lost_first_us, FIRST_US + 512 * INSTANT_MINUTE_US);
    assert_int_equal(repair.lost_last_us, FIRST_US + 1023 * INSTANT_MINUTE_US);
    assert_int_equal(sound_rows(true), ROWS - 512);
    /* The gap is closed by fetching or importing again. */
    CandleKey key = {.venue = CANDLE_VENUE, .length_us = INSTANT_MINUTE_US};
    CandleBatch batch;
    CandlePut put;
    assert_true(symbol_name_set(&key.symbol, slice_of("BTCUSDT")));
    candle_batch_init(&batch);
    for (size_t i = 512; i < 1024; i++) {
        Bar bar = bar_at(i);
        assert_true(candle_batch_add(&batch, &bar, CANDLE_ALL_KNOWN, 0, NULL));
    }
    assert_true(candle_store_put("data", &key, &batch, &put, NULL));
    candle_batch_deinit(&batch);
    assert_int_equal(sound_rows(true), ROWS);
}

static void test_a_lost_page_of_what_may_be_unknown(void **state) {
    (void)state;
    static const char zeros[CANDLE_PAGE];
    const StoredColumn columns[] = {STORED_QUOTE_VOLUME, STORED_TAKER_VOLUME, STORED_TRADES};
    for (unsigned i = 0; i < 3; i++) {
        CandleRepair repair;
        StoredCandles stored;
        store_rows(0, 0);
        write_at(place(columns[i], 512), zeros, 512 * candle_column_width(columns[i]));
        repair_well(&repair);
        assert_int_equal(repair.kept, ROWS);
        assert_int_equal(repair.unknown, 512);
        assert_int_equal(sound_rows(false), ROWS);
        assert_true(candle_store_open_file(path, &stored, NULL));
        assert_int_equal(stored.quote_known, i != 0);
        assert_int_equal(stored.series.taker != NULL, i != 1);
        assert_int_equal(stored.series.trades != NULL, i != 2);
        candle_store_close(&stored);
    }
}

static void test_a_lost_page_of_times(void **state) {
    (void)state;
    static const char zeros[CANDLE_PAGE];
    CandleRepair repair;
    for (size_t block = 0; block < 3; block++) {
        store_rows(0, 0);
        write_at(place(STORED_TIME, block * 512), zeros, sizeof zeros);
        repair_well(&repair);
        assert_int_equal(repair.times, 1);
        assert_int_equal(sound_rows(true), ROWS);
    }
    store_rows(700, 703); /* a gap in the block: its times do not follow from its neighbours */
    write_at(place(STORED_TIME, 512), zeros, sizeof zeros);
    repair_well(&repair);
    assert_int_equal(repair.times, 0);
    assert_int_equal(repair.lost, 512);
    assert_int_equal(repair.lost_first_us, FIRST_US + 512 * INSTANT_MINUTE_US);
    assert_int_equal(repair.lost_last_us, FIRST_US + 1026 * INSTANT_MINUTE_US);
    assert_int_equal(sound_rows(true), ROWS - 3 - 512);
}

static void test_headers_and_tables(void **state) {
    (void)state;
    CandleRepair repair;
    CandleDamage damage;
    Error error = {0};
    store_rows(0, 0);
    flip(offsetof(CandleHeader, count), 4); /* one copy: nothing is lost, and it is seen */
    assert_true(candle_check(path, &damage, &error));
    assert_true(damage.header);
    repair_well(&repair);
    assert_int_equal(sound_rows(true), ROWS);
    store_rows(0, 0);
    flip(header.table_offset[0] + 5, 1);
    assert_true(candle_check(path, &damage, &error));
    assert_true(damage.header);
    repair_well(&repair);
    assert_int_equal(sound_rows(true), ROWS);
    store_rows(0, 0); /* both copies, one bit each */
    flip(offsetof(CandleHeader, capacity), 3);
    flip(CANDLE_PAGE + offsetof(CandleHeader, tail), 6);
    assert_false(candle_check(path, &damage, &error));
    repair_well(&repair);
    assert_int_equal(repair.bytes, 1);
    assert_int_equal(sound_rows(true), ROWS);
}

/* --- headers that lie ------------------------------------------------------------------------- */

static void write_headers(const CandleHeader *lie) {
    write_at(0, lie, sizeof *lie);
    write_at(CANDLE_PAGE, lie, sizeof *lie);
}

/* A header with a right checksum and a wrong content is refused by its content. */
static void refuses(CandleHeader lie, const char *reason) {
    StoredCandles stored;
    Error error = {0};
    candle_header_seal(&lie);
    write_headers(&lie);
    if (candle_store_open_file(path, &stored, &error)) fail_msg("opened, not: %s", reason);
    assert_int_equal(error.code, ERROR_DATA);
    if (!strstr(error.message, reason)) fail_msg("\"%s\" lacks \"%s\"", error.message, reason);
    assert_non_null(strstr(error.where, "1m.candles"));
    write_headers(&header);
    assert_int_equal(sound_rows(true), ROWS);
}

#define LIE(field, value)                                                                          \
    __extension__({                                                                                \
        CandleHeader lie = header;                                                                 \
        lie.field = (value);                                                                       \
        lie;                                                                                       \
    })

static void test_headers_that_lie(void **state) {
    (void)state;
    store_rows(0, 0);
    refuses(LIE(magic[0], 'X'), "not a .candles file");
    refuses(LIE(version, 2), "another version");
    refuses(LIE(version, 0), "another version");
    refuses(LIE(version, 0x80000001u), "another version");
    refuses(LIE(header_bytes, 99), "does not match");
    refuses(LIE(count, 0), "counts cannot be");
    refuses(LIE(count, header.capacity + 1), "counts cannot be"); /* of the future */
    refuses(LIE(count, UINT64_MAX), "counts cannot be");
    refuses(LIE(capacity, header.capacity + 1), "counts cannot be");
    refuses(LIE(capacity, UINT64_MAX / 512 * 512), "counts cannot be");
    refuses(LIE(capacity, header.capacity + 512), "offsets cannot be");
    refuses(LIE(capacity, CANDLE_ROWS_MAX), "offsets cannot be");
    refuses(LIE(block_rows, 0), "counts cannot be");
    refuses(LIE(block_rows, 1024), "counts cannot be");
    refuses(LIE(length_us, 0), "an interval is");
    refuses(LIE(length_us, -60000000), "an interval is");
    refuses(LIE(length_us, 7 * INSTANT_MINUTE_US), "an interval is");
    refuses(LIE(table_offset[0], 1), "offsets cannot be");
    refuses(LIE(table_offset[1], UINT64_MAX), "offsets cannot be");
    refuses(LIE(column_offset[0], 0), "offsets cannot be");
    refuses(LIE(column_offset[8], UINT64_MAX - 7), "offsets cannot be");
    refuses(LIE(venue[0], '/'), "a venue is named");
    refuses(LIE(venue[0], 0), "a venue is named");
    refuses(LIE(symbol[0], '.'), "a symbol is named");
    refuses(LIE(symbol[3], '\n'), "a symbol is named");
    refuses(LIE(symbol[LIMIT_SYMBOL_TEXT - 1], 'A'), "have no end");
}

static void test_files_that_are_none(void **state) {
    (void)state;
    StoredCandles stored;
    CandleKey key = {.venue = CANDLE_VENUE, .length_us = 5 * INSTANT_MINUTE_US};
    Error error = {0};
    store_rows(0, 0);
    const uint64_t sizes[] = {0, 1, 100, 4096, 8191, 8192, header.column_offset[8]};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        store_rows(0, 0);
        assert_int_equal(truncate(path, (off_t)sizes[i]), 0);
        assert_false(candle_store_open_file(path, &stored, &error));
        assert_int_equal(error.code, ERROR_DATA);
    }
    store_rows(0, 0);
    assert_true(symbol_name_set(&key.symbol, slice_of("BTCUSDT")));
    assert_int_equal(
        system(
            "cp data/candles/binance/BTCUSDT/1m.candles data/candles/binance/BTCUSDT/5m.candles"),
        0);
    assert_false(candle_store_open("data", &key, &stored, &error));
    assert_non_null(strstr(error.message, "than its name says"));
    assert_false(candle_store_open_file("data", &stored, &error)); /* a directory */
    assert_non_null(strstr(error.message, "not a file"));
    assert_false(candle_store_open_file("data/none", &stored, &error));
    assert_non_null(strstr(error.message, "no candles are stored"));
    /* Appending to a damaged file is refused, not built upon. */
    CandleBatch batch;
    CandlePut put;
    Bar bar = bar_at(ROWS);
    key.length_us = INSTANT_MINUTE_US;
    flip(place(STORED_CLOSE, ROWS - 1), 1);
    candle_batch_init(&batch);
    assert_true(candle_batch_add(&batch, &bar, CANDLE_ALL_KNOWN, 0, NULL));
    assert_false(candle_store_put("data", &key, &batch, &put, &error));
    assert_non_null(strstr(error.message, "column close"));
    candle_batch_deinit(&batch);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        TEST(test_a_sound_file_is_left_alone), TEST(test_damaged_bytes_are_put_right),
        TEST(test_a_lost_page_of_prices),      TEST(test_a_lost_page_of_what_may_be_unknown),
        TEST(test_a_lost_page_of_times),       TEST(test_headers_and_tables),
        TEST(test_headers_that_lie),           TEST(test_files_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
