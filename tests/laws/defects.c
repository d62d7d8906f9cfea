/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mistakes of the described backtester, one test each, by name: ours does not make them, and
 * each test would tell, for the mistake is planted beside it and the same measure finds it.
 */
#define PLANTED_BUGS
#include "lab_stage.h"

#include "check_aborts.h"
#include "core/base/planted.h"
#include "core/base/random.h"
#include "core/bus/codec.h"
#include "core/trial/canary_subjects.h"
#include "core/trial/metrics.h"
#include "core/trial/rule_columns.h"
#include "core/trial/strategy_choice.h"

unsigned planted_bug;

#define TRADES_MAX 5000

static StageMarkets stage; /* 60 days of hours, one symbol */
static Settings settings;
static TrialTrade trial_trades[TRADES_MAX], lab_trades[TRADES_MAX];

static int open_stage(void **state) {
    (void)state;
    stage = stage_generated(41, 1, 60, INTERVAL_1H);
    settings = stage_free_settings(&stage, strategy_find("trend_following"));
    strcpy(settings.strategy.parameters, "fast=5,slow=15,stop_pct=2,target_pct=4");
    return 0;
}

static int close_stage(void **state) {
    (void)state;
    stage_markets_free(&stage);
    return 0;
}

static TrialPlan trial_plan(TrialMarket markets[static LIMIT_SYMBOLS]) {
    const Strategy *strategy = strategy_find("trend_following");
    TrialPlan plan = stage_trial_plan(&stage, &settings, strategy, markets);
    Error error;
    assert_true(strategy_parameters_read(strategy, slice_of(settings.strategy.parameters),
                                         plan.parameters, &error));
    return plan;
}

static LabPlan lab_plan(void) {
    LabPlan plan = stage_plan(&stage, &settings);
    plan.flatten = true;
    return plan;
}

/* Both engines' trades; the law of trial and lab says that they are the same. */
static uint32_t run_both(void) {
    TrialMarket markets[LIMIT_SYMBOLS];
    TrialPlan trial = trial_plan(markets);
    LabPlan lab = lab_plan();
    TrialResult result =
        stage_run_trial(&trial, &(TrialOutput){.trades = trial_trades, .trades_max = TRADES_MAX});
    LabResult other =
        stage_run_lab(&lab, &(TrialOutput){.trades = lab_trades, .trades_max = TRADES_MAX});
    assert_int_equal(result.hash, other.trial.hash);
    assert_true(result.trades > 20 && result.trades <= TRADES_MAX);
    return result.trades;
}

/* ---- the last bar's indicators in every row ------------------------------------------------- */

/* The value at a row, computed from a history that ends there. */
static double value_at_end(const CandleSeries *candles, size_t rows) {
    const Indicator *indicator = indicator_find("rsi");
    double options[INDICATOR_OPTIONS_MAX], out[INDICATOR_OUTPUTS_MAX], state[64];
    indicator_presets(indicator, options);
    assert_true(indicator->state_size(options) <= sizeof state);
    indicator->init(state, options);
    for (size_t row = 0; row < rows; row++) {
        Bar bar = candle_series_bar(candles, row);
        IndicatorBar in = indicator_bar(&bar);
        indicator->step(state, &in, out);
    }
    return out[0];
}

static unsigned rows_that_differ(const CandleSeries *candles, const double *column) {
    unsigned differing = 0;
    for (size_t row = 100; row < candles->count; row += 97)
        differing += column[row] != value_at_end(candles, row + 1);
    return differing;
}

