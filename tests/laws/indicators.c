/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws over every registered indicator: what its constant declares is what it does, on every
 * market of series.h and with its preset, lowest, highest and two random sets of options.
 */
#include "unit.h"

#include "core/base/check.h"
#include "naive.h"

#define CANARY_BYTES 64
#define OPTION_SETS  5 /* presets, lowest, highest, two at random */

typedef struct Trial {
    const Indicator *indicator;
    double options[INDICATOR_OPTIONS_MAX];
    unsigned outputs;
    SeriesKind kind;
    unsigned count; /* bars */
    char text[160]; /* for messages */
} Trial;

static IndicatorBar bars[SERIES_BARS], other_bars[SERIES_BARS];
static NaiveRow rows[SERIES_BARS], other_rows[SERIES_BARS];

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

#define require(condition, trial, bar, output)                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("%s bar %u %s: not so: %s\n", (trial)->text, (bar),                        \
                        (trial)->indicator->outputs[output].name, #condition);                     \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* --- trials
 * -------------------------------------------------------------------------------------------------
 */

static double random_option(const IndicatorOption *option, uint64_t *seed) {
    double span = option->highest - option->lowest;
    /* Squared: short periods come as often as long ones. */
    double part = series_uniform(seed) * series_uniform(seed);
    double value = option->lowest + span * part;
    return option->whole ? floor(value) : value;
}

static void choose_options(Trial *trial, unsigned set, uint64_t *seed) {
    const Indicator *indicator = trial->indicator;
    indicator_presets(indicator, trial->options);
    do {
        for (unsigned index = 0; index < indicator_option_count(indicator); index++) {
            const IndicatorOption *option = &indicator->options[index];
            if (set == 1) trial->options[index] = option->lowest;
            if (set == 2) trial->options[index] = option->highest;
            if (set > 2) trial->options[index] = random_option(option, seed);
        }
    } while (set > 2 && indicator_options_fault(indicator, trial->options));
    assert_null(indicator_options_fault(indicator, trial->options));
}

static void describe(Trial *trial) {
    int length = snprintf(trial->text, sizeof trial->text, "%s", trial->indicator->name);
    for (unsigned index = 0; index < indicator_option_count(trial->indicator); index++)
        length += snprintf(trial->text + length, sizeof trial->text - (size_t)length, " %s=%g",
                           trial->indicator->options[index].name, trial->options[index]);
    snprintf(trial->text + length, sizeof trial->text - (size_t)length, " on %s",
             series_names[trial->kind]);
}

/* Calls `law` for every indicator, set of options and market, the bars standing in `bars`. */
static void for_every_trial(void (*law)(const Trial *trial)) {
    uint64_t seed = 20241124; /* any: the same sets in every run */
    assert_true(indicator_count > 0);
    for (unsigned index = 0; index < indicator_count; index++) {
        for (unsigned set = 0; set < OPTION_SETS; set++) {
            Trial trial = {.indicator = indicator_table[index],
                           .outputs = indicator_output_count(indicator_table[index])};
            choose_options(&trial, set, &seed);
            for (unsigned kind = 0; kind < SERIES_KINDS; kind++) {
                trial.kind = (SeriesKind)kind;
                trial.count = series_make(trial.kind, bars);
                describe(&trial);
                law(&trial);
            }
        }
    }
}

/* State in a block of exactly state_size bytes with a canary behind it, all of it rubbish before
 * init. */
static unsigned char *state_open(const Trial *trial, int rubbish) {
    size_t size = trial->indicator->state_size(trial->options);
    unsigned char *state = malloc(size + CANARY_BYTES);
    assert_non_null(state);
    memset(state, rubbish, size);
    memset(state + size, 0xA5, CANARY_BYTES);
    trial->indicator->init(state, trial->options);
    return state;
}

static void state_close(const Trial *trial, unsigned char *state) {
    const unsigned char *canary = state + trial->indicator->state_size(trial->options);
    for (unsigned byte = 0; byte < CANARY_BYTES; byte++)
        require(canary[byte] == 0xA5, trial, byte, 0);
    free(state);
}

