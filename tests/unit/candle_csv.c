/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of candle files: headers of common exporters, stamps, quotes, and what is refused with line
 * and column. */
#include "unit.h"

#include "core/market/candle_csv.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

#define DUMP_ROW                                                                                   \
    "1672531200000,16541.77000000,16545.70000000,16508.39000000,16529.67000000,4364.83570000,"     \
    "1672534799999,72146293.58672290,149854,2179.94772000,36032352.87035720,0"

static CandleColumns columns_of(const char *line, unsigned needed) {
    CandleColumns columns;
    Error error;
    if (!candle_csv_columns(slice_of(line), 1, needed, &columns, &error))
        fail_msg("%s: %s", line, error.message);
    return columns;
}

static void test_dump_row_without_header(void **state) {
    (void)state;
    assert_false(candle_csv_is_header(SLICE(DUMP_ROW)));
    CandleColumns columns = columns_of(DUMP_ROW, CANDLE_FULL);
    Bar bar;
    assert_true(candle_csv_bar(&columns, SLICE(DUMP_ROW), 1, &bar, NULL));
    assert_int_equal(bar.time_us, instant_of(2023, 1, 1, 0, 0, 0));
    assert_int_equal(bar.open.units, 1654177000000);
    assert_int_equal(bar.high.units, 1654570000000);
    assert_int_equal(bar.low.units, 1650839000000);
    assert_int_equal(bar.close.units, 1652967000000);
    assert_close(bar.volume, 4364.8357, 0);
    assert_close(bar.quote_volume, 72146293.58672290, 0);
    assert_close(bar.taker_volume, 2179.94772, 0);
    assert_int_equal(bar.trades, 149854);
    assert_int_equal(bar.bars, 1);
}

static void test_stamps(void **state) {
    (void)state;
    static const char *const times[] = {
        "1679004900",          "1679004900000",        "1679004900000000",
        "2023-03-16 22:15",    "2023-03-16T22:15:00Z", "2023-03-16 22:15:00+00:00",
        "2023-03-16 22:15:00", "\"1679004900000\"",    "1679004900000.0",
        " 1679004900000 ",
    };
    CandleColumns columns = columns_of("time,open,high,low,close,volume", CANDLE_FULL);
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        char line[128];
        Bar bar;
        Error error;
        snprintf(line, sizeof line, "%s,1,2,1,2,3\r", times[i]);
        if (!candle_csv_bar(&columns, slice_of(line), 1, &bar, &error))
            fail_msg("%s: %s", line, error.message);
        assert_int_equal(bar.time_us, instant_of(2023, 3, 16, 22, 15, 0));
    }
}

