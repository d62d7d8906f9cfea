/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a sweep, line by line: a head, a line a set of parameters, and a last line that
 * counts them. Written in order; read whole, and judged: an unfinished file says how far it got.
 * A SweepFile that is read owns its rows until sweep_file_free.
 */
#ifndef SHELL_BACKTEST_SWEEP_FILE_H
#define SHELL_BACKTEST_SWEEP_FILE_H

#include "shell/backtest/sweep_job.h"

typedef struct SweepHead {
    char sweep[2 * SHA256_SIZE + 1];
    char strategy[48];
    uint64_t sets, bars;
    unsigned shard, shards;
    int64_t length_us; /* of the candles */
    unsigned symbol_count;
    SymbolName symbols[LIMIT_SYMBOLS];
    unsigned parameter_count;
    char names[STRATEGY_PARAMETERS_MAX][32];
} SweepHead;

typedef struct SweepFile {
    SweepHead head;
    SweptRow *rows;
    uint64_t count;
    bool ended;
    long sound; /* bytes of whole lines; 0: it was stopped before the first */
} SweepFile;

/* First index and end of a shard. */
uint64_t sweep_shard_begin(uint64_t sets, unsigned shard, unsigned shards);

void sweep_head_write(const SweepHead *head, FILE *file);
void sweep_row_write(const SweepHead *head, const SweptRow *row, FILE *file);
void sweep_end_write(uint64_t rows, FILE *file);

/* ERROR_DATA with path and line for what is no sweep; a last line that is torn is left out. */
bool sweep_file_read(const char *path, SweepFile *file, Error *error) MUST_USE;
void sweep_file_free(SweepFile *file);

#endif
