/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social news: buys on good news of weight (impact above the threshold, sentiment above neutral)
 * while the price answers to it, and is out again after hours, because news are old fast (Tetlock,
 * "Giving content to investor sentiment", 2007: the effect reverts within days). Without news
 * samples nothing is traded. Presets: the described system's variant (0.3, 6 hours).
 */
#include "core/strategies/strategy.h"

enum { IMPACT, SENTIMENT, LOOKBACK, HOLD, PAUSE, STOP, TARGET, SIZE };

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t impact = plan_external(plan, EXTERNAL_NEWS_IMPACT);
    uint8_t sentiment = plan_external(plan, EXTERNAL_SENTIMENT);
    uint8_t change = plan_indicator(plan, "roc", 0, &parameters[LOOKBACK], 1);
    uint8_t least = plan_constant(plan, parameters[SENTIMENT]);
    plan_when(&plan->enter, impact, TEST_CROSSES_ABOVE, plan_constant(plan, parameters[IMPACT]));
    plan_and(&plan->enter, sentiment, TEST_ABOVE, least);
    plan_and(&plan->enter, change, TEST_ABOVE, plan_constant(plan, 0));
    plan_when(&plan->leave, sentiment, TEST_BELOW, least);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan->bars_max = (uint32_t)parameters[HOLD];
    plan->bars_pause = (uint32_t)parameters[PAUSE];
}

const Strategy strategy_social_news = {
    .name = "social_news",
    .group = "social",
    .sentence = "Buys on weighty good news while the price answers, and is out within hours.",
    .parameters = {{"impact", .preset = 0.3, .lowest = 0, .highest = 1, .step = 0.05,
                    .unit = "of 1"},
                   STRATEGY_SENTIMENT("sentiment", 0.5),
                   STRATEGY_BARS("lookback", 1, 1, 100, 1),
                   STRATEGY_BARS("hold", 6, 1, 500, 2),
                   STRATEGY_BARS("pause", 6, 0, 500, 2),
                   STRATEGY_STOP(3),
                   STRATEGY_TARGET(6),
                   STRATEGY_SIZE(1)},
    .plan = plan,
    .needs_social = true,
};
