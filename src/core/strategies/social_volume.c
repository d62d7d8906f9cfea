/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social volume: buys when the talk becomes loud while the price rises and the mood is not bad;
 * leaves when the talk is half as loud, or the price falls (attention buys: Barber and Odean, "All
 * that glitters", 2008). Without social samples nothing is traded. Presets: the described system's
 * variant (15,000 mentions, sentiment 0.2, 48 hours).
 */
#include "core/strategies/strategy.h"

enum { VOLUME, VOLUME_EXIT, SENTIMENT, LOOKBACK, STOP, TARGET, SIZE };

static const char *misfit(const double *parameters) {
    return parameters[VOLUME_EXIT] <= parameters[VOLUME] ? NULL : "volume_exit";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t volume = plan_external(plan, EXTERNAL_SOCIAL_VOLUME);
    uint8_t change = plan_indicator(plan, "roc", 0, &parameters[LOOKBACK], 1);
    uint8_t zero = plan_constant(plan, 0);
    plan_when(&plan->enter, volume, TEST_CROSSES_ABOVE, plan_constant(plan, parameters[VOLUME]));
    plan_enter_above(plan, EXTERNAL_SENTIMENT, parameters[SENTIMENT]);
    plan_and(&plan->enter, change, TEST_ABOVE, zero);
    plan_leave_below(plan, volume, parameters[VOLUME_EXIT]);
    plan_when(&plan->leave, change, TEST_BELOW, zero);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
}

const Strategy strategy_social_volume = {
    .name = "social_volume",
    .group = "social",
    .sentence = "Buys when talk becomes loud in a rising market, leaves when it quietens.",
    .parameters = {STRATEGY_MENTIONS("volume", 15000, 1000),
                   STRATEGY_MENTIONS("volume_exit", 7500, 500),
                   STRATEGY_SENTIMENT("sentiment", 0.2), STRATEGY_BARS("lookback", 48, 1, 500, 6),
                   STRATEGY_STOP(4), STRATEGY_TARGET(0), STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
    .needs_social = true,
};
