/* SPDX-License-Identifier: Apache-2.0 */
/* A published example, a case worked through by hand, the paper's extreme cases, and an independent
 * count. */
#include "unit.h"

#include "core/base/check.h"
#include "core/base/random.h"
#include "core/trial/overfitting.h"
#include "mersenne.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static Overfitting study(const OverfittingInput *input, OverfittingSplit *splits) {
    void *memory = malloc(overfitting_memory(input->sets, input->blocks));
    Overfitting result;
    assert_true(overfitting_of(input, memory, splits, &result, NULL));
    free(memory);
    return result;
}

/*
 * Three sets, four blocks of two steps; only a block's mean counts (measure: mean). Means by block:
 *   A:  4  2 -2  0      B:  1  1  1  1      C:  0  0  3 -1
 * Splits in order of the choice (blocks inside; pick; inside mean; means outside A B C; rank/4):
 *   01: A 3    | -1  1  1   -> A is third:  rank 1/4, logit ln(1/3)
 *   02: C 1.5  |  1  1 -0.5 -> C is third:  1/4          (A 1, B 1, C 1.5 inside)
 *   12: C 1.5  |  2  1 -0.5 -> C is third:  1/4          (A 0, B 1)
 *   03: A 2    |  0  1  1.5 -> A is third:  1/4          (B 1, C -0.5)
 *   13: A 1    |  1  1  1.5 -> A and B alike: (0 + 3/2)/4 = 3/8   (A 1, B 1: the first; C -0.5)
 *   23: B 1    |  3  1  0   -> B is second: 2/4, logit 0          (A -1, C 1: B comes first)
 * All six logits are <= 0: probability 1. Losses: 01 (-1), 02, 12 (-0.5): 3 of 6.
 */
static void worked_by_hand(void **state) {
    (void)state;
    static const double means[3][4] = {{4, 2, -2, 0}, {1, 1, 1, 1}, {0, 0, 3, -1}};
    double returns[24];
    for (unsigned set = 0; set < 3; set++)
        for (unsigned step = 0; step < 8; step++)
            returns[set * 8 + step] = means[set][step / 2] + (step % 2 ? 0.25 : -0.25);
    OverfittingInput input = {returns, 3, 8, 4, BLOCK_MEAN};
    OverfittingSplit splits[6];
    Overfitting result = study(&input, splits);
    static const OverfittingSplit want[6] = {{0, 3, -1, 0.25, 0},     {2, 1.5, -0.5, 0.25, 0},
                                             {2, 1.5, -0.5, 0.25, 0}, {0, 2, 0, 0.25, 0},
                                             {0, 1, 1, 0.375, 0},     {1, 1, 1, 0.5, 0}};
    assert_int_equal(result.splits, 6);
    for (unsigned split = 0; split < 6; split++) {
        assert_int_equal(splits[split].pick, want[split].pick);
        assert_close(splits[split].inside, want[split].inside, 1e-15);
        assert_close(splits[split].outside, want[split].outside, 1e-15);
        assert_close(splits[split].rank, want[split].rank, 0);
        assert_close(splits[split].logit, log(want[split].rank / (1 - want[split].rank)), 1e-15);
    }
    assert_close(result.probability, 1, 0);
    assert_close(result.loss, 0.5, 0);
    /* x: 3 1.5 1.5 2 1 1, mean 10/6; y: -1 -.5 -.5 0 1 1, mean 0. Sxx = 19.5 - 100/6 = 17/6,
     * Sxy = -3 - .75 - .75 + 0 + 1 + 1 = -2.5; slope -15/17. */
    assert_close(result.slope, -15.0 / 17, 1e-13);
    assert_close(result.intercept, 150.0 / 102, 1e-13);
    assert_close(result.inside, 10.0 / 6, 1e-15);
    assert_close(result.outside, 0, 1e-15);
}

/* ---- published --------------------------------------------------------------------------------
 */