static void test_each_row_has_its_own_indicators(void **state) {
    (void)state;
    const CandleSeries *candles = &stage.markets[0].candles;
    StrategyPlan plan = {.size_fraction = 1};
    RuleColumns columns;
    uint32_t places[PLAN_COLUMNS_MAX];
    Error error;
    plan_indicator(&plan, "rsi", 0, NULL, 0);
    void *memory = malloc(canary_scratch(candles->count));
    Arena arena = arena_in(memory, canary_scratch(candles->count));
    rule_columns_init(&columns, &arena, PLAN_COLUMNS_MAX, candles->length_us);
    assert_true(rule_columns_add(&columns, &plan, places, &error));
    rule_columns_open(&columns, &arena, candles->count);
    assert_int_equal(rule_columns_next(&columns, candles, NULL), candles->count);
    double *column = malloc(candles->count * sizeof *column);
    memcpy(column, rule_columns_values(&columns, places[0]), candles->count * sizeof *column);
    assert_int_equal(rows_that_differ(candles, column), 0);
    for (size_t row = 0; row < candles->count; row++) column[row] = column[candles->count - 1];
    assert_true(rows_that_differ(candles, column) > 10); /* the mistake */
    free(column);
    free(memory);
}

/* ---- gaps filled backwards ------------------------------------------------------------------ */

typedef struct Heard {
    unsigned bars, inside; /* bars said; things said while there are no candles */
    int64_t from_us, until_us;
} Heard;

static void hear_gap(void *context, const Message *message) {
    Heard *heard = context;
    heard->bars += message->topic == TOPIC_BARS;
    bool decides = message->topic == TOPIC_BARS || message->topic == TOPIC_MARKET_UPDATES ||
                   message->topic == TOPIC_TRADING_SIGNALS ||
                   message->topic == TOPIC_TRADE_EXECUTIONS;
    heard->inside +=
        decides && message->time_us >= heard->from_us && message->time_us < heard->until_us;
}

/* A day is missing. Whoever fills it from behind hands out rows that nobody recorded. */
static void test_gaps_stay_gaps(void **state) {
    (void)state;
    enum { BEFORE = 700, MISSING = 24 };
    const CandleSeries *whole = &stage.markets[0].candles;
    for (planted_bug = 0; planted_bug < 2; planted_bug++) {
        StageMarkets holed = {0};
        assert_int_equal(
            bar_columns_symbol(&holed, &stage.markets[0].symbol, whole->length_us), 0);
        for (size_t row = 0; row < whole->count; row++) {
            bool missing = row >= BEFORE && row < BEFORE + MISSING;
            Bar bar = candle_series_bar(whole, missing ? BEFORE + MISSING : row);
            bar.time_us = whole->time_us[row];
            if (!missing || PLANTED(1, false, true)) stage_add(&holed, 0, &bar);
        }
        Heard heard = {.from_us = whole->time_us[BEFORE],
                       .until_us = whole->time_us[BEFORE + MISSING]};
        LabPlan plan = stage_plan(&holed, &settings);
        plan.watch = hear_gap;
        plan.watch_context = &heard;
        stage_run_lab(&plan, NULL);
        assert_int_equal(heard.bars, whole->count - PLANTED(1, MISSING, 0));
        assert_true(PLANTED(1, heard.inside == 0, heard.inside > MISSING));
        stage_markets_free(&holed);
    }
    planted_bug = 0;
}

/* ---- social data joined by nearest time ----------------------------------------------------- */

/* A sentiment every 7 hours, as the second series' open; joined to each hour's close. */
static void join(const CandleSeries *candles, const CandleSeries *social, double *column) {
    for (size_t row = 0; row < candles->count; row++) {
        int64_t close_us = candles->time_us[row] + candles->length_us;
        size_t after = candle_series_before(social, close_us);
        bool there = after < social->count;
        int64_t ahead_us = there ? social->time_us[after] - close_us : INT64_MAX;
        int64_t behind_us = after ? close_us - social->time_us[after - 1] : INT64_MAX;
        bool nearest = PLANTED(2, false, ahead_us < behind_us);
        size_t of = nearest ? after : after - 1;
        column[row] = after || nearest ? (double)social->open[of] / 1e13 : (double)NAN;
    }
}

