/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A result as one HTML page that needs nothing beside itself: no script, no font, no picture from
 * elsewhere; charts are inline SVG, light and dark follow the reader's system. What the data do not
 * hold is said to be missing, never drawn. The candles behind the trades are drawn where they are
 * at hand. Stateless.
 */
#ifndef SHELL_BACKTEST_REPORT_H
#define SHELL_BACKTEST_REPORT_H

#include "shell/backtest/market_load.h"
#include "shell/backtest/result.h"

/* `load`: the candles of the run, or NULL. */
void report_write(const Result *result, const MarketLoad *load, FILE *file);

#endif
