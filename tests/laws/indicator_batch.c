/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The batch form of every indicator gives what its step gives, bit for bit: on every market of
 * series.h and one whose prices leap by factors of a million million, with presets, the lowest, the
 * highest and random options, alone and side by side, in calls of any length with steps in between,
 * streamed or not, with any output left out, and in the form of every processor that this one can
 * be.
 */
#include "unit.h"

#include "core/base/check.h"
#include "series.h"
#include "shell/accel/accel.h"

#define MARKETS     (SERIES_KINDS + 1)
#define OPTION_SETS 6 /* presets, lowest, highest, three at random */
#define CALL_MAX    SERIES_BARS

static IndicatorBar bars[MARKETS][SERIES_BARS];
static double columns[MARKETS][6][SERIES_BARS];
static int64_t times[MARKETS][SERIES_BARS];
static double outputs[MARKETS][INDICATOR_OUTPUTS_MAX][SERIES_BARS];
static const WideKernels *tables[3];
static unsigned table_count, table; /* table: the one that runs */
static uint64_t seed = 20241125;    /* any: the same in every run */

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

/* Down and up again by 2^40, so that no 53 bits hold a window's sum. */
static void make_leaps(IndicatorBar *series) {
    series_make(SERIES_WALK, series);
    for (unsigned bar = 300; bar < 800; bar++)
        if (bar % 61 < 9) {
            series[bar].open *= 0x1p-40;
            series[bar].high *= 0x1p-40;
            series[bar].low *= 0x1p-40;
            series[bar].close *= 0x1p-40;
        }
}

static int make_markets(void **context) {
    (void)context;
    table_count = accel_wide_all(tables);
    for (unsigned market = 0; market < MARKETS; market++) {
        if (market < SERIES_KINDS)
            series_make((SeriesKind)market, bars[market]);
        else
            make_leaps(bars[market]);
        for (unsigned bar = 0; bar < SERIES_BARS; bar++) {
            const IndicatorBar *from = &bars[market][bar];
            double row[] = {from->open,  from->high,   from->low,
                            from->close, from->volume, from->taker};
            for (unsigned column = 0; column < 6; column++)
                columns[market][column][bar] = row[column];
            times[market][bar] = from->time_us;
        }
    }
    return 0;
}

static double random_option(const IndicatorOption *option) {
    /* Squared: short periods come as often as long ones. */
    double part = series_uniform(&seed) * series_uniform(&seed);
    double value = option->lowest + (option->highest - option->lowest) * part;
    return option->whole ? floor(value) : value;
}

static void choose_options(const Indicator *indicator, unsigned set, double *options) {
    indicator_presets(indicator, options);
    do {
        for (unsigned index = 0; index < indicator_option_count(indicator); index++) {
            const IndicatorOption *option = &indicator->options[index];
            if (set == 1) options[index] = option->lowest;
            if (set == 2) options[index] = option->highest;
            if (set > 2) options[index] = random_option(option);
        }
    } while (set > 2 && indicator_options_fault(indicator, options));
    assert_null(indicator_options_fault(indicator, options));
}

static IndicatorLane lane_of(const Indicator *indicator, const double *options, unsigned market) {
    void *state = malloc(indicator->state_size(options));
    assert_non_null(state);
    IndicatorLane lane = indicator_lane(indicator, options, state);
    double(*from)[SERIES_BARS] = columns[market];
    lane.bars =
        (IndicatorColumns){from[0], from[1], from[2], from[3], from[4], from[5], times[market]};
    return lane;
}

static void advance(IndicatorLane *lane, unsigned market, size_t bar) {
    double(*from)[SERIES_BARS] = columns[market];
    lane->bars = (IndicatorColumns){from[0] + bar, from[1] + bar, from[2] + bar,      from[3] + bar,
                                    from[4] + bar, from[5] + bar, times[market] + bar};
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
        lane->outputs[output] = outputs[market][output] + bar;
}

