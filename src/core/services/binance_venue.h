/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others may ask of the venue's service besides sending it messages: the rehearsal of an order
 * (protocol_rehearse in core/protocol/protocol.h). It reads the service's state and changes
 * nothing, so that it may happen at any time between turns without being part of the history. The
 * kernel owns the state; the caller owns the request.
 */
#ifndef CORE_SERVICES_BINANCE_VENUE_H
#define CORE_SERVICES_BINANCE_VENUE_H

#include "core/bus/message.h"

/* `state` of the service "binance_venue". False: it is not active, or does not know enough yet. */
bool binance_venue_rehearse(const void *state, int64_t now_us, VenueRequest *request);

#endif
