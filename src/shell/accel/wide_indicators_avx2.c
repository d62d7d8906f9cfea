/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators over columns, four doubles at once. Built for AVX2: only accel.c may call what stands
 * here. */
#include "shell/accel/wide_tables.h"

#ifdef __x86_64__
#define WIDE_OWN(name) wide_avx2_##name
#include "shell/accel/wide_indicators_body.h"
#endif