static void run_on(const Trial *trial, void *state, const IndicatorBar *series, unsigned count,
                   NaiveRow *results) {
    for (unsigned bar = 0; bar < count; bar++)
        trial->indicator->step(state, &series[bar], results[bar]);
}

static void run(const Trial *trial, const IndicatorBar *series, unsigned count, NaiveRow *results) {
    unsigned char *state = state_open(trial, 0x5C);
    run_on(trial, state, series, count, results);
    state_close(trial, state);
}

static bool same_bits(double left, double right) {
    return memcmp(&left, &right, sizeof left) == 0 || (isnan(left) && isnan(right));
}

static void require_same_rows(const Trial *trial, const NaiveRow *left, const NaiveRow *right,
                              unsigned from, unsigned to) {
    for (unsigned bar = from; bar < to; bar++)
        for (unsigned output = 0; output < trial->outputs; output++)
            require(same_bits(left[bar][output], right[bar][output]), trial, bar, output);
}

/* What counts as 1 for an output: the highest price, all the volume, or 1. */
static double scale_of(const Trial *trial, const IndicatorBar *series, unsigned output) {
    const IndicatorOutput *declared = &trial->indicator->outputs[output];
    double highest = 0, volume = 0;
    for (unsigned bar = 0; bar < trial->count; bar++) {
        highest = fmax(highest, series[bar].high);
        volume += series[bar].volume;
    }
    double scale = declared->price_scale == SCALE_LINEAR ? highest : 1;
    return declared->volume_scale == SCALE_LINEAR ? scale * volume : scale;
}

/* Equal within 1e-9 of the greatest of both values and the scale; NaN only equals NaN. */
static bool near(double left, double right, double scale) {
    if (isnan(left) || isnan(right)) return isnan(left) && isnan(right);
    return fabs(left - right) <= 1e-9 * fmax(scale, fmax(fabs(left), fabs(right)));
}

/* --- the laws
 * -----------------------------------------------------------------------------------------------
 */

static void test_declaration(void **context) {
    (void)context;
    for (unsigned index = 0; index < indicator_count; index++) {
        const Indicator *plug = indicator_table[index];
        Trial trial = {.indicator = plug};
        snprintf(trial.text, sizeof trial.text, "%s", plug->name);
        size_t length = strlen(plug->name);
        const char *main_output = plug->outputs[0].name;
        require(indicator_find(plug->name) == plug, &trial, 0, 0);
        require(strncmp(main_output, plug->name, length) == 0, &trial, 0, 0);
        require(main_output[length] == '\0' || main_output[length] == '_', &trial, 0, 0);
        require(plug->sentence && strlen(plug->sentence) > 20, &trial, 0, 0);
        require((plug->memory == MEMORY_WINDOW) == (plug->window != NULL), &trial, 0, 0);
        require(plug->inputs != 0 && plug->inputs < 128, &trial, 0, 0);
        for (unsigned output = 0; output < indicator_output_count(plug); output++)
            require(plug->outputs[output].unit != NULL, &trial, 0, output);
    }
    assert_ptr_equal(indicator_find("williams-r"), indicator_find("williams_r"));
    assert_null(indicator_find("williams"));
    assert_null(indicator_find("rsi2"));
    assert_null(indicator_find(""));
}

static void require_fault(const Indicator *plug, unsigned option, double value) {
    double options[INDICATOR_OPTIONS_MAX];
    indicator_presets(plug, options);
    options[option] = value;
    const char *fault = indicator_options_fault(plug, options);
    if (!fault) print_error("%s %s=%g passed\n", plug->name, plug->options[option].name, value);
    assert_non_null(fault);
    assert_string_equal(fault, plug->options[option].name);
}

