/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pearson's coefficient of correlation between two series of equal length, computed afresh from the
 * values every time. Places where either value is missing (NaN) are left out of both. Where fewer
 * than CORRELATION_LEAST places are left, or one side does not vary, there is no coefficient: NaN,
 * not 0. The caller owns the arrays; nothing is kept.
 */
#ifndef CORE_NUM_CORRELATION_H
#define CORE_NUM_CORRELATION_H

#include <stddef.h>

#define CORRELATION_LEAST 3 /* two points always lie on a line */

/* In [-1, 1], or NaN. */
double correlation_of(const double *x, const double *y, size_t count);
/* Places where both are there. */
size_t correlation_pairs(const double *x, const double *y, size_t count);

#endif
