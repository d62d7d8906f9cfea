/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A result for people on a terminal: one screen with what was run, the equity as a line of blocks,
 * the figures in two columns, what they are worth, and where the document lies. Stateless.
 */
#ifndef SHELL_BACKTEST_RESULT_SCREEN_H
#define SHELL_BACKTEST_RESULT_SCREEN_H

#include "shell/backtest/result.h"

void result_screen(const Result *result, const char *folder, bool color, FILE *file);
/* The curve as `width` blocks of eight heights, the lowest value the lowest block; in ASCII where
 * the locale is not UTF-8. */
void result_sparkline(const ResultPoint *points, unsigned count, unsigned width, Text *text);

#endif
