/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sum of the last `length` values of a stream in constant time a value: what enters is added to
 * a Total, what leaves is taken from it, and since nothing is rounded nothing of the latter stays.
 * Values too far apart for a Total (total.h) cost a sum over the window each time as long as they
 * are in it. A plain block of sliding_size(length) bytes without pointers, owned by the caller; the
 * next block may begin at sliding_end.
 */
#ifndef CORE_NUM_SLIDING_H
#define CORE_NUM_SLIDING_H

#include "core/num/total.h"
#include "core/num/window.h"

typedef struct Sliding {
    Total total;
} Sliding; /* the window of values follows */

static inline size_t sliding_size(unsigned length) {
    return sizeof(Sliding) + window_size(length);
}

static inline Window *sliding_window(Sliding *sliding) {
    return (Window *)(void *)(sliding + 1);
}

static inline void *sliding_end(Sliding *sliding) {
    return window_end(sliding_window(sliding));
}

static inline void sliding_init(Sliding *sliding, unsigned length) {
    *sliding = (Sliding){{.rounded = 0}};
    window_init(sliding_window(sliding), length);
}

/* True once `length` values have been seen. */
static inline bool sliding_push(Sliding *sliding, double value) {
    Window *window = sliding_window(sliding);
    double leaving = window_oldest(window); /* 0 as long as nothing leaves */
    bool full = window_push(window, value);
    total_add(&sliding->total, -leaving);
    total_add(&sliding->total, value);
    if (!total_exact(&sliding->total))
        sliding->total = total_of(window_all(window), window->length);
    return full;
}

static inline double sliding_sum(const Sliding *sliding) {
    return total_sum(&sliding->total);
}

/* Of a full window. */
static inline double sliding_mean(Sliding *sliding) {
    return total_mean(&sliding->total, sliding_window(sliding)->length);
}

#endif
