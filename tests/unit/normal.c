/* SPDX-License-Identifier: Apache-2.0 */
/* The normal distribution against the C library's, in the middle and far out; order and quantiles.
 */
#include "unit.h"

#include "core/base/check.h"
#include "core/base/random.h"
#include "core/num/normal.h"
#include "core/num/sorted.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static void shares_are_those_of_the_error_function(void **state) {
    (void)state;
    for (double x = -37; x <= 9; x += 0.0137) {
        double want = (double)(0.5L * erfcl(-(long double)x / sqrtl(2)));
        if (!(fabs(normal_below(x) - want) <= 1e-14 * want))
            fail_msg("normal_below(%g) = %.17g, not %.17g", x, normal_below(x), want);
    }
    assert_close(normal_below(0), 0.5, 0);
    assert_close(normal_below(-(double)INFINITY), 0, 0);
    assert_close(normal_below((double)INFINITY), 1, 0);
    assert_true(isnan(normal_below((double)NAN)));
}

/* Abramowitz and Stegun, table 26.5: quantiles to six places; and far out, Wichura 1988 (AS 241).
 */
static void quantiles_are_those_of_the_tables(void **state) {
    (void)state;
    assert_close(normal_quantile(0.5), 0, 0);
    assert_close(normal_quantile(0.95), 1.644854, 5e-7);
    assert_close(normal_quantile(0.975), 1.959964, 5e-7);
    assert_close(normal_quantile(0.995), 2.575829, 5e-7);
    assert_close(normal_quantile(0.25), -0.6744897501960817, 1e-15);
    assert_close(normal_quantile(0.001), -3.090232306167814, 4e-15);
    assert_close(normal_quantile(1e-20), -9.262340089798408, 1e-14);
}

static void a_quantile_is_the_inverse_of_the_share(void **state) {
    (void)state;
    Random random = random_stream(7, 1);
    for (int turn = 0; turn < 20000; turn++) {
        double share = exp(-60 * random_uniform(&random));
        double back = normal_below(normal_quantile(share));
        /* a last place of x moves a tail by x times as much */
        if (!(fabs(back - share) <= 1e-13 * share)) fail_msg("%.17g came back %.17g", share, back);
    }
    assert_true(normal_quantile(0) == -(double)INFINITY);
    assert_true(normal_quantile(1) == (double)INFINITY);
    assert_true(isnan(normal_quantile(-0.1)) && isnan(normal_quantile(1.1)));
    assert_true(isfinite(normal_quantile(5e-324)));
}

static void sorting_puts_every_length_in_order(void **state) {
    (void)state;
    Random random = random_stream(8, 1);
    double values[300];
    for (size_t count = 0; count <= 300; count++) {
        double sum = 0, after = 0;
        for (size_t index = 0; index < count; index++)
            sum += values[index] = random_below(&random, 40); /* with ties */
        sorted_put(values, count);
        for (size_t index = 0; index < count; index++)
            after += values[index];
        assert_close(sum, after, 0);
        for (size_t index = 1; index < count; index++)
            assert_true(values[index - 1] <= values[index]);
    }
}

/* Hyndman and Fan's type 7 by hand: of 1 2 4 8, a quarter lies at place 0.75, so 1.75. */
static void quantiles_lie_between_neighbours(void **state) {
    (void)state;
    double values[4] = {1, 2, 4, 8};
    assert_close(sorted_quantile(values, 4, 0), 1, 0);
    assert_close(sorted_quantile(values, 4, 0.25), 1.75, 0);
    assert_close(sorted_quantile(values, 4, 0.5), 3, 0);
    assert_close(sorted_quantile(values, 4, 1), 8, 0);
    assert_close(sorted_quantile(values, 1, 0.3), 1, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_those_of_the_error_function),
        cmocka_unit_test(quantiles_are_those_of_the_tables),
        cmocka_unit_test(a_quantile_is_the_inverse_of_the_share),
        cmocka_unit_test(sorting_puts_every_length_in_order),
        cmocka_unit_test(quantiles_lie_between_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
