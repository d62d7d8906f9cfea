/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The window of halves.h for a stream: the halves of 2, 4, 8 ... values that end at the newest are
 * joined out of those that ended before it, which are kept, so that a value costs a few joins
 * however long the window is. The result is that of halves_run over the window, bit for bit. What
 * worked on the window as columns says so by halved_stale; the halves are then made anew when the
 * next value comes. A plain block of halved_size(length, kind) bytes without pointers, owned by the
 * caller; the next block may begin at halved_end.
 */
#ifndef CORE_NUM_HALVED_H
#define CORE_NUM_HALVED_H

#include "core/num/halves.h"
#include "core/num/window.h"

#define HALVED_FIELDS 3 /* at most: sum, spread; or sum, weight, lean */

typedef struct Halved {
    uint32_t stale, turn; /* turn: values taken in, modulo 2^32 */
    uint32_t top, part_count;
    uint32_t offset[HALVES_LEVELS], mask[HALVES_LEVELS]; /* of the kept halves of each level */
    uint64_t size;                                       /* of the whole block */
    HalvesPart parts[HALVES_LEVELS];
} Halved; /* the window of values follows, that of weights if there are any, then the kept halves */

static inline unsigned halved_fields(HalvesKind kind) {
    return kind == HALVES_MEAN ? 1 : kind == HALVES_SPREAD ? 2 : 3;
}

static inline Window *halved_values(Halved *halved) {
    return (Window *)(void *)(halved + 1);
}

static inline Window *halved_weights(Halved *halved) {
    return window_end(halved_values(halved));
}

static inline void *halved_end(Halved *halved) {
    return (uint8_t *)halved + halved->size;
}

/* How many halves of a level are kept: a power of two beyond the farthest that is read. */
static inline uint32_t halved_kept(unsigned length, unsigned level, const HalvesPart *parts,
                                   unsigned part_count) {
    uint32_t farthest = level < parts[0].level ? 1U << level : 0, kept = 1;
    for (unsigned index = 1; index < part_count; index++)
        if (parts[index].level == level && parts[index].newer > farthest)
            farthest = (uint32_t)parts[index].newer;
    while (kept <= farthest)
        kept *= 2;
    return level == 0 || length == 1 ? 0 : kept;
}

/* Lays the levels out; the number of doubles that they take. */
static inline uint32_t halved_lay(Halved *halved, unsigned length, HalvesKind kind) {
    uint32_t doubles = 0;
    halved->part_count = halves_cut(length, halved->parts);
    halved->top = halved->parts[0].level;
    for (unsigned level = 1; level <= halved->top; level++) {
        uint32_t kept = halved_kept(length, level, halved->parts, halved->part_count);
        halved->offset[level] = doubles;
        halved->mask[level] = kept - 1;
        doubles += kept * halved_fields(kind);
    }
    return doubles;
}

static inline size_t halved_size(unsigned length, HalvesKind kind) {
    Halved halved;
    size_t windows = (kind == HALVES_WEIGHTED ? 2 : 1) * window_size(length);
    return sizeof(Halved) + windows + halved_lay(&halved, length, kind) * sizeof(double);
}

static inline void halved_init(Halved *halved, unsigned length, HalvesKind kind) {
    memset(halved, 0, halved_size(length, kind));
    halved_lay(halved, length, kind);
    halved->size = halved_size(length, kind);
    window_init(halved_values(halved), length);
    if (kind == HALVES_WEIGHTED) window_init(halved_weights(halved), length);
}

static inline void halved_stale(Halved *halved) {
    halved->stale = 1;
}

/* The kept half of this level that ended `back` values ago. */
HALVES_INLINE double *halved_place(Halved *halved, unsigned level, uint32_t back, HalvesKind kind) {
    Window *last = kind == HALVES_WEIGHTED ? halved_weights(halved) : halved_values(halved);
    double *kept = (double *)window_end(last) + halved->offset[level];
    return kept + ((halved->turn - back) & halved->mask[level]) * halved_fields(kind);
}

HALVES_INLINE halves_Half halved_get(Halved *halved, unsigned level, uint32_t back,
                                     HalvesKind kind) {
    const double *at = halved_place(halved, level, back, kind);
    if (kind == HALVES_MEAN) return (halves_Half){.sum = at[0]};
    if (kind == HALVES_SPREAD) return (halves_Half){.sum = at[0], .spread = at[1]};
    return (halves_Half){.sum = at[0], .weight = at[1], .lean = at[2]};
}

HALVES_INLINE void halved_put(Halved *halved, unsigned level, const halves_Half *half,
                              HalvesKind kind) {
    double *at = halved_place(halved, level, 0, kind);
    at[0] = half->sum;
    if (kind == HALVES_SPREAD) at[1] = half->spread;
    if (kind == HALVES_WEIGHTED) at[1] = half->weight, at[2] = half->lean;
}

/* All halves that end at the value `now`, `before` being the one before it; the widest. */
HALVES_INLINE halves_Half halved_join(Halved *halved, halves_Half now, halves_Half before,
                                      HalvesKind kind) {
    halved->turn++;
    if (halved->top == 0) return now;
    halves_Half half = halves_pair(&now, &before, kind);
    halved_put(halved, 1, &half, kind);
    double share = 0.25;
    for (unsigned level = 1; level < halved->top; level++, share /= 2) {
        halves_Half older = halved_get(halved, level, 1U << level, kind);
        half = halves_join(&half, &older, share, kind);
        halved_put(halved, level + 1, &half, kind);
    }
    return half;
}

/* The single value `back` places before the newest of full windows. */
HALVES_INLINE halves_Half halved_single(Halved *halved, size_t back, HalvesKind kind) {
    const Window *values = halved_values(halved);
    halves_Half single = {.sum = window_all(values)[values->length - 1 - back]};
    if (kind == HALVES_WEIGHTED)
        single.weight = window_all(halved_weights(halved))[values->length - 1 - back];
    return single;
}

/* Takes in all values of the windows but the newest. */
static inline void halved_renew(Halved *halved, HalvesKind kind) {
    halved->stale = 0;
    for (size_t back = halved_values(halved)->length - 1; back > 0; back--) {
        halves_Half none = {0};
        bool first = back + 1 == halved_values(halved)->length;
        (void)halved_join(halved, halved_single(halved, back, kind),
                          first ? none : halved_single(halved, back + 1, kind), kind);
    }
}

/* Takes the value in; true once the window is full, and then *run is that of the window. */
HALVES_INLINE bool halved_step(Halved *halved, double value, double weight, HalvesKind kind,
                               halves_Run *run) {
    Window *values = halved_values(halved);
    bool full = window_push(values, value);
    if (kind == HALVES_WEIGHTED) window_push(halved_weights(halved), weight);
    if (__builtin_expect(halved->stale != 0, false)) halved_renew(halved, kind);
    halves_Half before = {0}, now = {.sum = value, .weight = weight};
    if (values->length > 1) before = halved_single(halved, 1, kind);
    halves_Half half = halved_join(halved, now, before, kind);
    if (!full) return false;
    *run = halves_begin(&half, &halved->parts[0]);
    for (unsigned index = 1; index < halved->part_count; index++) {
        const HalvesPart *part = &halved->parts[index];
        half = part->level ? halved_get(halved, part->level, (uint32_t)part->newer, kind)
                           : halved_single(halved, part->newer, kind);
        *run = halves_attach(run, &half, part, kind);
    }
    return true;
}

#endif
