/* SPDX-License-Identifier: Apache-2.0 */
/* Two results side by side: settings that differ, every figure, and whether the difference is luck.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/backtest/job_words.h"
#include "shell/backtest/ranking.h"
#include "shell/backtest/result_figures.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"

#define DOCUMENT_BYTES 16384

static const Result *side(const Ranking *ranking, unsigned index) {
    return &ranking->rows[index].result;
}

/* ---- for machines ---------------------------------------------------------------------------- */

static void put_figures(const Ranking *ranking, JsonWriter *writer) {
    json_object_begin(writer);
    for (unsigned i = 0; i < result_figure_count; i++) {
        double one = (double)NAN, other = (double)NAN;
        bool known = result_metric(side(ranking, 0), result_figures[i].name, &one) &&
                     result_metric(side(ranking, 1), result_figures[i].name, &other);
        if (!known) continue;
        json_key(writer, result_figures[i].name);
        json_array_begin(writer);
        json_double(writer, one);
        json_double(writer, other);
        json_array_end(writer);
    }
    json_object_end(writer);
}

static void say_json(const Ranking *ranking) {
    char memory[DOCUMENT_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "results");
    json_array_begin(&writer);
    json_string(&writer, side(ranking, 0)->id);
    json_string(&writer, side(ranking, 1)->id);
    json_array_end(&writer);
    json_key(&writer, "metrics");
    put_figures(ranking, &writer);
    json_key(&writer, "sharpe_difference");
    const ComparisonPair *pair =
        ranking->judged ? comparison_pair(&ranking->comparison, 0, 1) : NULL;
    if (pair) {
        json_object_begin(&writer);
        json_key(&writer, "difference");
        json_double(&writer, pair->difference);
        json_key(&writer, "ci95");
        json_array_begin(&writer);
        json_double(&writer, pair->low);
        json_double(&writer, pair->high);
        json_array_end(&writer);
        json_key(&writer, "p");
        json_double(&writer, pair->p);
        json_object_end(&writer);
    } else {
        json_null(&writer);
    }
    json_key(&writer, "judgement");
    json_string(&writer, ranking->words);
    json_object_end(&writer);
    puts(text_end(&text));
}

/* ---- for people ------------------------------------------------------------------------------ */

static void value_cell(Table *table, const ResultFigure *figure, double value, bool better) {
    char memory[64];
    Text text = TEXT_IN(memory);
    if (isnan(value))
        text_put(&text, paint_utf8() ? "—" : "-");
    else if (figure->kind == FIGURE_COUNT)
        number_count(&text, (int64_t)value);
    else
        number_fixed(&text, value, 2, false);
    table_cell(table, better ? STYLE_GOOD : STYLE_PLAIN, text_end(&text));
}

static void figure_row(const Ranking *ranking, const ResultFigure *figure, Table *table) {
    double one = (double)NAN, other = (double)NAN;
    if (!result_metric(side(ranking, 0), figure->name, &one) ||
        !result_metric(side(ranking, 1), figure->name, &other))
        return;
    table_cell(table, STYLE_PLAIN, figure->name);
    value_cell(table, figure, one, figure->rises ? one > other : one < other);
    value_cell(table, figure, other, figure->rises ? other > one : other < one);
}

static void say_table(const Ranking *ranking, bool color) {
    const char *const titles[] = {"", "first", "second", NULL};
    printf("first   %s\nsecond  %s\n", side(ranking, 0)->id, side(ranking, 1)->id);
    bool same = strcmp(side(ranking, 0)->settings_hash, side(ranking, 1)->settings_hash) == 0;
    printf("%s\n\n", same ? "The same settings and data." : "Settings or data differ.");
    Table *table = table_open(titles, 6); /* the second and third are numbers */
    for (unsigned i = 0; i < result_figure_count; i++)
        figure_row(ranking, &result_figures[i], table);
    table_print(table, color, stdout);
    table_close(table);
    printf("\n%s\n", ranking->words);
}

static int run(CommandCall *call, Error *error) {
    const char *const *words;
    char folder[600];
    Ranking ranking;
    if (call_arguments(call, &words) != 2) {
        error_set(error, ERROR_USAGE, "say which two results", NULL,
                  "trader backtest analyze lists them");
        return error_exit_code(error->code);
    }
    job_words_results(call_state(call), folder, sizeof folder);
    if (!ranking_open(&ranking, folder, words, 2, error)) return error_exit_code(error->code);
    ranking_judge(&ranking);
    if (call_json(call))
        say_json(&ranking);
    else
        say_table(&ranking, call_color(call));
    ranking_close(&ranking);
    return EXIT_SUCCESS;
}

const Command command_backtest_compare = {
    .name = "backtest compare",
    .group = "backtest",
    .sentence = "Sets two results side by side, and says whether their difference is more than "
                "luck.",
    .arguments = "RESULT RESULT",
    .examples = {"trader backtest compare trend_following buy_and_hold",
                 "trader backtest compare 20261122-2010 last"},
    .run = run,
};
