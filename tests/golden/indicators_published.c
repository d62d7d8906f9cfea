/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against the published results of Stock.Indicators (DaveSkender, Apache-2.0) for the indicators
 * that tests/golden/stock_indicators.c does not reach: indicators_published.txt holds rows of them
 * at full precision and says which were left out and why; the bars are those of the shared data.
 * Where a value begins there it begins here, and where there is none there is none here.
 */
#include "sheet.h"

#include "core/base/check.h"

#define PUBLISHED "tests/golden/indicators_published.txt"

static Sheet sheet;
static IndicatorBar bars[SHEET_ROWS];
static SheetResult results[SHEET_ROWS];

typedef struct Section {
    const Indicator *plug; /* NULL before the first */
    unsigned outputs[INDICATOR_OUTPUTS_MAX], count;
    unsigned rows; /* compared so far */
} Section;

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static void read_bars(void) {
    sheet_read(shared_data("reference/stock_indicators/quotes_default.csv"), &sheet);
    assert_int_equal(sheet.rows, 502);
    for (unsigned row = 0; row < sheet.rows; row++) {
        const double *cells = sheet.cells[row];
        bars[row] = (IndicatorBar){.open = cells[1],
                                   .high = cells[2],
                                   .low = cells[3],
                                   .close = cells[4],
                                   .volume = cells[5]};
    }
}

static unsigned output_of(const Indicator *plug, const char *name) {
    for (unsigned output = 0; output < indicator_output_count(plug); output++)
        if (strcmp(plug->outputs[output].name, name) == 0) return output;
    fail_msg("%s has no output '%s'", plug->name, name);
    return 0;
}

/* "name option=value ... | output ...", options in their order. */
static void begin_section(Section *section, char *line) {
    double given[INDICATOR_OPTIONS_MAX];
    unsigned count = 0;
    char *word = strsep(&line, " ");
    *section = (Section){.plug = indicator_find(word)};
    if (!section->plug) fail_msg("there is no indicator '%s'", word);
    while ((word = strsep(&line, " ")) && strcmp(word, "|") != 0) {
        char *value = strchr(word, '=');
        assert_non_null(value);
        *value = '\0';
        assert_string_equal(word, section->plug->options[count].name);
        given[count++] = strtod(value + 1, NULL);
    }
    while ((word = strsep(&line, " ")))
        section->outputs[section->count++] = output_of(section->plug, word);
    sheet_run(section->plug->name, given, count, bars, sheet.rows, results);
}

static void compare_row(Section *section, const char *line) {
    char *end;
    unsigned long row = strtoul(line, &end, 10);
    assert_true(section->plug && row < sheet.rows);
    for (unsigned index = 0; index < section->count; index++) {
        bool absent = strncmp(end, " -", 2) == 0 && (end[2] == ' ' || end[2] == '\0');
        double expected = absent ? (double)NAN : strtod(end, &end);
        double got = results[row][section->outputs[index]];
        if (absent) end += 2;
        if (isnan(expected) != isnan(got))
            fail_msg("%s row %lu: %g here, %g there", section->plug->name, row, got, expected);
        if (!absent) assert_close(got, expected, 1e-9 * fmax(1, fabs(expected)));
    }
    assert_int_equal(*end, '\0');
    section->rows++;
}

static void test_published(void **context) {
    (void)context;
    read_bars();
    char *text = sheet_text(PUBLISHED), *rest = text, *line;
    Section section = {.plug = NULL};
    unsigned sections = 0;
    while ((line = strsep(&rest, "\n"))) {
        if (*line == '#' || *line == '\0') continue;
        if (*line >= '0' && *line <= '9') {
            compare_row(&section, line);
            continue;
        }
        assert_true(sections == 0 || section.rows >= 25);
        begin_section(&section, line);
        sections++;
    }
    assert_true(section.rows >= 25 && sections >= 25);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
