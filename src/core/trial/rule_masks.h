/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules over a window of bars as bits: bit i of the result is set where the list holds at bar i,
 * by the same comparisons as rule_list_holds (rule_stream.h), 64 bars at a time. A missing value
 * (NaN) makes a condition false, as everywhere. The caller owns the columns and the bits.
 */
#ifndef CORE_TRIAL_RULE_MASKS_H
#define CORE_TRIAL_RULE_MASKS_H

#include "core/num/wide.h"
#include "core/strategies/strategy.h"

#define RULE_MASK_BARS   WIDE_WORD /* a word's */
#define RULE_MASK_WINDOW 2048      /* bars at most: a column of 16 KiB stays in the first cache */
#define RULE_MASK_WORDS  (RULE_MASK_WINDOW / RULE_MASK_BARS)

/* One column of a plan over the window. */
typedef struct RuleOperand {
    const double *values; /* aligned to 64 bytes, readable up to a multiple of 64 bars; [-1] is the
                             value at the bar before. NULL: a constant */
    double constant;
} RuleOperand;

typedef struct RuleView {
    const RuleOperand *columns; /* the plan's */
    size_t count;               /* of bars, 1 to RULE_MASK_WINDOW */
    const WideKernels *wide;
} RuleView;

/* All words are written, bits beyond `count` are zero. */
void rule_masks_list(const RuleList *list, const RuleView *view,
                     uint64_t bits[static RULE_MASK_WORDS]);

#endif
