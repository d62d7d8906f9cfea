/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage for tests of the server: a state filled through the store like the engine does, a
 * server over it on a free port, and libcurl as an independent client that is logged in. set_up and
 * tear_down belong to each test; the last answer stands in `answer` until the next one.
 */
#ifndef TESTS_WEB_STAGE_H
#define TESTS_WEB_STAGE_H

#include "unit.h"

#include <curl/curl.h>

#include "core/base/json.h"
#include "shell/store/store.h"
#include "shell/web/web.h"

#define START_US 1732484040000000LL /* 2024-11-24 21:34:00 */

static char directory[64];
static Web *web;
static Store *store;
static char session[160]; /* "trader_session=..." */

/* ---- a state ------------------------------------------------------------------------------- */

static inline Message message_of(Topic topic, uint64_t sequence, const void *payload) {
    return (Message){.sequence = sequence,
                     .time_us = START_US + (int64_t)sequence * 1000000,
                     .size = topic_message(topic)->size,
                     .topic = (uint8_t)topic,
                     .payload = payload};
}

static inline void put(Topic topic, uint64_t sequence, const void *payload) {
    Message message = message_of(topic, sequence, payload);
    Error error = {0};
    if (!store_put(store, &message, &error)) fail_msg("%s", error.message);
}

static inline Signal signal_of(const char *id) {
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

static inline void put_bars(void) {
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

/* No key: a mood out of the news alone. */
static inline void put_social(void) {
    double none = (double)NAN;
    SocialUpdate update = {.symbol = "BTCUSDC"};
    SocialTrend flat = {none, none, none, none, none, none};
    Headline story = {.id = "1",
                      .title = "A \"quoted\" story",
                      .source = "test",
                      .sentiment = none,
                      .engagement = none};
    update.data = (SocialSample){.metrics = {none, none, none, 0.6, none, none, 3},
                                 .weighted_sentiment = 0.6,
                                 .news_impact = 0.1,
                                 .quality = 0.2,
                                 .volume_trend = flat,
                                 .engagement_trend = flat,
                                 .sentiment_trend = flat};
    put(TOPIC_SOCIAL_UPDATES, 10, &update);
    SocialAccuracy accuracy = {.symbol = "*", .hours = 40, .matched = 30};
    put(TOPIC_NEWS_UPDATES, 11, &story);
    put(TOPIC_SOCIAL_ACCURACY, 12, &accuracy);
}

static inline void put_all(void) {
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
    put_social();
    put_bars();
    assert_true(store_put_meta(
        store, "runtime",
        "{\"mode\": \"DEMO\", \"symbols\":[\"BTCUSDC\"] ,\"speed\":60,\"venue\":\"paper\"}", NULL));
    assert_true(store_put_meta(
        store, "health",
        "[{\"service\":\"market_monitor\",\"state\":\"ok\",\"errors\":2,\"out\":7}]", NULL));
    assert_true(store_flush(store, NULL));
}

/* ---- a client ------------------------------------------------------------------------------ */

typedef struct Answer {
    long status;
    char headers[4096], body[1 << 20];
    size_t headers_length, body_length;
} Answer;

static Answer answer;

static inline size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    Answer *to = context;
    size_t length = size * count;
    if (to->body_length + length >= sizeof to->body) return 0;
    memcpy(to->body + to->body_length, bytes, length);
    to->body_length += length;
    to->body[to->body_length] = 0;
    return length;
}

static inline size_t take_header(char *bytes, size_t size, size_t count, void *context) {
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

static inline struct curl_slist *headers_of(const Ask *ask) {
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

static inline CURL *request_of(const Ask *ask, struct curl_slist *headers, char *url,
                               size_t capacity) {
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

static inline long ask_for(Ask ask) {
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

static inline const char *get(const char *path) {
    assert_int_equal(ask_for((Ask){.path = path, .cookie = session}), 200);
    return answer.body;
}

static inline bool has_header(const char *line) {
    return strcasestr(answer.headers, line) != NULL;
}

static inline void check_headers(void) {
    assert_true(has_header(
        "\r\ncontent-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data: blob:; connect-src 'self'; require-trusted-types-for 'script'; "
        "trusted-types 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"));
    assert_true(has_header("\r\nx-content-type-options: nosniff\r\n"));
    assert_true(has_header("\r\nreferrer-policy: no-referrer\r\n"));
    assert_true(has_header("\r\ncross-origin-opener-policy: same-origin\r\n"));
    assert_false(has_header("libwebsockets"));
}

static inline long log_in(const char *code) {
    char body[128];
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    return ask_for((Ask){.method = "POST", .path = "/api/v1/login", .body = body});
}

static inline void keep_cookie(void) {
    const char *from = strcasestr(answer.headers, "trader_session=");
    assert_non_null(from);
    snprintf(session, sizeof session, "%.*s", (int)strcspn(from, ";"), from);
}

static inline void start(unsigned port) {
    WebPlan plan = {
        .state_directory = directory, .host = "127.0.0.1", .port = port, .refresh_ms = 50};
    Error error = {0};
    web = web_start(&plan, &error);
    if (!web) fail_msg("%s: %s", error.message, error.where);
}

static inline int set_up(void **state) {
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

static inline int tear_down(void **state) {
    (void)state;
    char command[160];
    web_stop(web);
    store_close(store);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static inline void contains(const char *body, const char *part) {
    if (!strstr(body, part)) fail_msg("%s is not in %.2000s", part, body);
}

#endif
