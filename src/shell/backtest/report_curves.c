/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to the equity over time. */
#include <math.h>
#include <stdlib.h>

#include "shell/backtest/chart.h"
#include "shell/backtest/report_parts.h"

#define TALL      240
#define LOW       170
#define WORST     5  /* drawdowns that are listed */
#define ROLLING   90 /* days of a rolling Sharpe ratio, less where the run is short */
#define LEAST     20 /* points in it */
#define YEAR_DAYS 365
#define HEADROOM  0.04 /* of the span, above and below a line */

typedef struct Curve {
    unsigned count;
    double *x, *equity, *drawdown, *more;
} Curve;

static bool curve_open(const Result *result, Curve *curve) {
    unsigned count = result->point_count;
    double *memory = malloc(4 * (count + 1) * sizeof memory[0]);
    if (!memory || count < 2) {
        free(memory);
        return false;
    }
    *curve = (Curve){.count = count,
                     .x = memory,
                     .equity = memory + count,
                     .drawdown = memory + 2 * count,
                     .more = memory + 3 * count};
    for (unsigned i = 0; i < count; i++) {
        curve->x[i] = (double)result->points[i].time_us;
        curve->equity[i] = result->points[i].equity;
        curve->drawdown[i] = -result->points[i].drawdown_pct;
    }
    return true;
}

static void curve_close(Curve *curve) {
    free(curve->x);
}

static void span_of(const double *values, unsigned count, double *low, double *high) {
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (unsigned i = 0; i < count; i++) {
        *low = fmin(*low, values[i]);
        *high = fmax(*high, values[i]);
    }
    double room = *high > *low ? (*high - *low) * HEADROOM : fabs(*high) * HEADROOM + 1;
    *low -= room;
    *high += room;
}

static ChartPlan plan_over(const Curve *curve, const char *title, const char *words,
                           double height) {
    return (ChartPlan){.title = title,
                       .words = words,
                       .axis = CHART_TIME,
                       .x_low = curve->x[0],
                       .x_high = curve->x[curve->count - 1],
                       .unit = "",
                       .height = height};
}

void report_equity(const Result *result, FILE *file) {
    char words[200];
    Curve curve;
    Text text = TEXT_IN(words);
    if (!curve_open(result, &curve)) {
        report_missing("Equity", "the run has fewer than two points", file);
        return;
    }
    text_put(&text, "Equity from ");
    text_fixed(&text, curve.equity[0], 2);
    text_put(&text, " to ");
    text_fixed(&text, curve.equity[curve.count - 1], 2);
    text_format(&text, " %s", result->quote.text);
    ChartPlan plan = plan_over(&curve, "Equity", text_end(&text), TALL);
    span_of(curve.equity, curve.count, &plan.y_low, &plan.y_high);
    Chart chart = chart_open(&plan, file);
    chart_level(&chart, money_double(result->initial));
    chart_line(&chart, curve.x, curve.equity, curve.count, "line");
    chart_close(&chart);
    curve_close(&curve);
}

void report_underwater(const Result *result, FILE *file) {
    char words[120];
    Curve curve;
    Text text = TEXT_IN(words);
    if (!curve_open(result, &curve)) return;
    text_put(&text, "Loss against the highest equity so far; at worst ");
    text_fixed(&text, result->metrics.max_drawdown_pct, 2);
    text_put(&text, " percent");
    ChartPlan plan = plan_over(&curve, "Underwater", text_end(&text), LOW);
    plan.unit = " %";
    span_of(curve.drawdown, curve.count, &plan.y_low, &plan.y_high);
    plan.y_high = 0;
    if (plan.y_low > -1) plan.y_low = -1;
    Chart chart = chart_open(&plan, file);
    chart_area(&chart, curve.x, curve.drawdown, curve.count, 0);
    chart_close(&chart);
    curve_close(&curve);
}

/* ---- the rolling Sharpe ratio ---------------------------------------------------------------- */

/* Annualised mean over deviation of the steps behind each point; NaN until the window is full. */
static void roll(Curve *curve, unsigned window, double steps_a_year) {
    for (unsigned i = 0; i < curve->count; i++) {
        double sum = 0, square = 0;
        curve->more[i] = (double)NAN;
        if (i < window) continue;
        for (unsigned k = i - window + 1; k <= i; k++) {
            double step = curve->equity[k] / curve->equity[k - 1] - 1;
            sum += step;
            square += step * step;
        }
        double mean = sum / window, variance = (square - sum * mean) / (window - 1);
        if (variance > 0) curve->more[i] = mean / sqrt(variance) * sqrt(steps_a_year);
    }
}

