/* SPDX-License-Identifier: Apache-2.0 */
/* One draw of steps serves all results; sums over its blocks serve all pairs. */
#include "core/trial/comparison.h"

#include <math.h>

#include "core/base/arena.h"
#include "core/num/bounds.h"
#include "core/num/sorted.h"
#include "core/trial/block_length.h"
#include "core/trial/bootstrap.h"
#include "core/trial/stepdown.h"

typedef struct Study {
    const ComparisonPlan *plan;
    Resample resample;
    size_t pairs, blocks; /* blocks of the present replica */
    double ratio[COMPARISON_RESULTS_MAX], drawn[COMPARISON_RESULTS_MAX]; /* of one step */
    double *influence; /* of result r in step t at [r * count + t] */
    double *error, *t; /* of each pair, then of each result */
    double *draws;     /* of replica b: pairs, without sign */
    double *skill;     /* of replica b: results against zero */
    uint32_t *steps;
    double *sample, *felt; /* of one result in a replica; its influence */
    double *sums;          /* of result r over block k at [r * count + k] */
    double *adjusted, *sorted;
    uint32_t *order;
} Study;

static size_t pairs_of(unsigned results) {
    return (size_t)results * (results - 1) / 2;
}

static void take_memory(Study *study, Arena *arena) {
    const ComparisonPlan *plan = study->plan;
    size_t table = plan->results * plan->count * sizeof(double);
    size_t tests = (study->pairs + plan->results) * sizeof(double);
    study->influence = arena_take(arena, table);
    study->sums = arena_take(arena, table);
    study->error = arena_take(arena, tests);
    study->t = arena_take(arena, tests);
    study->adjusted = arena_take(arena, tests);
    study->order = arena_take(arena, tests);
    study->draws = arena_take(arena, study->pairs * plan->replicas * sizeof(double));
    study->skill = arena_take(arena, plan->results * plan->replicas * sizeof(double));
    study->sorted = arena_take(arena, plan->replicas * sizeof(double));
    study->steps = arena_take(arena, plan->count * sizeof(uint32_t));
    study->sample = arena_take(arena, plan->count * sizeof(double));
    study->felt = arena_take(arena, block_length_scratch(plan->count) * sizeof(double));
}

size_t comparison_memory(const ComparisonPlan *plan) {
    size_t pairs = pairs_of(plan->results), table = plan->results * plan->count * sizeof(double);
    size_t tests = arena_rounded((pairs + plan->results) * sizeof(double));
    return 2 * arena_rounded(table) + 4 * tests +
           arena_rounded(pairs * plan->replicas * sizeof(double)) +
           arena_rounded(plan->results * plan->replicas * sizeof(double)) +
           arena_rounded(plan->replicas * sizeof(double)) +
           arena_rounded(plan->count * sizeof(uint32_t)) +
           arena_rounded(plan->count * sizeof(double)) +
           arena_rounded(block_length_scratch(plan->count) * sizeof(double));
}

static bool plan_is_sound(const ComparisonPlan *plan, Error *error) {
    if (plan->results < 1 || plan->results > COMPARISON_RESULTS_MAX)
        return error_set(error, ERROR_USAGE, "1 to 32 results can be compared at once", "results",
                         NULL);
    if (plan->replicas == 0 || !(plan->level > 0 && plan->level < 1))
        return error_set(error, ERROR_USAGE, "an interval needs replicas and a level below 1",
                         "level", NULL);
    if (plan->count < BOOTSTRAP_RETURNS_MIN)
        return error_set(error, ERROR_DATA, "too few returns to compare", "returns",
                         "take a longer history");
    for (size_t index = 0; index < plan->results * plan->count; index++)
        if (!(fabs(plan->returns[index]) < (double)INFINITY))
            return error_set(error, ERROR_DATA, "a return is not a number", "returns", NULL);
    return true;
}

/* The influence of each return, and the block length that suits all. */
static bool feel(Study *study, Error *error) {
    const ComparisonPlan *plan = study->plan;
    double longest = 1;
    for (unsigned result = 0; result < plan->results; result++) {
        const double *returns = plan->returns + result * plan->count;
        double *influence = study->influence + result * plan->count;
        if (!bootstrap_influence(returns, plan->count, &study->ratio[result], influence))
            return error_set(error, ERROR_DATA, "a result that never moves has no Sharpe ratio",
                             "results", "leave it out of the comparison");
        BlockLength length = block_length_of(influence, plan->count, study->felt);
        double own = plan->resample.kind == RESAMPLE_CIRCULAR ? length.circular : length.stationary;
        longest = bounds_greater(longest, own);
    }
    study->resample = plan->resample;
    if (!(study->resample.length > 0)) study->resample.length = longest;
    return true;
}

