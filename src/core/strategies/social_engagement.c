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
    uint8_t close = plan_bar(plan, BAR_CLOSE);
    uint8_t average = plan_indicator(plan, "sma", 0, &parameters[AVERAGE], 1);
    uint8_t engagement = plan_external(plan, EXTERNAL_ENGAGEMENT);
    uint8_t volume = plan_external(plan, EXTERNAL_SOCIAL_VOLUME);
    uint8_t sentiment = plan_external(plan, EXTERNAL_SENTIMENT);
    plan_when(&plan->enter, engagement, TEST_ABOVE, plan_constant(plan, parameters[ENGAGEMENT]));
    plan_and(&plan->enter, volume, TEST_ABOVE, plan_constant(plan, parameters[VOLUME]));
    plan_and(&plan->enter, sentiment, TEST_ABOVE, plan_constant(plan, parameters[SENTIMENT]));
    plan_and(&plan->enter, close, TEST_ABOVE, average);
    plan_when(&plan->leave, engagement, TEST_BELOW,
              plan_constant(plan, parameters[ENGAGEMENT_EXIT]));
    plan_when(&plan->leave, close, TEST_BELOW, average);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
}

const Strategy strategy_social_engagement = {
    .name = "social_engagement",
    .group = "social",
    .sentence = "Holds while engagement is high and the price above its average.",
    .parameters = {{"engagement", .preset = 10000, .lowest = 0, .highest = 10000000, .step = 500,
                    .unit = "engagements"},
                   {"engagement_exit", .preset = 5000, .lowest = 0, .highest = 10000000,
                    .step = 500, .unit = "engagements"},
                   {"volume", .preset = 3000, .lowest = 0, .highest = 1000000, .step = 500,
                    .unit = "mentions"},
                   {"sentiment", .preset = 0.4, .lowest = 0, .highest = 1, .step = 0.05,
                    .unit = "of 1"},
                   STRATEGY_BARS("average", 36, 2, 500, 6),
                   STRATEGY_STOP(4),
                   STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
    .needs_social = true,
};
