/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The highest of the last `length` values of a stream, exactly, in constant time on average: a
 * queue of falling candidates (a value that is not above a later one can never be the highest
 * again). The lowest is the highest of the negated values, which is exact. A plain block of
 * extreme_size(length) bytes without pointers, owned by the caller; the next block may begin at
 * extreme_end.
 */
#ifndef CORE_NUM_EXTREME_H
#define CORE_NUM_EXTREME_H

#include "core/base/check.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct ExtremeCandidate {
    double value;
    uint64_t turn; /* number of the value in the stream */
} ExtremeCandidate;

typedef struct Extreme {
    uint64_t turn; /* values seen */
    uint32_t length;
    uint32_t first; /* slot of the highest */
    uint32_t count; /* candidates, falling from the first on */
    uint32_t padding;
    ExtremeCandidate ring[]; /* length */
} Extreme;

static inline size_t extreme_size(unsigned length) {
    return sizeof(Extreme) + (size_t)length * sizeof(ExtremeCandidate);
}

static inline void extreme_init(Extreme *extreme, unsigned length) {
    CHECK(length > 0, "an extreme looks at one value at least");
    memset(extreme, 0, extreme_size(length));
    extreme->length = length;
}

static inline void *extreme_end(Extreme *extreme) {
    return extreme->ring + extreme->length;
}

static inline uint32_t extreme_slot(const Extreme *extreme, uint32_t place) {
    uint32_t slot = extreme->first + place;
    return slot >= extreme->length ? slot - extreme->length : slot;
}

/* Takes the value in and gives the highest of the last `length` (of all, while there are fewer). */
static inline double extreme_push(Extreme *extreme, double value) {
    if (extreme->count > 0 &&
        extreme->ring[extreme->first].turn + extreme->length <= extreme->turn) {
        extreme->first = extreme_slot(extreme, 1);
        extreme->count--;
    }
    while (extreme->count > 0 &&
           extreme->ring[extreme_slot(extreme, extreme->count - 1)].value <= value)
        extreme->count--;
    extreme->ring[extreme_slot(extreme, extreme->count)] = (ExtremeCandidate){value, extreme->turn};
    extreme->count++;
    extreme->turn++;
    return extreme->ring[extreme->first].value;
}

#endif
