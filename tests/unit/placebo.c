/* SPDX-License-Identifier: Apache-2.0 */
/* Placebos, shuffled trades and shuffled candles: by hand, at the edges, and over noise. */
#include "unit.h"

#include "core/base/check.h"
#include "core/trial/candle_shuffle.h"
#include "core/trial/placebo.h"
#include "core/trial/trade_shuffle.h"
#include "walk_market.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static const PaperCosts free_of_costs = {0, 0, 0}, usual_costs = {1000, 250, 500};

static WalkMarket walk_of(size_t bars, double drift, uint64_t seed) {
    return walk_market(&(WalkPlan){bars, INSTANT_HOUR_US, 0.01, drift, seed, false});
}

/* ---- placebo ------------------------------------------------------------------------------- */

static Placebo placebo_for(const TrialPlan *trial, const TrialTrade *trades, uint32_t count,
                           double *outcomes) {
    PlaceboPlan plan = {trial, trades, count, 199, 5};
    void *memory = malloc(placebo_memory(&plan));
    Placebo result;
    Error error;
    if (!placebo_of(&plan, memory, outcomes, &result, &error)) fail_msg("%s", error.message);
    free(memory);
    return result;
}

/* Four bars; two trades of one bar each, sold by signals. Opens 100 110 99 198: one bar's growth is
 * 1.1 (from 0), 0.9 (from 1), 2 (from 2). Two spans of one bar in four bars may start at 0 and 1, 0
 * and 2, 1 and 2 (and, at the end, on the last bar, which grows by nothing). */
static void placebos_by_hand(void **state) {
    (void)state;
    WalkMarket walk = walk_of(4, 0, 1);
    static const int64_t opens[4] = {100, 110, 99, 198};
    int64_t *open = walk.cells + 4;
    memcpy(open, opens, sizeof opens);
    TrialPlan trial = walk_trial(&walk, "trend_following", free_of_costs);
    TrialTrade trades[2] = {{.entry_bar = 0, .exit_bar = 1, .reason = REASON_SIGNAL},
                            {.entry_bar = 2, .exit_bar = 3, .reason = REASON_SIGNAL}};
    double outcomes[199];
    Placebo result = placebo_for(&trial, trades, 2, outcomes);
    assert_close(result.own, 1.1 * 2 - 1, 1e-14); /* the best there is */
    static const double possible[] = {1.1 * 0.9, 1.1 * 2, 0.9 * 2, 1.1, 0.9, 2};
    unsigned seen[6] = {0};
    for (unsigned index = 0; index < 199; index++) {
        bool known = false;
        for (unsigned row = 0; row < 6; row++)
            if (fabs(outcomes[index] + 1 - possible[row]) < 1e-12) known = ++seen[row];
        if (!known) fail_msg("a placebo grew to %g", outcomes[index] + 1);
    }
    assert_true(seen[0] > 5 && seen[1] > 5 && seen[2] > 5);
    assert_close(result.p, (seen[1] + 1) / 200.0, 1e-15);
    walk_end(&walk);
}

/* One trade over all bars has only itself as a placebo: p is 1, whatever the market did. */
static void buying_and_holding_is_its_own_placebo(void **state) {
    (void)state;
    WalkMarket walk = walk_of(300, 0.001, 2);
    TrialPlan trial = walk_trial(&walk, "trend_following", usual_costs);
    TrialTrade trade = {.entry_bar = 0, .exit_bar = 299, .reason = REASON_FLATTEN};
    Placebo result = placebo_for(&trial, &trade, 1, NULL);
    assert_close(result.p, 1, 0);
    assert_close(result.low, result.own, 1e-12);
    assert_close(result.high, result.own, 1e-12);
    double bought = (double)walk.market.candles.open[0],
           sold = (double)walk.market.candles.close[299];
    double kept = 0.999 * 0.999 * (1 - 0.00075) / (1 + 0.00075);
    assert_close(result.own, sold / bought * kept - 1, 1e-12);
    walk_end(&walk);
}

