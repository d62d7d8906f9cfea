/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port to sources and models against a host that the test scripts: what is sent and with which
 * key, what comes back of every kind of answer, what is recorded, and where nothing is fetched
 * from.
 */
#include "unit.h"

#include "answer_server.h"
#include "check_aborts.h"
#include "shell/outside/outside_open.h"
#include "shell/outside/outside_target.h"
#include "temporary.h"

#define KEY  "sk-test-0123456789abcdef"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static AnswerServer server;
static OutsidePlan plan;
static OutsidePort *port;
static OutsideRequest request;
static OutsideReply reply;

static void set_place(OutsidePlace *place, const char *path, const char *key) {
    *place = (OutsidePlace){.is_own = true};
    snprintf(place->url, sizeof place->url, "%s%s", server.url, path);
    snprintf(place->key, sizeof place->key, "%s", key);
}

static int begin(void **state) {
    if (temporary_enter(state) != 0) return -1;
    answer_server_open(&server);
    plan = (OutsidePlan){.model_mode = OUTSIDE_LIVE, .social_mode = OUTSIDE_LIVE};
    strcpy(plan.directory, "answers");
    set_place(&plan.models[0], "/v1", KEY);
    plan.model_count = 1;
    set_place(&plan.lunarcrush, "/api4", "lunar-key-123");
    set_place(&plan.cryptopanic, "/panic", "panic/key+1");
    set_place(&plan.reddit, "/reddit", "reddit-id");
    strcpy(plan.reddit_secret, "reddit-secret");
    set_place(&plan.feeds[0], "/feed", "");
    plan.feed_count = 1;
    memset(&request, 0, sizeof request);
    strcpy(request.service, "ai_analyzer");
    request.id = 7;
    request.source = OUTSIDE_MODEL;
    strcpy(request.path, "/chat/completions");
    strcpy(request.body, "{\"model\":\"x\"}");
    request.timeout_ms = 3000;
    request.latency_us = 1000;
    return 0;
}

static int end(void **state) {
    if (port) port->close(port);
    port = NULL;
    answer_server_close(&server);
    return temporary_leave(state);
}

static ScriptedAnswer *script(const char *path, const char *bytes) {
    return answer_server_set(&server, path, bytes, strlen(bytes));
}

static const OutsideReply *ask(void) {
    Error error;
    if (!port) port = outside_open(&plan, &error);
    assert_non_null(port);
    memset(&reply, 0x55, sizeof reply);
    port->outside.ask(port->outside.context, &request, &reply);
    assert_int_equal(reply.id, request.id);
    assert_string_equal(reply.service, request.service);
    assert_int_equal(reply.source, request.source);
    return &reply;
}

static void expect(OutsideOutcome outcome, int status, const char *body) {
    ask();
    if (reply.outcome != outcome || strcmp(reply.body, body) != 0)
        print_error("got outcome %d, status %d: %.300s\n", (int)reply.outcome, (int)reply.status,
                    reply.body);
    assert_int_equal(reply.outcome, outcome);
    assert_int_equal(reply.status, status);
    assert_string_equal(reply.body, body);
}

/* ---- out and back -------------------------------------------------------------------------- */

