/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MACD momentum: in where the MACD rises above its signal line, out where it is below, and only
 * while the price stands above its average of so many days, which is read from daily candles that
 * have closed (Appel, "Technical Analysis: Power Tools for Active Investors", 2005: 12, 26, 9, and
 * no purchase against the longer trend). The daily trend is the same on every interval of the run.
 */
#include "core/strategies/strategy.h"

enum { FAST, SLOW, SIGNAL, TREND_DAYS, STOP, TARGET, SIZE };
enum { MACD_LINE, MACD_SIGNAL_LINE };

static const char *misfit(const double *parameters) {
    return parameters[FAST] < parameters[SLOW] ? NULL : "fast";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t line = plan_indicator(plan, "macd", MACD_LINE, &parameters[FAST], 3);
    uint8_t signal = plan_indicator(plan, "macd", MACD_SIGNAL_LINE, &parameters[FAST], 3);
    plan_when(&plan->enter, line, TEST_CROSSES_ABOVE, signal);
    if (parameters[TREND_DAYS] > 0) {
        uint8_t days = plan_indicator(plan, "sma", 0, &parameters[TREND_DAYS], 1);
        plan->columns[days].length_us = INSTANT_DAY_US;
        plan_and(&plan->enter, plan_bar(plan, BAR_CLOSE), TEST_ABOVE, days);
    }
    plan_when(&plan->leave, line, TEST_BELOW, signal);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
}

const Strategy strategy_macd_momentum = {
    .name = "macd_momentum",
    .group = "momentum",
    .sentence = "Buys when the MACD rises above its signal line while the price stands above its "
                "average of days, leaves when it is below.",
    .parameters = {STRATEGY_BARS("fast", 12, 2, 200, 1),
                   STRATEGY_BARS("slow", 26, 3, 500, 2),
                   STRATEGY_BARS("signal", 9, 2, 100, 1),
                   {"trend_days", .preset = 20, .lowest = 0, .highest = 200, .step = 10,
                    .unit = "days", .whole = true},
                   STRATEGY_STOP(4),
                   STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
};
