/* SPDX-License-Identifier: Apache-2.0 */
/* The published examples of the two papers, and what holds at the edges. */
#include "unit.h"

#include "core/base/check.h"
#include "core/base/random.h"
#include "core/trial/sharpe_test.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

/* Bailey and Lopez de Prado 2014, "A numerical example": an annual ratio of 2.5 over 1,250 days
 * (250 a year), skewness -3, kurtosis 10, the best of 100 trials whose annual ratios have variance
 * 1/2: expected best 0.1132 a day, deflated ratio 0.9004. After 46 trials it would have been
 * 0.9505; with normal returns, after 88. */
static void deflated_as_published_2014(void **state) {
    (void)state;
    SharpeSample sample = {2.5 / sqrt(250), -3, 10, 1250};
    double deviation = sqrt(0.5 / 250);
    assert_close(sharpe_expected_best(deviation, 100), 0.1132, 5e-5);
    assert_close(sharpe_deflated(&sample, deviation, 100), 0.9004, 5e-5);
    assert_close(sharpe_deflated(&sample, deviation, 46), 0.9505, 5e-5);
    sample.skewness = 0;
    sample.kurtosis = 3;
    assert_close(sharpe_deflated(&sample, deviation, 88), 0.9505, 5e-5);
}

/* Bailey and Lopez de Prado 2012: 24 monthly returns with ratio 0.458, skewness -2.448 and kurtosis
 * 10.164. As if normal the probability of skill is 0.982; with the moments, 0.913. */
static void probability_as_published_2012(void **state) {
    (void)state;
    SharpeSample sample = {0.458, 0, 3, 24};
    assert_close(sharpe_probability(&sample, 0), 0.982, 5e-4);
    sample.skewness = -2.448;
    sample.kurtosis = 10.164;
    assert_close(sharpe_probability(&sample, 0), 0.913, 5e-4);
}

/* The same paper: an annual ratio of 2 against a threshold of 1 at 95 %: 2.73 years of daily normal
 * returns, 2.83 of weekly, 3.24 of monthly ones, 4.99 of monthly ones with the moments of hedge
 * funds (-0.72 and 5.78). */
static void track_record_as_published_2012(void **state) {
    (void)state;
    static const struct {
        double steps, skewness, kurtosis, years;
    } rows[] = {{252, 0, 3, 2.73}, {52, 0, 3, 2.83}, {12, 0, 3, 3.24}, {12, -0.72, 5.78, 4.99}};
    for (unsigned row = 0; row < 4; row++) {
        double root = sqrt(rows[row].steps);
        SharpeSample sample = {2 / root, rows[row].skewness, rows[row].kurtosis, 0};
        double length = sharpe_track_record(&sample, 1 / root, 0.95);
        assert_close(length / rows[row].steps, rows[row].years, 5e-3);
        sample.count = length; /* at that length the probability is just reached */
        assert_close(sharpe_probability(&sample, 1 / root), 0.95, 1e-12);
    }
}

/* Returns 1 2 3 6: mean 3, deviations -2 -1 0 3, variance 14/4 = 3.5, third moment (-8 - 1 + 27)/4
 * = 4.5, fourth (16 + 1 + 81)/4 = 24.5. */
static void moments_by_hand(void **state) {
    (void)state;
    double returns[4] = {1, 2, 3, 6};
    SharpeSample sample = sharpe_sample(returns, 4);
    assert_close(sample.ratio, 3 / sqrt(3.5), 1e-15);
    assert_close(sample.skewness, 4.5 / (3.5 * sqrt(3.5)), 1e-15);
    assert_close(sample.kurtosis, 24.5 / (3.5 * 3.5), 1e-15);
    assert_close(sample.count, 4, 0);
}

static void what_is_not_defined_is_no_number(void **state) {
    (void)state;
    double flat[3] = {0.1, 0.1, 0.1};
    SharpeSample sample = sharpe_sample(flat, 3);
    assert_true(isnan(sample.ratio));
    assert_true(isnan(sharpe_probability(&sample, 0)));
    assert_true(isnan(sharpe_deflated(&sample, 0.1, 10)));
    sample = sharpe_sample(flat, 1);
    assert_true(isnan(sample.ratio) && isnan(sharpe_error(&sample)));
    SharpeSample worse = {0.1, 0, 3, 100};
    assert_true(isnan(sharpe_track_record(&worse, 0.2, 0.95)));
    /* Two equal points, up and down: all spread is known, and with it the answer. */
    SharpeSample certain = {2, 1, 2, 10};
    assert_close(sharpe_error(&certain), 0, 0);
    assert_close(sharpe_probability(&certain, 1), 1, 0);
    assert_close(sharpe_probability(&certain, 2), 0.5, 0);
    assert_close(sharpe_probability(&certain, 3), 0, 0);
}

static void trials_that_move_together_are_fewer(void **state) {
    (void)state;
    assert_close(sharpe_independent_trials(100, 0), 100, 0);
    assert_close(sharpe_independent_trials(100, 1), 1, 0);
    assert_close(sharpe_independent_trials(100, 0.5), 50.5, 0);
    assert_close(sharpe_expected_best(0.1, 1), 0, 0);
    assert_close(sharpe_expected_best(0.1, 0), 0, 0);
    SharpeSample sample = {0.1, 0, 3, 400};
    /* one trial is not deflated; without a known spread chance's own stands in: 1/20 */
    assert_close(sharpe_deflated(&sample, (double)NAN, 1), sharpe_probability(&sample, 0), 0);
    assert_close(sharpe_deflated(&sample, (double)NAN, 50), sharpe_deflated(&sample, 0.05, 50), 0);
}

/* The best of N worthless trials, simulated: the approximation is within 3 % from ten trials on. */
static void the_expected_best_is_that_of_simulated_trials(void **state) {
    (void)state;
    Random random = random_stream(5, 2);
    static const unsigned sizes[] = {10, 50, 200};
    for (unsigned row = 0; row < 3; row++) {
        double sum = 0;
        for (unsigned turn = 0; turn < 4000; turn++) {
            double best = -1e9;
            for (unsigned trial = 0; trial < sizes[row]; trial++)
                best = fmax(best, random_normal(&random));
            sum += best;
        }
        double seen = sum / 4000, said = sharpe_expected_best(1, sizes[row]);
        assert_close(seen / said, 1, 0.03);
    }
}

/* Where nothing is to be found, a probability is uniform: below 5 % in 5 % of the cases. */
static void the_probability_is_calibrated(void **state) {
    (void)state;
    Random random = random_stream(6, 3);
    unsigned low = 0, high = 0, turns = 4000;
    double returns[250];
    for (unsigned turn = 0; turn < turns; turn++) {
        for (unsigned index = 0; index < 250; index++)
            returns[index] = random_student_t(&random, 6);
        SharpeSample sample = sharpe_sample(returns, 250);
        double probability = sharpe_probability(&sample, 0);
        low += probability < 0.05;
        high += probability > 0.95;
    }
    /* binomial deviation of 4,000 at 5 %: 14; four of them */
    assert_in_range(low, 200 - 56, 200 + 56);
    assert_in_range(high, 200 - 56, 200 + 56);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deflated_as_published_2014),
        cmocka_unit_test(probability_as_published_2012),
        cmocka_unit_test(track_record_as_published_2012),
        cmocka_unit_test(moments_by_hand),
        cmocka_unit_test(what_is_not_defined_is_no_number),
        cmocka_unit_test(trials_that_move_together_are_fewer),
        cmocka_unit_test(the_expected_best_is_that_of_simulated_trials),
        cmocka_unit_test(the_probability_is_calibrated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
