/* SPDX-License-Identifier: Apache-2.0 */
/* The account's stream: up when the venue has said yes, told when it breaks, renewed in time, and
 * never in the way when nobody takes its events. */
#include "unit.h"

#include "fake_venue.h"

#include <poll.h>

#include "shell/drivers/binance_http.h"
#include "shell/drivers/venue_binance.h"

#define EVENT                                                                                      \
    "{\"subscriptionId\":0,\"event\":{\"e\":\"balanceUpdate\",\"E\":1,\"a\":\"BTC\",\"d\":\"1\"}}"

static FakeVenue fake;
static VenuePort *port;
static VenueMessage message;
static BinancePace pace;

static bool hear(Topic topic, unsigned milliseconds) {
    int64_t until = binance_http_now_us() + milliseconds * INT64_C(1000);
    while (binance_http_now_us() < until) {
        while (port->next(port, &message))
            if (message.topic == topic) return true;
        struct pollfd wake = {.fd = port->wake_descriptor, .events = POLLIN};
        poll(&wake, 1, 20);
    }
    return false;
}

static void expect_link(VenueLinkState state, const char *words) {
    assert_true(hear(TOPIC_VENUE_LINKS, 5000));
    assert_int_equal(message.link.state, state);
    if (!strstr(message.link.text, words)) print_error("%s\n", message.link.text);
    assert_non_null(strstr(message.link.text, words));
}

static void open_port(void) {
    Signer signer;
    Error error;
    char rest[64], stream[64];
    assert_true(signer_init_hmac(&signer, SLICE("demo-api-key"), SLICE("demo-secret"), &error));
    snprintf(rest, sizeof rest, "http://127.0.0.1:%u", fake.port);
    snprintf(stream, sizeof stream, "ws://127.0.0.1:%u/ws-api/v3", fake.port);
    VenueBinancePlan plan = {.rest_url = rest,
                             .ws_api_url = stream,
                             .signer = &signer,
                             .answer_timeout_ms = 1500,
                             .recv_window_ms = 5000,
                             .pace = &pace};
    port = venue_binance_open(&plan, &error);
    assert_non_null(port);
}

static int begin(void **state) {
    (void)state;
    pace = (BinancePace){.connect_ms = 3000,
                         .backoff_first_ms = 20,
                         .backoff_max_ms = 100,
                         .steady_ms = 60000,
                         .silent_ms = UINT32_MAX,
                         .renew_ms = 3600000,
                         .overlap_ms = 100};
    fake_venue_open(&fake);
    return 0;
}

static int end(void **state) {
    (void)state;
    port->close(port);
    fake_venue_close(&fake);
    return 0;
}

static void it_subscribes_and_hears(void **state) {
    char greeting[VENUE_REQUEST];
    (void)state;
    open_port();
    expect_link(LINK_USER_UP, "subscribed");
    pthread_mutex_lock(&fake.lock);
    strcpy(greeting, fake.greeting);
    pthread_mutex_unlock(&fake.lock);
    assert_non_null(strstr(greeting, "\"method\":\"userDataStream.subscribe.signature\""));
    assert_non_null(strstr(greeting, "\"apiKey\":\"demo-api-key\""));
    assert_non_null(strstr(greeting, "\"signature\":\""));
    fake_venue_frame(&fake, EVENT);
    assert_true(hear(TOPIC_VENUE_EVENTS, 3000));
    assert_string_equal(message.event.frame, EVENT);
    assert_false(message.event.cut);
    fake_venue_frame(&fake, "what is this");
    assert_true(hear(TOPIC_VENUE_EVENTS, 3000)); /* the core refuses it by name */
    assert_string_equal(message.event.frame, "what is this");
}

static void a_frame_too_long_is_said_to_be_cut(void **state) {
    char *frame = malloc(20000);
    (void)state;
    open_port();
    expect_link(LINK_USER_UP, "subscribed");
    memset(frame, ' ', 20000);
    memcpy(frame, EVENT, sizeof EVENT - 1);
    frame[19999] = 0;
    fake_venue_frame(&fake, frame);
    assert_true(hear(TOPIC_VENUE_EVENTS, 3000));
    assert_true(message.event.cut);
    assert_int_equal(strlen(message.event.frame), sizeof message.event.frame - 1);
    free(frame);
}

static void a_break_is_told_and_mended(void **state) {
    (void)state;
    open_port();
    for (unsigned i = 0; i < 5; i++) {
        expect_link(LINK_USER_UP, "subscribed");
        fake_venue_drop(&fake);
        expect_link(LINK_USER_DOWN, "closed");
    }
    expect_link(LINK_USER_UP, "subscribed");
}

