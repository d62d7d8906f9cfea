/* SPDX-License-Identifier: Apache-2.0 */
/* The checks before orders may leave, against answers as the venue gives them: a matrix of what a
 * key may do, and each way in which a check fails, with its exit code. */
#include "unit.h"

#include "shell/session/arming.h"
#include "shell/session/venue_place.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

#define ACCOUNT                                                                                    \
    "{\"canTrade\":true,\"canWithdraw\":true,\"canDeposit\":true,\"uid\":354937868,"               \
    "\"accountType\":\"SPOT\",\"balances\":[{\"asset\":\"USDC\",\"free\":\"120.5\","               \
    "\"locked\":\"0\"}]}"
#define RIGHTS(bound, withdraws, trades)                                                           \
    "{\"ipRestrict\":" bound                                                                       \
    ",\"createTime\":1,\"enableReading\":true,\"enableWithdrawals\":" withdraws                    \
    ",\"enableInternalTransfer\":false,\"permitsUniversalTransfer\":false,"                        \
    "\"enableSpotAndMarginTrading\":" trades "}"
#define TYPES "[\"LIMIT\",\"LIMIT_MAKER\",\"MARKET\",\"STOP_LOSS\",\"STOP_LOSS_LIMIT\"]"
#define LISTED(status, types, lists)                                                               \
    "{\"symbols\":[{\"symbol\":\"BTCUSDC\",\"status\":\"" status "\",\"baseAsset\":\"BTC\","       \
    "\"quoteAsset\":\"USDC\",\"orderTypes\":" types ",\"ocoAllowed\":" lists                       \
    ",\"isSpotTradingAllowed\":true}]}"

/* What the venue answers; status 0: nothing. */
static struct {
    int account_status, rights_status, symbols_status;
    const char *account, *rights, *symbols;
    int64_t uncertainty_us;
    bool unreachable;
    char paths[600]; /* what was asked, and whether it was signed */
} venue;
static Settings settings;
static VenueKey key;
static Arming arming;

static bool clock_answer(void *context, VenueClock *clock, Error *error) {
    (void)context;
    *clock = (VenueClock){.offset_us = 1000, .uncertainty_us = venue.uncertainty_us};
    return !venue.unreachable ||
           error_set(error, ERROR_NETWORK, "no connection", "https://api.binance.com", NULL);
}

static bool ask(void *context, const char *path, const VenueClock *clock, VenueAnswer *answer,
                Error *error) {
    (void)context;
    bool account = strncmp(path, "/api/v3/account", 15) == 0, rights = path[1] == 's';
    int status = account  ? venue.account_status
                 : rights ? venue.rights_status
                          : venue.symbols_status;
    size_t used = strlen(venue.paths);
    snprintf(venue.paths + used, sizeof venue.paths - used, "%s%s ", clock ? "*" : "", path);
    if (status == 0) return error_set(error, ERROR_NETWORK, "no answer", path, NULL);
    answer->status = status;
    answer->body = strdup(account ? venue.account : rights ? venue.rights : venue.symbols);
    answer->length = strlen(answer->body);
    return true;
}

static int prepare(void **state) {
    Error error;
    (void)state;
    memset(&venue, 0, sizeof venue);
    venue.account_status = venue.rights_status = venue.symbols_status = 200;
    venue.account = ACCOUNT;
    venue.rights = RIGHTS("true", "false", "true");
    venue.symbols = LISTED("TRADING", TYPES, "true");
    venue.uncertainty_us = 20000;
    settings_presets(&settings);
    snprintf(settings.feed.binance_rest_url, sizeof settings.feed.binance_rest_url,
             "https://data-api.binance.vision");
    memset(&key, 0, sizeof key);
    assert_true(signer_init_hmac(&key.signer, SLICE("demo-key"), SLICE("demo-secret"), &error));
    venue_account_name("demo-key", key.account);
    return 0;
}

/* The mark of a check, or -1 where it was not made. */
static int mark_of(const char *name) {
    for (unsigned i = 0; i < arming.count; i++)
        if (strcmp(arming.checks[i].name, name) == 0) return (int)arming.checks[i].mark;
    return -1;
}

/* The exit code of arming, 0: armed. */
static int armed(bool strict) {
    SymbolName symbols[1] = {{"BTCUSDC"}};
    Error error = {0};
    const ArmingPlan plan = {.settings = &settings,
                             .key = &key,
                             .symbols = symbols,
                             .symbol_count = 1,
                             .strict = strict,
                             .quote_asset = "USDC",
                             .clock = clock_answer,
                             .ask = ask};
    venue.paths[0] = 0;
    arming_check(&plan, &arming);
    if (arming_passed(&arming, &error)) return 0;
    assert_int_equal(strncmp(error.where, "arming: ", 8), 0);
    assert_true(error.message[0] != 0);
    return error_exit_code(error.code);
}