static void test_a_question_goes_with_its_key_and_comes_back_without(void **state) {
    (void)state;
    ScriptedAnswer *answer =
        script("/v1/chat/completions", HEAD "x-request-id: req_1\r\nETag: \"abc\"\r\n\r\n"
                                            "{\"you sent\":\"" KEY "\"}");
    expect(OUTSIDE_ANSWERED, 200, "{\"you sent\":\"************************\"}");
    assert_string_equal(reply.request_id, "req_1");
    assert_string_equal(reply.etag, "\"abc\"");
    assert_int_equal(reply.retry_after_ms, -1);
    assert_int_equal(reply.should_retry, -1);
    assert_true(reply.latency_us > 0 && reply.latency_us < 3000000);
    assert_false(reply.recorded || reply.cut || reply.unchanged);
    assert_non_null(strstr(answer->request, "POST /v1/chat/completions HTTP/1.1"));
    assert_non_null(strstr(answer->request, "Authorization: Bearer " KEY "\r\n"));
    assert_non_null(strstr(answer->request, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(answer->request, "User-Agent: trader/"));
    assert_non_null(strstr(answer->request, "\r\n\r\n{\"model\":\"x\"}"));
    assert_null(strstr(answer->request, "Expect"));
}

static void test_each_source_proves_itself_in_its_own_way(void **state) {
    (void)state;
    request.body[0] = 0;
    ScriptedAnswer *lunar = script("/api4/public/coins/list/v2", HEAD "\r\n{}");
    request.source = OUTSIDE_LUNARCRUSH;
    strcpy(request.path, "/public/coins/list/v2");
    strcpy(request.parameters, "limit=5");
    expect(OUTSIDE_ANSWERED, 200, "{}");
    assert_non_null(strstr(lunar->request, "GET /api4/public/coins/list/v2?limit=5 HTTP"));
    assert_non_null(strstr(lunar->request, "Authorization: Bearer lunar-key-123\r\n"));
    ScriptedAnswer *panic =
        script("/panic/posts/", HEAD "\r\n{\"next\":\"?auth_token=panic%2Fkey%2B1&page=2\"}");
    request.source = OUTSIDE_CRYPTOPANIC;
    strcpy(request.path, "/posts/");
    expect(OUTSIDE_ANSWERED, 200, "{\"next\":\"?auth_token=***************&page=2\"}");
    assert_non_null(
        strstr(panic->request, "GET /panic/posts/?limit=5&auth_token=panic%2Fkey%2B1 "));
    assert_null(strstr(panic->request, "Authorization"));
}

static void test_reddit_gets_a_token_first_and_once(void **state) {
    (void)state;
    ScriptedAnswer *token = script("/reddit/api/v1/access_token",
                                   HEAD "\r\n{\"access_token\":\"tok-en-1\",\"expires_in\":3600}");
    ScriptedAnswer *hot =
        script("/reddit/r/CryptoCurrency/hot", HEAD "\r\n{\"echo\":\"tok-en-1\"}");
    request.source = OUTSIDE_REDDIT;
    request.body[0] = 0;
    strcpy(request.path, "/r/CryptoCurrency/hot");
    expect(OUTSIDE_ANSWERED, 200, "{\"echo\":\"********\"}");
    expect(OUTSIDE_ANSWERED, 200, "{\"echo\":\"********\"}");
    assert_int_equal(token->count, 1);
    assert_int_equal(hot->count, 2);
    /* printf 'reddit-id:reddit-secret' | base64 */
    assert_non_null(
        strstr(token->request, "Authorization: Basic cmVkZGl0LWlkOnJlZGRpdC1zZWNyZXQ=\r\n"));
    assert_non_null(strstr(token->request, "\r\n\r\ngrant_type=client_credentials"));
    assert_non_null(strstr(hot->request, "Authorization: Bearer tok-en-1\r\n"));
    assert_non_null(strstr(hot->request, "User-Agent: linux:trader:"));
}

/* ---- kinds of answers ---------------------------------------------------------------------- */

static void expect_wait(const char *bytes, int64_t at_least, int64_t at_most, int should_retry) {
    script("/v1/chat/completions", bytes);
    ask();
    assert_int_equal(reply.status, 429);
    assert_in_range(reply.retry_after_ms + 1, at_least + 1, at_most + 1);
    assert_int_equal(reply.should_retry, should_retry);
}

#define LIMITED "HTTP/1.1 429 Too Many Requests\r\n"
static void test_when_to_ask_again_in_all_its_forms(void **state) {
    (void)state;
    expect_wait(LIMITED "\r\n{}", -1, -1, -1);
    expect_wait(LIMITED "Retry-After: 20\r\n\r\n{}", 20000, 20000, -1);
    expect_wait(LIMITED "retry-after: 1.5\r\nX-Should-Retry: false\r\n\r\n{}", 1500, 1500, 0);
    expect_wait(LIMITED "Retry-After: 9\r\nretry-after-ms: 250\r\nx-should-retry: true\r\n\r\n{}",
                250, 250, 1);
    expect_wait(LIMITED "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n{}", 0, 0, -1);
    expect_wait(LIMITED "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n\r\n{}", 86400000,
                1000000000000, -1);
    expect_wait(LIMITED "Retry-After: soon\r\n\r\n{}", -1, -1, -1);
    expect_wait(LIMITED "Retry-After: -5\r\nretry-after-ms: nan\r\n\r\n{}", -1, -1, -1);
    expect_wait(LIMITED "Retry-After: 1e300\r\n\r\n{}", 1000000000000, 1000000000000, -1);
}

static void test_what_is_no_answer(void **state) {
    (void)state;
    script("/v1/chat/completions", HEAD "Content-Length: 100\r\n\r\n{\"half\":");
    expect(OUTSIDE_LOST, 0, "the answer was cut off");
    script("/v1/chat/completions", "");
    expect(OUTSIDE_LOST, 0, "the answer was cut off");
    script("/v1/chat/completions", HEAD "\r\n{}")->late_ms = 700;
    request.timeout_ms = 200;
    expect(OUTSIDE_LOST, 0, "no answer in time");
    assert_true(reply.latency_us < 650000);
    usleep(600000);
    request.timeout_ms = 3000;
    strcpy(plan.models[0].url, "http://127.0.0.1:1");
    port->close(port);
    port = NULL;
    ask();
    assert_int_equal(reply.outcome, OUTSIDE_NOT_SENT); /* nobody listens there */
    assert_null(strstr(reply.body, "127.0.0.1"));
}

static void test_bodies_are_bounded_and_whole(void **state) {
    (void)state;
    static char large[200000];
    int head = snprintf(large, sizeof large, HEAD "\r\n");
    memset(large + head, 'x', sizeof large - (size_t)head);
    answer_server_set(&server, "/v1/chat/completions", large, sizeof large);
    ask();
    assert_int_equal(reply.outcome, OUTSIDE_ANSWERED);
    assert_true(reply.cut);
    assert_int_equal(strlen(reply.body), sizeof reply.body - 1);
    script("/v1/chat/completions", HEAD "\r\n\n\n: keep-alive\n\n: keep-alive\n\n {\"a\":1}\n");
    expect(OUTSIDE_ANSWERED, 200, "{\"a\":1}");
    static const char zero[] = HEAD "\r\n{\"a\":\"\0\"}";
    answer_server_set(&server, "/v1/chat/completions", zero, sizeof zero - 1);
    expect(OUTSIDE_ANSWERED, 200, "{\"a\":\"\x1A\"}"); /* no JSON any more, and nothing is hidden */
    script("/v1/chat/completions", "HTTP/1.1 502 Bad\r\n\r\n<html>no</html>");
    expect(OUTSIDE_ANSWERED, 502, "<html>no</html>");
    script("/v1/chat/completions", "HTTP/1.1 302 Found\r\nLocation: /v1/other\r\n\r\n");
    expect(OUTSIDE_ANSWERED, 302, ""); /* a question with a key goes nowhere else */
}

/* ---- feeds --------------------------------------------------------------------------------- */

#define FEED_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
#define FEED_BODY                                                                                  \
    "<rss><channel><title>t</title><item><title>One</title><link>https://x.example/1</link>"       \
    "<guid>g1</guid><pubDate>Mon, 02 Jan 2023 10:00:00 GMT</pubDate></item></channel></rss>"
#define FEED_JSON                                                                                  \
    "[{\"title\":\"One\",\"link\":\"https://x.example/1\",\"guid\":\"g1\","                        \
    "\"published\":\"2023-01-02T10:00:00.000Z\",\"summary\":null}]"

static void a_feed(void) {
    request.source = OUTSIDE_RSS;
    request.path[0] = request.body[0] = 0;
}

static void test_a_feed_is_told_as_json_and_asked_politely(void **state) {
    (void)state;
    a_feed();
    ScriptedAnswer *feed = script("/feed", FEED_HEAD "Last-Modified: Mon, 02 Jan 2023 10:00:01 GMT"
                                                     "\r\n\r\n" FEED_BODY);
    expect(OUTSIDE_ANSWERED, 200, FEED_JSON);
    assert_string_equal(reply.etag, "Mon, 02 Jan 2023 10:00:01 GMT");
    strcpy(request.etag, reply.etag);
    script("/feed", "HTTP/1.1 304 Not Modified\r\n\r\n");
    expect(OUTSIDE_ANSWERED, 304, "");
    assert_true(reply.unchanged);
    assert_string_equal(reply.etag, request.etag);
    assert_non_null(strstr(feed->request, "If-Modified-Since: Mon, 02 Jan 2023 10:00:01 GMT\r\n"));
    strcpy(request.etag, "W/\"x1\"");
    ask();
    assert_non_null(strstr(feed->request, "If-None-Match: W/\"x1\"\r\n"));
    script("/feed", FEED_HEAD "\r\n<html><body>Sign in</body></html>");
    ask();
    assert_int_equal(reply.outcome, OUTSIDE_LOST);
    assert_string_equal(reply.body, "the feed holds no item");
}

static void expect_redirect(const char *place, bool followed) {
    char bytes[300];
    snprintf(bytes, sizeof bytes, "HTTP/1.1 301 Moved\r\nLocation: %s\r\n\r\n", place);
    answer_server_set(&server, "/feed", bytes, strlen(bytes));
    ask();
    assert_int_equal(reply.outcome, followed ? OUTSIDE_ANSWERED : OUTSIDE_NOT_SENT);
    if (!followed) assert_string_equal(reply.body, "redirected to where nothing is fetched from");
}

static void test_feeds_may_move_but_not_inwards(void **state) {
    (void)state;
    a_feed();
    script("/moved", FEED_HEAD "\r\n" FEED_BODY);
    expect_redirect("/moved", true);
    expect_redirect("https://10.1.2.3/feed", false);
    expect_redirect("https://169.254.169.254/latest/meta-data", false);
    expect_redirect("https://[::ffff:10.0.0.1]/", false);
    expect_redirect("https://[fd00::1]/", false);
    expect_redirect("https://[2002:a01:203::1]/", false); /* 10.1.2.3 */
    expect_redirect("https://intranet/", false);
    expect_redirect("https://db.internal/", false);
    expect_redirect("https://2130706433x.local/", false);
    expect_redirect("http://news.example/feed", false); /* not encrypted */
    expect_redirect("https://user@news.example/feed", false);
    expect_redirect("file:///etc/passwd", false);
    expect_redirect("gopher://x.example/", false);
    plan.feeds[0].is_own = false; /* as if the feed stood elsewhere */
    plan.allow_plain = true;
    port->close(port);
    port = NULL;
    expect_redirect("/moved", false); /* this machine */
    script("/feed", "HTTP/1.1 302 Found\r\nLocation: https://127.1/\r\n\r\n");
    ask();
    assert_int_equal(reply.outcome, OUTSIDE_NOT_SENT);
    script("/feed", "HTTP/1.1 302 Found\r\nLocation: https://0x7f000001/\r\n\r\n");
    ask();
    assert_int_equal(reply.outcome, OUTSIDE_NOT_SENT);
}

static void test_a_circle_of_redirects_ends(void **state) {
    (void)state;
    a_feed();
    ScriptedAnswer *feed = script("/feed", "HTTP/1.1 301 Moved\r\nLocation: /feed\r\n\r\n");
    ask();
    assert_int_equal(reply.outcome, OUTSIDE_NOT_SENT);
    assert_string_equal(reply.body, "redirected too often");
    assert_int_equal(feed->count, 6);
}

/* ---- what is not asked --------------------------------------------------------------------- */

static void test_what_may_not_leave_does_not(void **state) {
    (void)state;
    plan.models[0].is_own = false; /* as if it stood elsewhere, unencrypted */
    expect(OUTSIDE_NOT_SENT, 0, "a key is never sent without encryption");
    request.slot = 5;
    expect(OUTSIDE_NOT_SENT, 0, "this source has no address");
    request.slot = 0;
    port->close(port);
    port = NULL;
    plan.models[0].key[0] = 0;
    expect(OUTSIDE_NOT_SENT, 0, "this source needs a key, and none is given");
    port->close(port);
    port = NULL;
    plan.models[0].is_own = true; /* a server of one's own needs none */
    ScriptedAnswer *answer = script("/v1/chat/completions", HEAD "\r\n{}");
    expect(OUTSIDE_ANSWERED, 200, "{}");
    assert_null(strstr(answer->request, "Authorization"));
    strcpy(request.path, "/chat completions");
    expect(OUTSIDE_NOT_SENT, 0, "the path holds what no path has");
    strcpy(request.path, "/a\r\nX: y");
    expect(OUTSIDE_NOT_SENT, 0, "the path holds what no path has");
    strcpy(request.path, "@other.example/");
    script("/v1/@other.example/", HEAD "\r\n{\"still\":\"here\"}");
    expect(OUTSIDE_ANSWERED, 200, "{\"still\":\"here\"}");
}

/* ---- record -------------------------------------------------------------------------------- */

static void set_hash(char digit) {
    memset(request.content_hash, digit, 64);
    request.content_hash[64] = 0;
}

static void set_mode(OutsideMode mode) {
    plan.model_mode = mode;
    if (port) port->close(port);
    port = NULL;
}

static void test_answers_are_recorded_and_found_again(void **state) {
    (void)state;
    ScriptedAnswer *answer =
        script("/v1/chat/completions", HEAD "x-request-id: r\r\n\r\n{\"n\":1}");
    set_hash('a');
    set_mode(OUTSIDE_REPLAY);
    expect(OUTSIDE_MISSING, 0, "nothing is recorded for this question");
    assert_int_equal(reply.latency_us, 1000);
    set_mode(OUTSIDE_CACHED);
    expect(OUTSIDE_ANSWERED, 200, "{\"n\":1}");
    assert_false(reply.recorded);
    int64_t latency_us = reply.latency_us;
    script("/v1/chat/completions", HEAD "\r\n{\"n\":2}");
    expect(OUTSIDE_ANSWERED, 200, "{\"n\":1}");
    assert_true(reply.recorded);
    assert_int_equal(reply.latency_us, latency_us);
    assert_string_equal(reply.request_id, "r");
    assert_int_equal(answer->count, 0);
    set_mode(OUTSIDE_LIVE);
    expect(OUTSIDE_ANSWERED, 200, "{\"n\":2}");
    set_mode(OUTSIDE_REPLAY);
    expect(OUTSIDE_ANSWERED, 200, "{\"n\":2}"); /* the newer took its place */
    set_mode(OUTSIDE_OFF);
    expect(OUTSIDE_NOT_SENT, 0, "switched off");
    assert_int_equal(answer->count, 1);
}

static void test_failures_are_not_recorded(void **state) {
    (void)state;
    static const char *const failures[] = {
        "HTTP/1.1 500 X\r\n\r\n{}",
        "HTTP/1.1 429 X\r\n\r\n{}",
        HEAD "\r\n{\"error\":{\"code\":502,\"message\":\"provider\"}}",
        HEAD "\r\nnot json",
        HEAD "\r\n{\"half\":",
        HEAD "\r\n",
        HEAD "Content-Length: 9\r\n\r\n{}",
    };
    set_hash('b');
    set_mode(OUTSIDE_CACHED);
    for (unsigned i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        script("/v1/chat/completions", failures[i]);
        ask();
        assert_false(reply.recorded);
    }
    script("/v1/chat/completions", HEAD "\r\n{\"error\":null,\"ok\":1}");
    ask();
    assert_false(reply.recorded);
    ask();
    assert_true(reply.recorded);
}

/* Live: replies wait until they are taken; a question whose answer went is recalled. */
static void test_live_replies_and_recall(void **state) {
    (void)state;
    Error error;
    script("/v1/chat/completions", HEAD "\r\n{\"n\":1}");
    set_hash('c');
    port = outside_open(&plan, &error);
    for (int64_t id = 1; id <= 20; id++) {
        request.id = id;
        port->send(port, &request);
    }
    bool seen[21] = {false};
    for (unsigned waited = 0, got = 0; got < 20; waited++) {
        assert_true(waited < 3000);
        if (!port->next(port, &reply)) {
            usleep(1000);
            continue;
        }
        got++;
        assert_int_equal(reply.outcome, OUTSIDE_ANSWERED);
        assert_false(seen[reply.id]);
        seen[reply.id] = true;
    }
    assert_false(port->next(port, &reply));
    port->outside.recall(port->outside.context, &request, &reply);
    assert_int_equal(reply.outcome, OUTSIDE_ANSWERED);
    assert_false(reply.recorded); /* it may have been paid for */
    set_hash('d');
    port->outside.recall(port->outside.context, &request, &reply);
    assert_int_equal(reply.outcome, OUTSIDE_LOST);
    set_mode(OUTSIDE_REPLAY);
    port = outside_open(&plan, &error);
    port->outside.recall(port->outside.context, &request, &reply);
    assert_int_equal(reply.outcome, OUTSIDE_MISSING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_question_goes_with_its_key_and_comes_back_without,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_each_source_proves_itself_in_its_own_way, begin, end),
        cmocka_unit_test_setup_teardown(test_reddit_gets_a_token_first_and_once, begin, end),
        cmocka_unit_test_setup_teardown(test_when_to_ask_again_in_all_its_forms, begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_no_answer, begin, end),
        cmocka_unit_test_setup_teardown(test_bodies_are_bounded_and_whole, begin, end),
        cmocka_unit_test_setup_teardown(test_a_feed_is_told_as_json_and_asked_politely, begin, end),
        cmocka_unit_test_setup_teardown(test_feeds_may_move_but_not_inwards, begin, end),
        cmocka_unit_test_setup_teardown(test_a_circle_of_redirects_ends, begin, end),
        cmocka_unit_test_setup_teardown(test_what_may_not_leave_does_not, begin, end),
        cmocka_unit_test_setup_teardown(test_answers_are_recorded_and_found_again, begin, end),
        cmocka_unit_test_setup_teardown(test_failures_are_not_recorded, begin, end),
        cmocka_unit_test_setup_teardown(test_live_replies_and_recall, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
