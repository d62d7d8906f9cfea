/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures of a result (CONTRACTS 5), from equity marked to market at every bar and the list of
 * trades. Annualised by calendar time: a year has 365 days, whatever the bar. What is not defined
 * (profit factor without a loss, Sharpe of a flat line) is NaN and becomes null; nothing else is
 * ever NaN. docs/METRICS.md gives each formula with its source. Pure; the caller owns the columns.
 */
#ifndef CORE_TRIAL_METRICS_H
#define CORE_TRIAL_METRICS_H

#include "core/trial/trial.h"

typedef struct MetricsInput {
    Money initial, final, fees, slippage, turnover;
    const double *equity;     /* at each close, equal steps of length_us */
    const int64_t *equity_us; /* of these; NULL: no step is missing */
    size_t count;
    int64_t length_us, first_us, last_us; /* open of the first bar, close of the last */
    uint64_t bars, exposed;
    const TrialTrade *trades;
    uint32_t trade_count;
    double benchmark_return; /* of buying and holding: the markets' mean, costs as of the run */
} MetricsInput;

/* Close of step `step`. */
static inline int64_t metrics_close(const MetricsInput *input, size_t step) {
    if (input->equity_us) return input->equity_us[step];
    return input->first_us + (int64_t)(step + 1) * input->length_us;
}

typedef struct Metrics {
    double return_pct, cagr_pct, sharpe_ratio, sharpe_low, sharpe_high, sortino_ratio, calmar_ratio,
        omega_ratio, max_drawdown_pct, max_drawdown_days, volatility_pct, var95_pct, cvar95_pct,
        exposure, turnover, win_rate, profit_factor, expectancy, average_trade,
        benchmark_return_pct;
    /* Of the step returns, for the statistics that build on them. */
    double mean, deviation, skewness, kurtosis;
    uint32_t total_trades, winning_trades, losing_trades;
} Metrics;

/* Of returns, one a step: the loss (above 0) that 1 - `level` of the steps exceed, linear
 * between neighbours, and the mean loss of the steps at and beyond it. Sorts `returns`; count >= 1.
 */
void metrics_value_at_risk(double *returns, size_t count, double level, double *value_at_risk,
                           double *conditional);

/* Whether there are enough trades and bars with a position for an interval of the Sharpe ratio to
 * mean what it says; a market that is held nearly throughout needs no trades. */
bool metrics_bear_interval(const MetricsInput *input);

/* Buying at the first traded open and selling at the last close, with the run's costs, the balance
 * in equal parts: gain as a share of the balance. */
double metrics_benchmark(const TrialPlan *plan);

/* The input of a run that has been recorded; output->equity holds all of it. */
MetricsInput metrics_input(const TrialPlan *plan, const TrialOutput *output,
                           const TrialResult *result);

/* `scratch`: as many doubles as input->count (quantiles are sorted there). */
void metrics_of(const MetricsInput *input, double *scratch, Metrics *metrics);

#endif
