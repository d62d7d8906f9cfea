/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world beyond the venue, where time is virtual: a question of the core (OUTSIDE_REQUESTS) is
 * put to an Outside at once, and its answer is heard at the question's time plus a latency: the
 * recorded one where the answer comes from the record, else the one that the question declares.
 * Wall time never enters, so that a replay hears the same answers at the same instants. Answers of
 * one instant are heard in order of their questions. On a live feed the answer enters when it
 * arrives (shell/drivers/outside_port.h).
 *
 * What is open between question and answer stands in an OutsideQueue (core/kernel/outside_queue.h),
 * a plain value without pointers; whoever drives a kernel (engine, lab) owns it.
 */
#ifndef CORE_BUS_OUTSIDE_H
#define CORE_BUS_OUTSIDE_H

#include "core/bus/message.h"

/* Who answers. `ask` fills the whole reply and waits for nothing but the answer itself. `recall` is
 * for a question whose answer went with a crash: the answer if it is recorded, else what that means
 * here (in a replay: missing; else: lost); nothing is asked or paid again, and of the question only
 * service, id, source, slot, hash and latency are there. A zero Outside answers nothing: every
 * question is OUTSIDE_MISSING. */
typedef struct Outside {
    void *context;
    void (*ask)(void *context, const OutsideRequest *request, OutsideReply *reply);
    void (*recall)(void *context, const OutsideRequest *request, OutsideReply *reply);
} Outside;

#endif
