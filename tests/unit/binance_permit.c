/* SPDX-License-Identifier: Apache-2.0 */
/* What a symbol permits, out of exchangeInfo: what is not named is not permitted, and an answer
 * that cannot be read, or does not list the symbol, permits nothing and says why. */
#include "check_aborts.h"
#include "unit.h"

#include "core/venues/binance_permit.h"

#define ONE(name, types, more)                                                                     \
    "{\"symbol\":\"" name "\",\"status\":\"TRADING\",\"orderTypes\":" types more "}"
#define INFO(rows) "{\"timezone\":\"UTC\",\"symbols\":[" rows "],\"rateLimits\":[]}"
#define STOPS      "[\"LIMIT\",\"STOP_LOSS\",\"STOP_LOSS_LIMIT\"]"
#define OCO        ",\"ocoAllowed\":true,\"cancelReplaceAllowed\":true"

static const SymbolName name = {"BTCUSDC"};

static bool permit(const char *body, BinancePermits *permits, Error *error) {
    memset(permits, 0xFF, sizeof *permits);
    *error = (Error){0};
    return binance_permit_read(slice_of(body), &name, permits, error);
}

static void test_what_is_named_is_permitted(void **state) {
    static const struct {
        const char *body;
        BinancePermits wanted;
    } rows[] = {
        {INFO(ONE("BTCUSDC", STOPS, OCO)), {true, true, true, true}},
        {INFO(ONE("BTCUSDC", "[\"STOP_LOSS\"]", "")), {true, false, false, true}},
        {INFO(ONE("BTCUSDC", "[\"STOP_LOSS_LIMIT\"]", "")), {false, true, false, true}},
        {INFO(ONE("BTCUSDC", "[]", ",\"cancelReplaceAllowed\":false")),
         {false, false, false, false}},
        {INFO(ONE("BTCUSDC", "[\"STOP_LOSSES\",\"stop_loss\"]", ",\"ocoAllowed\":true")),
         {false, false, true, true}},
        /* of several the one that is meant, wherever it stands */
        {INFO(ONE("ETHUSDC", STOPS, OCO) "," ONE("BTCUSDC", "[]", "") "," ONE("BTCUSDT", STOPS,
                                                                              OCO)),
         {false, false, false, true}},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BinancePermits permits;
        Error error;
        assert_true(permit(rows[i].body, &permits, &error));
        assert_int_equal(permits.has_stop, rows[i].wanted.has_stop);
        assert_int_equal(permits.has_stop_limit, rows[i].wanted.has_stop_limit);
        assert_int_equal(permits.has_oco, rows[i].wanted.has_oco);
        assert_int_equal(permits.has_replace, rows[i].wanted.has_replace);
    }
}

static void test_what_cannot_be_read_permits_nothing(void **state) {
    static const char *const bodies[] = {"",
                                         "[]",
                                         "{}",
                                         "{\"symbols\":{}}",
                                         "{\"symbols\":[]}",
                                         "{\"symbols\":[1]}",
                                         INFO(ONE("ETHUSDC", STOPS, OCO)),
                                         INFO(ONE("BTCUSDC", "\"STOP_LOSS\"", OCO)),
                                         INFO(ONE("BTCUSDC", "[1]", OCO)),
                                         INFO(ONE("BTCUSDC", STOPS, ",\"ocoAllowed\":1")),
                                         INFO("{\"symbol\":\"BTCUSDC\"}"),
                                         "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"};
    (void)state;
    for (unsigned i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        BinancePermits permits;
        Error error;
        assert_false(permit(bodies[i], &permits, &error));
        assert_true(error.message[0] != 0);
        assert_int_equal(error.code, ERROR_DATA);
    }
}

/* An answer that breaks off anywhere is an Error: never half of a permission as the whole. */
static void test_every_beginning_is_refused(void **state) {
    static const char whole[] = INFO(ONE("BTCUSDC", STOPS, OCO));
    (void)state;
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        BinancePermits permits;
        Error error = {0};
        assert_false(binance_permit_read((Slice){whole, length}, &name, &permits, &error));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_named_is_permitted),
        cmocka_unit_test(test_what_cannot_be_read_permits_nothing),
        cmocka_unit_test(test_every_beginning_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
