/* SPDX-License-Identifier: Apache-2.0 */
/* Every table of kernels that this processor can run gives the bits of the plain C formula. */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/num/moments.h"
#include "shell/accel/accel.h"

#define VALUES 4096
#define WORDS  8

static const WideKernels *tables[3];
static unsigned table_count;
static _Alignas(64) double left[VALUES], right[VALUES];

/* Few different values, so that many are equal, and some that are missing. */
static void fill(uint64_t seed) {
    Random random = random_stream(seed, 9);
    for (unsigned i = 0; i < VALUES; i++) {
        left[i] = random_below(&random, 5);
        right[i] = random_below(&random, 5);
        if (random_below(&random, 20) == 0) left[i] = (double)NAN;
        if (random_below(&random, 20) == 0) right[i] = (double)INFINITY;
    }
}

static bool holds(WideTest test, double a, double b) {
    return test == WIDE_ABOVE       ? a > b
           : test == WIDE_BELOW     ? a < b
           : test == WIDE_NOT_ABOVE ? a <= b
                                    : a >= b;
}

static void test_compare(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        fill(seed);
        for (unsigned table = 0; table < table_count; table++)
            for (unsigned test = 0; test < 4; test++)
                for (unsigned constant = 0; constant < 2; constant++) {
                    uint64_t bits[WORDS];
                    for (unsigned i = 0; constant && i < WIDE_LANES; i++)
                        right[i] = 2;
                    WideOperand a = {left, WIDE_LANES}, b = {right, constant ? 0 : WIDE_LANES};
                    tables[table]->compare((WideTest)test, a, b, WORDS, bits);
                    for (unsigned i = 0; i < WORDS * WIDE_WORD; i++)
                        assert_int_equal(bits[i / 64] >> i % 64 & 1,
                                         holds((WideTest)test, left[i], constant ? 2 : right[i]));
                }
    }
}

static void test_scaled(void **state) {
    (void)state;
    static int64_t units[40];
    Random random = random_stream(2, 12);
    for (unsigned i = 0; i < 40; i++)
        units[i] = (int64_t)(random_u64(&random) >> random_below(&random, 60)) >> 1;
    for (unsigned table = 0; table < table_count; table++)
        for (size_t count = 0; count < 40; count++) {
            double target[40];
            tables[table]->scaled(units, count, 1e8, target);
            for (size_t i = 0; i < count; i++) {
                double expected = (double)units[i] / 1e8;
                assert_memory_equal(&target[i], &expected, sizeof expected);
            }
        }
}

/* The formula of one step, bar by bar. */
static void grow_plainly(WideGrowth *growth, const double *prices, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double now = prices[i] * growth->quantity + growth->cash;
        double before = prices[(ptrdiff_t)i - 1] * growth->quantity + growth->cash;
        double gain = now / before - 1;
        growth->sums[i % WIDE_LANES] += gain;
        growth->squares[i % WIDE_LANES] += gain * gain;
        if (now < growth->lowest) growth->lowest = now;
    }
}

static void test_grow(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        Random random = random_stream(seed, 11);
        left[0] = 1000;
        for (unsigned i = 1; i < 512; i++)
            left[i] = left[i - 1] * (1 + 0.01 * random_normal(&random));
        size_t blocks = 1 + random_below(&random, 50);
        WideGrowth start = {.cash = 100 * random_uniform(&random),
                            .quantity = random_uniform(&random)};
        start.lowest = start.peak = start.cash + start.quantity * 1000;
        if (seed % 2) start.peak *= 1 + 0.2 * random_uniform(&random);
        for (unsigned table = 0; table < table_count; table++) {
            WideGrowth growth = start, plain = start;
            bool reached;
            size_t done = tables[table]->grow(&growth, left + 1, blocks, &reached);
            double highest = 0;
            for (size_t i = 0; i < done * WIDE_LANES; i++) {
                double value = left[1 + i] * start.quantity + start.cash;
                highest = value > highest ? value : highest;
            }
            assert_int_equal(reached, highest >= start.peak);
            assert_true(reached || done == blocks);
            grow_plainly(&plain, left + 1, done * WIDE_LANES);
            assert_memory_equal(growth.sums, plain.sums, sizeof plain.sums);
            assert_memory_equal(growth.squares, plain.squares, sizeof plain.squares);
            if (!reached) assert_true(growth.lowest == plain.lowest);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_scaled),
        cmocka_unit_test(test_grow),
    };
    table_count = accel_wide_all(tables);
    for (unsigned table = 0; table < table_count; table++)
        print_message("kernels: %s\n", tables[table]->name);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
