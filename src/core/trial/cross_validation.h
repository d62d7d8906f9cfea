/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many histories out of sample from one. History is cut into groups; for every way to take `tests`
 * of them, the best parameter set is picked on the others and judged on those. Every group is
 * judged several times, by different picks, and these judgements are put together to paths: each a
 * whole history in which no step was seen by the pick that traded it. One backtest gives one
 * number; the paths give its distribution. Combinatorial purged cross-validation: Lopez de Prado
 * 2018, "Advances in financial machine learning", chapter 12. Where what is learned from touches
 * what is judged, a gap is left: `purge` steps on either side (positions that are open across the
 * border), and `embargo` more behind a judged group (what it has set going). The past is learned
 * from in both directions here: it says how a choice of parameters generalises, not what could have
 * been earned (that is walk_forward.h).
 *
 * Deterministic and pure; the caller owns the memory.
 */
#ifndef CORE_TRIAL_CROSS_VALIDATION_H
#define CORE_TRIAL_CROSS_VALIDATION_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/trial/block_sums.h"

#define CROSS_VALIDATION_GROUPS_MAX 16
#define CROSS_VALIDATION_PATHS_MAX  6435 /* C(15, 7) */

typedef struct CrossValidationInput {
    const double *returns; /* of set s in step t at [s * steps + t] */
    size_t sets, steps;    /* the steps that do not fill the groups are left out at the beginning */
    unsigned groups, tests; /* 2 to 16 groups; 1 to groups - 1 of them are judged at a time */
    size_t purge, embargo;  /* in steps; together less than a group */
    BlockMeasure measure;
} CrossValidationInput;

typedef struct CrossValidation {
    uint32_t splits, paths;
    double low, median, high; /* of the paths' performance: 5, 50, 95 % (of one step) */
    double mean, deviation;
    double below; /* share of paths below 0 */
} CrossValidation;

/* C(groups - 1, tests - 1). */
uint32_t cross_validation_paths(unsigned groups, unsigned tests);
size_t cross_validation_memory(const CrossValidationInput *input);
/* `picks`: NULL, or the set that trades group g of path p at [p * groups + g]; `performance`: NULL,
 * or each path's, in order. ERROR_USAGE for counts that are out of range, ERROR_DATA for a return
 * that is not finite. */
bool cross_validation_of(const CrossValidationInput *input, void *memory, uint32_t *picks,
                         double *performance, CrossValidation *result, Error *error) MUST_USE;

#endif
