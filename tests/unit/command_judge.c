/* SPDX-License-Identifier: Apache-2.0 */
/* `backtest judge`, and the counting of trials by `run`, `sweep` and `judge`, as a user and a
 * script see them. */
#include "unit.h"

#include "program.h"
#include "walk_market.h"

#define BARS 600

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

/* A random walk of hours as a candle file. */
static void write_walk(void) {
    WalkMarket walk = walk_market(&(WalkPlan){BARS, INSTANT_HOUR_US, 0.01, 0, 12, false});
    const CandleSeries *candles = &walk.market.candles;
    FILE *file = fopen("WALKUSDT-1h.csv", "w");
    assert_non_null(file);
    fputs("time,open,high,low,close,volume\n", file);
    for (size_t bar = 0; bar < BARS; bar++)
        fprintf(file, "%lld,%.6f,%.6f,%.6f,%.6f,10\n", (long long)candles->time_us[bar] / 1000,
                (double)candles->open[bar] / 1e8, (double)candles->high[bar] / 1e8,
                (double)candles->low[bar] / 1e8, (double)candles->close[bar] / 1e8);
    assert_int_equal(fclose(file), 0);
    walk_end(&walk);
}

#define INPUT     " --input WALKUSDT-1h.csv --strategy trend_following "
#define RUN(set)  "backtest run --json" INPUT "--parameters " set
#define GRID(set) INPUT "--grid " set

static void trials_are_counted_and_not_forgotten(void **state) {
    (void)state;
    write_walk();
    works_as_json(RUN("fast=5,slow=20"));
    holds("\"trials\":1,");
    works_as_json(RUN("fast=6,slow=20"));
    holds("\"trials\":2,");
    works_as_json(RUN("fast=6,slow=20")); /* the same again is no other trial */
    holds("\"trials\":2,");
    works_as_json("backtest sweep --json" GRID("fast=5:8:1,slow=20:40:20"));
    works_as_json("backtest judge --paths 5 --json" GRID("fast=5:9:1,slow=20"));
    works_as_json(RUN("fast=6,slow=20")); /* 4 x 2 of the sweep, 9 and the presets of the other */
    holds("\"trials\":10,");
    assert_int_equal(unlink("data/trials.ledger"), 0); /* the copy counts */
    works_as_json(RUN("fast=7,slow=20"));
    holds("\"trials\":10,");
    holds("the ledger of trials was mended");
    assert_int_equal(unlink("data/trials.ledger") + unlink("data/trials.ledger.copy"), 0);
    works_as_json(RUN("fast=8,slow=20")); /* the last result bears witness */
    holds("\"trials\":10,");
    holds("trials unknown: at least 10");
    works_as_json(RUN("fast=5,slow=21"));
    holds("trials unknown: at least 10");
}

static void a_judgement_has_all_its_parts(void **state) {
    (void)state;
    write_walk();
    works_as_json("backtest judge --paths 10 --json" GRID("fast=5:15:5,slow=20:60:20"));
    static const char *const parts[] = {
        "\"skill_probability\":",       "\"bootstrap\":{\"sharpe_ratio_ci95\":[",
        "\"placebo\":{\"own_return\":", "\"shuffled_trades\":{\"own_max_drawdown\":",
        "\"shuffled_candles\":{\"own",  "\"choice_of_parameters\":{\"sets\":9,"};
    for (unsigned index = 0; index < sizeof parts / sizeof parts[0]; index++)
        holds(parts[index]);
    works("backtest judge --paths 10" INPUT);
    holds("placebo p");
    holds("--grid judges it");
    /* too short to trade: nothing is invented for what is not there */
    works_as_json("backtest judge --paths 3 --days 1 --json" INPUT);
    holds("\"placebo\":{\"missing\":");
    holds("\"choice_of_parameters\":{\"missing\":\"no grid was given\"}");
}

static void bad_words_are_refused(void **state) {
    (void)state;
    write_walk();
    assert_int_equal(trader("backtest judge --input WALKUSDT-1h.csv --json"), 2);
    holds("say which strategy");
    assert_int_equal(trader("backtest judge --paths 0 --json" INPUT), 2);
    assert_int_equal(trader("backtest judge --json" GRID("fast=5")), 2); /* one set is no choice */
    holds("a grid of 2 to 2,000 sets");
    assert_int_equal(trader("backtest judge --json" GRID("quick=5:10:1")), 2);
    assert_int_equal(trader("backtest judge --json --input absent.csv --strategy grid"), 2);
}

#define OWN(test) cmocka_unit_test_setup_teardown(test, temporary_enter, temporary_leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        OWN(trials_are_counted_and_not_forgotten),
        OWN(a_judgement_has_all_its_parts),
        OWN(bad_words_are_refused),
    };
    return program_prepare() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
