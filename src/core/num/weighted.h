/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linearly weighted mean of the last n values, weight n for the newest down to 1 for the
 * oldest, in constant time a value: when a value enters, every older one loses one weight, that is,
 * the plain sum leaves the weighted sum once. Both sums are Totals (total.h), so that what has left
 * leaves no trace; where values are too far apart for them they are formed anew each time. A plain
 * block of weighted_size(length) bytes without pointers, owned by the caller; the next block may
 * begin at weighted_end.
 */
#ifndef CORE_NUM_WEIGHTED_H
#define CORE_NUM_WEIGHTED_H

#include "core/num/total.h"
#include "core/num/window.h"

#include <math.h>

typedef struct Weighted {
    Total plain;
    Total weighted;
} Weighted; /* the window of values follows */

static inline size_t weighted_size(unsigned length) {
    return sizeof(Weighted) + window_size(length);
}

static inline Window *weighted_window(Weighted *weighted) {
    return (Window *)(void *)(weighted + 1);
}

static inline void *weighted_end(Weighted *weighted) {
    return window_end(weighted_window(weighted));
}

static inline void weighted_init(Weighted *weighted, unsigned length) {
    *weighted = (Weighted){{.rounded = 0}, {.rounded = 0}};
    window_init(weighted_window(weighted), length);
}

static inline void weighted_form_anew(Weighted *weighted) {
    const Window *window = weighted_window(weighted);
    const double *values = window_all(window);
    weighted->plain = total_of(values, window->length);
    weighted->weighted = (Total){.rounded = 0};
    for (uint32_t index = 0; index < window->length; index++)
        total_add_product(&weighted->weighted, index + 1.0, values[index]);
}

/* Takes the value in and gives the mean, NaN while fewer than n values have been seen. */
static inline double weighted_next(Weighted *weighted, double value) {
    Window *window = weighted_window(weighted);
    double leaving = window_oldest(window), length = window->length;
    bool was_full = window->seen == window->length, full = window_push(window, value);
    if (!full) return (double)NAN;
    if (was_full) {
        total_add(&weighted->weighted, -weighted->plain.rounded);
        total_add(&weighted->weighted, -weighted->plain.lost);
        total_add_product(&weighted->weighted, length, value);
        total_add(&weighted->plain, -leaving);
        total_add(&weighted->plain, value);
    }
    if (!was_full || !total_exact(&weighted->weighted) || !total_exact(&weighted->plain))
        weighted_form_anew(weighted);
    return total_mean(&weighted->weighted, length * (length + 1) / 2);
}

#endif
