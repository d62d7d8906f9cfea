/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dashboard's server, spoken to by an independent client (libcurl): who may see what, the
 * headers of every answer, the login, streams, and what a million messages cost. The state is
 * filled through the store like the engine does.
 */
#include "unit.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/check.h"
#include "core/base/json.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"
#include "shell/web/web.h"
#include "shell/web/web_query.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

#define START_US 1732484040000000LL /* 2024-11-24 21:34:00 */

static char directory[64];
static Web *web;
static Store *store;
static char session[160]; /* "trader_session=..." */

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- a state
 * ----------------------------------------------------------------------------------------------------
 */

static Message message_of(Topic topic, uint64_t sequence, const void *payload) {
    return (Message){.sequence = sequence,
                     .time_us = START_US + (int64_t)sequence * 1000000,
                     .size = topic_message(topic)->size,
                     .topic = (uint8_t)topic,
                     .payload = payload};
}

static void put(Topic topic, uint64_t sequence, const void *payload) {
    Message message = message_of(topic, sequence, payload);
    Error error = {0};
    if (!store_put(store, &message, &error)) fail_msg("%s", error.message);
}

static Signal signal_of(const char *id) {
    Signal signal = {.decision = DECISION_BUY,
                     .confidence = 0.5,
                     .reasoning = "RSI low, trend up",
                     .symbol = "BTCUSDC",
                     .score = 0.5,
                     .contributions_count = 1,
                     .horizon_minutes = 240,
                     .price = {4215075000000},
                     .timestamp = START_US,
                     .market_timestamp = START_US,
                     .atr_fraction = 0.01,
                     .unproven = true};
    snprintf(signal.id, sizeof signal.id, "%s", id);
    signal.contributions[0] = (Contribution){.factor = "rsi", .group = "technical", .value = 0.5};
    return signal;
}

static void put_bars(void) {
    for (int i = 0; i < 300; i++) {
        int64_t price = 4200000000000 + (i % 17) * 1000000000LL;
        Bar bar = {.time_us = START_US - (300 - i) * INSTANT_MINUTE_US,
                   .open = {price},
                   .high = {price + 2000000000},
                   .low = {price - 2000000000},
                   .close = {price + 1000000000},
                   .volume = 1.5,
                   .bars = 1};
        assert_true(store_put_bar(store, "BTCUSDC", INTERVAL_1M, &bar, NULL));
        if (i % 5 == 4) {
            bar.time_us -= 4 * INSTANT_MINUTE_US;
            assert_true(store_put_bar(store, "BTCUSDC", INTERVAL_5M, &bar, NULL));
        }
    }
}

static void put_all(void) {
    Signal signal = signal_of("s-1");
    PriceMove move = {.symbol = "BTCUSDC",
                      .price = {4215075000000},
                      .high = {4216000000000},
                      .low = {4214000000000}};
    EquityPoint before = {.time = START_US - INSTANT_DAY_US, .equity = {1000000000000}};
    EquityPoint now = {
        .time = START_US, .equity = {1012400000000}, .cash = {2100000000}, .exposure = 0.5};
    Holdings holdings = {.time = START_US, .total_value = {1012400000000}, .quote_asset = "USDC"};
    LogLine line = {
        .service = "trade_executor", .level = LOG_INFO, .text = "<script>alert(1)</script>\n"};
    KillState kill = {.level = KILL_PAUSE, .since = START_US, .by = "cli", .reason = "test"};
    FeedStatus feed = {.condition = CONDITION_LIVE, .text = "all well"};
    SymbolFilters filters = {
        .symbol = "BTCUSDC", .base_asset = "BTC", .quote_asset = "USDC", .tick_size = {1000000}};
    Message old = message_of(TOPIC_EQUITY, 1, &before);
    old.time_us -= INSTANT_DAY_US;
    assert_true(store_put(store, &old, NULL));
    put(TOPIC_EQUITY, 2, &now);
    put(TOPIC_TRADING_SIGNALS, 3, &signal);
    put(TOPIC_PRICES, 4, &move);
    put(TOPIC_HOLDINGS, 5, &holdings);
    put(TOPIC_LOG_LINES, 6, &line);
    put(TOPIC_KILL_STATE, 7, &kill);
    put(TOPIC_FEED_STATUS, 8, &feed);
    put(TOPIC_SYMBOL_FILTERS, 9, &filters);
    put_bars();
    assert_true(store_put_meta(
        store, "runtime",
        "{\"mode\": \"DEMO\", \"symbols\":[\"BTCUSDC\"] ,\"speed\":60,\"venue\":\"paper\"}", NULL));
    assert_true(store_put_meta(
        store, "health",
        "[{\"service\":\"market_monitor\",\"state\":\"ok\",\"errors\":2,\"out\":7}]", NULL));
    assert_true(store_flush(store, NULL));
}

