/* SPDX-License-Identifier: Apache-2.0 */
/* Two doubles at once: what every 64-bit processor of the x86 and ARM families has. */
#define WIDE_BYTES 16
#include "core/num/wide_body.h"

const WideKernels wide_plain = {
    .name = "plain", .compare = wide_compare, .grow = wide_grow, .scaled = wide_scaled};
