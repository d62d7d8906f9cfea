/* SPDX-License-Identifier: Apache-2.0 */
/* The transport against a venue that answers, breaks and hangs as it is told: each request leaves
 * once, and its outcome is what is known of it. */
#include "venue_line.h"

/* ---- tests --------------------------------------------------------------------------------- */

static void an_order_is_signed_and_answered(void **state) {
    char request[VENUE_REQUEST], mark[SIGNER_TEXT_MAX];
    Signer signer = some_key();
    Error error;
    (void)state;
    VenueRequest wanted = order(1);
    port->send(port, &wanted);
    expect(1, OUTCOME_ANSWERED, 200);
    assert_string_equal(message.reply.body, "{\"orderId\":28,\"status\":\"NEW\"}");
    assert_string_equal(message.reply.limits, "X-MBX-ORDER-COUNT-10S: 1\n");
    assert_int_equal(message.reply.retry_after_s, -1);
    assert_false(message.reply.cut);
    last_request(request);
    assert_non_null(strstr(request, "POST /api/v3/order HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "\r\nX-MBX-APIKEY: demo-api-key\r\n"));
    assert_true(signer_mark(&signer, slice_of(wanted.parameters), SLICE(""), mark, &error));
    char body[VENUE_REQUEST];
    snprintf(body, sizeof body, "\r\n\r\n%s&signature=%s", wanted.parameters, mark);
    assert_non_null(strstr(request, body));
    assert_null(strstr(request, SECRET));
}

/* What was made ready leaves by `send` alone, and only as the request that it was made for. */
static void what_is_made_ready_leaves_once(void **state) {
    char request[VENUE_REQUEST];
    (void)state;
    VenueRequest wanted = order(1), other = order(2);
    port->prepare(port, &wanted);
    usleep(200000);
    assert_int_equal(atomic_load(&fake.orders), 0);
    port->send(port, &wanted);
    expect(1, OUTCOME_ANSWERED, 200);
    last_request(request);
    assert_non_null(strstr(request, "newClientOrderId=t-1&"));
    assert_non_null(strstr(request, "&signature="));
    wanted = order(3); /* its flush failed, and something else is sent */
    port->prepare(port, &wanted);
    port->send(port, &other);
    expect(2, OUTCOME_ANSWERED, 200);
    last_request(request);
    assert_non_null(strstr(request, "newClientOrderId=t-2&"));
    VenueRequest same = wanted; /* another request under the same number */
    port->prepare(port, &wanted);
    strcpy(same.path, "/api/v3/order/test");
    port->send(port, &same);
    expect(3, OUTCOME_ANSWERED, 200);
    last_request(request);
    assert_non_null(strstr(request, "POST /api/v3/order/test "));
    assert_int_equal(atomic_load(&fake.orders), 3);
}

/* A flush may take long: the venue could execute what is sent after it much later. */
static void what_was_made_ready_too_long_ago_is_not_sent(void **state) {
    (void)state;
    VenueRequest wanted = order(1);
    wanted.window_ms = 400;
    port->prepare(port, &wanted);
    usleep(300000);
    port->send(port, &wanted);
    expect(1, OUTCOME_NOT_SENT, 0);
    assert_non_null(strstr(message.reply.body, "older than half of its window"));
    assert_int_equal(atomic_load(&fake.orders), 0);
    send_order(2);
    expect(2, OUTCOME_ANSWERED, 200);
}

/* The connection that holds it is closed by the venue, or taken by a question. */
static void what_was_made_ready_finds_another_connection(void **state) {
    (void)state;
    send_order(1);
    expect(1, OUTCOME_ANSWERED, 200);
    for (int i = 2; i < 6; i++) {
        VenueRequest wanted = order(i), asked = question(100 + i);
        port->prepare(port, &wanted);
        if (i % 2) {
            fake_venue_drop(&fake);
            if (i == 5) usleep(100000); /* once before our thread can see it, once after */
        } else {
            port->send(port, &asked);
            expect(100 + i, OUTCOME_ANSWERED, 200);
        }
        port->send(port, &wanted);
        expect(i, OUTCOME_ANSWERED, 200);
        assert_int_equal(atomic_load(&fake.orders), i);
    }
}

static void questions_and_cancels_carry_a_query(void **state) {
    char request[VENUE_REQUEST];
    (void)state;
    VenueRequest wanted = question(2);
    port->send(port, &wanted);
    expect(2, OUTCOME_ANSWERED, 200);
    last_request(request);
    assert_non_null(strstr(request, "GET /api/v3/openOrders?symbol=BTCUSDC&"));
    assert_non_null(strstr(request, "&signature="));
    wanted = order(3);
    strcpy(wanted.method, "DELETE");
    port->send(port, &wanted);
    expect(3, OUTCOME_ANSWERED, 200);
    last_request(request);
    assert_non_null(strstr(request, "DELETE /api/v3/order?symbol=BTCUSDC&"));
    wanted = question(4);
    wanted.needs_signature = false;
    wanted.parameters[0] = 0;
    port->send(port, &wanted);
    expect(4, OUTCOME_ANSWERED, 200);
    last_request(request);
    assert_non_null(strstr(request, "GET /api/v3/openOrders HTTP/1.1"));
    assert_null(strstr(request, "APIKEY"));
}

/* The server has read the request and is gone: libcurl would say it again on a new connection. */
static void what_breaks_is_lost_and_was_sent_once(void **state) {
    static const FakeManner MANNERS[] = {FAKE_HANGS_UP, FAKE_RESETS, FAKE_HALF, FAKE_GARBAGE,
                                         FAKE_HEADERS};
    (void)state;
    for (int i = 0; i < (int)(sizeof MANNERS / sizeof MANNERS[0]); i++) {
        atomic_store(&fake.manner, FAKE_ANSWERS);
        send_order(100 + i); /* the connection is a kept one from here */
        expect(100 + i, OUTCOME_ANSWERED, 200);
        int before = atomic_load(&fake.orders);
        atomic_store(&fake.manner, (int)MANNERS[i]);
        send_order(200 + i);
        expect(200 + i, OUTCOME_LOST, 0);
        assert_true(message.reply.body[0] != 0);
        usleep(300000); /* whoever says it again has time to */
        assert_int_equal(atomic_load(&fake.orders), before + 1);
    }
}

static void silence_is_lost_after_its_time(void **state) {
    (void)state;
    atomic_store(&fake.manner, FAKE_SILENT);
    int64_t begin = binance_http_now_us();
    send_order(1);
    expect(1, OUTCOME_LOST, 0);
    int64_t spent = binance_http_now_us() - begin;
    assert_true(spent >= 1500000 && spent < 2500000);
    assert_string_equal(message.reply.body, "no answer within 1500 ms");
    assert_int_equal(atomic_load(&fake.orders), 1);
}

static void answers_of_every_form(void **state) {
    (void)state;
    atomic_store(&fake.manner, FAKE_CHUNKED);
    send_order(1);
    expect(1, OUTCOME_ANSWERED, 200);
    assert_string_equal(message.reply.body, "{\"orderId\":28,\"status\":\"NEW\"}");
    atomic_store(&fake.manner, FAKE_LIMITS);
    send_order(2);
    expect(2, OUTCOME_ANSWERED, 429);
    assert_int_equal(message.reply.retry_after_s, 7);
    assert_string_equal(message.reply.limits,
                        "X-MBX-USED-WEIGHT-1M: 6001\nx-mbx-order-count-10s: 3\n");
    assert_non_null(strstr(message.reply.body, "-1003"));
    atomic_store(&fake.manner, FAKE_LONG);
    send_order(3);
    expect(3, OUTCOME_ANSWERED, 200);
    assert_true(message.reply.cut);
    assert_int_equal(strlen(message.reply.body), sizeof message.reply.body - 1);
    atomic_store(&fake.manner, FAKE_ENDLESS);
    send_order(4);
    expect(4, OUTCOME_ANSWERED, 200);
    assert_true(message.reply.cut);
    atomic_store(&fake.manner, FAKE_CLOSES);
    for (int i = 5; i < 10; i++) {
        send_order(i);
        expect(i, OUTCOME_ANSWERED, 200);
    }
    atomic_store(&fake.manner, FAKE_REDIRECTS);
    send_order(10);
    expect(10, OUTCOME_ANSWERED, 307);
    usleep(100000);
    assert_int_equal(atomic_load(&fake.redirected), 0);
    assert_int_equal(atomic_load(&fake.orders), 10);
}

static void what_is_old_or_early_is_not_sent(void **state) {
    (void)state;
    static const int64_t AGES_MS[] = {2600, 86400000, -1500};
    for (int i = 0; i < 3; i++) {
        VenueRequest request = order(i + 1);
        request.timestamp_ms -= AGES_MS[i];
        port->send(port, &request);
        expect(i + 1, OUTCOME_NOT_SENT, 0);
        assert_non_null(strstr(message.reply.body, "not sent"));
    }
    assert_int_equal(atomic_load(&fake.orders), 0);
}

/* Thirty questions of 300 ms on twelve connections; the order passes all of them by. */
static void an_order_waits_for_no_question(void **state) {
    (void)state;
    atomic_store(&fake.slow_questions, true);
    for (int i = 1; i <= 30; i++) {
        VenueRequest request = question(i);
        port->send(port, &request);
    }
    usleep(100000); /* as many as may are on their way */
    int64_t begin = binance_http_now_us();
    send_order(31);
    unsigned answered = 0;
    int64_t spent = 0;
    while (answered < 31) {
        assert_true(hear(TOPIC_VENUE_REPLIES));
        assert_int_equal(message.reply.outcome, OUTCOME_ANSWERED);
        if (message.reply.id == 31) spent = binance_http_now_us() - begin;
        answered++;
    }
    assert_true(spent > 0 && spent < 100000);
    assert_int_equal(atomic_load(&fake.questions), 30);
    assert_true(atomic_load(&fake.accepted) <= 17); /* and one for the account's stream */
}

static void more_than_there_is_room_for_is_not_sent(void **state) {
    enum { COUNT = 600 };
    bool seen[COUNT + 1] = {false};
    unsigned sent = 0, refused = 0;
    (void)state;
    for (int i = 1; i <= COUNT; i++) {
        VenueRequest request = question(i);
        port->send(port, &request);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_true(hear(TOPIC_VENUE_REPLIES));
        assert_false(seen[message.reply.id]);
        seen[message.reply.id] = true;
        sent += message.reply.outcome == OUTCOME_ANSWERED;
        refused += message.reply.outcome == OUTCOME_NOT_SENT;
    }
    assert_int_equal(sent + refused, COUNT);
    assert_true(refused > 0);
    assert_int_equal(atomic_load(&fake.questions), sent);
}

static void a_host_that_is_gone(void **state) {
    (void)state;
    shutdown(fake.listener, SHUT_RDWR); /* first: what is dropped connects again at once */
    fake_venue_drop(&fake);
    usleep(200000);
    send_order(1);
    expect(1, OUTCOME_NOT_SENT, 0);
    assert_non_null(strstr(message.reply.body, "no connection"));
    assert_int_equal(atomic_load(&fake.orders), 0);
}

/* A kept connection that the venue has closed is seen before it is used. */
static void a_closed_connection_is_not_used(void **state) {
    (void)state;
    for (int i = 1; i <= 20; i++) {
        fake_venue_drop(&fake);
        usleep(20000);
        send_order(i);
        expect(i, OUTCOME_ANSWERED, 200);
    }
    assert_int_equal(atomic_load(&fake.orders), 20);
}

static void the_clock(void **state) {
    (void)state;
    assert_true(offset_us > -500000 && offset_us < 500000);
    assert_true(hear(TOPIC_VENUE_CLOCKS)); /* the best of five */
    assert_true(message.clock.uncertainty_us > 0 && message.clock.uncertainty_us < 200000);
    assert_int_equal(atomic_load(&fake.times), 5);
    usleep(200000);
    assert_int_equal(atomic_load(&fake.times), 5);
}

static void asked_before_arming(void **state) {
    (void)state;
    char request[VENUE_REQUEST];
    Signer signer = some_key();
    VenueBinancePlan plan = plan_for(&signer);
    VenueClock clock;
    VenueAnswer answer;
    Error error;
    atomic_store(&fake.clock_ahead_ms, 90000);
    assert_true(venue_binance_clock(&plan, &clock, &error));
    assert_true(clock.offset_us > 89000000 && clock.offset_us < 91000000);
    assert_true(clock.uncertainty_us >= 500 && clock.uncertainty_us < 500000);
    assert_true(
        venue_binance_ask(&plan, "/api/v3/account?omitZeroBalances=true", &clock, &answer, &error));
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "{}");
    last_request(request);
    assert_non_null(strstr(request, "GET /api/v3/account?omitZeroBalances=true&recvWindow=5000&"));
    assert_non_null(strstr(request, "X-MBX-APIKEY: demo-api-key"));
    venue_answer_free(&answer);
    assert_true(venue_binance_ask(&plan, "/api/v3/exchangeInfo", NULL, &answer, &error));
    last_request(request);
    assert_null(strstr(request, "APIKEY"));
    venue_answer_free(&answer);
    atomic_store(&fake.manner, FAKE_HALF);
    assert_false(venue_binance_ask(&plan, "/api/v3/order", &clock, &answer, &error));
    assert_int_equal(error.code, ERROR_NETWORK);
    signer_deinit(&signer);
}

static void keys_go_over_tls_alone(void **state) {
    static const char *const URLS[] = {"http://api.binance.com", "ftp://127.0.0.1",
                                       "https://user@host", ""};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        Signer signer = some_key();
        Error error;
        VenueBinancePlan plan = {.rest_url = URLS[i],
                                 .ws_api_url = "wss://ws-api.binance.com:443/ws-api/v3",
                                 .allow_plain_http = true,
                                 .signer = &signer,
                                 .answer_timeout_ms = 1000,
                                 .recv_window_ms = 5000};
        assert_null(venue_binance_open(&plan, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
        assert_int_equal(signer.kind, SIGNER_HMAC); /* still the caller's */
    }
}

int main(void) {
#define ON_VENUE(name) cmocka_unit_test_setup_teardown(name, open_port, close_port)
    const struct CMUnitTest tests[] = {
        ON_VENUE(an_order_is_signed_and_answered),
        ON_VENUE(what_is_made_ready_leaves_once),
        ON_VENUE(what_was_made_ready_too_long_ago_is_not_sent),
        ON_VENUE(what_was_made_ready_finds_another_connection),
        ON_VENUE(questions_and_cancels_carry_a_query),
        ON_VENUE(what_breaks_is_lost_and_was_sent_once),
        ON_VENUE(silence_is_lost_after_its_time),
        ON_VENUE(answers_of_every_form),
        ON_VENUE(what_is_old_or_early_is_not_sent),
        ON_VENUE(an_order_waits_for_no_question),
        ON_VENUE(more_than_there_is_room_for_is_not_sent),
        ON_VENUE(a_host_that_is_gone),
        ON_VENUE(a_closed_connection_is_not_used),
        ON_VENUE(the_clock),
        ON_VENUE(asked_before_arming),
        cmocka_unit_test(keys_go_over_tls_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
