/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategy on markets that could have been: candles are drawn again in blocks (resample.h),
 * each with its shape (gap, range and close as shares of the close before it, volumes, social
 * samples), chained to a new path of prices on the symbol's tick, and the strategy runs on each
 * path from beginning to end, with all costs. What it makes on its own history beyond nearly all of
 * these came from an order of candles longer than the blocks; how its results spread says what one
 * history is worth (Masters 2018, "Permutation and randomization tests for trading system
 * development").
 *
 * Bars before the traded ones stay as they are; markets are drawn together, so that they move
 * together as they did, and must have the same bars. Deterministic and pure; the caller owns all
 * memory.
 */
#ifndef CORE_TRIAL_CANDLE_SHUFFLE_H
#define CORE_TRIAL_CANDLE_SHUFFLE_H

#include "core/trial/resample.h"
#include "core/trial/trial.h"

typedef struct CandleShufflePlan {
    const TrialPlan *trial;
    Resample resample; /* in bars; length 0: chosen from the first market's absolute returns */
    uint32_t paths;
} CandleShufflePlan;

/* Of one run. */
typedef struct CandleShuffleRun {
    double growth;   /* 0.1 is 10 % */
    double drawdown; /* greatest, a share of the peak */
    double ratio;    /* Sharpe ratio of one step; NaN: it never moved */
    uint32_t trades;
} CandleShuffleRun;

typedef struct CandleShuffleSpread {
    double low, median, high; /* 5, 50 and 95 % */
} CandleShuffleSpread;

typedef struct CandleShuffle {
    uint32_t paths;
    double length; /* of the blocks */
    CandleShuffleRun own;
    CandleShuffleSpread growth, drawdown, ratio; /* ratio: of the paths that have one */
    double loss;                                 /* share of paths that ended below the start */
    double p;                                    /* of a growth at least as good as its own */
} CandleShuffle;

/* Bytes of scratch memory, aligned as malloc does. */
size_t candle_shuffle_memory(const CandleShufflePlan *plan);
/* `runs`: NULL, or room for one a path, in order. ERROR_USAGE without paths, ERROR_DATA for markets
 * with different bars, and what trial_run refuses. */
bool candle_shuffle_of(const CandleShufflePlan *plan, void *memory, CandleShuffleRun *runs,
                       CandleShuffle *result, Error *error) MUST_USE;

/* One path: market `from` of the plan with its traded bars drawn as `steps` say (counted from its
 * first; as many as it has), into the columns of `target`, which have room for from->end bars. */
typedef struct CandleShuffleColumns {
    int64_t *open, *high, *low, *close;
    double *volume, *quote_volume, *taker, *external[EXTERNAL_COUNT];
    uint32_t *trades;
} CandleShuffleColumns;
void candle_shuffle_path(const TrialMarket *from, const uint32_t *steps,
                         const CandleShuffleColumns *columns, TrialMarket *target);

#endif
