/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of the market data and the local analyst, whatever the shortest candles that come in: each
 * value is of the interval that it names, computed here a second time from candles of that very
 * interval, or it is null; the analyst decides, trades and speaks on hours and days as on minutes;
 * and on minutes it decides as it did before it knew of anything else.
 */
#include "check_aborts.h"
#include "lab_stage.h"

#include "core/bus/codec.h"
#include "core/bus/convert.h"
#include "core/indicators/indicator.h"
#include "core/kernel/kernel.h"

#define SEED 41

extern const Service service_market_monitor;

/* ---- the same, a second time ----------------------------------------------------------------- */

enum { RSI, MACD, ATR, TREND, STRENGTH, VALUE_COUNT };

/* Candles of one interval and what the indicators say on each, from row `from` on. */
typedef struct Reference {
    StageMarkets stage;
    CandleSeries candles;
    size_t from;
    double (*values)[VALUE_COUNT];
} Reference;

static void compute(Reference *reference, const char *name, unsigned first, unsigned outputs) {
    const Indicator *indicator = indicator_find(name);
    double options[INDICATOR_OPTIONS_MAX], out[INDICATOR_OUTPUTS_MAX];
    indicator_presets(indicator, options);
    void *state = calloc(1, indicator->state_size(options));
    indicator->init(state, options);
    for (size_t row = reference->from; row < reference->candles.count; row++) {
        Bar bar = candle_series_bar(&reference->candles, row);
        IndicatorBar in = indicator_bar(&bar);
        indicator->step(state, &in, out);
        for (unsigned k = 0; k < outputs; k++) reference->values[row][first + k] = out[k];
    }
    free(state);
}

/* `held`: only so many of the candles before `until_us` were heard; 0: all. */
static Reference reference_of(unsigned days, Interval interval, int64_t until_us, size_t held) {
    Reference reference = {.stage = stage_generated(SEED, 1, days, interval)};
    reference.candles = reference.stage.markets[0].candles;
    size_t before = candle_series_before(&reference.candles, until_us);
    reference.from = held && before > held ? before - held : 0;
    reference.values = calloc(reference.candles.count, sizeof reference.values[0]);
    assert_non_null(reference.values);
    compute(&reference, "rsi", RSI, 1);
    compute(&reference, "macd", MACD, 1);
    compute(&reference, "atr", ATR, 1);
    compute(&reference, "trend", TREND, 2);
    return reference;
}

/* Row of the newest candle that has closed at `close_us`; -1: none. */
static ptrdiff_t newest_row(const Reference *reference, int64_t close_us) {
    ptrdiff_t row = (ptrdiff_t)candle_series_before(&reference->candles,
                                                    close_us - reference->candles.length_us + 1);
    return row - 1 >= (ptrdiff_t)reference->from ? row - 1 : -1;
}

static double value_at(const Reference *reference, int64_t close_us, unsigned value) {
    ptrdiff_t row = newest_row(reference, close_us);
    return row < 0 ? (double)NAN : reference->values[row][value];
}

/* Percent, against the close so long ago. */
static double change_at(const Reference *reference, int64_t close_us, int64_t back_us) {
    ptrdiff_t now = newest_row(reference, close_us),
              then = newest_row(reference, close_us - back_us);
    if (then < 0) return (double)NAN;
    double old = (double)reference->candles.close[then];
    return 100 * ((double)reference->candles.close[now] - old) / old;
}

/* ---- what is said ---------------------------------------------------------------------------- */

typedef struct Hearing {
    Interval base, slow;
    Reference references[INTERVAL_COUNT];
    unsigned updates, signals, directed, beyond;
} Hearing;

static void expect_same(const char *name, double said, double expected) {
    if (isnan(said) && isnan(expected)) return;
    if (!(fabs(said - expected) <= 1e-9 * (1 + fabs(expected))))
        fail_msg("%s is %.17g, not %.17g", name, said, expected);
}

