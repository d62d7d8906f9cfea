/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last resort at a real venue: when the engine has failed because nothing can be written any
 * more, stop and flatten are still carried out, by direct requests through the port. Own orders are
 * known by the instance in their client id; others' are left alone. Stop cancels buys, so that
 * stops and targets go on resting; flatten cancels all of ours, then sells what the last state
 * held, never more than is free, and what is sold is sold once: a sale without an answer is asked
 * for by its client id and not sent again before the venue says that it never arrived. The ids
 * begin with "th", so that the next start takes these sales for somebody's own and shrinks the
 * position. Each step is told on standard error. The caller owns all that the plan points to.
 */
#ifndef SHELL_SESSION_HALTED_ORDERS_H
#define SHELL_SESSION_HALTED_ORDERS_H

#include "core/bus/message.h"
#include "core/market/symbol.h"
#include "shell/drivers/venue_port.h"

typedef struct HaltedHolding {
    SymbolName symbol;
    AssetName base;
    Quantity held, step;
} HaltedHolding;

typedef struct HaltedPlan {
    VenuePort *port;
    VenueClock clock; /* the last one that was read; newer ones are taken from the port */
    int32_t recv_window_ms;
    unsigned answer_timeout_ms;
    HaltedHolding holdings[LIMIT_SYMBOLS]; /* every symbol that is traded, held or not */
    unsigned count;
    bool (*stopping)(void); /* the operator wants the process to end */
} HaltedPlan;

typedef struct Halted Halted;

Halted *halted_open(const HaltedPlan *plan);
void halted_close(Halted *halted);
/* Takes what the port has: clocks are kept, the rest is no longer anybody's. */
void halted_listen(Halted *halted);
/* One pass: true if nothing is left to do at this level; false: try again in some seconds. Waits
 * for answers, at most twice answer_timeout_ms each. */
bool halted_carry_out(Halted *halted, KillLevel level) MUST_USE;

#endif
