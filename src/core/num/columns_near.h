/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors of neighbouring values, as wide as the processor has them that a file is compiled for:
 * COLUMNS_BYTES is 16, which every machine has, or 32 or 64 in shell/accel. Lanes do the same
 * operations in the same order, so the bits do not depend on the width. For what
 * works on columns. Stateless.
 */
#ifndef CORE_NUM_COLUMNS_NEAR_H
#define CORE_NUM_COLUMNS_NEAR_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef COLUMNS_BYTES
#define COLUMNS_BYTES 16
#endif
#define NEAR_LANES (COLUMNS_BYTES / 8)

typedef double Near __attribute__((vector_size(COLUMNS_BYTES)));
typedef double NearLoose __attribute__((vector_size(COLUMNS_BYTES), aligned(8), may_alias));
typedef int64_t NearBits __attribute__((vector_size(COLUMNS_BYTES)));

static inline Near near_load(const double *at) {
    return *(const NearLoose *)(const void *)at;
}

/* Asks for what stands a block further on: a processor that looks ahead stops at the end of a page,
 * which is where a block ends. There need not be anything. */
static inline void near_ask(const double *at, size_t ahead) {
    __builtin_prefetch((const void *)((uintptr_t)at + ahead * sizeof(double)));
}

static inline void near_store(double *at, Near values) {
    *(NearLoose *)(void *)at = values;
}

/* left > right ? left : right, lane by lane. */
static inline Near near_greater(Near left, Near right) {
#if !defined(__clang__) && defined(__AVX512F__) && NEAR_LANES == 8
    return __builtin_ia32_maxpd512_mask(left, right, left, (unsigned char)-1, 4);
#elif !defined(__clang__) && defined(__AVX__) && NEAR_LANES == 4
    return __builtin_ia32_maxpd256(left, right);
#elif !defined(__clang__) && defined(__SSE2__) && NEAR_LANES == 2
    return __builtin_ia32_maxpd(left, right);
#else
    NearBits more = left > right;
    return (Near)((more & (NearBits)left) | (~more & (NearBits)right));
#endif
}

/* left < right ? left : right, lane by lane. */
static inline Near near_lesser(Near left, Near right) {
#if !defined(__clang__) && defined(__AVX512F__) && NEAR_LANES == 8
    return __builtin_ia32_minpd512_mask(left, right, left, (unsigned char)-1, 4);
#elif !defined(__clang__) && defined(__AVX__) && NEAR_LANES == 4
    return __builtin_ia32_minpd256(left, right);
#elif !defined(__clang__) && defined(__SSE2__) && NEAR_LANES == 2
    return __builtin_ia32_minpd(left, right);
#else
    NearBits less = left < right;
    return (Near)((less & (NearBits)left) | (~less & (NearBits)right));
#endif
}

static inline Near near_root(Near values) {
    for (unsigned lane = 0; lane < NEAR_LANES; lane++)
        values[lane] = sqrt(values[lane]);
    return values;
}

/* Past the caches, to a place that is aligned. */
static inline void near_stream(double *at, Near values) {
#if defined(__clang__)
    __builtin_nontemporal_store(values, (Near *)(void *)at);
#elif defined(__AVX512F__) && NEAR_LANES == 8
    __builtin_ia32_movntpd512(at, values);
#elif defined(__AVX__) && NEAR_LANES == 4
    __builtin_ia32_movntpd256(at, values);
#elif defined(__SSE2__) && NEAR_LANES == 2
    __builtin_ia32_movntpd(at, values);
#else
    near_store(at, values);
#endif
}

static inline void near_settle(void) {
#if defined(__SSE2__)
    __builtin_ia32_sfence();
#endif
}

/* The first `count` lanes. */
static inline void near_store_part(double *at, Near values, size_t count) {
    memcpy(at, &values, (count < NEAR_LANES ? count : NEAR_LANES) * sizeof(double));
}

/* The values at target[bar] on, as far as `count` goes; streamed: to a column that is aligned, past
 * the caches, between the operations that make the next ones. */
static inline void near_put(double *target, size_t bar, size_t count, Near values, bool streamed) {
    if (count - bar < NEAR_LANES)
        near_store_part(target + bar, values, count - bar);
    else if (streamed)
        near_stream(target + bar, values);
    else
        near_store(target + bar, values);
}

/* values[bar] on, as far as `count` goes, the others 0. */
static inline Near near_get(const double *values, size_t bar, size_t count) {
    Near part = {0};
    if (count - bar >= NEAR_LANES) return near_load(values + bar);
    memcpy(&part, values + bar, (count - bar) * sizeof(double));
    return part;
}

/* The values that stand 1, 2 or 4 places before those of `now`, which follows `before`. */
#if NEAR_LANES == 8
#define NEAR_BACK_1(before, now)                                                                   \
    __builtin_shufflevector((before), (now), 7, 8, 9, 10, 11, 12, 13, 14)
#define NEAR_BACK_2(before, now)                                                                   \
    __builtin_shufflevector((before), (now), 6, 7, 8, 9, 10, 11, 12, 13)
#define NEAR_BACK_4(before, now) __builtin_shufflevector((before), (now), 4, 5, 6, 7, 8, 9, 10, 11)
#define NEAR_LEVELS              3 /* 2^3 values in a vector */
#elif NEAR_LANES == 4
#define NEAR_BACK_1(before, now) __builtin_shufflevector((before), (now), 3, 4, 5, 6)
#define NEAR_BACK_2(before, now) __builtin_shufflevector((before), (now), 2, 3, 4, 5)
#define NEAR_LEVELS              2
#else
#define NEAR_BACK_1(before, now) __builtin_shufflevector((before), (now), 1, 2)
#define NEAR_LEVELS              1
#endif

#endif
