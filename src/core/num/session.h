/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of a market that never closes: stretches of equal length on the UTC clock, counted from
 * a Monday 00:00, so that 24 hours are days, 168 are weeks, and the divisors of 24 begin anew at
 * midnight. Pure functions; nothing is owned.
 */
#ifndef CORE_NUM_SESSION_H
#define CORE_NUM_SESSION_H

#include "core/base/instant.h"

#define SESSION_FIRST_US (-3 * INSTANT_DAY_US) /* 1970-01-01 was a Thursday */

/* Start of the session of `hours` hours in which the instant lies. */
static inline int64_t session_start(int64_t time_us, unsigned hours) {
    int64_t length = hours * INSTANT_HOUR_US, since = time_us - SESSION_FIRST_US;
    int64_t within = since % length;
    return time_us - (within < 0 ? within + length : within);
}

#endif
