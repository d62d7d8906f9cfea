/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time as a value: microseconds since 1970-01-01 00:00 UTC in an int64_t, everywhere in the program
 * named `..._us`. No clock is asked here, no time zone is known, there are no leap seconds (Unix
 * time). Stateless.
 */
#ifndef CORE_BASE_INSTANT_H
#define CORE_BASE_INSTANT_H

#include "core/base/text.h"

#define INSTANT_SECOND_US 1000000LL
#define INSTANT_MINUTE_US (60 * INSTANT_SECOND_US)
#define INSTANT_HOUR_US   (60 * INSTANT_MINUTE_US)
#define INSTANT_DAY_US    (24 * INSTANT_HOUR_US)
#define INSTANT_LAST_US   253402300799999999LL /* the end of year 9999: what ISO 8601 can say */

typedef struct Calendar {
    int year, month, day, hour, minute, second, microsecond,
        weekday; /* month 1..12, weekday 0 = Sunday */
} Calendar;

/* Proleptic Gregorian calendar (Hinnant, days_from_civil). Years 1 to 9999; a time outside of them
 * is shown as the nearest end, because what a venue sends must not stop the program. */
Calendar instant_calendar(int64_t time_us);
int64_t instant_of(int year, int month, int day, int hour, int minute, int second);

/* "2024-11-24T21:33:45.029Z": ISO 8601, UTC, milliseconds; 24 characters and a closing zero. */
void instant_to_iso(int64_t time_us, char target[static 25]);
/* "2024-11-24 21:33:45,400": the log's form; 23 characters and a closing zero. */
void instant_to_log(int64_t time_us, char target[static 24]);
/* Reads YYYY-MM-DD, YYYY-MM-DD[T ]HH:MM[:SS[.f{1,9}]][Z|+HH:MM|-HH:MM]; a date means 00:00 UTC,
 * no zone means UTC; digits finer than a microsecond are cut. */
bool instant_parse(Slice text, int64_t *time_us) MUST_USE;
/* Seconds, milli-, micro- or nanoseconds since 1970 by magnitude (years 2001 to 2200 do not
 * overlap), as found in candle files: dumps carry microseconds from 2025 on, milliseconds before.
 */
bool instant_from_stamp(int64_t stamp, int64_t *time_us) MUST_USE;

#endif
