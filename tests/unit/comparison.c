/* SPDX-License-Identifier: Apache-2.0 */
/* Stepdown by hand; the error of a difference against the known formula; false alarms and finds. */
#include "unit.h"

#include <stdbool.h>

#include "core/base/check.h"
#include "core/base/random.h"
#include "core/trial/bootstrap.h"
#include "core/trial/comparison.h"
#include "core/trial/stepdown.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

/* Statistics 3, 1, 2. Four replicas:   (2.5 0 0) (0 2.1 1) (0.5 0.9 4) (0 0 1.5).
 * 3: greatest of all three: 2.5 2.1 4 1.5 -> once at or above 3 -> 2/5.
 * 2: of the second and third: 0 2.1 4 1.5 -> twice at or above 2 -> 3/5.
 * 1: of the second alone: 0 2.1 0.9 0 -> once at or above 1 -> 2/5, raised to 3/5. */
static void stepdown_by_hand(void **state) {
    (void)state;
    const double observed[3] = {3, 1, 2};
    const double draws[12] = {2.5, 0, 0, 0, 2.1, 1, 0.5, 0.9, 4, 0, 0, 1.5};
    double adjusted[3];
    uint32_t order[3];
    stepdown_adjust(observed, draws, 3, 4, order, adjusted);
    assert_close(adjusted[0], 0.4, 1e-15);
    assert_close(adjusted[1], 0.6, 1e-15);
    assert_close(adjusted[2], 0.6, 1e-15);
}

#define RESULTS 4
#define STEPS   300

/* Results that share a part `share` of their moves; result r has a mean of skill[r] deviations. */
static void make(double *returns, const double *skill, double share, uint64_t seed) {
    Random random = random_stream(seed, 4);
    for (size_t step = 0; step < STEPS; step++) {
        double together = random_student_t(&random, 6);
        for (size_t result = 0; result < RESULTS; result++) {
            double own = random_student_t(&random, 6);
            double move = sqrt(share) * together + sqrt(1 - share) * own;
            returns[result * STEPS + step] = 0.01 * (move + skill[result]);
        }
    }
}

static void compare(const double *returns, unsigned results, uint64_t seed, Comparison *result) {
    ComparisonPlan plan = {returns, results, STEPS, 365, {RESAMPLE_CIRCULAR, 1, seed}, 399, 0.95};
    void *memory = malloc(comparison_memory(&plan));
    Error error;
    if (!comparison_of(&plan, memory, result, &error)) fail_msg("%s", error.message);
    free(memory);
}

/* Memmel 2003 (after Jobson and Korkie 1981): for normal returns the variance of the difference of
 * two ratios is (2 - 2 rho + (a^2 + b^2 - 2 a b rho^2) / 2) / n. */
static void the_error_is_that_of_jobson_korkie_memmel(void **state) {
    (void)state;
    enum { MANY = 200000 };
    double *one = malloc(MANY * 3 * sizeof(double)), *other = one + MANY, *scratch = other + MANY;
    Random random = random_stream(1, 5);
    const double rho = 0.6, a = 0.8, b = 0.3;
    for (size_t step = 0; step < MANY; step++) {
        double x = random_normal(&random), y = random_normal(&random);
        one[step] = a + x;
        other[step] = b + rho * x + sqrt(1 - rho * rho) * y;
    }
    double ratio;
    assert_true(bootstrap_influence(one, MANY, &ratio, scratch));
    memcpy(one, scratch, MANY * sizeof(double));
    assert_true(bootstrap_influence(other, MANY, &ratio, scratch));
    for (size_t step = 0; step < MANY; step++)
        one[step] -= scratch[step];
    double seen = bootstrap_variance(one, MANY, &(Resample){RESAMPLE_CIRCULAR, 1, 0});
    double known = 2 - 2 * rho + 0.5 * (a * a + b * b - 2 * a * b * rho * rho);
    assert_close(seen / known, 1, 0.01);
    free(one);
}

/* Four alike: at 10 % even one pair is told apart by mistake in 10 % of the cases, and even one is
 * called skilled in 10 %. Binomial deviation of 300 at 10 %: 5.2; four of them. */
static void false_alarms_are_as_rare_as_the_level_says(void **state) {
    (void)state;
    static const double none[RESULTS] = {0, 0, 0, 0};
    static double returns[RESULTS * STEPS];
    unsigned apart = 0, skilled = 0, turns = 300;
    for (unsigned turn = 0; turn < turns; turn++) {
        make(returns, none, 0.5, turn);
        Comparison result;
        compare(returns, RESULTS, turn, &result);
        bool pair = false, skill = false;
        for (unsigned index = 0; index < result.pairs; index++)
            pair = pair || result.pair[index].adjusted <= 0.1;
        for (unsigned index = 0; index < RESULTS; index++)
            skill = skill || result.sharpe[index].p <= 0.1;
        apart += pair;
        skilled += skill;
    }
    print_message("of %u comparisons of 4 alike, %.1f %% told a pair apart and %.1f %% called one "
                  "skilled, at 10 %%\n",
                  turns, 100.0 * apart / turns, 100.0 * skilled / turns);
    assert_in_range(apart, 30 - 21, 30 + 21);
    assert_in_range(skilled, 30 - 21, 30 + 21);
}

