/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Highest highs and lowest lows of windows along a line: the extremes of 2, 4 and 8 values that end
 * at each place are made in registers, longer ones out of up to four of these. Windows of several
 * lengths share the short ones.
 */
#include "core/num/columns.h"

#include "core/num/columns_near.h"

#define CHANNEL_INLINE static inline __attribute__((always_inline))

/* One side of a channel: highs are greater, lows are lesser. */
typedef enum Side { SIDE_HIGHS, SIDE_LOWS } Side;

CHANNEL_INLINE Near pick(Near left, Near right, Side side) {
    return side == SIDE_HIGHS ? near_greater(left, right) : near_lesser(left, right);
}

/* Extremes of 2^levels values, at all places of the room. */
CHANNEL_INLINE void short_extremes(const double *values, size_t end, unsigned levels, Side side,
                                   double *into) {
    (void)levels; /* with vectors of two there is one */
    Near before = {0};
#if NEAR_LEVELS > 1
    Near pair_before = {0};
#endif
#if NEAR_LEVELS > 2
    Near four_before = {0};
#endif
    for (size_t place = 0; place < end; place += NEAR_LANES) {
        Near now = near_load(values + place), out = pick(now, NEAR_BACK_1(before, now), side);
        near_ask(values + place, COLUMNS_BLOCK);
        before = now;
#if NEAR_LEVELS > 1
        if (levels > 1) {
            Near pair = out;
            out = pick(pair, NEAR_BACK_2(pair_before, pair), side);
            pair_before = pair;
        }
#endif
#if NEAR_LEVELS > 2
        if (levels > 2) {
            Near four = out;
            out = pick(four, NEAR_BACK_4(four_before, four), side);
            four_before = four;
        }
#endif
        near_store(into + place, out);
    }
}

/* A line of one side in its room, and the extremes of `reached` values that end at each place. */
typedef struct Reached {
    const double *extremes;
    size_t reached, first, end; /* first: place of the first bar */
    Side side;
} Reached;

CHANNEL_INLINE void join_two(const double *from, size_t apart, size_t count, Side side,
                             double *into) {
    for (size_t at = 0; at < count; at += NEAR_LANES)
        near_store(into + at, pick(near_load(from + at), near_load(from + at - apart), side));
}

CHANNEL_INLINE void join_four(const double *from, const size_t apart[static 3], size_t count,
                              Side side, double *into) {
    const double *second = from - apart[0], *third = from - apart[1], *fourth = from - apart[2];
    for (size_t at = 0; at < count; at += NEAR_LANES) {
        Near left = pick(near_load(from + at), near_load(second + at), side);
        Near right = pick(near_load(third + at), near_load(fourth + at), side);
        near_store(into + at, pick(left, right, side));
    }
}

/* Extremes of `wide` values, at most four times those reached, at the places from `from` on. */
CHANNEL_INLINE void widen(const Reached *reached, size_t wide, size_t from, double *into) {
    size_t one = reached->reached, last = wide - one, count = reached->end - from;
    const double *extremes = reached->extremes + from;
    size_t apart[3] = {one < last ? one : last, 2 * one < last ? 2 * one : last, last};
    if (last <= one && reached->side == SIDE_HIGHS)
        join_two(extremes, last, count, SIDE_HIGHS, into);
    else if (last <= one)
        join_two(extremes, last, count, SIDE_LOWS, into);
    else if (reached->side == SIDE_HIGHS)
        join_four(extremes, apart, count, SIDE_HIGHS, into);
    else
        join_four(extremes, apart, count, SIDE_LOWS, into);
}

/* Those of windows of `length` values, bar by bar. */
static void finish(const Reached *from, size_t length, double *into) {
    _Alignas(64) double rooms[2][COLUMNS_ROOM];
    Reached reached = *from;
    for (unsigned turn = 0; 4 * reached.reached < length; turn++) {
        size_t wide = 4 * reached.reached, farthest = wide - reached.reached;
        double *room = rooms[turn % 2];
        widen(&reached, wide, farthest, room + farthest);
        reached.extremes = room;
        reached.reached = wide;
    }
    widen(&reached, length, reached.first, into);
}

static unsigned short_levels(size_t length) {
    unsigned levels = 1;
    while (levels < NEAR_LEVELS && (size_t)2 << levels <= length)
        levels++;
    return levels;
}

