/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sweep on this machine: every set of parameters of a range of indices, on all cores, written as
 * it goes to FOLDER/SWEEP.I-of-N.ndjson, one line a set in order of index. The same sweep started
 * again goes on behind the last whole line. Shard I of N is a range of the indices, so that a batch
 * engine spreads them over machines; sweep_merge puts the files of all shards together again, and
 * what comes out is byte for byte the file of a sweep on one machine.
 *
 * The first line says what is swept (a head with a hash over all that decides: strategy, grid,
 * other parameters, candles, filters, costs, sizes); files of different sweeps do not mix. The last
 * line counts the rows.
 */
#ifndef SHELL_BACKTEST_SWEEP_JOB_H
#define SHELL_BACKTEST_SWEEP_JOB_H

#include "core/trial/sweep.h"
#include "shell/backtest/trial_job.h"

typedef struct SweepJob {
    TrialJob job;
    SweepSpace space;
    const char *words;      /* of the grid, as the user wrote them */
    unsigned shard, shards; /* 0 of 1: everything */
    unsigned threads;
    const char *folder;
    bool progress; /* on standard error */
} SweepJob;

/* A row as it stands in a file. */
typedef struct SweptRow {
    uint64_t index;
    bool fits;
    double parameters[STRATEGY_PARAMETERS_MAX];
    double return_pct, sharpe_ratio, max_drawdown_pct;
    double final_balance, fees;
    uint32_t trades;
} SweptRow;

typedef struct Swept {
    char path[700];
    char sweep[2 * SHA256_SIZE + 1]; /* the head's hash */
    char strategy[48];
    int64_t length_us;
    unsigned symbol_count, parameter_count;
    SymbolName symbols[LIMIT_SYMBOLS];
    int64_t trials;          /* ever made on these symbols (trial_count.h); 0: not asked */
    uint64_t count, resumed; /* rows; of them, those of an earlier start */
    SweptRow *rows;          /* in order of index */
    uint64_t bars;           /* of one set */
    double seconds;          /* of this start */
} Swept;

/* Runs what is missing and reads the whole file. ERROR_USAGE for a grid without a set. */
bool sweep_job_run(const SweepJob *job, Swept *swept, Error *error) MUST_USE;
/* The files of all shards of one sweep as one. ERROR_DATA for files of different sweeps, a shard
 * that is missing or there twice, a file that did not end. */
bool sweep_merge(const char *const *paths, unsigned count, const char *folder, Swept *swept,
                 Error *error) MUST_USE;
void swept_free(Swept *swept);

#endif