static void what_differs_is_told_apart(void **state) {
    (void)state;
    static const double skill[RESULTS] = {0.05, 0.4, 0.38, -0.1};
    static double returns[RESULTS * STEPS];
    make(returns, skill, 0.6, 77);
    Comparison result;
    compare(returns, RESULTS, 1, &result);
    assert_true(result.order[0] <= 2 && result.order[0] >= 1 && result.order[3] == 3);
    assert_true(comparison_pair(&result, 1, 2)->adjusted > 0.05);
    assert_true(comparison_pair(&result, 1, 0)->adjusted < 0.05);
    assert_true(comparison_pair(&result, 3, 1)->adjusted < 0.05);
    const ComparisonPair *pair = comparison_pair(&result, 3, 1);
    assert_int_equal(pair->better, 1);
    assert_int_equal(pair->worse, 3);
    assert_true(pair->low > 0 && pair->low < pair->difference && pair->difference < pair->high);
    assert_true(pair->p <= pair->adjusted);
    assert_true(result.sharpe[1].p < 0.05 && result.sharpe[3].p > 0.5);
    char memory[400];
    Text text = TEXT_IN(memory);
    comparison_say(&result, (const char *const[]){"a", "b", "c", "d"}, 0.05, &text);
    print_message("%s\n", text_end(&text));
    assert_non_null(strstr(memory, "has the highest Sharpe ratio ("));
    assert_non_null(strstr(memory, "It cannot be told apart from "));
    assert_null(strstr(memory, "None is above zero"));
}

static void nothing_is_said_of_noise(void **state) {
    (void)state;
    static const double none[RESULTS] = {0, 0, 0, 0};
    static double returns[RESULTS * STEPS];
    make(returns, none, 0.5, 3);
    Comparison result;
    compare(returns, 2, 1, &result);
    char memory[400];
    Text text = TEXT_IN(memory);
    comparison_say(&result, (const char *const[]){"a", "b"}, 0.05, &text);
    assert_non_null(strstr(text_end(&text), "It cannot be told apart from"));
    assert_non_null(strstr(memory, "None is above zero beyond chance"));
}

/* The same returns twice: difference 0, and nothing divides by it. */
static void a_result_cannot_be_told_from_itself(void **state) {
    (void)state;
    static const double skill[RESULTS] = {0.3, 0, 0, 0};
    static double returns[RESULTS * STEPS];
    make(returns, skill, 0.5, 5);
    memcpy(returns + STEPS, returns, STEPS * sizeof(double));
    Comparison result;
    compare(returns, 2, 1, &result);
    assert_close(result.pair[0].difference, 0, 0);
    assert_close(result.pair[0].adjusted, 1, 0);
    assert_close(result.pair[0].p, 1, 0);
    assert_true(result.pair[0].low <= 0 && result.pair[0].high >= 0);
}

static void one_alone_is_judged_against_zero(void **state) {
    (void)state;
    static const double skill[RESULTS] = {0.3, 0, 0, 0};
    static double returns[RESULTS * STEPS];
    make(returns, skill, 0.5, 6);
    Comparison result;
    compare(returns, 1, 1, &result);
    assert_int_equal(result.pairs, 0);
    assert_true(result.sharpe[0].p < 0.01);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    static double returns[RESULTS * STEPS];
    ComparisonPlan plan = {returns, 2, STEPS, 365, {RESAMPLE_CIRCULAR, 1, 1}, 99, 0.95};
    void *memory = malloc(comparison_memory(&plan));
    Comparison result;
    Error error;
    assert_false(comparison_of(&plan, memory, &result, &error)); /* flat */
    assert_int_equal(error.code, ERROR_DATA);
    plan.count = 5;
    assert_false(comparison_of(&plan, memory, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
    plan.results = 33;
    assert_false(comparison_of(&plan, memory, &result, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stepdown_by_hand),
        cmocka_unit_test(the_error_is_that_of_jobson_korkie_memmel),
        cmocka_unit_test(false_alarms_are_as_rare_as_the_level_says),
        cmocka_unit_test(what_differs_is_told_apart),
        cmocka_unit_test(nothing_is_said_of_noise),
        cmocka_unit_test(a_result_cannot_be_told_from_itself),
        cmocka_unit_test(one_alone_is_judged_against_zero),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
