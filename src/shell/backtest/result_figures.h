/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of a result's figures: one row a name of CONTRACTS 5, with the place of its number in a
 * Result and whether more of it is better. Writer, reader, ranking and comparison all walk it.
 * Constant.
 */
#ifndef SHELL_BACKTEST_RESULT_FIGURES_H
#define SHELL_BACKTEST_RESULT_FIGURES_H

#include <stddef.h>

#include "shell/backtest/result.h"

typedef enum FigureKind { FIGURE_REAL, FIGURE_COUNT } FigureKind;

typedef struct ResultFigure {
    const char *name;
    size_t offset; /* in Result: a double, or a uint32_t */
    FigureKind kind;
    bool rises; /* more is better */
} ResultFigure;

extern const ResultFigure result_figures[];
extern const unsigned result_figure_count;

/* By name, or NULL. */
const ResultFigure *result_figure(const char *name);

#endif
