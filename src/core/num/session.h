/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of a market that never closes: stretches of equal length on the UTC clock, beginning
 * anew every Monday 00:00, so that 24 hours are days, 168 are weeks, and the divisors of 24 begin
 * at midnight; where the hours do not divide a week its last session is the shorter. Pure
 * functions; nothing is owned.
 */
#ifndef CORE_NUM_SESSION_H
#define CORE_NUM_SESSION_H

#include "core/base/instant.h"

#define SESSION_MONDAY_US (4 * INSTANT_DAY_US) /* 1970-01-01 was a Thursday */
#define SESSION_WEEK_US   (7 * INSTANT_DAY_US)

/* Start of the session of `hours` hours in which the instant lies. */
static inline int64_t session_start(int64_t time_us, unsigned hours) {
    int64_t within = (time_us - SESSION_MONDAY_US) % SESSION_WEEK_US;
    if (within < 0) within += SESSION_WEEK_US;
    return time_us - within % (hours * INSTANT_HOUR_US);
}

#endif
