/* SPDX-License-Identifier: Apache-2.0 */
/* The server from outside: who may see what, the headers of every answer, what answers hold, the
 * login. */
#include "web_stage.h"

#include <sys/stat.h>

#include "shell/store/state_dir.h"
#include "shell/web/assets.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

/* ---- routes -------------------------------------------------------------------------------- */

typedef struct RouteCase {
    const char *method, *path, *body;
    long open, member; /* status without and with a session */
} RouteCase;

static const RouteCase route_cases[] = {
    {"GET", "/", NULL, 200, 200},
    {"GET", "/health", NULL, 200, 200},
    {"GET", "/ready", NULL, 503, 503},
    {"GET", "/metrics", NULL, 200, 200},
    {"GET", "/nothing", NULL, 404, 404},
    {"GET", "/api/v1/nothing", NULL, 404, 404},
    {"GET", "/../../etc/passwd", NULL, 404, 404},
    {"GET", "/api/v1/state", NULL, 401, 200},
    {"GET", "/api/v1/candles?symbol=BTCUSDC&interval=5m", NULL, 401, 200},
    {"GET", "/api/v1/candles?symbol=BTCUSDC&interval=7m", NULL, 401, 400},
    {"GET", "/api/v1/candles", NULL, 401, 400},
    {"GET", "/api/v1/signals", NULL, 401, 200},
    {"GET", "/api/v1/signals?symbol=BTCUSDC&limit=5", NULL, 401, 200},
    {"GET", "/api/v1/signals?limit=0", NULL, 401, 400},
    {"GET", "/api/v1/signals?limit=99999", NULL, 401, 400},
    {"GET", "/api/v1/signals?symbol=%27%20OR%201", NULL, 401, 400},
    {"GET", "/api/v1/trades", NULL, 401, 200},
    {"GET", "/api/v1/fills", NULL, 401, 200},
    {"GET", "/api/v1/refusals", NULL, 401, 200},
    {"GET", "/api/v1/logs?service=trade_executor", NULL, 401, 200},
    {"GET", "/api/v1/equity?points=600", NULL, 401, 200},
    {"GET", "/api/v1/social", NULL, 401, 200},
    {"GET", "/api/v1/social?symbol=BTCUSDC", NULL, 401, 200},
    {"GET", "/api/v1/social-points?symbol=BTCUSDC&limit=168", NULL, 401, 200},
    {"GET", "/api/v1/social-accuracy", NULL, 401, 200},
    {"GET", "/api/v1/news?symbol=BTCUSDC&limit=5", NULL, 401, 200},
    {"GET", "/api/v1/portfolio", NULL, 401, 200},
    {"GET", "/api/v1/services", NULL, 401, 200},
    {"GET", "/api/v1/orders", NULL, 401, 200},
    {"GET", "/api/v1/outcomes", NULL, 401, 200},
    {"GET", "/api/v1/explanations?id=s-1", NULL, 401, 200},
    {"GET", "/api/v1/explanations?id=%27%20OR%201", NULL, 401, 400},
    {"GET", "/api/v1/models", NULL, 401, 200},
    {"GET", "/api/v1/models/", NULL, 401, 404},
    {"GET", "/api/v1/models/nobody", NULL, 401, 404},
    {"GET", "/api/v1/models/a/b", NULL, 404, 404},
    {"GET", "/api/v1/topics", NULL, 401, 200},
    {"HEAD", "/api/v1/state", NULL, 401, 200},
    {"HEAD", "/", NULL, 200, 200},
    {"GET", "/api/v1/login", NULL, 405, 405},
    {"GET", "/api/v1/kill", NULL, 405, 405},
    {"POST", "/api/v1/state", "{}", 405, 405},
    {"PUT", "/", "{}", 405, 405},
    {"DELETE", "/api/v1/state", NULL, 405, 405},
    {"OPTIONS", "/api/v1/state", NULL, 405, 405},
    {"POST", "/api/v1/kill", "{\"level\":\"pause\"}", 401, 403}, /* no X-Trader */
    {"POST", "/api/v1/resume", "{}", 401, 403},
    {"POST", "/api/v1/login", "{\"code\":1}", 400, 400},
};

static void error_is_json(void) {
    if (answer.status < 400 || answer.body_length == 0 || strstr(answer.body, "\"ready\"")) return;
    assert_true(json_valid(slice_of(answer.body)));
    assert_memory_equal(answer.body, "{\"error\":{\"code\":\"", 18);
}

