/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One indicator over a candle file, row by row: a file of any length costs the same memory. The
 * file is read twice, first to judge it and then to compute, so that a broken row in the last line
 * leaves no half result behind.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/number_text.h"
#include "core/indicators/indicator.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/store/candle_file.h"

#define ROW_BYTES 1024 /* a time and 7 outputs with their names have under 500 bytes */

typedef struct Computation {
    const Indicator *indicator;
    double options[INDICATOR_OPTIONS_MAX];
    const char *path;
    void *state;
    bool json, color;
    uint64_t bars;
} Computation;

/* ---- the indicator and its options --------------------------------------------------------- */

static const char *nearest_indicator(const char *word) {
    SliceNearest nearest = slice_nearest(slice_of(word));
    for (unsigned i = 0; i < indicator_count; i++)
        slice_nearest_try(&nearest, indicator_table[i]->name);
    return nearest.name;
}

static bool find_indicator(const CommandCall *call, Computation *computation, Error *error) {
    const char *const *words;
    char message[240], hint[200];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    if (call_arguments(call, &words) != 1)
        return error_set(error, ERROR_USAGE, "say which indicator", "compute",
                         "trader compute rsi --input FILE; trader list indicators");
    computation->indicator = indicator_find(words[0]);
    if (computation->indicator) return true;
    const char *nearest = nearest_indicator(words[0]);
    text_format(&what, "there is no indicator '%s'", words[0]);
    if (nearest)
        text_format(&advice, "did you mean %s?", nearest);
    else
        text_put(&advice, "trader list indicators");
    return error_set(error, ERROR_USAGE, text_end(&what), "compute", text_end(&advice));
}

static bool refuse_option(const Computation *computation, const char *name, const char *fault,
                          Error *error) {
    const Indicator *indicator = computation->indicator;
    char message[240], hint[200];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    text_format(&what, "--%s %s", name, fault);
    for (unsigned i = 0; i < indicator_option_count(indicator); i++) {
        const IndicatorOption *option = &indicator->options[i];
        text_format(&advice, "%s--%s ", i ? ", " : "", option->name);
        text_double(&advice, option->lowest);
        text_put(&advice, " to ");
        text_double(&advice, option->highest);
        text_format(&advice, " %s%s", option->unit, option->whole ? ", whole" : "");
    }
    if (!advice.length) text_format(&advice, "%s has no options", indicator->name);
    return error_set(error, ERROR_USAGE, text_end(&what), indicator->name, text_end(&advice));
}

static bool take_option(Computation *computation, const char *name, const char *value,
                        Error *error) {
    const Indicator *indicator = computation->indicator;
    for (unsigned i = 0; i < indicator_option_count(indicator); i++) {
        if (!slice_same_name(slice_of(name), indicator->options[i].name)) continue;
        if (!value || !number_from_slice(slice_of(value), &computation->options[i]))
            return refuse_option(computation, name, "needs a number", error);
        return true;
    }
    return refuse_option(computation, name, "is no option of this indicator", error);
}

static bool take_options(const CommandCall *call, Computation *computation, Error *error) {
    const char *name, *value;
    indicator_presets(computation->indicator, computation->options);
    for (unsigned i = 0; (name = call_other(call, i, &value)); i++)
        if (!take_option(computation, name, value, error)) return false;
    const char *fault = indicator_options_fault(computation->indicator, computation->options);
    return !fault || refuse_option(computation, fault, "is out of bounds", error);
}

/* ---- the file ------------------------------------------------------------------------------ */

static unsigned columns_of(unsigned inputs) {
    static const struct {
        unsigned input;
        CandleColumn column;
    } pairs[] = {{INPUT_OPEN, CANDLE_OPEN},     {INPUT_HIGH, CANDLE_HIGH},
                 {INPUT_LOW, CANDLE_LOW},       {INPUT_CLOSE, CANDLE_CLOSE},
                 {INPUT_VOLUME, CANDLE_VOLUME}, {INPUT_TIME, CANDLE_TIME}};
    unsigned columns = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (inputs & pairs[i].input) columns |= CANDLE_BIT(pairs[i].column);
    return columns;
}

