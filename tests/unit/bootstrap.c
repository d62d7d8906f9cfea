/* SPDX-License-Identifier: Apache-2.0 */
/* Block lengths as published, draws that are fair, intervals that hold what they say. */
#include "unit.h"

#include "core/base/check.h"
#include "core/base/random.h"
#include "core/trial/block_length.h"
#include "core/trial/bootstrap.h"
#include "mersenne.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

#define LONG 10000

/* An AR(1) series, coefficient 0.3, of 10,000 values after 100 to forget the start, from seed 0:
 * the example in the tests of Sheppard's bootstrap package `arch` (test_block_length), whose
 * lengths are 13.635665 (stationary) and 15.60894 (circular), to 1e-4. */
static void block_length_as_published(void **state) {
    (void)state;
    static double values[LONG + 100], scratch[2 * LONG];
    Mersenne twister = mersenne_of(0);
    for (size_t index = 0; index < LONG + 100; index++)
        values[index] = mersenne_normal(&twister);
    for (size_t index = 1; index < LONG + 100; index++)
        values[index] += 0.3 * values[index - 1];
    assert_true(block_length_scratch(LONG) <= 2 * LONG);
    BlockLength length = block_length_of(values + 100, LONG, scratch);
    assert_close(length.stationary, 13.635665, 13.6e-4);
    assert_close(length.circular, 15.60894, 15.6e-4);
}

/* By hand: for AR(1) the rule becomes (2c / (1 - c^2))^(2/3) n^(1/3), the circular one (3/2)^(1/3)
 * times it: c = 0.7, n = 200: (1.4 / 0.51)^(2/3) x 5.848 = 11.465. */
static void block_length_of_a_known_process(void **state) {
    (void)state;
    BlockLength length = block_length_of_ar1(0.7, 200);
    assert_close(length.stationary, pow(1.4 / 0.51, 2.0 / 3) * cbrt(200), 1e-12);
    assert_close(length.stationary, 11.465, 5e-4);
    assert_close(length.circular / length.stationary, cbrt(1.5), 1e-12);
    assert_close(block_length_of_ar1(0, 200).stationary, 1, 0);
    assert_close(block_length_of_ar1(0.999, 200).stationary, ceil(3 * sqrt(200)),
                 0); /* the bound */
}

/* Simulated, the estimate lies around the known length. */
static void block_length_is_found_in_simulated_series(void **state) {
    (void)state;
    static double values[2000], scratch[4000];
    double sum = 0;
    for (unsigned turn = 0; turn < 40; turn++) {
        Random random = random_stream(3, turn);
        double value = 0;
        for (size_t index = 0; index < 2000; index++)
            values[index] = value = 0.5 * value + random_normal(&random);
        sum += block_length_of(values, 2000, scratch).stationary;
    }
    double known = block_length_of_ar1(0.5, 2000).stationary;
    assert_close(sum / 40 / known, 1, 0.2);
}

static void lengths_of_too_little_are_one(void **state) {
    (void)state;
    double flat[50] = {0}, scratch[200];
    assert_true(block_length_scratch(50) <= 200);
    assert_close(block_length_of(flat, 50, scratch).stationary, 1, 0);
    assert_close(block_length_of(flat, 3, scratch).circular, 1, 0);
}

/* Every step is drawn as often as any other, and blocks have the length that was asked for. */
static void draws_are_fair(void **state) {
    (void)state;
    uint32_t steps[500];
    for (ResampleKind kind = RESAMPLE_STATIONARY; kind <= RESAMPLE_CIRCULAR; kind++) {
        Resample plan = {kind, 7, 11};
        unsigned seen[50] = {0}, begun = 0, turns = 2000;
        for (unsigned turn = 0; turn < turns; turn++) {
            resample_steps(&plan, turn, 50, steps, 500);
            for (unsigned index = 0; index < 500; index++) {
                assert_true(steps[index] < 50);
                seen[steps[index]]++;
                begun += index == 0 || steps[index] != (steps[index - 1] + 1) % 50;
            }
        }
        for (unsigned step = 0; step < 50; step++) /* 20,000 each; deviation below 400 */
            assert_in_range(seen[step], 20000 - 1600, 20000 + 1600);
        /* 1 in 50 blocks happens to go on where the last one ended */
        double length = turns * 500.0 / begun;
        assert_close(length, 7 * 50.0 / 49, 0.15);
    }
}