static void test_option_bounds(void **context) {
    (void)context;
    double options[INDICATOR_OPTIONS_MAX];
    for (unsigned index = 0; index < indicator_count; index++) {
        const Indicator *plug = indicator_table[index];
        indicator_presets(plug, options);
        assert_null(indicator_options_fault(plug, options));
        for (unsigned option = 0; option < indicator_option_count(plug); option++) {
            const IndicatorOption *declared = &plug->options[option];
            assert_non_null(declared->unit);
            require_fault(plug, option, nextafter(declared->lowest, -1e9));
            require_fault(plug, option, nextafter(declared->highest, 1e9));
            require_fault(plug, option, (double)NAN);
            require_fault(plug, option, (double)INFINITY);
            require_fault(plug, option, (double)-INFINITY);
            if (declared->whole) require_fault(plug, option, declared->preset + 0.5);
        }
    }
    const Indicator *macd = indicator_find("macd");
    indicator_presets(macd, options);
    options[0] = options[1];
    assert_string_equal(indicator_options_fault(macd, options), "fast");
    options[1] += 1;
    assert_null(indicator_options_fault(macd, options));
}

/* NaN up to a first value, never again, within the range; the last output to begin does so exactly
 * at the warm-up. */
static void law_range(const Trial *trial) {
    unsigned warmup = trial->indicator->warmup(trial->options), last_begin = 0;
    run(trial, bars, trial->count, rows);
    for (unsigned output = 0; output < trial->outputs; output++) {
        const IndicatorOutput *declared = &trial->indicator->outputs[output];
        unsigned begin = 0;
        while (begin < trial->count && isnan(rows[begin][output]))
            begin++;
        for (unsigned bar = begin; bar < trial->count; bar++) {
            require(isfinite(rows[bar][output]), trial, bar, output);
            require(rows[bar][output] >= declared->lowest, trial, bar, output);
            require(rows[bar][output] <= declared->highest, trial, bar, output);
        }
        if (begin > last_begin) last_begin = begin;
    }
    require(last_begin == (warmup < trial->count ? warmup : trial->count), trial, last_begin, 0);
}

static void law_naive(const Trial *trial) {
    const Naive *naive = naive_find(trial->indicator->name);
    if (!naive) fail_msg("%s has no naive formula in naive.h", trial->indicator->name);
    run(trial, bars, trial->count, rows);
    naive_run(naive, bars, (int)trial->count, trial->options, other_rows);
    for (unsigned output = 0; output < trial->outputs; output++) {
        double scale = scale_of(trial, bars, output);
        for (unsigned bar = 0; bar < trial->count; bar++) {
            if (!near(rows[bar][output], other_rows[bar][output], scale))
                print_error("streaming %.17g, naive %.17g\n", rows[bar][output],
                            other_rows[bar][output]);
            require(near(rows[bar][output], other_rows[bar][output], scale), trial, bar, output);
        }
    }
}

static void law_flat(const Trial *trial) {
    if (trial->kind != SERIES_FLAT) return;
    run(trial, bars, trial->count, rows);
    for (unsigned output = 0; output < trial->outputs; output++) {
        double flat = trial->indicator->outputs[output].flat;
        /* What depends on the price level is that price, to the last bit. */
        if (isnan(flat)) flat = bars[0].close;
        for (unsigned bar = trial->indicator->warmup(trial->options); bar < trial->count; bar++)
            require(rows[bar][output] == flat, trial, bar, output);
    }
}

/* Columns that it says it does not read may be missing. */
static void law_inputs(const Trial *trial) {
    unsigned inputs = trial->indicator->inputs;
    for (unsigned bar = 0; bar < trial->count; bar++) {
        IndicatorBar only = bars[bar];
        if (!(inputs & INPUT_OPEN)) only.open = (double)NAN;
        if (!(inputs & INPUT_HIGH)) only.high = (double)NAN;
        if (!(inputs & INPUT_LOW)) only.low = (double)NAN;
        if (!(inputs & INPUT_CLOSE)) only.close = (double)NAN;
        if (!(inputs & INPUT_VOLUME)) only.volume = (double)NAN;
        if (!(inputs & INPUT_TAKER)) only.taker = (double)NAN;
        if (!(inputs & INPUT_TIME)) only.time_us = INT64_MIN;
        other_bars[bar] = only;
    }
    run(trial, bars, trial->count, rows);
    run(trial, other_bars, trial->count, other_rows);
    require_same_rows(trial, rows, other_rows, 0, trial->count);
}

