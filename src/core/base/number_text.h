/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doubles to text and back. Reading takes the exact fast path (Clinger 1990: up to 2^53 and a power
 * of ten up to 10^22, one rounding) and falls back to the C library outside of it; writing gives
 * the shortest text that reads back as the same double. The only file of the core that may call the
 * C library's conversions (src/LAYERS). Stateless.
 */
#ifndef CORE_BASE_NUMBER_TEXT_H
#define CORE_BASE_NUMBER_TEXT_H

#include "core/base/text.h"

/* A JSON number or a plain decimal (digits, point, exponent); the whole slice must be one. No hex,
 * no inf, no nan; false also where the value is not finite. */
bool number_from_slice(Slice text, double *value) MUST_USE;
/* A plain decimal of up to 19 digits at the front of a longer text, if it takes the fast path:
 * returns where it ends, or NULL, which says only that number_from_slice has to decide. */
const char *number_scan(const char *at, const char *end, double *value) MUST_USE;
/* Writes at most 32 bytes, closing zero included; returns the length. `value` must be finite. */
size_t number_to_text(double value, char target[static 32]);
/* Rounded half to even on the exact value, never "-0.00"; decimals 0 to 17. Returns the length, 0
 * (and an empty target) if it does not fit. */
size_t number_to_fixed(double value, int decimals, char *target, size_t capacity);
/* The decimal digits of a whole number, not zero-ended; returns how many. */
size_t number_digits(uint64_t value, char target[static 20]);

#endif
