/* SPDX-License-Identifier: Apache-2.0 */
/* The only place that asks the machine for the time: wall time for receipts, monotonic time for
 * durations. */
#ifndef SHELL_SYS_CLOCK_H
#define SHELL_SYS_CLOCK_H

#include <stdint.h>

int64_t clock_wall_us(void); /* microseconds since 1970, UTC */
int64_t clock_monotonic_us(void);
uint64_t clock_monotonic_ns(void);

#endif