static bool run_social(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                       void *scratch, CanarySink *sink, Error *error) {
    const Strategy *strategy = subject->context;
    StageMarkets one = {.count = 1, .markets = {{.candles = series[0], .end = series[0].count}}};
    TrialMarket markets[LIMIT_SYMBOLS];
    double *column = scratch;
    TrialTrade *trades = (TrialTrade *)(column + series[0].count);
    TrialOutput output = {.trades = trades, .trades_max = TRADES_MAX};
    (void)count, (void)error;
    one.markets[0].symbol.filters = stage.markets[0].symbol.filters;
    TrialPlan plan = stage_trial_plan(&one, &settings, strategy, markets);
    double loud[4000];
    for (unsigned i = 0; i < 4000; i++) loud[i] = 1e6;
    assert_true(series[0].count <= 4000);
    join(&series[0], &series[1], column);
    markets[0].external[EXTERNAL_SENTIMENT] = column;
    markets[0].external[EXTERNAL_SOCIAL_VOLUME] = loud;
    markets[0].external[EXTERNAL_ENGAGEMENT] = loud;
    TrialResult result = stage_run_trial(&plan, &output);
    assert_true(result.trades <= TRADES_MAX);
    uint32_t trade = 0;
    for (size_t row = 0; row < series[0].count; row++) {
        int64_t close_us = series[0].time_us[row] + series[0].length_us - 1;
        for (; trade < result.trades && trades[trade].exit_us <= close_us; trade++)
            if (trades[trade].reason != REASON_FLATTEN)
                canary_say(sink, close_us, 0, &trades[trade].gain, sizeof trades[trade].gain);
        canary_say(sink, close_us, 1, &column[row], sizeof column[row]);
    }
    return true;
}

static void test_social_data_are_joined_as_they_were_known(void **state) {
    (void)state;
    StageMarkets social = stage_generated(43, 1, 60, INTERVAL_1H);
    CandleSeries *samples = &social.markets[0].candles;
    for (size_t row = 0; row * 7 < samples->count; row++) {
        Bar bar = candle_series_bar(samples, row * 7);
        bar_columns_set(&social, 0, row, &bar);
    }
    samples->count /= 7;
    const CandleSeries series[] = {stage.markets[0].candles, *samples};
    CanaryPlan plan = {.series = series, .series_count = 2, .cuts = 6, .seed = 3,
                       .events_max = 2 * canary_events(series[0].count)};
    plan.scratch = malloc(canary_scratch(series[0].count) + TRADES_MAX * sizeof(TrialTrade));
    void *memory = malloc(canary_memory(&plan));
    CanarySubject subject = {.kind = "trial", .name = "social", .run = run_social,
                             .context = strategy_find("social_trend")};
    Error error = {.code = ERROR_NONE};
    planted_bug = 0;
    assert_int_equal(canary_watch(&plan, &subject, memory, &error).verdict, CANARY_SINGS);
    planted_bug = 2;
    assert_int_equal(canary_watch(&plan, &subject, memory, &error).verdict, CANARY_FUTURE);
    planted_bug = 0;
    free(memory);
    free(plan.scratch);
    stage_markets_free(&social);
}

/* ---- no fees or slippage, fills at the close ------------------------------------------------ */

/* An entry pays the next open, moved against it, and a fee of 0.1 % on either side. */
static bool pays_its_way(const TrialTrade *trade) {
    const CandleSeries *candles = &stage.markets[trade->market].candles;
    double open = (double)candles->open[trade->entry_bar];
    double against = (settings.paper.spread_bps / 2 + settings.paper.slippage_bps) / 1e4;
    double paid = (double)trade->entry.units / open - 1;
    double volume = (price_double(trade->entry) + price_double(trade->exit)) *
                    quantity_double(trade->quantity);
    double fee = money_double(trade->fees) / (volume * settings.paper.fee_bps / 1e4);
    return paid >= against && paid < against + 1e-4 && fee > 0.99 && fee < 1.01 &&
           trade->slippage.units > 0 && trade->entry_us == candles->time_us[trade->entry_bar];
}

static void test_fills_pay_and_come_at_the_next_open(void **state) {
    (void)state;
    uint32_t count = run_both();
    for (uint32_t i = 0; i < count; i++) {
        assert_true(pays_its_way(&trial_trades[i]));
        assert_true(pays_its_way(&lab_trades[i]));
        TrialTrade free_of_fees = trial_trades[i], at_the_close = trial_trades[i];
        const CandleSeries *candles = &stage.markets[0].candles;
        free_of_fees.fees = money_of(0);
        at_the_close.entry = price_of(candles->close[at_the_close.entry_bar - 1]);
        assert_false(pays_its_way(&free_of_fees)); /* the mistakes */
        assert_false(pays_its_way(&at_the_close));
    }
}

