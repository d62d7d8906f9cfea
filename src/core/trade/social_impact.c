/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/social_impact.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/num/correlation.h"
#include "core/num/granger.h"

#define HOURS_OF_A_DAY 24
#define MINUTES        60
#define DAILY_FROM     6 /* hours between changes: between hourly (1) and daily (24), nearer to 1 */
/* Steps of the past that are asked whether they foretell: four hours, or one day. */
#define PAST_OF_HOURS 4
#define PAST_OF_DAYS  1

ImpactRule social_impact_rule(const Settings *settings) {
    const Settings_social_strategy *social = &settings->social_strategy;
    return (ImpactRule){.match_us = social->match_window * INSTANT_SECOND_US,
                        .most_hours = (unsigned)social->max_lag_hours,
                        .least_samples = social->min_samples,
                        .least_correlation = social->min_correlation,
                        .level = social->significance};
}

/* ---- samples ------------------------------------------------------------------------------- */

static double value_of(const ImpactRow *row, ImpactMetric metric) {
    if (metric == METRIC_SENTIMENT) return row->sentiment;
    double amount = metric == METRIC_ENGAGEMENT ? row->engagement : row->posts;
    return amount >= 0 ? elementary_log1p(amount) : (double)NAN;
}

long social_impact_sample(const ImpactRow *rows, size_t at, int64_t match_us, bool strict) {
    int64_t end_us = rows[at].end_us;
    for (size_t i = at + 1; i-- > 0 && rows[i].end_us > end_us - match_us - INSTANT_HOUR_US;) {
        int64_t sample_us = rows[i].sample_us;
        if (sample_us == 0 || (strict && sample_us >= end_us)) continue;
        return end_us - sample_us <= match_us ? (long)i : -1;
    }
    return -1;
}

static double matched(const ImpactRule *rule, const ImpactRow *rows, size_t at,
                      ImpactMetric metric) {
    long sample = social_impact_sample(rows, at, rule->match_us, false);
    return sample < 0 ? (double)NAN : value_of(&rows[sample], metric);
}

static size_t count_of(const ImpactRow *rows, size_t count, ImpactMetric metric) {
    size_t present = 0;
    for (size_t i = 0; i < count; i++)
        present += rows[i].sample_us && !isnan(value_of(&rows[i], metric));
    return present;
}

/* The first of the three that is there at all. */
static ImpactMetric metric_of(const ImpactRow *rows, size_t count) {
    for (ImpactMetric metric = METRIC_SENTIMENT; metric < METRIC_NONE; metric++)
        if (count_of(rows, count, metric) > 0) return metric;
    return METRIC_NONE;
}

static bool is_daily(const ImpactRow *rows, size_t count, ImpactMetric metric) {
    size_t changes = 0, spans = 0;
    double before = (double)NAN;
    int64_t before_us = 0, hours = 0;
    for (size_t i = 0; i < count; i++) {
        double value = rows[i].sample_us ? value_of(&rows[i], metric) : (double)NAN;
        if (isnan(value)) continue;
        if (before_us > 0) {
            hours += (rows[i].end_us - before_us) / INSTANT_HOUR_US;
            changes += value != before;
            spans++;
        }
        before = value;
        before_us = rows[i].end_us;
    }
    return spans > 0 && (int64_t)changes * DAILY_FROM < hours;
}

/* ---- the two series -------------------------------------------------------------------------- */

static double logarithm(const ImpactRow *row) {
    return row->close.units > 0 ? elementary_log(price_double(row->close)) : (double)NAN;
}

/* A step's change of both, from one row to a later one. */
static void fill(const ImpactRule *rule, const ImpactRow *rows, size_t count, ImpactSeries *series,
                 double *x, double *y) {
    bool daily = series->step_minutes > MINUTES;
    size_t step = daily ? HOURS_OF_A_DAY : 1, from = 0;
    while (daily && from < count && rows[from].end_us % INSTANT_DAY_US != 0)
        from++;
    double quality = 0;
    size_t samples = 0;
    for (size_t at = from + step; at < count; at += step) {
        long sample = social_impact_sample(rows, at, rule->match_us, false);
        x[series->count] = matched(rule, rows, at, series->metric) -
                           matched(rule, rows, at - step, series->metric);
        y[series->count] = logarithm(&rows[at]) - logarithm(&rows[at - step]);
        series->count++;
        if (sample < 0 || isnan(rows[sample].quality)) continue;
        quality += rows[sample].quality;
        samples++;
    }
    series->quality = samples ? quality / (double)samples : 0;
}

