/* SPDX-License-Identifier: Apache-2.0 */
/* Random streams: known answers, position alone decides, and the moments of what is drawn. */
#include "unit.h"

#include "core/base/check.h"
#include "core/base/random.h"

#define DRAWS 400000

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

/* Random123's own known answer for counter 0 and key 0; the others pin how seed and stream are laid
 * into them. */
static void words_are_the_known_answers(void **state) {
    (void)state;
    const uint32_t zero[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    const uint32_t other[5] = {0xe73404cf, 0x8cedc5d3, 0x3f071736, 0x0a0afddd, 0xb7b4c173};
    Random random = random_stream(0, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(random_u32(&random), zero[i]);
    random = random_stream(1, 2);
    for (int i = 0; i < 5; i++)
        assert_int_equal(random_u32(&random), other[i]);
    random = random_stream(42, 7);
    assert_true(random_normal(&random) == 0x1.70a8e727def0dp-1);
    assert_true(random_normal(&random) == -0x1.b6faf8df0cfc5p-2);
    assert_true(random_student_t(&random, 4) == -0x1.99ba23400f918p-9);
    assert_int_equal(random.position, 16); /* three pairs, and one that lay outside of the circle */
}

static void the_position_alone_decides(void **state) {
    (void)state;
    uint32_t words[64];
    Random random = random_stream(5, 6);
    for (int i = 0; i < 64; i++)
        words[i] = random_u32(&random);
    for (unsigned start = 0; start < 60; start++) {
        Random jumped = random_stream(5, 6);
        jumped.position = start;
        uint64_t pair = random_u64(&jumped);
        assert_true(pair == ((uint64_t)words[start + 1] << 32 | words[start]));
        assert_int_equal(jumped.position, start + 2);
        assert_int_equal(random_u32(&jumped), words[start + 2]);
    }
    Random a = random_stream(5, 6), b = random_stream(5, 7), c = random_stream(6, 6);
    uint64_t first = random_u64(&a);
    assert_true(first != random_u64(&b) && first != random_u64(&c));
    a.position = b.position = c.position = 1ULL << 40;
    assert_true(random_u64(&a) != first && random_u64(&b) != random_u64(&c));
}

static void below_is_fair(void **state) {
    (void)state;
    Random random = random_stream(7, 1);
    int counts[7] = {0};
    for (int i = 0; i < 700000; i++)
        counts[random_below(&random, 7)]++;
    double chi_square = 0;
    for (int i = 0; i < 7; i++)
        chi_square += (counts[i] - 1e5) * (counts[i] - 1e5) / 1e5;
    assert_true(chi_square < 22.46); /* 0.999 of chi-square with 6 degrees */
    for (int i = 0; i < 1000; i++)
        assert_int_equal(random_below(&random, 1), 0);
    /* Just above 2^31 a plain product would favour half of the values two to one. */
    int low = 0;
    for (int i = 0; i < 100000; i++)
        low += random_below(&random, 3u << 30) < (3u << 29);
    assert_true(abs(low - 50000) < 600);
}

typedef double Draw(Random *random);

static double draw_student(Random *random) {
    return random_student_t(random, 9);
}

static void expect_moments(Draw *draw, double mean, double variance, double fourth, double slack) {
    Random random = random_stream(8, 1);
    double one = 0, two = 0, four = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = draw(&random) - mean;
        one += x;
        two += x * x;
        four += x * x * x * x;
    }
    assert_close(one / DRAWS, 0, 0.006);
    assert_close(two / DRAWS, variance, 0.012 * variance);
    assert_close(four / DRAWS, fourth, slack);
}

static void draws_have_their_moments(void **state) {
    (void)state;
    expect_moments(random_uniform, 0.5, 1.0 / 12, 1.0 / 80, 0.0002);
    expect_moments(random_normal, 0, 1, 3, 0.08);
    /* Excess kurtosis of Student's t is 6 / (n - 4). */
    expect_moments(draw_student, 0, 1, 3 + 6.0 / 5, 0.3);
}

static void normals_follow_the_law(void **state) {
    (void)state;
    Random random = random_stream(9, 1);
    const double points[] = {-2.5, -1, -0.3, 0, 0.7, 1.9};
    int counts[6] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double x = random_normal(&random);
        for (int k = 0; k < 6; k++)
            counts[k] += x < points[k];
    }
    for (int k = 0; k < 6; k++)
        assert_close(counts[k] / (double)DRAWS, 0.5 * erfc(-points[k] / sqrt(2.0)), 0.003);
}

static void uniforms_stay_inside(void **state) {
    (void)state;
    Random random = random_stream(10, 1);
    double lowest = 1, highest = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = random_uniform(&random);
        if (x < lowest) lowest = x;
        if (x > highest) highest = x;
    }
    assert_true(lowest >= 0 && lowest < 1e-4 && highest < 1 && highest > 1 - 1e-4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_the_known_answers),
        cmocka_unit_test(the_position_alone_decides),
        cmocka_unit_test(below_is_fair),
        cmocka_unit_test(draws_have_their_moments),
        cmocka_unit_test(normals_follow_the_law),
        cmocka_unit_test(uniforms_stay_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