/* Reads the whole file and hands each row to `step` (NULL: only judge it). */
static bool each_row(Computation *computation,
                     bool (*step)(Computation *, const CandleRow *, Error *), Error *error) {
    CandleRow row;
    CandleAnswer answer;
    unsigned columns = columns_of(computation->indicator->inputs);
    CandleFile *file = candle_file_open(computation->path, columns, error);
    if (!file) return false;
    bool good = true;
    while (good && (answer = candle_file_row(file, &row, error)) == CANDLE_BAR)
        good = !step || step(computation, &row, error);
    candle_file_close(file);
    return good && answer == CANDLE_ENDED;
}

/* 20 holds a price with six decimals; a longer name needs more, and a blank before it. */
static int column_width(const IndicatorOutput *output) {
    int length = (int)strlen(output->name) + 1;
    return length > 20 ? length : 20;
}

static bool print_bar(Computation *computation, const CandleRow *row, Error *error) {
    const Indicator *indicator = computation->indicator;
    char memory[ROW_BYTES], time[25];
    Text text = TEXT_IN(memory);
    double outputs[INDICATOR_OUTPUTS_MAX];
    IndicatorBar bar = {row->number[CANDLE_OPEN],
                        row->number[CANDLE_HIGH],
                        row->number[CANDLE_LOW],
                        row->number[CANDLE_CLOSE],
                        row->number[CANDLE_VOLUME],
                        row->number[CANDLE_TAKER_VOLUME],
                        row->time_us};
    (void)error;
    indicator->step(computation->state, &bar, outputs);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "time");
    if (row->time_us)
        json_time(&writer, row->time_us);
    else
        json_null(&writer);
    for (unsigned i = 0; i < indicator_output_count(indicator); i++) {
        json_key(&writer, indicator->outputs[i].name);
        json_double(&writer, outputs[i]);
    }
    json_object_end(&writer);
    if (computation->json) {
        printf("%s%s", computation->bars ? "," : "[", text_end(&text));
    } else {
        instant_to_iso(row->time_us, time);
        printf("%.10s %.5s", row->time_us ? time : "-         ",
               row->time_us ? time + 11 : "     ");
        for (unsigned i = 0; i < indicator_output_count(indicator); i++) {
            text_clear(&text);
            number_fixed(&text, outputs[i], 6, false);
            int blanks = column_width(&indicator->outputs[i]) - (int)text_columns(text_end(&text));
            printf("%*s%s", blanks > 1 ? blanks : 1, "", memory);
        }
        putchar('\n');
    }
    computation->bars++;
    return true;
}

static void print_head(const Computation *computation) {
    const Indicator *indicator = computation->indicator;
    printf("%s%-16s", paint_begin(STYLE_DIM, computation->color), "TIME (UTC)");
    for (unsigned i = 0; i < indicator_output_count(indicator); i++)
        printf("%*s", column_width(&indicator->outputs[i]), indicator->outputs[i].name);
    puts(paint_end(STYLE_DIM, computation->color));
}

static bool compute(Computation *computation, Error *error) {
    const Indicator *indicator = computation->indicator;
    if (!each_row(computation, NULL, error)) return false;
    /* An odd count of bytes is rounded up: the state may hold anything that malloc's alignment
     * suits. */
    computation->state = calloc(1, indicator->state_size(computation->options) + 1);
    CHECK(computation->state, "compute: out of memory");
    indicator->init(computation->state, computation->options);
    if (!computation->json) print_head(computation);
    bool good = each_row(computation, print_bar, error);
    if (computation->json) puts(computation->bars ? "]" : "[]");
    free(computation->state);
    return good;
}

static int run(CommandCall *call, Error *error) {
    Computation computation = {
        .path = call_value(call, "input"), .json = call_json(call), .color = call_color(call)};
    bool good = find_indicator(call, &computation, error);
    if (good && !computation.path)
        good = error_set(error, ERROR_USAGE, "say which file", "compute",
                         "trader compute rsi --input candles.csv");
    good = good && take_options(call, &computation, error) && compute(&computation, error);
    return good ? 0 : error_exit_code(error->code);
}

const Command command_compute = {
    .name = "compute",
    .group = "data",
    .sentence = "One indicator over a candle file (CSV, also .gz and .zip).",
    .arguments = "INDICATOR",
    .examples = {"trader compute rsi --input BTCUSDT-1h.csv.gz",
                 "trader compute macd --input prices.csv --fast 8 --slow 21 --json"},
    .options = {{"input", OPTION_VALUE, "FILE",
                 "candles: 12 columns of Binance, or a header that names them", NULL},
                {"symbols", OPTION_LIST, "S", "accepted for scripts; one file is one symbol",
                 NULL}},
    .any_option = true,
    .run = run,
};