static void every_route_answers_as_it_should(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof route_cases / sizeof route_cases[0]; i++) {
        const RouteCase *row = &route_cases[i];
        Ask asks[] = {
            {.method = row->method, .path = row->path, .body = row->body},
            {.method = row->method,
             .path = row->path,
             .body = row->body,
             .cookie = "trader_session=wrong"},
            {.method = row->method, .path = row->path, .body = row->body, .cookie = session},
            {.method = row->method,
             .path = row->path,
             .body = row->body,
             .cookie = session,
             .host = "evil.example"}};
        long wanted[] = {row->open, row->open, row->member, 403};
        for (int k = 0; k < 4; k++) {
            long status = ask_for(asks[k]);
            if (status != wanted[k])
                fail_msg("%s %s case %d: %ld, not %ld", row->method, row->path, k, status,
                         wanted[k]);
            check_headers();
            error_is_json();
            if (strncmp(row->path, "/api/", 5) == 0)
                assert_true(has_header("\r\ncache-control: no-store\r\n"));
        }
    }
}

static void sizes_have_limits(void **state) {
    (void)state;
    static char big[8000], path[1200];
    memset(big, ' ', sizeof big - 1);
    assert_int_equal(ask_for((Ask){.method = "POST", .path = "/api/v1/login", .body = big}), 413);
    check_headers();
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    assert_int_equal(ask_for((Ask){.path = path}), 414);
    check_headers();
    const char *many =
        "/api/v1/signals?a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1";
    assert_int_equal(ask_for((Ask){.path = many, .cookie = session}), 414);
    Ask chunked = {.method = "POST",
                   .path = "/api/v1/login",
                   .body = "{}",
                   .headers = {"Transfer-Encoding: chunked"}};
    assert_int_equal(ask_for(chunked), 411);
    check_headers();
    assert_int_equal(ask_for((Ask){.path = "/health"}), 200);
}

static void actions_need_our_header_and_json(void **state) {
    (void)state;
    Ask kill = {.method = "POST",
                .path = "/api/v1/kill",
                .cookie = session,
                .body = "{\"level\":\"stop\",\"reason\":\"a \\u00e9 \\\"word\\\"\"}",
                .headers = {"X-Trader: 1"}};
    assert_int_equal(ask_for(kill), 202);
    assert_string_equal(answer.body, "{\"level\":\"stop\"}");
    Control control;
    bool found;
    assert_true(control_read(directory, &control, &found, NULL));
    assert_true(found && control.level == KILL_STOP);
    assert_string_equal(control.by, "dashboard");
    assert_string_equal(control.reason, "a \xc3\xa9 \"word\"");
    kill.headers[1] = "Origin: http://evil.example";
    assert_int_equal(ask_for(kill), 403);
    kill.headers[1] = NULL;
    kill.no_type = true;
    assert_int_equal(ask_for(kill), 415);
    kill.no_type = false;
    kill.body = "{\"level\":\"none\"}";
    assert_int_equal(ask_for(kill), 400);
    kill.body = "{\"level\":\"pause\"";
    assert_int_equal(ask_for(kill), 400);
    kill.cookie = NULL;
    assert_int_equal(ask_for(kill), 401);
    Ask resume = {.method = "POST",
                  .path = "/api/v1/resume",
                  .cookie = session,
                  .body = "{}",
                  .headers = {"X-Trader: 1"}};
    assert_int_equal(ask_for(resume), 202);
    assert_string_equal(answer.body, "{\"level\":\"none\"}");
}

static long press(const char *path, const char *body) {
    return ask_for((Ask){.method = "POST",
                         .path = path,
                         .cookie = session,
                         .body = body,
                         .headers = {"X-Trader: 1"}});
}

/* With real money selling everything and trading on want the word; pausing and stopping never do.
 */