static void a_sound_key_is_armed(void **state) {
    (void)state;
    assert_int_equal(armed(true), 0);
    assert_int_equal(arming.count, 9);
    assert_int_equal(arming.uid, 354937868);
    assert_true(arming.has_free);
    assert_string_equal(venue.paths, "*/api/v3/account?omitZeroBalances=true "
                                     "*/sapi/v1/account/apiRestrictions "
                                     "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDC%22%5D ");
}

/* Every combination of what a key may do, with and without real money, with and without override.
 */
static void the_rights_of_a_key_decide(void **state) {
    (void)state;
    static const char *const bodies[2][2][2] = {
        {{RIGHTS("false", "false", "false"), RIGHTS("false", "false", "true")},
         {RIGHTS("false", "true", "false"), RIGHTS("false", "true", "true")}},
        {{RIGHTS("true", "false", "false"), RIGHTS("true", "false", "true")},
         {RIGHTS("true", "true", "false"), RIGHTS("true", "true", "true")}}};
    for (unsigned row = 0; row < 32; row++) {
        bool bound = row & 1, withdraws = row & 2, trades = row & 4, strict = row & 8,
             overridden = row & 16;
        venue.rights = bodies[bound][withdraws][trades];
        settings.venue.allow_risky_key = overridden;
        bool risky = strict && !overridden && (withdraws || !bound);
        int wanted = !trades ? 4 : risky ? 7 : 0;
        assert_int_equal(armed(strict), wanted);
        bool warned = withdraws && !(strict && !overridden);
        if (warned) assert_int_equal(mark_of("withdrawal"), MARK_WARN);
    }
}

/* An override is said where it is used. */
static void an_override_is_told(void **state) {
    (void)state;
    venue.rights = RIGHTS("true", "true", "true");
    settings.venue.allow_risky_key = true;
    assert_int_equal(armed(true), 0);
    bool told = false;
    for (unsigned i = 0; i < arming.count; i++)
        told = told || strstr(arming.checks[i].text, "overridden by venue.allow_risky_key");
    assert_true(told);
}

static void what_cannot_be_told_is_not_assumed(void **state) {
    (void)state;
    venue.rights_status = 404;
    venue.rights = "<html>";
    assert_int_equal(armed(false), 0);
    assert_int_equal(armed(true), 7);
    venue.rights_status = 200;
    assert_int_equal(armed(true), 5);
    venue.rights = "{\"ipRestrict\":true}"; /* silent about the rest */
    assert_int_not_equal(armed(true), 0);
}

static void each_failure_has_its_exit_code(void **state) {
    (void)state;
    venue.account_status = 401;
    venue.account = "{\"code\":-2015,\"msg\":\"Invalid API-key, IP, or permissions for action.\"}";
    assert_int_equal(armed(false), 4);
    assert_int_equal(mark_of("trading"), -1); /* a key that is not taken is not asked about */
    venue.account_status = 400;
    venue.account = "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}";
    assert_int_equal(armed(false), 4);
    venue.account = "{\"code\":-1021,\"msg\":\"Timestamp ...\"}";
    assert_int_equal(armed(false), 7);
    venue.account_status = 451;
    venue.account = "<html>";
    assert_int_equal(armed(false), 5);
    venue.account_status = 0;
    assert_int_equal(armed(false), 5);
    venue.account_status = 200;
    venue.account = "{\"canTrade\":false,\"canWithdraw\":true,\"balances\":[]}";
    assert_int_equal(armed(false), 7);
    venue.account = "{\"canTrade\":";
    assert_int_equal(armed(false), 5);
    venue.account = ACCOUNT;
    venue.unreachable = true;
    assert_int_equal(armed(false), 5);
    assert_string_equal(venue.paths, ""); /* nothing signed leaves without a clock */
}

/* Half of the window, to the microsecond. */
static void the_clock_must_be_known(void **state) {
    (void)state;
    venue.uncertainty_us = settings.venue.recv_window_ms * 500;
    assert_int_equal(armed(true), 0);
    venue.uncertainty_us++;
    assert_int_equal(armed(true), 7);
    assert_int_equal(armed(false), 7);
}

