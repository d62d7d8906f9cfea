/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against the vectors of Tulip Indicators (LGPL-3.0; read, not linked), printed with three
 * decimals. Where Tulip seeds otherwise the seed is replayed by copies of the first bar put before
 * it: its EMA starts at the first close, its ATR counts the first bar's own range, its ADX has one
 * movement less in the seed (a movement of nothing, that is). Not compared: its averages of
 * averages, the second of which starts at a value of the first in the middle of the series; its +DI
 * and -DI, whose true ranges are one fewer in the seed as well, which no bar put before can replay,
 * since a bar cannot have a true range of nothing and a height.
 */
#include "sheet.h"

#include "core/base/check.h"
#include "core/num/smooth.h"

#define VECTOR      15 /* bars in all vectors */
#define VECTORS_MAX 8

typedef struct Vectors {
    unsigned count; /* rows, inputs first */
    unsigned lengths[VECTORS_MAX];
    double values[VECTORS_MAX][VECTOR];
} Vectors;

static Vectors vectors;
static IndicatorBar bars[SHEET_ROWS];
static SheetResult results[SHEET_ROWS];

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static void read_row(const char *line) {
    assert_true(vectors.count < VECTORS_MAX);
    unsigned *length = &vectors.lengths[vectors.count];
    *length = 0;
    while (*line == '{' || *line == ',') {
        char *end;
        assert_true(*length < VECTOR);
        vectors.values[vectors.count][(*length)++] = strtod(line + 1, &end);
        assert_ptr_not_equal(end, line + 1);
        line = end;
    }
    assert_int_equal(*line, '}');
    vectors.count++;
}

/* The rows below the line `title`, up to the next that is no row. */
static void read_vectors(const char *title) {
    char *text = sheet_text(shared_data("reference/tulip/untest.txt")), *rest = text, *line;
    bool inside = false;
    vectors.count = 0;
    while ((line = strsep(&rest, "\n"))) {
        line[strcspn(line, "\r")] = '\0';
        if (inside && *line != '{') break;
        if (inside) read_row(line);
        if (strcmp(line, title) == 0) inside = true;
    }
    free(text);
    if (vectors.count < 2) fail_msg("no vectors of '%s'", title);
}

/* Bars from the input rows (-1: absent), behind `before` copies of the first. */
static unsigned vector_bars(int high, int low, int close, unsigned before) {
    for (unsigned bar = 0; bar < VECTOR + before; bar++) {
        unsigned at = bar < before ? 0 : bar - before;
        bars[bar] = (IndicatorBar){.high = high < 0 ? (double)NAN : vectors.values[high][at],
                                   .low = low < 0 ? (double)NAN : vectors.values[low][at],
                                   .close = close < 0 ? 0 : vectors.values[close][at]};
    }
    return VECTOR + before;
}

/* Row `row`, which ends with the last bar, against an output times `unit`. */
static void compare(unsigned row, unsigned output, unsigned before, double unit) {
    assert_true(row < vectors.count && vectors.lengths[row] >= 6);
    unsigned first = VECTOR - vectors.lengths[row];
    for (unsigned index = 0; index < vectors.lengths[row]; index++)
        assert_close(results[first + index + before][output] * unit, vectors.values[row][index],
                     0.0005 + 1e-9);
}

/* An indicator of the close alone. */
static void check_close(const char *title, const char *name, const double *options,
                        unsigned option_count, unsigned before) {
    read_vectors(title);
    sheet_run(name, options, option_count, bars, vector_bars(-1, -1, 0, before), results);
}

static void test_direct(void **context) {
    (void)context;
    check_close("rsi 5", "rsi", (double[]){5}, 1, 0);
    compare(1, 0, 0, 1);
    check_close("sma 5", "sma", (double[]){5}, 1, 0);
    compare(1, 0, 0, 1);
    check_close("stddev 5", "stdev", (double[]){5}, 1, 0);
    compare(1, 0, 0, 1);
    check_close("roc 5", "price_change", (double[]){5}, 1, 0);
    compare(1, 0, 0, 0.01); /* a fraction there, percent here */
    check_close("bbands 5 2", "bollinger", (double[]){5, 2}, 2, 0);
    compare(1, 2, 0, 1);
    compare(2, 0, 0, 1);
    compare(3, 1, 0, 1);
}

static void test_channel(void **context) {
    (void)context;
    read_vectors("stoch 5 3 3");
    sheet_run("stoch", (double[]){5, 3, 3}, 3, bars, vector_bars(0, 1, 2, 0), results);
    compare(3, 0, 0, 1); /* %K without what comes before the first %D */
    compare(4, 1, 0, 1);
    read_vectors("willr 5");
    sheet_run("williams_r", (double[]){5}, 1, bars, vector_bars(0, 1, 2, 0), results);
    compare(3, 0, 0, 1);
}

static void test_obv(void **context) {
    (void)context;
    read_vectors("obv");
    unsigned count = vector_bars(-1, -1, 0, 0);
    for (unsigned bar = 0; bar < count; bar++)
        bars[bar].volume = vectors.values[1][bar];
    sheet_run("obv", NULL, 0, bars, count, results);
    compare(2, 0, 0, 1);
}

