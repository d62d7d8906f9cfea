/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order comes rarely, and what it runs through has left the processor's caches by then: the same
 * work takes three to eight times as long as when it was just done. So before the engine sleeps
 * before a real venue, it runs through that way with an order that nobody asked for: the protocol
 * makes its request, records are made of it and of the messages that go before it, the port signs
 * it and writes it to an idle connection. Nothing of it is kept, journaled or sent: the state is
 * only read, the record is thrown away, its number is one that no request has, and it asks for the
 * venue's test of an order. The next request writes over it.
 */
#include "core/services/binance_venue.h"
#include "core/services/trade_executor.h"
#include "shell/drivers/engine_parts.h"

static void record(Topic topic, const void *payload) {
    uint8_t bytes[RECORD_MAX];
    Message message = {.topic = (uint8_t)topic, .payload = payload};
    (void)record_of_message(&message, bytes);
}

static void record_turn(const VenueRequest *request) {
    static const RiskVerdict verdict;
    static const OrderRequest wish;
    static const OrderRecord order;
    static const Posting posting;
    static const TimerRequest timer;
    record(TOPIC_RISK_ENRICHED_SIGNALS, &verdict);
    record(TOPIC_ORDER_REQUESTS, &wish);
    record(TOPIC_ORDERS, &order);
    record(TOPIC_POSTINGS, &posting);
    record(TOPIC_TIMER_REQUESTS, &timer);
    record(TOPIC_VENUE_REQUESTS, request);
}

void engine_rehearse(Engine *engine) {
    VenuePort *venue = engine->plan->venue;
    const void *state = kernel_service_state(engine->kernel, "binance_venue");
    const void *executor = kernel_service_state(engine->kernel, "trade_executor");
    VenueRequest request;
    if (!venue || !venue->prepare || !engine->sends || !state) return;
    int64_t now_us = engine_now(engine);
    if (executor) trade_executor_rehearse(executor, now_us);
    if (!binance_venue_rehearse(state, now_us, &request)) return;
    record_turn(&request);
    venue->prepare(venue, &request);
}