/* What names an interval: of it, or null. */
static void expect_of(const Hearing *hearing, const char *name, Interval interval, double said,
                      int64_t close_us, unsigned value) {
    bool known = interval <= INTERVAL_15M && interval_adds_up(hearing->base, interval);
    double expected =
        known ? value_at(&hearing->references[interval], close_us, value) : (double)NAN;
    expect_same(name, said, expected);
}

static void expect_change(const Hearing *hearing, const char *name, int64_t minutes, double said,
                          int64_t close_us) {
    int64_t back_us = minutes * INSTANT_MINUTE_US;
    bool known = back_us % interval_us(hearing->base) == 0;
    expect_same(name, said,
                known ? change_at(&hearing->references[hearing->base], close_us, back_us)
                      : (double)NAN);
}

static void expect_named(const Hearing *hearing, const MarketUpdate *update, int64_t at) {
    double price = price_double(update->current_price);
    expect_of(hearing, "rsi_3m", INTERVAL_3M, update->rsi_3m, at, RSI);
    expect_of(hearing, "rsi_5m", INTERVAL_5M, update->rsi_5m, at, RSI);
    expect_of(hearing, "rsi_15m", INTERVAL_15M, update->rsi_15m, at, RSI);
    expect_of(hearing, "macd_3m", INTERVAL_3M, update->macd_3m, at, MACD);
    expect_of(hearing, "macd_5m", INTERVAL_5M, update->macd_5m, at, MACD);
    expect_of(hearing, "macd_15m", INTERVAL_15M, update->macd_15m, at, MACD);
    expect_of(hearing, "macd_15m_fraction", INTERVAL_15M, update->macd_15m_fraction * price, at,
              MACD);
    expect_of(hearing, "atr_15m_fraction", INTERVAL_15M, update->atr_15m_fraction * price, at, ATR);
    expect_of(hearing, "trend_strength_15m", INTERVAL_15M, update->trend_strength_15m, at,
              STRENGTH);
    if (isnan(update->trend_strength_15m)) assert_int_equal(update->trend_15m, TREND_SIDEWAYS);
    expect_change(hearing, "price_change_1m", 1, update->price_change_1m, at);
    expect_change(hearing, "price_change_3m", 3, update->price_change_3m, at);
    expect_change(hearing, "price_change_5m", 5, update->price_change_5m, at);
    expect_change(hearing, "price_change_15m", 15, update->price_change_15m, at);
}

static Trend trend_word(double direction) {
    return direction > 0 ? TREND_UPTREND : direction < 0 ? TREND_DOWNTREND : TREND_SIDEWAYS;
}

/* The channel of 20 slow candles before the newest. */
static void expect_channel(const Reference *slow, const MarketUpdate *update, int64_t at) {
    ptrdiff_t newest = newest_row(slow, at);
    int64_t high = 0, low = INT64_MAX;
    if (newest < (ptrdiff_t)slow->from + 20) {
        assert_int_equal(update->donchian_high_20.units, 0);
        assert_int_equal(update->donchian_low_20.units, 0);
        return;
    }
    for (ptrdiff_t row = newest - 20; row < newest; row++) {
        if (slow->candles.high[row] > high) high = slow->candles.high[row];
        if (slow->candles.low[row] < low) low = slow->candles.low[row];
    }
    assert_int_equal(update->donchian_high_20.units, high);
    assert_int_equal(update->donchian_low_20.units, low);
}

static double volume_of_a_minute(const Reference *base, int64_t at) {
    ptrdiff_t newest = newest_row(base, at);
    double sum = 0;
    if (newest < (ptrdiff_t)base->from + 19) return (double)NAN;
    for (ptrdiff_t row = newest - 19; row <= newest; row++) sum += base->candles.quote_volume[row];
    return sum / 20 / ((double)base->candles.length_us / INSTANT_MINUTE_US);
}