static void real_money_wants_the_word(void **state) {
    (void)state;
    World world = {.kind = "live-binance"};
    char path[700];
    snprintf(path, sizeof path, "%s/world.json", directory);
    assert_true(world_write(directory, &world, NULL));
    assert_int_equal(press("/api/v1/kill", "{\"level\":\"flatten\",\"reason\":\"\"}"), 400);
    assert_int_equal(press("/api/v1/kill", "{\"level\":\"flatten\",\"word\":\"live\"}"), 400);
    assert_int_equal(press("/api/v1/kill", "{\"level\":\"flatten\",\"word\":\"LIVE\"}"), 202);
    assert_int_equal(press("/api/v1/resume", "{}"), 400);
    assert_int_equal(press("/api/v1/resume", "{\"word\":\"LIVE\"}"), 202);
    assert_int_equal(press("/api/v1/kill", "{\"level\":\"pause\"}"), 202);
    assert_int_equal(press("/api/v1/kill", "{\"level\":\"stop\"}"), 202);
    FILE *file = fopen(path, "w"); /* what cannot be read may be real */
    assert_non_null(file);
    fclose(file);
    assert_int_equal(press("/api/v1/resume", "{}"), 400);
    strcpy(world.kind, "test-binance");
    assert_true(world_write(directory, &world, NULL));
    assert_int_equal(press("/api/v1/resume", "{}"), 202);
    unlink(path);
}

/* The engine is gone, the server is not. */
static void a_halt_is_told(void **state) {
    (void)state;
    assert_int_equal(ask_for((Ask){.path = "/api/v1/state", .cookie = session}), 200);
    assert_non_null(strstr(answer.body, "\"halted\":null"));
    assert_non_null(strstr(answer.body, "\"venue_state\":null"));
    web_halted(web, "the disk is \"full\"");
    assert_int_equal(ask_for((Ask){.path = "/api/v1/state", .cookie = session}), 200);
    assert_non_null(strstr(answer.body, "\"halted\":\"the disk is \\\"full\\\"\""));
    web_halted(web, "");
}

/* ---- what the answers hold ----------------------------------------------------------------- */

static void the_state_is_told(void **state) {
    (void)state;
    const char *body = get("/api/v1/state");
    assert_true(json_valid(slice_of(body)));
    contains(body, "\"mode\":\"DEMO\",\"world\":null");
    contains(body, "\"symbols\":[\"BTCUSDC\"]");
    contains(body, "\"speed\":60");
    contains(body, "\"intervals\":[\"1m\",\"3m\"");
    contains(body, "\"equity\":10124,\"day_change_pct\":1.24");
    contains(body, "\"kill\":{\"level\":\"pause\",\"since\":\"2024-11-24T21:34:00.000Z\",\"by\":"
                   "\"cli\",\"reason\":\"test\"}");
    contains(body, "\"feed_state\":{\"state\":\"live\",\"text\":\"all "
                   "well\",\"time\":\"2024-11-24T21:34:08.000Z\"}");
    contains(body, "\"refresh_interval_ms\":50");
    contains(body, "not financial advice");
}

static void lists_are_told(void **state) {
    (void)state;
    contains(get("/api/v1/signals?symbol=BTCUSDC"), "[{\"id\":\"s-1\",\"decision\":\"BUY\"");
    assert_string_equal(get("/api/v1/signals?symbol=ETHUSDC"), "[]");
    contains(get("/api/v1/logs"), "[{\"time\":\"2024-11-24T21:34:06.000Z\",\"service\":\"trade_"
                                  "executor\",\"level\":\"INFO\"");
    assert_string_equal(get("/api/v1/logs?service=other"), "[]");
    contains(get("/api/v1/equity"), "\"equity\":10124,");
    contains(get("/api/v1/portfolio"),
             "{\"time\":\"2024-11-24T21:34:00.000Z\",\"total_value\":10124");
    contains(get("/api/v1/services"), "\"service\":\"market_monitor\"");
    contains(get("/api/v1/topics"), "\"name\":\"trading_signals\"");
    assert_string_equal(get("/api/v1/trades"), "[]");
    contains(get("/api/v1/social?symbol=BTCUSDC"),
             "[{\"symbol\":\"BTCUSDC\",\"data\":{\"metrics\":{\"social_volume\":null,");
    assert_string_equal(get("/api/v1/social?symbol=ETHUSDC"), "[]");
    contains(get("/api/v1/news"), "\"title\":\"A \\\"quoted\\\" story\"");
    assert_string_equal(get("/api/v1/social-points?symbol=BTCUSDC"), "[]");
}

static unsigned elements_of(const char *body, const char *key) {
    const char *at = strstr(body, key);
    assert_non_null(at);
    unsigned count = 1;
    for (at += strlen(key); *at != ']'; at++)
        count += *at == ',';
    return count;
}

