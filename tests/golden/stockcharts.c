/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against the worked sheets of StockCharts (from the tests of bukosabino/ta, MIT), to the precision
 * that they print. Where a sheet seeds an average otherwise, the seed is replayed by bars put
 * before the first: RSI's averages start at 0 (as many equal closes as the seed takes), MACD's at
 * the first close (likewise), ATR's first true range is the first bar's own range (one bar that
 * closes within it). The signal line of the MACD sheet starts at a value of its own, from which the
 * shared smoothing is carried on.
 */
#include "sheet.h"

#include "core/base/check.h"
#include "core/num/smooth.h"

#define FOLDER "reference/ta_stockcharts/"

static Sheet sheet;
static IndicatorBar bars[SHEET_ROWS];
static SheetResult results[SHEET_ROWS];

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

/* Bars from the columns of the sheet (0: absent), behind `before` copies of the first; how many in
 * all. */
static unsigned sheet_bars(unsigned high, unsigned low, unsigned close, unsigned before) {
    assert_true(sheet.rows + before <= SHEET_ROWS);
    for (unsigned bar = 0; bar < sheet.rows + before; bar++) {
        const double *cells = sheet.cells[bar < before ? 0 : bar - before];
        bars[bar] = (IndicatorBar){.high = high ? cells[high] : (double)NAN,
                                   .low = low ? cells[low] : (double)NAN,
                                   .close = cells[close]};
    }
    return sheet.rows + before;
}

/* Every printed cell of the column against the output, `before` bars later; `least` cells have to
 * be there. */
static void compare(unsigned column, unsigned output, unsigned before, double tolerance,
                    unsigned least) {
    unsigned present = 0;
    for (unsigned row = 0; row < sheet.rows; row++) {
        if (isnan(sheet.cells[row][column])) continue;
        assert_close(results[row + before][output], sheet.cells[row][column], tolerance);
        present++;
    }
    assert_true(present >= least);
}

static void test_rsi(void **context) {
    (void)context;
    sheet_read(shared_data(FOLDER "cs-rsi.csv"), &sheet);
    unsigned count = sheet_bars(0, 0, 1, 14);
    sheet_run("rsi", (double[]){14}, 1, bars, count, results);
    compare(8, 0, 14, 2e-6, 19);
}

static void test_macd(void **context) {
    (void)context;
    sheet_read(shared_data(FOLDER "cs-macd.csv"), &sheet);
    unsigned count = sheet_bars(0, 0, 1, 25), first = 0;
    sheet_run("macd", (double[]){12, 26, 9}, 3, bars, count, results);
    compare(4, 0, 25, 1e-8, 123);
    while (isnan(sheet.cells[first][5]))
        first++;
    Smooth signal;
    smooth_init_ema(&signal, 9);
    for (unsigned copy = 0; copy < 9; copy++)
        smooth_step(&signal, sheet.cells[first][5]);
    for (unsigned row = first + 1; row < sheet.rows; row++) {
        assert_true(smooth_step(&signal, results[row + 25][0]));
        assert_close(signal.value, sheet.cells[row][5], 1e-8);
        assert_close(results[row + 25][0] - signal.value, sheet.cells[row][6], 1e-8);
    }
}

static void test_atr(void **context) {
    (void)context;
    sheet_read(shared_data(FOLDER "cs-atr.csv"), &sheet);
    unsigned count = sheet_bars(1, 2, 3, 1);
    sheet_run("atr", (double[]){14}, 1, bars, count, results);
    for (unsigned row = 0; row < 13; row++)
        sheet.cells[row][5] = (double)NAN; /* printed as 0 before there is one */
    compare(5, 0, 1, 1e-9, 16);
}

static void test_bollinger(void **context) {
    (void)context;
    sheet_read(shared_data(FOLDER "cs-bbands.csv"), &sheet);
    unsigned count = sheet_bars(0, 0, 1, 0);
    for (unsigned row = 0; row < sheet.rows; row++)
        sheet.cells[row][6] /= 100; /* printed in percent */
    sheet_run("bollinger", (double[]){20, 2}, 2, bars, count, results);
    compare(2, 0, 0, 1e-6, 23);
    compare(4, 1, 0, 1e-6, 23);
    compare(5, 2, 0, 1e-6, 23);
    compare(9, 3, 0, 1e-6, 23);
    compare(6, 4, 0, 1e-8, 23);
    sheet_run("stdev", (double[]){20}, 1, bars, count, results);
    compare(3, 0, 0, 1e-6, 23);
}

/* Closes are printed from the fourteenth row on, where the first result stands. */
static void test_williams_r(void **context) {
    (void)context;
    sheet_read(shared_data(FOLDER "cs-percentr.csv"), &sheet);
    unsigned count = sheet_bars(1, 2, 5, 0);
    sheet_run("williams_r", (double[]){14}, 1, bars, count, results);
    compare(6, 0, 0, 5e-5, 17);
}

static void test_adx(void **context) {
    (void)context;
    sheet_read(shared_data(FOLDER "cs-adx.csv"), &sheet);
    unsigned count = sheet_bars(1, 2, 3, 0);
    sheet_run("adx", (double[]){14}, 1, bars, count, results);
    compare(15, 0, 0, 1e-7, 477);
    compare(10, 1, 0, 1e-7, 490);
    compare(11, 2, 0, 1e-7, 490);
}

static void test_obv(void **context) {
    (void)context;
    sheet_read(shared_data(FOLDER "cs-obv.csv"), &sheet);
    for (unsigned row = 0; row < sheet.rows; row++)
        bars[row] = (IndicatorBar){.close = sheet.cells[row][1], .volume = sheet.cells[row][2]};
    sheet_run("obv", NULL, 0, bars, sheet.rows, results);
    compare(5, 0, 0, 0, 29);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsi),        cmocka_unit_test(test_macd),
        cmocka_unit_test(test_atr),        cmocka_unit_test(test_bollinger),
        cmocka_unit_test(test_williams_r), cmocka_unit_test(test_adx),
        cmocka_unit_test(test_obv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