static bool same_bits(double left, double right) {
    return memcmp(&left, &right, sizeof left) == 0 || (isnan(left) && isnan(right));
}

static void require_stepped(const Indicator *indicator, const double *options, unsigned market,
                            int left_out) {
    double row[INDICATOR_OUTPUTS_MAX];
    void *state = malloc(indicator->state_size(options));
    assert_non_null(state);
    indicator->init(state, options);
    for (unsigned bar = 0; bar < SERIES_BARS; bar++) {
        indicator->step(state, &bars[market][bar], row);
        for (unsigned output = 0; output < indicator_output_count(indicator); output++) {
            double batch = outputs[market][output][bar];
            if ((int)output == left_out || same_bits(row[output], batch)) continue;
            fail_msg("%s %g %g %g, market %u, bar %u, %s: step %.17g, batch %.17g", indicator->name,
                     options[0], options[1], options[2], market, bar,
                     indicator->outputs[output].name, row[output], batch);
        }
    }
    free(state);
}

/* Every fourth call or so steps instead. */
static void run_calls(const Indicator *indicator, IndicatorLane *lanes, unsigned first,
                      unsigned count, int left_out) {
    double row[INDICATOR_OUTPUTS_MAX];
    for (size_t bar = 0; bar < SERIES_BARS;) {
        size_t call = 1 + (size_t)(CALL_MAX * series_uniform(&seed) * series_uniform(&seed));
        if (call > SERIES_BARS - bar) call = SERIES_BARS - bar;
        bool steps = series_uniform(&seed) < 0.25;
        for (unsigned lane = 0; lane < count; lane++) {
            advance(&lanes[lane], first + lane, bar);
            if (left_out >= 0) lanes[lane].outputs[left_out] = NULL;
            for (size_t at = bar; steps && at < bar + call; at++) {
                indicator->step(lanes[lane].state, &bars[first + lane][at], row);
                for (unsigned output = 0; output < indicator_output_count(indicator); output++)
                    outputs[first + lane][output][at] = row[output];
            }
            if (steps) lanes[lane].seen += call;
        }
        IndicatorPass pass = {indicator, lanes, count, series_uniform(&seed) < 0.5};
        if (!steps) indicator_wide_pass(tables[table], &pass, 1, call);
        bar += call;
    }
}

/* Markets [first, first + count) side by side, each with options of its own. */
static void compare(const Indicator *indicator, unsigned first, unsigned count, unsigned set,
                    int left_out) {
    IndicatorLane lanes[MARKETS];
    double options[MARKETS][INDICATOR_OPTIONS_MAX];
    for (unsigned lane = 0; lane < count; lane++) {
        choose_options(indicator, set, options[lane]);
        lanes[lane] = lane_of(indicator, options[lane], first + lane);
    }
    run_calls(indicator, lanes, first, count, left_out);
    for (unsigned lane = 0; lane < count; lane++) {
        require_stepped(indicator, options[lane], first + lane, left_out);
        free(lanes[lane].state);
    }
}

static void test_alone(void **context) {
    (void)context;
    for (table = 0; table < table_count; table++)
        for (unsigned index = 0; index < indicator_count; index++)
            for (unsigned set = 0; set < OPTION_SETS; set++)
                for (unsigned market = 0; market < MARKETS; market++)
                    compare(indicator_table[index], market, 1, set, -1);
}

static void test_side_by_side(void **context) {
    (void)context;
    for (table = 0; table < table_count; table++)
        for (unsigned index = 0; index < indicator_count; index++)
            for (unsigned set = 0; set < OPTION_SETS; set++)
                for (unsigned count = 2; count <= MARKETS; count++)
                    compare(indicator_table[index], 0, count, set, -1);
}

