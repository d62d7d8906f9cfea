/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a version of a model has done, and whether another does better. A tally counts scored signals
 * (hit_rate.h) or closed trades; metrics come from it and give it back. Two versions are compared
 * by their mean return after costs. What was said on one UTC day moves together (one market, and
 * outcomes that overlap), so days are drawn, not signals. Where both judged the same closes, the
 * difference on each day is given both signs at random (Fisher 1935, "The design of experiments",
 * 21); else days change sides (a two-sample permutation test). Both are one-sided: better.
 *
 * Whoever looks again and again finds something in the end. The k-th look is made at twice the
 * outcomes of the one before, and at level alpha / (k (k + 1)): these sum to alpha over any number
 * of looks, whatever hangs together between them (Bonferroni; the idea of spending is Lan and
 * DeMets 1983, "Discrete sequential boundaries for clinical trials", Biometrika 70).
 *
 * Pure; the caller owns everything.
 */
#ifndef CORE_TRADE_VERSION_SCORE_H
#define CORE_TRADE_VERSION_SCORE_H

#include "core/bus/message.h"
#include "core/bus/settings.h"

#define VERSION_OUTCOMES     512  /* kept of each version: a year of one and a half a day */
#define VERSION_PERMUTATIONS 1999 /* the ninth look's level of 0.05 is 1 in 1,800 */
#define VERSION_DAYS_MIN     10   /* 2^10 sign patterns: fewer days cannot reach 0.001 */

typedef struct VersionTally {
    int64_t scored, hits, right;
    double gains, losses, confidence; /* sums, in percent; of confidence in parts of 1 */
    int64_t separate, separate_us;    /* spans apart, and when the last of them ended */
} VersionTally;

typedef struct VersionOutcome {
    uint64_t key;       /* symbol and close that was judged */
    int64_t emitted_us; /* of the signal */
    double return_pct;  /* after costs */
} VersionOutcome;

/* The newest outcomes of a version, a ring. */
typedef struct VersionOutcomes {
    uint32_t count; /* ever */
    VersionOutcome ring[VERSION_OUTCOMES];
} VersionOutcomes;

typedef struct VersionTest {
    bool paired;
    unsigned champion_count, challenger_count; /* outcomes; paired: both the pairs */
    unsigned days;
    double difference; /* challenger - champion, mean return in percent */
    double p;          /* one-sided; NaN: too few days */
} VersionTest;

/* A version as who decides registers it; metrics are null, times those of the message. */
void version_begin(ModelVersion *version, const char *model_type, const char *id, const char *name);
void version_put_hash(ModelVersion *version, const Settings *settings);

/* `costs_pct`: a round trip's; what moved the right way before them was right. */
void version_tally_take(VersionTally *tally, bool hit, double return_pct, double costs_pct,
                        double confidence);
void version_tally_metrics(const VersionTally *tally, VersionMetrics *metrics);
VersionTally version_tally_of(const VersionMetrics *metrics);
/* Where an outcome lies in time; told in the order of ends. Of spans taken as soon as they begin
 * behind the last one taken, there are as many as can be found that lie apart. */
void version_tally_span(VersionTally *tally, int64_t emitted_us, int64_t settled_us);
/* Wilson's interval of a share at 95 % (1927, "Probable inference", JASA 22), as of `separate`
 * outcomes: those that overlap tell much the same. NaN without any. */
void version_share_interval(int64_t hits, int64_t count, int64_t separate, double *low,
                            double *high);

void version_outcomes_take(VersionOutcomes *outcomes, const VersionOutcome *outcome);
bool version_outcome_held(const VersionOutcomes *outcomes, uint64_t key);
/* How many were emitted at or after an instant. */
unsigned version_outcomes_since(const VersionOutcomes *outcomes, int64_t since_us);
/* Over outcomes emitted since `since_us`. The pairs are taken where there are `least` of them. The
 * same `seed` gives the same p. `least` outcomes of both are needed, else p is NaN. */
VersionTest version_test(const VersionOutcomes *champion, const VersionOutcomes *challenger,
                         int64_t since_us, unsigned least, uint64_t seed);
void version_put_test(Text *text, const VersionTest *test, int64_t look, double level);
/* Outcomes of both at which look k = 1, 2 ... is due, and its level. */
uint64_t version_look_at(int64_t least, int64_t look);
double version_look_level(double alpha, int64_t look);

#endif