/* ---- fraction against percent in exits ------------------------------------------------------ */

/* A target of 4 percent is 4 percent, and a stop of 2 percent 2, or worse where a gap went
 * through it; within what rounding to the tick and a stop's costs take. */
static bool exits_at_its_levels(const TrialTrade *trade) {
    double gained = price_double(trade->exit) / price_double(trade->entry) - 1;
    if (trade->reason == REASON_TAKE_PROFIT) return gained > 0.0399;
    if (trade->reason == REASON_STOP_LOSS) return gained < -0.0199;
    return gained < 0.0401 && gained > -0.0201;
}

static void test_percent_are_no_fractions(void **state) {
    (void)state;
    uint32_t count = run_both(), targets = 0, stops = 0;
    for (uint32_t i = 0; i < count; i++) {
        assert_true(exits_at_its_levels(&trial_trades[i]));
        assert_true(exits_at_its_levels(&lab_trades[i]));
        targets += trial_trades[i].reason == REASON_TAKE_PROFIT;
        stops += trial_trades[i].reason == REASON_STOP_LOSS;
        TrialTrade mistaken = trial_trades[i]; /* 0.04 percent, as the described one took it */
        mistaken.exit = price_of(mistaken.entry.units / 10000 * 10004);
        mistaken.reason = REASON_TAKE_PROFIT;
        assert_false(exits_at_its_levels(&mistaken));
    }
    assert_true(targets > 0 && stops > 0);
}

/* ---- equity missing while a position is open ------------------------------------------------ */

static bool marked_at_every_bar(const double *equity, size_t points, const TrialTrade *trades,
                                uint32_t count) {
    const CandleSeries *candles = &stage.markets[0].candles;
    size_t still = 0, held = 0;
    if (points != candles->count) return false;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t row = trades[i].entry_bar + 1; row < trades[i].exit_bar; row++) {
            bool moved = candles->close[row] != candles->close[row - 1];
            held++;
            still += moved && equity[row] == equity[row - 1];
        }
    return held > 100 && still == 0;
}

static void test_equity_is_marked_at_every_bar(void **state) {
    (void)state;
    size_t rows = stage.markets[0].candles.count;
    double *equity = malloc(rows * sizeof *equity), *realised = malloc(rows * sizeof *realised);
    TrialMarket markets[LIMIT_SYMBOLS];
    TrialPlan trial = trial_plan(markets);
    LabPlan lab = lab_plan();
    TrialOutput output = {.trades = trial_trades, .trades_max = TRADES_MAX,
                          .equity = equity, .equity_max = rows};
    TrialResult result = stage_run_trial(&trial, &output);
    assert_true(marked_at_every_bar(equity, output.equity_count, trial_trades, result.trades));
    /* The mistake: only what is realised, and nothing while a position is open. */
    size_t points = 0;
    for (size_t row = 0; row < rows; row++) {
        bool open = false;
        for (uint32_t i = 0; i < result.trades; i++)
            open |= row >= trial_trades[i].entry_bar && row < trial_trades[i].exit_bar;
        if (!open) realised[points++] = equity[row];
    }
    assert_false(marked_at_every_bar(realised, points, trial_trades, result.trades));
    output = (TrialOutput){.trades = lab_trades, .trades_max = TRADES_MAX,
                           .equity = realised, .equity_max = rows};
    stage_run_lab(&lab, &output);
    assert_true(marked_at_every_bar(realised, output.equity_count, lab_trades, result.trades));
    for (size_t row = 0; row + 1 < rows; row++) assert_close(realised[row], equity[row], 1e-7);
    free(equity);
    free(realised);
}

/* ---- Sharpe x sqrt(252) whatever the bar ---------------------------------------------------- */