static void test_left_out(void **context) {
    (void)context;
    for (table = 0; table < table_count; table++)
        for (unsigned index = 0; index < indicator_count; index++)
            for (unsigned output = 0; output < indicator_output_count(indicator_table[index]);
                 output++)
                compare(indicator_table[index], 0, MARKETS, 0, (int)output);
}

/* ---- all of them in one pass --------------------------------------------------------------- */

#define PLUGS_MOST 64

typedef struct Together {
    IndicatorLane lanes[PLUGS_MOST][MARKETS];
    double options[PLUGS_MOST][MARKETS][INDICATOR_OPTIONS_MAX];
    double outputs[PLUGS_MOST][MARKETS][INDICATOR_OUTPUTS_MAX][SERIES_BARS + 7];
} Together;

static _Alignas(64) Together together;

static void aim(unsigned plug, unsigned market, size_t bar) {
    IndicatorLane *lane = &together.lanes[plug][market];
    advance(lane, market, bar);
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
        lane->outputs[output] = together.outputs[plug][market][output] + bar;
}

static void run_together(unsigned first, unsigned count, size_t call_most) {
    IndicatorPass passes[PLUGS_MOST];
    for (size_t bar = 0; bar < SERIES_BARS;) {
        size_t call = 1 + (size_t)((double)call_most * series_uniform(&seed));
        if (call > SERIES_BARS - bar) call = SERIES_BARS - bar;
        for (unsigned plug = 0; plug < indicator_count; plug++) {
            for (unsigned market = first; market < first + count; market++)
                aim(plug, market, bar);
            passes[plug] = (IndicatorPass){indicator_table[plug], &together.lanes[plug][first],
                                           count, series_uniform(&seed) < 0.5};
        }
        indicator_wide_pass(tables[table], passes, indicator_count, call);
        bar += call;
    }
}

/* Markets [first, first + count). */
static void compare_together(unsigned first, unsigned count, unsigned set, size_t call_most) {
    assert_true(indicator_count <= PLUGS_MOST);
    for (unsigned plug = 0; plug < indicator_count; plug++)
        for (unsigned market = first; market < first + count; market++) {
            double *options = together.options[plug][market];
            choose_options(indicator_table[plug], set, options);
            together.lanes[plug][market] = lane_of(indicator_table[plug], options, market);
        }
    run_together(first, count, call_most);
    for (unsigned plug = 0; plug < indicator_count; plug++)
        for (unsigned market = first; market < first + count; market++) {
            for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
                memcpy(outputs[market][output], together.outputs[plug][market][output],
                       sizeof outputs[market][output]);
            require_stepped(indicator_table[plug], together.options[plug][market], market, -1);
            free(together.lanes[plug][market].state);
        }
}

static void test_together(void **context) {
    (void)context;
    for (table = 0; table < table_count; table++)
        for (unsigned set = 0; set < OPTION_SETS; set++) {
            unsigned alone = set % MARKETS;
            compare_together(0, MARKETS, set, 16 * SERIES_BARS); /* mostly one call, three blocks */
            compare_together(0, MARKETS, set, SERIES_BARS / 2);
            compare_together(alone, 1, set, 16 * SERIES_BARS);
            compare_together(alone, 1, set, SERIES_BARS / 2);
        }
}

/* The forms that the table is measured with are there; without one, batch would step. */
static void test_hot_ones(void **context) {
    (void)context;
    static const char *const names[] = {"rsi", "macd", "bollinger", "stoch",    "williams_r", "atr",
                                        "sma", "ema",  "adx",       "ichimoku", "vwap"};
    for (unsigned index = 0; index < sizeof names / sizeof names[0]; index++) {
        const Indicator *indicator = indicator_find(names[index]);
        assert_true(indicator->batch || indicator->stages.run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),    cmocka_unit_test(test_side_by_side),
        cmocka_unit_test(test_left_out), cmocka_unit_test(test_together),
        cmocka_unit_test(test_hot_ones),
    };
    return cmocka_run_group_tests(tests, make_markets, NULL);
}
