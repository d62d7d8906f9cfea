/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight bytes at a time in one 64-bit word ("SIMD within a register", Lamport 1975; the byte tests
 * after Mycroft 1987). The first byte of the text is always the lowest lane, whatever the machine's
 * byte order. In a mask of marks the high bit of a lane is set where the test holds; marks above
 * the lowest one may be false, so only the lowest is looked at. Stateless; the caller guarantees
 * that eight bytes can be read.
 */
#ifndef CORE_BASE_LANES_H
#define CORE_BASE_LANES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANES_ONES  0x0101010101010101ULL
#define LANES_HIGHS 0x8080808080808080ULL

static inline uint64_t lanes_load(const void *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint64_t lanes_less(uint64_t word, unsigned bound) { /* bound <= 128 */
    return (word - LANES_ONES * bound) & ~word & LANES_HIGHS;
}

static inline uint64_t lanes_equal(uint64_t word, char byte) {
    uint64_t difference = word ^ (LANES_ONES * (unsigned char)byte);
    return (difference - LANES_ONES) & ~difference & LANES_HIGHS;
}

/* Bytes before the lowest mark; marks is not 0. */
static inline unsigned lanes_before(uint64_t marks) {
    return (unsigned)__builtin_ctzll(marks) >> 3;
}

/* Bytes where a JSON string's plain run ends: quote, backslash, control, or not ASCII. */
static inline uint64_t lanes_not_plain(uint64_t word) {
    return lanes_less(word, 0x20) | lanes_equal(word, '"') | lanes_equal(word, '\\') |
           (word & LANES_HIGHS);
}

/* All eight are '0' to '9': the high half-byte is 3, and stays 3 when 6 is added. */
static inline bool lanes_all_digits(uint64_t word) {
    uint64_t highs = 0xF0F0F0F0F0F0F0F0ULL;
    return ((word & highs) | (((word + 6 * LANES_ONES) & highs) >> 4)) == 0x3333333333333333ULL;
}

/* The value of eight digits, first digit highest: pairs, then fours, then eight. */
static inline uint32_t lanes_digits(uint64_t word) {
    word = (word & 0x0F0F0F0F0F0F0F0FULL) * (1 + (10ULL << 8)) >> 8;
    word = (word & 0x00FF00FF00FF00FFULL) * (1 + (100ULL << 16)) >> 16;
    return (uint32_t)((word & 0x0000FFFF0000FFFFULL) * (1 + (10000ULL << 32)) >> 32);
}

#endif
