/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last `length` values of a stream, always readable as one array, oldest first: every value is
 * written twice, into a ring and into its mirror behind it. Sums are formed from this array
 * (moments.h) and never carried along, so that after `length` values a spike is forgotten to the
 * last bit; a running sum would keep its rounding for ever. A window is a plain block of
 * window_size(length) bytes without pointers; the caller owns it, and a copy of the bytes is a copy
 * of the window. Several blocks may stand one behind the other: window_end is where the next
 * begins.
 */
#ifndef CORE_NUM_WINDOW_H
#define CORE_NUM_WINDOW_H

#include "core/base/check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Window {
    uint32_t length;
    uint32_t seen; /* values held, at most length */
    uint32_t next; /* slot to be written; once full also that of the oldest value */
    uint32_t padding;
    double values[]; /* 2 x length */
} Window;

static inline size_t window_size(unsigned length) {
    return sizeof(Window) + 2 * (size_t)length * sizeof(double);
}

static inline void window_init(Window *window, unsigned length) {
    CHECK(length > 0, "a window holds at least one value");
    memset(window, 0, window_size(length));
    window->length = length;
}

static inline void *window_end(Window *window) {
    return window->values + 2 * (size_t)window->length;
}

/* Takes the value in, dropping the oldest of a full window; true once the window is full. */
static inline bool window_push(Window *window, double value) {
    window->values[window->next] = value;
    window->values[window->next + window->length] = value;
    window->next = window->next + 1 == window->length ? 0 : window->next + 1;
    if (window->seen < window->length) window->seen++;
    return window->seen == window->length;
}

/* The last `count` values of a full window, oldest first; count <= length. */
static inline const double *window_last(const Window *window, unsigned count) {
    return window->values + window->next + (window->length - count);
}

/* All values of a full window, oldest first. */
static inline const double *window_all(const Window *window) {
    return window->values + window->next;
}

static inline double window_oldest(const Window *window) {
    return window->values[window->next];
}

static inline double window_newest(const Window *window) {
    return window->values[window->next + window->length - 1];
}

#endif