/* ---- a client
 * ---------------------------------------------------------------------------------------------------
 */

typedef struct Answer {
    long status;
    char headers[4096], body[1 << 20];
    size_t headers_length, body_length;
} Answer;

static Answer answer;

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    Answer *to = context;
    size_t length = size * count;
    if (to->body_length + length >= sizeof to->body) return 0;
    memcpy(to->body + to->body_length, bytes, length);
    to->body_length += length;
    to->body[to->body_length] = 0;
    return length;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    Answer *to = context;
    size_t length = size * count;
    if (to->headers_length + length < sizeof to->headers) {
        memcpy(to->headers + to->headers_length, bytes, length);
        to->headers_length += length;
        to->headers[to->headers_length] = 0;
    }
    return length;
}

typedef struct Ask {
    const char *method, *path, *cookie, *host, *body, *headers[4];
    bool no_type;
} Ask;

static struct curl_slist *headers_of(const Ask *ask) {
    struct curl_slist *list = NULL;
    char host[80];
    snprintf(host, sizeof host, "Host: %s", ask->host ? ask->host : "");
    if (ask->host) list = curl_slist_append(list, host);
    if (ask->body)
        list = curl_slist_append(list, ask->no_type ? "Content-Type: text/plain"
                                                    : "Content-Type: application/json");
    for (int i = 0; i < 4 && ask->headers[i]; i++)
        list = curl_slist_append(list, ask->headers[i]);
    return list;
}

static CURL *request_of(const Ask *ask, struct curl_slist *headers, char *url, size_t capacity) {
    CURL *curl = curl_easy_init();
    snprintf(url, capacity, "http://127.0.0.1:%u%s", web_port(web), ask->path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask->method ? ask->method : "GET");
    if (ask->method && strcmp(ask->method, "HEAD") == 0) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (ask->body) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body);
    if (ask->cookie) curl_easy_setopt(curl, CURLOPT_COOKIE, ask->cookie);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    return curl;
}

