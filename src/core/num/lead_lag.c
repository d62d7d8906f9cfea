/* SPDX-License-Identifier: Apache-2.0 */
#include "core/num/lead_lag.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"

#define BLOCKS_MAX 4096 /* 90 days of hours, each a block of its own, and room */

/* ---- the correlations ------------------------------------------------------------------------ */

size_t lead_lag_standardise(double *values, size_t count) {
    double sum = 0, squares = 0;
    size_t present = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i])) continue;
        sum += values[i];
        present++;
    }
    double mean = present ? sum / (double)present : 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) squares += (values[i] - mean) * (values[i] - mean);
    double deviation = present ? sqrt(squares / (double)present) : 0;
    /* What is left of equal values is rounding, not movement. */
    bool varies = deviation > 1e-12 * fabs(mean);
    for (size_t i = 0; i < count; i++)
        values[i] = isnan(values[i]) || !varies ? 0 : (values[i] - mean) / deviation;
    return varies ? present : 0;
}

/* In four lanes of a fixed order. */
static double product_sum(const double *a, const double *b, size_t count) {
    double lane[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        lane[0] += a[i] * b[i];
        lane[1] += a[i + 1] * b[i + 1];
        lane[2] += a[i + 2] * b[i + 2];
        lane[3] += a[i + 3] * b[i + 3];
    }
    for (; i < count; i++)
        lane[0] += a[i] * b[i];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

double lead_lag_at(const LeadLag *test, const double *x, const double *y, int lag) {
    size_t shift = (size_t)(lag < 0 ? -lag : lag);
    const double *left = lag < 0 ? x + shift : x, *right = lag < 0 ? y : y + shift;
    return product_sum(left, right, test->count - shift) / test->divisor;
}

/* The lag of the largest, the nearest of equals; its correlation. */
static int best_of(const LeadLag *test, const double *x, const double *y, double *best) {
    int found = 0;
    *best = lead_lag_at(test, x, y, 0);
    for (int lag = 1; lag <= (int)test->most; lag++)
        for (int side = -1; side <= 1; side += 2) {
            double r = lead_lag_at(test, x, y, side * lag);
            if (fabs(r) <= fabs(*best)) continue;
            *best = r;
            found = side * lag;
        }
    return found;
}

LeadLag lead_lag_begin(const double *x, const double *y, size_t count, const LeadLag *wish) {
    LeadLag test = {.count = count,
                    .most = wish->most,
                    .block = wish->block,
                    .divisor = wish->divisor,
                    .seed = wish->seed};
    size_t quarter = count / 4;
    if (test.most > quarter) test.most = (unsigned)quarter;
    if (test.most > LEAD_LAG_MOST) test.most = LEAD_LAG_MOST;
    if (test.block > quarter) test.block = quarter;
    if (test.block * BLOCKS_MAX < count) test.block = count / BLOCKS_MAX + 1;
    if (test.divisor < 1) test.divisor = 1;
    test.best_lag = best_of(&test, x, y, &test.best);
    test.together = lead_lag_at(&test, x, y, 0);
    return test;
}

/* ---- the permutations ------------------------------------------------------------------------ */

/* The circle is cut at a random place into blocks (the last may be shorter), which are laid in
 * random order (Fisher and Yates). */
void lead_lag_permute(const LeadLag *test, const double *x, uint64_t draw, double *target) {
    uint16_t order[BLOCKS_MAX];
    Random random = random_stream(test->seed, draw);
    size_t count = test->count, blocks = (count + test->block - 1) / test->block, at = 0;
    size_t origin = random_below(&random, (uint32_t)count);
    for (size_t i = 0; i < blocks; i++)
        order[i] = (uint16_t)i;
    for (size_t i = blocks - 1; i > 0; i--) {
        size_t other = random_below(&random, (uint32_t)i + 1);
        uint16_t held = order[i];
        order[i] = order[other];
        order[other] = held;
    }
    for (size_t i = 0; i < blocks; i++) {
        size_t from = order[i] * test->block, to = from + test->block;
        for (size_t k = from; k < to && k < count; k++)
            target[at++] = x[(origin + k) % count];
    }
}

void lead_lag_draw(LeadLag *test, const double *x, const double *y, uint32_t draws,
                   double *scratch) {
    for (uint32_t i = 0; i < draws; i++) {
        double best;
        lead_lag_permute(test, x, test->draws++, scratch);
        best_of(test, scratch, y, &best);
        test->best_as_large += fabs(best) >= fabs(test->best);
        test->together_as_large += fabs(lead_lag_at(test, scratch, y, 0)) >= fabs(test->together);
    }
}

double lead_lag_best_level(const LeadLag *test) {
    return (1 + (double)test->best_as_large) / (1 + (double)test->draws);
}

double lead_lag_together_level(const LeadLag *test) {
    return (1 + (double)test->together_as_large) / (1 + (double)test->draws);
}
