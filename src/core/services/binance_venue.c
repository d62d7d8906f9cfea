/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real orders on Binance: the order protocol (core/protocol/protocol.h) as a service. It hears what
 * the executor asks and what the venue answers, and says unsigned requests, reports and how the
 * venue stands. Where settings.venue.name is another venue it holds nothing and says nothing.
 */
#include "core/services/binance_venue.h"

#include <string.h>

#include "core/bus/service.h"
#include "core/protocol/protocol.h"

/* ---- state ----------------------------------------------------------------------------------- */

typedef struct BinanceVenue {
    bool active;
    Protocol protocol; /* only where it is active: else the state ends before it */
} BinanceVenue;

/* ---- options --------------------------------------------------------------------------------- */

static bool is_active(const Settings *settings) {
    return strcmp(settings->venue.name, "binance") == 0;
}

static size_t binance_venue_state_size(const Settings *settings) {
    return is_active(settings) ? sizeof(BinanceVenue) : offsetof(BinanceVenue, protocol);
}

static void binance_venue_init(void *state, const Settings *settings) {
    BinanceVenue *venue = state;
    venue->active = is_active(settings);
    if (venue->active) protocol_init(&venue->protocol, settings);
}

/* ---- step ------------------------------------------------------------------------------------ */

static void binance_venue_step(void *state, const Message *message, Outbox *outbox) {
    BinanceVenue *venue = state;
    if (venue->active) protocol_step(&venue->protocol, message, outbox);
}

bool binance_venue_rehearse(const void *state, int64_t now_us, VenueRequest *request) {
    const BinanceVenue *venue = state;
    return venue->active && protocol_rehearse(&venue->protocol, now_us, request);
}

const Service service_binance_venue = {
    .name = "binance_venue",
    .label = "BinanceVenue",
    .sentence = "Places real orders on Binance: each sent once, each fate found out, all of it "
                "compared with the venue's books.",
    .stage = STAGE_VENUE,
    HEARS(TOPIC_ORDER_REQUESTS, TOPIC_VENUE_REPLIES, TOPIC_VENUE_EVENTS, TOPIC_VENUE_LINKS,
          TOPIC_VENUE_CLOCKS, TOPIC_VENUE_IDENTITIES, TOPIC_SYMBOL_FILTERS, TOPIC_PRICES,
          TOPIC_POSTINGS, TOPIC_TIMERS, TOPIC_RESTORED_ORDERS, TOPIC_RESTORED_ACCOUNTS),
    SAYS(TOPIC_VENUE_REQUESTS, TOPIC_EXECUTION_REPORTS, TOPIC_VENUE_STATES, TOPIC_VENUE_DIFFERENCES,
         TOPIC_OPENINGS, TOPIC_SYMBOL_FILTERS),
    .state_size = binance_venue_state_size,
    .init = binance_venue_init,
    .step = binance_venue_step,
};
