/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole run from outside, at full speed: candles in, every service, journal, database and logs
 * out. Wall seconds, processor seconds and the most memory it ever held, the median of several runs
 * into fresh states. The words are: what the figure is called, the limit of wall seconds (0: none),
 * a folder for the states, and the program with its options for the run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/child.h"
#include "bench/figure.h"

enum { RUNS = 3, WORDS_MAX = 64 };

typedef struct Rounds {
    double wall[RUNS], cpu[RUNS], peak[RUNS];
    double bars;
} Rounds;

/* The count that the run's final document states. */
static double bars_of(const char *output) {
    char text[8192];
    FILE *file = fopen(output, "re");
    if (!file) return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = 0;
    fclose(file);
    const char *at = strstr(text, "\"bars\":");
    return at ? strtod(at + 7, NULL) : 0;
}

static bool run_once(char **given, int count, const char *folder, unsigned number, Rounds *rounds) {
    const char *words[WORDS_MAX];
    char state[512], output[520];
    int used = 0;
    for (; used < count; used++)
        words[used] = given[used];
    snprintf(state, sizeof state, "%s/run-%u", folder, number);
    snprintf(output, sizeof output, "%s.out", state);
    words[used++] = "--json";
    words[used++] = "--fresh";
    words[used++] = "--state";
    words[used++] = state;
    words[used] = NULL;
    Child child = {.port = 0};
    if (!child_start(&child, words, output)) return false;
    ChildEnd end = child_wait(&child);
    rounds->wall[number] = end.wall_s;
    rounds->cpu[number] = end.cpu_s;
    rounds->peak[number] = end.peak_mb;
    rounds->bars = bars_of(output);
    return end.sound && rounds->bars > 0;
}

static void report(const char *name, double limit, Rounds *rounds) {
    char title[160];
    double wall = figure_median(rounds->wall, RUNS);
    snprintf(title, sizeof title, "%s", name);
    figure_put(&(Figure){title, "s", wall, limit, 0, 0});
    snprintf(title, sizeof title, "%s, processor", name);
    figure_put(&(Figure){title, "s", figure_median(rounds->cpu, RUNS), 0, 0, 0});
    snprintf(title, sizeof title, "%s, rate", name);
    figure_put(&(Figure){title, "bars/s", rounds->bars / wall, 0, 0, 1});
    snprintf(title, sizeof title, "%s, most memory", name);
    figure_put(&(Figure){title, "MB", figure_median(rounds->peak, RUNS), 0, 0, 0});
}

int main(int count, char **words) {
    Rounds rounds = {0};
    if (count < 5 || count > WORDS_MAX - 8) {
        fprintf(stderr, "bench replay: NAME LIMIT FOLDER PROGRAM OPTION...\n");
        return 2;
    }
    for (unsigned i = 0; i < RUNS; i++)
        if (!run_once(words + 4, count - 4, words[3], i, &rounds)) {
            fprintf(stderr, "bench replay: %s did not end well; see %s/run-%u.out\n", words[1],
                    words[3], i);
            return 1;
        }
    report(words[1], strtod(words[2], NULL), &rounds);
    return 0;
}
