/* SPDX-License-Identifier: Apache-2.0 */
/* Eight doubles at once. Built for AVX-512: only accel.c may call what stands here. */
#include "shell/accel/wide_tables.h"

#ifdef __x86_64__
#define WIDE_BYTES 64
#include "core/num/wide_body.h"

const WideKernels wide_avx512 = {.name = "avx512",
                                 .compare = wide_compare,
                                 .grow = wide_grow,
                                 .scaled = wide_scaled,
                                 .pass = wide_avx512_pass};
#endif
