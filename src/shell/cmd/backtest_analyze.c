/* SPDX-License-Identifier: Apache-2.0 */
/* The results so far, ranked, with their intervals, and whether they can be told apart. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/backtest/job_words.h"
#include "shell/backtest/ranking.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"

#define ROW_BYTES 4096

/* ---- for machines ---------------------------------------------------------------------------- */

static void put_what(const Result *result, JsonWriter *writer) {
    json_key(writer, "result_id");
    json_string(writer, result->id);
    json_key(writer, "strategy");
    json_string(writer, result->strategy);
    json_key(writer, "symbols");
    json_array_begin(writer);
    for (unsigned i = 0; i < result->symbol_count; i++)
        json_string(writer, result->symbols[i].text);
    json_array_end(writer);
    json_key(writer, "interval");
    json_string(writer, result->interval);
    json_key(writer, "start");
    json_time(writer, result->start_us);
    json_key(writer, "end");
    json_time(writer, result->end_us);
}

/* Against the best: both null where the two did not run over the same steps. */
static void put_judgement(const Ranking *ranking, const Ranked *row, JsonWriter *writer) {
    double p = (double)NAN, own = (double)NAN;
    if (ranking->judged && row->compared >= 0) {
        int best = ranking->rows[0].compared;
        const ComparisonPair *pair =
            row->compared == best
                ? NULL
                : comparison_pair(&ranking->comparison, (unsigned)best, (unsigned)row->compared);
        if (pair) p = pair->adjusted;
        own = ranking->comparison.sharpe[row->compared].p;
    }
    json_key_double(writer, "p_against_best", p);
    json_key_double(writer, "p_above_zero", own);
}

static void put_row(const Ranking *ranking, unsigned index, JsonWriter *writer) {
    const Ranked *row = &ranking->rows[index];
    const Metrics *metrics = &row->result.metrics;
    json_object_begin(writer);
    json_key(writer, "rank");
    json_int(writer, index + 1);
    put_what(&row->result, writer);
    json_key(writer, "metric");
    json_string(writer, ranking->metric);
    json_key_double(writer, "value", row->value);
    json_key_double(writer, "sharpe_ratio", metrics->sharpe_ratio);
    json_key(writer, "sharpe_ci95");
    if (isnan(metrics->sharpe_low)) {
        json_null(writer);
    } else {
        json_array_begin(writer);
        json_double(writer, metrics->sharpe_low);
        json_double(writer, metrics->sharpe_high);
        json_array_end(writer);
    }
    json_key_double(writer, "return_pct", metrics->return_pct);
    json_key_double(writer, "max_drawdown_pct", metrics->max_drawdown_pct);
    json_key_double(writer, "deflated_sharpe_p", row->result.deflated_sharpe_p);
    json_key(writer, "trials");
    if (row->result.trials > 0)
        json_int(writer, row->result.trials);
    else
        json_null(writer);
    json_key(writer, "total_trades");
    json_int(writer, metrics->total_trades);
    put_judgement(ranking, row, writer);
    json_object_end(writer);
}

static void say_json(const Ranking *ranking) {
    putchar('[');
    for (unsigned i = 0; i < ranking->count; i++) {
        char memory[ROW_BYTES];
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        put_row(ranking, i, &writer);
        if (i) putchar(',');
        fputs(text_end(&text), stdout);
    }
    puts("]");
}

/* ---- for people ------------------------------------------------------------------------------ */

static void interval_cell(Table *table, const Metrics *metrics) {
    char memory[96];
    Text text = TEXT_IN(memory);
    number_fixed(&text, metrics->sharpe_low, 2, false);
    text_put(&text, " to ");
    number_fixed(&text, metrics->sharpe_high, 2, false);
    bool known = !isnan(metrics->sharpe_low) && !isnan(metrics->sharpe_high);
    table_cell(table, STYLE_PLAIN, known ? text_end(&text) : "");
}

static void say_table(const Ranking *ranking, bool color) {
    const char *const titles[] = {ranking->metric, "Sharpe, 95 %", "return", "drawdown",
                                  "trades",        "result",       NULL};
    Table *table = table_open(titles, 0x1f); /* all but the last are numbers */
    for (unsigned i = 0; i < ranking->count; i++) {
        const Ranked *row = &ranking->rows[i];
        char count[32];
        Text text = TEXT_IN(count);
        table_real(table, row->value, "");
        interval_cell(table, &row->result.metrics);
        table_real(table, row->result.metrics.return_pct, " %");
        table_real(table, row->result.metrics.max_drawdown_pct, " %");
        number_count(&text, row->result.metrics.total_trades);
        table_cell(table, STYLE_PLAIN, text_end(&text));
        table_cell(table, STYLE_PLAIN, row->result.id);
    }
    table_print(table, color, stdout);
    table_close(table);
    printf("\n%s\n", ranking->words);
}

static int run(CommandCall *call, Error *error) {
    const char *const *words;
    const char *metric = call_value(call, "metric");
    char folder[600];
    Ranking ranking;
    unsigned count = call_list(call, "results", &words);
    if (count == 0) count = call_arguments(call, &words);
    job_words_results(call_state(call), folder, sizeof folder);
    if (!ranking_open(&ranking, folder, words, count, error)) return error_exit_code(error->code);
    bool sound = ranking_sort(&ranking, metric ? metric : RANKING_METRIC, error);
    if (sound && call_json(call))
        say_json(&ranking);
    else if (sound)
        say_table(&ranking, call_color(call));
    ranking_close(&ranking);
    return sound ? EXIT_SUCCESS : error_exit_code(error->code);
}

const Command command_backtest_analyze = {
    .name = "backtest analyze",
    .group = "backtest",
    .sentence = "Ranks results by a metric, with confidence intervals, and says which differences "
                "are more than luck.",
    .arguments = "[RESULT...]",
    .examples = {"trader backtest analyze --metric sharpe_ratio"},
    .options = {{"results", OPTION_LIST, "RESULT", "which; without: all", NULL},
                {"metric", OPTION_VALUE, "NAME", "sharpe_ratio (default), return_pct, ...", NULL}},
    .run = run,
};