static void expect_two_horizons(const Hearing *hearing, const MarketUpdate *update, int64_t at) {
    const Reference *base = &hearing->references[hearing->base];
    const Reference *slow = &hearing->references[hearing->slow];
    double price = price_double(update->current_price);
    assert_string_equal(update->interval, interval_name(hearing->base));
    assert_string_equal(update->slow_interval, interval_name(hearing->slow));
    expect_same("rsi", update->rsi, value_at(base, at, RSI));
    expect_same("macd", update->macd, value_at(base, at, MACD));
    expect_same("atr", update->atr, value_at(base, at, ATR));
    expect_same("trend_strength", update->trend_strength, value_at(base, at, STRENGTH));
    assert_true(update->trend == trend_word(value_at(base, at, TREND)));
    expect_same("avg_volume", update->avg_volume, volume_of_a_minute(base, at));
    expect_same("rsi_slow", update->rsi_slow, value_at(slow, at, RSI));
    expect_same("macd_slow", update->macd_slow_fraction * price, value_at(slow, at, MACD));
    expect_same("atr_slow", update->atr_slow_fraction * price, value_at(slow, at, ATR));
    expect_same("trend_strength_slow", update->trend_strength_slow, value_at(slow, at, STRENGTH));
    assert_true(update->trend_slow == trend_word(value_at(slow, at, TREND)));
    expect_same("price_change_slow", update->price_change_slow,
                change_at(base, at, interval_us(hearing->slow)));
    expect_channel(slow, update, at);
}

static void hear_update(Hearing *hearing, const MarketUpdate *update) {
    int64_t at = update->timestamp + 1; /* the close */
    assert_null(codec_fault(&message_shapes[MESSAGE_MARKET_UPDATE], update));
    assert_int_equal(update->current_price.units,
                     hearing->references[hearing->base]
                         .candles.close[newest_row(&hearing->references[hearing->base], at)]);
    expect_two_horizons(hearing, update, at);
    expect_named(hearing, update, at);
    hearing->updates++;
    hearing->directed += isnan(update->trend_strength_slow) ? 0 : 1;
    hearing->beyond += update->donchian_high_20.units > 0;
}

/* No other interval's name stands anywhere in it. */
static void hear_signal(Hearing *hearing, const Signal *signal) {
    int64_t least = 4 * interval_us(hearing->base) / INSTANT_MINUTE_US;
    const char *texts[] = {signal->reasoning,
                           signal->explanation.summary,
                           signal->explanation.technical_factors,
                           signal->explanation.risk_assessment,
                           signal->key_indicators[0],
                           signal->key_indicators[1],
                           signal->key_indicators[2]};
    assert_int_equal(signal->horizon_minutes, least > 240 ? least : 240);
    assert_int_equal((signal->market_timestamp + 1) % interval_us(hearing->base), 0);
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (Interval other = INTERVAL_1M; other < INTERVAL_COUNT; other++) {
            char on[8];
            snprintf(on, sizeof on, " %s", interval_name(other));
            if (other != hearing->base && other != hearing->slow) assert_null(strstr(texts[i], on));
        }
    hearing->signals++;
}

static void hear(void *context, const Message *message) {
    if (message->topic == TOPIC_MARKET_UPDATES) hear_update(context, message->payload);
    if (message->topic == TOPIC_TRADING_SIGNALS) hear_signal(context, message->payload);
}

static void hearing_open(Hearing *hearing, Interval base, unsigned days) {
    *hearing = (Hearing){.base = base, .slow = interval_slower(base)};
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++)
        if (interval == base || interval == hearing->slow || interval <= INTERVAL_15M)
            hearing->references[interval] = reference_of(days, interval, 0, 0);
}

static void hearing_close(Hearing *hearing) {
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++) {
        stage_markets_free(&hearing->references[interval].stage);
        free(hearing->references[interval].values);
    }
}

/* ---- every interval -------------------------------------------------------------------------- */

