/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real venue of a run: which environment it is, whether it may be traded without --live, the
 * key, the lock on the account, the checks, the typed word, and the port through which orders
 * leave. Nothing falls back: what is missing ends the run before anything was sent. The session
 * owns a SessionVenue from session_venue_guard to session_venue_close; key and lock are inside.
 */
#ifndef SHELL_SESSION_SESSION_VENUE_H
#define SHELL_SESSION_SESSION_VENUE_H

#include "shell/session/account_lock.h"
#include "shell/session/arming.h"
#include "shell/session/session.h"
#include "shell/session/venue_place.h"

typedef struct SessionVenue {
    VenuePlace place;
    VenueKey key;
    AccountLock lock;
    VenueIdentity identity;
    Arming arming;
    VenuePort *port; /* NULL: not armed */
} SessionVenue;

/* Without a word to the network: what kind of venue this is (plan->venue is settled here), whether
 * the plan may trade it, the key, and the lock on the account. ERROR_GUARD, ERROR_CREDENTIALS,
 * ERROR_STATE. */
bool session_venue_guard(SessionVenue *venue, SessionPlan *plan, Error *error) MUST_USE;
/* The state's identity; `is_new`: it has no world yet. */
bool session_venue_enter(SessionVenue *venue, const char *state, bool is_new,
                         Error *error) MUST_USE;
/* All checks, the typed word, and the port. */
bool session_venue_arm(SessionVenue *venue, const SessionPlan *plan, const char *state,
                       Error *error) MUST_USE;
void session_venue_close(SessionVenue *venue);

/* The venue's checks alone, as doctor shows them. */
void session_venue_check(const Settings *settings, VenueKey *key, bool strict, Arming *arming);
/* What has to be typed to arm this account with real money: "LIVE-3f2a9c". */
void session_venue_word(const char *account, char word[static 16]);

#endif