/* One side of all channels, the shortest of which has two bars at least. line[before + count]. */
static void read_side(const ColumnsChannels *channels, const double *line, Side side,
                      double (*into)[COLUMNS_BLOCK]) {
    _Alignas(64) double room[COLUMNS_ROOM];
    size_t shortest = COLUMNS_WINDOW, before = channels->before;
    size_t first = (before + COLUMNS_ALIGN - 1) / COLUMNS_ALIGN * COLUMNS_ALIGN;
    size_t end = first + channels->high.count;
    for (unsigned index = 0; index < channels->count; index++)
        if (channels->channels[index]->length < shortest)
            shortest = channels->channels[index]->length;
    const double *values = line - (first - before);
    unsigned levels = short_levels(shortest);
    if (levels == 3 && side == SIDE_HIGHS)
        short_extremes(values, end, 3, SIDE_HIGHS, room);
    else if (levels == 3)
        short_extremes(values, end, 3, SIDE_LOWS, room);
    else
        short_extremes(values, end, levels, side, room);
    Reached reached = {room, (size_t)1 << levels, first, end, side};
    for (unsigned index = 0; index < channels->count; index++)
        finish(&reached, channels->channels[index]->length, into[index]);
}

/* ---- states -------------------------------------------------------------------------------- */

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

static Extreme *extreme_of(Channel *channel, Side side) {
    return side == SIDE_HIGHS ? channel_highs(channel) : channel_lows(channel);
}

/* The line of one side: in its column where that can be read, else in the room. */
static const double *side_line(const ColumnsChannels *channels, const ColumnsPart *part, Side side,
                               double room[static COLUMNS_ROOM]) {
    if (columns_reaches(part, channels->before) && columns_ends_well(part))
        return part->values - channels->before;
    double *line = columns_line_place(channels->before, room);
    if (columns_reaches(part, channels->before)) {
        memcpy(line, part->values - channels->before, channels->before * sizeof(double));
    } else {
        Channel *longest = channels->channels[0];
        for (unsigned index = 1; index < channels->count; index++)
            if (channels->channels[index]->length > longest->length)
                longest = channels->channels[index];
        extreme_line(extreme_of(longest, side), channels->before, side == SIDE_HIGHS ? 1 : -1,
                     line);
    }
    memcpy(line + channels->before, part->values, part->count * sizeof(double));
    memset(line + channels->before + part->count, 0, COLUMNS_ALIGN * sizeof(double));
    return line;
}

static void run_side(const ColumnsChannels *channels, Side side, double (*into)[COLUMNS_BLOCK]) {
    _Alignas(64) double room[COLUMNS_ROOM];
    const ColumnsPart *part = side == SIDE_HIGHS ? &channels->high : &channels->low;
    read_side(channels, side_line(channels, part, side, room), side, into);
    if (!columns_keeps(part, channels->before)) return;
    for (unsigned index = 0; index < channels->count; index++)
        extreme_rebuild(extreme_of(channels->channels[index], side), part->values + part->count,
                        side == SIDE_HIGHS ? 1 : -1, part->count);
}

/* A few bars, or windows of one. */
static void step_all(const ColumnsChannels *channels, double (*highest)[COLUMNS_BLOCK],
                     double (*lowest)[COLUMNS_BLOCK]) {
    for (unsigned index = 0; index < channels->count; index++)
        for (size_t at = 0; at < channels->high.count; at++) {
            Channel *channel = channels->channels[index];
            channel_step(channel, channels->high.values[at], channels->low.values[at]);
            highest[index][at] = channel->highest;
            lowest[index][at] = channel->lowest;
        }
}

void columns_channels(ColumnsChannels *channels, double (*highest)[COLUMNS_BLOCK],
                      double (*lowest)[COLUMNS_BLOCK]) {
    size_t longest = 0, shortest = COLUMNS_WINDOW, count = channels->high.count;
    for (unsigned index = 0; index < channels->count; index++) {
        size_t length = channels->channels[index]->length;
        longest = length > longest ? length : longest;
        shortest = length < shortest ? length : shortest;
    }
    channels->before = longest - 1;
    if (shortest < 2 || (!columns_reaches(&channels->high, channels->before) && count < longest)) {
        step_all(channels, highest, lowest);
        return;
    }
    run_side(channels, SIDE_HIGHS, highest);
    run_side(channels, SIDE_LOWS, lowest);
    for (unsigned index = 0; index < channels->count; index++) {
        channels->channels[index]->highest = highest[index][count - 1];
        channels->channels[index]->lowest = lowest[index][count - 1];
    }
}
