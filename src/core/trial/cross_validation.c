/* SPDX-License-Identifier: Apache-2.0 */
/* Four sums of each set in each group (whole, and trimmed on either side or both), once; then each
 * split is a few additions a set. */
#include "core/trial/cross_validation.h"

#include "core/base/arena.h"
#include "core/num/moments.h"
#include "core/num/sorted.h"

enum { TRIMMED_LEFT = 1, TRIMMED_RIGHT = 2, TRIMS = 4 };

typedef struct Study {
    const CrossValidationInput *input;
    size_t length;    /* of a group */
    BlockSums *sums;  /* of set s in group g, trimmed so: [(s * groups + g) * TRIMS + trim] */
    BlockSums *paths; /* of each path so far */
    double *performance;
    uint32_t judged[CROSS_VALIDATION_GROUPS_MAX]; /* how often each group was */
} Study;

uint32_t cross_validation_paths(unsigned groups, unsigned tests) {
    uint32_t ways = 1;
    for (unsigned index = 1; index < tests; index++)
        ways = ways * (groups - index) / index;
    return ways;
}

size_t cross_validation_memory(const CrossValidationInput *input) {
    uint32_t paths = cross_validation_paths(input->groups, input->tests);
    return arena_rounded(input->sets * input->groups * TRIMS * sizeof(BlockSums)) +
           arena_rounded(paths * sizeof(BlockSums)) + arena_rounded(paths * sizeof(double));
}

static bool input_is_sound(const CrossValidationInput *input, Error *error) {
    if (input->sets < 1 || input->sets > UINT32_MAX)
        return error_set(error, ERROR_USAGE, "there are no sets to pick from", "sets", NULL);
    if (input->groups < 2 || input->groups > CROSS_VALIDATION_GROUPS_MAX || input->tests < 1 ||
        input->tests >= input->groups)
        return error_set(error, ERROR_USAGE,
                         "2 to 16 groups, of which at least one is judged and one is not", "groups",
                         NULL);
    size_t length = input->steps / input->groups;
    if (length < 2 || input->purge >= length || input->embargo >= length ||
        2 * input->purge + input->embargo >= length)
        return error_set(error, ERROR_USAGE, "purge and embargo leave nothing of a group", "purge",
                         "take fewer groups or a longer history");
    for (size_t index = 0; index < input->sets * input->steps; index++)
        if (!(fabs(input->returns[index]) < (double)INFINITY))
            return error_set(error, ERROR_DATA, "a return is not a number", "returns", NULL);
    return true;
}

static void sum_groups(Study *study) {
    const CrossValidationInput *input = study->input;
    size_t skipped = input->steps - study->length * input->groups;
    for (size_t set = 0; set < input->sets; set++)
        for (unsigned group = 0; group < input->groups; group++)
            for (unsigned trim = 0; trim < TRIMS; trim++) {
                size_t left = trim & TRIMMED_LEFT ? input->purge + input->embargo : 0;
                size_t right = trim & TRIMMED_RIGHT ? input->purge : 0;
                const double *returns =
                    input->returns + set * input->steps + skipped + group * study->length;
                study->sums[(set * input->groups + group) * TRIMS + trim] =
                    block_sums_of(returns + left, study->length - left - right);
            }
}

/* Performance of a set where it may be learned from: outside of the judged groups, with the gaps.
 */
static double learned(const Study *study, size_t set, unsigned judged) {
    unsigned groups = study->input->groups;
    BlockSums all = {0, 0, 0};
    for (unsigned group = 0; group < groups; group++) {
        if (judged >> group & 1) continue;
        unsigned trim = group > 0 && (judged >> (group - 1) & 1) ? TRIMMED_LEFT : 0;
        if (group + 1 < groups && (judged >> (group + 1) & 1)) trim |= TRIMMED_RIGHT;
        block_sums_add(&all, &study->sums[(set * groups + group) * TRIMS + trim]);
    }
    return block_sums_performance(&all, study->input->measure);
}

static uint32_t pick(const Study *study, unsigned judged) {
    uint32_t best = 0;
    double most = learned(study, 0, judged);
    for (uint32_t set = 1; set < study->input->sets; set++) {
        double performance = learned(study, set, judged);
        if (!(performance > most)) continue;
        most = performance;
        best = set;
    }
    return best;
}

/* The judgements of a group go to the paths in the order in which they are made. */
static void judge(Study *study, unsigned judged, uint32_t *picks) {
    unsigned groups = study->input->groups;
    uint32_t set = pick(study, judged);
    for (unsigned group = 0; group < groups; group++) {
        if (!(judged >> group & 1)) continue;
        uint32_t path = study->judged[group]++;
        block_sums_add(&study->paths[path], &study->sums[(set * groups + group) * TRIMS]);
        if (picks) picks[(size_t)path * groups + group] = set;
    }
}

static CrossValidation conclude(const Study *study, uint32_t splits, uint32_t paths,
                                double *performance) {
    CrossValidation result = {.splits = splits, .paths = paths};
    uint32_t below = 0;
    for (uint32_t path = 0; path < paths; path++) {
        double own = block_sums_performance(&study->paths[path], study->input->measure);
        if (performance) performance[path] = own;
        study->performance[path] = own;
        below += own < 0;
    }
    result.below = below / (double)paths;
    result.mean = moments_mean(study->performance, paths);
    result.deviation = moments_deviation(study->performance, paths, result.mean);
    sorted_put(study->performance, paths);
    result.low = sorted_quantile(study->performance, paths, 0.05);
    result.median = sorted_quantile(study->performance, paths, 0.5);
    result.high = sorted_quantile(study->performance, paths, 0.95);
    return result;
}

bool cross_validation_of(const CrossValidationInput *input, void *memory, uint32_t *picks,
                         double *performance, CrossValidation *result, Error *error) {
    if (!input_is_sound(input, error)) return false;
    uint32_t paths = cross_validation_paths(input->groups, input->tests), splits = 0;
    Arena arena = arena_in(memory, cross_validation_memory(input));
    Study study = {.input = input, .length = input->steps / input->groups};
    study.sums = arena_take(&arena, input->sets * input->groups * TRIMS * sizeof(BlockSums));
    study.paths = arena_take(&arena, paths * sizeof(BlockSums));
    study.performance = arena_take(&arena, paths * sizeof(double));
    sum_groups(&study);
    unsigned judged = (1u << input->tests) - 1;
    for (; judged < 1u << input->groups; judged = block_sums_next(judged)) {
        judge(&study, judged, picks);
        splits++;
    }
    *result = conclude(&study, splits, paths, performance);
    return true;
}
