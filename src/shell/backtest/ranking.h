/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results side by side: read, ranked by one of their figures, and judged. Those that ran over the
 * same steps as the best are compared with one another (core/trial/comparison.h), because a better
 * figure alone says little: which differences are more than luck, after allowing for how many were
 * compared. A Ranking owns its results from ranking_open to ranking_close.
 */
#ifndef SHELL_BACKTEST_RANKING_H
#define SHELL_BACKTEST_RANKING_H

#include "core/trial/comparison.h"
#include "shell/backtest/result.h"

#define RANKING_METRIC "sharpe_ratio"

typedef struct Ranked {
    Result result;
    double value; /* of the metric; NaN stands last */
    int compared; /* its place in the comparison, -1: other steps, or it never moves */
} Ranked;

typedef struct Ranking {
    Ranked *rows;
    unsigned count;
    const char *metric;
    bool judged; /* `comparison` holds */
    Comparison comparison;
    char words[600]; /* the judgement */
} Ranking;

/* `words`: ids, beginnings of ids, or paths; none: all results of the folder. ERROR_USAGE for an
 * unknown metric, ERROR_DATA where there is no result. */
bool ranking_open(Ranking *ranking, const char *folder, const char *const *words, unsigned count,
                  Error *error) MUST_USE;
/* Compares those that ran over the same steps as the first. */
void ranking_judge(Ranking *ranking);
/* By the metric, best first, and judges. */
bool ranking_sort(Ranking *ranking, const char *metric, Error *error) MUST_USE;
void ranking_close(Ranking *ranking);

#endif
