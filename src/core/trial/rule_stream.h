/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streaming form of a plan: one closed bar in, the values of the plan's columns and a wish out.
 * The trial, the lab and a live run decide through it, so that a strategy is the same everywhere.
 * Candles of longer intervals are folded from the bars that come in (core/market/candle.h) and
 * count only once they have closed: with their last bar, or with the first bar of a later bucket
 * where that one is missing; a bucket in whose middle the series begins is dropped. An indicator
 * over a longer interval steps once per longer candle, and its value stays until the next.
 *
 * A RuleStream is what follows from plan, strategy and interval: a plain value without pointers,
 * the same whenever it is made again. The state is a plain block of stream->size bytes, aligned for
 * a double; a snapshot is a copy. The caller owns both, and keeps account of the position.
 */
#ifndef CORE_TRIAL_RULE_STREAM_H
#define CORE_TRIAL_RULE_STREAM_H

#include "core/strategies/strategy.h"

#define RULE_LENGTHS_MAX    4 /* longer intervals of one plan; strategies look at two or three */
#define RULE_LENGTH_MOST_US (366 * INSTANT_DAY_US) /* no source speaks of candles of more */
#define RULE_NEVER          UINT32_MAX

/* One indicator with its options, stepped once however many columns read its outputs. */
typedef struct RuleSource {
    uint16_t indicator;            /* index in indicator_table */
    uint8_t length;                /* 0: the run's own interval, else index + 1 in `lengths_us` */
    uint8_t lagged;                /* 1: a column reads it one candle back */
    uint32_t outputs_at, state_at; /* places in the state; outputs: the newest, then those before */
    double options[INDICATOR_OPTIONS_MAX];
} RuleSource;

typedef struct RuleStreamColumn {
    ColumnKind kind;
    BarField field;
    ExternalSeries external;
    uint8_t source, output, length, lag;
    double factor;
} RuleStreamColumn;

typedef struct RuleStream {
    size_t size; /* of the state */
    size_t longer_at, strategy_at;
    int64_t length_us;
    unsigned warmup;
    uint32_t bars_max, bars_pause;
    uint8_t column_count, source_count, length_count;
    int64_t lengths_us[RULE_LENGTHS_MAX];
    RuleStreamColumn columns[PLAN_COLUMNS_MAX];
    RuleSource sources[PLAN_COLUMNS_MAX];
    RuleList enter, leave;
    LevelRule stop, target;
    double size_fraction;
    double parameters[STRATEGY_PARAMETERS_MAX];
} RuleStream;

/* The caller's position at a bar's close, after that bar's fills. */
typedef struct RulePosition {
    bool open;
    uint32_t bars_held;   /* closes with it, this one included: 1 at the close of the entry's bar */
    uint32_t bars_flat;   /* closes since the last one ended, this one included: 1 at the close of
                             the exit's bar; RULE_NEVER if there was none */
    double average;       /* entry price of what is held, fees aside */
    double held_fraction; /* value of what is held over equity */
    double growth;        /* equity over that of the run's start; 0: not told */
} RulePosition;

/* NULL, or what is wrong with a plan: a column that is not there, options out of bounds, a level or
 * size that is none. What strategies make of parameters within bounds has no fault (a law); plans
 * that evolution or a file makes may. */
const char *rule_plan_fault(const StrategyPlan *plan);

/* For a run on candles of `length_us`. `strategy` with its parameters, or NULL and NULL: the plan
 * alone, whose rules decide. ERROR_CONFIG for a plan with a fault, ERROR_DATA if it wants candles
 * that those of the run do not add up to, ERROR_LIMIT for more than RULE_LENGTHS_MAX intervals. */
bool rule_stream_init(RuleStream *stream, const StrategyPlan *plan, const Strategy *strategy,
                      const double *parameters, int64_t length_us, Error *error) MUST_USE;
/* Bars without gaps after which every column has a value, wherever in its longer candles the series
 * begins: bars 0 .. warmup-1 may miss some. External series are not asked. */
unsigned rule_stream_warmup(const RuleStream *stream);

/* A fresh state; writes every byte. `seed` is the run's, for strategies that draw lots. */
void rule_stream_start(const RuleStream *stream, const Strategy *strategy, void *state,
                       uint64_t seed);
/* The next closed bar, in order of time. `external`: by series the latest sample known at its
 * close, NaN where there is none; NULL: no such series. Bars before the traded ones are fed too,
 * and nobody asks for a wish. */
void rule_stream_feed(const RuleStream *stream, void *state, const Bar *bar,
                      const double *external);
/* The columns' values at the newest close; NaN where there is none. */
const double *rule_stream_columns(const RuleStream *stream, const void *state);
/* The same one bar earlier. */
const double *rule_stream_columns_before(const RuleStream *stream, const void *state);
/* What the strategy wants at the newest close; asked once a bar. A position held bars_max closes is
 * left, none is entered in the bars_pause closes behind one. Only what can be done is wished: ENTER
 * without a position, ADD with or without, REDUCE and LEAVE with one. Nothing is bought while a
 * column of candles still lacks its first value, nor where a level of the plan has none. */
StrategyWish rule_stream_wish(const RuleStream *stream, const Strategy *strategy, void *state,
                              const RulePosition *position);

double rule_bar_field(const IndicatorBar *bar, BarField field);
bool rule_condition_holds(const RuleCondition *condition, const double *now, const double *before);
/* Whether one of the list's groups holds over the values of this bar and of the bar before. */
bool rule_list_holds(const RuleList *list, const double *now, const double *before);
/* The level's distance as a share of the close; 0: there is no such level; NaN: there is to be one,
 * and it has no value (missing, not above zero, or a stop of the whole price and more). */
double rule_level(const LevelRule *level, const double *now, double close, bool is_stop);

#endif
