/* SPDX-License-Identifier: Apache-2.0 */
/* Draw, measure, and read the intervals off. */
#include "core/trial/bootstrap.h"

#include <math.h>

#include "core/base/arena.h"
#include "core/num/bounds.h"
#include "core/num/moments.h"
#include "core/num/sorted.h"
#include "core/trial/block_length.h"

/* Of the replicas without a Sharpe ratio (all drawn returns equal) at most one in this many may be
 * left out, else the interval is not a number. */
#define UNDEFINED_SHARE 20

typedef struct Draws {
    uint32_t *steps;
    double *sample, *influence;                      /* one replica */
    double *mean, *sharpe, *total_return, *drawdown; /* one number a replica */
    uint32_t defined;                                /* of `sharpe` */
} Draws;

static size_t block_scratch(const BootstrapPlan *plan) {
    return block_length_scratch(plan->count) * sizeof(double);
}

size_t bootstrap_memory(const BootstrapPlan *plan) {
    size_t of_steps = arena_rounded(plan->count * sizeof(uint32_t));
    size_t of_values = arena_rounded(plan->count * sizeof(double));
    size_t of_replicas = arena_rounded(plan->replicas * sizeof(double));
    return of_steps + 2 * of_values + 4 * of_replicas + arena_rounded(block_scratch(plan)) +
           ARENA_ALIGNMENT;
}

bool bootstrap_influence(const double *returns, size_t count, double *ratio, double *influence) {
    double mean = moments_mean(returns, count);
    double deviation = moments_deviation(returns, count, mean);
    if (!(deviation > 0)) return false;
    *ratio = mean / deviation;
    for (size_t index = 0; index < count; index++) {
        double unit = (returns[index] - mean) / deviation;
        influence[index] = unit - 0.5 * *ratio * (unit * unit - 1);
    }
    return true;
}

/* Sum over t of value[t] x (sum over k >= 1 of keep^k value[t - k]), wrapped around. */
static double faded_products(const double *values, size_t count, double keep) {
    double faded = 0, sum = 0;
    for (size_t index = 0; index < count; index++) /* what the end hands to the beginning */
        faded = keep * (faded + values[index]);
    for (size_t index = 0; index < count; index++) {
        sum += values[index] * faded;
        faded = keep * (faded + values[index]);
    }
    return sum;
}

/* Mean square of the sums of all blocks of `length`, wrapped around, for each step. */
static double block_squares(const double *values, size_t count, size_t length) {
    double sum = 0, squares = 0;
    if (length > count) length = count;
    for (size_t index = 0; index < length; index++)
        sum += values[index];
    for (size_t index = 0; index < count; index++) {
        squares += sum * sum;
        sum += values[(index + length) % count] - values[index];
    }
    return squares / (double)count / (double)length;
}

double bootstrap_variance(const double *values, size_t count, const Resample *resample) {
    double length = bounds_greater(resample->length, 1);
    if (resample->kind == RESAMPLE_CIRCULAR)
        return block_squares(values, count, (size_t)rint(length));
    double squares = moments_squares_about(values, count, 0);
    double products = faded_products(values, count, 1 - 1 / length);
    return bounds_greater(0, squares + 2 * products) / (double)count;
}

double bootstrap_cautious_variance(const double *values, size_t count, const Resample *resample) {
    double single = moments_squares_about(values, count, 0) / (double)count;
    return bounds_greater(bootstrap_variance(values, count, resample), single);
}

double bootstrap_block_variance(const double *values, const uint32_t *steps, size_t count,
                                size_t history) {
    double sum = 0, squares = 0;
    for (size_t index = 0; index < count; index++) {
        bool follows = index > 0 && (steps[index] == steps[index - 1] + 1 ||
                                     (steps[index] == 0 && steps[index - 1] + 1 == history));
        if (!follows) {
            squares += sum * sum;
            sum = 0;
        }
        sum += values[index];
    }
    return (squares + sum * sum) / (double)count;
}

/* Total return and greatest drawdown of returns in this order. */
static void compound(const double *returns, size_t count, double *total, double *drawdown) {
    double equity = 1, peak = 1, worst = 0;
    for (size_t index = 0; index < count; index++) {
        equity *= 1 + returns[index];
        if (equity > peak) peak = equity;
        double below = 1 - equity / peak;
        if (below > worst) worst = below;
    }
    *total = equity - 1;
    *drawdown = worst;
}

/* What the estimates and each replica are measured by. */
typedef struct Centre {
    double mean, mean_error, ratio, ratio_error;
} Centre;

static void measure_replica(const BootstrapPlan *plan, const Centre *centre, Draws *draws,
                            uint32_t replica) {
    size_t count = plan->count;
    for (size_t index = 0; index < count; index++)
        draws->sample[index] = plan->returns[draws->steps[index]];
    compound(draws->sample, count, &draws->total_return[replica], &draws->drawdown[replica]);
    double ratio, root = sqrt((double)count), mean = moments_mean(draws->sample, count);
    bool defined = bootstrap_influence(draws->sample, count, &ratio, draws->influence);
    if (defined) {
        double error =
            sqrt(bootstrap_block_variance(draws->influence, draws->steps, count, count)) / root;
        if (error > 0) draws->sharpe[draws->defined++] = (ratio - centre->ratio) / error;
    }
    for (size_t index = 0; index < count; index++)
        draws->sample[index] -= mean;
    double error = sqrt(bootstrap_block_variance(draws->sample, draws->steps, count, count)) / root;
    draws->mean[replica] = error > 0 ? (mean - centre->mean) / error : 0;
}

