/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to social sources and language models, as engine and backtests see it. Requests are said
 * by the core and hold no key; the port adds address, key and headers, keeps the record of answers,
 * and answers each request by exactly one OutsideReply. It never calls in: its threads fill a
 * queue. Whoever opened the port closes it. One thread at a time uses it; a message is copied out.
 */
#ifndef SHELL_DRIVERS_OUTSIDE_PORT_H
#define SHELL_DRIVERS_OUTSIDE_PORT_H

#include "core/base/error.h"
#include "core/bus/outside.h"

typedef struct OutsidePort OutsidePort;
struct OutsidePort {
    int wake_descriptor; /* an eventfd that becomes readable with each reply */
    /* Live time. Takes a request over; never waits. What cannot be taken is answered not_sent. */
    void (*send)(OutsidePort *port, const OutsideRequest *request);
    /* The oldest reply that waits; false: none. */
    bool (*next)(OutsidePort *port, OutsideReply *reply);
    /* Virtual time: `outside.ask` answers at once, from the record or by asking and waiting. */
    Outside outside;
    void (*close)(OutsidePort *port);
};

#endif
