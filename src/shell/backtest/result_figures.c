/* SPDX-License-Identifier: Apache-2.0 */
/* The names of CONTRACTS 5 and where in a Result their numbers stand. */
#include "shell/backtest/result_figures.h"

#include <string.h>

#define FIGURE(name, rises)                                                                        \
    { #name, offsetof(Result, metrics.name), FIGURE_REAL, rises }
#define COUNT(name, rises)                                                                         \
    { #name, offsetof(Result, metrics.name), FIGURE_COUNT, rises }

const ResultFigure result_figures[] = {
    FIGURE(return_pct, true),
    FIGURE(cagr_pct, true),
    FIGURE(sharpe_ratio, true),
    FIGURE(sortino_ratio, true),
    FIGURE(calmar_ratio, true),
    FIGURE(omega_ratio, true),
    FIGURE(max_drawdown_pct, false),
    FIGURE(max_drawdown_days, false),
    FIGURE(volatility_pct, false),
    FIGURE(var95_pct, false),
    FIGURE(cvar95_pct, false),
    FIGURE(exposure, false),
    FIGURE(turnover, false),
    COUNT(total_trades, true),
    COUNT(winning_trades, true),
    COUNT(losing_trades, false),
    FIGURE(win_rate, true),
    FIGURE(profit_factor, true),
    FIGURE(expectancy, true),
    FIGURE(average_trade, true),
    FIGURE(benchmark_return_pct, true),
    {"deflated_sharpe_p", offsetof(Result, deflated_sharpe_p), FIGURE_REAL, false},
    {"bars_per_second", offsetof(Result, bars_per_second), FIGURE_REAL, true},
};
const unsigned result_figure_count = sizeof result_figures / sizeof result_figures[0];

const ResultFigure *result_figure(const char *name) {
    for (unsigned i = 0; i < result_figure_count; i++)
        if (strcmp(result_figures[i].name, name) == 0) return &result_figures[i];
    return NULL;
}

bool result_metric(const Result *result, const char *name, double *value) {
    const ResultFigure *figure = result_figure(name);
    if (!figure) return false;
    const char *at = (const char *)result + figure->offset;
    if (figure->kind == FIGURE_COUNT) {
        uint32_t count;
        memcpy(&count, at, sizeof count);
        *value = count;
    } else {
        memcpy(value, at, sizeof *value);
    }
    return true;
}
