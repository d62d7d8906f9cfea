/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One text per indicator, tests/golden/indicators/NAME.txt: a hundred and twenty bars of an hour
 * and what the indicator with its presets says to each, so that a change of meaning shows as a
 * changed line. The values come from the naive formulas of tests/laws/naive.h in extended
 * precision, not from the program. Rewritten on purpose only, by the one who changed a definition:
 * `build/tests/golden/indicators
 * --write` from the root of the project.
 */
#include "unit.h"

#include "core/base/check.h"
#include "laws/naive.h"

#define FOLDER "tests/golden/indicators/"
#define GOLDEN_BARS                                                                                \
    120 /* twenty more than the longest warm-up of presets, that of volume_profile */

static IndicatorBar bars[SERIES_BARS];
static NaiveRow rows[SERIES_BARS];

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static FILE *golden_open(const Indicator *plug, const char *mode) {
    char path[256];
    snprintf(path, sizeof path, FOLDER "%s.txt", plug->name);
    FILE *file = fopen(path, mode);
    if (!file) fail_msg("%s: no golden values (run from the root of the project)", path);
    return file;
}

static double cents(double price) {
    return rint(100 * price) / 100;
}

/* A walk in cents; bars 60 to 67 stand still, and in two of them nothing is traded. */
static void golden_bars(void) {
    series_walk(bars, 80);
    for (unsigned bar = 0; bar < GOLDEN_BARS; bar++) {
        double open = cents(bars[bar].open), close = cents(bars[bar].close);
        bars[bar] = (IndicatorBar){.open = open,
                                   .high = fmax(cents(bars[bar].high), fmax(open, close)),
                                   .low = fmin(cents(bars[bar].low), fmin(open, close)),
                                   .close = close,
                                   .volume = rint(bars[bar].volume)};
    }
    for (unsigned bar = 60; bar < 68; bar++) {
        double still = bars[59].close;
        bars[bar] = (IndicatorBar){.open = still,
                                   .high = still,
                                   .low = still,
                                   .close = still,
                                   .volume = bar < 62 ? 0 : bars[bar].volume};
    }
    series_complete(bars, 81);
    for (unsigned bar = 0; bar < GOLDEN_BARS; bar++)
        bars[bar].taker = rint(bars[bar].taker);
}

static void golden_write(const Indicator *plug) {
    double options[INDICATOR_OPTIONS_MAX];
    FILE *file = golden_open(plug, "w");
    indicator_presets(plug, options);
    naive_run(naive_find(plug->name), bars, GOLDEN_BARS, options, rows);
    fprintf(file,
            "# %s\n# Source: the definition, computed by tests/laws/naive.h in extended "
            "precision over a seeded walk in cents.\n# Bars of an hour from 2024-01-01 00:00 UTC "
            "on.\n# open high low close volume taker |",
            plug->name);
    for (unsigned output = 0; output < indicator_output_count(plug); output++)
        fprintf(file, " %s", plug->outputs[output].name);
    for (unsigned bar = 0; bar < GOLDEN_BARS; bar++) {
        fprintf(file, "\n%.2f %.2f %.2f %.2f %.0f", bars[bar].open, bars[bar].high, bars[bar].low,
                bars[bar].close, bars[bar].volume);
        fprintf(file, isnan(bars[bar].taker) ? " - |" : " %.0f |", bars[bar].taker);
        for (unsigned output = 0; output < indicator_output_count(plug); output++)
            fprintf(file, isnan(rows[bar][output]) ? " -" : " %.13g", rows[bar][output]);
    }
    fprintf(file, "\n");
    fclose(file);
}

/* The next output of a line, '-' being NaN. */
static double golden_value(char **rest) {
    char *word = strsep(rest, " \n"), *end;
    assert_non_null(word);
    if (strcmp(word, "-") == 0) return (double)NAN;
    double value = strtod(word, &end);
    if (end == word || *end) fail_msg("not a number: '%s'", word);
    return value;
}

static void golden_line(const Indicator *plug, void *state, unsigned number, char *line) {
    IndicatorBar bar = {.time_us = (SERIES_MONDAY_HOUR + (int64_t)number) * 3600000000LL};
    NaiveRow got;
    int used = 0;
    sscanf(line, "%lf %lf %lf %lf %lf %n", &bar.open, &bar.high, &bar.low, &bar.close, &bar.volume,
           &used);
    if (used == 0) fail_msg("%s: not a golden line: %s", plug->name, line);
    char *rest = line + used;
    bar.taker = golden_value(&rest);
    assert_string_equal(strsep(&rest, " "), "|");
    plug->step(state, &bar, got);
    for (unsigned output = 0; output < indicator_output_count(plug); output++) {
        double expected = golden_value(&rest);
        if (isnan(expected) && isnan(got[output])) continue;
        /* Thirteen digits are printed; differences of nearly equal prices keep about eleven. */
        if (!(fabs(got[output] - expected) <= 1e-11 * fmax(100, fabs(expected))))
            print_error("%s %s, line: %s", plug->name, plug->outputs[output].name, line);
        assert_close(got[output], expected, 1e-11 * fmax(100, fabs(expected)));
    }
}

static void golden_check(const Indicator *plug) {
    char line[512];
    double options[INDICATOR_OPTIONS_MAX];
    unsigned lines = 0;
    FILE *file = golden_open(plug, "r");
    indicator_presets(plug, options);
    void *state = malloc(plug->state_size(options));
    assert_non_null(state);
    plug->init(state, options);
    while (fgets(line, sizeof line, file)) {
        if (*line == '#') continue;
        golden_line(plug, state, lines++, line);
    }
    assert_int_equal(lines, GOLDEN_BARS);
    free(state);
    fclose(file);
}

static void test_golden(void **context) {
    (void)context;
    assert_true(indicator_count > 0);
    for (unsigned index = 0; index < indicator_count; index++)
        golden_check(indicator_table[index]);
}

int main(int count, char **words) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden)};
    if (count == 2 && strcmp(words[1], "--write") == 0) {
        golden_bars();
        for (unsigned index = 0; index < indicator_count; index++)
            golden_write(indicator_table[index]);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
