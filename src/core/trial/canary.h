/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The look-ahead canary. Whatever is decided before an instant must not change when the world after
 * it does. So a subject (an indicator, a strategy, the whole system, a way to prepare data) runs
 * over the recorded series and says what it computes and decides, each with the time at which it
 * claims to know it; then the future behind several instants is changed in five ways (multiplied,
 * turned around, replaced by another walk, shifted in volume, cut off), the subject runs again, and
 * every byte that it says before the instant must be the same. Whoever does not sing knows the
 * future.
 *
 * One leak leaves no trace in the past: an order that fills in the bar on whose close it was
 * decided. Subjects that trade tell of fills, and a fill no later than its decision is a finding
 * too. The caller owns all memory; nothing is allocated. Pure.
 */
#ifndef CORE_TRIAL_CANARY_H
#define CORE_TRIAL_CANARY_H

#include "core/base/error.h"
#include "core/market/candle_series.h"

#define CANARY_SERIES_MAX 8 /* candles of several symbols, and other data beside them */

typedef enum CanaryChange {
    CANARY_MULTIPLIED, /* prices of the future by a factor */
    CANARY_TURNED,     /* its bars in reverse order */
    CANARY_OTHER_WALK, /* another random walk from the last close on */
    CANARY_OTHER_VOLUME,
    CANARY_CUT_OFF, /* there is none */
    CANARY_CHANGE_COUNT
} CanaryChange;

/* "multiplied", "turned around", ... */
const char *canary_change_name(CanaryChange change);

typedef struct CanarySink CanarySink;
/* What a subject knows or decides, in order of time. `part`: which part of it says so. */
void canary_say(CanarySink *sink, int64_t time_us, unsigned part, const void *bytes, size_t count);
/* An order that was decided at one time and filled at another. */
void canary_filled(CanarySink *sink, int64_t decided_us, int64_t filled_us);

typedef struct CanarySubject CanarySubject;
struct CanarySubject {
    const char *kind, *name; /* "indicator", "rsi" */
    const void *context;
    /* Runs over the series and says everything. `scratch`: the plan's. */
    bool (*run)(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                void *scratch, CanarySink *sink, Error *error);
    const char *(*part_name)(const CanarySubject *subject, unsigned part); /* NULL: it is one */
};

typedef struct CanaryPlan {
    const CandleSeries *series;
    unsigned series_count;
    unsigned cuts; /* instants, evenly over the first series, and as many behind its gaps */
    uint64_t seed;
    size_t events_max; /* that one run may say */
    void *scratch;     /* for the subject */
} CanaryPlan;

typedef enum CanaryVerdict {
    CANARY_SINGS,    /* nothing was found */
    CANARY_FUTURE,   /* it knows the future */
    CANARY_SAME_BAR, /* it fills in the bar of its decision */
    CANARY_SILENT,   /* it said nothing that could be compared */
    CANARY_FAILED    /* it could not be run, or said more than events_max */
} CanaryVerdict;

typedef struct CanaryFinding {
    CanaryVerdict verdict;
    CanaryChange change;
    int64_t cut_us;   /* what opens from here on was changed */
    int64_t first_us; /* of the first thing said before that differs */
    const char *part;
    uint64_t compared; /* things said that were the same */
} CanaryFinding;

size_t canary_memory(const CanaryPlan *plan);
CanaryFinding canary_watch(const CanaryPlan *plan, const CanarySubject *subject, void *memory,
                           Error *error);

#endif
