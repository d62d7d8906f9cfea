/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against the full-precision results of Stock.Indicators (DaveSkender, Apache-2.0) over its 502
 * daily bars: every value within 1e-9 of the scale of what it measures, from the first bar on,
 * which says that both begin at the same bar and with the same seed: RSI and ATR by the mean of the
 * first 14 changes (the first at the second bar), EMA and MACD by the mean of the first values of
 * each average. Their VWAP runs from the first bar without end; ours rolls, and with a window of n
 * bars stands at bar n where theirs does.
 */
#include "sheet.h"

#include "core/base/check.h"

#define FOLDER "reference/stock_indicators/"

static Sheet sheet;
static IndicatorBar bars[SHEET_ROWS];
static SheetResult results[SHEET_ROWS];
static double expected[SHEET_ROWS];

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static unsigned read_bars(void) {
    sheet_read(shared_data(FOLDER "quotes_default.csv"), &sheet);
    for (unsigned row = 0; row < sheet.rows; row++) {
        const double *cells = sheet.cells[row];
        bars[row] = (IndicatorBar){.open = cells[1],
                                   .high = cells[2],
                                   .low = cells[3],
                                   .close = cells[4],
                                   .volume = cells[5]};
    }
    assert_int_equal(sheet.rows, 502);
    return sheet.rows;
}

/* Column `output` of `results` against `key` of the file, bar by bar, present and absent alike. */
static void compare(const char *path, const char *key, unsigned output, double scale) {
    unsigned present = 0, count = sheet_json(path, key, expected);
    assert_int_equal(count, 502);
    for (unsigned row = 0; row < count; row++) {
        double got = results[row][output];
        if (isnan(expected[row]) != isnan(got)) fail_msg("%s row %u: %g here", key, row, got);
        if (isnan(got)) continue;
        assert_close(got, expected[row], 1e-9 * scale);
        present++;
    }
    assert_true(present > 450);
}

static void test_rsi(void **context) {
    (void)context;
    const char *path = shared_data(FOLDER "rsi.standard.json");
    sheet_run("rsi", (double[]){14}, 1, bars, read_bars(), results);
    compare(path, "rsi", 0, 1);
}

static void test_averages(void **context) {
    (void)context;
    const char *sma = shared_data(FOLDER "sma.standard.json");
    const char *ema = shared_data(FOLDER "ema.standard.json");
    sheet_run("sma", (double[]){20}, 1, bars, read_bars(), results);
    compare(sma, "sma", 0, 1);
    sheet_run("ema", (double[]){20}, 1, bars, read_bars(), results);
    compare(ema, "ema", 0, 1);
}

static void test_macd(void **context) {
    (void)context;
    const char *path = shared_data(FOLDER "macd.standard.json");
    sheet_run("macd", (double[]){12, 26, 9}, 3, bars, read_bars(), results);
    compare(path, "macd", 0, 1);
    compare(path, "signal", 1, 1);
    compare(path, "histogram", 2, 1);
}

/* Their standard form is the slow oscillator: %K itself a mean of three. */
static void test_stoch(void **context) {
    (void)context;
    const char *path = shared_data(FOLDER "stoch.standard.json");
    sheet_run("stoch", (double[]){14, 3, 3}, 3, bars, read_bars(), results);
    compare(path, "k", 0, 1);
    compare(path, "d", 1, 1);
}

static void test_williams_r(void **context) {
    (void)context;
    const char *path = shared_data(FOLDER "willr.standard.json");
    sheet_run("williams_r", (double[]){14}, 1, bars, read_bars(), results);
    compare(path, "williamsR", 0, 1);
}

static void test_bollinger(void **context) {
    (void)context;
    const char *path = shared_data(FOLDER "bb.standard.json");
    sheet_run("bollinger", (double[]){20, 2}, 2, bars, read_bars(), results);
    compare(path, "sma", 0, 1);
    compare(path, "upperBand", 1, 1);
    compare(path, "lowerBand", 2, 1);
    compare(path, "percentB", 3, 1);
    compare(path, "width", 4, 1);
}

static void test_volatility(void **context) {
    (void)context;
    const char *stdev = shared_data(FOLDER "stdev.standard.json");
    const char *atr = shared_data(FOLDER "atr.standard.json");
    sheet_run("stdev", (double[]){14}, 1, bars, read_bars(), results);
    compare(stdev, "stdDev", 0, 1);
    sheet_run("atr", (double[]){14}, 1, bars, read_bars(), results);
    compare(atr, "atr", 0, 1);
}

static void test_volume(void **context) {
    (void)context;
    const char *obv = shared_data(FOLDER "obv.standard.json");
    const char *vwap = shared_data(FOLDER "vwap.standard.json");
    unsigned count = read_bars();
    sheet_run("obv", NULL, 0, bars, count, results);
    compare(obv, "obv", 0, 1);
    assert_int_equal(sheet_json(vwap, "vwap", expected), count);
    for (unsigned length = 1; length <= 500; length += 7) {
        double option = length;
        sheet_run("vwap", &option, 1, bars, length, results);
        assert_close(results[length - 1][0], expected[length - 1], 1e-9);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsi),        cmocka_unit_test(test_averages),
        cmocka_unit_test(test_macd),       cmocka_unit_test(test_stoch),
        cmocka_unit_test(test_williams_r), cmocka_unit_test(test_bollinger),
        cmocka_unit_test(test_volatility), cmocka_unit_test(test_volume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
