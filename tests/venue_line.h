/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport of orders, opened before the FakeVenue of fake_venue.h: requests of the kinds that
 * the protocol makes, and what is heard of them. The port and the last message are the test
 * program's; one port at a time.
 */
#ifndef TESTS_VENUE_LINE_H
#define TESTS_VENUE_LINE_H

#include "unit.h"

#include "fake_venue.h"

#include <poll.h>

#include "shell/drivers/binance_http.h"
#include "shell/drivers/venue_binance.h"

#define SECRET "example-not-a-real-secret-0123456789"

static FakeVenue fake;
static VenuePort *port;
static VenueMessage message;
static int64_t offset_us;

static inline VenueBinancePlan plan_for(Signer *signer) {
    static char rest[64], stream[64];
    snprintf(rest, sizeof rest, "http://127.0.0.1:%u", fake.port);
    snprintf(stream, sizeof stream, "ws://127.0.0.1:%u/ws-api/v3", fake.port);
    return (VenueBinancePlan){.rest_url = rest,
                              .ws_api_url = stream,
                              .signer = signer,
                              .answer_timeout_ms = 1500,
                              .recv_window_ms = 5000,
                              .identity = {.account = "a", .instance = "abcdefgh"}};
}

static inline Signer some_key(void) {
    Signer signer;
    Error error;
    assert_true(signer_init_hmac(&signer, SLICE("demo-api-key"), SLICE(SECRET), &error));
    return signer;
}

/* The next message of the topic within five seconds; others are passed over. */
static inline bool hear(Topic topic) {
    for (int64_t until = binance_http_now_us() + 5000000; binance_http_now_us() < until;) {
        while (port->next(port, &message))
            if (message.topic == topic) return true;
        struct pollfd wake = {.fd = port->wake_descriptor, .events = POLLIN};
        poll(&wake, 1, 100);
    }
    return false;
}

static inline int open_port(void **state) {
    static const Signer EMPTY;
    Signer signer = some_key();
    Error error;
    (void)state;
    fake_venue_open(&fake);
    VenueBinancePlan plan = plan_for(&signer);
    port = venue_binance_open(&plan, &error);
    assert_non_null(port);
    assert_memory_equal(&signer, &EMPTY, sizeof signer); /* moved in */
    assert_true(hear(TOPIC_VENUE_CLOCKS));
    offset_us = message.clock.offset_us;
    return 0;
}

static inline int close_port(void **state) {
    (void)state;
    port->close(port);
    fake_venue_close(&fake);
    return 0;
}

static inline int64_t venue_now_ms(void) {
    return venue_wall_ms() + offset_us / 1000;
}

static inline VenueRequest order(int64_t id) {
    VenueRequest request = {.id = id,
                            .purpose = "place",
                            .method = "POST",
                            .path = "/api/v3/order",
                            .needs_signature = true,
                            .changes = true,
                            .timestamp_ms = venue_now_ms(),
                            .window_ms = 5000};
    snprintf(request.parameters, sizeof request.parameters,
             "symbol=BTCUSDC&newClientOrderId=t-%lld&recvWindow=5000&timestamp=%lld", (long long)id,
             (long long)request.timestamp_ms);
    return request;
}

static inline VenueRequest question(int64_t id) {
    VenueRequest request = order(id);
    request.changes = false;
    strcpy(request.purpose, "query");
    strcpy(request.method, "GET");
    strcpy(request.path, "/api/v3/openOrders");
    return request;
}

static inline void send_order(int64_t id) {
    VenueRequest request = order(id);
    port->send(port, &request);
}

static inline void expect(int64_t id, VenueOutcome outcome, int status) {
    assert_true(hear(TOPIC_VENUE_REPLIES));
    if (message.reply.outcome != outcome) print_error("%s\n", message.reply.body);
    assert_int_equal(message.reply.id, id);
    assert_int_equal(message.reply.outcome, outcome);
    assert_int_equal(message.reply.status, status);
}

static inline void last_request(char target[static VENUE_REQUEST]) {
    pthread_mutex_lock(&fake.lock);
    strcpy(target, fake.last);
    pthread_mutex_unlock(&fake.lock);
}

#endif
