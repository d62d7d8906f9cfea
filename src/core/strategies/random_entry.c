/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random entry, the placebo: at each close without a position it enters with a fixed chance and
 * leaves after a fixed number of bars. What a strategy is worth is what it does better than this
 * with the same holding times (Aronson, "Evidence-Based Technical Analysis", 2007). The lot of a
 * close depends on the run's seed and the close's time alone, so that a run which begins earlier
 * draws the same ones.
 */
#include "core/base/random.h"
#include "core/strategies/strategy.h"

enum { CHANCE, HOLD, PAUSE, STOP, TARGET, SIZE };

typedef struct RandomEntry {
    double chance, size;
} RandomEntry;

static void plan(const double *parameters, StrategyPlan *plan) {
    plan_protect(plan, parameters[STOP], parameters[TARGET], parameters[SIZE]);
    plan->bars_max = (uint32_t)parameters[HOLD];
    plan->bars_pause = (uint32_t)parameters[PAUSE];
}

static size_t state_size(const double *parameters) {
    (void)parameters;
    return sizeof(RandomEntry);
}

static void init(void *state, const double *parameters) {
    *(RandomEntry *)state = (RandomEntry){.chance = parameters[CHANCE], .size = parameters[SIZE]};
}

static StrategyWish step(void *state, const StrategyView *view) {
    const RandomEntry *entry = state;
    Random lots = random_stream(view->seed, (uint64_t)view->time_us);
    if (view->open || !(random_uniform(&lots) < entry->chance)) return (StrategyWish){0};
    return (StrategyWish){.kind = WISH_ENTER, .fraction = entry->size};
}

const Strategy strategy_random_entry = {
    .name = "random_entry",
    .group = "placebo",
    .sentence = "Enters at random and leaves after a fixed number of bars: the placebo.",
    .parameters = {{"chance", .preset = 0.02, .lowest = 0.0001, .highest = 1, .step = 0.01,
                    .unit = "a bar"},
                   STRATEGY_BARS("hold", 24, 1, 10000, 6),
                   STRATEGY_BARS("pause", 0, 0, 1000, 6),
                   STRATEGY_STOP(0),
                   STRATEGY_TARGET(0),
                   STRATEGY_SIZE(1)},
    .plan = plan,
    .state_size = state_size,
    .init = init,
    .step = step,
};
