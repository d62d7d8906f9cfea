/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded trades: rows of both kinds, both units of time, what is wrong by its place; the merge.
 */
#include "unit.h"

#include "temporary.h"

#include "shell/store/trade_merge.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

static void both_kinds_are_read(void **state) {
    static const struct {
        const char *line;
        int64_t id, time_us, price, quantity;
        bool maker;
    } rows[] = {
        {"12,50000.10,0.00500,250.00050,1700000000123,True,True", 12, 1700000000123000,
         5000010000000, 500000, true},
        {"13,0.1,2,0.2,1760000000123456,false,true\r", 13, 1760000000123456, 10000000, 200000000,
         false},
        {"900, 50000.1 ,1,77,79,1760000000123456,True,True", 900, 1760000000123456, 5000010000000,
         100000000, true},
    };
    (void)state;
    Error error;
    TradeRow row;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(trade_csv_row(slice_of(rows[i].line), 1, &row, &error));
        assert_int_equal(row.id, rows[i].id);
        assert_int_equal(row.time_us, rows[i].time_us);
        assert_int_equal(row.price.units, rows[i].price);
        assert_int_equal(row.quantity.units, rows[i].quantity);
        assert_int_equal(row.buyer_is_maker, rows[i].maker);
    }
    assert_true(trade_csv_is_header(SLICE("id,price,qty,quote_qty,time,is_buyer_maker")));
    assert_false(trade_csv_is_header(SLICE("12,1,1,1,1,True,True")));
}

static void what_is_wrong_is_named(void **state) {
    static const struct {
        const char *line, *where;
    } bad[] = {
        {"", "line 7"},
        {"1,2,3", "line 7"},
        {"1,2,3,4,5,6,7,8,9,10", "line 7"},
        {"x,1,1,1,1760000000123456,True,True", "line 7, column 1 (id)"},
        {"1,0,1,1,1760000000123456,True,True", "line 7, column 2 (price)"},
        {"1,1e3,1,1,1760000000123456,True,True", "line 7, column 2 (price)"},
        {"1,1,-1,1,1760000000123456,True,True", "line 7, column 3 (qty)"},
        {"1,1,1,1,soon,True,True", "line 7, column 5 (time)"},
        {"1,1,1,1,1760000000123456,maybe,True", "line 7, column 6 (isBuyerMaker)"},
        {"1,1,1,1,1,12,True,True", "line 7, column 6 (time)"},
        {"1,1,1,1,1,1760000000123456,,True", "line 7, column 7 (isBuyerMaker)"},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Error error;
        TradeRow row;
        assert_false(trade_csv_row(slice_of(bad[i].line), 7, &row, &error));
        assert_int_equal(error.code, ERROR_DATA);
        assert_string_equal(error.where, bad[i].where);
    }
}

static TradeMerge *open_files(const char *const *paths, unsigned count, Error *error) {
    TradeMergePlan plan = {.paths = paths, .path_count = count};
    return trade_merge_open(&plan, error);
}

static void files_become_one_stream(void **state) {
    (void)state;
    static const char *const paths[] = {"BTCUSDC-trades-2026-01-01.csv",
                                        "ETHUSDC-aggTrades-2026-01-01.csv",
                                        "BTCUSDC-trades-2026-01-02.csv"};
    static const int64_t ids[] = {1, 70, 2, 71, 3};
    static const unsigned symbols[] = {0, 1, 0, 1, 0};
    Error error;
    TradeRow row;
    unsigned symbol;
    bool ended;
    temporary_write(paths[0], "id,price,qty,quote_qty,time,is_buyer_maker,is_best_match\n"
                              "1,50000.1,0.001,50,1760000000000001,True,True\n\n"
                              "2,50000.2,0.02,1000,1760000000000005,False,True\n");
    temporary_write(paths[1], "70,3000.125,1,7,7,1760000000000003,True,True\n"
                              "71,3000,1.5,8,9,1760000000000006,True,True");
    temporary_write(paths[2], "3,50001,1,50001,1760000086400000,True,True\n");
    TradeMerge *merge = open_files(paths, 3, &error);
    assert_non_null(merge);
    assert_int_equal(trade_merge_symbol_count(merge), 2);
    assert_int_equal(trade_merge_symbol(merge, 0)->filters.tick.units, DECIMAL_SCALE / 10);
    assert_int_equal(trade_merge_symbol(merge, 0)->filters.step.units, DECIMAL_SCALE / 1000);
    assert_int_equal(trade_merge_symbol(merge, 1)->filters.tick.units, DECIMAL_SCALE / 1000);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(trade_merge_next(merge, &row, &symbol, &ended, &error));
        assert_false(ended);
        assert_int_equal(row.id, ids[i]);
        assert_int_equal(symbol, symbols[i]);
    }
    assert_true(trade_merge_next(merge, &row, &symbol, &ended, &error));
    assert_true(ended);
    trade_merge_close(merge);
}

static void a_file_with_a_hole_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"BTCUSDC-trades-1.csv"}, *const odd[] = {"trades.csv"},
                             *const none[] = {"BTCUSDC-none.csv"};
    Error error;
    TradeRow row;
    unsigned symbol;
    bool ended;
    temporary_write(bad[0], "1,1,1,1,1760000000000009,True,True\nbroken\n");
    assert_null(open_files(bad, 1, &error));
    assert_non_null(strstr(error.where, "line 2"));
    temporary_write(bad[0], "1,1,1,1,1760000000000009,True,True\n2,1,1,1,1760000000000008,True,"
                            "True\n");
    TradeMerge *merge = open_files(bad, 1, &error);
    assert_non_null(merge);
    assert_false(trade_merge_next(merge, &row, &symbol, &ended, &error));
    assert_string_equal(error.message, "the trades are out of order");
    trade_merge_close(merge);
    temporary_write(odd[0], "1,1,1,1,1760000000000009,True,True\n");
    assert_null(open_files(odd, 1, &error));
    assert_null(open_files(none, 1, &error));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_kinds_are_read),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test_setup_teardown(files_become_one_stream, temporary_enter, temporary_leave),
        cmocka_unit_test_setup_teardown(a_file_with_a_hole_is_refused, temporary_enter,
                                        temporary_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
