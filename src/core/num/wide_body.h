/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of the kernels of wide.h, for vectors of WIDE_BYTES bytes (16, 32 or 64): the file that
 * includes it says how wide its processor is, and takes compare, grow and means into a table. Eight
 * lanes are WIDE_PARTS vectors. Stateless.
 */
#ifndef CORE_NUM_WIDE_BODY_H
#define CORE_NUM_WIDE_BODY_H

#include <string.h>

#include "core/num/moments.h"
#include "core/num/wide.h"

#define WIDE_EACH  (WIDE_BYTES / 8)
#define WIDE_PARTS (WIDE_LANES / WIDE_EACH)

typedef double WideDoubles __attribute__((vector_size(WIDE_BYTES)));
typedef int64_t WideIntegers __attribute__((vector_size(WIDE_BYTES)));

#define WIDE_LOAD(vector, at) memcpy(&(vector), (at), sizeof(vector))

/* ---- comparisons --------------------------------------------------------------------------- */

/* Lane l of block b is bar 8 b + l: its bit is put there, and the lanes are joined in the end. */
#define WIDE_COMPARE(name, operator)                                                               \
    static void name(WideOperand left, WideOperand right, size_t words, uint64_t *bits) {          \
        for (size_t word = 0; word < words; word++) {                                              \
            WideIntegers found = {0};                                                              \
            for (unsigned block = 0; block < WIDE_LANES; block++) {                                \
                for (unsigned part = 0; part < WIDE_PARTS; part++) {                               \
                    WideDoubles a, b;                                                              \
                    WideIntegers places;                                                           \
                    WIDE_LOAD(a, left.values + part * WIDE_EACH);                                  \
                    WIDE_LOAD(b, right.values + part * WIDE_EACH);                                 \
                    WIDE_LOAD(places, &wide_places[block][part * WIDE_EACH]);                      \
                    found |= (a operator b) & places;                                              \
                }                                                                                  \
                left.values += left.stride;                                                        \
                right.values += right.stride;                                                      \
            }                                                                                      \
            uint64_t joined = 0;                                                                   \
            for (unsigned lane = 0; lane < WIDE_EACH; lane++)                                      \
                joined |= (uint64_t)found[lane];                                                   \
            bits[word] = joined;                                                                   \
        }                                                                                          \
    }

#define WIDE_ROW(block)                                                                            \
    {                                                                                              \
        1ULL << (8 * block), 1ULL << (8 * block + 1), 1ULL << (8 * block + 2),                     \
            1ULL << (8 * block + 3), 1ULL << (8 * block + 4), 1ULL << (8 * block + 5),             \
            1ULL << (8 * block + 6), 1ULL << (8 * block + 7)                                       \
    }
static const uint64_t wide_places[WIDE_LANES][WIDE_LANES] = {WIDE_ROW(0), WIDE_ROW(1), WIDE_ROW(2),
                                                             WIDE_ROW(3), WIDE_ROW(4), WIDE_ROW(5),
                                                             WIDE_ROW(6), WIDE_ROW(7)};

WIDE_COMPARE(wide_above, >)
WIDE_COMPARE(wide_below, <)
WIDE_COMPARE(wide_not_above, <=)
WIDE_COMPARE(wide_not_below, >=)

static void wide_compare(WideTest test, WideOperand left, WideOperand right, size_t words,
                         uint64_t *bits) {
    switch (test) {
    case WIDE_ABOVE:
        wide_above(left, right, words, bits);
        break;
    case WIDE_BELOW:
        wide_below(left, right, words, bits);
        break;
    case WIDE_NOT_ABOVE:
        wide_not_above(left, right, words, bits);
        break;
    default:
        wide_not_below(left, right, words, bits);
    }
}

/* ---- growth -------------------------------------------------------------------------------- */

/* The extremes of one run. */
typedef struct WideExtremes {
    WideDoubles least[WIDE_PARTS], most[WIDE_PARTS];
} WideExtremes;

static inline void wide_widen(WideExtremes *extremes, unsigned part, const WideDoubles *value) {
    WideDoubles *least = &extremes->least[part], *most = &extremes->most[part];
    WideIntegers lower = *value<*least, higher = *value> * most;
    *least = (WideDoubles)(((WideIntegers)*value & lower) | ((WideIntegers)*least & ~lower));
    *most = (WideDoubles)(((WideIntegers)*value & higher) | ((WideIntegers)*most & ~higher));
}

static inline void wide_step(const WideGrowth *growth, const double *prices, WideDoubles *sum,
                             WideDoubles *square, WideDoubles *value) {
    WideDoubles now, before;
    WIDE_LOAD(now, prices);
    WIDE_LOAD(before, prices - 1);
    now = now * growth->quantity + growth->cash;
    before = before * growth->quantity + growth->cash;
    WideDoubles gain = now / before - 1.0;
    *sum += gain;
    *square += gain * gain;
    *value = now;
}

/* True if the run stays below the peak; then its low counts. */
static inline bool wide_stays(WideGrowth *growth, const WideExtremes *extremes) {
    double lowest = extremes->least[0][0], highest = extremes->most[0][0];
    for (unsigned part = 0; part < WIDE_PARTS; part++)
        for (unsigned lane = 0; lane < WIDE_EACH; lane++) {
            double least = extremes->least[part][lane], most = extremes->most[part][lane];
            lowest = least < lowest ? least : lowest;
            highest = most > highest ? most : highest;
        }
    if (!(highest < growth->peak)) return false;
    if (lowest < growth->lowest) growth->lowest = lowest;
    return true;
}