static double sharpe_of(const double *equity, size_t count, int64_t length_us) {
    double scratch[20000];
    Metrics metrics;
    assert_true(count <= 20000);
    MetricsInput input = {.initial = money_of((__int128)equity[0] * DECIMAL_SCALE),
                          .final = money_of((__int128)equity[count - 1] * DECIMAL_SCALE),
                          .equity = equity,
                          .count = count,
                          .length_us = length_us,
                          .last_us = (int64_t)count * length_us,
                          .bars = count};
    metrics_of(&input, scratch, &metrics);
    return metrics.sharpe_ratio;
}

static double sharpe_of_stocks(const double *equity, size_t count) {
    double sum = 0, squares = 0, steps = (double)(count - 1);
    for (size_t i = 1; i < count; i++) {
        double gain = equity[i] / equity[i - 1] - 1;
        sum += gain;
        squares += gain * gain;
    }
    double mean = sum / steps;
    return mean / sqrt(squares / steps - mean * mean) * sqrt(252);
}

/* The same two years of a walk, seen by the hour and by the day, are worth the same. */
static void test_sharpe_does_not_know_the_bar(void **state) {
    (void)state;
    enum { HOURS = 2 * 365 * 24 };
    static double hours[HOURS], days[HOURS / 24];
    Random random = random_stream(44, 1);
    double equity = 10000;
    for (size_t i = 0; i < HOURS; i++) {
        equity *= 1 + 0.0002 + 0.004 * random_normal(&random);
        hours[i] = equity;
        if (i % 24 == 23) days[i / 24] = equity;
    }
    double by_hour = sharpe_of(hours, HOURS, INSTANT_HOUR_US);
    double by_day = sharpe_of(days, HOURS / 24, INSTANT_DAY_US);
    assert_true(by_hour > 1 && fabs(by_hour / by_day - 1) < 0.15);
    double mistaken = sharpe_of_stocks(hours, HOURS) / sharpe_of_stocks(days, HOURS / 24);
    assert_true(fabs(mistaken - 1) > 0.7); /* a fifth of it, by the hour */
}

/* ---- an uncached model call at every bar ---------------------------------------------------- */

static void hear_asked(void *context, const Message *message) {
    unsigned *asked = context;
    *asked += message->topic == TOPIC_VENUE_REQUESTS;
}

static size_t asker_size(const Settings *wanted) {
    (void)wanted;
    return 16;
}
static void asker_init(void *block, const Settings *wanted) {
    (void)block, (void)wanted;
}
static void asker_step(void *block, const Message *message, Outbox *outbox) {
    (void)block, (void)message;
    VenueRequest *request = outbox_publish(outbox, TOPIC_VENUE_REQUESTS);
    request->id = 1;
}

/* A backtest asks nobody outside, at no bar: no service says anything that leaves, and a service
 * that asked at every bar (the mistake) is counted. */
static void test_a_backtest_asks_nobody(void **state) {
    (void)state;
    const Service asker = {.name = "asker", .label = "Asker", .stage = STAGE_SIGNAL,
                           HEARS(TOPIC_BARS), SAYS(TOPIC_VENUE_REQUESTS),
                           .state_size = asker_size, .init = asker_init, .step = asker_step};
    const Service *services[LIMIT_SERVICES] = {&asker};
    unsigned asked = 0;
    LabPlan plan = lab_plan();
    plan.watch = hear_asked;
    plan.watch_context = &asked;
    stage_run_lab(&plan, NULL);
    assert_int_equal(asked, 0);
    plan.services = services;
    plan.service_count = 1;
    plan.flatten = false;
    stage_run_lab(&plan, NULL);
    assert_int_equal(asked, stage.markets[0].end);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_has_its_own_indicators),
        cmocka_unit_test(test_gaps_stay_gaps),
        cmocka_unit_test(test_social_data_are_joined_as_they_were_known),
        cmocka_unit_test(test_fills_pay_and_come_at_the_next_open),
        cmocka_unit_test(test_percent_are_no_fractions),
        cmocka_unit_test(test_equity_is_marked_at_every_bar),
        cmocka_unit_test(test_sharpe_does_not_know_the_bar),
        cmocka_unit_test(test_a_backtest_asks_nobody),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
