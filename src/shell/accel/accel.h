/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels of core/num/wide.h for the processor that the program runs on: the same text built
 * for newer instruction sets, chosen once at run time. They give the same bits as the plain ones (a
 * law compares all of them), so that nothing but time depends on the choice. Stateless.
 */
#ifndef SHELL_ACCEL_ACCEL_H
#define SHELL_ACCEL_ACCEL_H

#include "core/num/wide.h"

/* The fastest table that this processor can run. */
const WideKernels *accel_wide(void);
/* All that it can run, the plain one first; the count. */
unsigned accel_wide_all(const WideKernels *tables[static 3]);

#endif
