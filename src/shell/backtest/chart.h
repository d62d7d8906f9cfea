/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts as inline SVG, for a page that needs no script: a frame with round numbers on the left and
 * round dates (or numbers) below, then lines, areas, bars, candles and marks in the data's own
 * units. Colours come from classes of the page's style sheet, so that light and dark both work;
 * nothing is told by colour alone. A chart says in words what it shows (role="img", aria-label). A
 * Chart is a plain value between chart_open and chart_close.
 */
#ifndef SHELL_BACKTEST_CHART_H
#define SHELL_BACKTEST_CHART_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CHART_WIDTH 640

typedef enum ChartAxis { CHART_TIME, CHART_NUMBER } ChartAxis;

typedef struct ChartPlan {
    const char *title, *words; /* words: the sentence for those who do not see it; no markup */
    ChartAxis axis;
    double x_low, x_high; /* microseconds since 1970, or numbers */
    double y_low, y_high;
    const char *unit; /* behind the numbers on the left: "%", "" */
    double height;
    bool wide; /* takes the whole row of the page: twice CHART_WIDTH */
} ChartPlan;

typedef struct Chart {
    FILE *file;
    double x_low, x_high, y_low, y_high;
    double left, right, top, bottom; /* of the frame, in the picture's units */
} Chart;

Chart chart_open(const ChartPlan *plan, FILE *file);
/* `stride`: doubles from one value to the next. NaN breaks a line. */
void chart_line(const Chart *chart, const double *x, const double *y, unsigned count,
                const char *class);
/* Between the values and `base`. */
void chart_area(const Chart *chart, const double *x, const double *y, unsigned count, double base);
void chart_bar(const Chart *chart, double x_from, double x_to, double y, bool good);
typedef struct ChartCandle {
    double x, width, open, high, low, close;
} ChartCandle;
void chart_candle(const Chart *chart, const ChartCandle *candle);
/* A triangle that points up (a purchase) or down (a sale). */
void chart_mark(const Chart *chart, double x, double y, bool up);
void chart_level(const Chart *chart, double y);
void chart_close(const Chart *chart);

/* Text between tags, with the characters of markup escaped. */
void chart_escape(const char *text, FILE *file);

#endif
