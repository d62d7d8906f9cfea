/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps the live feed from its data, each with its one-line reason; addresses and proxies. */
#include "unit.h"

#include "feed_watch.h"
#include "shell/drivers/binance_address.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static void test_too_many_requests(void **state) {
    (void)state;
    Watch watch;
    int64_t begin = now_ms();
    watch_open(&watch);
    atomic_store(&watch.fake.klines_status, 429);
    atomic_store(&watch.fake.klines_refusals, 1);
    static const char *const NAMES[] = {"BTCUSDT", NULL};
    watch.feed = open_feed(&watch, &PACE, NAMES, 10, NULL);
    assert_non_null(watch.feed);
    hear(&watch, connected, 5000);
    assert_true(now_ms() - begin >= 1000); /* Retry-After: 1 */
    assert_history(&watch, "BTCUSDT", INTERVAL_1H, 10);
    /* exchangeInfo, one refusal, and a page or two of each interval: nothing was asked meanwhile */
    assert_true(atomic_load(&watch.fake.requests) <= 2 + 2 * INTERVAL_COUNT + 1);
    finish(&watch);
}

static void test_unknown_symbols(void **state) {
    (void)state;
    static const char *const SOME[] = {"BTCUSDT", "NONAME", "ETHUSDT", NULL};
    static const char *const NONE[] = {"NONAME", NULL};
    Watch watch;
    Error error = {0};
    watch_open(&watch);
    atomic_store(&watch.fake.knows_one_only, true);
    assert_null(open_feed(&watch, &PACE, NONE, 10, &error));
    assert_non_null(strstr(error.message, "Invalid symbol"));
    watch.feed = open_feed(&watch, &PACE, SOME, 10, &error);
    assert_non_null(watch.feed);
    hear(&watch, connected, 5000);
    unsigned symbols = 0, unknown = 0, halted = 0;
    for (unsigned i = 0; i < watch.count; i++) {
        symbols += watch.events[i].kind == FEED_SYMBOL;
        unknown += is_status(&watch.events[i], FEED_REFUSED, "does not know this symbol");
        halted += is_status(&watch.events[i], FEED_REFUSED, "BREAK");
    }
    assert_int_equal(symbols, 1);
    assert_int_equal(unknown, 1);
    assert_int_equal(halted, 1);
    finish(&watch);
}

/* An exchange on this machine whose market runs at another pace is refused with what to do; one
 * that is years away but keeps the pace is not. */
