/* SPDX-License-Identifier: Apache-2.0 */
#include "core/num/f_distribution.h"

#include <math.h>

#include "core/base/elementary.h"

#define HALF_LOG_TWO_PI 0.91893853320467274178
#define STIRLING_FROM   12 /* the first term left out is below 1e-15 there */
#define TINY            1e-300
#define PRECISION       1e-16
#define TERMS_MAX       2000 /* some ten are needed; sqrt(a + b) of them at the worst place */

double log_gamma(double x) {
    double raised = 0;
    for (; x < STIRLING_FROM; x += 1)
        raised += elementary_log(x);
    double square = x * x;
    double series = 1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / (1680 * square)) / square) / square;
    return (x - 0.5) * elementary_log(x) - x + HALF_LOG_TWO_PI + series / x - raised;
}

static double away_from_zero(double value) {
    return fabs(value) < TINY ? TINY : value;
}

/* The fraction of DLMF 8.17.22, which is quick for x < (a + 1) / (a + b + 2). */
static double fraction(double x, double a, double b) {
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), value = d;
    for (int m = 1; m <= TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        value *= d * c;
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        value *= d * c;
        if (fabs(d * c - 1) < PRECISION) break;
    }
    return value;
}

double beta_share(double x, double a, double b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    double front = elementary_exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) +
                                  a * elementary_log(x) + b * elementary_log1p(-x));
    if (x < (a + 1) / (a + b + 2)) return front * fraction(x, a, b) / a;
    return 1 - front * fraction(1 - x, b, a) / b;
}

double f_above(double f, double above, double below) {
    return f > 0 ? beta_share(below / (below + above * f), below / 2, above / 2) : 1;
}
