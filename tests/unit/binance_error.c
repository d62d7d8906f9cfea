/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from each of the venue's errors and HTTP answers, and the budget of requests. */
#include "unit.h"

#include "core/base/instant.h"
#include "core/venues/binance_error.h"
#include "core/venues/binance_governor.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static void every_documented_code_has_an_action(void **state) {
    (void)state;
    static char text[1 << 16];
    FILE *file = fopen(shared_data("api/binance/docs/errors.json"), "r");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    unsigned codes = 0;
    for (char *at = text; (at = strstr(at, "\"code\": ")); codes++) {
        at += strlen("\"code\": ");
        const BinanceErrorRow *row = binance_error_find(strtol(at, NULL, 10));
        if (!row) fail_msg("no action for %.6s", at);
        char *name = strstr(at, "\"name\": \"") + strlen("\"name\": \"");
        size_t size = strcspn(name, "\"");
        if (strncmp(name, "Order", size) !=
            0) /* the two of cancel and replace have no name there */
            assert_true(strlen(row->name) == size && strncmp(row->name, name, size) == 0);
        assert_true(row->action > BINANCE_DONE && row->action < BINANCE_ACTION_COUNT);
    }
    assert_int_equal(codes, 104);
    assert_int_equal(binance_error_count(), 106); /* -1010 and -2038 stand elsewhere */
}

static void codes(void **state) {
    (void)state;
    static const struct {
        int64_t code;
        const char *text;
        BinanceAction order, question;
    } ROWS[] = {
        {0, "", BINANCE_DONE, BINANCE_DONE},
        {-1000, "", BINANCE_ASK, BINANCE_LATER},
        {-1006, "", BINANCE_ASK, BINANCE_LATER},
        {-1007, "", BINANCE_ASK, BINANCE_LATER},
        {-1008, "", BINANCE_ASK, BINANCE_LATER},
        {-1013, "Filter failure: LOT_SIZE", BINANCE_MEND, BINANCE_MEND},
        {-1015, "", BINANCE_LATER, BINANCE_LATER},
        {-1021, "", BINANCE_LATER, BINANCE_LATER},
        {-1022, "", BINANCE_CONFIGURE, BINANCE_CONFIGURE},
        {-2010, "Account has insufficient balance for requested action.", BINANCE_DECIDE,
         BINANCE_DECIDE},
        {-2010, "Duplicate order sent.", BINANCE_ASK, BINANCE_LATER},
        {-2010, "This action is disabled on this account.", BINANCE_CONFIGURE, BINANCE_CONFIGURE},
        {-2011, "Unknown order sent.", BINANCE_ASK, BINANCE_LATER},
        {-2013, "Order does not exist.", BINANCE_LATER, BINANCE_LATER},
        {-2015, "", BINANCE_CONFIGURE, BINANCE_CONFIGURE},
        {-2021, "", BINANCE_ASK, BINANCE_LATER},
        {-9999, "a new one", BINANCE_ASK, BINANCE_LATER},
    };
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        Slice text = slice_of(ROWS[i].text);
        assert_int_equal(binance_error_action(ROWS[i].code, text, true), ROWS[i].order);
        assert_int_equal(binance_error_action(ROWS[i].code, text, false), ROWS[i].question);
    }
    assert_string_equal(binance_action_word(BINANCE_ASK), "ask");
}

#define NOW 1790000000000000
#define S   INSTANT_SECOND_US