static double root_of_count(const Study *study) {
    return sqrt((double)study->plan->count);
}

/* Standard error and statistic of each pair, and of each result against zero. */
static void measure(Study *study) {
    const ComparisonPlan *plan = study->plan;
    size_t place = 0;
    for (unsigned one = 0; one < plan->results; one++)
        for (unsigned other = one + 1; other < plan->results; other++, place++) {
            for (size_t step = 0; step < plan->count; step++)
                study->sample[step] = study->influence[one * plan->count + step] -
                                      study->influence[other * plan->count + step];
            double variance = bootstrap_variance(study->sample, plan->count, &study->resample);
            double difference = fabs(study->ratio[one] - study->ratio[other]);
            study->error[place] = sqrt(variance) / root_of_count(study);
            study->t[place] = difference > 0 ? difference / study->error[place] : 0;
        }
    for (unsigned result = 0; result < plan->results; result++, place++) {
        double variance = bootstrap_cautious_variance(study->influence + result * plan->count,
                                                      plan->count, &study->resample);
        study->error[place] = sqrt(variance) / root_of_count(study);
        study->t[place] = study->ratio[result] / study->error[place];
    }
}

/* Sums of a result's influence over the blocks of the present replica. */
static void sum_blocks(Study *study, unsigned result) {
    size_t count = study->plan->count, block = 0;
    double *sums = study->sums + result * count;
    sums[0] = study->felt[0];
    for (size_t index = 1; index < count; index++) {
        uint32_t next = study->steps[index - 1] + 1;
        if (study->steps[index] == (next == count ? 0 : next)) {
            sums[block] += study->felt[index];
        } else {
            sums[++block] = study->felt[index];
        }
    }
    study->blocks = block + 1;
}

/* Standard error of the difference of two results in the present replica; the second may be none.
 */
static double drawn_error(const Study *study, unsigned one, const double *other) {
    const double *sums = study->sums + one * study->plan->count;
    double squares = 0;
    for (size_t block = 0; block < study->blocks; block++) {
        double sum = other ? sums[block] - other[block] : sums[block];
        squares += sum * sum;
    }
    return sqrt(squares) / (double)study->plan->count;
}

/* A replica in which nothing moves tells nothing: 0 is the middle of what is compared. */
static double ratio_or_zero(double above, double below) {
    return below > 0 ? above / below : 0;
}

static void draw(Study *study, uint32_t replica) {
    const ComparisonPlan *plan = study->plan;
    resample_steps(&study->resample, replica, plan->count, study->steps, plan->count);
    for (unsigned result = 0; result < plan->results; result++) {
        const double *returns = plan->returns + result * plan->count;
        for (size_t index = 0; index < plan->count; index++)
            study->sample[index] = returns[study->steps[index]];
        study->drawn[result] = study->ratio[result];
        for (size_t index = 0; index < plan->count; index++)
            study->felt[index] = 0;
        (void)bootstrap_influence(study->sample, plan->count, &study->drawn[result], study->felt);
        sum_blocks(study, result);
    }
    double *pairs = study->draws + replica * study->pairs;
    double *skill = study->skill + (size_t)replica * plan->results;
    size_t place = 0;
    for (unsigned one = 0; one < plan->results; one++) {
        double moved = study->drawn[one] - study->ratio[one];
        skill[one] = ratio_or_zero(moved, drawn_error(study, one, NULL));
        for (unsigned other = one + 1; other < plan->results; other++, place++) {
            double against = study->drawn[other] - study->ratio[other];
            double error = drawn_error(study, one, study->sums + other * plan->count);
            pairs[place] = ratio_or_zero(fabs(moved - against), error);
        }
    }
}

