/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two clocks out of the machine's readings, as values. The own clock is the wall clock, but one
 * that is set back does not take it along: it goes on by the monotonic one, a tenth slower, until
 * the wall has caught up; so timers come due, also after a start with a record that is ahead of the
 * wall. Another machine's clock is kept against the monotonic one, so that it stays known while the
 * wall clock is set and while the own clock goes slower; what was told of it is told anew once it
 * holds no more. Plain values; the caller reads the machine's clocks.
 */
#ifndef CORE_BASE_OWN_CLOCK_H
#define CORE_BASE_OWN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct OwnClock { /* zeroes: not read yet */
    int64_t now_us, monotonic_us;
} OwnClock;

/* The time now, behind `last_us`. */
int64_t own_clock_read(OwnClock *clock, int64_t wall_us, int64_t monotonic_us, int64_t last_us);
/* By the monotonic clock, when it will stand at `due_us` if the wall does not get there before. */
int64_t own_clock_due(const OwnClock *clock, int64_t due_us);

typedef struct OtherClock { /* zeroes: not known */
    bool told;
    int64_t base_us; /* the other's time - monotonic */
    int64_t uncertainty_us, told_us, told_at_us;
} OtherClock;

/* A sample: the other's time - wall. */
typedef struct ClockSample {
    int64_t offset_us, uncertainty_us, wall_us, monotonic_us;
} ClockSample;

void other_clock_hear(OtherClock *other, const ClockSample *sample);
/* The other's time - `now_us` of the own clock, with its uncertainty. */
typedef struct ClockOffset {
    int64_t offset_us, uncertainty_us;
} ClockOffset;

ClockOffset other_clock_tell(OtherClock *other, int64_t now_us, int64_t monotonic_us);
/* What was told last holds no more. */
bool other_clock_is_off(const OtherClock *other, int64_t now_us, int64_t monotonic_us);

#endif