static long ask_for(Ask ask) {
    char url[4096];
    answer.status = 0;
    answer.headers_length = answer.body_length = 0;
    answer.headers[0] = answer.body[0] = 0;
    struct curl_slist *headers = headers_of(&ask);
    CURL *curl = request_of(&ask, headers, url, sizeof url);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        print_message("%s %s: %s\n", ask.method ? ask.method : "GET", ask.path,
                      curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    return answer.status;
}

static const char *get(const char *path) {
    assert_int_equal(ask_for((Ask){.path = path, .cookie = session}), 200);
    return answer.body;
}

static bool has_header(const char *line) {
    return strcasestr(answer.headers, line) != NULL;
}

static void check_headers(void) {
    assert_true(has_header(
        "\r\ncontent-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data: blob:; connect-src 'self'; require-trusted-types-for 'script'; "
        "trusted-types 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"));
    assert_true(has_header("\r\nx-content-type-options: nosniff\r\n"));
    assert_true(has_header("\r\nreferrer-policy: no-referrer\r\n"));
    assert_true(has_header("\r\ncross-origin-opener-policy: same-origin\r\n"));
    assert_false(has_header("libwebsockets"));
}

static long log_in(const char *code) {
    char body[128];
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    return ask_for((Ask){.method = "POST", .path = "/api/v1/login", .body = body});
}

static void keep_cookie(void) {
    const char *from = strcasestr(answer.headers, "trader_session=");
    assert_non_null(from);
    snprintf(session, sizeof session, "%.*s", (int)strcspn(from, ";"), from);
}

static void start(unsigned port) {
    WebPlan plan = {
        .state_directory = directory, .host = "127.0.0.1", .port = port, .refresh_ms = 50};
    Error error = {0};
    web = web_start(&plan, &error);
    if (!web) fail_msg("%s: %s", error.message, error.where);
}

static int set_up(void **state) {
    (void)state;
    char code[33];
    strcpy(directory, "/tmp/trader-web-XXXXXX");
    if (!mkdtemp(directory)) return -1;
    store = store_open(directory, false, NULL);
    put_all();
    start(0);
    web_login_code(web, code);
    assert_int_equal(log_in(code), 204);
    keep_cookie();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    char command[160];
    web_stop(web);
    store_close(store);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

/* ---- routes
 * -----------------------------------------------------------------------------------------------------
 */

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
    {"GET", "/api/v1/portfolio", NULL, 401, 200},
    {"GET", "/api/v1/services", NULL, 401, 200},
    {"GET", "/api/v1/orders", NULL, 401, 200},
    {"GET", "/api/v1/outcomes", NULL, 401, 200},
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

/* ---- what the answers hold
 * --------------------------------------------------------------------------------------- */

static void contains(const char *body, const char *part) {
    if (!strstr(body, part)) fail_msg("%s is not in %.2000s", part, body);
}

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

/* ---- login
 * ------------------------------------------------------------------------------------------------------
 */

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

/* ---- streams
 * ----------------------------------------------------------------------------------------------------
 */

typedef struct Listener {
    pthread_t thread;
    CURL *curl;
    struct curl_slist *headers;
    pthread_mutex_t lock;
    char text[1 << 20];
    size_t length;
    atomic_bool stop;
    char url[200];
} Listener;

static Listener listeners[20];

static size_t take_event(char *bytes, size_t size, size_t count, void *context) {
    Listener *listener = context;
    size_t length = size * count;
    if (atomic_load(&listener->stop)) return 0; /* ends the transfer */
    pthread_mutex_lock(&listener->lock);
    if (listener->length + length < sizeof listener->text) {
        memcpy(listener->text + listener->length, bytes, length);
        listener->length += length;
        listener->text[listener->length] = 0;
    }
    pthread_mutex_unlock(&listener->lock);
    return length;
}

static void *listen_to(void *context) {
    Listener *listener = context;
    curl_easy_perform(listener->curl);
    return NULL;
}

static void begin_listening(Listener *listener) {
    Ask ask = {.path = "/api/v1/stream", .cookie = session};
    listener->length = 0;
    listener->text[0] = 0;
    pthread_mutex_init(&listener->lock, NULL);
    atomic_store(&listener->stop, false);
    listener->curl = request_of(&ask, NULL, listener->url, sizeof listener->url);
    curl_easy_setopt(listener->curl, CURLOPT_WRITEFUNCTION, take_event);
    curl_easy_setopt(listener->curl, CURLOPT_WRITEDATA, listener);
    curl_easy_setopt(listener->curl, CURLOPT_HEADERFUNCTION, NULL);
    curl_easy_setopt(listener->curl, CURLOPT_HEADERDATA, NULL);
    assert_int_equal(pthread_create(&listener->thread, NULL, listen_to, listener), 0);
}

static void say(Topic topic, uint64_t sequence, const void *payload) {
    Message message = message_of(topic, sequence, payload);
    web_message(web, &message);
}

/* A stream ends at the next event that comes: one is said, or, beside the state, written. */
static void end_listening(unsigned count) {
    LogLine line = {.service = "x", .level = LOG_INFO, .text = "bye"};
    for (unsigned i = 0; i < count; i++)
        atomic_store(&listeners[i].stop, true);
    say(TOPIC_LOG_LINES, 900000, &line);
    put(TOPIC_LOG_LINES, 900000, &line);
    assert_true(store_flush(store, NULL));
    for (unsigned i = 0; i < count; i++) {
        pthread_join(listeners[i].thread, NULL);
        curl_easy_cleanup(listeners[i].curl);
        pthread_mutex_destroy(&listeners[i].lock);
    }
}

static bool hears(Listener *listener, const char *part) {
    for (int i = 0; i < 300; i++) {
        pthread_mutex_lock(&listener->lock);
        bool found = strstr(listener->text, part) != NULL;
        pthread_mutex_unlock(&listener->lock);
        if (found) return true;
        usleep(10000);
    }
    print_message("heard: %.3000s\n", listener->text);
    return false;
}

static void a_signal_reaches_the_stream(void **state) {
    (void)state;
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "retry: 1000\n\n"));
    assert_true(hears(listener, "event: state\ndata: {\"mode\":\"DEMO\""));
    assert_true(hears(listener, "event: health\ndata: [{\"service\""));
    Signal signal = signal_of("s-77");
    MarketBar bar = {.symbol = "BTCUSDC",
                     .open_time = START_US,
                     .open = {100000000},
                     .high = {300000000},
                     .low = {50000000},
                     .close = {200000000},
                     .volume = 2.5};
    PriceMove move = {.symbol = "ETHUSDC", .price = {12345678}};
    LogLine line = {.service = "x", .level = LOG_WARNING, .text = "two\nlines"};
    KillState kill = {.level = KILL_STOP};
    say(TOPIC_TRADING_SIGNALS, 50, &signal);
    say(TOPIC_BARS, 51, &bar);
    say(TOPIC_PRICES, 52, &move);
    say(TOPIC_LOG_LINES, 53, &line);
    say(TOPIC_KILL_STATE, 54, &kill);
    assert_true(hears(listener, "event: signal\ndata: {\"id\":\"s-77\""));
    assert_true(hears(
        listener,
        "event: candle\ndata: {\"symbol\":\"BTCUSDC\",\"time\":1732484040,\"open\":1,\"high\":3,"
        "\"low\":0.5,\"close\":2,\"volume\":2.5}\n\n"));
    assert_true(hears(listener,
                      "event: price\ndata: {\"symbol\":\"ETHUSDC\",\"price\":0.12345678,\"time\":"
                      "\"2024-11-24T21:34:52.000Z\"}\n\n"));
    assert_true(hears(listener, "\"level\":\"WARNING\",\"text\":\"two\\nlines\"}\n\n"));
    assert_true(hears(listener, "event: kill\ndata: {\"level\":\"stop\",\"since\":null"));
    end_listening(1);
}

