/* SPDX-License-Identifier: Apache-2.0 */
#include "core/num/columns.h"

#include "core/num/columns_near.h"

/* ---- windows ------------------------------------------------------------------------------- */

static void window_push_all(Window *window, const double *values, size_t count) {
    size_t length = window->length, skipped = count > length ? count - length : 0;
    window->next = (uint32_t)((window->next + skipped) % length);
    for (size_t at = skipped; at < count;) {
        size_t part = length - window->next < count - at ? length - window->next : count - at;
        memcpy(window->values + window->next, values + at, part * sizeof(double));
        memcpy(window->values + window->next + length, values + at, part * sizeof(double));
        window->next = (uint32_t)((window->next + part) % length);
        at += part;
    }
}

double *columns_line(Window *window, size_t before, const double *values, size_t count,
                     double room[static COLUMNS_ROOM]) {
    size_t pad = (COLUMNS_ALIGN - before % COLUMNS_ALIGN) % COLUMNS_ALIGN;
    double *line = room + pad;
    memset(room, 0, pad * sizeof(double));
    memcpy(line, window_last(window, (unsigned)before), before * sizeof(double));
    memcpy(line + before, values, count * sizeof(double));
    memset(line + before + count, 0, COLUMNS_ALIGN * sizeof(double));
    window_push_all(window, values, count);
    return line;
}

/* ---- past the caches ----------------------------------------------------------------------- */

#define CACHE_LINE 64 /* bytes; a whole one at a time goes out without being read first */

void columns_stream(double *target, const double *values, size_t count) {
    size_t head = (CACHE_LINE - (uintptr_t)target % CACHE_LINE) % CACHE_LINE / sizeof(double);
    size_t at = head < count ? head : count;
    memcpy(target, values, at * sizeof(double));
    for (; at + COLUMNS_ALIGN <= count; at += COLUMNS_ALIGN)
        for (size_t part = at; part < at + COLUMNS_ALIGN; part += NEAR_LANES)
            near_stream(target + part, near_load(values + part));
    memcpy(target + at, values + at, (count - at) * sizeof(double));
}

void columns_settle(void) {
    near_settle();
}

/* ---- extremes of a window ------------------------------------------------------------------ */

static inline double higher(double left, double right) {
    return left > right ? left : right;
}

static inline double lower(double left, double right) {
    return left < right ? left : right;
}

/* The highest of four windows that begin at these distances from one another. */
static void join_highest(const double *restrict from, const size_t apart[static 3], size_t count,
                         double *restrict into) {
    const double *second = from + apart[0], *third = from + apart[1], *fourth = from + apart[2];
    for (size_t at = 0; at < count; at++)
        into[at] = higher(higher(from[at], second[at]), higher(third[at], fourth[at]));
}

static void join_lowest(const double *restrict from, const size_t apart[static 3], size_t count,
                        double *restrict into) {
    const double *second = from + apart[0], *third = from + apart[1], *fourth = from + apart[2];
    for (size_t at = 0; at < count; at++)
        into[at] = lower(lower(from[at], second[at]), lower(third[at], fourth[at]));
}

/* The candidates as a line: in the place of each value the highest from there on. */
static void extreme_line(const Extreme *extreme, size_t before, double sign, double *line) {
    uint64_t turn = extreme->turn - before;
    for (uint32_t place = 0; place < extreme->count; place++) {
        const ExtremeCandidate *candidate = &extreme->ring[extreme_slot(extreme, place)];
        for (; turn <= candidate->turn; turn++)
            *line++ = sign * candidate->value;
    }
}

/* As if the newest `length` values had been pushed: those higher than all behind them. */
static void extreme_rebuild(Extreme *extreme, const double *newest, double sign, size_t count) {
    uint32_t slot = extreme->length;
    extreme->turn += count;
    extreme->count = 0;
    for (uint32_t back = 1; back <= extreme->length; back++) {
        double value = sign * newest[-(ptrdiff_t)back];
        if (extreme->count && value <= extreme->ring[slot].value) continue;
        extreme->ring[--slot] = (ExtremeCandidate){value, extreme->turn - back};
        extreme->count++;
    }
    extreme->first = slot;
}

/* sign 1: the highest; -1: the lowest, which the extreme holds as the highest of what is negated.
 */
static void columns_extreme(Extreme *extreme, const double *restrict values, double sign,
                            size_t count, double *restrict into) {
    double line[COLUMNS_LINE], other[COLUMNS_LINE], *from = line, *free = other;
    size_t length = extreme->length, reached = 1, before = length - 1;
    if (count < length || length == 1) {
        for (size_t at = 0; at < count; at++)
            into[at] = sign * extreme_push(extreme, sign * values[at]);
        return;
    }
    extreme_line(extreme, before, sign, line);
    memcpy(line + before, values, count * sizeof(double));
    while (reached < length) { /* windows of `reached` values become those of up to four times */
        size_t wide = 4 * reached < length ? 4 * reached : length, last = wide - reached;
        size_t apart[3] = {reached < last ? reached : last, 2 * reached < last ? 2 * reached : last,
                           last};
        double *next = wide == length ? into : free;
        (sign > 0 ? join_highest : join_lowest)(from, apart, before + count - wide + 1, next);
        free = from;
        from = next;
        reached = wide;
    }
    extreme_rebuild(extreme, values + count, sign, count);
}

void columns_channel(Channel *channel, const double *highs, const double *lows, size_t count,
                     double *highest, double *lowest) {
    columns_extreme(channel_highs(channel), highs, 1, count, highest);
    columns_extreme(channel_lows(channel), lows, -1, count, lowest);
    channel->highest = highest[count - 1];
    channel->lowest = lowest[count - 1];
}
