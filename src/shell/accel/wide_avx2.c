/* SPDX-License-Identifier: Apache-2.0 */
/* Four doubles at once. Built for AVX2: only accel.c may call what stands here. */
#include "shell/accel/wide_tables.h"

#ifdef __x86_64__
#define WIDE_BYTES 32
#include "core/num/wide_body.h"

const WideKernels wide_avx2 = {.name = "avx2",
                               .compare = wide_compare,
                               .grow = wide_grow,
                               .scaled = wide_scaled,
                               .pass = wide_avx2_pass};
#endif