static void answers(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *body;
        int64_t retry_after_s;
        BinanceAction action;
        int64_t silent_s;
        bool is_banned;
    } ROWS[] = {
        {200, "{}", -1, BINANCE_DONE, 0, false},
        {0, "", -1, BINANCE_ASK, 0, false},
        {400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", -1, BINANCE_MEND, 0, false},
        {400, "{\"code\":0,\"msg\":\"\"}", -1, BINANCE_ASK, 0, false},
        {400, "not json", -1, BINANCE_ASK, 0, false},
        {401, "{\"code\":-2015,\"msg\":\"x\"}", -1, BINANCE_CONFIGURE, 0, false},
        {401, "", -1, BINANCE_CONFIGURE, 0, false},
        {403, "<html>", -1, BINANCE_LATER, 300, true},
        {404, "<html>", -1, BINANCE_MEND, 0, false},
        {409, "{\"code\":-2021,\"msg\":\"x\",\"data\":{}}", -1, BINANCE_ASK, 0, false},
        {410, "<html>", -1, BINANCE_CONFIGURE, 0, false},
        {418, "", 600, BINANCE_LATER, 600, true},
        {418, "", -1, BINANCE_LATER, 120, true},
        {418,
         "{\"code\":-1003,\"msg\":\"Way too much request weight used; IP banned until "
         "1790000900000. Please\"}",
         5, BINANCE_LATER, 900, true},
        {418, "{\"code\":-1003,\"msg\":\"IP banned until 9999999999999.\"}", 5, BINANCE_LATER, 5,
         true},
        {429, "", 7, BINANCE_LATER, 7, false},
        {429, "", 0, BINANCE_LATER, 0, false},
        {429, "", -1, BINANCE_LATER, 60, false},
        {429, "", 99999999, BINANCE_LATER, 60, false},
        {429, "{\"code\":-2021,\"msg\":\"x\"}", 7, BINANCE_ASK, 7, false},
        {451, "<html>", -1, BINANCE_CONFIGURE, 0, false},
        {500, "{\"code\":-1121,\"msg\":\"x\"}", -1, BINANCE_ASK, 0, false},
        {502, "<html>", -1, BINANCE_ASK, 0, false},
        {504, "", -1, BINANCE_ASK, 0, false},
    };
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        BinanceHttp http = {ROWS[i].status, slice_of(ROWS[i].body), ROWS[i].retry_after_s, NOW,
                            true};
        BinanceVerdict verdict;
        binance_error_judge(&http, &verdict);
        if (verdict.action != ROWS[i].action) fail_msg("row %u: %d", i, (int)verdict.action);
        int64_t silent = verdict.silent_until_us ? verdict.silent_until_us - NOW : 0;
        assert_int_equal(silent, ROWS[i].silent_s * S);
        assert_int_equal(verdict.is_banned, ROWS[i].is_banned);
        http.changes = false; /* a question that failed is asked again, never "unknown" */
        binance_error_judge(&http, &verdict);
        assert_true(verdict.action != BINANCE_ASK);
    }
}

static bool free_now(const BinanceGovernor *governor, unsigned weight, unsigned orders,
                     BinanceUrgency urgency, int64_t now_us) {
    return binance_governor_wait(governor, weight, orders, urgency, now_us) == 0;
}

static void a_reserve_is_kept(void **state) {
    (void)state;
    BinanceGovernor governor;
    int64_t minute = NOW / INSTANT_MINUTE_US * INSTANT_MINUTE_US;
    binance_governor_init(&governor);
    binance_governor_sent(&governor, 5399, 0, minute);
    assert_true(free_now(&governor, 1, 0, BINANCE_ROUTINE, minute));
    assert_int_equal(binance_governor_wait(&governor, 2, 0, BINANCE_ROUTINE, minute),
                     minute + INSTANT_MINUTE_US);
    assert_true(free_now(&governor, 601, 0, BINANCE_URGENT, minute));
    assert_false(free_now(&governor, 602, 0, BINANCE_URGENT, minute));
    assert_true(free_now(&governor, 5400, 0, BINANCE_ROUTINE, minute + INSTANT_MINUTE_US));
    assert_true(free_now(&governor, 0, 45, BINANCE_ROUTINE, minute));
    assert_false(free_now(&governor, 0, 46, BINANCE_ROUTINE, minute));
    binance_governor_sent(&governor, 0, 50, minute);
    assert_int_equal(binance_governor_wait(&governor, 1, 1, BINANCE_URGENT, minute),
                     minute + 10 * S);
    assert_true(free_now(&governor, 1, 0, BINANCE_URGENT, minute)); /* a cancel counts as none */
}

static void headers(void **state) {
    (void)state;
    static const struct {
        const char *name, *value;
        bool is_known;
    } ROWS[] = {
        {"X-MBX-USED-WEIGHT-1M", "5900", true},
        {"x-mbx-used-weight-1m", " 5900 ", true},
        {"x-mbx-order-count-10s", "49", true},
        {"X-Mbx-Order-Count-1d", "3", true},
        {"X-MBX-USED-WEIGHT", "5900", false},
        {"X-MBX-USED-WEIGHT-", "5900", false},
        {"X-MBX-USED-WEIGHT-M", "5900", false},
        {"X-MBX-USED-WEIGHT-0M", "5900", false},
        {"X-MBX-USED-WEIGHT-1M", "-1", false},
        {"X-MBX-USED-WEIGHT-1M", "many", false},
        {"X-MBX-ORDER-COUNT-9999S", "1", false},
        {"X-MBX-ORDER-COUNT-1X", "1", false},
        {"Content-Type", "1", false},
        {"", "", false},
    };
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        BinanceGovernor governor;
        binance_governor_init(&governor);
        bool known = binance_governor_header(&governor, slice_of(ROWS[i].name),
                                             slice_of(ROWS[i].value), NOW);
        if (known != ROWS[i].is_known) fail_msg("%s: %s", ROWS[i].name, ROWS[i].value);
    }
}

