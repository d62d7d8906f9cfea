/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the true Sharpe ratio lies, from one run: ratio + (lean +/- reach) x error.
 *
 * The error is of the ratio's influence function (Mertens 2002), and long-run: Newey and West's
 * (1987) sum over lags with the quantile that such a sum needs (Kiefer and Vogelsang 2005), but
 * never less than for returns that do not follow one another: prices that can be traded do not turn
 * back of themselves, and over few lags a sum that says so is noise.
 *
 * The lean allows for exits that choose their moment. Who takes gains early has a quiet history
 * whenever it is a good one: error and ratio hang together, and ratio / error is off centre even
 * though no return depends on another. To second order its centre lies at minus half of what the
 * sum of a spell (from one entry out of flat to the next) has in common with how much its squares
 * exceed the usual, over different steps; the third cumulant of a martingale adds nothing then
 * (Mykland 1993, "Asymptotic expansions for martingales", Annals of Probability 21; 1994, "Bartlett
 * type identities for martingales", Annals of Statistics 22; spells as blocks: Bertail, Clemencon
 * 2006, "Regenerative block bootstrap for Markov chains", Bernoulli 12). The usual counts for steps
 * with a position: how long one is flat tells nothing of a spell. The reach allows for the lean's
 * own error. docs/HONESTY.md says what that is worth. Pure; the caller owns the returns.
 */
#ifndef CORE_TRIAL_SHARPE_INTERVAL_H
#define CORE_TRIAL_SHARPE_INTERVAL_H

#include "core/trial/metrics.h"

#define SHARPE_NORMAL95 1.96 /* errors of a normal distribution on either side of 95 % */

typedef struct SharpeInterval {
    double error; /* of mean / deviation of one step */
    double lean;  /* in errors: how much too low the ratio is for its error */
    double reach; /* in errors: of 95 %, on either side */
} SharpeInterval;

/* `returns`: one for each of input->count steps; of the rest of the input the steps' times and the
 * trades, in order of their exits, are read (without trades there is no lean). All NaN for fewer
 * than two returns or where all are equal. */
SharpeInterval sharpe_interval(const MetricsInput *input, const double *returns);

#endif
