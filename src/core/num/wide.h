/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops over arrays of doubles that do eight steps side by side. Each step is the same sequence of
 * IEEE operations on its own values, so the results are the same bits however many the processor
 * does at once: a table of kernels is only faster or slower. The plain one runs everywhere; those
 * for newer processors are built by the shell (shell/accel) from the same text (wide_body.h) and
 * handed in. Stateless; the caller owns the arrays.
 */
#ifndef CORE_NUM_WIDE_H
#define CORE_NUM_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIDE_LANES 8
#define WIDE_WORD  64 /* bars whose bits fill a word */

/* What stands beside a comparison: eight values every `stride` doubles, 8, or 0 for a constant that
 * is there eight times. Aligned to 64 bytes. */
typedef struct WideOperand {
    const double *values;
    size_t stride;
} WideOperand;

typedef enum WideTest { WIDE_ABOVE, WIDE_BELOW, WIDE_NOT_ABOVE, WIDE_NOT_BELOW } WideTest;

/* Growth of cash + quantity x price along prices. */
typedef struct WideGrowth {
    double cash, quantity;
    double peak, lowest;                          /* of the value; lowest since the peak */
    double sums[WIDE_LANES], squares[WIDE_LANES]; /* of value / value before - 1, lane by lane */
} WideGrowth;

struct IndicatorPass; /* core/indicators/indicator.h */

typedef struct WideKernels {
    const char *name;
    /* Bit i of the words: left[i] TEST right[i]; false where one is NaN. */
    void (*compare)(WideTest test, WideOperand left, WideOperand right, size_t words,
                    uint64_t *bits);
    /* Steps through `blocks` x 8 prices; prices[-1] is readable. Stops behind the run of at most
     * WIDE_RUN blocks in which the value reaches the peak (*reached), whose lows and peaks are left
     * to the caller. Returns the blocks done. */
    size_t (*grow)(WideGrowth *growth, const double *prices, size_t blocks, bool *reached);
    /* target[i] = units[i] / scale, as doubles. */
    void (*scaled)(const int64_t *units, size_t count, double scale, double *target);
    /* indicator_batch_pass in this form; NULL: that one itself. Called by indicator_wide_pass. */
    void (*pass)(const struct IndicatorPass *passes, unsigned pass_count, size_t count);
} WideKernels;

#define WIDE_RUN 4

extern const WideKernels wide_plain;

#endif
