/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another history that could have been: the same steps in another order, in blocks, so that what
 * hangs together mostly stays together. Stationary bootstrap (Politis and Romano 1994, "The
 * stationary bootstrap", JASA 89): blocks start anywhere and have geometric lengths, so that the
 * new series is stationary. Circular bootstrap (the same 1992): blocks of one length. Both wrap
 * around at the end, so that every step is drawn as often as any other. Replica number n of a seed
 * is the same whoever makes it: each has a random stream of its own. Pure; the caller owns the
 * array.
 */
#ifndef CORE_TRIAL_RESAMPLE_H
#define CORE_TRIAL_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

typedef enum ResampleKind {
    RESAMPLE_STATIONARY, /* `length` is the mean, >= 1 */
    RESAMPLE_CIRCULAR    /* `length` is rounded to a whole number >= 1 */
} ResampleKind;

typedef struct Resample {
    ResampleKind kind;
    double length;
    uint64_t seed;
} Resample;

/* The steps of replica number `replica`, of a history of `count` steps (at most 2^32 - 1): which
 * step stands at each of its `wanted` places. Where a step does not follow the one before it (the
 * last is followed by the first), a new block begins. */
void resample_steps(const Resample *plan, uint64_t replica, size_t count, uint32_t *steps,
                    size_t wanted);

#endif