#define FREE_RATE (0.03 / 252) /* taken off each return, as the examples do */

/* The first normals that R prints after set.seed(1), (42) and (123), as in countless texts. */
static void normals_are_those_of_r(void **state) {
    (void)state;
    static const struct {
        uint32_t seed;
        double first, second;
    } known[] = {
        {1, -0.6264538, 0.1836433}, {42, 1.37095845, -0.56469817}, {123, -0.56047565, -0.23017749}};
    for (unsigned row = 0; row < 3; row++) {
        Mersenne twister = mersenne_of_r(known[row].seed);
        assert_close(mersenne_normal_of_r(&twister), known[row].first, 1e-7);
        assert_close(mersenne_normal_of_r(&twister), known[row].second, 1e-7);
    }
}

/* To deviation `deviation` (of n - 1) and mean 0, less the free rate. */
static void scale(double *returns, size_t steps, double deviation) {
    double mean = 0, squares = 0;
    for (size_t step = 0; step < steps; step++)
        mean += returns[step] / (double)steps;
    for (size_t step = 0; step < steps; step++)
        squares += (returns[step] - mean) * (returns[step] - mean);
    double factor = deviation / sqrt(squares / (double)(steps - 1));
    for (size_t step = 0; step < steps; step++)
        returns[step] = (returns[step] - mean) * factor - FREE_RATE;
}

/* Least squares of what was seen inside on what was seen outside: intercept, slope, adjusted R^2.
 */
static void regress(const OverfittingSplit *splits, unsigned count, double result[static 3]) {
    double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (unsigned split = 0; split < count; split++)
        x += splits[split].outside / count, y += splits[split].inside / count;
    for (unsigned split = 0; split < count; split++) {
        double dx = splits[split].outside - x, dy = splits[split].inside - y;
        xx += dx * dx, xy += dx * dy, yy += dy * dy;
    }
    result[1] = xy / xx;
    result[0] = y - result[1] * x;
    result[2] = 1 - (1 - xy * xy / (xx * yy)) * (count - 1) / (count - 2);
}

/* Barry, package `pbo` for R (1.3.5), vignette: 100 trials of 2,400 normal returns from seed 765,
 * each moved to mean 0 and an annual deviation of 1; 8 blocks, Sharpe ratio less a free rate. It
 * prints p_bo 1, slope -0.003046, ar^2 0.97, p_loss 1
 * (-0.0030456 in the vignette of 2014). What it calls slope is the first coefficient, which is the
 * intercept, of inside on outside. Its deviations are of n - 1. */
static void the_vignette_of_pbo(void **state) {
    (void)state;
    enum { SETS = 100, STEPS = 2400, HALF = STEPS / 2, BLOCKS = 8 };
    static double returns[SETS * STEPS];
    OverfittingSplit splits[70];
    Mersenne twister = mersenne_of_r(765);
    for (unsigned index = 0; index < SETS * STEPS; index++)
        returns[index] = mersenne_normal_of_r(&twister);
    for (unsigned set = 0; set < SETS; set++)
        scale(returns + set * STEPS, STEPS, 1 / sqrt(252));
    OverfittingInput input = {returns, SETS, STEPS, BLOCKS, BLOCK_SHARPE};
    Overfitting result = study(&input, splits);
    double line[3];
    regress(splits, 70, line);
    double of_n = sqrt((HALF - 1.0) / HALF);
    print_message("pbo %g, intercept %.7f, adjusted R^2 %.4f, loss %g\n", result.probability,
                  line[0] * of_n, line[2], result.loss);
    assert_int_equal(result.splits, 70);
    assert_close(result.probability, 1, 0);
    assert_close(line[0] * of_n, -0.0030456, 0.5e-7);
    assert_close(line[2], 0.97, 0.005);
    assert_close(result.loss, 1, 0);
}

/* The same package's test (test_pbo_parallel): 40 trials of 200 returns from seed 852, filled row
 * by row, 4 blocks: between 0.47 and 0.53, which of six splits is three. */
