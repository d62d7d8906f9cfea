/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void put_mark(double mark) {
    if (mark > 0)
        printf("\t%g", mark);
    else
        printf("\t-");
}

void figure_put(const Figure *figure) {
    printf("%s\t%.6g\t%s\t%s", figure->name, figure->value, figure->unit,
           figure->more ? "more" : "less");
    put_mark(figure->limit);
    put_mark(figure->aim);
    printf("\n");
    fflush(stdout);
}

double figure_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double figure_quantile(double *values, unsigned count, double share) {
    if (count == 0) return 0;
    qsort(values, count, sizeof values[0], by_value);
    unsigned at = (unsigned)(share * (double)count);
    return values[at < count ? at : count - 1];
}

double figure_median(double *values, unsigned count) {
    return figure_quantile(values, count, 0.5);
}