/* A pair's own p-value and interval: symmetric, as Ledoit and Wolf have it. */
static ComparisonPair conclude_pair(Study *study, size_t place, unsigned one, unsigned other) {
    const ComparisonPlan *plan = study->plan;
    uint32_t above = 0;
    for (uint32_t replica = 0; replica < plan->replicas; replica++) {
        study->sorted[replica] = study->draws[replica * study->pairs + place];
        above += study->sorted[replica] >= study->t[place];
    }
    sorted_put(study->sorted, plan->replicas);
    bool turned = study->ratio[other] > study->ratio[one];
    double year = sqrt(plan->steps_a_year);
    double difference = fabs(study->ratio[one] - study->ratio[other]) * year;
    double reach =
        study->error[place] * year * sorted_quantile(study->sorted, plan->replicas, plan->level);
    return (ComparisonPair){.better = turned ? other : one,
                            .worse = turned ? one : other,
                            .difference = difference,
                            .low = difference - reach,
                            .high = difference + reach,
                            .p = (above + 1.0) / (plan->replicas + 1.0),
                            .adjusted = study->adjusted[place]};
}

static void rank(const Study *study, Comparison *result) {
    for (unsigned index = 0; index < study->plan->results; index++) {
        unsigned place = index;
        for (; place > 0 && study->ratio[result->order[place - 1]] < study->ratio[index]; place--)
            result->order[place] = result->order[place - 1];
        result->order[place] = index;
    }
}

static void conclude(Study *study, Comparison *result) {
    const ComparisonPlan *plan = study->plan;
    result->results = plan->results;
    result->pairs = (unsigned)study->pairs;
    result->length = study->resample.length;
    stepdown_adjust(study->t, study->draws, study->pairs, plan->replicas, study->order,
                    study->adjusted);
    size_t place = 0;
    for (unsigned one = 0; one < plan->results; one++)
        for (unsigned other = one + 1; other < plan->results; other++, place++)
            result->pair[place] = conclude_pair(study, place, one, other);
    double *p = study->adjusted + study->pairs;
    stepdown_adjust(study->t + study->pairs, study->skill, plan->results, plan->replicas,
                    study->order, p);
    for (unsigned index = 0; index < plan->results; index++)
        result->sharpe[index] =
            (ComparisonSharpe){study->ratio[index] * sqrt(plan->steps_a_year), p[index]};
    rank(study, result);
}

bool comparison_of(const ComparisonPlan *plan, void *memory, Comparison *result, Error *error) {
    if (!plan_is_sound(plan, error)) return false;
    Arena arena = arena_in(memory, comparison_memory(plan));
    Study study = {.plan = plan, .pairs = pairs_of(plan->results)};
    take_memory(&study, &arena);
    if (!feel(&study, error)) return false;
    measure(&study);
    for (uint32_t replica = 0; replica < plan->replicas; replica++)
        draw(&study, replica);
    conclude(&study, result);
    return true;
}

const ComparisonPair *comparison_pair(const Comparison *comparison, unsigned one, unsigned other) {
    if (one > other) return comparison_pair(comparison, other, one);
    size_t before = (size_t)one * (2 * comparison->results - one - 1) / 2;
    return &comparison->pair[before + other - one - 1];
}

/* "b (p = 0.31), c (p = 0.44)": the results that do, or do not, differ from the best. */
static unsigned list(const Comparison *comparison, const char *const *names, double level,
                     bool differ, Text *text) {
    unsigned best = comparison->order[0], listed = 0;
    for (unsigned place = 1; place < comparison->results; place++) {
        unsigned other = comparison->order[place];
        double p = comparison_pair(comparison, best, other)->adjusted;
        if ((p <= level) != differ) continue;
        if (text) {
            text_format(text, "%s%s (p = ", listed ? ", " : "", names[other]);
            text_fixed(text, p, 3);
            text_put(text, ")");
        }
        listed++;
    }
    return listed;
}

void comparison_say(const Comparison *comparison, const char *const *names, double level,
                    Text *text) {
    unsigned best = comparison->order[0];
    text_format(text, "%s has the highest Sharpe ratio (", names[best]);
    text_fixed(text, comparison->sharpe[best].ratio, 2);
    text_put(text, ")");
    if (list(comparison, names, level, true, NULL)) {
        text_put(text, ", better than ");
        (void)list(comparison, names, level, true, text);
    }
    text_put(text, ".");
    if (list(comparison, names, level, false, NULL)) {
        text_put(text, " It cannot be told apart from ");
        (void)list(comparison, names, level, false, text);
        text_put(text, ".");
    }
    bool skilled = comparison->sharpe[best].p <= level;
    for (unsigned index = 0; index < comparison->results; index++)
        skilled = skilled || comparison->sharpe[index].p <= level;
    if (skilled) return;
    text_put(text, comparison->results > 1 ? " None is above zero beyond chance (best p = "
                                           : " It is not above zero beyond chance (p = ");
    text_fixed(text, comparison->sharpe[best].p, 3);
    text_put(text, ").");
}
