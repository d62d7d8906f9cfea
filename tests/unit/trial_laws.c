/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of every trial: on random scripts over walks, and of strategies over cut histories. */
#include "check_aborts.h"
#include "trial_record.h"

static StrategyWish random_wish(Random *random) {
    static const double levels[] = {0, 0.001, 0.01, 0.05};
    if (random_below(random, 3)) return (StrategyWish){0};
    return (StrategyWish){.kind = WISH_ENTER + random_below(random, 4),
                          .fraction = random_uniform(random) + 1e-6,
                          .of_start = random_below(random, 4) == 0,
                          .stop_fraction = levels[random_below(random, 4)],
                          .target_fraction = levels[random_below(random, 4)]};
}

/* Whatever is wished: the books balance (run asserts it), every fee belongs to a trade, and a
 * second run is the same. */
static void test_random_scripts_reconcile(void **state) {
    (void)state;
    unsigned sold = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Random random = random_stream(seed, 2);
        static double rows[STAGE_WISHES];
        TrialMarket markets[2] = {stage_market(stage_walk(1500, seed, 0.01)),
                                  stage_market(stage_walk(1500, seed + 1000, 0.03))};
        for (unsigned i = 0; i < STAGE_WISHES; i++)
            rows[i] = 1;
        markets[1].external[EXTERNAL_SENTIMENT] = rows;
        markets[0].filters.step = quantity_of(1 + random_below(&random, 20) * STAGE_COIN / 10);
        markets[1].filters.notional_min = money_of(random_below(&random, 3000) * STAGE_COIN);
        markets[1].filters.notional_max = money_of(random_below(&random, 2) * 4000 * STAGE_COIN);
        TrialPlan plan = stage_trial(markets, 2);
        plan.positions_max = 1 + random_below(&random, 2);
        plan.smallest = money_of(random_below(&random, 100) * STAGE_COIN);
        plan.costs.fee_ppm = random_below(&random, 20000);
        plan.costs.slippage_ppm = random_below(&random, 2000);
        for (unsigned row = 0; row < 2; row++)
            for (unsigned i = 0; i < STAGE_WISHES; i++)
                stage_script[row][i] = random_wish(&random);
        TrialResult result = run(&plan);
        sold += result.trades;
        Money fees = money_of(0);
        for (unsigned i = 0; i < result.trades; i++) {
            fees = money_add(fees, trades[i].fees);
            assert_true(trades[i].worst <= 0 || trades[i].exit.units > trades[i].entry.units);
            assert_true(trades[i].worst <= trades[i].best);
        }
        assert_true(result.trades < TRADES_MAX);
        assert_true(money_compare(fees, result.fees) == 0);
        uint64_t hash = result.hash;
        assert_int_equal(run(&plan).hash, hash);
        for (unsigned i = 0; i < 2; i++)
            stage_free(&markets[i].candles);
    }
    assert_true(sold > 1000);
}

/* What comes later changes nothing that was before: a trial of fewer bars has the same trades, but
 * for the one that the end cuts off. */
static void test_the_future_changes_nothing(void **state) {
    (void)state;
    static TrialTrade before[TRADES_MAX];
    TrialMarket market = stage_market(stage_walk(3000, 7, 0.01));
    TrialPlan plan = stage_trial(&market, 1);
    plan.strategy = strategy_find("trend_following");
    strategy_presets(plan.strategy, plan.parameters);
    TrialResult whole = run(&plan);
    memcpy(before, trades, sizeof trades);
    assert_true(whole.trades > 10);
    for (market.end = 100; market.end < 3000; market.end += 371) {
        TrialResult cut = run(&plan);
        for (unsigned i = 0; i + 1 < cut.trades; i++)
            assert_memory_equal(&trades[i], &before[i], sizeof trades[i]);
    }
    stage_free(&market.candles);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_scripts_reconcile),
        cmocka_unit_test(test_the_future_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
