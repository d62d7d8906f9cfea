/* SPDX-License-Identifier: Apache-2.0 */
/* The document of a result: what is written is read again; what is no result is refused. */
#include "unit.h"

#include "core/base/json.h"
#include "shell/backtest/report.h"
#include "shell/backtest/result_export.h"
#include "shell/backtest/result_screen.h"
#include "shell/sys/files.h"
#include "temporary.h"

#define MILLION_US 1000000LL

static ResultTrade trades[2] = {{.symbol = {"BTCUSDC"},
                                 .entry_us = 1700000000 * MILLION_US,
                                 .exit_us = 1700003600 * MILLION_US,
                                 .entry = {3712345000000},
                                 .exit = {3800000000000},
                                 .quantity = {12345678},
                                 .gain = {10712345678},
                                 .fees = {91234567},
                                 .slippage = {123},
                                 .return_pct = 2.25,
                                 .worst_pct = -0.5,
                                 .best_pct = 3,
                                 .bars = 2,
                                 .reason = REASON_TAKE_PROFIT},
                                {.symbol = {"BTCUSDC"},
                                 .entry_us = 1700010000 * MILLION_US,
                                 .exit_us = 1700013600 * MILLION_US,
                                 .entry = {3800000000000},
                                 .exit = {3700000000000},
                                 .quantity = {12345678},
                                 .gain = {-12345678900},
                                 .return_pct = -2.63,
                                 .bars = 1,
                                 .reason = REASON_STOP_LOSS}};

static ResultPoint points[3] = {{1700000000 * MILLION_US, 10000, 0},
                                {1700003600 * MILLION_US, 10107.12, 0},
                                {1700013600 * MILLION_US, 9983.66, 1.22}};

static Result example(void) {
    Result result = {.id = "20261122-194501123-trend_following-0123abcd",
                     .engine = "trial",
                     .created_us = 1795376701 * MILLION_US,
                     .strategy = "trend_following",
                     .parameter_count = 1,
                     .parameters = {{"fast", 20}},
                     .symbol_count = 1,
                     .symbols = {{"BTCUSDC"}},
                     .quote = {"USDC"},
                     .interval = "1h",
                     .start_us = 1700000000 * MILLION_US,
                     .end_us = 1700013600 * MILLION_US,
                     .fee_bps = 10,
                     .initial = {1000000000000},
                     .final = {998366666778},
                     .bars = 4,
                     .deflated_sharpe_p = (double)NAN,
                     .settings_hash = "00ff",
                     .trades_hash = "0123456789abcdef",
                     .trade_count = 2,
                     .trades = trades,
                     .point_count = 3,
                     .curve_step = 1,
                     .points = points,
                     .note = "a \"note\" & <b>"};
    result.metrics = (Metrics){.return_pct = -0.16,
                               .sharpe_ratio = -1.5,
                               .sharpe_low = -3,
                               .sharpe_high = 0.25,
                               .profit_factor = (double)NAN,
                               .total_trades = 2,
                               .winning_trades = 1,
                               .losing_trades = 1};
    return result;
}

static char *written(const Result *result, void (*write)(const Result *, FILE *)) {
    char *bytes = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&bytes, &length);
    assert_non_null(file);
    write(result, file);
    assert_int_equal(fclose(file), 0);
    return bytes;
}

static void test_what_is_written_is_read_again(void **state) {
    Result result = example(), again;
    Error error;
    char path[400];
    (void)state;
    assert_true(result_store(&result, "results", &error));
    assert_true(result_find("results", "20261122-1945", path, sizeof path, &error));
    assert_true(result_read(path, &again, &error));
    char *before = written(&result, result_write), *after = written(&again, result_write);
    assert_string_equal(before, after);
    assert_true(json_valid(slice_of(before)));
    assert_true(isnan(again.metrics.profit_factor));
    assert_int_equal(again.trades[1].gain.units, -12345678900);
    free(before);
    free(after);
    result_free(&again);
}

