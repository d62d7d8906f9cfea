/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8, checked by the table of well-formed sequences (Unicode 15, table 3-7): no overlong forms,
 * no surrogates, nothing above U+10FFFF. Stateless; the bytes are the caller's.
 */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include <stdint.h>

#define UTF8_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* The length (1 to 4) of the well-formed sequence at `at`, or minus the length of the ill-formed
 * part that one U+FFFD stands for (the maximal subpart of Unicode's recommended practice). at <
 * end. */
int utf8_step(const char *at, const char *end);
/* Writes one code point (at most 0x10FFFF, no surrogate) as 1 to 4 bytes; returns how many. */
int utf8_put(uint32_t code, char target[static 4]);

#endif