/* Trades of a strategy over walks: their p-values are spread evenly; those of a seer are tiny. */
static void p_is_even_over_noise_and_small_for_foresight(void **state) {
    (void)state;
    unsigned low = 0, turns = 200;
    for (unsigned turn = 0; turn < turns; turn++) {
        WalkMarket walk = walk_of(400, 0, 100 + turn);
        TrialPlan trial = walk_trial(&walk, "trend_following", usual_costs);
        Random random = random_stream(9, turn);
        TrialTrade trades[10], seer[10];
        for (uint32_t index = 0; index < 10; index++) {
            uint32_t entry = index * 40 + random_below(&random, 30);
            trades[index] =
                (TrialTrade){.entry_bar = entry, .exit_bar = entry + 5, .reason = REASON_SIGNAL};
            seer[index] = trades[index];
            for (uint32_t start = index * 40; start < index * 40 + 30; start++) {
                const int64_t *open = walk.market.candles.open;
                uint32_t best = seer[index].entry_bar;
                if ((double)open[start + 5] / (double)open[start] >
                    (double)open[best + 5] / (double)open[best])
                    seer[index].entry_bar = start, seer[index].exit_bar = start + 5;
            }
        }
        low += placebo_for(&trial, trades, 10, NULL).p <= 0.1;
        if (turn < 5) assert_true(placebo_for(&trial, seer, 10, NULL).p < 0.02);
        walk_end(&walk);
    }
    /* binomial deviation of 200 at 10 %: 4.2; four of them */
    assert_in_range(low, 20 - 17, 20 + 17);
}

