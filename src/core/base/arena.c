/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/arena.h"

#include <string.h>

#include "core/base/check.h"

Arena arena_in(void *memory, size_t size) {
    CHECK((uintptr_t)memory % ARENA_ALIGNMENT == 0, "arena: the block is not aligned");
    return (Arena){.at = memory, .size = size};
}

size_t arena_rounded(size_t size) {
    CHECK(size <= SIZE_MAX - ARENA_ALIGNMENT, "arena: size out of range");
    return (size + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
}

void *arena_take(Arena *arena, size_t size) {
    size_t rounded = arena_rounded(size);
    CHECK(rounded <= arena->size - arena->used, "arena: more taken than was declared");
    void *piece = arena->at + arena->used;
    arena->used += rounded;
    return rounded ? memset(piece, 0, rounded) : piece;
}