static void candles_are_told(void **state) {
    (void)state;
    const char *body = get("/api/v1/candles?symbol=BTCUSDC&interval=1m&limit=100");
    assert_true(json_valid(slice_of(body)));
    contains(body, "{\"symbol\":\"BTCUSDC\",\"interval\":\"1m\",\"time\":[1732478040,");
    static const char *const keys[] = {"\"time\":[",          "\"open\":[",     "\"close\":[",
                                       "\"volume\":[",        "\"bb_upper\":[", "\"rsi\":[",
                                       "\"macd_histogram\":["};
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(elements_of(body, keys[i]), 100);
    assert_null(
        strstr(body, "null,")); /* 200 bars before the first that is shown warm everything up */
    contains(body, "\"open_bar\":{\"time\":1732484040,\"open\":42150.75,\"high\":42160,\"low\":"
                   "42140,\"close\":42150.75,\"volume\":null}");
    contains(body, "\"price_decimals\":2");
    body = get("/api/v1/candles?symbol=BTCUSDC&interval=5m");
    assert_int_equal(elements_of(body, "\"rsi\":["), 60);
    contains(body, "\"rsi\":[null,null");
    body = get("/api/v1/candles?symbol=NONE&interval=1h");
    contains(body, "\"time\":[],\"open\":[]");
    contains(body, "\"open_bar\":null");
}

static void machines_are_told(void **state) {
    (void)state;
    assert_int_equal(ask_for((Ask){.path = "/ready"}), 503);
    web_ready(web, true);
    assert_int_equal(ask_for((Ask){.path = "/ready"}), 200);
    assert_string_equal(answer.body, "{\"ready\":true}");
    contains(get("/health"), "\"status\":\"ok\"");
    const char *body = get("/metrics");
    contains(body, "\ncrypto_trader_social_sentiment{symbol=\"BTCUSDC\"} 0.6\n");
    contains(body, "\ncrypto_trader_social_sentiment_accuracy 0.75\n");
    assert_null(strstr(body, "crypto_trader_social_volume{")); /* nobody told */
    assert_true(has_header("content-type: text/plain; version=0.0.4"));
    contains(body, "\ncrypto_trader_portfolio_value_usd 10124\n");
    contains(body, "\ncrypto_trader_trading_signals_total 1\n");
    contains(body, "\ncrypto_trader_trades_executed_total 0\n");
    contains(body, "\ncrypto_trader_market_data_updates_total 0\n");
    contains(body, "\ncrypto_trader_errors_total{service=\"market_monitor\"} 2\n");
    contains(body, "\ncrypto_trader_service_health{service=\"market_monitor\"} 1\n");
    contains(body, "\nprocess_resident_memory_bytes ");
    contains(body, "\nprocess_cpu_seconds_total ");
}

/* ---- the page ------------------------------------------------------------------------------ */

static const WebAsset *asset_named(const char *name) {
    const WebAsset *asset = web_assets;
    while (asset->name && strcmp(asset->name, name) != 0)
        asset++;
    if (!asset->name) skip(); /* a build without the page */
    return asset;
}

static void the_page_is_packed_and_checked_anew(void **state) {
    (void)state;
    const WebAsset *plain = asset_named("index.html"), *packed = asset_named("index.html.br");
    char wanted[64];
    assert_int_equal(ask_for((Ask){.path = "/"}), 200);
    assert_true(has_header("\r\ncontent-type: text/html; charset=utf-8\r\n"));
    assert_true(has_header("\r\ncache-control: no-cache\r\n"));
    assert_int_equal(answer.body_length, plain->size);
    assert_memory_equal(answer.body, plain->bytes, plain->size);
    assert_int_equal(
        ask_for((Ask){.path = "/index.html", .headers = {"Accept-Encoding: gzip, br"}}), 200);
    assert_true(has_header("\r\ncontent-encoding: br\r\n"));
    assert_true(has_header("\r\nvary: accept-encoding\r\n"));
    assert_int_equal(answer.body_length, packed->size);
    snprintf(wanted, sizeof wanted, "\r\netag: \"%s\"\r\n", packed->hash);
    assert_true(has_header(wanted));
    snprintf(wanted, sizeof wanted, "If-None-Match: \"%s\"", packed->hash);
    assert_int_equal(ask_for((Ask){.path = "/", .headers = {"Accept-Encoding: br", wanted}}), 304);
    assert_int_equal(answer.body_length, 0);
    check_headers();
    assert_int_equal(ask_for((Ask){.path = "/", .headers = {wanted}}), 200); /* another form */
}

