/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A figure: one thing that was measured, in a form that bench/run.sh collects from every bench.
 * Each is one line on standard output, its fields parted by tabs: name, value, unit, direction
 * ("less" or "more" is better), limit, aim; a dash where there is none. A limit that is missed
 * fails the run; an aim is what we work towards. Times are taken from the monotonic clock, and a
 * figure is a median or a quantile over many batches, since whatever else the machine does comes in
 * bursts. Nothing is kept; arrays are the caller's and are sorted in place.
 */
#ifndef BENCH_FIGURE_H
#define BENCH_FIGURE_H

typedef struct Figure {
    const char *name, *unit;
    double value;
    double limit, aim; /* 0: none */
    int more;          /* more is better: the limit is a least value */
} Figure;

void figure_put(const Figure *figure);
double figure_now_ns(void);
/* The value below which `share` (0 to 1) of the values lie; 0 of none. Sorts them. */
double figure_quantile(double *values, unsigned count, double share);
double figure_median(double *values, unsigned count);

#endif
