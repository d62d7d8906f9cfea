/* SPDX-License-Identifier: Apache-2.0 */
/* A result as a tear sheet: one HTML file, or its trades or curve as CSV, or NDJSON. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/backtest/job_words.h"
#include "shell/backtest/report.h"
#include "shell/backtest/result_export.h"
#include "shell/cmd/command.h"
#include "shell/sys/files.h"

/* The candles of the run, if they are still stored; without them the page says so. */
static MarketLoad *candles_of(const CommandCall *call, const Result *result) {
    const char *symbols[LIMIT_SYMBOLS], *root = call_value(call, "data_dir");
    MarketWish wish = {.root = root ? root : JOB_DATA_PRESET,
                       .symbols = symbols,
                       .symbol_count = result->symbol_count,
                       .start_us = result->start_us,
                       .end_us = result->end_us};
    Error ignored;
    wish.file_count = call_list(call, "input", &wish.files);
    for (unsigned i = 0; i < result->symbol_count; i++)
        symbols[i] = result->symbols[i].text;
    if (!job_words_length(result->interval, &wish.length_us)) return NULL;
    MarketLoad *load = malloc(sizeof *load);
    if (!load || market_load_open(load, &wish, &ignored)) return load;
    free(load);
    return NULL;
}

static void put(const CommandCall *call, const Result *result, FILE *file) {
    const char *format = call_value(call, "format");
    if (format && strcmp(format, "html") != 0) {
        result_export(result, format, file);
        return;
    }
    MarketLoad *load = candles_of(call, result);
    report_write(result, load, file);
    if (load) market_load_close(load);
    free(load);
}

static void say_path(const CommandCall *call, const char *path) {
    char memory[4096];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "path");
    json_string(&writer, path);
    json_object_end(&writer);
    puts(call_json(call) ? text_end(&text) : path);
}

static bool to_file(const CommandCall *call, const Result *result, const char *path, Error *error) {
    char *bytes = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&bytes, &length);
    if (!file) return error_set(error, ERROR_LIMIT, "out of memory", "report", NULL);
    put(call, result, file);
    bool whole = fclose(file) == 0;
    bool sound = whole ? files_write(path, bytes, length, 0644, error)
                       : error_set(error, ERROR_LIMIT, "out of memory", "report", NULL);
    free(bytes);
    if (sound) say_path(call, path);
    return sound;
}

static bool to_place(const CommandCall *call, const Result *result, Error *error) {
    const char *output = call_value(call, "output"), *format = call_value(call, "format");
    char path[RESULT_ID_MAX + 16];
    Text text = TEXT_IN(path);
    if (format && !result_export_known(format) && strcmp(format, "html") != 0)
        return error_set(error, ERROR_USAGE, "unknown format", "format",
                         "html, trades_csv, equity_csv, json or ndjson");
    if (output && strcmp(output, "-") == 0) {
        put(call, result, stdout);
        return true;
    }
    text_format(&text, "%s.%s", result->id, result_export_suffix(format ? format : "html"));
    return to_file(call, result, output ? output : text_end(&text), error);
}

static int run(CommandCall *call, Error *error) {
    const char *const *words;
    char folder[600], path[600];
    Result result;
    unsigned count = call_arguments(call, &words);
    if (count > 1) {
        error_set(error, ERROR_USAGE, "one result at a time", words[1],
                  "trader backtest analyze lists them");
        return error_exit_code(error->code);
    }
    job_words_results(call_state(call), folder, sizeof folder);
    if (!result_find(folder, count ? words[0] : "last", path, sizeof path, error) ||
        !result_read(path, &result, error))
        return error_exit_code(error->code);
    bool sound = to_place(call, &result, error);
    result_free(&result);
    return sound ? EXIT_SUCCESS : error_exit_code(error->code);
}

const Command command_backtest_report = {
    .name = "backtest report",
    .group = "backtest",
    .sentence =
        "Writes a result (the last one) as a tear sheet in one HTML file, or as CSV, JSON or "
        "NDJSON. What is shown is the result's own; only the chart's candles are looked up.",
    .arguments = "[RESULT]",
    .examples = {"trader backtest report --output sheet.html",
                 "trader backtest report trend_following --format trades_csv --output -"},
    .options = {{"output", OPTION_VALUE, "FILE", "where to; - is standard output (ID.html)", NULL},
                {"format", OPTION_VALUE, "FORMAT",
                 "html (default), trades_csv, equity_csv, json, ndjson", NULL},
                {"input", OPTION_LIST, "FILE", "the chart's candles from files, not from the store",
                 NULL},
                {"data_dir", OPTION_VALUE, "DIR", "where the chart's candles are stored (./data)",
                 NULL}},
    .run = run,
};
