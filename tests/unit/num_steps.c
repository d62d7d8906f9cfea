/* SPDX-License-Identifier: Apache-2.0 */
/* The streaming steps of core/num: what they promise beyond what the laws over the indicators can
 * see. */
#include "unit.h"

#include "core/base/check.h"
#include "core/num/channel.h"
#include "core/num/halved.h"
#include "core/num/moments.h"
#include "core/num/ratio.h"
#include "core/num/relative_strength.h"
#include "core/num/smooth.h"
#include "core/num/true_range.h"
#include "core/num/window.h"
#include "laws/series.h"

static jmp_buf checked;
static bool check_expected;

void check_failed(const char *file, int line, const char *text) {
    if (check_expected) longjmp(checked, 1);
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static void test_window_reads_oldest_first(void **context) {
    (void)context;
    for (unsigned length = 1; length <= 9; length++) {
        Window *window = malloc(window_size(length));
        assert_non_null(window);
        window_init(window, length);
        for (unsigned turn = 0; turn < 40; turn++) {
            assert_int_equal(window_push(window, turn), turn + 1 >= length);
            if (turn + 1 < length) continue;
            for (unsigned place = 0; place < length; place++)
                assert_true(window_all(window)[place] == turn + 1 - length + place);
            assert_true(window_newest(window) == turn);
            assert_true(window_oldest(window) == turn + 1 - length);
            assert_ptr_equal(window_last(window, length), window_all(window));
            assert_true(window_last(window, 1)[0] == turn);
        }
        assert_ptr_equal(window_end(window), (char *)window + window_size(length));
        free(window);
    }
}

static void test_a_window_of_nothing_is_a_bug(void **context) {
    (void)context;
    Window window;
    check_expected = true;
    if (setjmp(checked) == 0) {
        window_init(&window, 0);
        check_expected = false;
        fail();
    }
    check_expected = false;
}

/* Equal values: exactly their value and no deviation, for every count and for values with all bits
 * in use. */
static void test_moments_of_equal_values(void **context) {
    (void)context;
    double values[500];
    const double level[] = {0.1, 100.1, 63245.55, 1e-8, 1.0 / 3, 4.2e15 + 0.5};
    for (unsigned at = 0; at < sizeof level / sizeof level[0]; at++) {
        for (unsigned count = 1; count <= 500; count++) {
            values[count - 1] = level[at];
            assert_true(moments_mean(values, count) == level[at]);
            assert_true(moments_deviation(values, count, level[at]) == 0);
        }
    }
}

/* The 1 on top of 1e9 is what the deviation is about (a one-pass formula loses it). */
static void test_moments_far_from_zero(void **context) {
    (void)context;
    const double values[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    assert_true(moments_mean(values, 4) == 1e9 + 10);
    assert_close(moments_deviation(values, 4, 1e9 + 10), sqrt(22.5), 1e-15);
}

static double highest_of(const double *values, unsigned count) {
    double highest = values[0];
    for (unsigned index = 1; index < count; index++)
        if (values[index] > highest) highest = values[index];
    return highest;
}

/* Against looking at all of them; values from a small set, so that there are ties. */
static void test_extreme(void **context) {
    (void)context;
    double values[400];
    uint64_t seed = 5;
    for (unsigned turn = 0; turn < 400; turn++)
        values[turn] = floor(series_uniform(&seed) * 12) - 6;
    for (unsigned length = 1; length <= 40; length++) {
        Extreme *extreme = malloc(extreme_size(length));
        assert_non_null(extreme);
        extreme_init(extreme, length);
        for (unsigned turn = 0; turn < 400; turn++) {
            unsigned first = turn + 1 > length ? turn + 1 - length : 0;
            double highest = highest_of(values + first, turn + 1 - first);
            assert_true(extreme_push(extreme, values[turn]) == highest);
        }
        free(extreme);
    }
}

static void test_channel(void **context) {
    (void)context;
    Channel *channel = malloc(channel_size(2));
    assert_non_null(channel);
    channel_init(channel, 2);
    assert_false(channel_step(channel, 5, 3));
    assert_true(channel_step(channel, 4, 2));
    assert_true(channel->highest == 5 && channel->lowest == 2 && !channel_flat(channel));
    assert_true(channel_step(channel, 2, 2));
    assert_true(channel->highest == 4 && channel->lowest == 2);
    channel_step(channel, 2, 2);
    assert_true(channel_flat(channel));
    assert_ptr_equal(channel_end(channel), (char *)channel + channel_size(2));
    free(channel);
}

static void test_smooth_seeds_with_the_mean(void **context) {
    (void)context;
    Smooth wilder, ema;
    smooth_init_wilder(&wilder, 4);
    smooth_init_ema(&ema, 3);
    assert_true(isnan(smooth_next(&wilder, 1)) && isnan(smooth_next(&wilder, 2)));
    assert_true(isnan(smooth_next(&wilder, 6)));
    assert_close(smooth_next(&wilder, 7), 4, 1e-15);
    assert_close(smooth_next(&wilder, 8), 5, 1e-15); /* (4 x 3 + 8) / 4 */
    assert_true(isnan(smooth_next(&ema, 1)) && isnan(smooth_next(&ema, 2)));
    assert_close(smooth_next(&ema, 6), 3, 1e-15);
    assert_close(smooth_next(&ema, 5), 4, 1e-15); /* weight 2 / (3 + 1) */
}

static void test_true_range_counts_the_gap(void **context) {
    (void)context;
    assert_true(true_range(12, 10, 11) == 2);
    assert_true(true_range(12, 10, 9) == 3);
    assert_true(true_range(12, 10, 15) == 5);
}

static void test_ratio_of_nothing(void **context) {
    (void)context;
    assert_true(ratio_or(3, 4, 9) == 0.75);
    assert_true(ratio_or(0, 0, 9) == 9);
    assert_true(ratio_or(1e-300, 2e-300, 9) == 9);
    assert_true(ratio_part_or(1 + 1e-15, 1, 0) == 1);
}

/* A dead market for longer than doubles can halve: the index does not run wild on lost bits but
 * comes to rest. */
static void test_relative_strength_of_a_dead_market(void **context) {
    (void)context;
    RelativeStrength strength;
    relative_strength_init(&strength, 2);
    relative_strength_step(&strength, 10);
    relative_strength_step(&strength, 13);
    double alive = relative_strength_step(&strength, 12), last = 0;
    assert_close(alive, 75, 1e-12);
    for (unsigned bar = 0; bar < 5000; bar++) {
        last = relative_strength_step(&strength, 12);
        assert_true(fabs(last - 75) < 1e-12 || last == 50);
    }
    assert_true(last == 50);
}

/* What is kept from value to value is what the whole window gives, bit for bit, and right; equal
 * values have exactly their mean and no spread. */
static void test_halves(void **state) {
    (void)state;
    double values[600], weights[600];
    uint64_t draw = 12345;
    for (unsigned at = 0; at < 600; at++) {
        draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
        values[at] = at < 400 ? 100 + (double)(draw >> 40) / (1 << 20) : 77.1;
        weights[at] = (double)(draw >> 60);
    }
    for (unsigned length = 1; length <= 180; length += length < 40 ? 1 : 35) {
        Halved *spread = malloc(halved_size(length, HALVES_SPREAD));
        Halved *heavy = malloc(halved_size(length, HALVES_WEIGHTED));
        halved_init(spread, length, HALVES_SPREAD);
        halved_init(heavy, length, HALVES_WEIGHTED);
        for (unsigned at = 0; at < 600; at++) {
            halves_Run run = {0}, other = {0};
            if (at % 97 == 50) halved_stale(spread);
            bool full = halved_step(spread, values[at], 0, HALVES_SPREAD, &run);
            assert_int_equal(full, at + 1 >= length);
            halved_step(heavy, values[at], weights[at], HALVES_WEIGHTED, &other);
            if (!full) continue;
            const double *window = values + at + 1 - length, *weight = weights + at + 1 - length;
            halves_Run whole = halves_run(window, NULL, length, HALVES_SPREAD);
            assert_true(run.mean == whole.mean && run.spread == whole.spread);
            whole = halves_run(window, weight, length, HALVES_WEIGHTED);
            assert_true(halves_weighted_mean(&other) == halves_weighted_mean(&whole));
            double deviation = sqrt(run.spread / length), mean = moments_mean(window, length);
            assert_close(run.mean, mean, 1e-12 * mean);
            assert_close(deviation, moments_deviation(window, length, mean), 1e-9);
            double sum = 0, all = 0;
            for (unsigned each = 0; each < length; each++) {
                sum += window[each] * weight[each];
                all += weight[each];
            }
            assert_close(halves_weighted_mean(&other), all > 0 ? sum / all : mean, 1e-11 * mean);
            if (at >= 400 + length) assert_true(run.mean == 77.1 && run.spread == 0);
        }
        free(spread);
        free(heavy);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halves),
        cmocka_unit_test(test_window_reads_oldest_first),
        cmocka_unit_test(test_a_window_of_nothing_is_a_bug),
        cmocka_unit_test(test_moments_of_equal_values),
        cmocka_unit_test(test_moments_far_from_zero),
        cmocka_unit_test(test_extreme),
        cmocka_unit_test(test_channel),
        cmocka_unit_test(test_smooth_seeds_with_the_mean),
        cmocka_unit_test(test_true_range_counts_the_gap),
        cmocka_unit_test(test_ratio_of_nothing),
        cmocka_unit_test(test_relative_strength_of_a_dead_market),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
