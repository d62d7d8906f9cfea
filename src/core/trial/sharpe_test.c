/* SPDX-License-Identifier: Apache-2.0 */
/* Closed formulas over four moments. */
#include "core/trial/sharpe_test.h"

#include <math.h>

#include "core/num/moments.h"
#include "core/num/normal.h"

#define EULER_MASCHERONI 0.57721566490153286061
#define EULER_NUMBER     2.71828182845904523536

SharpeSample sharpe_sample(const double *returns, size_t count) {
    SharpeSample sample = {(double)NAN, (double)NAN, (double)NAN, (double)count};
    if (count < 2) return sample;
    double mean = moments_mean(returns, count);
    double deviation = moments_deviation(returns, count, mean);
    if (!(deviation > 0)) return sample;
    double third = 0, fourth = 0;
    for (size_t index = 0; index < count; index++) {
        double unit = (returns[index] - mean) / deviation;
        third += unit * unit * unit;
        fourth += unit * unit * unit * unit;
    }
    sample.ratio = mean / deviation;
    sample.skewness = third / (double)count;
    sample.kurtosis = fourth / (double)count;
    return sample;
}

/* Variance of the ratio times (count - 1). Never negative: kurtosis >= 1 + skewness^2 makes it at
 * least (1 - skewness ratio / 2)^2; rounding may go below. */
static double spread(const SharpeSample *sample) {
    double ratio = sample->ratio;
    double value = 1 - sample->skewness * ratio + (sample->kurtosis - 1) / 4 * ratio * ratio;
    return value < 0 ? 0 : value;
}

double sharpe_error(const SharpeSample *sample) {
    if (!(sample->count > 1)) return (double)NAN;
    return sqrt(spread(sample) / (sample->count - 1));
}

double sharpe_probability(const SharpeSample *sample, double threshold) {
    double excess = sample->ratio - threshold, error = sharpe_error(sample);
    if (error == 0) return excess > 0 ? 1 : excess < 0 ? 0 : 0.5;
    return normal_below(excess / error);
}

double sharpe_track_record(const SharpeSample *sample, double threshold, double confidence) {
    double excess = sample->ratio - threshold;
    if (!(excess > 0)) return (double)NAN;
    double steps = normal_quantile(confidence) / excess;
    return 1 + spread(sample) * steps * steps;
}

double sharpe_expected_best(double deviation, double trials) {
    if (!(trials > 1)) return 0;
    double best = (1 - EULER_MASCHERONI) * normal_quantile(1 - 1 / trials) +
                  EULER_MASCHERONI * normal_quantile(1 - 1 / (trials * EULER_NUMBER));
    return best > 0 ? deviation * best : 0; /* the approximation dips below 0 between 1 and 2 */
}

double sharpe_independent_trials(double trials, double correlation) {
    return correlation + (1 - correlation) * trials;
}

double sharpe_deflated(const SharpeSample *sample, double deviation, double trials) {
    if (deviation != deviation) deviation = 1 / sqrt(sample->count);
    return sharpe_probability(sample, sharpe_expected_best(deviation, trials));
}
