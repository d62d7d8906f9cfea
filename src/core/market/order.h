/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of an order are a closed table: what is not in it cannot happen, and terminal states
 * are never left. UNKNOWN is a state of its own: the order may or may not rest at the venue; only
 * the venue's word ends it.
 *
 *   INTENT            journaled, not yet answered        -> ACKED, PARTIALLY_FILLED, FILLED,
 * REJECTED, EXPIRED, UNKNOWN ACKED             rests at the venue                 ->
 * PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, UNKNOWN PARTIALLY_FILLED  rests, filled in part ->
 * PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, UNKNOWN UNKNOWN           nobody knows -> every
 * state but INTENT FILLED, CANCELED, REJECTED, EXPIRED, NEVER_ARRIVED   terminal (CANCELED and
 * EXPIRED may have fills)
 */
#ifndef CORE_MARKET_ORDER_H
#define CORE_MARKET_ORDER_H

#include <stdbool.h>

#include "core/market/choices.h"

bool order_may_become(OrderState from, OrderState to);
bool order_is_terminal(OrderState state);

#endif
