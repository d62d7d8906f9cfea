/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rule_columns.c keeps of its columns, and the part of it that lets indicators with a form for
 * columns answer for a whole block, several of them at once (indicator_batch_pass). For these two
 * files only; everything belongs to the RuleColumns.
 */
#ifndef CORE_TRIAL_RULE_COLUMNS_BATCH_H
#define CORE_TRIAL_RULE_COLUMNS_BATCH_H

#include "core/trial/rule_columns.h"

#define BLOCK_BARS 1024 /* of doubles at once: 64 KiB, which stay in the second cache */
#define NO_ENTRY   UINT32_MAX

struct RuleColumnsEntry {
    RuleColumn column;
    uint32_t source, next; /* next entry of the same source, NO_ENTRY at the end */
    uint32_t length;       /* 0: the series' own, else index + 1 in `longer` */
    double *values;        /* NULL: a constant */
};

struct RuleColumnsSource {
    const Indicator *indicator;
    double options[INDICATOR_OPTIONS_MAX];
    uint32_t length, first; /* first: entry */
    void *state;
    uint64_t seen;                            /* bars */
    double outputs[2][INDICATOR_OUTPUTS_MAX]; /* the newest, and those before */
};

/* A longer interval, and which of its candles closed at which bar of the block. */
struct RuleColumnsLonger {
    int64_t length_us;
    CandleFold fold;
    int64_t dropped_us;
    IndicatorBar before[2]; /* the newest candle before the block and the one before it */
    IndicatorBar *closed;
    uint32_t *at;
    uint32_t closed_count;
};

/* Whether the source goes through a batch: those over the run's own candles that have a form for
 * it, and read what a block has in columns. */
bool rule_columns_in_batches(const RuleColumnsSource *source);
/* All of them over the block's prices, into their columns from `into` on. */
void rule_columns_batch(RuleColumns *columns, size_t into, uint32_t count);

#endif
