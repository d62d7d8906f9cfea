/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/own_clock.h"

#define PARTS 9 /* of ten: the own clock while the wall is behind it */
#define WHOLE 10
/* Two seconds of the slower clock; the shortest recvWindow is a second, and half of it counts. */
#define OFF_US 200000
/* Moved by more than the slower clock moves: the wall clock was set ahead, or the machine slept,
 * and then the monotonic clock did not count. Until a new sample nothing can be signed by it. */
#define JUMP_DOUBT_US 60000000

int64_t own_clock_read(OwnClock *clock, int64_t wall_us, int64_t monotonic_us, int64_t last_us) {
    if (clock->now_us == 0) clock->monotonic_us = monotonic_us;
    int64_t now_us = clock->now_us + (monotonic_us - clock->monotonic_us) * PARTS / WHOLE;
    if (now_us < wall_us) now_us = wall_us;
    if (now_us <= last_us) now_us = last_us + 1;
    *clock = (OwnClock){now_us, monotonic_us};
    return now_us;
}

int64_t own_clock_due(const OwnClock *clock, int64_t due_us) {
    int64_t left_us = due_us - clock->now_us;
    if (left_us <= 0) return clock->monotonic_us;
    return clock->monotonic_us + left_us / PARTS * WHOLE +
           (left_us % PARTS * WHOLE + PARTS - 1) / PARTS;
}

void other_clock_hear(OtherClock *other, const ClockSample *sample) {
    other->base_us = sample->offset_us + sample->wall_us - sample->monotonic_us;
    other->uncertainty_us = sample->uncertainty_us;
    other->told = false;
}

static int64_t distance(const OtherClock *other, int64_t offset_us) {
    return offset_us > other->told_us ? offset_us - other->told_us : other->told_us - offset_us;
}

bool other_clock_is_off(const OtherClock *other, int64_t now_us, int64_t monotonic_us) {
    return other->told && distance(other, other->base_us + monotonic_us - now_us) >= OFF_US;
}

ClockOffset other_clock_tell(OtherClock *other, int64_t now_us, int64_t monotonic_us) {
    int64_t offset_us = other->base_us + monotonic_us - now_us;
    int64_t moved_us = other->told ? distance(other, offset_us) : 0;
    int64_t slower_us = (monotonic_us - other->told_at_us) / WHOLE;
    bool jumped = moved_us > slower_us + OFF_US;
    if (jumped) other->uncertainty_us = moved_us + JUMP_DOUBT_US;
    bool slow = moved_us > 0 && !jumped; /* it will move on, as far again */
    other->told = true;
    other->told_us = offset_us;
    other->told_at_us = monotonic_us;
    return (ClockOffset){offset_us, other->uncertainty_us + (slow ? OFF_US : 0)};
}
