/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading what others computed: a sheet of comma-separated numbers, a column of a JSON array of
 * flat objects, and an indicator run over bars from such columns. An empty or non-numeric cell is
 * NaN. The caller owns all arrays; a file that is not what it should be fails the test.
 */
#ifndef TESTS_GOLDEN_SHEET_H
#define TESTS_GOLDEN_SHEET_H

#include "unit.h"

#include "core/indicators/indicator.h"

#define SHEET_ROWS    640 /* the longest reference has 504 rows */
#define SHEET_COLUMNS 16

typedef double SheetResult[INDICATOR_OUTPUTS_MAX];

typedef struct Sheet {
    unsigned rows;
    double cells[SHEET_ROWS][SHEET_COLUMNS];
} Sheet;

/* A file's text, closed by a zero; freed by the caller. */
static inline char *sheet_text(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot read %s", path);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    size_t size = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    assert_true(size > 0 && size < (1 << 20) - 1);
    return text;
}

static inline double sheet_number(const char *text, char closing) {
    char *end;
    double value = strtod(text, &end);
    bool whole = end > text && (*end == closing || *end == '\r' || *end == '\n' || !*end);
    return whole ? value : (double)NAN;
}

/* The rows of a CSV file below its header line. */
static inline void sheet_read(const char *path, Sheet *sheet) {
    char *text = sheet_text(path), *rest = text, *line;
    sheet->rows = 0;
    strsep(&rest, "\n");
    while ((line = strsep(&rest, "\n")) && *line) {
        assert_true(sheet->rows < SHEET_ROWS);
        double *cells = sheet->cells[sheet->rows++];
        for (unsigned column = 0; column < SHEET_COLUMNS; column++) {
            char *cell = line ? strsep(&line, ",") : NULL;
            cells[column] = cell ? sheet_number(cell, '\0') : (double)NAN;
        }
    }
    free(text);
    assert_true(sheet->rows > 0);
}

/* The values of "key" in the order of the objects, null as NaN; how many there are. */
static inline unsigned sheet_json(const char *path, const char *key, double values[SHEET_ROWS]) {
    char *text = sheet_text(path), quoted[64];
    unsigned count = 0;
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    for (char *at = text; (at = strstr(at, quoted)); count++) {
        assert_true(count < SHEET_ROWS);
        at += strlen(quoted);
        values[count] = sheet_number(at, ',');
    }
    free(text);
    return count;
}

/* Options by order; those beyond `given` keep their presets. Results of `count` bars into
 * `results`. */
static inline void sheet_run(const char *name, const double *given, unsigned given_count,
                             const IndicatorBar *bars, unsigned count, SheetResult *results) {
    double options[INDICATOR_OPTIONS_MAX];
    const Indicator *plug = indicator_find(name);
    assert_non_null(plug);
    indicator_presets(plug, options);
    for (unsigned index = 0; index < given_count; index++)
        options[index] = given[index];
    assert_null(indicator_options_fault(plug, options));
    void *state = malloc(plug->state_size(options));
    assert_non_null(state);
    plug->init(state, options);
    for (unsigned bar = 0; bar < count; bar++)
        plug->step(state, &bars[bar], results[bar]);
    free(state);
}

#endif