static void symbols_must_be_traded_with_protection(void **state) {
    (void)state;
    static const char *const bad[] = {
        LISTED("BREAK", TYPES, "true"),
        LISTED("HALT", TYPES, "true"),
        LISTED("TRADING", TYPES, "false"),
        LISTED("TRADING", "[\"LIMIT\",\"LIMIT_MAKER\",\"STOP_LOSS\"]", "true"),
        LISTED("TRADING", "[\"MARKET\",\"LIMIT_MAKER\"]", "true"),
        LISTED("TRADING", "[]", "true"),
        "{\"symbols\":[]}",
        "{}",
        "<html>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        venue.symbols = bad[i];
        assert_int_equal(armed(false), 5);
        assert_int_equal(mark_of("symbols"), MARK_BAD);
    }
    venue.symbols = LISTED("TRADING", "[\"MARKET\",\"LIMIT_MAKER\",\"STOP_LOSS_LIMIT\"]", "true");
    assert_int_equal(armed(true), 0);
}

static void a_key_that_others_read_is_a_doubt(void **state) {
    (void)state;
    snprintf(key.exposed, sizeof key.exposed, ".env: mode 0644");
    assert_int_equal(armed(false), 0);
    assert_int_equal(mark_of("key"), MARK_WARN);
    assert_int_equal(armed(true), 4);
    memset(&key, 0, sizeof key);
    assert_int_equal(armed(false), 4);
    assert_string_equal(venue.paths, "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDC%22%5D ");
}

/* Keys of play at the venue of real money, and the other way round. */
static void environments_are_not_mixed(void **state) {
    (void)state;
    snprintf(settings.venue.rest_url, sizeof settings.venue.rest_url, "http://127.0.0.1:1");
    assert_int_equal(armed(false), 3);
    assert_string_equal(venue.paths, "");
    snprintf(settings.venue.ws_api_url, sizeof settings.venue.ws_api_url, "ws://[::1]:1");
    assert_int_equal(armed(false), 0);
    assert_int_equal(mark_of("addresses"), MARK_WARN); /* prices are the real venue's */
    assert_int_equal(armed(true), 7);
    snprintf(settings.venue.rest_url, sizeof settings.venue.rest_url,
             "https://testnet.binance.vision/api");
    snprintf(settings.venue.ws_api_url, sizeof settings.venue.ws_api_url,
             "wss://ws-api.testnet.binance.vision/ws-api/v3");
    assert_int_equal(armed(false), 3); /* the program adds the path itself */
}

static void places_are_known_by_their_host(void **state) {
    (void)state;
    static const struct {
        const char *url;
        VenuePlace place;
    } rows[] = {{"https://api.binance.com", PLACE_REAL},
                {"https://api1.binance.com:443/", PLACE_REAL},
                {"https://api.binance.us", PLACE_REAL},
                {"wss://ws-api.binance.com:443/ws-api/v3", PLACE_REAL},
                {"https://testnet.binance.vision/api", PLACE_TESTNET},
                {"https://api1.testnet.binance.vision/api", PLACE_TESTNET},
                {"wss://ws-api.testnet.binance.vision:9443/ws-api/v3", PLACE_TESTNET},
                {"https://TESTNET.binance.vision", PLACE_TESTNET},
                {"https://demo-api.binance.com/api", PLACE_DEMO_MODE},
                {"wss://demo-ws-api.binance.com/ws-api/v3", PLACE_DEMO_MODE},
                {"http://127.0.0.1:8060", PLACE_OWN},
                {"http://localhost:8060", PLACE_OWN},
                {"http://[::1]:8060", PLACE_OWN},
                {"https://mytestnet.binance.vision", PLACE_REAL},
                {"https://testnet.binance.vision.example.com", PLACE_REAL},
                {"https://127.0.0.1.example.com", PLACE_REAL},
                {"https://192.168.0.7:8060", PLACE_REAL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        VenuePlace place = PLACE_OWN;
        Error error;
        assert_true(venue_place(rows[i].url, &place, &error));
        assert_int_equal(place, rows[i].place);
    }
    VenuePlace none;
    assert_false(venue_place("https://api.binance.com/?testnet.binance.vision", &none, NULL));
    assert_false(venue_place("testnet.binance.vision", &none, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_sound_key_is_armed, prepare),
        cmocka_unit_test_setup(the_rights_of_a_key_decide, prepare),
        cmocka_unit_test_setup(an_override_is_told, prepare),
        cmocka_unit_test_setup(what_cannot_be_told_is_not_assumed, prepare),
        cmocka_unit_test_setup(each_failure_has_its_exit_code, prepare),
        cmocka_unit_test_setup(the_clock_must_be_known, prepare),
        cmocka_unit_test_setup(symbols_must_be_traded_with_protection, prepare),
        cmocka_unit_test_setup(a_key_that_others_read_is_a_doubt, prepare),
        cmocka_unit_test_setup(environments_are_not_mixed, prepare),
        cmocka_unit_test(places_are_known_by_their_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