/* init leaves nothing of what stood there, be it rubbish or an older life; not a byte. */
static void law_reset(const Trial *trial) {
    size_t size = trial->indicator->state_size(trial->options);
    unsigned char *fresh = state_open(trial, 0x00), *used = state_open(trial, 0xFF);
    require(memcmp(fresh, used, size) == 0, trial, 0, 0);
    run_on(trial, used, bars, trial->count, rows);
    trial->indicator->init(used, trial->options);
    require(memcmp(fresh, used, size) == 0, trial, 0, 0);
    run_on(trial, used, bars, trial->count, other_rows);
    require_same_rows(trial, rows, other_rows, 0, trial->count);
    state_close(trial, fresh);
    state_close(trial, used);
}

/* A copy of the bytes in mid-stream lives on like the original, which is gone by then. */
static void law_copy(const Trial *trial) {
    size_t size = trial->indicator->state_size(trial->options);
    unsigned half = trial->count / 2;
    run(trial, bars, trial->count, rows);
    unsigned char *state = state_open(trial, 0x11), *copy = state_open(trial, 0x22);
    run_on(trial, state, bars, half, other_rows);
    memcpy(copy, state, size);
    memset(state, 0xEE, size);
    run_on(trial, copy, bars + half, trial->count - half, other_rows + half);
    require_same_rows(trial, rows, other_rows, 0, trial->count);
    state_close(trial, state);
    state_close(trial, copy);
}

static bool rows_differ(const Trial *trial, unsigned from, unsigned to) {
    for (unsigned bar = from; bar < to; bar++)
        for (unsigned output = 0; output < trial->outputs; output++)
            if (!same_bits(rows[bar][output], other_rows[bar][output])) return true;
    return false;
}

/* Forgets a spike, and where the series began, to the last bit. */
static void law_window(const Trial *trial) {
    unsigned window = trial->indicator->window(trial->options);
    require(window == trial->indicator->warmup(trial->options) + 1, trial, window, 0);
    require_same_rows(trial, rows, other_rows, SERIES_SPIKE + window, trial->count);
    unsigned from = 37; /* any number that is no multiple of a period */
    run(trial, bars + from, trial->count - from, other_rows + from);
    require_same_rows(trial, rows, other_rows, from + window - 1, trial->count);
}

/* What a spike changed has faded at the end; only where the half-lives have had their time, and
 * something moved: in a dead market all averages fade alike, and their ratios (RSI, ADX) rightly
 * stay. */
static void law_decay(const Trial *trial) {
    if (trial->kind == SERIES_FLAT) return;
    for (unsigned index = 0; index < indicator_option_count(trial->indicator); index++)
        if (trial->options[index] > 26) return; /* 40 time constants of the slowest preset, MACD */
    for (unsigned output = 0; output < trial->outputs; output++)
        require(near(rows[trial->count - 1][output], other_rows[trial->count - 1][output],
                     scale_of(trial, bars, output)),
                trial, trial->count - 1, output);
}

/* The session after the next knows nothing of a spike, nor of where the series began. */
static void law_session(const Trial *trial) {
    unsigned hours = (unsigned)trial->options[0], from = SERIES_SPIKE, begun = 0;
    while (begun < 2)
        if (++from % SERIES_WEEK % hours == 0) begun++;
    require_same_rows(trial, rows, other_rows, from, trial->count);
    run(trial, bars + from, trial->count - from, other_rows + from);
    require_same_rows(trial, rows, other_rows, from + hours, trial->count);
    unsigned joined = from + hours / 2; /* and what it did not see from its start it does not use */
    run(trial, bars + joined, trial->count - joined, other_rows + joined);
    require_same_rows(trial, rows, other_rows, joined + 2 * hours, trial->count);
}

/* What a spike added stays for ever, and nothing else does. */
static void law_cumulative(const Trial *trial) {
    for (unsigned output = 0; output < trial->outputs; output++) {
        double scale = scale_of(trial, other_bars, output);
        double added = other_rows[SERIES_SPIKE + 1][output] - rows[SERIES_SPIKE + 1][output];
        for (unsigned bar = SERIES_SPIKE + 1; bar < trial->count; bar++)
            require(near(other_rows[bar][output] - rows[bar][output], added, scale), trial, bar,
                    output);
    }
}

