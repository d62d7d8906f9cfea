/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/digest.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/lanes.h"

#define BLOCK     64
#define LENGTH_AT 56 /* of a block: the last eight bytes of the message hold its length in bits */

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS
 * 180-4, 4.2.2). */
static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void sha256_init(Sha256 *sha) {
    /* The same of the square roots of the first 8 primes (5.3.3). */
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(sha, 0, sizeof *sha);
    memcpy(sha->state, first, sizeof first);
}

static inline uint32_t rotate(uint32_t word, int right) {
    return word >> right | word << (32 - right);
}

static inline uint32_t load_big(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void store_big(uint8_t *at, uint32_t word) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> (24 - 8 * i));
}

/* One round (6.2.2) without moving the eight words along: the caller turns their names instead. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                           \
    do {                                                                                           \
        uint32_t t = (h) + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +                        \
                     ((g) ^ ((e) & ((f) ^ (g)))) + round_constants[i] + w[(i)&15];                 \
        (d) += t;                                                                                  \
        (h) = t + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +                                 \
              (((a) & (b)) | ((c) & ((a) | (b))));                                                 \
    } while (0)

#define EIGHT_ROUNDS(i)                                                                            \
    do {                                                                                           \
        ROUND(a, b, c, d, e, f, g, h, (i));                                                        \
        ROUND(h, a, b, c, d, e, f, g, (i) + 1);                                                    \
        ROUND(g, h, a, b, c, d, e, f, (i) + 2);                                                    \
        ROUND(f, g, h, a, b, c, d, e, (i) + 3);                                                    \
        ROUND(e, f, g, h, a, b, c, d, (i) + 4);                                                    \
        ROUND(d, e, f, g, h, a, b, c, (i) + 5);                                                    \
        ROUND(c, d, e, f, g, h, a, b, (i) + 6);                                                    \
        ROUND(b, c, d, e, f, g, h, a, (i) + 7);                                                    \
    } while (0)

/* The message schedule kept as a ring: word i + 16 takes the place of word i. */
static inline void extend(uint32_t w[static 16]) {
    for (unsigned i = 0; i < 16; i++) {
        uint32_t two = w[(i + 14) & 15], fifteen = w[(i + 1) & 15];
        w[i] += w[(i + 9) & 15] + (rotate(two, 17) ^ rotate(two, 19) ^ two >> 10) +
                (rotate(fifteen, 7) ^ rotate(fifteen, 18) ^ fifteen >> 3);
    }
}

static void compress(uint32_t state[static 8], const uint8_t *block) {
    uint32_t w[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 16; i++)
        w[i] = load_big(block + 4 * i);
    for (int i = 0; i < 64; i += 16) {
        if (i) extend(w);
        EIGHT_ROUNDS(i);
        EIGHT_ROUNDS(i + 8);
    }
    const uint32_t sums[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; i++)
        state[i] += sums[i];
}

void sha256_blocks_plain(uint32_t state[static 8], const uint8_t *blocks, size_t count) {
    for (; count; blocks += BLOCK, count--)
        compress(state, blocks);
}

/* A sanitizer's own code cannot run while the program is being linked. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(SANITIZED)
/* Processors with the SHA extensions do four rounds in two instructions, to the same bits. The
 * dynamic linker asks once, before the program begins: nothing is kept in a variable. */

typedef int Lanes __attribute__((vector_size(16))); /* as the instructions are declared */
typedef unsigned Words __attribute__((vector_size(16)));
typedef char Octets __attribute__((vector_size(16)));

#define SHA_TARGET          __attribute__((target("sha,sse4.1,ssse3")))
#define PICK(a, b, ...)     __builtin_shufflevector(a, b, __VA_ARGS__)
#define ROUNDS(to, with, k) __builtin_ia32_sha256rnds2(to, with, k)

SHA_TARGET static inline Lanes add(Lanes a, Lanes b) {
    return (Lanes)((Words)a + (Words)b);
}

SHA_TARGET static inline Lanes load_lanes(const void *at) {
    Lanes lanes;
    memcpy(&lanes, at, sizeof lanes);
    return lanes;
}

