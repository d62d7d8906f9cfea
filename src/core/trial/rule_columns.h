/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The batch form of plans' columns: each distinct column of one plan, or of the thousands of a
 * sweep, is computed once over a series of candles and shared. Equal columns are those of equal
 * kind, indicator, options, output, interval, series and factor. The values are bit for bit those
 * of rule_stream.h, because the same steps make them. A series is walked window by window, so that
 * a sweep over a million bars needs the memory of a window a column; a window may be the whole
 * series.
 *
 * All memory is the caller's, from two arenas that may be one: the first holds what is known of the
 * columns, the second their values and the states of their indicators. A RuleColumns points into
 * both.
 */
#ifndef CORE_TRIAL_RULE_COLUMNS_H
#define CORE_TRIAL_RULE_COLUMNS_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/market/candle_series.h"
#include "core/num/wide.h"
#include "core/strategies/strategy.h"

#define RULE_COLUMNS_LENGTHS_MAX 8 /* longer intervals of all plans of one sweep */

typedef struct RuleColumnsEntry RuleColumnsEntry;
typedef struct RuleColumnsSource RuleColumnsSource;
typedef struct RuleColumnsLonger RuleColumnsLonger;

typedef struct RuleColumns {
    int64_t length_us; /* of the candles */
    uint32_t capacity, count, source_count, length_count;
    uint32_t slots;   /* of the finder: a power of two */
    uint32_t *finder; /* entry + 1, or 0 */
    RuleColumnsEntry *entries;
    RuleColumnsSource *sources;
    RuleColumnsLonger *longer;
    IndicatorBar *block; /* bars of the series as doubles, where a column reads them */
    bool reads_bars;
    unsigned inputs;         /* of the sources that are run in batches */
    IndicatorColumns prices; /* of the block, those of `inputs` */
    double *converted[4], *outputs[INDICATOR_OUTPUTS_MAX];
    const WideKernels *wide; /* plain unless the caller sets others: the same values */
    size_t window, next;     /* next: index in the series of the bar behind the newest window */
    size_t newest_count;     /* bars of the newest window */
} RuleColumns;

/* Bytes that rule_columns_init takes for `capacity` distinct columns. */
size_t rule_columns_size(uint32_t capacity);
void rule_columns_init(RuleColumns *columns, Arena *arena, uint32_t capacity, int64_t length_us);
/* Adds the plan's columns that are not there yet; places[i] says where column i of the plan is.
 * ERROR_CONFIG for a plan with a fault, ERROR_DATA for candles that those of the series do not add
 * up to, ERROR_LIMIT when there is no room (columns that were added stay). */
bool rule_columns_add(RuleColumns *columns, const StrategyPlan *plan,
                      uint32_t places[static PLAN_COLUMNS_MAX], Error *error) MUST_USE;

/* Bytes that rule_columns_open takes for windows of at most `window` bars. */
size_t rule_columns_memory(const RuleColumns *columns, size_t window);
/* Nothing may be added behind it. Stands before the first bar of a series. */
void rule_columns_open(RuleColumns *columns, Arena *arena, size_t window);
/* Back to before the first bar. */
void rule_columns_rewind(RuleColumns *columns);
/* Computes the next window: at most `window` bars from where the last one ended; returns how many,
 * 0 at the series' end. The same series every time. `external`: by series one value a bar, NULL for
 * one that there is not, or NULL for none at all. */
size_t rule_columns_next(RuleColumns *columns, const CandleSeries *series,
                         const double *const *external);
/* The values at the newest window's bars; [-1] is the value at the bar before it (NaN before the
 * first). NULL for COLUMN_CONSTANT, whose value stands in the plan. Aligned to 64 bytes. */
const double *rule_columns_values(const RuleColumns *columns, uint32_t place);

#endif
