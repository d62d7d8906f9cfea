/* SPDX-License-Identifier: Apache-2.0 */
/* The return of each month as a map: a row a year, colour and number by how good it was. */
#include <math.h>
#include <stdlib.h>

#include "shell/backtest/report_parts.h"

#define MONTHS_MAX (12 * 100)
#define STRONG_PCT 20 /* a month of so much has the full colour */

typedef struct Months {
    int first; /* year * 12 + month - 1 */
    unsigned count;
    double ends[MONTHS_MAX]; /* equity at the last point in it */
} Months;

static int month_of(int64_t time_us) {
    Calendar at = instant_calendar(time_us - 1); /* a close at 00:00 belongs to the day before */
    return at.year * 12 + at.month - 1;
}

static void collect(const Result *result, Months *months) {
    months->first = month_of(result->points[0].time_us);
    months->count = 0;
    for (unsigned i = 0; i < result->point_count; i++) {
        unsigned index = (unsigned)(month_of(result->points[i].time_us) - months->first);
        if (index >= MONTHS_MAX) return;
        while (months->count <= index) { /* a month without candles ends where it began */
            double before =
                months->count ? months->ends[months->count - 1] : money_double(result->initial);
            months->ends[months->count++] = before;
        }
        months->ends[index] = result->points[i].equity;
    }
}

static void cell(double pct, FILE *file) {
    double share = fmin(fabs(pct) / STRONG_PCT, 1);
    fprintf(file, "<td class=\"n heat %s\" style=\"--s:%.0f%%\">", pct >= 0 ? "gain" : "loss",
            8 + 60 * share);
    report_real(pct, 1, "", file);
    fputs("</td>", file);
}

static void year(const Result *result, const Months *months, int number, FILE *file) {
    double begin = 0, end = 0;
    fprintf(file, "<tr><th scope=\"row\">%d</th>", number);
    for (int month = 0; month < 12; month++) {
        int index = number * 12 + month - months->first;
        if (index < 0 || index >= (int)months->count) {
            fputs("<td></td>", file);
            continue;
        }
        double before = index ? months->ends[index - 1] : money_double(result->initial);
        if (begin == 0) begin = before;
        end = months->ends[index];
        cell(100 * (end / before - 1), file);
    }
    cell(100 * (end / begin - 1), file);
    fputs("</tr>\n", file);
}

void report_months(const Result *result, FILE *file) {
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    Months *months = malloc(sizeof *months);
    if (!months || result->point_count < 2) {
        free(months);
        report_missing("Months", "the run has fewer than two points", file);
        return;
    }
    collect(result, months);
    fputs("<section class=\"wide\"><h2>Months, percent</h2><div class=\"scroll\"><table "
          "class=\"months\"><tr><th>"
          "</th>",
          file);
    for (unsigned i = 0; i < 12; i++)
        fprintf(file, "<th class=\"n\">%s</th>", names[i]);
    fputs("<th class=\"n\">Year</th></tr>\n", file);
    int last = months->first + (int)months->count - 1;
    for (int number = months->first / 12; number <= last / 12; number++)
        year(result, months, number, file);
    fputs("</table></div></section>\n", file);
    free(months);
}
