/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators over columns, eight doubles at once. Built for AVX-512: only accel.c may call what
 * stands here. */
#include "shell/accel/wide_tables.h"

#ifdef __x86_64__
#define WIDE_OWN(name) wide_avx512_##name
#include "shell/accel/wide_indicators_body.h"
#endif
