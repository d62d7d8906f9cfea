/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mean, spread and weighted mean of a window by halves: two neighbouring values make a pair, two
 * pairs four, and so on; a window is cut into such halves from its newest value on, the widest
 * first (20 values: 16 and 4). Two means join without cancellation (Chan, Golub and LeVeque 1979),
 * and a half depends on its own values alone: so a window forgets a spike to the last bit, and
 * neighbouring windows share their halves, which is what makes columns.h fast. A mean of equal
 * values is exactly that value, and their spread exactly 0. Rounding grows with the logarithm of
 * the length. The caller owns the arrays; nothing is kept.
 */
#ifndef CORE_NUM_HALVES_H
#define CORE_NUM_HALVES_H

#include "core/num/ratio.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define HALVES_MOST 512 /* values; the longest period of an indicator is 500 */

typedef enum HalvesKind { HALVES_MEAN, HALVES_SPREAD, HALVES_WEIGHTED } HalvesKind;

/* One half of a window, and how it joins the newer ones. */
typedef struct HalvesPart {
    unsigned level;      /* 2^level values */
    size_t newer;        /* values in front of it */
    double inverse;      /* 1 / its values */
    double share, cross; /* its part of all values so far; newer x share */
} HalvesPart;

#define HALVES_LEVELS 10 /* 2^0 to 2^9 */

#define HALVES_INLINE static inline __attribute__((always_inline))
#define HALVES_NUMBER double
#define HALVES(name)  halves_##name
#include "core/num/halves_body.h"
#undef HALVES_NUMBER
#undef HALVES

/* Cuts a window of `length` values; the number of parts. */
static inline unsigned halves_cut(size_t length, HalvesPart parts[static HALVES_LEVELS]) {
    unsigned count = 0;
    size_t newer = 0;
    for (unsigned level = HALVES_LEVELS; level-- > 0;) {
        size_t width = (size_t)1 << level;
        if (!(length & width)) continue;
        double share = (double)width / (double)(newer + width);
        parts[count++] =
            (HalvesPart){level, newer, 1 / (double)width, share, (double)newer * share};
        newer += width;
    }
    return count;
}

/* The halves of 1, 2, 4 ... values, in place, up to the one of all `width` values. */
HALVES_INLINE halves_Half halves_of(const double *values, const double *weights, size_t width,
                                    HalvesKind kind) {
    double sum[HALVES_MOST / 2], second[HALVES_MOST / 2], lean[HALVES_MOST / 2];
    double none = 0;
    if (width == 1) return (halves_Half){values[0], 0, weights ? weights[0] : 0, 0};
    for (size_t at = 0; at < width / 2; at++) {
        halves_Half newer = {values[2 * at + 1], 0, weights ? weights[2 * at + 1] : none, 0};
        halves_Half older = {values[2 * at], 0, weights ? weights[2 * at] : none, 0};
        halves_Half both = halves_pair(&newer, &older, kind);
        sum[at] = both.sum;
        if (kind == HALVES_SPREAD) second[at] = both.spread;
        if (kind == HALVES_WEIGHTED) second[at] = both.weight, lean[at] = both.lean;
    }
    double share = 0.25;
    for (size_t left = width / 2; left > 1; left /= 2, share /= 2)
        for (size_t at = 0; at < left / 2; at++) {
            size_t new = 2 * at + 1, old = 2 * at;
            halves_Half newer = {.sum = sum[new]}, older = {.sum = sum[old]};
            if (kind == HALVES_SPREAD) newer.spread = second[new], older.spread = second[old];
            if (kind == HALVES_WEIGHTED) {
                newer.weight = second[new], older.weight = second[old];
                newer.lean = lean[new], older.lean = lean[old];
            }
            halves_Half both = halves_join(&newer, &older, share, kind);
            sum[at] = both.sum;
            if (kind == HALVES_SPREAD) second[at] = both.spread;
            if (kind == HALVES_WEIGHTED) second[at] = both.weight, lean[at] = both.lean;
        }
    halves_Half all = {.sum = sum[0]};
    if (kind == HALVES_SPREAD) all.spread = second[0];
    if (kind == HALVES_WEIGHTED) all.weight = second[0], all.lean = lean[0];
    return all;
}

/* values[count], oldest first; 1 <= count <= HALVES_MOST. */
HALVES_INLINE halves_Run halves_run(const double *values, const double *weights, size_t count,
                                    HalvesKind kind) {
    HalvesPart parts[HALVES_LEVELS];
    unsigned part_count = halves_cut(count, parts);
    halves_Run run = {0};
    for (unsigned index = 0; index < part_count; index++) {
        const HalvesPart *part = &parts[index];
        size_t width = (size_t)1 << part->level, first = count - part->newer - width;
        halves_Half half = halves_of(values + first, weights ? weights + first : NULL, width, kind);
        run = index ? halves_attach(&run, &half, part, kind) : halves_begin(&half, part);
    }
    return run;
}

static inline double halves_mean(const double *values, size_t count) {
    return halves_run(values, NULL, count, HALVES_MEAN).mean;
}

/* The mean of a run of values, each as heavy as its weight (not negative); their plain mean where
 * none has weight. */
static inline double halves_weighted_mean(const halves_Run *run) {
    return run->mean + ratio_or(run->lean, run->weight, 0);
}

#endif
