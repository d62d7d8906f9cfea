/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/sys/clock.h"

#include <time.h>

static int64_t ask(clockid_t id, int64_t unit_ns) {
    struct timespec now;
    clock_gettime(id, &now);
    return (now.tv_sec * 1000000000LL + now.tv_nsec) / unit_ns;
}

int64_t clock_wall_us(void) {
    return ask(CLOCK_REALTIME, 1000);
}

int64_t clock_monotonic_us(void) {
    return ask(CLOCK_MONOTONIC, 1000);
}

uint64_t clock_monotonic_ns(void) {
    return (uint64_t)ask(CLOCK_MONOTONIC, 1);
}
