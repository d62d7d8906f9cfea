/* SPDX-License-Identifier: Apache-2.0 */
/* Series in the middle, continued fraction in the tails, Halley's steps for the inverse. */
#include "core/num/normal.h"

#include <math.h>

#include "core/base/elementary.h"

#define INVERSE_ROOT_TWO_PI 0.39894228040143267794 /* 1 / sqrt(2 pi) */
/* From here on the continued fraction needs fewer than its terms below, and 1/2 minus the series
 * would lose digits. */
#define TAIL_BEGINS 2.0
#define TAIL_TERMS  200 /* enough at TAIL_BEGINS for the last bit; farther out fewer matter */

/* The square of a large x would lose the bits that exp() turns into digits: of the part of x in
 * sixteenths it is exact, and the rest is small. */
double normal_density(double x) {
    double coarse = rint(x * 16) / 16, rest = (x - coarse) * (x + coarse);
    if (!(fabs(x) < 40)) return x == x ? 0 : x; /* below the smallest double */
    return INVERSE_ROOT_TWO_PI * elementary_exp(-0.5 * coarse * coarse) *
           elementary_exp(-0.5 * rest);
}

/* Share between 0 and x. */
static double central(double x) {
    double term = x, sum = x;
    for (int odd = 3; fabs(term) > 1e-17 * fabs(sum); odd += 2) {
        term *= x * x / odd;
        sum += term;
    }
    return sum * normal_density(x);
}

/* Share above x >= TAIL_BEGINS: density / (x + 1/(x + 2/(x + 3/(x + ...)))). */
static double tail(double x) {
    double fraction = x;
    for (int term = TAIL_TERMS; term >= 1; term--)
        fraction = x + term / fraction;
    return normal_density(x) / fraction;
}

double normal_below(double x) {
    if (x != x) return x;
    if (x <= -TAIL_BEGINS) return tail(-x);
    if (x >= TAIL_BEGINS) return 1 - tail(x);
    return 0.5 + central(x);
}

/* For share in (0, 1/2]: the guess of Abramowitz and Stegun 26.2.23. */
static double guess(double share) {
    double t = sqrt(-2 * elementary_log(share));
    double above = 2.515517 + t * (0.802853 + t * 0.010328);
    double below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    return -(t - above / below);
}

double normal_quantile(double share) {
    if (!(share >= 0 && share <= 1)) return (double)NAN;
    if (share == 0) return -(double)INFINITY;
    if (share == 1) return (double)INFINITY;
    if (share == 0.5) return 0;
    if (share > 0.5) return -normal_quantile(1 - share);
    double x = guess(share);
    /* The error of a step is of the order of the third power: 4.5e-4, 1e-10, nothing. */
    for (int step = 0; step < 3; step++) {
        double slope = normal_density(x);
        if (!(slope > 0)) return x; /* beyond the smallest double's tail */
        double off = (normal_below(x) - share) / slope;
        x -= off / (1 + 0.5 * x * off);
    }
    return x;
}
