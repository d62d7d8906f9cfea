/* SPDX-License-Identifier: Apache-2.0 */
#include "core/num/correlation.h"

#include <math.h>
#include <stdbool.h>

static bool is_pair(double x, double y) {
    return !isnan(x) && !isnan(y);
}

size_t correlation_pairs(const double *x, const double *y, size_t count) {
    size_t pairs = 0;
    for (size_t i = 0; i < count; i++)
        pairs += is_pair(x[i], y[i]);
    return pairs;
}

double correlation_of(const double *x, const double *y, size_t count) {
    size_t pairs = correlation_pairs(x, y, count);
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    if (pairs < CORRELATION_LEAST) return (double)NAN;
    for (size_t i = 0; i < count; i++) {
        if (!is_pair(x[i], y[i])) continue;
        mean_x += x[i] / (double)pairs;
        mean_y += y[i] / (double)pairs;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_pair(x[i], y[i])) continue;
        double dx = x[i] - mean_x, dy = y[i] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    double scale = sqrt(xx) * sqrt(yy);
    if (!(scale > 0)) return (double)NAN;
    double r = xy / scale;
    return r > 1 ? 1 : r < -1 ? -1 : r;
}
