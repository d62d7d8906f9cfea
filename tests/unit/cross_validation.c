/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as in the book's figure, gaps by hand, and what noise and skill look like. */
#include "unit.h"

#include "core/base/check.h"
#include "core/base/random.h"
#include "core/trial/cross_validation.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static CrossValidation study(const CrossValidationInput *input, uint32_t *picks,
                             double *performance) {
    void *memory = malloc(cross_validation_memory(input));
    CrossValidation result;
    Error error;
    if (!cross_validation_of(input, memory, picks, performance, &result, &error))
        fail_msg("%s", error.message);
    free(memory);
    return result;
}

/* Lopez de Prado 2018, 12.3: 6 groups of which 2 are judged make 15 splits and 5 paths; with 1 it
 * is plain cross-validation, with 1 path; 10 of 2 make 45 and 9. */
static void paths_as_in_the_book(void **state) {
    (void)state;
    static double returns[60] = {0};
    CrossValidation result =
        study(&(CrossValidationInput){returns, 1, 60, 6, 2, 0, 0, BLOCK_MEAN}, NULL, NULL);
    assert_int_equal(result.splits, 15);
    assert_int_equal(result.paths, 5);
    result = study(&(CrossValidationInput){returns, 1, 60, 6, 1, 0, 0, BLOCK_MEAN}, NULL, NULL);
    assert_int_equal(result.splits, 6);
    assert_int_equal(result.paths, 1);
    result = study(&(CrossValidationInput){returns, 1, 60, 10, 2, 0, 0, BLOCK_MEAN}, NULL, NULL);
    assert_int_equal(result.splits, 45);
    assert_int_equal(result.paths, 9);
    assert_int_equal(cross_validation_paths(16, 8), CROSS_VALIDATION_PATHS_MAX);
}

/* Two sets in three groups of four steps, one judged at a time.
 *   A: 1 1 1 9 | 0 0 0 0 | 0 0 0 0      B: 0 0 0 0 | 1 1 1 1 | 0 0 8 0
 * Judged 0: of 1 and 2, A 0, B 12: B earns 0 there. Judged 1: A 12, B 8: A, 0. Judged 2: A 12, B 4:
 * A, 0. With a purge of 1 the last step of group 0 goes when 1 is judged: A 3, B 8: B, 4 / 12. */
static void gaps_by_hand(void **state) {
    (void)state;
    const double returns[24] = {1, 1, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0,
                                0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 8, 0};
    CrossValidationInput input = {returns, 2, 12, 3, 1, 0, 0, BLOCK_MEAN};
    uint32_t picks[3];
    double performance;
    (void)study(&input, picks, &performance);
    assert_int_equal(picks[0], 1);
    assert_int_equal(picks[1], 0);
    assert_int_equal(picks[2], 0);
    assert_close(performance, 0, 0);
    input.purge = 1;
    (void)study(&input, picks, &performance);
    assert_int_equal(picks[0], 1);
    assert_int_equal(picks[1], 1);
    assert_close(performance, 4.0 / 12, 1e-15);
    /* An embargo takes what follows a judged group: with 2, all but the fourth step of group 2. */
    input = (CrossValidationInput){returns, 2, 12, 3, 1, 0, 3, BLOCK_MEAN};
    (void)study(&input, picks, &performance);
    assert_int_equal(picks[1], 0); /* A 12 of group 0; B's 8 lies in the embargo */
}

/* Each path trades each group once, by a pick that has not seen it: a set that is good in one group
 * alone is never picked there. */
static void no_pick_has_seen_what_it_trades(void **state) {
    (void)state;
    enum { GROUPS = 6, LENGTH = 20, STEPS = GROUPS * LENGTH };
    static double returns[GROUPS * STEPS];
    for (unsigned set = 0; set < GROUPS; set++)
        for (unsigned step = 0; step < STEPS; step++)
            returns[set * STEPS + step] = step / LENGTH == set ? 1 : -0.01 * (step % 3);
    CrossValidationInput input = {returns, GROUPS, STEPS, GROUPS, 2, 1, 1, BLOCK_SHARPE};
    uint32_t picks[5 * GROUPS];
    memset(picks, 0xff, sizeof picks);
    CrossValidation result = study(&input, picks, NULL);
    for (unsigned path = 0; path < 5; path++)
        for (unsigned group = 0; group < GROUPS; group++) {
            assert_true(picks[path * GROUPS + group] < GROUPS);
            assert_true(picks[path * GROUPS + group] != group);
        }
    assert_close(result.below, 1, 0);
    assert_true(result.high < 0);
}

static void noise_and_skill(void **state) {
    (void)state;
    enum { SETS = 20, STEPS = 600 };
    static double returns[SETS * STEPS];
    double sum = 0;
    for (unsigned turn = 0; turn < 100; turn++) {
        for (unsigned set = 0; set < SETS; set++) {
            Random random = random_stream(turn, set);
            for (unsigned step = 0; step < STEPS; step++)
                returns[set * STEPS + step] = 0.01 * random_normal(&random);
        }
        CrossValidationInput input = {returns, SETS, STEPS, 6, 2, 2, 2, BLOCK_SHARPE};
        sum += study(&input, NULL, NULL).mean;
        if (turn >= 5) continue;
        for (unsigned step = 0; step < STEPS; step++)
            returns[3 * STEPS + step] += 0.004;
        CrossValidation skilled = study(&input, NULL, NULL);
        assert_true(skilled.low > 0.2 && skilled.below == 0);
        assert_true(skilled.low <= skilled.median && skilled.median <= skilled.high);
    }
    /* picking among noise earns nothing: each mean has a deviation of about 1/sqrt(600) */
    assert_close(sum / 100, 0, 4 * 0.041 / 10);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    double returns[24] = {0};
    static const CrossValidationInput wrong[] = {
        {NULL, 0, 12, 3, 1, 0, 0, BLOCK_MEAN},  {NULL, 2, 12, 1, 1, 0, 0, BLOCK_MEAN},
        {NULL, 2, 12, 17, 1, 0, 0, BLOCK_MEAN}, {NULL, 2, 12, 3, 3, 0, 0, BLOCK_MEAN},
        {NULL, 2, 12, 3, 0, 0, 0, BLOCK_MEAN},  {NULL, 2, 12, 3, 1, 2, 0, BLOCK_MEAN},
        {NULL, 2, 12, 3, 1, 0, 4, BLOCK_MEAN},  {NULL, 2, 4, 3, 1, 0, 0, BLOCK_MEAN}};
    CrossValidation result;
    Error error;
    for (unsigned row = 0; row < sizeof wrong / sizeof wrong[0]; row++) {
        assert_false(cross_validation_of(&wrong[row], NULL, NULL, NULL, &result, &error));
        assert_int_equal(error.code, ERROR_USAGE);
    }
    returns[20] = (double)NAN;
    CrossValidationInput input = {returns, 2, 12, 3, 1, 0, 0, BLOCK_MEAN};
    assert_false(cross_validation_of(&input, NULL, NULL, NULL, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_as_in_the_book),
        cmocka_unit_test(gaps_by_hand),
        cmocka_unit_test(no_pick_has_seen_what_it_trades),
        cmocka_unit_test(noise_and_skill),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
