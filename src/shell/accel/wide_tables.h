/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that only some processors can run; accel.c knows which. Constants. */
#ifndef SHELL_ACCEL_WIDE_TABLES_H
#define SHELL_ACCEL_WIDE_TABLES_H

#include "core/num/wide.h"

#ifdef __x86_64__
extern const WideKernels wide_avx2, wide_avx512;
void wide_avx2_pass(const struct IndicatorPass *passes, unsigned pass_count, size_t count);
void wide_avx512_pass(const struct IndicatorPass *passes, unsigned pass_count, size_t count);
#endif

#endif