static void test_each_value_is_what_it_says(void **state) {
    (void)state;
    static const struct {
        Interval base, slow;
        unsigned days;
    } rows[] = {
        {INTERVAL_1M, INTERVAL_15M, 4},  {INTERVAL_3M, INTERVAL_15M, 6},
        {INTERVAL_5M, INTERVAL_15M, 8},  {INTERVAL_15M, INTERVAL_1H, 20},
        {INTERVAL_1H, INTERVAL_4H, 40},  {INTERVAL_4H, INTERVAL_1D, 160},
        {INTERVAL_1D, INTERVAL_1D, 300},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static Hearing hearing;
        Settings settings;
        settings_presets(&settings);
        hearing_open(&hearing, rows[i].base, rows[i].days);
        assert_int_equal(hearing.slow, rows[i].slow);
        const StageMarkets *stage = &hearing.references[rows[i].base].stage;
        stage_name_symbols(stage, &settings);
        LabPlan plan = stage_plan(stage, &settings);
        plan.watch = hear;
        plan.watch_context = &hearing;
        LabResult result = stage_run_lab(&plan, NULL);
        print_message("%s, %s: %u of %u closes with a direction, %u signals, %u trades\n",
                      interval_name(hearing.base), interval_name(hearing.slow), hearing.directed,
                      hearing.updates, hearing.signals, (unsigned)result.trial.trades);
        assert_int_equal(hearing.updates, hearing.references[rows[i].base].candles.count);
        assert_true(hearing.directed > hearing.updates / 2 && hearing.beyond > 0);
        assert_true(hearing.signals > 10);
        assert_true(result.orders > 0 && result.fills > 1);
        hearing_close(&hearing);
    }
}

/* The analyst's grid of 5 minutes on candles that do not divide it: the first close behind a step.
 */
static void test_closes_on_the_grid(void **state) {
    (void)state;
    static const struct {
        Interval interval;
        int64_t grid, now, next; /* minutes */
    } rows[] = {
        {INTERVAL_1M, 5, 0, 5},    {INTERVAL_1M, 5, 4, 5},       {INTERVAL_1M, 5, 5, 10},
        {INTERVAL_3M, 5, 0, 6},    {INTERVAL_3M, 5, 6, 12},      {INTERVAL_3M, 5, 12, 15},
        {INTERVAL_15M, 5, 15, 30}, {INTERVAL_1H, 5, 60, 120},    {INTERVAL_4H, 60, 240, 480},
        {INTERVAL_1D, 5, 0, 1440}, {INTERVAL_1H, 1440, 0, 1440},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(interval_next_on_grid(rows[i].interval, rows[i].grid * INSTANT_MINUTE_US,
                                               rows[i].now * INSTANT_MINUTE_US),
                         rows[i].next * INSTANT_MINUTE_US);
}

/* ---- the past of a live feed ----------------------------------------------------------------- */

static void turn(Kernel *kernel, Topic topic, int64_t time_us, const void *payload) {
    Error error = {.code = ERROR_NONE};
    if (!kernel_input(kernel, topic, time_us, payload, &error)) fail_msg("%s", error.message);
    kernel_turn(kernel);
}

#define LIVE_DAYS 12
#define LIVE_FROM (LAB_START + 10 * INSTANT_DAY_US + 7 * INSTANT_HOUR_US)
#define LIVE_HELD 1500 /* of each interval, as the backfill brings them */

static void tell_past(Kernel *kernel, const Hearing *hearing, Interval interval) {
    const Reference *reference = &hearing->references[interval];
    MarketBar said;
    for (size_t row = reference->from; row < reference->candles.count; row++) {
        Bar bar = candle_series_bar(&reference->candles, row);
        if (bar.time_us + interval_us(interval) > LIVE_FROM) break;
        message_from_bar("BTCUSDC", interval, &bar, &said);
        turn(kernel, TOPIC_HISTORY_BARS, LIVE_FROM, &said);
    }
}

/* The longest candles come first, so the shortest seem to be days, then hours; and when the minutes
 * come, all is of minutes, and of quarter hours from the first that was told. */
static void test_a_past_of_all_intervals(void **state) {
    (void)state;
    static const Service *const monitor[] = {&service_market_monitor};
    static Hearing hearing;
    Settings settings;
    settings_presets(&settings);
    hearing = (Hearing){.base = INTERVAL_1M, .slow = INTERVAL_15M};
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++)
        hearing.references[interval] = reference_of(LIVE_DAYS, interval, LIVE_FROM, LIVE_HELD);
    KernelPlan plan = {.services = monitor, .service_count = 1, .settings = &settings};
    void *memory = aligned_alloc(16, (kernel_size(&plan) + 15) & ~(size_t)15);
    Kernel *kernel = kernel_init(memory, &plan);
    SymbolFilters filters;
    filters_from_symbol(&hearing.references[INTERVAL_1M].stage.markets[0].symbol, &filters);
    turn(kernel, TOPIC_SYMBOL_FILTERS, LIVE_FROM, &filters);
    for (Interval interval = INTERVAL_COUNT; interval-- > 0;) tell_past(kernel, &hearing, interval);
    const CandleSeries *minutes = &hearing.references[INTERVAL_1M].candles;
    for (size_t row = candle_series_before(minutes, LIVE_FROM); row < minutes->count; row++) {
        Bar bar = candle_series_bar(minutes, row);
        MarketBar said;
        message_from_bar("BTCUSDC", INTERVAL_1M, &bar, &said);
        turn(kernel, TOPIC_BARS, bar.time_us + INSTANT_MINUTE_US, &said);
        for (const Message *m = kernel_first(kernel); m; m = kernel_next(kernel, m))
            hear(&hearing, m);
    }
    assert_int_equal(hearing.updates, (LIVE_DAYS - 10) * 1440 - 7 * 60);
    assert_int_equal(hearing.directed, hearing.updates);
    hearing_close(&hearing);
    free(memory);
}