static void test_headers(void **state) {
    (void)state;
    static const struct {
        const char *header, *row;
    } rows[] = {
        {"open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
         "taker_buy_quote_volume,ignore",
         "1679004900000,10,12,9,11,5,1679004959999,54,7,2,21,0"},
        {"open_time,open,high,low,close,volume,close_time,quote_volume,trades,taker_buy_base,"
         "taker_buy_quote,ignore",
         "1679004900000,10,12,9,11,5,1679004959999,54,7,2,,"},
        {"Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,Number of trades,"
         "Taker buy base asset volume,Taker buy quote asset volume,Ignore",
         "2023-03-16 22:15:00,10,12,9,11,5,2023-03-16 22:15:59.999,54,7,2,21,0"},
        {"\xEF\xBB\xBF\"timestamp\",\"open\",\"high\",\"low\",\"close\",\"volume\",\"quote_"
         "volume\","
         "\"tradecount\",\"taker_buy_base\"\r",
         "\"1679004900000\",\"10\",\"12\",\"9\",\"11\",\"5\",\"54\",\"7\",\"2\"\r"},
        {"unix,date,symbol,close,open,low,high,volume,quote-volume,num_trades,taker volume",
         "1679004900,2023-03-16,\"BTC,USDT\",11,10,9,12,5,54,7,2"},
        {",Date,Volume,Close,Low,High,Open,Quote Volume,Trades,Taker Buy Volume,Adj Close",
         "0,2023-03-16T22:15,5,11,9,12,10,54,7.0,2,nan"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Bar bar;
        Error error;
        assert_true(candle_csv_is_header(slice_of(rows[i].header)));
        CandleColumns columns = columns_of(rows[i].header, CANDLE_FULL);
        if (!candle_csv_bar(&columns, slice_of(rows[i].row), 2, &bar, &error))
            fail_msg("%s: %s %s", rows[i].row, error.where, error.message);
        assert_int_equal(bar.open.units, 10 * DECIMAL_SCALE);
        assert_int_equal(bar.high.units, 12 * DECIMAL_SCALE);
        assert_int_equal(bar.low.units, 9 * DECIMAL_SCALE);
        assert_int_equal(bar.close.units, 11 * DECIMAL_SCALE);
        assert_close(bar.volume, 5, 0);
        assert_close(bar.quote_volume, 54, 0);
        assert_close(bar.taker_volume, 2, 0);
        assert_int_equal(bar.trades, 7);
        assert_int_equal(bar.time_us, instant_of(2023, 3, 16, 22, 15, 0));
    }
}

static void test_missing_optional_columns(void **state) {
    (void)state;
    CandleColumns columns = columns_of("date,open,high,low,close,volume", CANDLE_FULL);
    Bar bar;
    assert_true(candle_csv_bar(&columns, SLICE("2023-01-01,10,12,9,11,6"), 2, &bar, NULL));
    assert_close(bar.quote_volume, 6 * (12 + 9 + 11) / 3.0, 1e-12);
    assert_close(bar.taker_volume, 0, 0);
    assert_int_equal(bar.trades, 0);
}

#define HEADER6 "time,open,high,low,close,volume"

static void test_refused_rows(void **state) {
    (void)state;
    static const struct {
        const char *row, *where, *message;
    } rows[] = {
        {"", "line 7", "1 columns where 6"},
        {"1679004900000,10,12,9,11", "line 7", "5 columns where 6"},
        {"1679004900000,10,12,9,11,5,6", "line 7", "7 columns where 6"},
        {"yesterday,10,12,9,11,5", "line 7, column 1 (time)", "not a time stamp"},
        {",10,12,9,11,5", "line 7, column 1 (time)", "not a time stamp"},
        {"12345,10,12,9,11,5", "line 7, column 1 (time)", "outside of 2001 to 2200"},
        {"2023-13-01,10,12,9,11,5", "line 7, column 1 (time)", "ISO date"},
        {"1679004900000,abc,12,9,11,5", "line 7, column 2 (open)", "not a price: \"abc\""},
        {"1679004900000,,12,9,11,5", "line 7, column 2 (open)", "missing"},
        {"1679004900000,nan,12,9,11,5", "line 7, column 2 (open)", "not a price"},
        {"1679004900000,10,1.2e1,9,11,5", "line 7, column 3 (high)", "exponent"},
        {"1679004900000,10,12,9.000000001,11,5", "line 7, column 4 (low)", "8 decimals"},
        {"1679004900000,10,12,9,99999999999999,5", "line 7, column 5 (close)", "range"},
        {"1679004900000,10,12,9,11,x", "line 7, column 6 (volume)", "not a number"},
        {"1679004900000,10,12,9,11,", "line 7, column 6 (volume)", "missing"},
        {"1679004900000,10,12,9,11,inf", "line 7, column 6 (volume)", "not a number"},
        {"1679004900000,10,12,9,11,-5", "line 7", "volume is negative"},
        {"1679004900000,10,8,9,11,5", "line 7", "high is below low"},
        {"1679004900000,13,12,9,11,5", "line 7", "open is outside"},
        {"1679004900000,10,12,9,8,5", "line 7", "close is outside"},
        {"1679004900000,0,12,0,11,5", "line 7", "not above zero"},
        {"1679004900000,-1,12,-9,11,5", "line 7", "not above zero"},
    };
    CandleColumns columns = columns_of(HEADER6, CANDLE_FULL);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Bar bar;
        Error error = {0};
        assert_false(candle_csv_bar(&columns, slice_of(rows[i].row), 7, &bar, &error));
        assert_int_equal(error.code, ERROR_DATA);
        assert_string_equal(error.where, rows[i].where);
        if (!strstr(error.message, rows[i].message))
            fail_msg("%s: \"%s\" lacks \"%s\"", rows[i].row, error.message, rows[i].message);
    }
}

static void test_refused_optional_fields(void **state) {
    (void)state;
    CandleColumns columns = columns_of(DUMP_ROW, CANDLE_FULL);
    Bar bar;
    Error error;
    assert_false(
        candle_csv_bar(&columns, SLICE("1672531200000,1,1,1,1,1,,x,1,1,1,0"), 3, &bar, &error));
    assert_string_equal(error.where, "line 3, column 8 (quote_volume)");
    assert_false(
        candle_csv_bar(&columns, SLICE("1672531200000,1,1,1,1,1,,1,1.5,1,1,0"), 3, &bar, &error));
    assert_string_equal(error.where, "line 3, column 9 (trades)");
    assert_false(
        candle_csv_bar(&columns, SLICE("1672531200000,1,1,1,1,1,,1,-1,1,1,0"), 3, &bar, &error));
    assert_string_equal(error.where, "line 3, column 9 (trades)");
    assert_false(
        candle_csv_bar(&columns, SLICE("1672531200000,1,1,1,1,1,,1,1,1e,1,0"), 3, &bar, &error));
    assert_string_equal(error.where, "line 3, column 10 (taker_volume)");
    assert_true(candle_csv_bar(&columns, SLICE("1672531200000,1,1,1,1,1,,,,,,"), 3, &bar, &error));
}

