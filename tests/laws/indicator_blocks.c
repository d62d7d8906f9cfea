/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An indicator that answers for many bars at once answers as its steps do, bit for bit: however the
 * bars are cut, whatever the kernels, from any state, and it leaves the state that they leave.
 */
#include "check_aborts.h"
#include "laws/series.h"
#include "unit.h"

#include "shell/accel/accel.h"

static IndicatorBar bars[SERIES_BARS];
static double closes[SERIES_BARS];
static double stepped[INDICATOR_OUTPUTS_MAX][SERIES_BARS],
    blocked[INDICATOR_OUTPUTS_MAX][SERIES_BARS];

static void run_steps(const Indicator *indicator, void *state) {
    double outputs[INDICATOR_OUTPUTS_MAX];
    unsigned count = indicator_output_count(indicator);
    for (unsigned bar = 0; bar < SERIES_BARS; bar++) {
        indicator->step(state, &bars[bar], outputs);
        for (unsigned output = 0; output < count; output++)
            stepped[output][bar] = outputs[output];
    }
}

/* In pieces of random size; some of them single steps. */
static void run_blocks(const Indicator *indicator, void *state, const WideKernels *wide,
                       uint64_t *seed) {
    static const size_t most[] = {1, 3, 40, 700, SERIES_BARS};
    unsigned count = indicator_output_count(indicator);
    for (size_t bar = 0; bar < SERIES_BARS;) {
        size_t some = 1 + series_bits(seed) % most[series_bits(seed) % 5];
        double outputs[INDICATOR_OUTPUTS_MAX], *targets[INDICATOR_OUTPUTS_MAX];
        if (some > SERIES_BARS - bar) some = SERIES_BARS - bar;
        for (unsigned output = 0; output < count; output++)
            targets[output] = &blocked[output][bar];
        if (some == 1) {
            indicator->step(state, &bars[bar], outputs);
            for (unsigned output = 0; output < count; output++)
                *targets[output] = outputs[output];
        } else {
            indicator->block(state, &(IndicatorBlock){closes + bar, some, targets, wide});
        }
        bar += some;
    }
}

static void judge(const Indicator *indicator, const double *options, uint64_t *seed) {
    const WideKernels *tables[3];
    unsigned table_count = accel_wide_all(tables);
    size_t size = indicator->state_size(options);
    void *state = malloc(size), *other = malloc(size);
    indicator->init(state, options);
    run_steps(indicator, state);
    for (unsigned table = 0; table < table_count; table++) {
        indicator->init(other, options);
        run_blocks(indicator, other, tables[table], seed);
        assert_memory_equal(state, other, size);
        for (unsigned output = 0; output < indicator_output_count(indicator); output++)
            for (unsigned bar = 0; bar < SERIES_BARS; bar++)
                if (!(isnan(stepped[output][bar]) && isnan(blocked[output][bar])))
                    assert_memory_equal(&stepped[output][bar], &blocked[output][bar],
                                        sizeof(double));
    }
    free(state);
    free(other);
}

static void test_blocks_are_steps(void **state) {
    (void)state;
    static const double periods[] = {1, 2, 3, 5, 14, 50, 199, 500};
    unsigned judged = 0;
    uint64_t seed = 1;
    series_walk(bars, 1);
    for (unsigned bar = 0; bar < SERIES_BARS; bar++)
        closes[bar] = bars[bar].close;
    for (unsigned index = 0; index < indicator_count; index++) {
        const Indicator *indicator = indicator_table[index];
        double options[INDICATOR_OPTIONS_MAX];
        if (!indicator->block) continue;
        for (unsigned each = 0; each < sizeof periods / sizeof periods[0]; each++) {
            indicator_presets(indicator, options);
            options[0] = periods[each];
            if (indicator_options_fault(indicator, options)) continue;
            judge(indicator, options, &seed);
            judged++;
        }
    }
    assert_true(judged >= 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_blocks_are_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
