/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/random.h"

#include <math.h>
#include <stdbool.h>
#define R123_ASSERT(condition)                                                                     \
    ((void)0) /* its only use checks a number of rounds that is a constant here */
#include <Random123/philox.h>

#include "core/base/check.h"
#include "core/base/elementary.h"

#define BLOCK_WORDS 4 /* Philox 4x32 gives four numbers a block */
#define POLAR_TRIES_MAX                                                                            \
    128 /* a pair lies outside of the circle with 0.2146: never 128 times (1e-85) */

Random random_stream(uint64_t seed, uint64_t stream) {
    return (Random){.seed = seed, .stream = stream};
}

/* The seed is the key; the counter is the block's number and the stream. */
static philox4x32_ctr_t block_at(const Random *random) {
    uint64_t block = random->position / BLOCK_WORDS;
    philox4x32_key_t key = {{(uint32_t)random->seed, (uint32_t)(random->seed >> 32)}};
    philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)random->stream,
                                 (uint32_t)(random->stream >> 32)}};
    return philox4x32_R(10, counter, key);
}

/* The next `count` numbers; a block is computed once for all that are taken from it. */
static void draw(Random *random, unsigned count, uint32_t *target) {
    philox4x32_ctr_t block = block_at(random);
    for (unsigned i = 0; i < count; i++) {
        unsigned place = random->position % BLOCK_WORDS;
        if (i && place == 0) block = block_at(random);
        target[i] = block.v[place];
        random->position++;
    }
}

uint32_t random_u32(Random *random) {
    uint32_t word;
    draw(random, 1, &word);
    return word;
}

static uint64_t joined(const uint32_t words[static 2]) {
    return (uint64_t)words[1] << 32 | words[0];
}

static double unit_interval(uint64_t bits) {
    return (double)(bits >> 11) * 0x1p-53;
}

uint64_t random_u64(Random *random) {
    uint32_t words[2];
    draw(random, 2, words);
    return joined(words);
}

double random_uniform(Random *random) {
    return unit_interval(random_u64(random));
}

uint32_t random_below(Random *random, uint32_t bound) {
    CHECK(bound > 0, "random_below: bound must be above 0");
    uint64_t product = (uint64_t)random_u32(random) * bound;
    if ((uint32_t)product >= bound) return (uint32_t)(product >> 32);
    /* The low part falls into the 2^32 mod bound values that would come once too often: draw again.
     */
    uint32_t excess = (0 - bound) % bound;
    while ((uint32_t)product < excess)
        product = (uint64_t)random_u32(random) * bound;
    return (uint32_t)(product >> 32);
}

/* A point uniform in the unit circle without its centre: its first coordinate and its squared
 * distance. */
static double circle_point(Random *random, double *square) {
    for (int i = 0; i < POLAR_TRIES_MAX; i++) {
        uint32_t words[4];
        draw(random, 4, words);
        double x = 2 * unit_interval(joined(words)) - 1;
        double y = 2 * unit_interval(joined(words + 2)) - 1;
        *square = x * x + y * y;
        if (*square < 1 && *square > 0) return x;
    }
    CHECK(false, "random: no point fell into the circle");
}

double random_normal(Random *random) {
    double square, x = circle_point(random, &square);
    return x * sqrt(-2 * elementary_log(square) / square);
}

/* Bailey 1994, "Polar generation of random variates with the t-distribution": x sqrt(n (w^(-2/n) -
 * 1) / w). The variance of Student's t is n / (n - 2), which is divided out. */
double random_student_t(Random *random, int degrees) {
    CHECK(degrees >= 3, "random_student_t: the variance needs at least 3 degrees of freedom");
    double square, x = circle_point(random, &square);
    double growth = elementary_expm1(-2 * elementary_log(square) / degrees);
    return x * sqrt((degrees - 2) * growth / square);
}