/* The studentised interval: estimate minus error times the far quantile, and the near one. */
static BootstrapInterval studentised(double estimate, double error, double *draws, uint32_t count,
                                     double level) {
    BootstrapInterval interval = {estimate, (double)NAN, (double)NAN};
    if (count == 0) return interval;
    sorted_put(draws, count);
    interval.low = estimate - error * sorted_quantile(draws, count, (1 + level) / 2);
    interval.high = estimate - error * sorted_quantile(draws, count, (1 - level) / 2);
    return interval;
}

static BootstrapInterval percentile(double estimate, double *draws, uint32_t count, double level) {
    sorted_put(draws, count);
    return (BootstrapInterval){estimate, sorted_quantile(draws, count, (1 - level) / 2),
                               sorted_quantile(draws, count, (1 + level) / 2)};
}

static bool plan_is_sound(const BootstrapPlan *plan, Error *error) {
    if (plan->count < BOOTSTRAP_RETURNS_MIN)
        return error_set(error, ERROR_DATA, "too few returns for an interval", "returns",
                         "take a longer history");
    if (plan->replicas == 0 || !(plan->level > 0 && plan->level < 1))
        return error_set(error, ERROR_USAGE, "an interval needs replicas and a level below 1",
                         "level", NULL);
    for (size_t index = 0; index < plan->count; index++)
        if (!(fabs(plan->returns[index]) < (double)INFINITY))
            return error_set(error, ERROR_DATA, "a return is not a number", "returns", NULL);
    return true;
}

static Resample settled(const BootstrapPlan *plan, double *scratch) {
    Resample resample = plan->resample;
    if (resample.length > 0) return resample;
    BlockLength length = block_length_of(plan->returns, plan->count, scratch);
    resample.length = resample.kind == RESAMPLE_CIRCULAR ? length.circular : length.stationary;
    return resample;
}

static Centre centre_of(const BootstrapPlan *plan, const Resample *resample, Draws *draws) {
    Centre centre = {.ratio = (double)NAN, .ratio_error = (double)NAN};
    double root = sqrt((double)plan->count);
    centre.mean = moments_mean(plan->returns, plan->count);
    for (size_t index = 0; index < plan->count; index++)
        draws->sample[index] = plan->returns[index] - centre.mean;
    centre.mean_error = sqrt(bootstrap_variance(draws->sample, plan->count, resample)) / root;
    if (bootstrap_influence(plan->returns, plan->count, &centre.ratio, draws->influence))
        centre.ratio_error =
            sqrt(bootstrap_cautious_variance(draws->influence, plan->count, resample)) / root;
    return centre;
}

static void conclude_sharpe(const BootstrapPlan *plan, const Centre *centre, Draws *draws,
                            Bootstrap *result) {
    double year = sqrt(plan->steps_a_year), t = centre->ratio / centre->ratio_error;
    bool enough = draws->defined > 0 && result->undefined <= plan->replicas / UNDEFINED_SHARE;
    uint32_t above = 0;
    for (uint32_t index = 0; index < draws->defined; index++)
        above += draws->sharpe[index] >= t;
    result->sharpe_p = enough ? (above + 1.0) / (draws->defined + 1.0) : (double)NAN;
    result->sharpe = studentised(centre->ratio * year, centre->ratio_error * year, draws->sharpe,
                                 enough ? draws->defined : 0, plan->level);
}

bool bootstrap_of(const BootstrapPlan *plan, void *memory, Bootstrap *result, Error *error) {
    if (!plan_is_sound(plan, error)) return false;
    Arena arena = arena_in(memory, bootstrap_memory(plan));
    size_t of_values = plan->count * sizeof(double), of_replicas = plan->replicas * sizeof(double);
    Draws draws = {.steps = arena_take(&arena, plan->count * sizeof(uint32_t)),
                   .sample = arena_take(&arena, of_values),
                   .influence = arena_take(&arena, of_values),
                   .mean = arena_take(&arena, of_replicas),
                   .sharpe = arena_take(&arena, of_replicas),
                   .total_return = arena_take(&arena, of_replicas),
                   .drawdown = arena_take(&arena, of_replicas)};
    Resample resample = settled(plan, arena_take(&arena, block_scratch(plan)));
    Centre centre = centre_of(plan, &resample, &draws);
    for (uint32_t replica = 0; replica < plan->replicas; replica++) {
        resample_steps(&resample, replica, plan->count, draws.steps, plan->count);
        measure_replica(plan, &centre, &draws, replica);
    }
    *result = (Bootstrap){.length = resample.length,
                          .replicas = plan->replicas,
                          .undefined = plan->replicas - draws.defined};
    double total, drawdown;
    compound(plan->returns, plan->count, &total, &drawdown);
    result->mean =
        studentised(centre.mean, centre.mean_error, draws.mean, plan->replicas, plan->level);
    conclude_sharpe(plan, &centre, &draws, result);
    result->total_return = percentile(total, draws.total_return, plan->replicas, plan->level);
    result->max_drawdown = percentile(drawdown, draws.drawdown, plan->replicas, plan->level);
    return true;
}