static void the_test_of_pbo(void **state) {
    (void)state;
    enum { SETS = 40, STEPS = 200 };
    double returns[SETS * STEPS];
    Mersenne twister = mersenne_of_r(852);
    for (unsigned step = 0; step < STEPS; step++)
        for (unsigned set = 0; set < SETS; set++)
            returns[set * STEPS + step] = mersenne_normal_of_r(&twister) - FREE_RATE;
    OverfittingInput input = {returns, SETS, STEPS, 4, BLOCK_SHARPE};
    Overfitting result = study(&input, NULL);
    assert_int_equal(result.splits, 6);
    assert_close(result.probability, 0.5, 0);
}

/* ---- the paper's cases
 * --------------------------------------------------------------------------------
 */

static void noise(double *returns, size_t sets, size_t steps, uint64_t seed) {
    for (size_t set = 0; set < sets; set++) {
        Random random = random_stream(seed, set);
        for (size_t step = 0; step < steps; step++)
            returns[set * steps + step] = 0.01 * random_normal(&random);
    }
}

/* The paper's first test case: sets of noise, each moved so that its whole performance is 0. What
 * one half has gained the other has lost: the best is always the worst, so the probability is 1;
 * by means exactly so, with slope -1. The paper's sizes: 100 sets, 1,000 steps, 8 blocks. */
static void noise_around_zero_is_overfitted_for_certain(void **state) {
    (void)state;
    static double returns[100 * 1000];
    noise(returns, 100, 1000, 1);
    for (unsigned set = 0; set < 100; set++) {
        double mean = 0;
        for (unsigned step = 0; step < 1000; step++)
            mean += returns[set * 1000 + step] / 1000;
        for (unsigned step = 0; step < 1000; step++)
            returns[set * 1000 + step] -= mean;
    }
    OverfittingInput input = {returns, 100, 1000, 8, BLOCK_MEAN};
    Overfitting result = study(&input, NULL);
    assert_int_equal(result.splits, 70);
    assert_close(result.probability, 1, 0);
    assert_close(result.slope, -1, 1e-9);
    assert_close(result.loss, 1, 0);
    input.measure = BLOCK_SHARPE;
    result = study(&input, NULL);
    assert_true(result.probability > 0.99 && result.slope < -0.8);
}

/* The paper's other cases: one set among noise that is truly good. The better it is the less is
 * overfitted: an annual ratio of 1 leaves much, one of 3 nearly nothing (1,000 days of 252). */
static void skill_is_told_from_noise(void **state) {
    (void)state;
    static double returns[100 * 1000];
    static const double annual[3] = {0, 1, 4};
    double seen[3] = {0, 0, 0};
    for (unsigned turn = 0; turn < 30; turn++)
        for (unsigned row = 0; row < 3; row++) {
            noise(returns, 100, 1000, 50 + turn);
            for (unsigned step = 0; step < 1000; step++)
                returns[step] += 0.01 * annual[row] / sqrt(252);
            OverfittingInput input = {returns, 100, 1000, 8, BLOCK_SHARPE};
            seen[row] += study(&input, NULL).probability / 30;
        }
    print_message("probability of overfitting with a set of annual ratio 0, 1, 4 among 99 of "
                  "noise: %.2f %.2f %.3f\n",
                  seen[0], seen[1], seen[2]);
    assert_true(seen[2] < 0.02);
    assert_true(seen[2] < seen[1] && seen[1] < seen[0]);
}

/* Over many markets without skill the pick is as good as any other: the probability is 1/2. */
static void without_skill_it_is_one_half(void **state) {
    (void)state;
    static double returns[20 * 240];
    double sum = 0;
    for (unsigned turn = 0; turn < 200; turn++) {
        noise(returns, 20, 240, 100 + turn);
        OverfittingInput input = {returns, 20, 240, 8, BLOCK_SHARPE};
        sum += study(&input, NULL).probability;
    }
    assert_close(sum / 200, 0.5, 0.06);
}