static void test_refused_first_lines(void **state) {
    (void)state;
    static const struct {
        const char *line, *message;
    } rows[] = {
        {"1672531200000,1,1,1,1,1,,,,,", "11 columns where 12"},
        {"1672531200000,1,1,1,1,1", "6 columns where 12"},
        {"hello world", "1 columns where 12"},
        {"time,open,high,close,volume", "names no column low"},
        {"time,open,high", "names no column low, close, volume"},
        {"open,high,low,close,volume", "names no column time"},
        {"time,open,high,low,close,Close,volume", "two columns are named close"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CandleColumns columns;
        Error error = {0};
        assert_false(candle_csv_columns(slice_of(rows[i].line), 1, CANDLE_FULL, &columns, &error));
        assert_int_equal(error.code, ERROR_DATA);
        assert_string_equal(error.where, "line 1");
        if (!strstr(error.message, rows[i].message))
            fail_msg("%s: \"%s\" lacks \"%s\"", rows[i].line, error.message, rows[i].message);
    }
    char wide[200];
    memset(wide, ',', sizeof wide);
    CandleColumns columns;
    Error error;
    assert_false(candle_csv_columns((Slice){wide, 64}, 1, 0, &columns, &error));
    assert_non_null(strstr(error.message, "more than 64 columns"));
}

static void test_rows_of_doubles(void **state) {
    (void)state;
    CandleColumns columns = columns_of("Date,Close,Gain", CANDLE_BIT(CANDLE_CLOSE));
    CandleRow row;
    Error error;
    assert_true(
        candle_csv_row(&columns, SLICE("2009-12-14,44.3389000000000001,x"), 2, &row, &error));
    assert_close(row.number[CANDLE_CLOSE], 44.3389, 1e-15);
    assert_true(isnan(row.number[CANDLE_OPEN]));
    assert_true(isnan(row.number[CANDLE_VOLUME]));
    assert_int_equal(row.time_us, instant_of(2009, 12, 14, 0, 0, 0));
    /* An exponent and any number of decimals are fine here; nothing is not. */
    assert_true(candle_csv_row(&columns, SLICE("2009-12-14,4.5e1,"), 2, &row, &error));
    assert_close(row.number[CANDLE_CLOSE], 45, 0);
    assert_false(candle_csv_row(&columns, SLICE("2009-12-14,,"), 9, &row, &error));
    assert_string_equal(error.where, "line 9, column 2 (close)");
    assert_false(candle_csv_row(&columns, SLICE("2009-12-14,1"), 9, &row, &error));
    assert_false(candle_csv_row(&columns, SLICE("14/12/2009,1,1"), 9, &row, &error));
    CandleColumns bare = columns_of("high,low", 0);
    assert_true(candle_csv_row(&bare, SLICE("5,4"), 2, &row, &error));
    assert_int_equal(row.time_us, 0);
    assert_close(row.number[CANDLE_LOW], 4, 0);
}

static void test_volume_decimals(void **state) {
    (void)state;
    static const struct {
        const char *volume;
        unsigned decimals;
    } rows[] = {
        {"5", 0},      {"5.0", 0},     {"12.500", 1},      {"0.00001", 5},
        {"2e-05", 5},  {"1.25e-3", 5}, {"100", 0},         {"1.5E+3", 0},
        {"100.00", 0}, {"0", 0},       {"0.123456789", 8}, {"\"0.12\"", 2},
    };
    CandleColumns columns = columns_of(HEADER6, CANDLE_FULL);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, "1679004900000,1,1,1,1,%s", rows[i].volume);
        assert_int_equal(candle_csv_volume_decimals(&columns, slice_of(line)), rows[i].decimals);
    }
}

/* Whatever a line is turned into, it is either a sound bar or an error with its line. */
static void test_mutations(void **state) {
    (void)state;
    CandleColumns columns = columns_of(DUMP_ROW, CANDLE_FULL);
    uint64_t seed = 1;
    unsigned sound = 0;
    for (unsigned i = 0; i < 50000; i++) {
        char line[] = DUMP_ROW;
        size_t length = sizeof line - 1;
        for (unsigned k = 0; k <= i % 3; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
            static const char bytes[] = "0123456789.,-+eE\" \r\0\xFFnaif:TZ";
            line[(seed >> 33) % length] = bytes[(seed >> 48) % (sizeof bytes - 1)];
        }
        Bar bar;
        Error error = {0};
        if (candle_csv_bar(&columns, (Slice){line, length}, 3, &bar, &error)) {
            assert_null(bar_fault(&bar, 0));
            sound++;
        } else {
            assert_int_equal(error.code, ERROR_DATA);
            assert_int_equal(strncmp(error.where, "line 3", 6), 0);
        }
        (void)candle_csv_volume_decimals(&columns, (Slice){line, length});
        CandleColumns other;
        bool mapped = candle_csv_columns((Slice){line, length}, 1, 0, &other, &error);
        assert_true(mapped || error.code == ERROR_DATA);
    }
    assert_in_range(sound, 5000, 45000); /* both ways are taken often */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dump_row_without_header),
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_missing_optional_columns),
        cmocka_unit_test(test_refused_rows),
        cmocka_unit_test(test_refused_optional_fields),
        cmocka_unit_test(test_refused_first_lines),
        cmocka_unit_test(test_rows_of_doubles),
        cmocka_unit_test(test_volume_decimals),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
