/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many parameter sets of one strategy over one market, in one pass: columns that several sets read
 * are computed once, window by window, and every set walks through the window while it lies in the
 * cache. Each set's trades are those of its single run.
 *
 * Which sets there are is a pure function of a number: `sweep_parameters` turns an index into
 * parameters, on a grid, at random (Philox by index) or quasi-random (Halton 1960,
 * turned at random). A piece of a sweep is a range of indices; results in index order are the same
 * however the range is cut: over cores, shards and machines. The caller owns all memory.
 */
#ifndef CORE_TRIAL_SWEEP_H
#define CORE_TRIAL_SWEEP_H

#include "core/trial/trial.h"
#include "core/trial/trial_fast.h"

typedef enum SweepKind { SWEEP_GRID, SWEEP_RANDOM, SWEEP_HALTON } SweepKind;

/* One parameter's values: first, first + step ... last; step 0: `first` alone on a grid, any value
 * between otherwise. */
typedef struct SweepAxis {
    unsigned parameter; /* index among the strategy's */
    double first, last, step;
} SweepAxis;

typedef struct SweepSpace {
    const Strategy *strategy;
    SweepKind kind;
    unsigned axis_count;
    SweepAxis axes[STRATEGY_PARAMETERS_MAX]; /* parameters without an axis stay at `others` */
    double others[STRATEGY_PARAMETERS_MAX];
    uint64_t count; /* of a random or quasi-random search; a grid counts itself */
    uint64_t seed;
} SweepSpace;

/* "fast=5:50:5,slow=60:200:20": name = first : last [: step], or name = value; names of the
 * strategy's parameters, '-' and '_' alike; without a step the parameter's own. The rest stays at
 * its presets. ERROR_USAGE with the part that is wrong. */
bool sweep_space_parse(SweepSpace *space, const Strategy *strategy, const char *text,
                       Error *error) MUST_USE;
/* Number of sets, those that do not fit included; 0 for a grid of more than 2^40. */
uint64_t sweep_count(const SweepSpace *space);
/* The set with that index. False if the strategy does not take it (misfit, out of bounds). */
bool sweep_parameters(const SweepSpace *space, uint64_t index,
                      double parameters[static STRATEGY_PARAMETERS_MAX]) MUST_USE;

typedef struct SweepRow {
    uint64_t index;
    bool fits; /* false: the strategy does not take these parameters; the rest is zero */
    double parameters[STRATEGY_PARAMETERS_MAX];
    TrialResult result;
    TrialSummary summary;
} SweepRow;

/* Indices from .. from+count-1. */
typedef struct SweepRange {
    uint64_t from;
    uint32_t count;
} SweepRange;

/* Bytes of scratch memory, to be aligned as malloc does: at most 16 MiB for rules on one market,
 * whatever the count; each thread needs its own. Some hundred sets a call share the most. */
size_t sweep_memory(const SweepSpace *space, const TrialPlan *plan, SweepRange range);
/* Rows of the sets in the range, in order. `plan` says everything but strategy and parameters.
 * Strategies with a step, several markets and finer candles run bar by bar, with the same rows but
 * for equity's rounding. */
bool sweep_run(const SweepSpace *space, const TrialPlan *plan, SweepRange range, void *memory,
               SweepRow *rows, Error *error) MUST_USE;

#endif
