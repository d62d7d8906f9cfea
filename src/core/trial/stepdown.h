/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many hypotheses at once: with a hundred true ones, five pass a test at 5 % by luck. Stepdown
 * (Romano and Wolf 2005, "Stepwise multiple testing as formalized data snooping", Econometrica 73;
 * 2016 for the p-values) compares the greatest statistic with the greatest of all under
 * resampling, the next with the greatest of those that are left, and so on; the probability of even
 * one false rejection is then the level. Its first step is White's reality check (2000,
 * Econometrica 68) with studentised statistics. Pure; the caller owns the arrays.
 */
#ifndef CORE_TRIAL_STEPDOWN_H
#define CORE_TRIAL_STEPDOWN_H

#include <stddef.h>
#include <stdint.h>

/* observed[count], great where the hypothesis is wrong; the same statistic of replica r, centred on
 * what was observed, at draws[r * count + h]. `order` is scratch of `count`. Writes the adjusted
 * p-value of each hypothesis; they rise in the order of falling statistics. */
void stepdown_adjust(const double *observed, const double *draws, size_t count, uint32_t replicas,
                     uint32_t *order, double *adjusted);

#endif
