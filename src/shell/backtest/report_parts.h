/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sections of a report, each in a file of its own, in the page's order. Each writes itself or a
 * sentence that says why there is nothing to show. Stateless.
 */
#ifndef SHELL_BACKTEST_REPORT_PARTS_H
#define SHELL_BACKTEST_REPORT_PARTS_H

#include "shell/backtest/report.h"

/* report_curves.c */
void report_equity(const Result *result, FILE *file);
void report_underwater(const Result *result, FILE *file);
void report_rolling(const Result *result, FILE *file);
void report_drawdowns(const Result *result, FILE *file);
/* report_months.c */
void report_months(const Result *result, FILE *file);
/* report_trades.c */
void report_distribution(const Result *result, FILE *file);
void report_exits(const Result *result, FILE *file);
void report_trades(const Result *result, FILE *file);
/* report_candles.c */
void report_candles(const Result *result, const MarketLoad *load, FILE *file);
void report_regimes(const Result *result, const MarketLoad *load, FILE *file);

/* A table's cells: numbers as people read them, a dash where there is none. */
void report_real(double value, int decimals, const char *unit, FILE *file);
void report_money(Money value, FILE *file);
void report_date(int64_t time_us, FILE *file);
/* "Nothing to show: WHY" in the place of a section. */
void report_missing(const char *title, const char *why, FILE *file);

#endif