static void test_another_pace(void **state) {
    static const char *const NAMES[] = {"BTCUSDT", NULL};
    static const int paces[] = {6000, 200, 30};
    (void)state;
    Watch watch;
    watch_open(&watch);
    for (unsigned i = 0; i < 3; i++) {
        Error error = {0};
        atomic_store(&watch.fake.pace_percent, paces[i]);
        assert_null(open_feed(&watch, &PACE, NAMES, 10, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
        assert_non_null(strstr(error.message, "times as fast as ours"));
        assert_non_null(strstr(error.hint, "--speed 1"));
    }
    atomic_store(&watch.fake.pace_percent, 100);
    watch.feed = open_feed(&watch, &PACE, NAMES, 10, NULL);
    assert_non_null(watch.feed);
    finish(&watch);
}

static void assert_refused(Watch *watch, ErrorCode code, const char *text) {
    static const char *const NAMES[] = {"BTCUSDT", NULL};
    Error error = {0};
    int64_t before = now_ms();
    assert_null(open_feed(watch, &PACE, NAMES, 10, &error));
    assert_true(now_ms() - before < 1500);
    if (!strstr(error.message, text)) print_error("got: %s (%s)\n", error.message, error.where);
    assert_non_null(strstr(error.message, text));
    assert_null(strchr(error.message, '\n'));
    assert_int_equal(error.code, code);
}

static void test_reasons(void **state) {
    (void)state;
    Watch watch;
    watch_open(&watch);
    atomic_store(&watch.fake.info_status, 451);
    assert_refused(&watch, ERROR_EXCHANGE, "451");
    atomic_store(&watch.fake.info_status, 418);
    assert_refused(&watch, ERROR_EXCHANGE, "asks to wait (HTTP 418, 7 s)");
    atomic_store(&watch.fake.info_status, 503);
    assert_refused(&watch, ERROR_EXCHANGE, "HTTP 503");
    atomic_store(&watch.fake.hangs, true);
    assert_refused(&watch, ERROR_NETWORK, "no answer within 400 ms");
    atomic_store(&watch.fake.hangs, false);
    snprintf(watch.rest, sizeof watch.rest, "https://127.0.0.1:%u", watch.fake.port);
    assert_refused(&watch, ERROR_NETWORK, "TLS"); /* plain words where TLS is due */
    snprintf(watch.rest, sizeof watch.rest, "http://data-api.binance.vision");
    assert_refused(&watch, ERROR_CONFIG, "only for this machine");
    snprintf(watch.rest, sizeof watch.rest, "gopher://127.0.0.1");
    assert_refused(&watch, ERROR_CONFIG, "not an address");
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    snprintf(watch.rest, sizeof watch.rest, "https://data-api.binance.vision");
    assert_refused(&watch, ERROR_NETWORK, "no connection");
    unsetenv("HTTPS_PROXY");
    snprintf(watch.rest, sizeof watch.rest, "http://127.0.0.1:1");
    assert_refused(&watch, ERROR_NETWORK, "no connection");
    finish(&watch);
}

/* A proxy of the environment is not for the own machine, neither of curl nor of the stream. */
static void test_proxy_is_not_for_loopback(void **state) {
    (void)state;
    Watch watch;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    start(&watch, &PACE, 10);
    hear(&watch, connected, 5000);
    finish(&watch);
    unsetenv("http_proxy");
}

static void test_refused_stream(void **state) {
    (void)state;
    Watch watch;
    start(&watch, &PACE, 10);
    hear(&watch, connected, 5000);
    atomic_store(&watch.fake.refuses_streams, true);
    fake_drop(&watch.fake);
    for (bool seen = false; !seen;) {
        hear(&watch, NULL, 20);
        for (unsigned i = 0; i < watch.count; i++)
            seen |= is_status(&watch.events[i], FEED_CONNECTING, "HTTP 451");
    }
    atomic_store(&watch.fake.refuses_streams, false);
    hear(&watch, connected, 5000);
    finish(&watch);
}

static void test_addresses(void **state) {
    (void)state;
    BinanceAddress address;
    assert_true(binance_address_read("wss://h.example/a/b/", false, &address, NULL));
    assert_true(address.is_secure && address.port == 443);
    assert_string_equal(address.host, "h.example");
    assert_string_equal(address.path, "/a/b");
    assert_true(binance_address_read("ws://[::1]:8080", false, &address, NULL));
    assert_string_equal(address.host, "::1");
    assert_int_equal(address.port, 8080);
    assert_true(binance_address_read("http://localhost", false, &address, NULL));
    assert_true(binance_address_read("http://10.0.0.1:9", true, &address, NULL));
    static const char *const BAD[] = {"http://10.0.0.1", "https://",      "https://h:0",
                                      "https://h:x",     "https://u:p@h", "https://[::1",
                                      "h.example",       "ws://127.evil", "https://h:70000"};
    for (unsigned i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(binance_address_read(BAD[i], false, &address, NULL));
    setenv("HTTPS_PROXY", "http://u:p@proxy.example:3128/", 1);
    setenv("NO_PROXY", "other.example, .vision", 1);
    assert_true(binance_address_read("wss://h.example", false, &address, NULL));
    assert_string_equal(address.proxy, "u:p@proxy.example:3128");
    assert_true(binance_address_read("wss://a.binance.vision", false, &address, NULL));
    assert_string_equal(address.proxy, "");
    assert_true(binance_address_read("wss://127.0.0.1", false, &address, NULL));
    assert_string_equal(address.proxy, "");
    unsetenv("HTTPS_PROXY");
    unsetenv("NO_PROXY");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_too_many_requests),
        cmocka_unit_test(test_unknown_symbols),
        cmocka_unit_test(test_another_pace),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_refused_stream),
        cmocka_unit_test(test_proxy_is_not_for_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
