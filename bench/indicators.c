/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a closed bar costs: nanoseconds per bar for every registered indicator with its presets, and
 * for a pass over all of them, as the market monitor makes it. The bars are a seeded walk; each
 * figure is the best of several rounds, since whatever else the machine does can only add.
 */
#include "bench/figure.h"
#include "core/base/check.h"
#include "core/indicators/indicator.h"
#include "laws/series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BENCH_ROUNDS 7
#define BENCH_PASSES 40 /* over the walk of SERIES_BARS bars: about 1 ms a round and indicator */
#define BENCH_PLUGS  64

static IndicatorBar bars[SERIES_BARS];
static void *states[BENCH_PLUGS];
static double total;

static void reset(unsigned first, unsigned last) {
    double options[INDICATOR_OPTIONS_MAX];
    for (unsigned index = first; index < last; index++) {
        indicator_presets(indicator_table[index], options);
        indicator_table[index]->init(states[index], options);
    }
}

/* One round of the indicators [first, last) side by side: nanoseconds. */
static double bench_round(unsigned first, unsigned last) {
    double outputs[INDICATOR_OUTPUTS_MAX], sum = 0;
    reset(first, last);
    double start = figure_now_ns();
    for (unsigned bar = 0; bar < BENCH_PASSES * SERIES_BARS; bar++) {
        for (unsigned index = first; index < last; index++) {
            indicator_table[index]->step(states[index], &bars[bar % SERIES_BARS], outputs);
            if (outputs[0] > 0) sum += outputs[0];
        }
    }
    double spent = figure_now_ns() - start;
    total += sum;
    return spent;
}

/* Nanoseconds per bar of the best round. */
static double bench(unsigned first, unsigned last) {
    double best = bench_round(first, last);
    for (unsigned turn = 1; turn < BENCH_ROUNDS; turn++) {
        double spent = bench_round(first, last);
        if (spent < best) best = spent;
    }
    return best / (BENCH_PASSES * SERIES_BARS);
}

static void open_states(void) {
    double options[INDICATOR_OPTIONS_MAX];
    CHECK(indicator_count <= BENCH_PLUGS, "more indicators than the bench has room for");
    for (unsigned index = 0; index < indicator_count; index++) {
        indicator_presets(indicator_table[index], options);
        states[index] = malloc(indicator_table[index]->state_size(options));
        CHECK(states[index], "no memory");
    }
}

int main(void) {
    char name[80];
    series_walk(bars, 1);
    open_states();
    for (unsigned index = 0; index < indicator_count; index++) {
        snprintf(name, sizeof name, "indicator %s", indicator_table[index]->name);
        figure_put(&(Figure){name, "ns/bar", bench(index, index + 1), 0, 0, 0});
    }
    figure_put(&(Figure){"all indicators", "ns/bar", bench(0, indicator_count), 0, 0, 0});
    if (total == 0) fprintf(stderr, "bench indicators: nothing was computed\n");
    for (unsigned index = 0; index < indicator_count; index++)
        free(states[index]);
    return 0;
}
