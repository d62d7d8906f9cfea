/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one bar of this market usually moves, to measure other moves by, so that a reading means the
 * same for a coin of 100,000 and one of 0.00001: the average true range, Wilder's, seeded by the
 * mean of the first n. It is never taken for less than a ten-thousandth of the price: a market that
 * moves less stands still as far as trading goes (its costs are ten times that), and a division by
 * its noise would be noise. A plain value that its holder owns.
 */
#ifndef CORE_NUM_UNIT_MOVE_H
#define CORE_NUM_UNIT_MOVE_H

#include "core/num/smooth.h"
#include "core/num/true_range.h"

#define UNIT_MOVE_LEAST 1e-4 /* of the price */

typedef struct UnitMove {
    double close_before;
    Smooth range;
    uint64_t started; /* 0 before the first bar, then 1 */
} UnitMove;

static inline void unit_move_init(UnitMove *unit, unsigned length) {
    unit->close_before = 0;
    unit->started = 0;
    smooth_init_wilder(&unit->range, length);
}

/* The unit after this bar, NaN while fewer than n true ranges have been seen. */
static inline double unit_move_next(UnitMove *unit, double high, double low, double close) {
    double before = unit->close_before, least = UNIT_MOVE_LEAST * close;
    unit->close_before = close;
    if (!unit->started) {
        unit->started = 1;
        return (double)NAN;
    }
    if (!smooth_step(&unit->range, true_range(high, low, before))) return (double)NAN;
    return unit->range.value > least ? unit->range.value : least;
}

#endif