/* The same count by other means: every subset of blocks, returns gathered one by one. */
static void equal_to_a_plain_count(void **state) {
    (void)state;
    enum { SETS = 7, STEPS = 63, BLOCKS = 6, LENGTH = 10 };
    double returns[SETS * STEPS];
    noise(returns, SETS, STEPS, 3);
    memset(returns + 2 * STEPS, 0, STEPS * sizeof(double)); /* one that never trades */
    unsigned splits = 0, beaten = 0;
    for (unsigned chosen = 0; chosen < 64; chosen++) {
        if (__builtin_popcount(chosen) != 3) continue;
        double ratio[2][SETS];
        for (unsigned set = 0; set < SETS; set++)
            for (unsigned side = 0; side < 2; side++) {
                double gathered[STEPS], mean = 0, variance = 0;
                unsigned count = 0;
                for (unsigned step = 3; step < STEPS; step++)
                    if ((chosen >> (step - 3) / LENGTH & 1) == side)
                        gathered[count++] = returns[set * STEPS + step];
                for (unsigned index = 0; index < count; index++)
                    mean += gathered[index] / count;
                for (unsigned index = 0; index < count; index++)
                    variance += (gathered[index] - mean) * (gathered[index] - mean) / count;
                ratio[side][set] = variance > 0 ? mean / sqrt(variance) : 0;
            }
        unsigned pick = 0, worse = 0;
        for (unsigned set = 1; set < SETS; set++)
            if (ratio[1][set] > ratio[1][pick]) pick = set;
        for (unsigned set = 0; set < SETS; set++)
            worse += ratio[0][set] < ratio[0][pick];
        splits++;
        beaten += (worse + 1.0) / (SETS + 1) <= 0.5;
    }
    OverfittingInput input = {returns, SETS, STEPS, BLOCKS, BLOCK_SHARPE};
    Overfitting result = study(&input, NULL);
    assert_int_equal(result.splits, splits);
    assert_close(result.probability, (double)beaten / splits, 1e-15);
}

static void all_splits_of_sixteen(void **state) {
    (void)state;
    static double returns[3 * 64];
    noise(returns, 3, 64, 4);
    static OverfittingSplit splits[OVERFITTING_SPLITS_MAX];
    OverfittingInput input = {returns, 3, 64, 16, BLOCK_MEAN};
    assert_int_equal(study(&input, splits).splits, OVERFITTING_SPLITS_MAX);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    double returns[16] = {0};
    static const OverfittingInput wrong[] = {{NULL, 1, 8, 2, BLOCK_MEAN},
                                             {NULL, 2, 8, 3, BLOCK_MEAN},
                                             {NULL, 2, 8, 0, BLOCK_MEAN},
                                             {NULL, 2, 8, 18, BLOCK_MEAN},
                                             {NULL, 2, 8, 6, BLOCK_MEAN}};
    Overfitting result;
    Error error;
    for (unsigned row = 0; row < sizeof wrong / sizeof wrong[0]; row++) {
        assert_false(overfitting_of(&wrong[row], returns, NULL, &result, &error));
        assert_int_equal(error.code, ERROR_USAGE);
    }
    returns[9] = (double)INFINITY;
    OverfittingInput input = {returns, 2, 8, 4, BLOCK_MEAN};
    assert_false(overfitting_of(&input, returns, NULL, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normals_are_those_of_r),
        cmocka_unit_test(the_vignette_of_pbo),
        cmocka_unit_test(the_test_of_pbo),
        cmocka_unit_test(worked_by_hand),
        cmocka_unit_test(noise_around_zero_is_overfitted_for_certain),
        cmocka_unit_test(skill_is_told_from_noise),
        cmocka_unit_test(without_skill_it_is_one_half),
        cmocka_unit_test(equal_to_a_plain_count),
        cmocka_unit_test(all_splits_of_sixteen),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
