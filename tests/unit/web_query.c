/* SPDX-License-Identifier: Apache-2.0 */
/* What a stranger may write into a request, parsed (tests/fuzz/web_query.c tries the rest). */
#include "unit.h"

#include "shell/web/web_query.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

/* ---- parsing ------------------------------------------------------------------------------- */

static bool fits(const char *host, const char *configured) {
    return web_query_host_fits(slice_of(host), configured, 8050);
}

static void hosts_are_ours_or_not(void **state) {
    (void)state;
    assert_true(fits("localhost:8050", "127.0.0.1") && fits("127.0.0.1:8050", "127.0.0.1"));
    assert_true(fits("[::1]:8050", "127.0.0.1") && fits("LocalHost:8050", "127.0.0.1"));
    assert_true(fits("trader.lan:8050", "trader.lan") && fits("[fe80::1]:8050", "fe80::1"));
    assert_false(fits("localhost", "127.0.0.1") || fits("localhost:8051", "127.0.0.1"));
    assert_false(fits("evil.example:8050", "127.0.0.1") || fits("", "127.0.0.1") ||
                 fits(":8050", "127.0.0.1"));
    assert_false(fits("localhost.evil.example:8050", "127.0.0.1") ||
                 fits("127.0.0.1.evil:8050", "127.0.0.1"));
    assert_false(fits("localhost:99999999999999999999", "127.0.0.1"));
    assert_true(fits("192.168.1.5:9000", "0.0.0.0") && fits("localhost:9000", "0.0.0.0"));
    assert_false(fits("evil.example:8050", "0.0.0.0"));
    assert_true(web_query_host_fits(SLICE("localhost"), "127.0.0.1", 80));
}

static void headers_are_read(void **state) {
    (void)state;
    char value[8];
    assert_true(web_query_cookie(SLICE("a=1; trader_session=abc;b"), "trader_session", value,
                                 sizeof value));
    assert_string_equal(value, "abc");
    assert_false(
        web_query_cookie(SLICE("xtrader_session=abc"), "trader_session", value, sizeof value));
    assert_false(web_query_cookie(SLICE("trader_session="), "trader_session", value, sizeof value));
    assert_false(web_query_cookie(SLICE("trader_session=aaaaaaaaaaaa"), "trader_session", value,
                                  sizeof value));
    assert_true(web_query_accepts(SLICE("gzip, deflate, br"), "br"));
    assert_true(web_query_accepts(SLICE("br;q=0.5"), "br"));
    assert_false(web_query_accepts(SLICE("gzip, br;q=0"), "br"));
    assert_false(web_query_accepts(SLICE("brotli"), "br"));
    assert_true(web_query_has_tag(SLICE("\"x\", W/\"abc\""), "abc"));
    assert_true(web_query_has_tag(SLICE("*"), "abc"));
    assert_false(web_query_has_tag(SLICE("\"abcd\""), "abc"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_ours_or_not),
        cmocka_unit_test(headers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
