/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of Binance's environments an address belongs to: the one with real money, the testnet, demo
 * mode, or this machine (our own exchange). An address that is not known for play counts as real
 * money, so that a slip errs towards the guard. Stateless; names are constants.
 */
#ifndef SHELL_SESSION_VENUE_PLACE_H
#define SHELL_SESSION_VENUE_PLACE_H

#include "core/base/error.h"

typedef enum VenuePlace { PLACE_REAL, PLACE_TESTNET, PLACE_DEMO_MODE, PLACE_OWN } VenuePlace;

/* ERROR_CONFIG: not an address. */
bool venue_place(const char *url, VenuePlace *place, Error *error) MUST_USE;
/* "real money", "testnet", "demo mode", "this machine". */
const char *venue_place_name(VenuePlace place);

#endif
