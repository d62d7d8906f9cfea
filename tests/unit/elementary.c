/* SPDX-License-Identifier: Apache-2.0 */
/* Our elementary functions against the C library's long double ones, at every special value, and
 * bit for bit. */
#include "unit.h"

#include <stdbool.h>

#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/base/elementary.h"
#include "core/base/random.h"

#define CASES 60000

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

typedef double Ours(double x);
typedef long double Exact(long double x);

/* Distance in units of the last place of the exact value. */
static double error_of(double got, long double want) {
    int exponent;
    if (fabsl(want) > 1.7976931348623158e308L) return fabs(got) > 1.79e308 ? 0 : 1e9;
    (void)frexpl(want, &exponent);
    if (exponent < -1021) exponent = -1021;
    return (double)(fabsl((long double)got - want) / ldexpl(1, exponent - 53));
}

typedef struct Range {
    double lowest, highest;
    bool by_exponent; /* of 2, with either sign */
} Range;

static double case_in(Range range, Random *random) {
    double x = range.lowest + (range.highest - range.lowest) * random_uniform(random);
    if (!range.by_exponent) return x;
    return random_u32(random) & 1 ? exp2(x) : -exp2(x);
}

static void expect_near(const char *name, Ours *ours, Exact *exact, Range range, double bound) {
    Random random = random_stream(1, 1);
    double worst = 0, where = 0;
    for (int i = 0; i < CASES; i++) {
        double x = case_in(range, &random);
        double error = error_of(ours(x), exact((long double)x));
        if (!(error <= worst)) {
            worst = error;
            where = x;
        }
    }
    if (!(worst <= bound))
        fail_msg("%s(%.17g) is %.3f last places off, more than %.2f", name, where, worst, bound);
}