static void a_replica_depends_on_its_number_alone(void **state) {
    (void)state;
    Resample plan = {RESAMPLE_STATIONARY, 3.5, 99};
    uint32_t once[100], again[100], other[100], part[40];
    resample_steps(&plan, 5, 60, once, 100);
    resample_steps(&plan, 6, 60, other, 100);
    resample_steps(&plan, 5, 60, again, 100);
    resample_steps(&plan, 5, 60, part, 40);
    assert_memory_equal(once, again, sizeof once);
    assert_memory_not_equal(once, other, sizeof once);
    assert_memory_equal(once, part, sizeof part);
}

/* Long-run variance by hand: values 1 -1 1 -1, blocks of 2 wrapped around sum to 0; blocks of 1
 * have mean square 1. Faded by 1/2: products at distance 1 are -1, at 2 +1, ...: 1 + 2 x sum of
 * (-1/2)^k = 1 - 2/3 = 1/3. */
static void long_run_variance_by_hand(void **state) {
    (void)state;
    double values[40];
    for (unsigned index = 0; index < 40; index++)
        values[index] = index % 2 ? -1 : 1;
    assert_close(bootstrap_variance(values, 40, &(Resample){RESAMPLE_CIRCULAR, 1, 0}), 1, 1e-15);
    assert_close(bootstrap_variance(values, 40, &(Resample){RESAMPLE_CIRCULAR, 2, 0}), 0, 1e-15);
    assert_close(bootstrap_variance(values, 40, &(Resample){RESAMPLE_STATIONARY, 1, 0}), 1, 1e-15);
    assert_close(bootstrap_variance(values, 40, &(Resample){RESAMPLE_STATIONARY, 2, 0}), 1.0 / 3,
                 1e-11);
    /* blocks {0 1} {38 39 0} {5}: sums 0, -1 + ... */
    uint32_t steps[6] = {0, 1, 38, 39, 0, 5};
    double drawn[6] = {1, -1, 1, -1, 1, -1};
    assert_close(bootstrap_block_variance(drawn, steps, 6, 40), (0 + 1 + 1) / 6.0, 1e-15);
}

typedef struct Coverage {
    unsigned sharpe, mean, above, turns;
} Coverage;

/* How often the 90 % intervals hold the truth, for returns `coefficient` x last + shock. */
static Coverage coverage_of(double coefficient, int degrees, unsigned turns, unsigned count) {
    Coverage seen = {.turns = turns};
    double returns[500], truth = 0.1;
    BootstrapPlan plan = {returns, count, 1, {RESAMPLE_STATIONARY, 0, 0}, 399, 0.9};
    void *memory = malloc(bootstrap_memory(&plan));
    /* the deviation of an AR(1) series with shocks of 1 */
    double deviation = 1 / sqrt(1 - coefficient * coefficient);
    for (unsigned turn = 0; turn < turns; turn++) {
        Random random = random_stream(21, turn);
        double value = 0;
        for (int index = -50; index < (int)count; index++) {
            value = coefficient * value + random_student_t(&random, degrees);
            if (index >= 0) returns[index] = 0.01 * (value + truth * deviation);
        }
        plan.resample.seed = turn;
        Bootstrap result;
        assert_true(bootstrap_of(&plan, memory, &result, NULL));
        double mean = 0.01 * truth * deviation;
        seen.sharpe += result.sharpe.low <= truth && truth <= result.sharpe.high;
        seen.mean += result.mean.low <= mean && mean <= result.mean.high;
        seen.above += result.sharpe.low > truth;
    }
    free(memory);
    print_message("AR %.1f, t %d, %u returns: 90 %% intervals held the Sharpe ratio in %.1f %%, "
                  "the mean in %.1f %%; lower bound too high in %.1f %%\n",
                  coefficient, degrees, count, 100.0 * seen.sharpe / turns,
                  100.0 * seen.mean / turns, 100.0 * seen.above / turns);
    return seen;
}