SHA_TARGET static inline Lanes load_words(const uint8_t *at) {
    Octets octets;
    memcpy(&octets, at, sizeof octets);
    return (Lanes)PICK(octets, octets, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/* The next four words of the schedule, of which w holds the last sixteen. */
SHA_TARGET static inline Lanes next_words(const Lanes w[static 4], int i) {
    Lanes last = w[(i + 3) & 3], before = w[(i + 2) & 3];
    Lanes sum = __builtin_ia32_sha256msg1(w[i & 3], w[(i + 1) & 3]);
    return __builtin_ia32_sha256msg2(add(sum, PICK(before, last, 1, 2, 3, 4)), last);
}

/* Words A B E F and C D G H lie together, highest first: so the instructions want them. */
SHA_TARGET static void blocks_by_instructions(uint32_t state[static 8], const uint8_t *blocks,
                                              size_t count) {
    Lanes abcd = load_lanes(state), efgh = load_lanes(state + 4);
    Lanes abef = PICK(efgh, abcd, 1, 0, 5, 4), cdgh = PICK(efgh, abcd, 3, 2, 7, 6);
    for (; count; blocks += BLOCK, count--) {
        Lanes w[4], abef_before = abef, cdgh_before = cdgh;
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            w[i & 3] = i < 4 ? load_words(blocks + 16 * i) : next_words(w, i);
            Lanes k = add(w[i & 3], load_lanes(&round_constants[4 * i]));
            cdgh = ROUNDS(cdgh, abef, k);
            abef = ROUNDS(abef, cdgh, PICK(k, k, 2, 3, 0, 0));
        }
        abef = add(abef, abef_before);
        cdgh = add(cdgh, cdgh_before);
    }
    abcd = PICK(abef, cdgh, 3, 2, 7, 6);
    efgh = PICK(abef, cdgh, 1, 0, 5, 4);
    memcpy(state, &abcd, sizeof abcd);
    memcpy(state + 4, &efgh, sizeof efgh);
}

typedef void Blocks(uint32_t state[static 8], const uint8_t *blocks, size_t count);

#define LEAF_SHA    (1u << 29) /* CPUID 7.0, EBX */
#define LEAF_SSSE3  (1u << 9)  /* CPUID 1, ECX */
#define LEAF_SSE4_1 (1u << 19)

static inline void ask_processor(unsigned leaf, unsigned *a, unsigned *b, unsigned *c) {
    unsigned d;
    __asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(d) : "a"(leaf), "c"(0));
}

__attribute__((used, no_sanitize("undefined"))) static Blocks *choose_blocks(void) {
    unsigned highest, a, b, c;
    ask_processor(0, &highest, &b, &c);
    if (highest < 7) return sha256_blocks_plain;
    ask_processor(1, &a, &b, &c);
    bool has = (c & LEAF_SSSE3) && (c & LEAF_SSE4_1);
    ask_processor(7, &a, &b, &c);
    return has && (b & LEAF_SHA) ? blocks_by_instructions : sha256_blocks_plain;
}

static void sha256_blocks(uint32_t state[static 8], const uint8_t *blocks, size_t count)
    __attribute__((ifunc("choose_blocks")));
#else
#define sha256_blocks sha256_blocks_plain
#endif

void sha256_add(Sha256 *sha, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    size_t held = sha->length % BLOCK;
    sha->length += count;
    if (held) {
        size_t part = count < BLOCK - held ? count : BLOCK - held;
        if (part) memcpy(sha->block + held, at, part);
        if (held + part < BLOCK) return;
        sha256_blocks(sha->state, sha->block, 1);
        at += part;
        count -= part;
    }
    size_t whole = count / BLOCK;
    if (whole) sha256_blocks(sha->state, at, whole);
    count -= whole * BLOCK;
    if (count) memcpy(sha->block, at + whole * BLOCK, count);
}

void sha256_peek(const Sha256 *sha, uint8_t digest[static SHA256_SIZE]) {
    Sha256 end = *sha;
    uint64_t bits = sha->length * 8;
    size_t held = sha->length % BLOCK;
    end.block[held++] = 0x80;
    memset(end.block + held, 0, BLOCK - held);
    if (held > LENGTH_AT) {
        sha256_blocks(end.state, end.block, 1);
        memset(end.block, 0, BLOCK);
    }
    store_big(end.block + LENGTH_AT, (uint32_t)(bits >> 32));
    store_big(end.block + LENGTH_AT + 4, (uint32_t)bits);
    sha256_blocks(end.state, end.block, 1);
    for (int i = 0; i < 8; i++)
        store_big(digest + 4 * i, end.state[i]);
}

void sha256_of(const void *bytes, size_t count, uint8_t digest[static SHA256_SIZE]) {
    Sha256 sha;
    sha256_init(&sha);
    sha256_add(&sha, bytes, count);
    sha256_peek(&sha, digest);
}

/* Slicing by eight (Kounavis and Berry 2005): row k holds the CRC of a byte followed by k zero
 * bytes. A CRC is linear over exclusive or, so the eight values of single bits give the whole row,
 * and the compiler fills it. */
#define ENTRY(i, a, b, c, d, e, f, g, h)                                                           \
    (((i)&1 ? a : 0u) ^ ((i)&2 ? b : 0u) ^ ((i)&4 ? c : 0u) ^ ((i)&8 ? d : 0u) ^                   \
     ((i)&16 ? e : 0u) ^ ((i)&32 ? f : 0u) ^ ((i)&64 ? g : 0u) ^ ((i)&128 ? h : 0u))
