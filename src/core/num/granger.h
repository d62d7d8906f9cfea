/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Granger's question: does the past of x tell anything of y that y's own past does not? Two least
 * squares fits of y, on `lags` steps of its own past, and on these and as many of x; the F ratio of
 * what the second explains more (Granger 1969, "Investigating causal relations by econometric
 * models and cross-spectral methods", Econometrica 37; Hamilton 1994, section 11.2). Rows with a
 * missing value (NaN) are left out. It is a test of foretelling, not of causes. Pure; the caller
 * owns the arrays.
 */
#ifndef CORE_NUM_GRANGER_H
#define CORE_NUM_GRANGER_H

#include <stdbool.h>
#include <stddef.h>

#define GRANGER_LAGS_MAX 8

typedef struct Granger {
    size_t rows; /* that were whole */
    double f, p; /* the ratio, and how often chance makes one as large */
} Granger;

/* False where there are fewer than 10 rows beyond the coefficients, or a series does not vary, or
 * its past determines it wholly. */
bool granger_test(const double *x, const double *y, size_t count, unsigned lags, Granger *result);

#endif
