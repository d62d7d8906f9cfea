/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shell/backtest/result_figures.h"

#define LEVEL    0.05
#define REPLICAS 999 /* (replicas + 1) x 5 % is whole */
#define SEED     1   /* the same results give the same judgement */

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "results", NULL);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool add(Ranking *ranking, const char *path, Error *error) {
    Ranked *grown = realloc(ranking->rows, (ranking->count + 1) * sizeof ranking->rows[0]);
    if (!grown) return no_memory(error);
    ranking->rows = grown;
    Ranked *row = &grown[ranking->count];
    *row = (Ranked){.compared = -1};
    if (!result_read(path, &row->result, error)) return false;
    ranking->count++;
    return true;
}

static bool add_all(Ranking *ranking, const char *folder, Error *error) {
    unsigned count;
    bool sound = true;
    char **paths = result_list(folder, &count);
    for (unsigned i = 0; i < count; i++) {
        sound = sound && add(ranking, paths[i], error);
        free(paths[i]);
    }
    free(paths);
    return sound;
}

static bool add_named(Ranking *ranking, const char *folder, const char *word, Error *error) {
    char path[1024];
    return result_find(folder, word, path, sizeof path, error) && add(ranking, path, error);
}

bool ranking_open(Ranking *ranking, const char *folder, const char *const *words, unsigned count,
                  Error *error) {
    bool sound = true;
    *ranking = (Ranking){.count = 0};
    if (count == 0) sound = add_all(ranking, folder, error);
    for (unsigned i = 0; sound && i < count; i++)
        sound = add_named(ranking, folder, words[i], error);
    if (sound && ranking->count == 0)
        sound = error_set(error, ERROR_DATA, "there are no results yet", folder,
                          "trader backtest run --help");
    if (!sound) ranking_close(ranking);
    return sound;
}

void ranking_close(Ranking *ranking) {
    for (unsigned i = 0; i < ranking->count; i++)
        result_free(&ranking->rows[i].result);
    free(ranking->rows);
    *ranking = (Ranking){.count = 0};
}

/* ---- order ----------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    const Ranked *left = a, *right = b;
    bool none = isnan(left->value), other = isnan(right->value);
    if (none || other) return none - other;
    if (left->value != right->value) return left->value > right->value ? -1 : 1;
    return strcmp(left->result.id, right->result.id);
}

static bool fill_values(Ranking *ranking, const char *metric, Error *error) {
    const ResultFigure *figure = result_figure(metric);
    if (!figure)
        return error_set(error, ERROR_USAGE, "unknown metric", metric,
                         "sharpe_ratio, return_pct, max_drawdown_pct and others: docs/METRICS.md");
    for (unsigned i = 0; i < ranking->count; i++) {
        double value = (double)NAN;
        if (!result_metric(&ranking->rows[i].result, metric, &value)) value = (double)NAN;
        ranking->rows[i].value = figure->rises ? value : -value;
    }
    qsort(ranking->rows, ranking->count, sizeof ranking->rows[0], by_value);
    for (unsigned i = 0; i < ranking->count; i++)
        if (!figure->rises) ranking->rows[i].value = -ranking->rows[i].value;
    return true;
}

/* ---- judgement ------------------------------------------------------------------------------- */

static bool same_steps(const Result *a, const Result *b) {
    if (a->point_count != b->point_count || a->curve_step != b->curve_step) return false;
    for (unsigned i = 0; i < a->point_count; i++)
        if (a->points[i].time_us != b->points[i].time_us) return false;
    return true;
}

static bool moves(const Result *result) {
    for (unsigned i = 1; i < result->point_count; i++)
        if (result->points[i].equity != result->points[0].equity) return true;
    return false;
}

static void put_returns(const Result *result, double *returns) {
    for (unsigned i = 1; i < result->point_count; i++)
        returns[i - 1] = result->points[i].equity / result->points[i - 1].equity - 1;
}

/* The rows that can be compared with the best, with their names. */
static unsigned choose(Ranking *ranking, const char **names) {
    unsigned chosen = 0;
    const Result *best = &ranking->rows[0].result;
    for (unsigned i = 0; i < ranking->count; i++) {
        Ranked *row = &ranking->rows[i];
        row->compared = -1;
        if (chosen == COMPARISON_RESULTS_MAX || !same_steps(best, &row->result) ||
            !moves(&row->result))
            continue;
        names[chosen] = row->result.id;
        row->compared = (int)chosen++;
    }
    return chosen;
}

static bool compare(Ranking *ranking, ComparisonPlan *plan, double *returns, Error *error) {
    for (unsigned i = 0; i < ranking->count; i++) {
        const Ranked *row = &ranking->rows[i];
        if (row->compared >= 0)
            put_returns(&row->result, returns + (size_t)row->compared * plan->count);
    }
    plan->returns = returns;
    void *memory = malloc(comparison_memory(plan));
    bool sound =
        memory ? comparison_of(plan, memory, &ranking->comparison, error) : no_memory(error);
    free(memory);
    return sound;
}

void ranking_judge(Ranking *ranking) {
    const char *names[COMPARISON_RESULTS_MAX];
    const Result *best = &ranking->rows[0].result;
    Text text = TEXT_IN(ranking->words);
    Error error;
    unsigned chosen = choose(ranking, names);
    ranking->judged = false;
    if (chosen < 2 || best->point_count < 2) {
        text_put(&text, "Nothing to compare: no two of them ran over the same steps and traded.");
        text_end(&text);
        return;
    }
    size_t count = best->point_count - 1;
    double span_us = (double)(best->points[count].time_us - best->points[0].time_us);
    ComparisonPlan plan = {.results = chosen,
                           .count = count,
                           .steps_a_year = 365 * (double)INSTANT_DAY_US * (double)count / span_us,
                           .resample = {.seed = SEED},
                           .replicas = REPLICAS,
                           .level = 1 - LEVEL};
    double *returns = malloc(chosen * count * sizeof returns[0]);
    ranking->judged = returns && compare(ranking, &plan, returns, &error);
    free(returns);
    if (ranking->judged)
        comparison_say(&ranking->comparison, names, LEVEL, &text);
    else
        text_format(&text, "They could not be compared: %s.", returns ? error.message : "memory");
    text_end(&text);
}

bool ranking_sort(Ranking *ranking, const char *metric, Error *error) {
    ranking->metric = metric;
    if (!fill_values(ranking, metric, error)) return false;
    ranking_judge(ranking);
    return true;
}
