/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a symbol's social data and its price hang together: rows of hours in, a SocialImpact out. In
 * between lies the work of the permutations (core/num/lead_lag.h), which whoever asks cuts into
 * pieces: social_impact_prepare makes the two series, the caller draws, social_impact_settle says
 * what came out.
 *
 * The series are changes of the sentiment (0 to 1) and logarithms of returns over the same step;
 * where no sentiment is known, changes of the logarithm of engagement, else of posts. To a row
 * belongs the latest sample known at its end or before, at most the match window older, never a
 * later one. The step is the data's own: hours, or days where the values change less than every
 * sixth hour. Found is what is significant after correction for having looked at all lags, and not
 * smaller than the least correlation; everything else is the conservative default: no lead, lag 0,
 * score 0. Pure; the caller owns rows and series.
 */
#ifndef CORE_TRADE_SOCIAL_IMPACT_H
#define CORE_TRADE_SOCIAL_IMPACT_H

#include "core/bus/message.h"
#include "core/bus/settings.h"
#include "core/num/lead_lag.h"

/* An hour of one symbol; NaN: not known. */
typedef struct ImpactRow {
    int64_t end_us;               /* on the hour; 0: an empty place */
    Price open, high, low, close; /* close 0: no bars */
    double base_volume;
    int64_t sample_us; /* when the sample was known, 0: none in this hour */
    double sentiment, posts, engagement, news_impact, quality;
} ImpactRow;

typedef struct ImpactRule {
    int64_t match_us;
    unsigned most_hours;
    int64_t least_samples;
    double least_correlation, level;
} ImpactRule;

typedef enum ImpactMetric {
    METRIC_SENTIMENT,
    METRIC_ENGAGEMENT,
    METRIC_POSTS,
    METRIC_NONE
} ImpactMetric;

typedef struct ImpactSeries {
    ImpactStatus status; /* IMPACT_NONE: there is something to be drawn */
    ImpactMetric metric;
    int64_t step_minutes;
    size_t count;       /* steps in x and y */
    size_t samples;     /* pairs: steps with a change and a return */
    double divisor;     /* for lead_lag_begin */
    unsigned most;      /* likewise, in steps */
    double quality;     /* mean of the samples that count */
    double causality_p; /* NaN: it could not be tested */
} ImpactSeries;

ImpactRule social_impact_rule(const Settings *settings);
/* The sample that belongs to row `at`: its index, or -1. `strict`: known before the row's end. */
long social_impact_sample(const ImpactRow *rows, size_t at, int64_t match_us, bool strict);
/* Of rows[count], one an hour without holes, oldest first. x and y have room for `count` doubles
 * and hold the standardised series. */
void social_impact_prepare(const ImpactRule *rule, const ImpactRow *rows, size_t count, double *x,
                           double *y, ImpactSeries *series);
/* Everything but symbol, time and variant. `test` is read where the series' status is IMPACT_NONE.
 */
void social_impact_settle(const ImpactRule *rule, const ImpactSeries *series, const LeadLag *test,
                          SocialImpact *impact);

#endif
