/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the best of many parameter sets still good where it was not picked? Combinatorially symmetric
 * cross-validation: history is cut into an even number of blocks; each way to take half of them is
 * once the part in which the best set is picked, the rest the part in which it is judged. The
 * probability of backtest overfitting is the share of splits in which the pick does no better than
 * the median of all sets. Bailey, Borwein, Lopez de Prado and Zhu 2017, "The probability of
 * backtest overfitting", Journal of Computational Finance 20(4).
 *
 * A set that never moves counts with performance 0. Where several sets are best, the first is the
 * pick; where several do alike out of sample, it takes the middle of their ranks. Deterministic and
 * pure; the caller owns the memory.
 */
#ifndef CORE_TRIAL_OVERFITTING_H
#define CORE_TRIAL_OVERFITTING_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/trial/block_sums.h"

#define OVERFITTING_BLOCKS_MAX 16    /* 12,870 splits; the paper's own choice */
#define OVERFITTING_SPLITS_MAX 12870 /* C(16, 8) */

typedef struct OverfittingInput {
    const double *returns; /* of set s in step t at [s * steps + t] */
    size_t sets, steps;    /* at least 2 sets; the steps that do not fill the blocks are left out at
                              the beginning */
    unsigned blocks;       /* even, 2 to OVERFITTING_BLOCKS_MAX, at least 2 steps each */
    BlockMeasure measure;
} OverfittingInput;

/* One split: the pick's performance where it was picked and where it was judged (of one step, not
 * annualised), its relative rank there, 0 to 1, and the logit of the rank. */
typedef struct OverfittingSplit {
    uint32_t pick;
    double inside, outside, rank, logit;
} OverfittingSplit;

typedef struct Overfitting {
    uint32_t splits;
    double probability; /* share of splits with a logit <= 0: overfitting */
    double loss;        /* share of splits in which the pick lost out of sample */
    /* Least squares line through (inside, outside): below 0, the better it looked the worse it did.
     * NaN where every pick looked alike. */
    double slope, intercept;
    double inside, outside; /* means over the splits */
    double logit;           /* mean */
} Overfitting;

/* Bytes of scratch memory. */
size_t overfitting_memory(size_t sets, unsigned blocks);
/* `splits`: NULL, or room for all of them (C(blocks, blocks / 2)). ERROR_USAGE for a count that is
 * out of range, ERROR_DATA for a return that is not finite. */
bool overfitting_of(const OverfittingInput *input, void *memory, OverfittingSplit *splits,
                    Overfitting *result, Error *error) MUST_USE;

#endif
