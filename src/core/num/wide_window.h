/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Window (window.h) that is fed many values at once: they are laid behind those that it holds, so
 * that the windows of all of them can be read one value apart, as the wide kernels do. What the
 * Window holds afterwards is what single pushes would have left. Stateless; the caller owns all.
 */
#ifndef CORE_NUM_WIDE_WINDOW_H
#define CORE_NUM_WIDE_WINDOW_H

#include "core/num/wide.h"
#include "core/num/window.h"

#define WIDE_WINDOW_MOST  500 /* the longest period of an indicator */
#define WIDE_WINDOW_CHUNK 512 /* values at once */
#define WIDE_WINDOW_SIZE  (WIDE_WINDOW_MOST - 1 + WIDE_WINDOW_CHUNK)

/* True once the next value fills the window. */
static inline bool wide_window_ready(const Window *window) {
    return window->seen + 1 >= window->length && window->length <= WIDE_WINDOW_MOST;
}

/* `row`: the window that values[i] fills begins at row[i], for i below count <= WIDE_WINDOW_CHUNK.
 * The window is ready. */
static inline void wide_window_push(Window *window, const double *values, size_t count,
                                    double row[static WIDE_WINDOW_SIZE]) {
    size_t held = window->length - 1;
    const double *last =
        window->seen == window->length ? window_last(window, (unsigned)held) : window->values;
    memcpy(row, last, held * sizeof *row);
    memcpy(row + held, values, count * sizeof *row);
    /* Of what is pushed, the last `length` stay: the others only turn the ring. */
    size_t gone = count > window->length ? count - window->length : 0;
    window->next = (uint32_t)((window->next + gone) % window->length);
    for (size_t i = gone; i < count; i++)
        (void)window_push(window, values[i]);
}

#endif
