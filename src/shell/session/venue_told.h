/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the real venue stands, for people: what status and portfolio print of the last VenueState and
 * the identity that a state's database holds. Plain values; read from a Store of the caller.
 */
#ifndef SHELL_SESSION_VENUE_TOLD_H
#define SHELL_SESSION_VENUE_TOLD_H

#include "shell/store/store.h"

typedef struct VenueTold {
    bool is_real;   /* the state trades a real venue */
    bool has_state; /* and has said how it stands */
    VenueIdentity identity;
    VenueState state;
} VenueTold;

void venue_told_read(Store *store, VenueTold *told);
/* One to three lines; nothing for a state on paper. `running`: else what is known is old. */
void venue_told_print(const VenueTold *told, bool running, bool color);
/* Members venue, account, armed_since and first_day_until of an object; null on paper. */
void venue_told_json(const VenueTold *told, JsonWriter *writer);

#endif
