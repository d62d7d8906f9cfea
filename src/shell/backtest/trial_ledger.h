/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many things were ever tried: the number that a result's deflation needs, and that nobody can
 * set back. A trial is a strategy with its parameters on an interval; it is counted once for each
 * symbol that it ran on, whatever dates it was given (another span of the same market is no fresh
 * start). A portfolio's number is that of its most tried symbol.
 *
 * On the disk: blocks, each with the digest of the one before it, only ever appended, in two files,
 * PATH and PATH.copy, flushed before the result is shown. A tail torn by a crash is cut; where one
 * file is damaged, gone or shorter, the other counts and mends it. What is missing in both is
 * noticed by the results: each carries the ledger's mark (number of blocks and head), and a mark
 * that the ledger does not contain means that something was lost. The loss is then written into the
 * ledger itself, and numbers are "at least" from there on.
 *
 * The caller owns the ledger from open to close, and holds it briefly: it is locked meanwhile, so
 * that several processes may append, one at a time.
 */
#ifndef SHELL_BACKTEST_TRIAL_LEDGER_H
#define SHELL_BACKTEST_TRIAL_LEDGER_H

#include "core/base/digest.h"
#include "core/trial/trial.h"

#define TRIAL_DIGEST_SIZE 16 /* half a SHA-256: no two of 2^40 trials share it (1e-14) */

/* What a result carries: how long the ledger was, and the digest of its last block. */
typedef struct TrialMark {
    uint64_t blocks;
    uint8_t head[SHA256_SIZE];
} TrialMark;

typedef struct TrialEntry {
    uint8_t trial[TRIAL_DIGEST_SIZE];
    double ratio; /* Sharpe ratio, annualised; NaN: it never moved */
} TrialEntry;

typedef struct TrialCount {
    int64_t trials;   /* different ones, on the most tried of the symbols */
    bool complete;    /* false: something was lost, it is "at least" so many */
    double deviation; /* of their ratios, annualised; NaN for fewer than two */
} TrialCount;

typedef struct TrialLedger TrialLedger;

/* The entry's name: the same for the same strategy (or rules' digest as text), parameters and
 * interval. */
void trial_ledger_name(const char *strategy, const double *parameters, unsigned count,
                       int64_t length_us, uint8_t trial[static TRIAL_DIGEST_SIZE]);

/* Opens, making it if there is none, and mends what can be mended; `notice` says what was (empty:
 * nothing). NULL with an Error if the disk refuses. */
TrialLedger *trial_ledger_open(const char *path, char notice[static 200], Error *error);
void trial_ledger_close(TrialLedger *ledger);

/* Holds the mark of a result against the ledger. If the ledger does not contain it, something was
 * lost: that is written down with `trials`, the number which the result knew of its symbols. */
bool trial_ledger_witness(TrialLedger *ledger, const TrialMark *mark, const SymbolName *symbols,
                          unsigned symbol_count, int64_t trials, Error *error) MUST_USE;

/* Adds the entries that are not there yet, to each symbol; on the disk when it returns true. */
bool trial_ledger_add(TrialLedger *ledger, const SymbolName *symbols, unsigned symbol_count,
                      const TrialEntry *entries, size_t count, Error *error) MUST_USE;

TrialCount trial_ledger_count(const TrialLedger *ledger, const SymbolName *symbols,
                              unsigned symbol_count);
TrialMark trial_ledger_mark(const TrialLedger *ledger);

/* The p-value of a result: 1 minus the deflated Sharpe ratio (core/trial/sharpe_test.h), which is
 * the probability that the best of so many worthless trials looks at least this good. `ratio`,
 * skewness and kurtosis are of one step, of `steps` returns of `length_us`. */
double trial_ledger_p(const TrialCount *count, double ratio, double skewness, double kurtosis,
                      size_t steps, int64_t length_us);

#endif
