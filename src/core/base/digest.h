/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three digests, each for its own purpose: SHA-256 (FIPS 180-4) for the journal's chain and ids,
 * CRC-32C (Castagnoli, RFC 3720) for torn or flipped records, and a fast 64-bit hash for comparing
 * bulk effects of two runs (not against an adversary). Sha256 is a plain value: it can be copied,
 * and stored in a snapshot, in mid-stream.
 */
#ifndef CORE_BASE_DIGEST_H
#define CORE_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32

typedef struct Sha256 {
    uint32_t state[8];
    uint64_t length;
    uint8_t block[64];
} Sha256;

void sha256_init(Sha256 *sha);
void sha256_add(Sha256 *sha, const void *bytes, size_t count);
/* The digest of what was added so far; `sha` itself is not changed and may go on. */
void sha256_peek(const Sha256 *sha, uint8_t digest[static SHA256_SIZE]);
void sha256_of(const void *bytes, size_t count, uint8_t digest[static SHA256_SIZE]);

/* The compression of FIPS 180-4, 6.2.2, as written there, over whole blocks of 64 bytes: what every
 * processor does, and what faster instructions must equal. */
void sha256_blocks_plain(uint32_t state[static 8], const uint8_t *blocks, size_t count);

/* Continues a CRC; 0 begins one. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t count);
/* Stable: of the bytes and their count alone, the same on every machine and in every version. */
uint64_t hash64(const void *bytes, size_t count);

#endif
