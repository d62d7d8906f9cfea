/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social trend: in while many speak well of the asset and its price stands above its average; out
 * when either has gone. Without social samples no condition holds and nothing is traded. Sentiment
 * 0 to 1, 0.5 neutral. Presets: the described system's variant (5,000 mentions, 2,000 engagements,
 * 24 hours); its threshold of 0.5 is neutral on this scale, so that the entry asks for a little
 * more.
 */
#include "core/strategies/strategy.h"

enum { SENTIMENT, SENTIMENT_EXIT, VOLUME, ENGAGEMENT, AVERAGE, STOP, TARGET, SIZE };

static const char *misfit(const double *parameters) {
    return parameters[SENTIMENT_EXIT] <= parameters[SENTIMENT] ? NULL : "sentiment_exit";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t sentiment = plan_enter_above(plan, EXTERNAL_SENTIMENT, parameters[SENTIMENT]);
    plan_enter_above(plan, EXTERNAL_SOCIAL_VOLUME, parameters[VOLUME]);
    plan_enter_above(plan, EXTERNAL_ENGAGEMENT, parameters[ENGAGEMENT]);
    plan_leave_below(plan, sentiment, parameters[SENTIMENT_EXIT]);
    plan_above_average(plan, &parameters[AVERAGE]);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
}

const Strategy strategy_social_trend = {
    .name = "social_trend",
    .group = "social",
    .sentence = "Holds while sentiment is good, talk is loud and the price above its average.",
    .parameters = {STRATEGY_SENTIMENT("sentiment", 0.6), STRATEGY_SENTIMENT("sentiment_exit", 0.5),
                   STRATEGY_MENTIONS("volume", 5000, 1000),
                   STRATEGY_ENGAGEMENTS("engagement", 2000),
                   STRATEGY_BARS("average", 24, 2, 500, 6), STRATEGY_STOP(4), STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
    .needs_social = true,
};
