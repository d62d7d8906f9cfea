/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an index to a set of parameters, and from words to a space. Halton's sequence (1960) counts
 * in a prime base for each axis and mirrors the digits behind the point; each axis is turned by a
 * random share of the circle (Cranley and Patterson 1976), so that seeds give different sets.
 */
#include <math.h>

#include "core/base/number_text.h"
#include "core/base/random.h"
#include "core/trial/sweep.h"

#define SETS_MAX   (1ULL << 40)
#define GRID_SLACK 1e-9 /* of a step: 0.1 to 0.3 by 0.1 has three values */

/* ---- words --------------------------------------------------------------------------------- */

static bool wrong(Error *error, Slice part, const char *why) {
    char where[160];
    Text text = TEXT_IN(where);
    text_slice(&text, part);
    return error_set(error, ERROR_USAGE, why, text_end(&text),
                     "write name=first:last:step, parted by commas, with parameters of the "
                     "strategy");
}

/* What stands before `mark`, which is cut off with it; all where there is none. */
static Slice cut(Slice *rest, char mark) {
    const char *at = memchr(rest->at, mark, rest->length);
    size_t length = at ? (size_t)(at - rest->at) : rest->length;
    Slice part = {rest->at, length};
    size_t gone = at ? length + 1 : length;
    *rest = (Slice){rest->at + gone, rest->length - gone};
    return slice_trim(part);
}

static const StrategyParameter *parameter_of(const Strategy *strategy, Slice word) {
    unsigned count = strategy_parameter_count(strategy);
    for (unsigned i = 0; i < count; i++)
        if (slice_same_name(word, strategy->parameters[i].name)) return &strategy->parameters[i];
    return NULL;
}

static const char *axis_fault(const SweepAxis *axis, const StrategyParameter *parameter) {
    if (axis->first > axis->last) return "the first value is above the last";
    if (axis->step < 0) return "a step is not negative";
    if (axis->first < parameter->lowest || axis->last > parameter->highest)
        return "the strategy's parameter has narrower bounds";
    bool whole = floor(axis->first) == axis->first && floor(axis->step) == axis->step;
    return parameter->whole && !whole ? "the strategy's parameter takes whole numbers" : NULL;
}

static bool parse_axis(SweepSpace *space, Slice part, Error *error) {
    Slice whole = part, name = cut(&part, '=');
    const StrategyParameter *parameter = parameter_of(space->strategy, name);
    if (!parameter) return wrong(error, whole, "the strategy has no such parameter");
    double numbers[3] = {0, 0, parameter->step};
    unsigned count = 0;
    if (part.length && part.at[part.length - 1] == ':')
        return wrong(error, whole, "a value is missing");
    while (part.length && count < 3)
        if (!number_from_slice(cut(&part, ':'), &numbers[count++]))
            return wrong(error, whole, "a value is not a number");
    if (count == 0 || part.length) return wrong(error, whole, "an axis is first:last:step");
    if (count == 1) numbers[1] = numbers[0];
    SweepAxis axis = {.parameter = (unsigned)(parameter - space->strategy->parameters),
                      .first = numbers[0],
                      .last = numbers[1],
                      .step = numbers[2]};
    const char *fault = axis_fault(&axis, parameter);
    if (fault) return wrong(error, whole, fault);
    for (unsigned i = 0; i < space->axis_count; i++)
        if (space->axes[i].parameter == axis.parameter)
            return wrong(error, whole, "a parameter is named twice");
    space->axes[space->axis_count++] = axis;
    return true;
}

bool sweep_space_parse(SweepSpace *space, const Strategy *strategy, const char *text,
                       Error *error) {
    *space = (SweepSpace){.strategy = strategy};
    strategy_presets(strategy, space->others);
    Slice rest = slice_trim(slice_of(text));
    while (rest.length)
        if (!parse_axis(space, cut(&rest, ','), error)) return false;
    if (space->axis_count == 0)
        return wrong(error, SLICE("grid"), "a sweep names at least one parameter");
    return true;
}

/* ---- numbers ------------------------------------------------------------------------------- */

static uint64_t axis_values(const SweepAxis *axis) {
    if (!(axis->step > 0)) return 1;
    double steps = floor((axis->last - axis->first) / axis->step + GRID_SLACK);
    return steps < (double)SETS_MAX ? (uint64_t)steps + 1 : SETS_MAX;
}

static double grid_value(const SweepAxis *axis, uint64_t place) {
    double value = axis->first + (double)place * axis->step;
    return value > axis->last ? axis->last : value;
}

uint64_t sweep_count(const SweepSpace *space) {
    if (space->kind != SWEEP_GRID) return space->count;
    uint64_t count = 1;
    for (unsigned i = 0; i < space->axis_count; i++) {
        uint64_t values = axis_values(&space->axes[i]);
        if (values > SETS_MAX / count) return 0;
        count *= values;
    }
    return count;
}

/* The last axis turns fastest. */
static void on_grid(const SweepSpace *space, uint64_t index, double *parameters) {
    for (unsigned i = space->axis_count; i-- > 0;) {
        uint64_t values = axis_values(&space->axes[i]);
        parameters[space->axes[i].parameter] = grid_value(&space->axes[i], index % values);
        index /= values;
    }
}

/* A share of 0 to below 1 along the axis; with a step, one of its values, each as likely. */
static double at_share(const SweepAxis *axis, double share) {
    if (!(axis->step > 0)) return axis->first + share * (axis->last - axis->first);
    return grid_value(axis, (uint64_t)(share * (double)axis_values(axis)));
}

static double mirrored(uint64_t index, unsigned base) {
    double share = 0, digit = 1;
    for (; index; index /= base) {
        digit /= base;
        share += digit * (double)(index % base);
    }
    return share;
}

static void quasi_random(const SweepSpace *space, uint64_t index, double *parameters) {
    static const unsigned primes[STRATEGY_PARAMETERS_MAX] = {2,  3,  5,  7,  11, 13,
                                                             17, 19, 23, 29, 31, 37};
    for (unsigned i = 0; i < space->axis_count; i++) {
        Random turn = random_stream(space->seed, i);
        double share = mirrored(index + 1, primes[i]) + random_uniform(&turn);
        parameters[space->axes[i].parameter] = at_share(&space->axes[i], share - floor(share));
    }
}

static void at_random(const SweepSpace *space, uint64_t index, double *parameters) {
    Random random = random_stream(space->seed, index);
    for (unsigned i = 0; i < space->axis_count; i++)
        parameters[space->axes[i].parameter] = at_share(&space->axes[i], random_uniform(&random));
}

bool sweep_parameters(const SweepSpace *space, uint64_t index,
                      double parameters[static STRATEGY_PARAMETERS_MAX]) {
    memcpy(parameters, space->others, sizeof space->others);
    if (space->kind == SWEEP_GRID) on_grid(space, index, parameters);
    if (space->kind == SWEEP_RANDOM) at_random(space, index, parameters);
    if (space->kind == SWEEP_HALTON) quasi_random(space, index, parameters);
    return !strategy_fault(space->strategy, parameters);
}
