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
    uint8_t close = plan_bar(plan, BAR_CLOSE);
    uint8_t average = plan_indicator(plan, "sma", 0, &parameters[AVERAGE], 1);
    uint8_t sentiment = plan_external(plan, EXTERNAL_SENTIMENT);
    uint8_t volume = plan_external(plan, EXTERNAL_SOCIAL_VOLUME);
    uint8_t engagement = plan_external(plan, EXTERNAL_ENGAGEMENT);
    plan_when(&plan->enter, sentiment, TEST_ABOVE, plan_constant(plan, parameters[SENTIMENT]));
    plan_and(&plan->enter, volume, TEST_ABOVE, plan_constant(plan, parameters[VOLUME]));
    plan_and(&plan->enter, engagement, TEST_ABOVE, plan_constant(plan, parameters[ENGAGEMENT]));
    plan_and(&plan->enter, close, TEST_ABOVE, average);
    plan_when(&plan->leave, sentiment, TEST_BELOW, plan_constant(plan, parameters[SENTIMENT_EXIT]));
    plan_when(&plan->leave, close, TEST_BELOW, average);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
}

const Strategy strategy_social_trend = {
    .name = "social_trend",
    .group = "social",
    .sentence = "Holds while sentiment is good, talk is loud and the price above its average.",
    .parameters = {{"sentiment", .preset = 0.6, .lowest = 0, .highest = 1, .step = 0.05,
                    .unit = "of 1"},
                   {"sentiment_exit", .preset = 0.5, .lowest = 0, .highest = 1, .step = 0.05,
                    .unit = "of 1"},
                   {"volume", .preset = 5000, .lowest = 0, .highest = 1000000, .step = 1000,
                    .unit = "mentions"},
                   {"engagement", .preset = 2000, .lowest = 0, .highest = 10000000, .step = 500,
                    .unit = "engagements"},
                   STRATEGY_BARS("average", 24, 2, 500, 6),
                   STRATEGY_STOP(4),
                   STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
    .needs_social = true,
};
