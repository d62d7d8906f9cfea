/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Crypto Fear & Greed index of alternative.me: bytes in, values out ("Fear and Greed Index
 * API": {"data":[{"value":"44","value_classification":"Fear","timestamp":"1790000000"}, ...]},
 * one value a day, newest first). Fields beside these are passed over. Results lie in memory of the
 * caller.
 */
#ifndef CORE_VENUES_FEAR_GREED_H
#define CORE_VENUES_FEAR_GREED_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/base/text.h"

#define FEAR_GREED_PATH "/fng/?limit=0&format=json"

typedef struct FearGreed {
    int64_t time_us; /* the day it stands for, as stamped */
    unsigned value;  /* 0 to 100 */
} FearGreed;

/* The words of the index for a value: 0-24 extreme fear, 25-44 fear, 45-55 neutral, 56-75 greed,
 * above it extreme greed. */
const char *fear_greed_word(unsigned value);
/* Fills rows[0 .. *count), at most `capacity`, in the order of the answer. ERROR_DATA with the byte
 * position when it is malformed; a value that cannot be is counted in *refused and left out. */
bool fear_greed_read(Slice body, FearGreed *rows, size_t capacity, size_t *count, size_t *refused,
                     Error *error) MUST_USE;

#endif