/* A stop inside the entry bar, a trade up to the last bar: nothing leaves the market. */
static void short_and_late_trades_stay_inside(void **state) {
    (void)state;
    WalkMarket walk = walk_of(30, 0, 3);
    TrialPlan trial = walk_trial(&walk, "trend_following", usual_costs);
    TrialTrade trades[3] = {{.entry_bar = 0, .exit_bar = 0, .reason = REASON_STOP_LOSS},
                            {.entry_bar = 1, .exit_bar = 20, .reason = REASON_SIGNAL},
                            {.entry_bar = 20, .exit_bar = 29, .reason = REASON_FLATTEN}};
    trades[0].exit = price_of(walk.market.candles.close[0]);
    Placebo result = placebo_for(&trial, trades, 3, NULL);
    assert_true(result.p > 0 && result.p <= 1 && isfinite(result.own));
    Error error;
    PlaceboPlan plan = {&trial, trades, 0, 99, 1};
    assert_false(placebo_of(&plan, NULL, NULL, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
    plan.trade_count = 3;
    trades[2].exit_bar = 30;
    assert_false(placebo_of(&plan, NULL, NULL, &result, &error));
    assert_int_equal(error.code, ERROR_RANGE);
    plan.placebos = 0;
    assert_false(placebo_of(&plan, NULL, NULL, &result, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    walk_end(&walk);
}

/* ---- order of trades ----------------------------------------------------------------------- */

static TradeShuffle shuffled(const double *shares, uint32_t count, double ruin) {
    TrialTrade trades[64];
    Money equity = money_of((__int128)10000 * DECIMAL_SCALE), start = equity;
    for (uint32_t index = 0; index < count; index++) {
        double gain = rint(money_double(equity) * shares[index] * 1e8);
        trades[index] = (TrialTrade){.gain = money_of((__int128)gain)};
        equity = money_add(equity, trades[index].gain);
    }
    TradeShufflePlan plan = {trades, count, start, 2000, 3, ruin};
    void *memory = malloc(trade_shuffle_memory(&plan));
    TradeShuffle result;
    assert_true(trade_shuffle_of(&plan, memory, &result, NULL));
    free(memory);
    return result;
}

/* Up 100 %, down 50 %: whatever the order it comes back; the drawdown is a half in both. Drawn with
 * replacement: 4, 1, 1 or 1/4 of the start, each with a quarter; a half is touched by every path
 * that loses first, or second after... : DD, DU touch it; UD does not, UU does not. */
static void two_trades_by_hand(void **state) {
    (void)state;
    const double shares[2] = {1, -0.5};
    TradeShuffle result = shuffled(shares, 2, 0.5);
    assert_close(result.growth, 0, 1e-12);
    assert_close(result.drawdown, 0.5, 1e-12);
    assert_close(result.drawdown_median, 0.5, 1e-9);
    assert_close(result.growth_low, -0.75, 1e-9);
    assert_close(result.growth_median, 0, 1e-9);
    assert_close(result.growth_high, 3, 1e-9);
    assert_close(result.loss, 0.25, 0.04); /* deviation 0.01 */
    assert_close(result.ruin, 0.5, 0.05);
}

/* Gains and losses in turn is a lucky order: it hides the drawdown that most orders have. */
static void a_lucky_order_is_shown_as_one(void **state) {
    (void)state;
    double shares[20];
    for (unsigned index = 0; index < 20; index++)
        shares[index] = index % 2 ? -0.05 : 0.05;
    TradeShuffle result = shuffled(shares, 20, 0);
    assert_true(result.drawdown < 0.08);
    assert_true(result.drawdown_median > 0.1 && result.drawdown_high > result.drawdown_median);
    assert_true(result.drawdown_99 >= result.drawdown_high);
    assert_close(result.ruin, 0, 0);
    Error error;
    TradeShufflePlan plan = {NULL, 0, money_of(1), 10, 1, 0.5};
    assert_false(trade_shuffle_of(&plan, NULL, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
}

/* ---- candles ------------------------------------------------------------------------------- */

/* Drawn in their own order, the candles are what they were, but for the rounding to the tick. */
static void the_identity_gives_the_market_back(void **state) {
    (void)state;
    WalkMarket walk = walk_of(50, 0, 4), room = walk_of(50, 0, 5);
    walk.market.first = 10;
    CandleShuffleColumns columns = {.open = room.cells + 50,
                                    .high = room.cells + 100,
                                    .low = room.cells + 150,
                                    .close = room.cells + 200,
                                    .volume = room.volumes,
                                    .quote_volume = room.volumes + 50};
    uint32_t steps[40];
    for (uint32_t step = 0; step < 40; step++)
        steps[step] = step;
    TrialMarket path;
    candle_shuffle_path(&walk.market, steps, &columns, &path);
    const CandleSeries *own = &walk.market.candles;
    assert_int_equal(path.candles.count, 50);
    for (size_t bar = 0; bar < 50; bar++) {
        assert_int_equal(path.candles.open[bar], own->open[bar]);
        assert_int_equal(path.candles.high[bar], own->high[bar]);
        assert_int_equal(path.candles.low[bar], own->low[bar]);
        assert_int_equal(path.candles.close[bar], own->close[bar]);
    }
    /* backwards: each candle keeps its shape, and all are sound and on the tick */
    for (uint32_t step = 0; step < 40; step++)
        steps[step] = 39 - step;
    candle_shuffle_path(&walk.market, steps, &columns, &path);
    for (size_t bar = 0; bar < 50; bar++) {
        Bar candle = candle_series_bar(&path.candles, bar);
        assert_null(bar_fault(&candle, INSTANT_HOUR_US));
        assert_int_equal(candle.close.units % 100, 0);
        if (bar < 10) continue;
        size_t from = 10 + 39 - (bar - 10);
        assert_close((double)candle.close.units / (double)candle.open.units,
                     (double)own->close[from] / (double)own->open[from], 1e-7);
        assert_close((double)candle.high.units / (double)candle.low.units,
                     (double)own->high[from] / (double)own->low[from], 1e-7);
    }
    walk_end(&walk);
    walk_end(&room);
}

/* A path that falls for ever stays at one tick and sound. */
static void a_falling_path_stays_sound(void **state) {
    (void)state;
    WalkMarket walk = walk_of(100, -0.9, 6), room = walk_of(100, 0, 5);
    int64_t *open = walk.cells + 100, *high = open + 100, *low = high + 100, *close = low + 100;
    for (unsigned bar = 0; bar < 100; bar++)
        open[bar] = high[bar] = 1000000, close[bar] = low[bar] = 100000;
    CandleShuffleColumns columns = {.open = room.cells + 100,
                                    .high = room.cells + 200,
                                    .low = room.cells + 300,
                                    .close = room.cells + 400,
                                    .volume = room.volumes,
                                    .quote_volume = room.volumes + 100};
    uint32_t steps[100] = {0}; /* the first has no close before it: 90 % down each time */
    TrialMarket path;
    candle_shuffle_path(&walk.market, steps, &columns, &path);
    for (size_t bar = 0; bar < 100; bar++) {
        Bar candle = candle_series_bar(&path.candles, bar);
        assert_null(bar_fault(&candle, INSTANT_HOUR_US));
    }
    assert_int_equal(path.candles.close[99], 100);
    walk_end(&walk);
    walk_end(&room);
}

static CandleShuffle shuffle_candles(const TrialPlan *trial, uint32_t paths, double length,
                                     uint64_t seed) {
    CandleShufflePlan plan = {trial, {RESAMPLE_STATIONARY, length, seed}, paths};
    void *memory = malloc(candle_shuffle_memory(&plan));
    CandleShuffleRun *runs = calloc(paths, sizeof *runs);
    CandleShuffle result;
    Error error;
    if (!candle_shuffle_of(&plan, memory, runs, &result, &error)) fail_msg("%s", error.message);
    for (uint32_t path = 0; path < paths; path++)
        assert_true(runs[path].drawdown >= 0 && runs[path].growth > -1);
    free(runs);
    free(memory);
    return result;
}

/* A market of long swings: following the trend earns there, and not where the swings are cut up. */
static void trends_are_lost_when_candles_are_shuffled(void **state) {
    (void)state;
    WalkMarket walk = walk_of(1500, 0, 7);
    int64_t *open = walk.cells + 1500, *high = open + 1500, *low = high + 1500, *close = low + 1500;
    double price = 100, before = 100;
    for (unsigned bar = 0; bar < 1500; bar++) {
        price *= bar / 150 % 2 ? 0.997 : 1.0032;
        open[bar] = walk_units(before), close[bar] = walk_units(price);
        high[bar] = open[bar] > close[bar] ? open[bar] : close[bar];
        low[bar] = open[bar] < close[bar] ? open[bar] : close[bar];
        before = price;
    }
    TrialPlan trial = walk_trial(&walk, "trend_following", usual_costs);
    CandleShuffle result = shuffle_candles(&trial, 99, 2, 1);
    print_message("swings: growth %.2f, of shuffled paths %.2f to %.2f (p %.2f)\n",
                  result.own.growth, result.growth.low, result.growth.high, result.p);
    assert_true(result.own.growth > result.growth.high && result.p < 0.05);
    CandleShuffle again = shuffle_candles(&trial, 99, 2, 1);
    assert_memory_equal(&again.growth, &result.growth, sizeof result.growth);
    walk_end(&walk);
}

/* Over walks there is nothing to lose: p is spread evenly. */
static void over_noise_p_is_even(void **state) {
    (void)state;
    unsigned low = 0, turns = 100;
    for (unsigned turn = 0; turn < turns; turn++) {
        WalkMarket walk = walk_of(400, 0, 500 + turn);
        TrialPlan trial = walk_trial(&walk, "trend_following", free_of_costs);
        CandleShuffle result = shuffle_candles(&trial, 39, 1, turn);
        low += result.p <= 0.2;
        walk_end(&walk);
    }
    /* binomial deviation of 100 at 20 %: 4; four of them */
    assert_in_range(low, 20 - 16, 20 + 16);
}

static void what_cannot_be_shuffled_is_refused(void **state) {
    (void)state;
    WalkMarket one = walk_of(100, 0, 1), other = walk_of(120, 0, 2);
    TrialMarket markets[2] = {one.market, other.market};
    TrialPlan trial = walk_trial(&one, "trend_following", free_of_costs);
    trial.markets = markets;
    trial.market_count = 2;
    CandleShufflePlan plan = {&trial, {RESAMPLE_STATIONARY, 1, 1}, 5};
    CandleShuffle result;
    Error error;
    assert_false(candle_shuffle_of(&plan, NULL, NULL, &result, &error));
    assert_int_equal(error.code, ERROR_DATA);
    plan.paths = 0;
    assert_false(candle_shuffle_of(&plan, NULL, NULL, &result, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    walk_end(&one);
    walk_end(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(placebos_by_hand),
        cmocka_unit_test(buying_and_holding_is_its_own_placebo),
        cmocka_unit_test(p_is_even_over_noise_and_small_for_foresight),
        cmocka_unit_test(short_and_late_trades_stay_inside),
        cmocka_unit_test(two_trades_by_hand),
        cmocka_unit_test(a_lucky_order_is_shown_as_one),
        cmocka_unit_test(the_identity_gives_the_market_back),
        cmocka_unit_test(a_falling_path_stays_sound),
        cmocka_unit_test(trends_are_lost_when_candles_are_shuffled),
        cmocka_unit_test(over_noise_p_is_even),
        cmocka_unit_test(what_cannot_be_shuffled_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
