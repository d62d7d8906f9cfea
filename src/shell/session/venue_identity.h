/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which account a state trades, and as whom (STATE/venue.json): the account's digest, the state's
 * own eight characters that every client order id of it bears, and when this account was first
 * armed here, from which the first day counts and which never becomes later. It is written before
 * the state is anything else: a state that has a world but no identity, or another account's, is
 * refused, since its orders could not be told from strangers'. Plain values.
 */
#ifndef SHELL_SESSION_VENUE_IDENTITY_H
#define SHELL_SESSION_VENUE_IDENTITY_H

#include "core/bus/message.h"

/* Reads what stands there into account, instance and armed_since. */
bool venue_identity_read(const char *state, VenueIdentity *identity, bool *found,
                         Error *error) MUST_USE;
/* The state's identity with this account: read, or made where `is_new`. */
bool venue_identity_enter(const char *state, const char *account, bool is_new,
                          VenueIdentity *identity, Error *error) MUST_USE;
/* Keeps the first arming; a later one changes nothing. */
bool venue_identity_arm(const char *state, VenueIdentity *identity, int64_t now_us,
                        Error *error) MUST_USE;

#endif
