/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols: names, the table, the split into assets, and every filter at, below and above its
 * bounds. */
#include "unit.h"

#include "core/market/symbol.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static void test_names(void **state) {
    (void)state;
    SymbolName name, other;
    assert_true(symbol_name_set(&name, SLICE("BTCUSDC")));
    assert_string_equal(name.text, "BTCUSDC");
    assert_true(symbol_name_set(&other, SLICE("BTCUSDC")));
    assert_memory_equal(&name, &other, sizeof name);
    assert_true(symbol_name_equal(&name, &other));
    assert_true(symbol_name_set(&other, SLICE("BTCUSDT")));
    assert_false(symbol_name_equal(&name, &other));
    assert_true(symbol_name_set(&name, SLICE("\xE5\xB8\x81USDT"))); /* the venue has such names */
    assert_true(symbol_name_set(&name, SLICE("12345678901234567890123")));
    assert_false(symbol_name_set(&name, SLICE("123456789012345678901234")));
    assert_false(symbol_name_set(&name, SLICE("")));
    assert_false(symbol_name_set(&name, SLICE("BTC USDC")));
    assert_false(symbol_name_set(&name, SLICE("BTC\nUSDC")));
    assert_false(symbol_name_set(&name, SLICE("BTC\x7FUSDC")));
    assert_string_equal(name.text, "");
}

static void test_table(void **state) {
    (void)state;
    static SymbolTable table;
    Symbol symbol = {0};
    for (unsigned i = 0; i < LIMIT_SYMBOLS; i++) {
        char text[16];
        snprintf(text, sizeof text, "S%uUSDC", i);
        assert_true(symbol_name_set(&symbol.name, slice_of(text)));
        assert_int_equal(symbol_table_find(&table, &symbol.name), -1);
        assert_int_equal(symbol_table_put(&table, &symbol), i);
        assert_int_equal(symbol_table_find(&table, &symbol.name), i);
    }
    assert_true(symbol_name_set(&symbol.name, SLICE("ONEMORE")));
    assert_int_equal(symbol_table_put(&table, &symbol), -1);
    assert_int_equal(table.count, LIMIT_SYMBOLS);
    /* A known name is replaced, even in a full table. */
    assert_true(symbol_name_set(&symbol.name, SLICE("S7USDC")));
    symbol.filters.tick = price_of(42);
    assert_int_equal(symbol_table_put(&table, &symbol), 7);
    assert_int_equal(table.symbols[7].filters.tick.units, 42);
}

static void test_split(void **state) {
    (void)state;
    static const struct {
        const char *name, *base, *quote;
    } rows[] = {
        {"BTCUSDC", "BTC", "USDC"},     {"ETHUSDT", "ETH", "USDT"},
        {"DOGEFDUSD", "DOGE", "FDUSD"}, {"BTCTUSD", "BTC", "TUSD"},
        {"ETHBTC", "ETH", "BTC"},       {"BTCUSD", "BTC", "USD"},
        {"ADABNB", "ADA", "BNB"},       {"BTCEUR", "BTC", "EUR"},
        {"USDCUSDT", "USDC", "USDT"},   {"1000SATSTRY", "1000SATS", "TRY"},
        {"BTCDAI", "BTC", "DAI"},       {"BNBETH", "BNB", "ETH"},
        {"XRPBUSD", "XRP", "BUSD"},     {"BTCGBP", "BTC", "GBP"},
        {"BTCBRL", "BTC", "BRL"},
    };
    SymbolName name;
    AssetName base, quote;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(symbol_name_set(&name, slice_of(rows[i].name)));
        assert_true(symbol_split(&name, &base, &quote));
        assert_string_equal(base.text, rows[i].base);
        assert_string_equal(quote.text, rows[i].quote);
    }
    static const char *const refused[] = {"USDT", "BTCXYZ", "usdt", "1234567890123456USDC"};
    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_true(symbol_name_set(&name, slice_of(refused[i])));
        assert_false(symbol_split(&name, &base, &quote));
    }
}

static Filters filters_of_btc(void) {
    return (Filters){
        .tick = {1000000}, /* 0.01 */
        .price_min = {2000000},
        .price_max = {100000000000000}, /* 1,000,000 */
        .step = {1000},                 /* 0.00001 */
        .quantity_min = {2000},
        .quantity_max = {900000000000}, /* 9,000 */
        .notional_min = {500000000},    /* 5 */
        .notional_max = {900000000000000},
    };
}

static void judge(const Filters *filters, const char *price, const char *quantity,
                  const char *expected) {
    Price p;
    Quantity q;
    assert_true(price_parse(slice_of(price), &p));
    assert_true(quantity_parse(slice_of(quantity), &q));
    const char *fault = filters_fault(filters, p, q);
    if (!fault) fault = "passes";
    if (strcmp(fault, expected)) fail_msg("%s x %s: %s, not %s", quantity, price, fault, expected);
}

static void test_filters(void **state) {
    (void)state;
    Filters filters = filters_of_btc();
    judge(&filters, "50000", "0.0001", "passes");
    /* PRICE_FILTER */
    judge(&filters, "50000.01", "0.001", "passes");
    judge(&filters, "50000.001", "0.001", "PRICE_FILTER");
    judge(&filters, "0.02", "9000", "passes");
    judge(&filters, "0.01", "9000", "PRICE_FILTER");
    judge(&filters, "1000000", "0.01", "passes");
    judge(&filters, "1000000.01", "0.01", "PRICE_FILTER");
    judge(&filters, "0", "1", "PRICE_FILTER");
    judge(&filters, "-5", "1", "PRICE_FILTER");
    /* LOT_SIZE */
    judge(&filters, "900000", "0.00002", "passes");
    judge(&filters, "900000", "0.00001", "LOT_SIZE");
    judge(&filters, "50000", "0.000101", "LOT_SIZE");
    judge(&filters, "50", "9000", "passes");
    judge(&filters, "50", "9000.00001", "LOT_SIZE");
    judge(&filters, "50", "0", "LOT_SIZE");
    judge(&filters, "50", "-1", "LOT_SIZE");
    /* NOTIONAL, at its bounds and one step beyond */
    judge(&filters, "5", "1", "passes");
    judge(&filters, "5", "0.99999", "NOTIONAL");
    judge(&filters, "5", "1.00001", "passes");
    judge(&filters, "10000", "900", "passes");
    judge(&filters, "10000", "900.00001", "NOTIONAL");
    judge(&filters, "10000", "899.99999", "passes");
}

static void test_filters_off(void **state) {
    (void)state;
    Filters none = {0};
    judge(&none, "0.00000001", "0.00000001", "passes");
    judge(&none, "90000000000", "1", "passes");
    judge(&none, "0", "1", "PRICE_FILTER");
    judge(&none, "1", "0", "LOT_SIZE");
    /* A remainder below 1e-8 counts at the greatest notional. */
    none.notional_max = money_of(1);
    judge(&none, "0.00000001", "1", "passes");
    judge(&none, "0.00000001", "1.00000001", "NOTIONAL");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),       cmocka_unit_test(test_table),
        cmocka_unit_test(test_split),       cmocka_unit_test(test_filters),
        cmocka_unit_test(test_filters_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
