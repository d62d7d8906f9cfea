/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result of a backtest as one JSON document: what was run (strategy or lab, parameters,
 * symbols, span, costs), the figures of CONTRACTS 5, every trade, and the curves of equity and
 * drawdown. It is what `backtest run --json` prints, what stands in FOLDER/ID.json, and what
 * analyze, compare and report read again. Curves of long runs keep RESULT_POINTS points: the last
 * equity of each equal stretch, and the deepest drawdown in it; `curve_step` says how many bars a
 * point stands for.
 *
 * A Result that result_read filled owns its lists until result_free; one that is to be written
 * points at the caller's.
 */
#ifndef SHELL_BACKTEST_RESULT_H
#define SHELL_BACKTEST_RESULT_H

#include <stdio.h>

#include "core/base/digest.h"
#include "core/trial/metrics.h"

#define RESULT_POINTS 2000 /* more than a wide screen has columns */
#define RESULT_ID_MAX 64

typedef struct ResultParameter {
    char name[32];
    double value;
} ResultParameter;

typedef struct ResultPoint {
    int64_t time_us; /* of the close */
    double equity, drawdown_pct;
} ResultPoint;

/* A trade as it stands in the document. */
typedef struct ResultTrade {
    SymbolName symbol;
    int64_t entry_us, exit_us;
    Price entry, exit;
    Quantity quantity;
    Money gain, fees, slippage;
    double return_pct, worst_pct, best_pct; /* of the entry's cost; of the entry price */
    uint32_t bars;
    TradeReason reason;
} ResultTrade;

typedef struct Result {
    char id[RESULT_ID_MAX];
    char engine[8]; /* "trial" or "lab" */
    int64_t created_us;
    char strategy[48];
    char decider[2 * SHA256_SIZE + 1]; /* of the lab, in the run itself: its settings' digest */
    unsigned parameter_count;
    ResultParameter parameters[STRATEGY_PARAMETERS_MAX];
    unsigned symbol_count;
    SymbolName symbols[LIMIT_SYMBOLS];
    AssetName quote;
    char interval[8], resolve[8]; /* resolve empty: none */
    int64_t start_us, end_us;     /* open of the first bar, close of the last */
    double fee_bps, spread_bps, slippage_bps;
    Money initial, final, fees, slippage;
    Metrics metrics;
    /* Social readings that the run could use, and from when to when they became known. */
    uint64_t social_readings;
    int64_t social_from_us, social_to_us;
    uint64_t bars, refused;
    /* Of the whole system: requests to language models, questions whose answer the record lacks,
     * and their cost. */
    uint64_t calls, ai_missing;
    uint64_t ai_recallable; /* decisions on what the model may have memorised */
    double cost_usd;
    double bars_per_second;
    int64_t length_us; /* of a bar; with `steps` (of the equity) only in the run itself */
    uint64_t steps;
    int64_t trials;           /* ever run on these symbols, 0: not counted */
    bool trials_lost;         /* some of them: it is at least so many */
    char trials_mark[96];     /* the ledger's: BLOCKS:HEAD */
    double deflated_sharpe_p; /* NaN: not known */
    char settings_hash[2 * SHA256_SIZE + 1];
    char trades_hash[17];
    unsigned trade_count;
    ResultTrade *trades;
    unsigned point_count, curve_step;
    ResultPoint *points;
    char note[400]; /* what a reader must know: filters from the data, no social data ... */
} Result;

/* One document, without a newline. */
void result_write(const Result *result, FILE *file);
/* Its trades, a line each. */
void result_write_trades(const Result *result, FILE *file);
/* ERROR_DATA with the path for a document that is not a result. */
bool result_read(const char *path, Result *result, Error *error) MUST_USE;
void result_free(Result *result);

/* Writes FOLDER/ID.json atomically, making the folder if need be. */
bool result_store(const Result *result, const char *folder, Error *error) MUST_USE;
/* By id, by the beginning of one that only one has, by path; "last" is the newest, the name of a
 * strategy its newest. ERROR_DATA if there is none. */
bool result_find(const char *folder, const char *word, char *path, size_t size,
                 Error *error) MUST_USE;
/* Paths of all documents in the folder, oldest first; NULL and 0 for an empty or missing folder.
 * The caller frees every path and the list. */
char **result_list(const char *folder, unsigned *count);
/* The files of sweeps that stand beside them (sweep_file.h), in order of their names. */
char **result_list_sweeps(const char *folder, unsigned *count);

/* Fills points and curve_step from equity at each close; `points` has room for RESULT_POINTS. */
void result_curve(Result *result, const double *equity, const int64_t *time_us, size_t count,
                  ResultPoint *points);
/* A figure by its name in CONTRACTS 5: false if there is no such name. */
bool result_metric(const Result *result, const char *name, double *value) MUST_USE;

#endif