static void prices_are_folded(void **state) {
    (void)state;
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "event: health"));
    for (uint64_t i = 1; i <= 5000; i++) {
        PriceMove move = {.symbol = "BTCUSDC", .price = {(int64_t)i * 100000000}};
        say(TOPIC_PRICES, 100 + i, &move);
        if (i % 100 == 0) usleep(2000);
    }
    assert_true(hears(listener, "\"price\":5000,"));
    unsigned count = 0;
    for (const char *at = listener->text; (at = strstr(at, "event: price")); at++)
        count++;
    assert_in_range(count, 1, 20); /* 100 ms and more at one a 50 ms, not 5,000 */
    end_listening(1);
}

static void streams_are_at_most_16(void **state) {
    (void)state;
    for (int i = 0; i < 16; i++)
        begin_listening(&listeners[i]);
    for (int i = 0; i < 16; i++)
        assert_true(hears(&listeners[i], "event: state"));
    assert_int_equal(ask_for((Ask){.path = "/api/v1/stream", .cookie = session}), 503);
    check_headers();
    Signal signal = signal_of("s-16");
    say(TOPIC_TRADING_SIGNALS, 60, &signal);
    for (int i = 0; i < 16; i++)
        assert_true(hears(&listeners[i], "s-16"));
    end_listening(16);
    assert_int_equal(ask_for((Ask){.path = "/api/v1/stream"}), 401);
    usleep(100000);
    begin_listening(&listeners[0]); /* the places are free again */
    assert_true(hears(&listeners[0], "event: state"));
    end_listening(1);
}