/* ---- minutes --------------------------------------------------------------------------------- */

typedef struct Said {
    Sha256 signals;
    unsigned told;
} Said;

/* What decides, to six digits: sums may round otherwise, and what else is told may grow. */
static void digest_signal(Said *said, const Signal *signal) {
    char line[256];
    int length = snprintf(line, sizeof line, "%s %s %d %.6g %.6g %d %lld %lld %lld %lld %.6g\n",
                          signal->id, signal->symbol, (int)signal->decision, signal->score,
                          signal->confidence, signal->unproven, (long long)signal->price.units,
                          (long long)signal->timestamp, (long long)signal->market_timestamp,
                          (long long)signal->horizon_minutes, signal->atr_fraction);
    sha256_add(&said->signals, line, (size_t)length);
    said->told++;
}

static void digest(void *context, const Message *message) {
    Said *said = context;
    if (message->topic == TOPIC_TRADING_SIGNALS) digest_signal(said, message->payload);
}

static void expect_digest(const Sha256 *sha, const char *expected) {
    uint8_t bytes[SHA256_SIZE];
    char memory[2 * SHA256_SIZE + 1];
    Text text = TEXT_IN(memory);
    sha256_peek(sha, bytes);
    text_hex(&text, bytes, sizeof bytes);
    assert_string_equal(text_end(&text), expected);
}

/* The digest was made by the program as it was when it knew minutes only (commit 3eeffae). */
static void test_minutes_decide_as_they_did(void **state) {
    (void)state;
    Settings settings;
    Said said = {0};
    settings_presets(&settings);
    StageMarkets stage = stage_generated(SEED, 2, 6, INTERVAL_1M);
    stage_name_symbols(&stage, &settings);
    LabPlan plan = stage_plan(&stage, &settings);
    plan.watch = digest;
    plan.watch_context = &said;
    sha256_init(&said.signals);
    stage_run_lab(&plan, NULL);
    assert_int_equal(said.told, 359);
    expect_digest(&said.signals,
                  "fad5fd2bb7a05c19f7bc00fdb10098b4109f4117d24b45190bffc6d3801b9efb");
    stage_markets_free(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_is_what_it_says),
        cmocka_unit_test(test_closes_on_the_grid),
        cmocka_unit_test(test_a_past_of_all_intervals),
        cmocka_unit_test(test_minutes_decide_as_they_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
