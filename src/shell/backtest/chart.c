/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/chart.h"

#include <math.h>

#include "core/base/instant.h"

#define LEFT   70 /* room for "-12,345.6 %" */
#define RIGHT  12
#define TOP    10
#define BOTTOM 26 /* one line of dates */
#define TICKS  5

static double place_x(const Chart *chart, double x) {
    double span = chart->x_high - chart->x_low;
    double share = span > 0 ? (x - chart->x_low) / span : 0.5;
    return chart->left + share * (chart->right - chart->left);
}

static double place_y(const Chart *chart, double y) {
    double span = chart->y_high - chart->y_low;
    double share = span > 0 ? (y - chart->y_low) / span : 0.5;
    return chart->bottom - share * (chart->bottom - chart->top);
}

void chart_escape(const char *text, FILE *file) {
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", file);
        else if (*text == '<')
            fputs("&lt;", file);
        else if (*text == '>')
            fputs("&gt;", file);
        else if (*text == '"')
            fputs("&quot;", file);
        else
            fputc(*text, file);
    }
}

/* ---- the frame ------------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten: at most TICKS of them in the span. */
static double round_step(double span) {
    double raw = span / TICKS, power = pow(10, floor(log10(raw)));
    double share = raw / power;
    return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power;
}

static int decimals_of(double step) {
    return step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
}

static void number(FILE *file, double value, int decimals) {
    char memory[64];
    Text text = TEXT_IN(memory);
    text_fixed(&text, value, decimals > 8 ? 8 : decimals);
    fputs(text_end(&text), file);
}

static void rows(const Chart *chart, const char *unit) {
    double span = chart->y_high - chart->y_low;
    if (!(span > 0)) return;
    double step = round_step(span);
    for (double y = ceil(chart->y_low / step) * step; y <= chart->y_high; y += step) {
        double at = place_y(chart, y);
        fprintf(chart->file, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>", chart->left, at,
                chart->right);
        fprintf(chart->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", chart->left - 6,
                at + 4);
        number(chart->file, y, decimals_of(step));
        fprintf(chart->file, "%s</text>", unit);
    }
}

static void column(const Chart *chart, double x, const char *words) {
    double at = place_x(chart, x);
    const char *anchor = at > chart->right - 30  ? "end"
                         : at < chart->left + 30 ? "start"
                                                 : "middle";
    fprintf(chart->file, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>", at, chart->top,
            chart->bottom);
    fprintf(chart->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", at,
            chart->bottom + 18, anchor, words);
}

/* The shortest of these steps of which at most TICKS + 1 fit; months where days are too many. */
static int64_t day_step(double days) {
    static const int steps[] = {1, 2, 5, 7, 14};
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (days / steps[i] <= TICKS + 1) return steps[i];
    return 0;
}

static int month_step(double months) {
    static const int steps[] = {1, 2, 3, 6, 12, 24, 60, 120};
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (months / steps[i] <= TICKS + 1) return steps[i];
    return 240;
}

static void date(const Chart *chart, int64_t time_us, bool day) {
    char words[25];
    instant_to_iso(time_us, words);
    words[day ? 10 : 7] = 0;
    column(chart, (double)time_us, day ? words + 5 : words);
}

static void dates(const Chart *chart) {
    double days = (chart->x_high - chart->x_low) / (double)INSTANT_DAY_US;
    int64_t step = day_step(days), low_us = (int64_t)chart->x_low;
    if (step > 0) {
        int64_t step_us = step * INSTANT_DAY_US;
        for (int64_t at = (low_us + step_us - 1) / step_us * step_us; (double)at <= chart->x_high;
             at += step_us)
            date(chart, at, true);
        return;
    }
    int months = month_step(days / 30.4);
    Calendar first = instant_calendar(low_us);
    int month = (first.year * 12 + first.month - 1) / months * months;
    for (;; month += months) {
        int64_t at = instant_of(month / 12, month % 12 + 1, 1, 0, 0, 0);
        if ((double)at > chart->x_high) return;
        if (at >= low_us) date(chart, at, false);
    }
}

static void numbers(const Chart *chart) {
    double span = chart->x_high - chart->x_low;
    if (!(span > 0)) return;
    double step = round_step(span);
    for (double x = ceil(chart->x_low / step) * step; x <= chart->x_high; x += step) {
        char memory[64];
        Text text = TEXT_IN(memory);
        text_fixed(&text, x, decimals_of(step));
        column(chart, x, text_end(&text));
    }
}

