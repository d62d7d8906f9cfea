/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/sweep_screen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/trial/sharpe_test.h"
#include "shell/screen/paint.h"

#define BEST       10
#define LINE_BYTES 2048

/* ---- for machines ---------------------------------------------------------------------------- */

static void put_row(const Swept *swept, const Strategy *strategy, const SweptRow *row,
                    JsonWriter *writer) {
    uint64_t fresh = swept->count - swept->resumed; /* none: nothing was measured */
    double rate = swept->seconds > 0 && fresh ? (double)swept->bars * (double)fresh / swept->seconds
                                              : (double)NAN;
    json_object_begin(writer);
    json_key(writer, "index");
    json_int(writer, (int64_t)row->index);
    json_key(writer, "parameters");
    json_object_begin(writer);
    for (unsigned i = 0; i < strategy_parameter_count(strategy); i++)
        json_key_double(writer, strategy->parameters[i].name, row->parameters[i]);
    json_object_end(writer);
    json_key_double(writer, "return_pct", row->return_pct);
    json_key_double(writer, "sharpe_ratio", row->sharpe_ratio);
    json_key_double(writer, "max_drawdown_pct", row->max_drawdown_pct);
    json_key_double(writer, "final_balance", row->final_balance);
    json_key_double(writer, "fees", row->fees);
    json_key(writer, "total_trades");
    json_int(writer, row->trades);
    json_key_double(writer, "bars_per_second", rate);
    json_object_end(writer);
}

static void print_json(const Swept *swept, FILE *file) {
    const Strategy *strategy = strategy_find(swept->strategy);
    bool first = true;
    fputc('[', file);
    for (uint64_t i = 0; strategy && i < swept->count; i++) {
        char memory[LINE_BYTES];
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        if (!swept->rows[i].fits) continue;
        put_row(swept, strategy, &swept->rows[i], &writer);
        if (!first) fputc(',', file);
        first = false;
        fputs(text_end(&text), file);
    }
    fputs("]\n", file);
}

/* ---- for people ------------------------------------------------------------------------------ */

typedef struct Placed {
    double value; /* more is better */
    const SweptRow *row;
} Placed;

static int by_value(const void *a, const void *b) {
    const Placed *left = a, *right = b;
    bool none = isnan(left->value), other = isnan(right->value);
    if (none || other) return none - other;
    if (left->value != right->value) return left->value > right->value ? -1 : 1;
    return left->row->index < right->row->index ? -1 : 1;
}

static bool value_of(const SweptRow *row, const char *metric, double *value) {
    if (strcmp(metric, "sharpe_ratio") == 0)
        *value = row->sharpe_ratio;
    else if (strcmp(metric, "return_pct") == 0)
        *value = row->return_pct;
    else if (strcmp(metric, "max_drawdown_pct") == 0)
        *value = -row->max_drawdown_pct;
    else
        return false;
    return true;
}

static void print_best(const Swept *swept, const Placed *placed, uint64_t count, bool color) {
    const char *const titles[] = {"sharpe", "return %", "drawdown %", "trades", "parameters", NULL};
    const Strategy *strategy = strategy_find(swept->strategy);
    Table *table = table_open(titles, 0xf); /* all but the last are numbers */
    for (uint64_t i = 0; i < count && i < BEST; i++) {
        const SweptRow *row = placed[i].row;
        char words[512], trades[32];
        Text text = TEXT_IN(words), number = TEXT_IN(trades);
        table_real(table, row->sharpe_ratio, "");
        table_real(table, row->return_pct, "");
        table_real(table, row->max_drawdown_pct, "");
        number_count(&number, row->trades);
        table_cell(table, STYLE_PLAIN, text_end(&number));
        for (unsigned k = 0; strategy && k < strategy_parameter_count(strategy); k++) {
            text_format(&text, "%s%s=", k ? "," : "", strategy->parameters[k].name);
            text_double(&text, row->parameters[k]);
        }
        table_cell(table, STYLE_PLAIN, text_end(&text));
    }
    table_print(table, color, stdout);
    table_close(table);
}

static double deviation_of_sharpes(const Placed *placed, uint64_t count, uint64_t *defined) {
    double sum = 0, square = 0;
    *defined = 0;
    for (uint64_t i = 0; i < count; i++) {
        double ratio = placed[i].row->sharpe_ratio;
        if (isnan(ratio)) continue;
        ++*defined;
        sum += ratio;
        square += ratio * ratio;
    }
    double n = (double)*defined;
    return n > 1 ? sqrt(fmax(square - sum * sum / n, 0) / (n - 1)) : 0;
}

static void print_warning(const Placed *placed, uint64_t count) {
    uint64_t defined;
    double deviation = deviation_of_sharpes(placed, count, &defined);
    if (defined < 2) return;
    printf("\nThe best of %llu worthless sets that differ as these do would have a Sharpe ratio of "
           "about %.2f: a better one is what to look for, and walk-forward is the test.\n",
           (unsigned long long)defined, sharpe_expected_best(deviation, (double)defined));
}

static bool print_screen(const Swept *swept, const char *metric, bool color, Error *error) {
    uint64_t count = 0;
    Placed *placed = calloc(swept->count + 1, sizeof placed[0]);
    if (!placed) return error_set(error, ERROR_LIMIT, "out of memory", "sweep", NULL);
    double value;
    bool known = value_of(&(SweptRow){.index = 0}, metric, &value); /* also where no row fits */
    for (uint64_t i = 0; known && i < swept->count; i++) {
        if (!swept->rows[i].fits) continue;
        placed[count].row = &swept->rows[i];
        known = value_of(&swept->rows[i], metric, &placed[count++].value);
    }
    qsort(placed, count, sizeof placed[0], by_value);
    if (known) {
        print_best(swept, placed, count, color);
        printf("\n%llu sets, %llu of them fit", (unsigned long long)swept->count,
               (unsigned long long)count);
        uint64_t fresh = swept->count - swept->resumed;
        if (swept->seconds > 0 && fresh)
            printf("; %.1f M bars a second",
                   (double)swept->bars * (double)fresh / swept->seconds / 1e6);
        printf("\n%s\n", swept->path);
        printf("%lld different trials were made on %s so far.\n", (long long)swept->trials,
               swept->symbol_count > 1 ? "the most tried of these symbols" : "this symbol");
        print_warning(placed, count);
    }
    free(placed);
    return known || error_set(error, ERROR_USAGE, "unknown metric", metric,
                              "sharpe_ratio, return_pct or max_drawdown_pct");
}

bool sweep_show(const TrialPlace *place, Swept *swept, const SweepScreen *screen, Error *error) {
    if (!strategy_find(swept->strategy))
        return error_set(error, ERROR_DATA, "this program has no such strategy", swept->strategy,
                         "trader list strategies");
    if (!trial_count_sweep(place, swept, error)) return false;
    if (!screen->json) return print_screen(swept, screen->metric, screen->color, error);
    print_json(swept, stdout);
    return true;
}