void report_rolling(const Result *result, FILE *file) {
    char title[80];
    Curve curve;
    Text text = TEXT_IN(title);
    if (!curve_open(result, &curve)) return;
    double day = (double)INSTANT_DAY_US;
    double days = (curve.x[curve.count - 1] - curve.x[0]) / day;
    double step = days / (curve.count - 1), wanted = fmin(ROLLING, days / 4);
    unsigned window = step > 0 ? (unsigned)(wanted / step) : 0;
    if (window < LEAST || days <= 0) {
        report_missing("Rolling Sharpe ratio", "the run is too short for it", file);
        curve_close(&curve);
        return;
    }
    roll(&curve, window, YEAR_DAYS / step);
    text_put(&text, "Sharpe ratio of the last ");
    text_fixed(&text, window * step, 0);
    text_put(&text, " days");
    ChartPlan plan = plan_over(&curve, text_end(&text), title, LOW);
    span_of(curve.more, curve.count, &plan.y_low, &plan.y_high);
    Chart chart = chart_open(&plan, file);
    if (plan.y_low < 0 && plan.y_high > 0) chart_level(&chart, 0);
    chart_line(&chart, curve.x, curve.more, curve.count, "line");
    chart_close(&chart);
    curve_close(&curve);
}

/* ---- the worst drawdowns --------------------------------------------------------------------- */

typedef struct Drawdown {
    double depth_pct;
    int64_t peak_us, trough_us, end_us; /* end 0: not recovered */
} Drawdown;

static void keep_worst(Drawdown worst[static WORST], Drawdown drawdown) {
    for (unsigned i = 0; i < WORST; i++) {
        if (drawdown.depth_pct <= worst[i].depth_pct) continue;
        Drawdown pushed = worst[i];
        worst[i] = drawdown;
        drawdown = pushed;
    }
}

static void find_worst(const Result *result, Drawdown worst[static WORST]) {
    Drawdown now = {.depth_pct = 0};
    double peak = money_double(result->initial);
    int64_t peak_us = result->start_us;
    for (unsigned i = 0; i < result->point_count; i++) {
        const ResultPoint *point = &result->points[i];
        if (point->equity >= peak) {
            now.end_us = point->time_us;
            if (now.depth_pct > 0) keep_worst(worst, now);
            now = (Drawdown){.depth_pct = 0};
            peak = point->equity;
            peak_us = point->time_us;
        } else if (point->drawdown_pct > now.depth_pct) {
            now = (Drawdown){point->drawdown_pct, peak_us, point->time_us, 0};
        }
    }
    if (now.depth_pct > 0) keep_worst(worst, now);
}

static void drawdown_row(const Result *result, const Drawdown *drawdown, FILE *file) {
    int64_t end_us = drawdown->end_us ? drawdown->end_us : result->end_us;
    fputs("<tr><td>", file);
    report_real(-drawdown->depth_pct, 2, " %", file);
    fputs("</td><td>", file);
    report_date(drawdown->peak_us, file);
    fputs("</td><td>", file);
    report_date(drawdown->trough_us, file);
    fputs("</td><td>", file);
    if (drawdown->end_us)
        report_date(drawdown->end_us, file);
    else
        fputs("not yet", file);
    fprintf(file, "</td><td class=\"n\">%.0f</td></tr>\n",
            (double)(end_us - drawdown->peak_us) / (double)INSTANT_DAY_US);
}

void report_drawdowns(const Result *result, FILE *file) {
    Drawdown worst[WORST] = {{.depth_pct = 0}};
    find_worst(result, worst);
    if (worst[0].depth_pct <= 0) {
        report_missing("Worst drawdowns", "the equity never fell below an earlier high", file);
        return;
    }
    fputs("<section><h2>Worst drawdowns</h2><div class=\"scroll\"><table><tr><th>Depth</th>"
          "<th>From</th><th>Lowest</th><th>Recovered</th><th class=\"n\">Days</th></tr>\n",
          file);
    for (unsigned i = 0; i < WORST && worst[i].depth_pct > 0; i++)
        drawdown_row(result, &worst[i], file);
    fputs("</table></div></section>\n", file);
}
