/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Correlation, leads and lags, and foretelling: the F distribution against closed forms, Granger's
 * ratio against plain elimination in long doubles, planted leads found where they are, and the
 * level of every test kept where there is nothing (counts within the binomial's bound).
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/num/correlation.h"
#include "core/num/f_distribution.h"
#include "core/num/granger.h"
#include "core/num/lead_lag.h"

#define STEPS 600

/* ---- the distribution ------------------------------------------------------------------------ */

static void test_log_gamma(void **state) {
    (void)state;
    for (double x = 0.01; x < 300; x += 0.137)
        assert_close(log_gamma(x), lgamma(x), 1e-12 * fmax(1, fabs(lgamma(x))));
}

static void test_closed_forms_of_f(void **state) {
    (void)state;
    for (double below = 3; below < 2000; below = below * 1.7 + 1)
        for (double f = 0.001; f < 200; f *= 1.5) {
            double two = pow(1 + 2 * f / below, -below / 2); /* 2 degrees above */
            assert_close(f_above(f, 2, below), two, 1e-11 * fmax(two, 1e-3));
            double other = 1 - pow(below * f / (2 + below * f), below / 2); /* 2 below */
            assert_close(f_above(f, below, 2), other, 1e-11);
            /* turned upside down */
            assert_close(f_above(f, 4, below) + f_above(1 / f, below, 4), 1, 1e-12);
        }
    assert_close(f_above(0, 3, 9), 1, 0);
    assert_close(f_above(-1, 3, 9), 1, 0);
    /* Upper points of printed tables: 5 % at F(4, 20) = 2.8661, 1 % at F(5, 120) = 3.1735. */
    assert_close(f_above(2.8661, 4, 20), 0.05, 1e-5);
    assert_close(f_above(3.1735, 5, 120), 0.01, 1e-5);
}

/* ---- correlation ----------------------------------------------------------------------------- */

static void test_correlation(void **state) {
    (void)state;
    const double none = (double)NAN;
    const double x[] = {1, 2, none, 3, 4, 9}, y[] = {2, 4, 5, 6, 8, none};
    const double flat[] = {1, 1, 1, 1, 1, 1};
    assert_int_equal(correlation_pairs(x, y, 6), 4);
    assert_close(correlation_of(x, y, 6), 1, 1e-15);
    assert_true(isnan(correlation_of(x, flat, 6)));
    assert_true(isnan(correlation_of(x, y, 2)));
    /* Anscombe 1973, first set: 0.81642... */
    const double a[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
    const double b[] = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
    assert_close(correlation_of(a, b, 11), 0.81642051634484, 1e-13);
}

/* ---- Granger --------------------------------------------------------------------------------- */

/* The residual of y on `width` columns, by elimination in long doubles on the raw values. */
static double naive_residual(const double *x, const double *y, size_t count, unsigned lags,
                             bool with_x) {
    long double a[20][20] = {{0}};
    unsigned width = 1 + lags * (with_x ? 2 : 1) + 1;
    for (size_t t = lags; t < count; t++) {
        long double row[20];
        unsigned at = 0;
        row[at++] = 1;
        for (unsigned k = 1; k <= lags; k++)
            row[at++] = y[t - k];
        for (unsigned k = 1; with_x && k <= lags; k++)
            row[at++] = x[t - k];
        row[at++] = y[t];
        for (unsigned i = 0; i < width; i++)
            for (unsigned j = 0; j < width; j++)
                a[i][j] += row[i] * row[j];
    }
    for (unsigned p = 0; p + 1 < width; p++)
        for (unsigned i = p + 1; i < width; i++) {
            long double share = a[i][p] / a[p][p];
            for (unsigned j = 0; j < width; j++)
                a[i][j] -= share * a[p][j];
        }
    return (double)a[width - 1][width - 1];
}

static void fill(Random *random, double *x, double *y, double bond) {
    for (size_t i = 0; i < STEPS; i++) {
        x[i] = 0.3 * (i ? x[i - 1] : 0) + random_normal(random);
        y[i] = 0.2 * (i ? y[i - 1] : 0) + random_normal(random) + (i >= 2 ? bond * x[i - 2] : 0);
    }
}

static void test_granger_is_plain_least_squares(void **state) {
    (void)state;
    double x[STEPS], y[STEPS];
    Random random = random_stream(5, 1);
    for (unsigned lags = 1; lags <= GRANGER_LAGS_MAX; lags++) {
        Granger granger;
        fill(&random, x, y, 0.1);
        assert_true(granger_test(x, y, STEPS, lags, &granger));
        double without = naive_residual(x, y, STEPS, lags, false);
        double with = naive_residual(x, y, STEPS, lags, true);
        double f = (without - with) / lags / (with / (double)(STEPS - lags - 2 * lags - 1));
        assert_close(granger.f, f, 1e-9 * fmax(1, f));
        assert_int_equal(granger.rows, STEPS - lags);
    }
}

static void test_granger_keeps_its_level_and_has_power(void **state) {
    (void)state;
    double x[STEPS], y[STEPS];
    unsigned by_chance = 0, found = 0;
    Random random = random_stream(5, 2);
    for (unsigned round = 0; round < 1000; round++) {
        Granger granger;
        fill(&random, x, y, 0);
        assert_true(granger_test(x, y, STEPS, 4, &granger));
        by_chance += granger.p <= 0.05;
        fill(&random, x, y, 0.25);
        assert_true(granger_test(x, y, STEPS, 4, &granger));
        found += granger.p <= 0.05;
    }
    print_message("by chance %u of 1000 at 5 %%, planted %u of 1000\n", by_chance, found);
    assert_in_range(by_chance, 28, 73); /* 50 +- 3.3 deviations of the binomial */
    assert_true(found > 990);
}

static void test_granger_refuses_what_it_cannot_tell(void **state) {
    (void)state;
    double x[STEPS], y[STEPS], flat[STEPS] = {0};
    Granger granger;
    Random random = random_stream(5, 3);
    fill(&random, x, y, 0);
    assert_false(granger_test(x, flat, STEPS, 4, &granger));
    assert_false(granger_test(flat, y, STEPS, 4, &granger));
    assert_false(granger_test(x, y, 18, 4, &granger));
    assert_false(granger_test(x, y, STEPS, 0, &granger));
    assert_false(granger_test(x, x, STEPS, 4, &granger)); /* its own past, twice */
    for (size_t i = 0; i < STEPS; i += 7)
        x[i] = (double)NAN;
    assert_true(granger_test(x, y, STEPS, 1, &granger));
    assert_true(granger.rows < STEPS - 80);
}

/* ---- leads and lags -------------------------------------------------------------------------- */

static LeadLag test_of(double *x, double *y, size_t count, uint32_t draws, uint64_t seed) {
    double scratch[STEPS];
    LeadLag wish = {.most = 24, .block = 6, .seed = seed};
    wish.divisor = (double)lead_lag_standardise(x, count);
    double other = (double)lead_lag_standardise(y, count);
    if (other < wish.divisor) wish.divisor = other;
    LeadLag test = lead_lag_begin(x, y, count, &wish);
    lead_lag_draw(&test, x, y, draws, scratch);
    return test;
}

static void test_planted_leads_are_found(void **state) {
    (void)state;
    for (int lead = -24; lead <= 24; lead++) {
        double x[STEPS], y[STEPS];
        Random random = random_stream(9, (uint64_t)(lead + 100));
        for (size_t i = 0; i < STEPS; i++)
            x[i] = random_normal(&random);
        for (size_t i = 0; i < STEPS; i++) {
            long from = (long)i - lead;
            y[i] = random_normal(&random) + (from >= 0 && from < STEPS ? 0.5 * x[from] : 0);
        }
        LeadLag test = test_of(x, y, STEPS, 199, 3);
        assert_int_equal(test.best_lag, lead);
        assert_true(lead_lag_best_level(&test) <= 0.005);
        assert_close(test.best, 0.5 / sqrt(1.25), 0.12);
    }
}

static void test_lag_nothing_is_pearson(void **state) {
    (void)state;
    double x[STEPS], y[STEPS], a[STEPS], b[STEPS];
    Random random = random_stream(9, 7);
    fill(&random, x, y, 0.1);
    memcpy(a, x, sizeof a);
    memcpy(b, y, sizeof b);
    LeadLag test = test_of(a, b, STEPS, 0, 1);
    assert_close(test.together, correlation_of(x, y, STEPS), 1e-12);
    assert_close(lead_lag_best_level(&test), 1, 0);
}

/* Two series that hang together in themselves and not with each other. */
static void test_the_best_of_49_lags_keeps_its_level(void **state) {
    (void)state;
    unsigned by_chance = 0, together = 0;
    for (unsigned seed = 0; seed < 300; seed++) {
        double x[STEPS], y[STEPS];
        Random random = random_stream(11, seed);
        fill(&random, x, y, 0);
        LeadLag test = test_of(x, y, STEPS, 199, seed);
        by_chance += lead_lag_best_level(&test) <= 0.05;
        together += lead_lag_together_level(&test) <= 0.05;
    }
    print_message("at 5 %%: best lag %u, lag 0 %u of 300\n", by_chance, together);
    assert_in_range(by_chance, 2, 29); /* 15 +- 3.5 deviations */
    assert_in_range(together, 2, 29);
}

static int compare(const void *a, const void *b) {
    const double *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

static void test_draws_may_be_cut_anywhere(void **state) {
    (void)state;
    double x[STEPS], y[STEPS], scratch[STEPS];
    Random random = random_stream(9, 8);
    fill(&random, x, y, 0.05);
    LeadLag cut = test_of(x, y, STEPS, 0, 5), whole = cut; /* x and y are standardised now */
    lead_lag_draw(&whole, x, y, 100, scratch);
    for (uint32_t done = 0; done < 100; done += 7)
        lead_lag_draw(&cut, x, y, done + 7 <= 100 ? 7 : 100 - done, scratch);
    assert_memory_equal(&whole, &cut, sizeof whole);
    lead_lag_permute(&whole, x, 4, scratch); /* a permutation: every value once */
    assert_memory_not_equal(scratch, x, sizeof x);
    qsort(scratch, STEPS, sizeof *scratch, compare);
    qsort(x, STEPS, sizeof *x, compare);
    assert_memory_equal(scratch, x, sizeof x);
}

static void test_what_does_not_vary_is_told(void **state) {
    (void)state;
    double flat[] = {0.3, 0.3, 0.3, (double)NAN}, some[] = {1, (double)NAN, 3, 5};
    assert_int_equal(lead_lag_standardise(flat, 4), 0);
    assert_int_equal(lead_lag_standardise(some, 4), 3);
    assert_true(some[1] == 0);
    assert_close(some[0] + some[2] + some[3], 0, 1e-15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_gamma),
        cmocka_unit_test(test_closed_forms_of_f),
        cmocka_unit_test(test_correlation),
        cmocka_unit_test(test_granger_is_plain_least_squares),
        cmocka_unit_test(test_granger_keeps_its_level_and_has_power),
        cmocka_unit_test(test_granger_refuses_what_it_cannot_tell),
        cmocka_unit_test(test_planted_leads_are_found),
        cmocka_unit_test(test_lag_nothing_is_pearson),
        cmocka_unit_test(test_the_best_of_49_lags_keeps_its_level),
        cmocka_unit_test(test_draws_may_be_cut_anywhere),
        cmocka_unit_test(test_what_does_not_vary_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
