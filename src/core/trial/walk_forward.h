/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What picking parameters would have earned. History is walked through in windows: in each, every
 * set of parameters is tried on the past, the best by a measure is picked, and it trades the time
 * that follows, which it has not seen; the balance goes on from window to window. The stitched
 * equity is that of somebody who had tuned again and again, and nothing else (Pardo 2008, "The
 * evaluation and optimization of trading strategies", chapter 11). The past is a window of one
 * length that rolls, or everything since the start (anchored). Between past and future lies a gap:
 * `purge`, as long as what happened at its end may still be open (a position, a label), and
 * `embargo`, as long as it may echo (Lopez de Prado 2018, "Advances in financial machine learning",
 * 7.4). Indicators are warmed up on the bars before a window, as they would have been.
 *
 * Where no set qualifies, nothing is traded and the window says so. Deterministic and pure; the
 * caller owns all memory.
 */
#ifndef CORE_TRIAL_WALK_FORWARD_H
#define CORE_TRIAL_WALK_FORWARD_H

#include "core/trial/trial.h"

#define WALK_FORWARD_NONE UINT32_MAX /* no set was picked */

typedef enum WalkForwardMeasure {
    WALK_FORWARD_SHARPE,
    WALK_FORWARD_GROWTH, /* a year */
    WALK_FORWARD_CALMAR  /* growth a year over greatest drawdown */
} WalkForwardMeasure;

/* One run: trial_run, or a faster form with the same trades. */
typedef bool WalkForwardRun(const TrialPlan *plan, void *memory, TrialOutput *output,
                            TrialResult *result, Error *error);

typedef struct WalkForwardPlan {
    const TrialPlan *trial; /* its markets' first to end are walked through; parameters unused */
    const double *sets;     /* set s: its parameters at [s * STRATEGY_PARAMETERS_MAX] */
    uint32_t set_count;
    int64_t train_us, test_us, purge_us, embargo_us;
    bool anchored;
    WalkForwardMeasure measure;
    uint32_t trades_min; /* a set with fewer trades in the past is not picked */
    WalkForwardRun *run; /* NULL: trial_run */
    size_t (*run_memory)(const TrialPlan *plan); /* that it wants; NULL: trial_memory */
} WalkForwardPlan;

/* How one set did in one stretch of time. NaN: not defined (it never moved). */
typedef struct WalkForwardScore {
    double sharpe;   /* annualised */
    double growth;   /* of the stretch: 0.1 is 10 % */
    double rate;     /* the same a year */
    double drawdown; /* greatest, a share of the peak */
    uint32_t trades;
} WalkForwardScore;

typedef struct WalkForwardWindow {
    int64_t train_first_us, train_end_us, test_first_us, test_end_us; /* ends exclusive */
    uint32_t picked;                                                  /* WALK_FORWARD_NONE */
    WalkForwardScore inside; /* of the picked set, where it was picked */
    WalkForwardScore outside;
    double median; /* of the measure over all sets in the past: how much the pick stands out */
} WalkForwardWindow;

typedef struct WalkForward {
    uint32_t windows, traded; /* of them, with a pick */
    uint64_t runs;            /* trials that picking took: set_count x windows */
    WalkForwardScore outside; /* of the stitched equity */
    double inside_rate;       /* mean of the picks' growth a year in the past */
    /* Walk-forward efficiency (Pardo): growth a year outside over inside; NaN unless the picks
     * gained inside. Below about one half the past says little about the future. */
    double efficiency;
    double winning; /* share of windows that gained */
    Money final;
} WalkForward;

/* How many windows the plan makes; 0: the history is too short. */
uint32_t walk_forward_windows(const WalkForwardPlan *plan);
/* The window's times, without a result. */
WalkForwardWindow walk_forward_window(const WalkForwardPlan *plan, uint32_t number);

/* Bytes of scratch memory, aligned as malloc does. */
size_t walk_forward_memory(const WalkForwardPlan *plan);
/* `windows`: room for all of them. `stitched`: trades and equity of all windows one after another
 * (arrays may be NULL; equity_max bars). ERROR_USAGE for lengths that make no window or without
 * sets, and what trial_run refuses. */
bool walk_forward_of(const WalkForwardPlan *plan, void *memory, WalkForwardWindow *windows,
                     TrialOutput *stitched, WalkForward *result, Error *error) MUST_USE;

#endif