Chart chart_open(const ChartPlan *plan, FILE *file) {
    Chart chart = {.file = file,
                   .x_low = plan->x_low,
                   .x_high = plan->x_high,
                   .y_low = plan->y_low,
                   .y_high = plan->y_high,
                   .left = LEFT,
                   .right = (plan->wide ? 2 : 1) * CHART_WIDTH - RIGHT,
                   .top = TOP,
                   .bottom = plan->height - BOTTOM};
    fprintf(file, "<figure%s><figcaption>", plan->wide ? " class=\"wide\"" : "");
    chart_escape(plan->title, file);
    fprintf(file,
            "</figcaption><div class=\"scroll\"><svg viewBox=\"0 0 %d %g\" role=\"img\" "
            "aria-label=\"",
            (plan->wide ? 2 : 1) * CHART_WIDTH, plan->height);
    chart_escape(plan->words, file);
    fputs("\">", file);
    rows(&chart, plan->unit);
    if (plan->axis == CHART_TIME)
        dates(&chart);
    else
        numbers(&chart);
    return chart;
}

void chart_close(const Chart *chart) {
    fputs("</svg></div></figure>\n", chart->file);
}

/* ---- what stands in it ----------------------------------------------------------------------- */

void chart_line(const Chart *chart, const double *x, const double *y, unsigned count,
                const char *class) {
    bool down = false;
    fprintf(chart->file, "<path class=\"%s\" d=\"", class);
    for (unsigned i = 0; i < count; i++) {
        if (isnan(y[i])) {
            down = false;
            continue;
        }
        fprintf(chart->file, "%c%.1f %.1f", down ? 'L' : 'M', place_x(chart, x[i]),
                place_y(chart, y[i]));
        down = true;
    }
    fputs("\"/>", chart->file);
}

void chart_area(const Chart *chart, const double *x, const double *y, unsigned count, double base) {
    if (count == 0) return;
    fprintf(chart->file, "<path class=\"area\" d=\"M%.1f %.1f", place_x(chart, x[0]),
            place_y(chart, base));
    for (unsigned i = 0; i < count; i++)
        fprintf(chart->file, "L%.1f %.1f", place_x(chart, x[i]), place_y(chart, y[i]));
    fprintf(chart->file, "L%.1f %.1fZ\"/>", place_x(chart, x[count - 1]), place_y(chart, base));
}

void chart_bar(const Chart *chart, double x_from, double x_to, double y, bool good) {
    double from = place_x(chart, x_from), to = place_x(chart, x_to);
    double at = place_y(chart, y), base = place_y(chart, 0);
    double top = fmin(at, base), height = fabs(at - base);
    fprintf(chart->file,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
            good ? "up" : "down", from + 0.5, top, fmax(to - from - 1, 0.5), height);
}

void chart_candle(const Chart *chart, const ChartCandle *candle) {
    double middle = place_x(chart, candle->x), half = candle->width / 2;
    double open = place_y(chart, candle->open), close = place_y(chart, candle->close);
    const char *class = candle->close >= candle->open ? "up" : "down";
    double left = fmax(place_x(chart, candle->x - half), chart->left);
    double right = fmin(place_x(chart, candle->x + half), chart->right);
    fprintf(chart->file, "<path class=\"wick %s\" d=\"M%.1f %.1fV%.1f\"/>", class, middle,
            place_y(chart, candle->high), place_y(chart, candle->low));
    fprintf(chart->file,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", class,
            left, fmin(open, close), fmax((right - left) * 0.7, 0.5),
            fmax(fabs(open - close), 0.5));
}

void chart_mark(const Chart *chart, double x, double y, bool up) {
    double at = place_x(chart, x), tip = place_y(chart, y), arm = up ? 7 : -7;
    fprintf(chart->file, "<path class=\"mark %s\" d=\"M%.1f %.1fl-4 %.1fh8Z\"/>",
            up ? "bought" : "sold", at, tip, arm);
}

void chart_level(const Chart *chart, double y) {
    double at = place_y(chart, y);
    fprintf(chart->file, "<path class=\"level\" d=\"M%.1f %.1fH%.1f\"/>", chart->left, at,
            chart->right);
}
