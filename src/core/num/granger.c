/* SPDX-License-Identifier: Apache-2.0 */
#include "core/num/granger.h"

#include <math.h>
#include <string.h>

#include "core/num/f_distribution.h"

#define COLUMNS_MAX (2 * GRANGER_LAGS_MAX + 2) /* constant, both pasts, and y itself */
#define SPARE_ROWS  10    /* beyond the coefficients: with fewer the ratio is all noise */
#define LEAST_PIVOT 1e-10 /* of a column's own square: below it the others determine it */

typedef struct Scale {
    double mean, deviation;
} Scale;

static bool scale_of(const double *values, size_t count, Scale *scale) {
    double sum = 0, squares = 0, present = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            present += 1;
        }
    if (present < 2) return false;
    scale->mean = sum / present;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) squares += (values[i] - scale->mean) * (values[i] - scale->mean);
    scale->deviation = sqrt(squares / present);
    return scale->deviation > 0;
}

/* Row `at`: 1, y's past, x's past, y. False if anything is missing. */
static bool fill_row(const double *x, const double *y, size_t at, unsigned lags,
                     const Scale scales[static 2], double row[static COLUMNS_MAX]) {
    unsigned column = 0;
    row[column++] = 1;
    for (unsigned lag = 1; lag <= lags; lag++)
        row[column++] = (y[at - lag] - scales[1].mean) / scales[1].deviation;
    for (unsigned lag = 1; lag <= lags; lag++)
        row[column++] = (x[at - lag] - scales[0].mean) / scales[0].deviation;
    row[column++] = (y[at] - scales[1].mean) / scales[1].deviation;
    for (unsigned i = 0; i < column; i++)
        if (isnan(row[i])) return false;
    return true;
}

/* Eliminates the first `used` columns in order (sweeping the matrix of products); what is left of
 * the last column's square is the residual. False if a column is determined by those before. */
static bool sweep(double products[COLUMNS_MAX][COLUMNS_MAX], unsigned from, unsigned to,
                  unsigned columns, const double own[static COLUMNS_MAX]) {
    for (unsigned pivot = from; pivot < to; pivot++) {
        double square = products[pivot][pivot];
        if (!(square > LEAST_PIVOT * own[pivot])) return false;
        for (unsigned i = pivot + 1; i < columns; i++)
            for (unsigned j = i; j < columns; j++)
                products[i][j] -= products[pivot][i] * products[pivot][j] / square;
    }
    return true;
}

bool granger_test(const double *x, const double *y, size_t count, unsigned lags, Granger *result) {
    double products[COLUMNS_MAX][COLUMNS_MAX], own[COLUMNS_MAX], row[COLUMNS_MAX];
    unsigned columns = 2 * lags + 2, coefficients = 2 * lags + 1;
    Scale scales[2];
    *result = (Granger){.f = 0, .p = 1};
    if (lags == 0 || lags > GRANGER_LAGS_MAX || !scale_of(x, count, &scales[0]) ||
        !scale_of(y, count, &scales[1]))
        return false;
    memset(products, 0, sizeof products);
    for (size_t at = lags; at < count; at++) {
        if (!fill_row(x, y, at, lags, scales, row)) continue;
        result->rows++;
        for (unsigned i = 0; i < columns; i++)
            for (unsigned j = i; j < columns; j++)
                products[i][j] += row[i] * row[j];
    }
    if (result->rows < coefficients + SPARE_ROWS) return false;
    for (unsigned i = 0; i < columns; i++)
        own[i] = products[i][i];
    double *residual = &products[columns - 1][columns - 1];
    if (!sweep(products, 0, lags + 1, columns, own)) return false;
    double restricted = *residual;
    if (!sweep(products, lags + 1, coefficients, columns, own)) return false;
    double below = (double)(result->rows - coefficients);
    if (!(*residual > LEAST_PIVOT * own[columns - 1])) return false;
    result->f = (restricted - *residual) / lags / (*residual / below);
    result->p = f_above(result->f, lags, below);
    return true;
}