/* Binomial deviation of 400 at 90 %: 6. Independent returns: within four of them. Returns that hang
 * together are known to be covered a little less (blocks are finite): not below 80 %. */
static void intervals_hold_the_truth(void **state) {
    (void)state;
    Coverage plain = coverage_of(0, 5, 400, 250);
    assert_in_range(plain.sharpe, 360 - 24, 360 + 24);
    assert_in_range(plain.mean, 360 - 24, 360 + 24);
    assert_in_range(plain.above, 0, 20 + 18);
    Coverage tied = coverage_of(0.3, 8, 400, 500);
    assert_in_range(tied.sharpe, 320, 360 + 24);
    assert_in_range(tied.mean, 320, 360 + 24);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    double returns[30] = {0.1, -0.1, 0.2};
    BootstrapPlan plan = {returns, 19, 365, {RESAMPLE_CIRCULAR, 2, 1}, 99, 0.95};
    void *memory = malloc(bootstrap_memory(&(BootstrapPlan){.count = 30, .replicas = 99}));
    Bootstrap result;
    Error error = {0};
    assert_false(bootstrap_of(&plan, memory, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
    plan.count = 30;
    returns[7] = (double)NAN;
    assert_false(bootstrap_of(&plan, memory, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
    returns[7] = 0;
    plan.level = 1;
    assert_false(bootstrap_of(&plan, memory, &result, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    free(memory);
}

/* A line that never moves has no Sharpe ratio, and no interval is invented for it. */
static void a_flat_line_has_no_sharpe_ratio(void **state) {
    (void)state;
    double returns[30] = {0};
    BootstrapPlan plan = {returns, 30, 365, {RESAMPLE_CIRCULAR, 2, 1}, 99, 0.95};
    void *memory = malloc(bootstrap_memory(&plan));
    Bootstrap result;
    assert_true(bootstrap_of(&plan, memory, &result, NULL));
    assert_true(isnan(result.sharpe.low) && isnan(result.sharpe_p));
    assert_int_equal(result.undefined, 99);
    assert_close(result.mean.low, 0, 0);
    assert_close(result.total_return.high, 0, 0);
    returns[3] = 1; /* moves once: a third of the replicas never draw it */
    assert_true(bootstrap_of(&plan, memory, &result, NULL));
    assert_true(result.undefined > 10 && isnan(result.sharpe.low));
    free(memory);
}

/* The interval scales as the ratio does, and a good ratio has a small p. */
static void figures_agree_with_one_another(void **state) {
    (void)state;
    double returns[400];
    Random random = random_stream(9, 9);
    for (unsigned index = 0; index < 400; index++)
        returns[index] = 0.002 + 0.01 * random_normal(&random);
    BootstrapPlan plan = {returns, 400, 1, {RESAMPLE_CIRCULAR, 3, 1}, 1999, 0.95};
    void *memory = malloc(bootstrap_memory(&plan));
    Bootstrap step, year;
    assert_true(bootstrap_of(&plan, memory, &step, NULL));
    plan.steps_a_year = 365;
    assert_true(bootstrap_of(&plan, memory, &year, NULL));
    assert_close(year.sharpe.low, step.sharpe.low * sqrt(365), 1e-12);
    assert_true(step.sharpe.low < step.sharpe.estimate && step.sharpe.estimate < step.sharpe.high);
    assert_true(step.sharpe.low > 0 && step.sharpe_p < 0.025);
    assert_true(step.max_drawdown.low > 0 && step.max_drawdown.high < 1);
    assert_true(step.total_return.low < step.total_return.estimate);
    free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_length_as_published),
        cmocka_unit_test(block_length_of_a_known_process),
        cmocka_unit_test(block_length_is_found_in_simulated_series),
        cmocka_unit_test(lengths_of_too_little_are_one),
        cmocka_unit_test(draws_are_fair),
        cmocka_unit_test(a_replica_depends_on_its_number_alone),
        cmocka_unit_test(long_run_variance_by_hand),
        cmocka_unit_test(intervals_hold_the_truth),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(a_flat_line_has_no_sharpe_ratio),
        cmocka_unit_test(figures_agree_with_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