#define FOUR(i, ...)                                                                               \
    ENTRY(i, __VA_ARGS__), ENTRY((i) + 1, __VA_ARGS__), ENTRY((i) + 2, __VA_ARGS__),               \
        ENTRY((i) + 3, __VA_ARGS__)
#define SIXTEEN(i, ...)                                                                            \
    FOUR(i, __VA_ARGS__), FOUR((i) + 4, __VA_ARGS__), FOUR((i) + 8, __VA_ARGS__),                  \
        FOUR((i) + 12, __VA_ARGS__)
#define SIXTY_FOUR(i, ...)                                                                         \
    SIXTEEN(i, __VA_ARGS__), SIXTEEN((i) + 16, __VA_ARGS__), SIXTEEN((i) + 32, __VA_ARGS__),       \
        SIXTEEN((i) + 48, __VA_ARGS__)
#define SPREAD(...)                                                                                \
    SIXTY_FOUR(0, __VA_ARGS__), SIXTY_FOUR(64, __VA_ARGS__), SIXTY_FOUR(128, __VA_ARGS__),         \
        SIXTY_FOUR(192, __VA_ARGS__)

static const uint32_t crc_rows[8][256] = {
    /* polynomial 0x1EDC6F41, bits reversed: 0x82F63B78 */
    {SPREAD(0xF26B8303, 0xE13B70F7, 0xC79A971F, 0x8AD958CF, 0x105EC76F, 0x20BD8EDE, 0x417B1DBC,
            0x82F63B78)},
    {SPREAD(0x13A29877, 0x274530EE, 0x4E8A61DC, 0x9D14C3B8, 0x3FC5F181, 0x7F8BE302, 0xFF17C604,
            0xFBC3FAF9)},
    {SPREAD(0xA541927E, 0x4F6F520D, 0x9EDEA41A, 0x38513EC5, 0x70A27D8A, 0xE144FB14, 0xC76580D9,
            0x8B277743)},
    {SPREAD(0xDD45AAB8, 0xBF672381, 0x7B2231F3, 0xF64463E6, 0xE964B13D, 0xD725148B, 0xABA65FE7,
            0x52A0C93F)},
    {SPREAD(0x38116FAC, 0x7022DF58, 0xE045BEB0, 0xC5670B91, 0x8F2261D3, 0x1BA8B557, 0x37516AAE,
            0x6EA2D55C)},
    {SPREAD(0xEF306B19, 0xDB8CA0C3, 0xB2F53777, 0x6006181F, 0xC00C303E, 0x85F4168D, 0x0E045BEB,
            0x1C08B7D6)},
    {SPREAD(0x68032CC8, 0xD0065990, 0xA5E0C5D1, 0x4E2DFD53, 0x9C5BFAA6, 0x3D5B83BD, 0x7AB7077A,
            0xF56E0EF4)},
    {SPREAD(0x493C7D27, 0x9278FA4E, 0x211D826D, 0x423B04DA, 0x847609B4, 0x0D006599, 0x1A00CB32,
            0x34019664)},
};

uint32_t crc32c(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    crc = ~crc;
    for (; count >= 8; at += 8, count -= 8) {
        uint64_t word = lanes_load(at) ^ crc;
        crc = 0;
        for (int i = 0; i < 8; i++)
            crc ^= crc_rows[7 - i][word >> (8 * i) & 0xFF];
    }
    for (; count; at++, count--)
        crc = crc >> 8 ^ crc_rows[0][(crc ^ *at) & 0xFF];
    return ~crc;
}

/* Multiply and fold: the two halves of a 128-bit product carry every input bit to every output bit.
 * The constants are the first fractional bits of the golden ratio, of sqrt(2) and of sqrt(3), made
 * odd. */
#define GOLDEN     0x9E3779B97F4A7C15ULL
#define ROOT_TWO   0x6A09E667F3BCC909ULL
#define ROOT_THREE 0xBB67AE8584CAA73BULL

static inline uint64_t fold(uint64_t value, uint64_t factor) {
    unsigned __int128 product = (unsigned __int128)value * factor;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Adding the lane after the fold keeps a step from losing it, even where the fold's input is 0. */
static inline uint64_t absorb(uint64_t sum, uint64_t lane, uint64_t factor) {
    return fold(sum ^ lane, factor) + lane;
}

uint64_t hash64(const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    uint64_t even = GOLDEN ^ count, odd = ROOT_THREE;
    size_t left = count;
    for (; left >= 16; at += 16, left -= 16) {
        even = absorb(even, lanes_load(at), ROOT_TWO);
        odd = absorb(odd, lanes_load(at + 8), GOLDEN);
    }
    uint8_t tail[16] = {0}; /* the count is in the seed, so the padding cannot be taken for bytes */
    if (left) memcpy(tail, at, left);
    even = absorb(even, lanes_load(tail), ROOT_TWO);
    odd = absorb(odd, lanes_load(tail + 8), GOLDEN);
    return fold(fold(even, ROOT_THREE) ^ odd, ROOT_TWO);
}
