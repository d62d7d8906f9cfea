/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to a real venue and back, as the engine sees it. The engine hands in requests that the
 * core has said, after what changes something is on the disk; each is carried out once and answered
 * by exactly one VenueReply. Between answers come frames of the account's stream, changes of the
 * connection and readings of the venue's clock. A port keeps a queue that its own threads fill; it
 * never calls in. Whoever opened the VenuePort closes it, after the engine: a failed engine's port
 * can still cancel. One thread at a time uses it; a message is copied out.
 */
#ifndef SHELL_DRIVERS_VENUE_PORT_H
#define SHELL_DRIVERS_VENUE_PORT_H

#include "core/base/error.h"
#include "core/bus/message.h"

typedef struct VenueMessage {
    Topic topic; /* VENUE_REPLIES, VENUE_EVENTS, VENUE_LINKS or VENUE_CLOCKS */
    union {
        VenueReply reply;
        VenueEvent event;
        VenueLink link;
        VenueClock clock;
    };
} VenueMessage;

typedef struct VenuePort VenuePort;
struct VenuePort {
    const char *name;       /* "binance" */
    int wake_descriptor;    /* an eventfd that becomes readable with each message */
    VenueIdentity identity; /* told to the core at every start */
    /* Makes ready what can be made of a request before it may leave, so that less is left to do
     * when the disk has it; nothing leaves by this. The next `send` of the same request uses it,
     * anything else leaves it unused. NULL: the port has nothing to make ready. */
    void (*prepare)(VenuePort *port, const VenueRequest *request);
    /* Takes a request over; never waits. What cannot be taken is answered not_sent. */
    void (*send)(VenuePort *port, const VenueRequest *request);
    /* The oldest message that waits; false: none. */
    bool (*next)(VenuePort *port, VenueMessage *message);
    void (*close)(VenuePort *port);
};

#endif