static void test_wilder(void **context) {
    (void)context;
    read_vectors("wilders 5");
    Smooth smooth;
    smooth_init_wilder(&smooth, 5);
    for (unsigned bar = 0; bar < VECTOR; bar++)
        results[bar][0] = smooth_next(&smooth, vectors.values[0][bar]);
    compare(1, 0, 0, 1);
}

static void test_seeded_otherwise(void **context) {
    (void)context;
    check_close("ema 5", "ema", (double[]){5}, 1, 4);
    compare(1, 0, 4, 1);
    read_vectors("atr 5");
    sheet_run("atr", (double[]){5}, 1, bars, vector_bars(0, 1, 2, 1), results);
    compare(3, 0, 1, 1);
    read_vectors("adx 5");
    unsigned count = vector_bars(0, 1, -1, 1);
    for (unsigned bar = 0; bar < count; bar++)
        bars[bar].close = bars[bar].low; /* the vector has no closes; ADX does not depend on them */
    sheet_run("adx", (double[]){5}, 1, bars, count, results);
    compare(2, 0, 1, 1);
}

/* The averages start at the first close, the signal line at the first MACD that is shown. */
static void test_macd(void **context) {
    (void)context;
    check_close("macd 2 5 9", "macd", (double[]){2, 5, 9}, 3, 4);
    compare(1, 0, 4, 1);
    unsigned first = VECTOR - vectors.lengths[1] + 4;
    Smooth signal;
    smooth_init_ema(&signal, 9);
    for (unsigned copy = 0; copy < 8; copy++)
        smooth_step(&signal, results[first][0]);
    for (unsigned bar = first; bar < VECTOR + 4; bar++) {
        results[bar][1] = smooth_next(&signal, results[bar][0]);
        results[bar][2] = results[bar][0] - results[bar][1];
    }
    compare(2, 1, 4, 1);
    compare(3, 2, 4, 1);
}

/* Of their KAMA the first value, which is the close that ours starts from and does not show. */
static void drop_first(unsigned row) {
    vectors.lengths[row]--;
    memmove(vectors.values[row], vectors.values[row] + 1,
            vectors.lengths[row] * sizeof vectors.values[row][0]);
}

static void test_averages(void **context) {
    (void)context;
    check_close("wma 5", "wma", (double[]){5}, 1, 0);
    compare(1, 0, 0, 1);
    check_close("hma 5", "hma", (double[]){5}, 1, 0);
    compare(1, 0, 0, 1);
    check_close("linreg 5", "linreg", (double[]){5}, 1, 0);
    compare(1, 0, 0, 1);
    check_close("linregslope 5", "linreg", (double[]){5}, 1, 0);
    compare(1, 1, 0, 1);
    check_close("mom 5", "momentum", (double[]){5}, 1, 0);
    compare(1, 0, 0, 1);
    check_close("roc 5", "roc", (double[]){5}, 1, 0);
    compare(1, 0, 0, 0.01); /* a fraction there, percent here */
    check_close("stochrsi 5", "stoch_rsi", (double[]){5, 5, 1}, 3, 0);
    compare(1, 0, 0, 0.01);
    check_close("ppo 2 5", "ppo", (double[]){2, 5}, 2, 4);
    compare(1, 0, 4, 1);
    check_close("kama 5", "kama", (double[]){5}, 1, 0);
    drop_first(1);
    compare(1, 0, 0, 1);
}

static void test_ranges(void **context) {
    (void)context;
    read_vectors("aroon 5");
    sheet_run("aroon", (double[]){5}, 1, bars, vector_bars(0, 1, -1, 0), results);
    compare(2, 1, 0, 1);
    compare(3, 0, 0, 1);
    read_vectors("cci 5");
    sheet_run("cci", (double[]){5}, 1, bars, vector_bars(0, 1, 2, 0), results);
    compare(3, 0, 0, 1);
    read_vectors("ultosc 2 3 5");
    sheet_run("ultimate_oscillator", (double[]){2, 3, 5}, 3, bars, vector_bars(0, 1, 2, 0),
              results);
    compare(3, 0, 0, 1);
    read_vectors("psar .2 2"); /* their limit of 2 is never reached */
    sheet_run("psar", (double[]){0.2, 1}, 2, bars, vector_bars(0, 1, -1, 0), results);
    compare(2, 0, 0, 1);
}

static void test_money(void **context) {
    (void)context;
    read_vectors("mfi 5");
    unsigned count = vector_bars(0, 1, 2, 0);
    for (unsigned bar = 0; bar < count; bar++)
        bars[bar].volume = vectors.values[3][bar];
    sheet_run("mfi", (double[]){5}, 1, bars, count, results);
    compare(4, 0, 0, 1);
    sheet_run("ad", NULL, 0, bars, count, results);
    read_vectors("ad");
    compare(4, 0, 0, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_averages),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_money),
        cmocka_unit_test(test_direct),
        cmocka_unit_test(test_channel),
        cmocka_unit_test(test_obv),
        cmocka_unit_test(test_wilder),
        cmocka_unit_test(test_macd),
        cmocka_unit_test(test_seeded_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
