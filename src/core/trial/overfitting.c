/* SPDX-License-Identifier: Apache-2.0 */
/* BlockSums of each set in each block once; then each split is a few additions a set. */
#include "core/trial/overfitting.h"

#include <math.h>

#include "core/base/arena.h"
#include "core/base/elementary.h"

typedef struct Study {
    const OverfittingInput *input;
    size_t length;            /* steps of a block */
    BlockSums *sums;          /* of set s in block b at [s * blocks + b] */
    double *inside, *outside; /* performance of each set in this split */
    double sum_x, sum_y, sum_xx, sum_xy, sum_logit;
    uint32_t splits, beaten, lost;
} Study;

size_t overfitting_memory(size_t sets, unsigned blocks) {
    return arena_rounded(sets * blocks * sizeof(BlockSums)) +
           2 * arena_rounded(sets * sizeof(double));
}

static void measure_sets(Study *study, uint32_t chosen) {
    const OverfittingInput *input = study->input;
    for (size_t set = 0; set < input->sets; set++) {
        BlockSums part[2] = {{0, 0, 0}, {0, 0, 0}};
        const BlockSums *sums = study->sums + set * input->blocks;
        for (unsigned block = 0; block < input->blocks; block++)
            block_sums_add(&part[chosen >> block & 1], &sums[block]);
        study->inside[set] = block_sums_performance(&part[1], input->measure);
        study->outside[set] = block_sums_performance(&part[0], input->measure);
    }
}

static OverfittingSplit judge(const Study *study) {
    size_t sets = study->input->sets, pick = 0;
    for (size_t set = 1; set < sets; set++)
        if (study->inside[set] > study->inside[pick]) pick = set;
    double below = 0, alike = 0, own = study->outside[pick];
    for (size_t set = 0; set < sets; set++) {
        below += study->outside[set] < own;
        alike += study->outside[set] == own; /* itself too */
    }
    double rank = (below + (alike + 1) / 2) / ((double)sets + 1);
    return (OverfittingSplit){(uint32_t)pick, study->inside[pick], own, rank,
                              elementary_log(rank / (1 - rank))};
}

static void count_split(Study *study, const OverfittingSplit *split) {
    study->splits++;
    study->beaten += split->rank <= 0.5; /* the logit's sign, without its rounding */
    study->lost += split->outside < 0;
    study->sum_x += split->inside;
    study->sum_y += split->outside;
    study->sum_xx += split->inside * split->inside;
    study->sum_xy += split->inside * split->outside;
    study->sum_logit += split->logit;
}

static Overfitting conclude(const Study *study) {
    double count = study->splits, x = study->sum_x / count, y = study->sum_y / count;
    double spread = study->sum_xx / count - x * x;
    Overfitting result = {.splits = study->splits,
                          .probability = study->beaten / count,
                          .loss = study->lost / count,
                          .slope = (double)NAN,
                          .intercept = (double)NAN,
                          .inside = x,
                          .outside = y,
                          .logit = study->sum_logit / count};
    if (!(spread > 1e-14 * x * x)) return result;
    result.slope = (study->sum_xy / count - x * y) / spread;
    result.intercept = y - result.slope * x;
    return result;
}

static bool input_is_sound(const OverfittingInput *input, Error *error) {
    if (input->sets < 2 || input->sets > UINT32_MAX)
        return error_set(error, ERROR_USAGE, "overfitting needs at least two sets to pick from",
                         "sets", NULL);
    if (input->blocks < 2 || input->blocks % 2 || input->blocks > OVERFITTING_BLOCKS_MAX)
        return error_set(error, ERROR_USAGE, "the number of blocks is even, 2 to 16", "blocks",
                         NULL);
    if (input->steps / input->blocks < 2)
        return error_set(error, ERROR_USAGE, "a block needs at least two steps", "blocks",
                         "take fewer blocks or a longer history");
    for (size_t index = 0; index < input->sets * input->steps; index++)
        if (!(fabs(input->returns[index]) < (double)INFINITY))
            return error_set(error, ERROR_DATA, "a return is not a number", "returns", NULL);
    return true;
}

static void sum_blocks(Study *study) {
    const OverfittingInput *input = study->input;
    size_t skipped = input->steps - study->length * input->blocks;
    for (size_t set = 0; set < input->sets; set++)
        for (unsigned block = 0; block < input->blocks; block++)
            study->sums[set * input->blocks + block] =
                block_sums_of(input->returns + set * input->steps + skipped + block * study->length,
                              study->length);
}

bool overfitting_of(const OverfittingInput *input, void *memory, OverfittingSplit *splits,
                    Overfitting *result, Error *error) {
    if (!input_is_sound(input, error)) return false;
    Arena arena = arena_in(memory, overfitting_memory(input->sets, input->blocks));
    Study study = {.input = input, .length = input->steps / input->blocks};
    study.sums = arena_take(&arena, input->sets * input->blocks * sizeof(BlockSums));
    study.inside = arena_take(&arena, input->sets * sizeof(double));
    study.outside = arena_take(&arena, input->sets * sizeof(double));
    sum_blocks(&study);
    uint32_t chosen = (1u << input->blocks / 2) - 1;
    for (; chosen < 1u << input->blocks; chosen = block_sums_next(chosen)) {
        measure_sets(&study, chosen);
        OverfittingSplit split = judge(&study);
        if (splits) splits[study.splits] = split;
        count_split(&study, &split);
    }
    *result = conclude(&study);
    return true;
}