static void what_others_use_counts(void **state) {
    (void)state;
    BinanceGovernor governor;
    binance_governor_init(&governor);
    binance_governor_sent(&governor, 100, 1, NOW);
    assert_true(
        binance_governor_header(&governor, SLICE("X-MBX-USED-WEIGHT-1M"), SLICE("5990"), NOW));
    assert_true(free_now(&governor, 10, 0, BINANCE_URGENT, NOW));
    assert_false(free_now(&governor, 11, 0, BINANCE_URGENT, NOW));
    /* an answer that was given before the last request arrived tells less, and changes nothing */
    assert_true(binance_governor_header(&governor, SLICE("X-MBX-USED-WEIGHT-1M"), SLICE("3"), NOW));
    assert_false(free_now(&governor, 11, 0, BINANCE_URGENT, NOW));
    /* a clock that goes back opens no new window */
    assert_false(free_now(&governor, 11, 0, BINANCE_URGENT, NOW - INSTANT_HOUR_US));
    binance_governor_sent(&governor, 10, 0, NOW - INSTANT_HOUR_US);
    assert_false(free_now(&governor, 1, 0, BINANCE_URGENT, NOW));
}

static void limits_are_the_venues(void **state) {
    (void)state;
    BinanceGovernor governor;
    binance_governor_init(&governor);
    BinanceLimit limit = {SLICE("REQUEST_WEIGHT"), SLICE("MINUTE"), 1, 1200, -1};
    assert_true(binance_governor_limit(&governor, &limit, NOW));
    assert_false(free_now(&governor, 1201, 0, BINANCE_URGENT, NOW));
    assert_int_equal(governor.count, 4);
    BinanceLimit bad[] = {{SLICE("NEW_KIND"), SLICE("MINUTE"), 1, 10, -1},
                          {SLICE("ORDERS"), SLICE("YEAR"), 1, 10, -1},
                          {SLICE("ORDERS"), SLICE("DAY"), 1, 0, -1},
                          {SLICE("ORDERS"), SLICE("DAY"), -1, 10, -1},
                          {SLICE("ORDERS"), SLICE(""), 1, 10, -1}};
    for (unsigned i = 0; i < 5; i++)
        assert_false(binance_governor_limit(&governor, &bad[i], NOW));
    assert_int_equal(governor.count, 4);
}

static void a_ban_is_silence(void **state) {
    (void)state;
    BinanceGovernor governor;
    BinanceVerdict verdict;
    binance_governor_init(&governor);
    BinanceHttp http = {418, SLICE(""), 600, NOW, false};
    binance_error_judge(&http, &verdict);
    binance_governor_verdict(&governor, &verdict);
    assert_int_equal(binance_governor_wait(&governor, 1, 0, BINANCE_URGENT, NOW), NOW + 600 * S);
    assert_int_equal(binance_governor_wait(&governor, 1, 0, BINANCE_URGENT, NOW + 600 * S - 1),
                     NOW + 600 * S);
    assert_true(free_now(&governor, 1, 0, BINANCE_URGENT, NOW + 600 * S));
    http = (BinanceHttp){429, SLICE(""), 1, NOW, false}; /* a shorter one takes nothing back */
    binance_error_judge(&http, &verdict);
    binance_governor_verdict(&governor, &verdict);
    assert_false(free_now(&governor, 1, 0, BINANCE_URGENT, NOW + 2 * S));
}

static void too_many_orders_leave_cancels(void **state) {
    (void)state;
    BinanceGovernor governor;
    BinanceVerdict verdict;
    binance_governor_init(&governor);
    BinanceHttp http = {429, SLICE("{\"code\":-1015,\"msg\":\"Too many new orders.\"}"), 9, NOW,
                        true};
    binance_error_judge(&http, &verdict);
    assert_int_equal(verdict.action, BINANCE_LATER);
    binance_governor_verdict(&governor, &verdict);
    assert_true(free_now(&governor, 1, 0, BINANCE_URGENT, NOW));
    assert_int_equal(binance_governor_wait(&governor, 1, 1, BINANCE_URGENT, NOW), NOW + 9 * S);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_documented_code_has_an_action),
        cmocka_unit_test(codes),
        cmocka_unit_test(answers),
        cmocka_unit_test(a_reserve_is_kept),
        cmocka_unit_test(headers),
        cmocka_unit_test(what_others_use_counts),
        cmocka_unit_test(limits_are_the_venues),
        cmocka_unit_test(a_ban_is_silence),
        cmocka_unit_test(too_many_orders_leave_cancels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
