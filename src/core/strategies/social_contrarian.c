/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social contrarian: buys where the crowd has given up (sentiment far below neutral, loudly) and
 * the price has fallen, sells when the mood is neutral again, or after so many bars (the crowd's
 * extremes are followed by the reverse: Baker and Wurgler, "Investor sentiment and the
 * cross-section of stock returns", 2006). Without social samples nothing is traded. Presets: the
 * described system's variant, whose 0.8 is read as distance from the best mood, with 10,000
 * mentions and 12 hours.
 */
#include "core/strategies/strategy.h"

enum { SENTIMENT, SENTIMENT_EXIT, VOLUME, LOOKBACK, HOLD, STOP, TARGET, SIZE };

static const char *misfit(const double *parameters) {
    return parameters[SENTIMENT] <= parameters[SENTIMENT_EXIT] ? NULL : "sentiment";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t sentiment = plan_external(plan, EXTERNAL_SENTIMENT);
    uint8_t volume = plan_external(plan, EXTERNAL_SOCIAL_VOLUME);
    uint8_t change = plan_indicator(plan, "roc", 0, &parameters[LOOKBACK], 1);
    plan_when(&plan->enter, sentiment, TEST_BELOW, plan_constant(plan, parameters[SENTIMENT]));
    plan_and(&plan->enter, volume, TEST_ABOVE, plan_constant(plan, parameters[VOLUME]));
    plan_and(&plan->enter, change, TEST_BELOW, plan_constant(plan, 0));
    plan_when(&plan->leave, sentiment, TEST_ABOVE, plan_constant(plan, parameters[SENTIMENT_EXIT]));
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan->bars_max = (uint32_t)parameters[HOLD];
}

const Strategy strategy_social_contrarian = {
    .name = "social_contrarian",
    .group = "social",
    .sentence = "Buys a fall of which everybody speaks ill, sells when the mood is neutral again.",
    .parameters = {STRATEGY_SENTIMENT("sentiment", 0.2), STRATEGY_SENTIMENT("sentiment_exit", 0.5),
                   STRATEGY_MENTIONS("volume", 10000, 1000),
                   STRATEGY_BARS("lookback", 12, 1, 500, 6), STRATEGY_BARS("hold", 72, 1, 1000, 12),
                   STRATEGY_STOP(5), STRATEGY_TARGET(0), STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
    .needs_social = true,
};