static void test_a_beginning_that_two_have_is_refused(void **state) {
    Result result = example();
    Error error;
    char path[400];
    (void)state;
    assert_true(result_store(&result, "results", &error));
    result.id[8] = '_';
    assert_true(result_store(&result, "results", &error));
    assert_false(result_find("results", "2026", path, sizeof path, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    assert_false(result_find("results", "1999", path, sizeof path, &error));
    assert_int_equal(error.code, ERROR_DATA);
}

/* Each cut of a document, and each of these, is refused, and nothing leaks. */
static void test_what_is_no_result_is_refused(void **state) {
    static const char *const others[] = {
        "",
        "{}",
        "[]",
        "null",
        "{\"result_id\":5}",
        "{\"result_id\":\"../../a\"}",
        "{\"result_id\":\".a\"}",
        "{\"result_id\":\"<b>\"}",
        "{\"result_id\":\"a\",\"trades\":[{\"bars\":-1}]}",
        "{\"result_id\":\"a\",\"trades\":[],\"trades\":[{}]}x",
        "{\"result_id\":\"a\",\"equity_curve\":[{}],\"drawdown_curve\":[]}",
        "{\"result_id\":\"a\",\"drawdown_curve\":[{}]}",
        "{\"result_id\":\"a\",\"start\":\"yesterday\"}",
        "{\"result_id\":\"a\",\"final_balance\":\"1\"}",
        "{\"result_id\":\"a\",\"total_trades\":1e99}",
        "{\"result_id\":\"a\",\"trades\":[{\"reason\":\"whim\"}]}"};
    Result result = example(), again;
    const char *path = "x.json";
    Error error;
    (void)state;
    char *whole = written(&result, result_write);
    for (size_t length = 0; length < strlen(whole); length += 7) {
        assert_true(files_write(path, whole, length, 0600, &error));
        assert_false(result_read(path, &again, &error));
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_true(files_write(path, others[i], strlen(others[i]), 0600, &error));
        if (result_read(path, &again, &error)) fail_msg("read as a result: %s", others[i]);
        assert_string_equal(error.where, path);
    }
    free(whole);
}

static void test_long_curves_keep_ends_and_depths(void **state) {
    enum { COUNT = 10000 };
    double *equity = calloc(COUNT, sizeof equity[0]);
    int64_t *time_us = calloc(COUNT, sizeof time_us[0]);
    ResultPoint *kept = calloc(RESULT_POINTS, sizeof kept[0]);
    Result result = {.initial = money_of((__int128)100 * DECIMAL_SCALE)};
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        equity[i] = i == 5001 ? 50 : 100; /* one bar of half the equity, in the middle of a step */
        time_us[i] = i;
    }
    result_curve(&result, equity, time_us, COUNT, kept);
    assert_int_equal(result.curve_step, 6);
    assert_true(result.point_count <= RESULT_POINTS);
    assert_int_equal(kept[result.point_count - 1].time_us, COUNT - 1);
    double deepest = 0;
    for (unsigned i = 0; i < result.point_count; i++)
        deepest = fmax(deepest, kept[i].drawdown_pct);
    assert_close(deepest, 50, 0);
    free(equity);
    free(time_us);
    free(kept);
}

static void page(const Result *result, FILE *file) {
    report_write(result, NULL, file);
}

/* One file: nothing that a browser would fetch or run, and no markup out of a text. */
static void test_the_page_needs_nothing_else(void **state) {
    static const char *const banned[] = {"<script", "http:",   "https:", "<img", "<link",
                                         "url(",    "@import", ">nan",   ">inf", "<b>"};
    Result result = example();
    (void)state;
    char *const others[] = {result.engine,      result.interval,      result.resolve,
                            result.trades_hash, result.settings_hash, result.parameters[0].name};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        strcpy(others[i], "<b>");
    char *text = written(&result, page);
    for (size_t i = 0; i < sizeof banned / sizeof banned[0]; i++)
        if (strstr(text, banned[i])) fail_msg("the page holds %s", banned[i]);
    assert_non_null(strstr(text, "not financial advice"));
    assert_non_null(strstr(text, "a &quot;note&quot; &amp; &lt;b&gt;"));
    free(text);
    result.trade_count = result.point_count = 0; /* an empty one is a page, too */
    text = written(&result, page);
    assert_non_null(strstr(text, "Nothing to show"));
    assert_null(strstr(text, ">nan"));
    free(text);
}

static void test_exports_have_a_row_a_trade(void **state) {
    Result result = example();
    char *bytes = NULL;
    size_t length = 0;
    (void)state;
    FILE *file = open_memstream(&bytes, &length);
    result_export(&result, "trades_csv", file);
    fclose(file);
    assert_non_null(strstr(bytes, "\nBTCUSDC,2023-11-14T22:13:20.000Z,2023-11-14T23:13:20.000Z,"
                                  "37123.45,38000,0.12345678,107.12345678,0.91234567,0.00000123,"
                                  "2.25,-0.5,3,2,take_profit\n"));
    free(bytes);
    assert_false(result_export_known("xls"));
    ResultPoint unknown = {1700000000 * MILLION_US, (double)NAN, (double)NAN};
    result.points = &unknown;
    result.point_count = 1;
    file = open_memstream(&bytes, &length);
    result_export(&result, "equity_csv", file);
    fclose(file);
    assert_non_null(strstr(bytes, "\n2023-11-14T22:13:20.000Z,,\n")); /* null stays nothing */
    free(bytes);
}

static void test_a_sparkline_rises_with_the_equity(void **state) {
    char memory[64];
    Text text = TEXT_IN(memory);
    ResultPoint rising[3] = {{0, 1, 0}, {1, 2, 0}, {2, 3, 0}};
    (void)state;
    result_sparkline(rising, 3, 8, &text);
    const char *line = text_end(&text);
    assert_true(strcmp(line, "▁▅█") == 0 || strcmp(line, "_=#") == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_written_is_read_again, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_a_beginning_that_two_have_is_refused, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_what_is_no_result_is_refused, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test(test_long_curves_keep_ends_and_depths),
        cmocka_unit_test(test_the_page_needs_nothing_else),
        cmocka_unit_test(test_exports_have_a_row_a_trade),
        cmocka_unit_test(test_a_sparkline_rises_with_the_equity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