static void law_memory(const Trial *trial) {
    if (trial->count <= SERIES_SPIKE || trial->kind == SERIES_FLAT_WITH_SPIKE) return;
    memcpy(other_bars, bars, sizeof bars);
    series_spike(other_bars, SERIES_SPIKE);
    run(trial, bars, trial->count, rows);
    run(trial, other_bars, trial->count, other_rows);
    bool seen = rows_differ(trial, 0, trial->count);
    require(!rows_differ(trial, 0, SERIES_SPIKE), trial, SERIES_SPIKE, 0);
    if (trial->kind == SERIES_WALK) require(seen, trial, SERIES_SPIKE, 0);
    switch (trial->indicator->memory) {
    case MEMORY_WINDOW:
        law_window(trial);
        break;
    case MEMORY_DECAY:
        law_decay(trial);
        break;
    case MEMORY_CUMULATIVE:
        law_cumulative(trial);
        break;
    case MEMORY_SESSION:
        law_session(trial);
        break;
    case MEMORY_PATH:
        break; /* nothing follows from it */
    }
}

/* Multiplies prices and volumes and compares: bit for bit for powers of two, else within 1e-9. */
static void require_scaled(const Trial *trial, double price, double volume, bool exact) {
    for (unsigned bar = 0; bar < trial->count; bar++)
        other_bars[bar] = (IndicatorBar){.open = bars[bar].open * price,
                                         .high = bars[bar].high * price,
                                         .low = bars[bar].low * price,
                                         .close = bars[bar].close * price,
                                         .volume = bars[bar].volume * volume,
                                         .taker = bars[bar].taker * volume,
                                         .time_us = bars[bar].time_us};
    run(trial, other_bars, trial->count, other_rows);
    for (unsigned output = 0; output < trial->outputs; output++) {
        const IndicatorOutput *declared = &trial->indicator->outputs[output];
        double factor = (declared->price_scale == SCALE_LINEAR ? price : 1) *
                        (declared->volume_scale == SCALE_LINEAR ? volume : 1);
        double scale = scale_of(trial, other_bars, output);
        for (unsigned bar = 0; bar < trial->count; bar++) {
            double expected = rows[bar][output] * factor, got = other_rows[bar][output];
            require(exact ? same_bits(expected, got) : near(expected, got, scale), trial, bar,
                    output);
        }
    }
}

static void law_scale(const Trial *trial) {
    run(trial, bars, trial->count, rows);
    require_scaled(trial, 1024, 1, true);
    require_scaled(trial, 1.0 / 4096, 1, true);
    require_scaled(trial, 1, 64, true);
    require_scaled(trial, 1, 1.0 / 32, true);
    require_scaled(trial, 10, 1, false);
    require_scaled(trial, 1, 0.1, false);
}

static void test_range(void **context) {
    (void)context;
    for_every_trial(law_range);
}

static void test_naive(void **context) {
    (void)context;
    for_every_trial(law_naive);
}

static void test_flat(void **context) {
    (void)context;
    for_every_trial(law_flat);
}

static void test_inputs(void **context) {
    (void)context;
    for_every_trial(law_inputs);
}

static void test_reset(void **context) {
    (void)context;
    for_every_trial(law_reset);
}

static void test_copy(void **context) {
    (void)context;
    for_every_trial(law_copy);
}

static void test_memory(void **context) {
    (void)context;
    for_every_trial(law_memory);
}

static void test_scale(void **context) {
    (void)context;
    for_every_trial(law_scale);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declaration), cmocka_unit_test(test_option_bounds),
        cmocka_unit_test(test_range),       cmocka_unit_test(test_naive),
        cmocka_unit_test(test_flat),        cmocka_unit_test(test_inputs),
        cmocka_unit_test(test_reset),       cmocka_unit_test(test_copy),
        cmocka_unit_test(test_memory),      cmocka_unit_test(test_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