static void a_process_beside_follows_the_state(void **state) {
    (void)state;
    web_stop(web);
    WebPlan plan = {
        .state_directory = directory, .host = "localhost", .refresh_ms = 50, .follow_store = true};
    web = web_start(&plan, NULL);
    assert_non_null(web);
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "event: price\ndata: {\"symbol\":\"BTCUSDC\",\"price\":42150.75"));
    assert_null(strstr(listener->text, "s-1\"")); /* what was there before is read by the page */
    Signal signal = signal_of("s-88");
    put(TOPIC_TRADING_SIGNALS, 70, &signal);
    Bar bar = {.time_us = START_US,
               .open = {100000000},
               .high = {300000000},
               .low = {50000000},
               .close = {200000000}};
    assert_true(store_put_bar(store, "BTCUSDC", INTERVAL_1M, &bar, NULL));
    assert_true(store_flush(store, NULL));
    assert_true(hears(listener, "event: signal\ndata: {\"id\":\"s-88\""));
    assert_true(
        hears(listener, "event: candle\ndata: {\"symbol\":\"BTCUSDC\",\"time\":1732484040,"));
    end_listening(1);
}

/* ---- what it costs
 * ---------------------------------------------------------------------------------------------- */

static long resident_kb(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    long all = 0, resident = 0;
    assert_int_equal(fscanf(file, "%ld %ld", &all, &resident), 2);
    fclose(file);
    return resident * 4;
}

static double say_many(unsigned count) {
    PriceMove move = {.symbol = "BTCUSDC", .price = {1}};
    MarketBar bar = {.symbol = "BTCUSDC", .open = {1}, .high = {1}, .low = {1}, .close = {1}};
    Signal signal = signal_of("s-9");
    double begun = seconds();
    for (unsigned i = 0; i < count; i++) {
        if (i % 3 == 0) say(TOPIC_BARS, i, &bar);
        if (i % 3 == 1) say(TOPIC_PRICES, i, &move);
        if (i % 3 == 2) say(i % 30 ? TOPIC_MARKET_UPDATES : TOPIC_TRADING_SIGNALS, i, &signal);
    }
    return (seconds() - begun) * 1e9 / count;
}

static void a_million_messages_cost_nothing(void **state) {
    (void)state;
    say_many(1000);
    long before = resident_kb();
    double alone = say_many(1000000);
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "event: state"));
    double heard = say_many(1000000);
    end_listening(1);
    long growth = resident_kb() - before;
    print_message("web_message: %.1f ns unheard, %.1f ns heard; memory +%ld KB\n", alone, heard,
                  growth);
    assert_true(alone < 100);
    assert_true(growth < 8192); /* ring, backlog, the listener's own megabyte */
    assert_int_equal(ask_for((Ask){.path = "/api/v1/state", .cookie = session}), 200);
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

/* ---- parsing
 * ----------------------------------------------------------------------------------------------------
 */

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
#define WEB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WEB_TEST(every_route_answers_as_it_should),
        WEB_TEST(sizes_have_limits),
        WEB_TEST(actions_need_our_header_and_json),
        WEB_TEST(the_state_is_told),
        WEB_TEST(lists_are_told),
        WEB_TEST(candles_are_told),
        WEB_TEST(machines_are_told),
        WEB_TEST(a_code_is_good_once),
        WEB_TEST(a_login_outlives_a_restart),
        WEB_TEST(sessions_are_at_most_32),
        WEB_TEST(guessing_is_stopped),
        WEB_TEST(a_signal_reaches_the_stream),
        WEB_TEST(prices_are_folded),
        WEB_TEST(streams_are_at_most_16),
        WEB_TEST(a_process_beside_follows_the_state),
        WEB_TEST(a_million_messages_cost_nothing),
        WEB_TEST(a_port_in_use_is_said),
        WEB_TEST(without_a_state_it_is_empty),
        cmocka_unit_test(hosts_are_ours_or_not),
        cmocka_unit_test(headers_are_read),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
