/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social engagement: buys when people do more than speak (replies, shares and the like above the
 * threshold) while the price stands above its average; leaves when they have ceased to, or the
 * price is below. Without social samples nothing is traded. Presets: the described system's variant
 * (10,000 engagements, 3,000 mentions, sentiment 0.4, 36 hours).
 */
#include "core/strategies/strategy.h"

enum { ENGAGEMENT, ENGAGEMENT_EXIT, VOLUME, SENTIMENT, AVERAGE, STOP, TARGET, SIZE };

static const char *misfit(const double *parameters) {
    return parameters[ENGAGEMENT_EXIT] <= parameters[ENGAGEMENT] ? NULL : "engagement_exit";
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t engagement = plan_enter_above(plan, EXTERNAL_ENGAGEMENT, parameters[ENGAGEMENT]);
    plan_enter_above(plan, EXTERNAL_SOCIAL_VOLUME, parameters[VOLUME]);
    plan_enter_above(plan, EXTERNAL_SENTIMENT, parameters[SENTIMENT]);
    plan_leave_below(plan, engagement, parameters[ENGAGEMENT_EXIT]);
    plan_above_average(plan, &parameters[AVERAGE]);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
}

const Strategy strategy_social_engagement = {
    .name = "social_engagement",
    .group = "social",
    .sentence = "Holds while engagement is high and the price above its average.",
    .parameters = {STRATEGY_ENGAGEMENTS("engagement", 10000),
                   STRATEGY_ENGAGEMENTS("engagement_exit", 5000),
                   STRATEGY_MENTIONS("volume", 3000, 500), STRATEGY_SENTIMENT("sentiment", 0.4),
                   STRATEGY_BARS("average", 36, 2, 500, 6), STRATEGY_STOP(4), STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
    .needs_social = true,
};
