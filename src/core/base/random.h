/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random streams by counter (Philox 4x32-10, Salmon et al. 2011, from Random123): number n of
 * stream s under seed k is a pure function of (k, s, n), the same on any machine and any number of
 * threads. A stream is a plain value: copy it, store it, skip in it.
 */
#ifndef CORE_BASE_RANDOM_H
#define CORE_BASE_RANDOM_H

#include <stdint.h>

typedef struct Random {
    uint64_t seed;
    uint64_t stream;
    uint64_t position; /* numbers of 32 bits drawn so far */
} Random;

Random random_stream(uint64_t seed, uint64_t stream);
uint32_t random_u32(Random *random);
uint64_t random_u64(Random *random);
/* Uniform in [0, 1) with 53 bits. */
double random_uniform(Random *random);
/* Uniform integer in [0, bound), bound >= 1, without bias (Lemire 2019). */
uint32_t random_below(Random *random, uint32_t bound);
/* Standard normal by Marsaglia's polar method (1964); always draws whole pairs and keeps none. */
double random_normal(Random *random);
/* Student t with `degrees` >= 3 integer degrees of freedom, scaled to unit variance. */
double random_student_t(Random *random, int degrees);

#endif
