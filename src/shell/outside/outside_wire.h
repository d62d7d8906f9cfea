/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions over HTTP (libcurl, one thread for all of them): TLS verified, HTTPS_PROXY and NO_PROXY
 * honoured, answers unpacked and bounded, each with a time limit of its own. A question is sent
 * once and never again by itself: whether to ask again is the core's to decide. Redirects are
 * followed for feeds alone, never to this machine or a private network unless the feed itself
 * stands there. Reddit's token is fetched and kept here. Feeds come out as JSON (feed_items.h). No
 * address, header or key stands in what is told of a failure.
 *
 * `done` is called on the wire's thread, once for each question; the reply is the callee's to
 * change while it lasts. Closing ends what is under way without a word. The plan outlives the wire.
 */
#ifndef SHELL_OUTSIDE_OUTSIDE_WIRE_H
#define SHELL_OUTSIDE_OUTSIDE_WIRE_H

#include "shell/outside/outside_target.h"

typedef struct OutsideWire OutsideWire;

typedef void OutsideDone(void *context, const OutsideRequest *request, OutsideReply *reply);

OutsideWire *outside_wire_open(const OutsidePlan *plan, OutsideDone *done, void *context,
                               Error *error);
/* Takes a copy; never waits. False: no memory, or too many under way. */
bool outside_wire_send(OutsideWire *wire, const OutsideRequest *request) MUST_USE;
void outside_wire_close(OutsideWire *wire);

/* A reply of this outcome to the question, with the reason as its body. */
void outside_reply_without(const OutsideRequest *request, OutsideOutcome outcome, const char *why,
                           OutsideReply *reply);

#endif