void social_impact_prepare(const ImpactRule *rule, const ImpactRow *rows, size_t count, double *x,
                           double *y, ImpactSeries *series) {
    *series = (ImpactSeries){.status = IMPACT_INSUFFICIENT,
                             .metric = metric_of(rows, count),
                             .step_minutes = MINUTES,
                             .causality_p = (double)NAN};
    if (series->metric == METRIC_NONE) return;
    bool daily = is_daily(rows, count, series->metric);
    if (daily) series->step_minutes = (int64_t)HOURS_OF_A_DAY * MINUTES;
    fill(rule, rows, count, series, x, y);
    series->samples = correlation_pairs(x, y, series->count);
    if ((int64_t)series->samples < rule->least_samples) return;
    Granger granger;
    if (granger_test(x, y, series->count, daily ? PAST_OF_DAYS : PAST_OF_HOURS, &granger))
        series->causality_p = granger.p;
    size_t of_x = lead_lag_standardise(x, series->count);
    size_t of_y = lead_lag_standardise(y, series->count);
    series->divisor = (double)(of_x < of_y ? of_x : of_y);
    series->most =
        daily ? (rule->most_hours + HOURS_OF_A_DAY - 1) / HOURS_OF_A_DAY : rule->most_hours;
    series->status = of_x && of_y ? IMPACT_NONE : IMPACT_FAILED;
}

/* ---- what came out --------------------------------------------------------------------------- */

static const char *metric_words(ImpactMetric metric) {
    static const char *const words[] = {"sentiment", "engagement", "the number of posts",
                                        "nothing"};
    return words[metric];
}

static void put_figures(Text *text, const SocialImpact *impact) {
    text_put(text, " (r ");
    text_fixed(text, impact->lag_correlation, 2);
    text_put(text, ", p ");
    text_fixed(text, impact->lag_p, 3);
    text_format(text, " over all lags, n %D)", impact->samples);
}

/* Significant or not: what is smaller than the least correlation is no effect. */
static const char *nothing_words(const ImpactRule *rule, const SocialImpact *impact) {
    return impact->lag_p <= rule->level ? "a lead too small to count between"
                                        : "no significant lead between";
}

static void put_words(const ImpactRule *rule, const ImpactSeries *series, SocialImpact *impact) {
    Text text = TEXT_IN(impact->text);
    const char *metric = metric_words(series->metric);
    int64_t lag = isnan(impact->lag_minutes) ? 0 : (int64_t)impact->lag_minutes;
    if (impact->status == IMPACT_INSUFFICIENT)
        text_format(&text, "too few samples (%D): no lead, no impact", impact->samples);
    else if (impact->status == IMPACT_FAILED)
        text_format(&text, "%s or the price did not change: no lead, no impact", metric);
    else if (impact->status == IMPACT_NONE)
        text_format(&text, "%s %s and price", nothing_words(rule, impact), metric);
    else if (lag == 0)
        text_format(&text, "%s and price move together", metric);
    else
        text_format(&text, "%s %s price by %D %s", metric, lag > 0 ? "leads" : "follows",
                    (lag < 0 ? -lag : lag) / MINUTES, "hours");
    if (impact->status >= IMPACT_NONE) put_figures(&text, impact);
    text_end(&text);
}

static void put_test(const ImpactRule *rule, const ImpactSeries *series, const LeadLag *test,
                     SocialImpact *impact) {
    double strength = fabs(test->best);
    impact->correlation = test->together;
    impact->correlation_p = lead_lag_together_level(test);
    impact->lag_correlation = test->best;
    impact->lag_p = lead_lag_best_level(test);
    bool found = impact->lag_p <= rule->level && strength >= rule->least_correlation;
    if (!found) return;
    impact->status = IMPACT_FOUND;
    impact->lag_minutes = (double)(test->best_lag * series->step_minutes);
    impact->concurrent = test->best_lag == 0;
    impact->impact_score = (strength < 1 ? strength : 1) * series->quality;
}

static double within_one(double r) {
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

void social_impact_settle(const ImpactRule *rule, const ImpactSeries *series, const LeadLag *test,
                          SocialImpact *impact) {
    double none = (double)NAN;
    impact->status = series->status;
    impact->samples = (int64_t)series->samples;
    impact->step_minutes = series->step_minutes;
    impact->correlation = impact->correlation_p = none;
    impact->lag_minutes = impact->lag_correlation = impact->lag_p = none;
    impact->concurrent = true;
    impact->causality_p = series->causality_p;
    impact->impact_score = 0;
    impact->variant_score = none;
    if (series->status == IMPACT_NONE) put_test(rule, series, test, impact);
    impact->correlation = within_one(impact->correlation);
    impact->lag_correlation = within_one(impact->lag_correlation);
    put_words(rule, series, impact);
}
