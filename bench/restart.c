/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From nothing to safe: how long after kill -9 the program stands again. The demo makes a journal
 * of a million records once (more days than usual of its market, at full speed); then it is started
 * two hundred times, asked for /ready until it says 200 (snapshot and tail verified, dashboard
 * answering), and killed a moment later, so that every start finds another torn end. Beside the
 * time by the clock stands what is ours of it: without what the start stood ready and another
 * program had the processor. The words are the program, a folder for the state, and how many
 * starts.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/child.h"
#include "bench/figure.h"
#include "core/base/random.h"
#include "shell/store/journal.h"

enum { DAYS = 40, STARTS_MAX = 1000, WORDS = 16, PATIENCE_S = 120, BODY_BYTES = 65536 };
#define RECORDS_WANTED 1000000
#define PATIENCE_NS    10e9
#define KILLED_WITHIN  400 /* milliseconds: the next snapshot, flush and tell lie in between */
#define NANO_TO_MILLI  1e-6

static char body[BODY_BYTES];

typedef struct Stage {
    const char *program;
    char state[512], output[520], config[520], port[16];
} Stage;

static bool start(Stage *stage, Child *child) {
    child->port = child_free_port();
    snprintf(stage->port, sizeof stage->port, "%u", child->port);
    const char *const words[] = {stage->program, "demo",        "--seed", "1",
                                 "--state",      stage->state,  "--port", stage->port,
                                 "--config",     stage->config, NULL};
    return child_start(child, words, stage->output);
}

/* Milliseconds; PATIENCE if it never came. */
static double wait_ready(const Child *child) {
    while (figure_now_ns() - child->begun_ns < PATIENCE_NS)
        if (child_get(child, "/ready", body, BODY_BYTES) == 200)
            break;
        else
            child_pause_ms(1);
    return (figure_now_ns() - child->begun_ns) * NANO_TO_MILLI;
}

/* Records that the journal has; it is read as it is written. */
static uint64_t count_records(const char *state) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    JournalReader *reader = journal_reader_open(state, NULL, NULL);
    if (!reader) return 0;
    while (journal_read(reader, &record, &bytes, &size) == JOURNAL_RECORD) {
    }
    uint64_t records = journal_reader_mark(reader)->records;
    journal_reader_close(reader);
    return records;
}

static bool write_config(const Stage *stage) {
    FILE *file = fopen(stage->config, "we");
    if (!file) return false;
    fprintf(file, "{\"demo\":{\"days\":%d}}\n", DAYS);
    return fclose(file) == 0;
}

/* What the program itself says: recovered, verified, about to open its dashboard. */
static double recovered_ms(const Stage *stage) {
    FILE *file = fopen(stage->output, "re");
    size_t length = file ? fread(body, 1, sizeof body - 1, file) : 0;
    if (file) fclose(file);
    body[length] = 0;
    const char *at = strstr(body, "ready after ");
    return at ? strtod(at + 12, NULL) : PATIENCE_NS * NANO_TO_MILLI;
}

static uint64_t make_journal(Stage *stage) {
    Child child = {.port = 0};
    uint64_t records = 0;
    if (!write_config(stage) || !start(stage, &child)) return 0;
    for (unsigned i = 0; i < PATIENCE_S && records < RECORDS_WANTED; i++) {
        child_pause_ms(1000);
        records = count_records(stage->state);
    }
    child_kill(&child);
    return records;
}

int main(int count, char **words) {
    static double ready[STARTS_MAX], ours[STARTS_MAX], recovered[STARTS_MAX];
    Stage stage = {.program = count > 1 ? words[1] : ""};
    unsigned starts = count > 3 ? (unsigned)strtoul(words[3], NULL, 10) : 200;
    if (count < 3 || starts == 0 || starts > STARTS_MAX) {
        fprintf(stderr, "bench restart: PROGRAM FOLDER [STARTS]\n");
        return 2;
    }
    snprintf(stage.state, sizeof stage.state, "%.500s/restart", words[2]);
    snprintf(stage.output, sizeof stage.output, "%.500s.out", stage.state);
    snprintf(stage.config, sizeof stage.config, "%.500s.json", stage.state);
    uint64_t records = make_journal(&stage);
    Random random = random_stream(3, 1);
    for (unsigned i = 0; i < starts; i++) {
        Child child = {.port = 0};
        if (!start(&stage, &child)) return 1;
        ready[i] = wait_ready(&child);
        ours[i] = ready[i] - child_waited_ms(&child);
        recovered[i] = recovered_ms(&stage);
        child_pause_ms(random_below(&random, KILLED_WITHIN));
        child_kill(&child);
    }
    figure_put(&(Figure){"journal behind a restart", "records", (double)records, 0, 0, 1});
    figure_put(&(Figure){"kill -9 to /ready, median", "ms", figure_median(ready, starts), 0, 0, 0});
    figure_put(
        &(Figure){"kill -9 to /ready, p99", "ms", figure_quantile(ready, starts, 0.99), 250, 0, 0});
    figure_put(
        &(Figure){"kill -9 to /ready, ours, median", "ms", figure_median(ours, starts), 0, 0, 0});
    figure_put(&(Figure){"kill -9 to /ready, ours, p99", "ms", figure_quantile(ours, starts, 0.99),
                         0, 50, 0});
    figure_put(&(Figure){"kill -9 to recovered, median", "ms", figure_median(recovered, starts), 50,
                         0, 0});
    figure_put(&(Figure){"kill -9 to recovered, p99", "ms",
                         figure_quantile(recovered, starts, 0.99), 0, 50, 0});
    return 0;
}
