/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/accel/accel.h"

#include "shell/accel/wide_tables.h"

unsigned accel_wide_all(const WideKernels *tables[static 3]) {
    unsigned count = 0;
    tables[count++] = &wide_plain;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) tables[count++] = &wide_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        tables[count++] = &wide_avx512;
#endif
    return count;
}

const WideKernels *accel_wide(void) {
    const WideKernels *tables[3];
    return tables[accel_wide_all(tables) - 1];
}
