/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the blocks of a bootstrap should be, from the data: long enough to keep how returns hang
 * together, short enough to leave many blocks. The rule of Politis and White 2004, "Automatic
 * block-length selection for the dependent bootstrap", Econometric Reviews 23(1), as corrected by
 * Patton, Politis and White 2009, Econometric Reviews 28(4): the length that makes the error of the
 * estimated long-run variance least, from autocovariances under a flat-top window whose width is
 * where the correlogram becomes insignificant. Where that is, is read as the authors' own program
 * reads it: the first of K lags in a row within 2 sqrt(log10(n) / n). Pure; the caller owns the
 * memory.
 */
#ifndef CORE_TRIAL_BLOCK_LENGTH_H
#define CORE_TRIAL_BLOCK_LENGTH_H

#include <stddef.h>

typedef struct BlockLength {
    double stationary; /* mean length of the stationary bootstrap's blocks, at least 1 */
    double circular;   /* length of the circular bootstrap's blocks, at least 1, not yet whole */
} BlockLength;

/* Doubles of scratch memory. */
size_t block_length_scratch(size_t count);
/* Of values[count]. 1 where there are too few (below 10), or all are equal. */
BlockLength block_length_of(const double *values, size_t count, double *scratch);

/* The same rule where the autocovariances of an AR(1) process with this coefficient are known. */
BlockLength block_length_of_ar1(double coefficient, size_t count);

#endif