static void a_websocket_is_not_opened(void **state) {
    (void)state;
    Ask ask = {.path = "/api/v1/stream",
               .cookie = session,
               .headers = {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}};
    assert_int_not_equal(ask_for(ask), 101);
    assert_int_equal(ask_for((Ask){.path = "/health"}), 200);
}

/* ---- login --------------------------------------------------------------------------------- */

static void a_code_is_good_once(void **state) {
    (void)state;
    char code[33];
    Error error = {0};
    assert_true(
        login_code_create(directory, code, &error)); /* as `trader token` does, beside the server */
    assert_int_equal(strlen(code), 32);
    assert_int_equal(log_in(code), 204);
    assert_true(has_header("set-cookie: trader_session="));
    assert_true(has_header("; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000\r\n"));
    check_headers();
    assert_int_equal(log_in(code), 401);
    static const char *const names[] = {"login", "sessions"};
    for (int i = 0; i < 2; i++) {
        char path[160], text[8192] = "";
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        FILE *file = fopen(path, "r");
        text[fread(text, 1, sizeof text - 1, file)] = 0;
        fclose(file);
        assert_null(strstr(text, strchr(session, '=') + 1)); /* hashes only */
    }
}

static void a_login_outlives_a_restart(void **state) {
    (void)state;
    web_stop(web);
    start(0);
    assert_int_equal(ask_for((Ask){.path = "/api/v1/state", .cookie = session}), 200);
}

static void sessions_are_at_most_32(void **state) {
    (void)state;
    char code[33], first[160];
    strcpy(first, session);
    for (int i = 0; i < 32; i++) {
        web_login_code(web, code);
        assert_int_equal(log_in(code), 204);
    }
    keep_cookie();
    assert_int_equal(ask_for((Ask){.path = "/api/v1/state", .cookie = session}), 200);
    assert_int_equal(ask_for((Ask){.path = "/api/v1/state", .cookie = first}), 401);
}

static void guessing_is_stopped(void **state) {
    (void)state;
    char code[33];
    web_login_code(web, code);
    for (int i = 0; i < 10; i++)
        assert_int_equal(log_in("00000000000000000000000000000000"), 401);
    assert_int_equal(log_in("00000000000000000000000000000000"), 429);
    assert_true(has_header("retry-after: 60"));
    assert_int_equal(log_in(code), 429); /* even a good one */
    check_headers();
}

static void a_port_in_use_is_said(void **state) {
    (void)state;
    WebPlan plan = {.host = "127.0.0.1", .port = web_port(web)};
    Error error = {0};
    assert_null(web_start(&plan, &error));
    assert_int_equal(error.code, ERROR_STATE);
    assert_non_null(strstr(error.message, "in use"));
    assert_non_null(strstr(error.hint, "--port"));
}

static void without_a_state_it_is_empty(void **state) {
    (void)state;
    web_stop(web);
    WebPlan plan = {.host = "127.0.0.1"};
    char code[33];
    web = web_start(&plan, NULL);
    web_login_code(web, code);
    assert_int_equal(log_in(code), 204);
    keep_cookie();
    assert_int_equal(log_in(code), 401);
    assert_string_equal(get("/api/v1/signals"), "[]");
    assert_string_equal(get("/api/v1/portfolio"), "null");
    contains(get("/api/v1/state"), "\"mode\":null");
    contains(get("/api/v1/candles?symbol=BTCUSDC"), "\"time\":[]");
    Ask resume = {.method = "POST",
                  .path = "/api/v1/resume",
                  .cookie = session,
                  .body = "{}",
                  .headers = {"X-Trader: 1"}};
    assert_int_equal(ask_for(resume), 503);
}

int main(void) {
#define WEB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WEB_TEST(every_route_answers_as_it_should),
        WEB_TEST(sizes_have_limits),
        WEB_TEST(actions_need_our_header_and_json),
        WEB_TEST(real_money_wants_the_word),
        WEB_TEST(a_halt_is_told),
        WEB_TEST(the_state_is_told),
        WEB_TEST(lists_are_told),
        WEB_TEST(candles_are_told),
        WEB_TEST(machines_are_told),
        WEB_TEST(the_page_is_packed_and_checked_anew),
        WEB_TEST(a_websocket_is_not_opened),
        WEB_TEST(a_code_is_good_once),
        WEB_TEST(a_login_outlives_a_restart),
        WEB_TEST(sessions_are_at_most_32),
        WEB_TEST(guessing_is_stopped),
        WEB_TEST(a_port_in_use_is_said),
        WEB_TEST(without_a_state_it_is_empty),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
