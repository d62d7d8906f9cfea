/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena hands out pieces of one block from front to back and frees them all at once. The block
 * is the caller's; its size is computed beforehand from limits, so running out is a bug of ours and
 * a CHECK.
 */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_ALIGNMENT 16u /* __int128 wants 16 */

typedef struct Arena {
    uint8_t *at;
    size_t size, used;
} Arena;

Arena arena_in(void *memory, size_t size);
/* Zeroed memory, aligned to ARENA_ALIGNMENT. */
void *arena_take(Arena *arena, size_t size);
/* The size that `arena_take` will use for `size` bytes. */
size_t arena_rounded(size_t size);

#endif