#define NEAR(function, range, bound)                                                               \
    expect_near(#function, elementary_##function, function##l, range, bound)

static void exp_and_expm1_are_near(void **state) {
    (void)state;
    NEAR(exp, ((Range){-1, 1, false}), 1);
    NEAR(exp, ((Range){-745, 709.7, false}), 1);
    NEAR(exp, ((Range){-80, 0, true}), 1);
    NEAR(expm1, ((Range){-1.5, 1.5, false}), 1.2);
    NEAR(expm1, ((Range){-45, 709.7, false}), 1.2);
    NEAR(expm1, ((Range){-1060, 0, true}), 1.2);
}

static long double log_of_size(long double x) {
    return logl(fabsl(x));
}

static double our_log_of_size(double x) {
    return elementary_log(fabs(x));
}

static long double log1p_of_size(long double x) {
    return log1pl(fabsl(x));
}

static double our_log1p_of_size(double x) {
    return elementary_log1p(fabs(x));
}

static void log_and_log1p_are_near(void **state) {
    (void)state;
    NEAR(log, ((Range){0.5, 2, false}), 1);
    NEAR(log, ((Range){0.9999, 1.0001, false}), 1);
    expect_near("log", our_log_of_size, log_of_size, (Range){-1074, 1023.9, true}, 1);
    NEAR(log1p, ((Range){-0.999, 3, false}), 1);
    NEAR(log1p, ((Range){-1060, -1, true}), 1);
    expect_near("log1p", our_log1p_of_size, log1p_of_size, (Range){-60, 1023.9, true}, 1);
}

static void tanh_sin_and_cos_are_near(void **state) {
    (void)state;
    NEAR(tanh, ((Range){-24, 24, false}), 1);
    NEAR(tanh, ((Range){-1060, 5, true}), 1);
    NEAR(sin, ((Range){-10, 10, false}), 1);
    NEAR(sin, ((Range){-1060, 20, true}), 1);
    NEAR(cos, ((Range){-10, 10, false}), 1);
    NEAR(cos, ((Range){-60, 20, true}), 1);
    /* Beyond 2^63 the x87 instructions behind some long double functions give up; the double ones
     * do not. */
    Random random = random_stream(2, 1);
    for (int i = 0; i < CASES; i++) {
        double x = exp2(random_uniform(&random) * 1023.9), place = exp2(-52);
        assert_close(elementary_sin(x), sin(x), 2 * place * fmax(fabs(sin(x)), 1e-300));
        assert_close(elementary_cos(x), cos(x), 2 * place * fmax(fabs(cos(x)), 1e-300));
    }
    /* The double that comes nearest to a multiple of pi/2 (Muller et al., Handbook of
     * Floating-Point Arithmetic); its cosine to 24 digits, because the library itself is 8 last
     * places off here. */
    double worst = ldexp(6381956970095103.0, 797);
    assert_true(error_of(elementary_cos(worst), -4.68716592425462761112258e-19L) <= 1);
}

static void expect_pow(double x, double y) {
    double error = error_of(elementary_pow(x, y), powl((long double)x, (long double)y));
    if (!(error <= 1.1)) fail_msg("pow(%.17g, %.17g) is %.3f last places off", x, y, error);
}

static void pow_is_near(void **state) {
    (void)state;
    Random random = random_stream(3, 1);
    for (int i = 0; i < CASES; i++) {
        double x = exp2(random_uniform(&random) * 2090 - 1070), reach = random_uniform(&random);
        expect_pow(x, (reach * 2090 - 1067) / log2(x));
        expect_pow(exp2(random_uniform(&random) * 40 - 20), reach * 60 - 30);
        double near_one = 1 + (reach - 0.5) * exp2(-40 * random_uniform(&random));
        expect_pow(near_one, 500 * random_normal(&random));
        int whole = (int)random_below(&random, 41) - 20;
        expect_pow(-1 - 9 * reach, whole);
    }
    for (int i = -300; i <= 300; i++)
        assert_true(error_of(elementary_pow(10, i), powl(10, i)) <= 1);
    for (int i = -1074; i <= 1023; i++)
        assert_true(elementary_pow(2, i) == ldexp(1, i));
}

static bool same(double a, double b) {
    return (a != a && b != b) || (a == b && signbit(a) == signbit(b));
}

/* C's Annex F demands the same of the library. */
static void special_values_are_those_of_the_standard(void **state) {
    (void)state;
    static const struct {
        const char *name;
        Ours *ours, *library;
    } rows[] = {{"exp", elementary_exp, exp},    {"expm1", elementary_expm1, expm1},
                {"log", elementary_log, log},    {"log1p", elementary_log1p, log1p},
                {"tanh", elementary_tanh, tanh}, {"sin", elementary_sin, sin},
                {"cos", elementary_cos, cos}};
    const double values[] = {0.0,
                             -0.0,
                             1,
                             -1,
                             (double)INFINITY,
                             -(double)INFINITY,
                             (double)NAN,
                             5e-324,
                             -5e-324,
                             1e-320,
                             709.8,
                             710,
                             1e308,
                             -745.2,
                             -746,
                             -1e308,
                             -2,
                             1.7976931348623157e308,
                             2.2250738585072014e-308,
                             -0.5,
                             1e-30,
                             22,
                             -22};
    const size_t count = sizeof values / sizeof values[0];
    for (size_t f = 0; f < sizeof rows / sizeof rows[0]; f++)
        for (size_t i = 0; i < count; i++) {
            double got = rows[f].ours(values[i]), want = rows[f].library(values[i]);
            bool near = fabs(got - want) <= 4.5e-16 * fabs(want);
            if (!same(got, want) && !(near && want != 0 && fabs(want) < 1e308))
                fail_msg("%s(%.17g) is %.17g, not %.17g", rows[f].name, values[i], got, want);
        }
    const double powers[] = {0.5, 2, 3, -2, -3, 1e300, -1e300, 9007199254740993.0, 0.1, -0.1, 2.5};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count + sizeof powers / sizeof powers[0]; k++) {
            double x = values[i], y = k < count ? values[k] : powers[k - count];
            double got = elementary_pow(x, y), want = pow(x, y);
            bool near = fabs(got - want) <= 4.5e-16 * fabs(want) && got * want > 0;
            if (!same(got, want) && !near) fail_msg("pow(%.17g, %.17g) is %.17g", x, y, got);
        }
}

/* The promise itself: these bits came out of gcc and clang at -O0, -O2 and -O3 with every
 * instruction set. */
static void bits_are_the_same_everywhere(void **state) {
    (void)state;
    uint64_t sum = 0;
    Random random = random_stream(11, 1);
    for (int i = 0; i < 20000; i++) {
        double x = (random_uniform(&random) - 0.5) * 40, y = random_uniform(&random) * 8;
        double values[8] = {elementary_exp(x),         elementary_expm1(x),  elementary_log(y),
                            elementary_log1p(y),       elementary_pow(y, x), elementary_tanh(x / 8),
                            elementary_sin(x * x * x), elementary_cos(x)};
        sum = sum * 31 + hash64(values, sizeof values);
    }
    assert_true(sum == 0x85d38d7f6caaf313);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_and_expm1_are_near),
        cmocka_unit_test(log_and_log1p_are_near),
        cmocka_unit_test(tanh_sin_and_cos_are_near),
        cmocka_unit_test(pow_is_near),
        cmocka_unit_test(special_values_are_those_of_the_standard),
        cmocka_unit_test(bits_are_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