static size_t wide_grow(WideGrowth *growth, const double *prices, size_t blocks, bool *reached) {
    WideDoubles sums[WIDE_PARTS], squares[WIDE_PARTS];
    memcpy(sums, growth->sums, sizeof sums);
    memcpy(squares, growth->squares, sizeof squares);
    size_t done = 0;
    for (*reached = false; done < blocks && !*reached;) {
        size_t run = blocks - done < WIDE_RUN ? blocks - done : WIDE_RUN;
        WideExtremes extremes;
        for (unsigned part = 0; part < WIDE_PARTS; part++) {
            const double *at = prices + done * WIDE_LANES + part * WIDE_EACH;
            WideDoubles value;
            wide_step(growth, at, &sums[part], &squares[part], &value);
            extremes.least[part] = extremes.most[part] = value;
            for (size_t block = 1; block < run; block++) {
                wide_step(growth, at + block * WIDE_LANES, &sums[part], &squares[part], &value);
                wide_widen(&extremes, part, &value);
            }
        }
        *reached = !wide_stays(growth, &extremes);
        done += run;
    }
    memcpy(growth->sums, sums, sizeof sums);
    memcpy(growth->squares, squares, sizeof squares);
    return done;
}

/* ---- prices -------------------------------------------------------------------------------- */

static void wide_scaled(const int64_t *units, size_t count, double scale, double *target) {
    size_t at = 0;
    for (; at + WIDE_EACH <= count; at += WIDE_EACH) {
        WideIntegers whole;
        WIDE_LOAD(whole, units + at);
        WideDoubles value = __builtin_convertvector(whole, WideDoubles) / scale;
        memcpy(target + at, &value, sizeof value);
    }
    for (; at < count; at++)
        target[at] = (double)units[at] / scale;
}

/* ---- means --------------------------------------------------------------------------------- */

/* The four partial sums of moments.h, of two vectors of windows that begin one value apart: so many
 * additions are under way that none waits for another. */
typedef struct WideSums {
    WideDoubles a[2], b[2], c[2], d[2];
} WideSums;

/* One term of one partial sum: the value, or its distance from the centre. */
#define WIDE_ADD(into, index, term)                                                                \
    do {                                                                                           \
        WideDoubles one, two;                                                                      \
        WIDE_LOAD(one, values + (index));                                                          \
        WIDE_LOAD(two, values + (index) + WIDE_EACH);                                              \
        (into)[0] += term(one, centre[0]);                                                         \
        (into)[1] += term(two, centre[1]);                                                         \
    } while (0)

/* Over all `length` values, in the order of moments.h. */
#define WIDE_SUM(name, term)                                                                       \
    static inline void name(const double *values, size_t length, const WideDoubles centre[2],      \
                            WideDoubles sum[2]) {                                                  \
        WideSums sums = {{{0}, {0}}, {{0}, {0}}, {{0}, {0}}, {{0}, {0}}};                          \
        size_t index = 0;                                                                          \
        (void)centre;                                                                              \
        for (; index + 4 <= length; index += 4) {                                                  \
            WIDE_ADD(sums.a, index, term);                                                         \
            WIDE_ADD(sums.b, index + 1, term);                                                     \
            WIDE_ADD(sums.c, index + 2, term);                                                     \
            WIDE_ADD(sums.d, index + 3, term);                                                     \
        }                                                                                          \
        if (index < length) WIDE_ADD(sums.a, index, term);                                         \
        if (index + 1 < length) WIDE_ADD(sums.b, index + 1, term);                                 \
        if (index + 2 < length) WIDE_ADD(sums.c, index + 2, term);                                 \
        sum[0] = (sums.a[0] + sums.b[0]) + (sums.c[0] + sums.d[0]);                                \
        sum[1] = (sums.a[1] + sums.b[1]) + (sums.c[1] + sums.d[1]);                                \
    }

#define WIDE_VALUE(value, centre)    (value) /* value - 0 is the value */
#define WIDE_DISTANCE(value, centre) ((value) - (centre))
#define WIDE_SQUARE(value, centre)   (((value) - (centre)) * ((value) - (centre)))
WIDE_SUM(wide_sums, WIDE_VALUE)
WIDE_SUM(wide_distances, WIDE_DISTANCE)
WIDE_SUM(wide_squares, WIDE_SQUARE)

static void wide_means(const double *values, size_t count, size_t length, double *target) {
    size_t at = 0;
    for (; at + 2 * WIDE_EACH <= count; at += 2 * WIDE_EACH) {
        WideDoubles rough[2], rest[2];
        wide_sums(values + at, length, rough, rough);
        rough[0] /= (double)length;
        rough[1] /= (double)length;
        wide_distances(values + at, length, rough, rest);
        rough[0] += rest[0] / (double)length;
        rough[1] += rest[1] / (double)length;
        memcpy(target + at, rough, sizeof rough);
    }
    for (; at < count; at++)
        target[at] = moments_mean(values + at, length);
}

static void wide_deviations(const double *values, const double *means, size_t count, size_t length,
                            double *target) {
    size_t at = 0;
    for (; at + 2 * WIDE_EACH <= count; at += 2 * WIDE_EACH) {
        WideDoubles centre[2], squares[2];
        memcpy(centre, means + at, sizeof centre);
        wide_squares(values + at, length, centre, squares);
        squares[0] /= (double)length;
        squares[1] /= (double)length;
        memcpy(target + at, squares, sizeof squares);
        for (unsigned lane = 0; lane < 2 * WIDE_EACH; lane++)
            target[at + lane] = sqrt(target[at + lane]);
    }
    for (; at < count; at++)
        target[at] = moments_deviation(values + at, length, means[at]);
}

#endif
