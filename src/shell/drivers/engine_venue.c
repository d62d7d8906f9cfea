/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's side of a real venue. Out: what changes something leaves only when the whole turn
 * that says it is on the disk, with one flush a turn; a flush that fails ends the engine, because
 * nobody knows then what the disk holds, and asking it again would be answered with a false yes.
 * In: each message of the port is a turn of its own. A request that a recovery makes again is never
 * sent: the start tells the core that every answer which is still out has been lost.
 */
#include <stdio.h>
#include <string.h>

#include "core/market/order.h"
#include "shell/drivers/engine_parts.h"
#include "shell/sys/clock.h"

/* A flood of events leaves room for the market. */
#define VENUE_TURNS_AT_ONCE 64

/* ---- out ----------------------------------------------------------------------------------- */

/* What the walks before and behind the flush find. */
typedef struct Requests {
    const Message *first, *last;
    const VenueRequest *changing; /* the first that changes something */
} Requests;

static Requests requests_of(const Kernel *kernel) {
    Requests requests = {0};
    for (const Message *message = kernel_first(kernel); message;
         message = kernel_next(kernel, message)) {
        if (message->topic != TOPIC_VENUE_REQUESTS) continue;
        const VenueRequest *request = message->payload;
        if (!requests.first) requests.first = message;
        requests.last = message;
        if (request->changes && !requests.changing) requests.changing = request;
    }
    return requests;
}

bool engine_venue_send(Engine *engine, Error *error) {
    VenuePort *venue = engine->plan->venue;
    if (!venue || !engine->sends) return true;
    Requests requests = requests_of(engine->kernel);
    if (!requests.first) return true;
    if (requests.changing && venue->prepare) venue->prepare(venue, requests.changing);
    if (requests.changing && !journal_flush(engine->journal, true, error)) return false;
    for (const Message *message = requests.first;; message = kernel_next(engine->kernel, message)) {
        if (message->topic == TOPIC_VENUE_REQUESTS) venue->send(venue, message->payload);
        if (message == requests.last) return true;
    }
}

/* ---- in ------------------------------------------------------------------------------------ */

/* The clock is told against the wall; the engine's own time may be ahead of that. */
static void by_own_time(Engine *engine, VenueMessage *heard, int64_t time_us) {
    VenueClock *clock = &heard->clock;
    if (heard->topic != TOPIC_VENUE_CLOCKS) return;
    const ClockSample sample = {.offset_us = clock->offset_us,
                                .uncertainty_us = clock->uncertainty_us,
                                .wall_us = clock_wall_us(),
                                .monotonic_us = clock_monotonic_us()};
    other_clock_hear(&engine->venue_clock, &sample);
    ClockOffset told = other_clock_tell(&engine->venue_clock, time_us, sample.monotonic_us);
    *clock = (VenueClock){told.offset_us, told.uncertainty_us};
}

/* What cannot be told as it is (out of its bounds, or in quarantine) is told as what nobody could
 * read: an answer as lost, a frame as cut. False: nothing is left of it. */
static bool blur(VenueMessage *heard, const char *why) {
    if (heard->topic == TOPIC_VENUE_REPLIES) {
        int64_t id = heard->reply.id;
        memset(&heard->reply, 0, sizeof heard->reply);
        heard->reply.id = id;
        heard->reply.outcome = OUTCOME_LOST;
        heard->reply.retry_after_s = -1;
        snprintf(heard->reply.body, sizeof heard->reply.body, "%s", why);
        return true;
    }
    if (heard->topic == TOPIC_VENUE_EVENTS) {
        memset(&heard->event, 0, sizeof heard->event);
        heard->event.cut = true;
        return true;
    }
    return false;
}

static bool put(Engine *engine, const VenueMessage *heard, int64_t time_us, Error *error) {
    const void *payload = &heard->reply; /* all members of the union begin there */
    return kernel_input(engine->kernel, heard->topic, time_us, payload, error);
}

static bool turn_of_message(Engine *engine, VenueMessage *heard, Error *error) {
    int64_t time_us = engine_now(engine);
    Error refused;
    by_own_time(engine, heard, time_us);
    if (poison_is(&engine->poison, kernel_sequence(engine->kernel) + 1)) {
        if (!engine_halt(engine, error)) return false;
        if (!blur(heard, engine->poison.check)) return true;
    }
    if (!put(engine, heard, time_us, &refused) &&
        (!blur(heard, refused.message) || !put(engine, heard, time_us, error)))
        return true;
    return engine_finish_turn(engine, error);
}

/* While our time is ahead of the wall it goes slower than the venue's; and the wall may be set
 * ahead at any moment: nothing is asked by an offset that does not hold. */
static bool watch_clock(Engine *engine, Error *error) {
    int64_t time_us = engine_now(engine), monotonic_us = clock_monotonic_us();
    if (!other_clock_is_off(&engine->venue_clock, time_us, monotonic_us)) return true;
    ClockOffset told = other_clock_tell(&engine->venue_clock, time_us, monotonic_us);
    const VenueClock clock = {told.offset_us, told.uncertainty_us};
    return kernel_input(engine->kernel, TOPIC_VENUE_CLOCKS, time_us, &clock, error) &&
           engine_finish_turn(engine, error);
}

bool engine_venue_hear(Engine *engine, Error *error) {
    VenuePort *venue = engine->plan->venue;
    if (venue && !watch_clock(engine, error)) return false;
    for (unsigned i = 0; venue && i < VENUE_TURNS_AT_ONCE; i++) {
        if (!venue->next(venue, &engine->heard)) return true;
        if (!turn_of_message(engine, &engine->heard, error)) return false;
    }
    return true;
}

/* ---- at the start -------------------------------------------------------------------------- */

bool engine_venue_begin(Engine *engine, Error *error) {
    VenueLink link = {.state = LINK_RESTARTED};
    if (!engine->plan->venue) return true;
    snprintf(link.text, sizeof link.text,
             "the program started: every answer that was still out is lost");
    int64_t time_us = engine_now(engine);
    engine->sends = true;
    return kernel_input(engine->kernel, TOPIC_VENUE_IDENTITIES, time_us,
                        &engine->plan->venue->identity, error) &&
           kernel_input(engine->kernel, TOPIC_VENUE_LINKS, time_us, &link, error) &&
           engine_finish_turn(engine, error);
}

/* A cold start: orders that the venue may hold. */
typedef struct Restoring {
    Engine *engine;
    Error *error;
    int64_t time_us;
} Restoring;

static bool put_order(void *context, const Message *message) {
    Restoring *restoring = context;
    const OrderRecord *order = message->payload;
    return order_is_terminal(order->state) ||
           kernel_input(restoring->engine->kernel, TOPIC_RESTORED_ORDERS, restoring->time_us, order,
                        restoring->error);
}

bool engine_venue_restore(Engine *engine, int64_t time_us, Error *error) {
    Restoring restoring = {.engine = engine, .error = error, .time_us = time_us};
    return !engine->plan->venue ||
           store_visit(engine->store, TOPIC_ORDERS, put_order, &restoring, error);
}
