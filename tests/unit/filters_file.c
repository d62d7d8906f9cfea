/* SPDX-License-Identifier: Apache-2.0 */
/* The file of trading rules: what it says reaches the feed, and what is wrong in it is named with
 * its line. */
#include "replay_stage.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static void test_filters(void **state) {
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s", write_text("BTCUSDC-filters.csv", rows(0, 3)));
    const char *filters =
        write_text("filters.json", "{\"BTCUSDC\": {\"base\": \"BTC\", \"quote\": "
                                   "\"USDC\", \"tick\": \"0.05\", \"step\": 0.001,"
                                   "\"min_quantity\": \"0.002\", \"max_quantity\""
                                   ": \"7\", \"min_notional\": \"10\"}}");
    Error error;
    Feed *feed = open_filtered(path, filters, &error);
    if (!feed) fail_msg("%s: %s", error.where, error.message);
    FeedEvent event;
    assert_int_equal(feed->next(feed, &event, &error), FEED_EVENT);
    assert_int_equal(event.kind, FEED_SYMBOL);
    assert_int_equal(event.listed.filters.tick.units, 5000000);
    assert_int_equal(event.listed.filters.step.units, 100000);
    assert_int_equal(event.listed.filters.quantity_min.units, 200000);
    assert_int_equal(event.listed.filters.quantity_max.units, 7 * DECIMAL_SCALE);
    assert_true(event.listed.filters.notional_min.units == 10 * (__int128)DECIMAL_SCALE);
    feed->close(feed);
    static const struct {
        const char *text, *message;
    } broken[] = {
        {"[]", "one object by symbol"},
        {"{\"BTCUSDC\": 5}", "must be an object"},
        {"{\"BTCUSDC\": {\"tik\": \"1\"}}", "unknown key \"tik\""},
        {"{\"BTCUSDC\": {\"tick\": \"0\"}}", "the value of \"tick\""},
        {"{\"BTCUSDC\": {\"tick\": \"0.000000001\"}}", "the value of \"tick\""},
        {"{\"BTCUSDC\": {\"base\": 7}}", "the value of \"base\""},
        {"{\"BTCUSDC\": {\"tick\": \"1\"}}", "incomplete"},
        {"{\"BTCUSDC\": ", "must be an object"},
        {"{\"\": {}}", "not a symbol's name"},
        {"{}}", "not JSON"},
    };
    for (unsigned i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        filters = write_text("broken.json", broken[i].text);
        assert_null(open_filtered(path, filters, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
        if (!strstr(error.message, broken[i].message))
            fail_msg("\"%s\" lacks \"%s\"", error.message, broken[i].message);
        assert_non_null(strstr(error.where, "broken.json, line 1"));
    }
    assert_null(open_filtered(path, path_of("absent.json"), &error));
    assert_int_equal(error.code, ERROR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filters),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
