/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of the kernels of wide.h, for vectors of WIDE_BYTES bytes (16, 32 or 64): the file that
 * includes it says how wide its processor is, and takes compare, grow and scaled into a table.
 * Eight lanes are WIDE_PARTS vectors. Stateless.
 */
#ifndef CORE_NUM_WIDE_BODY_H
#define CORE_NUM_WIDE_BODY_H

#include <string.h>

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

#endif
