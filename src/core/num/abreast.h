/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of several series abreast: lane n of a vector is series n, so that a recursion, which
 * must wait for its own last result, is stepped for all of them at once. Rows of NEAR_LANES values,
 * one of each series, stand one behind the other, bar by bar. Every lane does what the plain step
 * does, in its order. Plain values; nothing is owned.
 */
#ifndef CORE_NUM_ABREAST_H
#define CORE_NUM_ABREAST_H

#include "core/num/columns_near.h"
#include "core/num/ratio.h"
#include "core/num/smooth.h"

#define ABREAST_INLINE static inline __attribute__((always_inline))

typedef struct AbreastSmooth {
    Near value, weight;
} AbreastSmooth;

ABREAST_INLINE void abreast_take(AbreastSmooth *abreast, unsigned lane, const Smooth *smooth) {
    abreast->value[lane] = smooth->value;
    abreast->weight[lane] = smooth->weight;
}

ABREAST_INLINE void abreast_give(const AbreastSmooth *abreast, unsigned lane, Smooth *smooth) {
    smooth->value = abreast->value[lane];
}

/* smooth_step, seeded. */
ABREAST_INLINE Near abreast_smooth(AbreastSmooth *abreast, Near value) {
    return abreast->value += abreast->weight * (value - abreast->value);
}

ABREAST_INLINE Near abreast_choose(NearBits which, Near yes, Near no) {
    return (Near)((which & (NearBits)yes) | (~which & (NearBits)no));
}

/* ratio_or. */
ABREAST_INLINE Near abreast_ratio(Near numerator, Near denominator, double still) {
    NearBits moved = denominator > RATIO_LEAST;
    return abreast_choose(moved, numerator / denominator, (Near){0} + still);
}

/* ratio_part_or. */
ABREAST_INLINE Near abreast_part(Near part, Near whole, double still) {
    Near ratio = abreast_ratio(part, whole, still);
    return near_lesser(ratio, (Near){0} + 1.0);
}

ABREAST_INLINE Near abreast_size(Near value) {
    return (Near)((NearBits)value & INT64_MAX);
}

ABREAST_INLINE Near abreast_row(const double *rows, size_t bar) {
    return near_load(rows + bar * NEAR_LANES);
}

ABREAST_INLINE void abreast_put(double *rows, size_t bar, Near values) {
    if (rows) near_store(rows + bar * NEAR_LANES, values);
}

/* ---- turning ------------------------------------------------------------------------------- */

/* A square of rows becomes one of columns: neighbours first, then pairs, then fours. */
#if NEAR_LANES == 8
#define TURN_1(a, b, odd)                                                                          \
    __builtin_shufflevector((a), (b), 0 + odd, 8 + odd, 2 + odd, 10 + odd, 4 + odd, 12 + odd,      \
                            6 + odd, 14 + odd)
#define TURN_2(a, b, odd)                                                                          \
    __builtin_shufflevector((a), (b), 0 + 2 * odd, 1 + 2 * odd, 8 + 2 * odd, 9 + 2 * odd,          \
                            4 + 2 * odd, 5 + 2 * odd, 12 + 2 * odd, 13 + 2 * odd)
#define TURN_4(a, b, odd)                                                                          \
    __builtin_shufflevector((a), (b), 0 + 4 * odd, 1 + 4 * odd, 2 + 4 * odd, 3 + 4 * odd,          \
                            8 + 4 * odd, 9 + 4 * odd, 10 + 4 * odd, 11 + 4 * odd)
#elif NEAR_LANES == 4
#define TURN_1(a, b, odd) __builtin_shufflevector((a), (b), 0 + odd, 4 + odd, 2 + odd, 6 + odd)
#define TURN_2(a, b, odd)                                                                          \
    __builtin_shufflevector((a), (b), 0 + 2 * odd, 1 + 2 * odd, 4 + 2 * odd, 5 + 2 * odd)
#else
#define TURN_1(a, b, odd) __builtin_shufflevector((a), (b), 0 + odd, 2 + odd)
#endif

#define TURN(step, rows)                                                                           \
    for (unsigned row = 0; row < NEAR_LANES; row++) {                                              \
        if (row & step) continue;                                                                  \
        Near even = TURN_##step(rows[row], rows[row + step], 0);                                   \
        rows[row + step] = TURN_##step(rows[row], rows[row + step], 1);                            \
        rows[row] = even;                                                                          \
    }

ABREAST_INLINE void abreast_turn(Near rows[NEAR_LANES]) {
    TURN(1, rows)
#if NEAR_LANES > 2
    TURN(2, rows)
#endif
#if NEAR_LANES > 4
    TURN(4, rows)
#endif
}

#endif
