/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of returns and of their squares over a block of history, which can be added up to those of
 * any union of blocks: what combinatorial cross-validations measure performance with, over and
 * over, without looking at a return twice. Squares are taken about 0: returns of a step are small
 * against their spread, so nothing is lost that a rank could feel. Plain values.
 */
#ifndef CORE_TRIAL_BLOCK_SUMS_H
#define CORE_TRIAL_BLOCK_SUMS_H

#include <math.h>
#include <stddef.h>

typedef enum BlockMeasure { BLOCK_SHARPE, BLOCK_MEAN } BlockMeasure;

typedef struct BlockSums {
    double count, total, squares;
} BlockSums;

static inline BlockSums block_sums_of(const double *returns, size_t count) {
    BlockSums sums = {(double)count, 0, 0};
    for (size_t index = 0; index < count; index++) {
        sums.total += returns[index];
        sums.squares += returns[index] * returns[index];
    }
    return sums;
}

static inline void block_sums_add(BlockSums *target, const BlockSums *sums) {
    target->count += sums->count;
    target->total += sums->total;
    target->squares += sums->squares;
}

/* Of one step, not annualised; 0 for what never moves, and for no steps at all. */
static inline double block_sums_performance(const BlockSums *sums, BlockMeasure measure) {
    if (!(sums->count > 0)) return 0;
    double mean = sums->total / sums->count;
    if (measure == BLOCK_MEAN) return mean;
    double variance = sums->squares / sums->count - mean * mean;
    /* what rounding alone may leave of a line that does not move */
    if (!(variance > 1e-15 * sums->squares / sums->count)) return 0;
    return mean / sqrt(variance);
}

/* The next greater number with as many bits set (Gosper, HAKMEM item 175): the next choice of
 * blocks. */
static inline unsigned block_sums_next(unsigned chosen) {
    unsigned lowest = chosen & (~chosen + 1), ripple = chosen + lowest;
    return ripple | (((chosen ^ ripple) >> 2) / lowest);
}

#endif