static void a_refusal_is_told_with_its_words(void **state) {
    (void)state;
    atomic_store(&fake.refuses, true);
    open_port();
    expect_link(LINK_USER_DOWN,
                "Invalid API-key, IP, or permissions for action. (-2015, HTTP 401)");
    atomic_store(&fake.refuses, false);
    for (unsigned i = 0; i < 20 && message.link.state != LINK_USER_UP; i++)
        assert_true(hear(TOPIC_VENUE_LINKS, 5000));
    assert_int_equal(message.link.state, LINK_USER_UP);
}

/* The new connection subscribes before the old one goes: no event is without a hearer. */
static void it_is_renewed_with_overlap(void **state) {
    (void)state;
    pace.renew_ms = 300;
    open_port();
    expect_link(LINK_USER_UP, "subscribed");
    unsigned events = 0, sent = 0;
    for (int64_t until = binance_http_now_us() + 2000000; binance_http_now_us() < until; sent++) {
        char frame[160];
        snprintf(frame, sizeof frame, "{\"event\":{\"e\":\"x\",\"I\":%u}}", sent);
        fake_venue_frame(&fake, frame);
        bool heard = false;
        while (!heard && hear(TOPIC_VENUE_EVENTS, 1000))
            heard = strcmp(message.event.frame, frame) == 0;
        events += heard;
        usleep(5000);
    }
    assert_true(atomic_load(&fake.greetings) >= 4);
    assert_int_equal(events, sent);
    assert_true(sent > 100);
}

static void a_shutdown_opens_another_connection(void **state) {
    (void)state;
    open_port();
    expect_link(LINK_USER_UP, "subscribed");
    fake_venue_frame(&fake, "{\"event\":{\"e\":\"serverShutdown\",\"E\":1}}");
    for (unsigned i = 0; i < 200 && atomic_load(&fake.greetings) < 2; i++)
        usleep(20000);
    assert_int_equal(atomic_load(&fake.greetings), 2);
    assert_true(hear(TOPIC_VENUE_EVENTS, 1000));
    assert_false(hear(TOPIC_VENUE_LINKS, 300)); /* nothing was missed */
}

static void an_end_of_the_subscription_is_a_break(void **state) {
    (void)state;
    open_port();
    expect_link(LINK_USER_UP, "subscribed");
    fake_venue_frame(&fake, "{\"event\":{\"e\":\"eventStreamTerminated\",\"E\":1}}");
    expect_link(LINK_USER_DOWN, "ended the account's events");
    expect_link(LINK_USER_UP, "subscribed");
}

/* Two thousand events nobody takes: the break is told behind those that found room. */
static void what_finds_no_room_is_a_break(void **state) {
    (void)state;
    open_port();
    expect_link(LINK_USER_UP, "subscribed");
    for (unsigned i = 0; i < 2000; i++)
        fake_venue_frame(&fake, EVENT);
    usleep(300000);
    unsigned events = 0;
    bool down = false;
    for (unsigned i = 0; i < 3000 && !down && port->next(port, &message); i++) {
        events += message.topic == TOPIC_VENUE_EVENTS;
        down = message.topic == TOPIC_VENUE_LINKS && message.link.state == LINK_USER_DOWN;
    }
    assert_true(down);
    assert_true(events >= 256 && events < 2000);
    expect_link(LINK_USER_UP, "subscribed");
}

/* Not one request of the transport's own while the venue has banned us. */
static void a_ban_is_kept(void **state) {
    (void)state;
    atomic_store(&fake.time_status, 418); /* Retry-After: 2 */
    open_port();
    usleep(1700000);
    assert_int_equal(atomic_load(&fake.times), 1);
    assert_int_equal(atomic_load(&fake.greetings), 0);
    atomic_store(&fake.time_status, 0);
    assert_true(hear(TOPIC_VENUE_CLOCKS, 8000));
    expect_link(LINK_USER_UP, "subscribed");
}

int main(void) {
#define ON_STREAM(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        ON_STREAM(it_subscribes_and_hears),
        ON_STREAM(a_frame_too_long_is_said_to_be_cut),
        ON_STREAM(a_break_is_told_and_mended),
        ON_STREAM(a_refusal_is_told_with_its_words),
        ON_STREAM(it_is_renewed_with_overlap),
        ON_STREAM(a_shutdown_opens_another_connection),
        ON_STREAM(an_end_of_the_subscription_is_a_break),
        ON_STREAM(what_finds_no_room_is_a_break),
        ON_STREAM(a_ban_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
