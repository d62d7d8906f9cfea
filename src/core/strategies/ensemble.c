/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ensemble: three voters that look at different things: the trend (fast average against slow), the
 * momentum (rate of change), and the MACD's histogram. In when at least `votes` of them are for it,
 * out when at least `leave_votes` are against. Voters that err apart err less together (Timmermann,
 * "Forecast combinations", 2006: plain votes are hard to beat). As rules: one group for each
 * combination of voters.
 */
#include "core/strategies/strategy.h"

enum { FAST, SLOW, LOOKBACK, VOTES, LEAVE_VOTES, STOP, TARGET, TRAIL, SIZE };
enum { MACD_HISTOGRAM = 2 };
enum { VOTERS = 3 };

typedef struct Voters {
    uint8_t left[VOTERS], right[VOTERS];
} Voters;

static const char *misfit(const double *parameters) {
    if (!(parameters[FAST] < parameters[SLOW])) return "fast";
    /* Else one close could ask for both. */
    return parameters[VOTES] + parameters[LEAVE_VOTES] > VOTERS ? NULL : "votes";
}

static unsigned voters_in(unsigned set) {
    return (set & 1) + (set >> 1 & 1) + (set >> 2 & 1);
}

/* A group for each set of exactly `votes` voters. */
static void elect(RuleList *list, const Voters *voters, unsigned votes, RuleTest test) {
    for (unsigned set = 1; set < 1u << VOTERS; set++) {
        if (voters_in(set) != votes) continue;
        bool begun = false;
        for (unsigned voter = 0; voter < VOTERS; voter++) {
            if (!(set >> voter & 1)) continue;
            (begun ? plan_and : plan_when)(list, voters->left[voter], test, voters->right[voter]);
            begun = true;
        }
    }
}

static void plan(const double *parameters, StrategyPlan *plan) {
    uint8_t zero = plan_constant(plan, 0);
    Voters voters = {.right = {0, zero, zero}};
    voters.left[0] = plan_indicator(plan, "sma", 0, &parameters[FAST], 1);
    voters.right[0] = plan_indicator(plan, "sma", 0, &parameters[SLOW], 1);
    voters.left[1] = plan_indicator(plan, "roc", 0, &parameters[LOOKBACK], 1);
    voters.left[2] = plan_indicator(plan, "macd", MACD_HISTOGRAM, NULL, 0);
    elect(&plan->enter, &voters, (unsigned)parameters[VOTES], TEST_ABOVE);
    elect(&plan->leave, &voters, (unsigned)parameters[LEAVE_VOTES], TEST_BELOW);
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan_trail(plan, parameters[TRAIL]);
}

const Strategy strategy_ensemble = {
    .name = "ensemble",
    .group = "ensemble",
    .sentence = "Holds while trend, momentum and MACD vote for it.",
    .parameters = {STRATEGY_BARS("fast", 20, 2, 200, 1),
                   STRATEGY_BARS("slow", 50, 5, 500, 5),
                   STRATEGY_BARS("lookback", 72, 1, 500, 12),
                   {"votes", .preset = 3, .lowest = 1, .highest = 3, .step = 1, .unit = "votes",
                    .whole = true},
                   {"leave_votes", .preset = 2, .lowest = 1, .highest = 3, .step = 1,
                    .unit = "votes", .whole = true},
                   STRATEGY_STOP(5),
                   STRATEGY_TARGET(0),
                   STRATEGY_TRAIL(0),
                   STRATEGY_SIZE(1)},
    .misfit = misfit,
    .plan = plan,
};
