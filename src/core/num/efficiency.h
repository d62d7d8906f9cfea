/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kaufman's efficiency ratio with its sign (Smarter Trading, 1995): the way made good over the last
 * n changes by the way walked, 1 for a straight rise, -1 for a straight fall, 0 for a market that
 * came back to where it was or did not move. A plain block of efficiency_size(changes) bytes
 * without pointers, owned by the caller; the next block may begin at efficiency_end.
 */
#ifndef CORE_NUM_EFFICIENCY_H
#define CORE_NUM_EFFICIENCY_H

#include "core/num/ratio.h"
#include "core/num/total.h"
#include "core/num/window.h"

#include <math.h>

typedef struct Efficiency {
    Total walked;
    double ratio;
} Efficiency; /* the window of changes + 1 prices follows */

static inline size_t efficiency_size(unsigned changes) {
    return sizeof(Efficiency) + window_size(changes + 1);
}

static inline Window *efficiency_prices(Efficiency *efficiency) {
    return (Window *)(void *)(efficiency + 1);
}

static inline void *efficiency_end(Efficiency *efficiency) {
    return window_end(efficiency_prices(efficiency));
}

static inline void efficiency_init(Efficiency *efficiency, unsigned changes) {
    *efficiency = (Efficiency){{.rounded = 0}, 0};
    window_init(efficiency_prices(efficiency), changes + 1);
}

/* The way walked from the first to the last of prices[count]. */
static inline Total efficiency_walked(const double *prices, unsigned count) {
    Total walked = {.rounded = 0};
    for (unsigned index = 1; index < count; index++)
        total_add(&walked, fabs(prices[index] - prices[index - 1]));
    return walked;
}

/* True once `changes` changes have been seen, from then on `ratio` holds. */
static inline bool efficiency_step(Efficiency *efficiency, double price) {
    Window *prices = efficiency_prices(efficiency);
    bool was_full = prices->seen == prices->length;
    const double *old = window_all(prices);
    double leaving = was_full ? fabs(old[1] - old[0]) : 0;
    double before = window_newest(prices);
    if (!window_push(prices, price)) return false;
    total_add(&efficiency->walked, -leaving);
    total_add(&efficiency->walked, fabs(price - before));
    if (!was_full || !total_exact(&efficiency->walked))
        efficiency->walked = efficiency_walked(window_all(prices), prices->length);
    double gained = price - window_oldest(prices);
    double part = ratio_part_or(fabs(gained), total_sum(&efficiency->walked), 0);
    efficiency->ratio = gained < 0 ? -part : part;
    return true;
}

#endif
