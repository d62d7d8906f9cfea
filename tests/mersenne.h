/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The random numbers of others' published examples: the Mersenne Twister MT19937 (Matsumoto and
 * Nishimura 1998) seeded by one number, its doubles of 53 bits, and normals by the polar method in
 * pairs, as a widely used numerical package made them for years. With it an example that names
 * only its seed can be computed again. A Mersenne is a plain value.
 */
#ifndef TESTS_MERSENNE_H
#define TESTS_MERSENNE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/num/normal.h"

#define MERSENNE_WORDS 624

typedef struct Mersenne {
    uint32_t word[MERSENNE_WORDS];
    unsigned at;
    bool kept;
    double spare;
} Mersenne;

static inline Mersenne mersenne_of(uint32_t seed) {
    Mersenne twister = {.at = MERSENNE_WORDS};
    for (unsigned index = 0; index < MERSENNE_WORDS; index++) {
        twister.word[index] = seed;
        seed = 1812433253u * (seed ^ (seed >> 30)) + index + 1;
    }
    return twister;
}

static inline void mersenne_twist(Mersenne *twister) {
    uint32_t *word = twister->word;
    for (unsigned index = 0; index < MERSENNE_WORDS; index++) {
        uint32_t joined =
            (word[index] & 0x80000000u) | (word[(index + 1) % MERSENNE_WORDS] & 0x7fffffffu);
        uint32_t odd = joined & 1 ? 0x9908b0dfu : 0;
        word[index] = word[(index + 397) % MERSENNE_WORDS] ^ (joined >> 1) ^ odd;
    }
    twister->at = 0;
}

static inline uint32_t mersenne_u32(Mersenne *twister) {
    if (twister->at == MERSENNE_WORDS) mersenne_twist(twister);
    uint32_t value = twister->word[twister->at++];
    value ^= value >> 11;
    value ^= (value << 7) & 0x9d2c5680u;
    value ^= (value << 15) & 0xefc60000u;
    return value ^ (value >> 18);
}

/* As the statistics language R seeds it: a linear congruential generator, fifty numbers of which
 * are passed over, and one more where R keeps its place. */
static inline Mersenne mersenne_of_r(uint32_t seed) {
    Mersenne twister = {.at = MERSENNE_WORDS};
    for (unsigned index = 0; index < 51; index++)
        seed = 69069u * seed + 1;
    for (unsigned index = 0; index < MERSENNE_WORDS; index++)
        twister.word[index] = seed = 69069u * seed + 1;
    return twister;
}

/* R's standard normal ("Inversion"): the quantile of a uniform of 53 bits, out of two of 32. */
static inline double mersenne_normal_of_r(Mersenne *twister) {
    const double parts = 134217728, unit = 2.3283064365386963e-10; /* 2^27; 1 / (2^32 - 1) */
    double coarse = floor(parts * (mersenne_u32(twister) * unit));
    return normal_quantile((coarse + mersenne_u32(twister) * unit) / parts);
}

static inline double mersenne_uniform(Mersenne *twister) {
    uint32_t high = mersenne_u32(twister) >> 5, low = mersenne_u32(twister) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

static inline double mersenne_normal(Mersenne *twister) {
    twister->kept = !twister->kept;
    if (!twister->kept) return twister->spare;
    double x, y, square;
    do {
        x = 2 * mersenne_uniform(twister) - 1;
        y = 2 * mersenne_uniform(twister) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double factor = sqrt(-2 * log(square) / square);
    twister->spare = factor * x;
    return factor * y;
}

#endif
