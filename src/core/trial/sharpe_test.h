/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Sharpe ratio is worth. It is an estimate: its error grows with negative skewness and fat
 * tails and shrinks with the root of the number of returns, so a threshold is passed only with a
 * probability (the probabilistic Sharpe ratio), and a track record must have a certain length to
 * pass it at all. And it is picked: the best of N worthless trials has a Sharpe ratio well above 0,
 * which the deflated ratio takes as its threshold. Sources: Bailey and Lopez de Prado 2012, "The
 * Sharpe ratio efficient frontier", Journal of Risk 15(2); the same 2014, "The deflated Sharpe
 * ratio", Journal of Portfolio Management 40(5).
 *
 * All ratios here are of one step, not annualised: ratio x sqrt(steps a year) is the annual one.
 * NaN where something is not defined. Pure; the caller owns the array.
 */
#ifndef CORE_TRIAL_SHARPE_TEST_H
#define CORE_TRIAL_SHARPE_TEST_H

#include <stddef.h>

typedef struct SharpeSample {
    double ratio;              /* mean over standard deviation of the step returns */
    double skewness, kurtosis; /* 0 and 3 for a normal distribution */
    double count;              /* of step returns */
} SharpeSample;

/* Of step returns; deviation, skewness and kurtosis of the population (divided by count). The ratio
 * is NaN for fewer than two returns or where all are equal. */
SharpeSample sharpe_sample(const double *returns, size_t count);

/* Standard error of the ratio (2012, equation 8): sqrt((1 - skewness ratio + (kurtosis - 1)/4
 * ratio^2) / (count - 1)). */
double sharpe_error(const SharpeSample *sample);

/* Probabilistic Sharpe ratio: probability that the true ratio lies above `threshold` (2012,
 * equation 11). */
double sharpe_probability(const SharpeSample *sample, double threshold);

/* Minimum track record length: how many returns like these it takes until sharpe_probability
 * reaches `confidence` (2012, equation 13). NaN if the ratio is not above the threshold. */
double sharpe_track_record(const SharpeSample *sample, double threshold, double confidence);

/* Expected greatest ratio of `trials` independent trials that are all worth nothing, whose ratios
 * have the given standard deviation (2014, equation 1). 0 for one trial or less. */
double sharpe_expected_best(double deviation, double trials);

/* Number of independent trials that `trials` with this average correlation amount to (2014,
 * appendix A.3): correlation + (1 - correlation) x trials; correlation 0 to 1. */
double sharpe_independent_trials(double trials, double correlation);

/* Deflated Sharpe ratio: probability that the true ratio of the best of `trials` is above zero,
 * given that it was picked (2014, equation 2). `deviation`: of the ratios of the trials; NaN where
 * it is not known: then the error of a worthless strategy's ratio over as many returns stands in,
 * 1 / sqrt(count). */
double sharpe_deflated(const SharpeSample *sample, double deviation, double trials);

#endif
