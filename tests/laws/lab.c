/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of the lab: what it decides is what the engine decides. The same candles through a replay
 * with journal and database and through the lab leave the same journal_hash, minute by minute and
 * hour by hour, with gaps; the same plan twice is the same; warm-up bars trade nothing; what cannot
 * be run is refused by name.
 */
#include "lab_stage.h"

#include "core/bus/codec.h"
#include "core/venues/headline_item.h"
#include "shell/drivers/engine.h"
#include "shell/store/social_history.h"
#include "temporary.h"

#define REAL_BTC   "ohlcv/1m/BTCUSDT-1m-2021-09-17_2021-10-17.csv.gz"
#define REAL_ETH   "ohlcv/1m/ETHUSDT-1m-2021-09-17_2021-10-17.csv.gz"
#define REAL_HOURS "ohlcv/1h/BTCUSDT-1h-2023-03.full12.csv"

/* ---- through the engine -------------------------------------------------------------------- */

static const char *social_root; /* of stored social history; NULL: none */

static Feed *replay_with(const char *const *paths, unsigned count, const char *social) {
    FeedReplayPlan plan = {.paths = paths, .path_count = count, .social_root = social};
    Error error;
    Feed *feed = feed_replay_open(&plan, &error);
    if (!feed) fail_msg("%s: %s", error.where, error.message);
    return feed;
}

/* The candles alone, for columns. */
static Feed *replay(const char *const *paths, unsigned count) {
    return replay_with(paths, count, NULL);
}

static SocialHistory history_of(const StageMarkets *stage) {
    SocialHistory history = {.count = 0};
    Symbol symbols[LIMIT_SYMBOLS];
    Error error;
    int64_t start_us = INT64_MAX;
    if (!social_root) return history;
    for (unsigned i = 0; i < stage->count; i++) {
        symbols[i] = stage->markets[i].symbol;
        if (stage->markets[i].candles.time_us[0] < start_us)
            start_us = stage->markets[i].candles.time_us[0];
    }
    SocialSpan span = {start_us, INT64_MAX};
    assert_true(social_history_open(&history, social_root, symbols, stage->count, span, &error));
    return history;
}

static void run_engine(Feed *feed, const Settings *settings, char hash[static 65],
                       RunTally *tally) {
    char note_text[200];
    Text note = TEXT_IN(note_text);
    Error error;
    EnginePlan plan = {.settings = settings,
                       .state_directory = temporary_directory,
                       .log_directory = temporary_directory,
                       .mode = "REPLAY",
                       .world = "test",
                       .feed = feed,
                       .opening = money_of((__int128)LAB_BALANCE * DECIMAL_SCALE)};
    Engine *engine = engine_open(&plan, &note, &error);
    if (!engine) fail_msg("%s: %s", error.where, error.message);
    assert_int_equal(engine_run(engine, &error), ENGINE_DATA_ENDED);
    engine_journal_hash(engine, hash);
    *tally = *engine_tally(engine);
    assert_true(engine_close(engine, &error));
    feed->close(feed);
}

static void expect_same_journal(const char *const *paths, unsigned count, bool trades) {
    Settings settings;
    char engine_hash[65], lab_hash[65];
    RunTally tally;
    settings_presets(&settings);
    StageMarkets stage = stage_of_feed(replay(paths, count));
    stage_name_symbols(&stage, &settings);
    run_engine(replay_with(paths, count, social_root), &settings, engine_hash, &tally);
    SocialHistory history = history_of(&stage);
    LabPlan plan = stage_plan(&stage, &settings);
    plan.social = history.at;
    plan.social_count = history.count;
    plan.news = history.news;
    plan.news_count = history.news_count;
    assert_true(!social_root || (history.count > 0 && history.news_count > 50));
    LabResult result = stage_run_lab(&plan, NULL);
    social_history_close(&history);
    Text text = TEXT_IN(lab_hash);
    text_hex(&text, result.journal, sizeof result.journal);
    assert_string_equal(text_end(&text), engine_hash);
    assert_int_equal(result.trial.bars, tally.bars);
    assert_int_equal(result.signals, tally.signals);
    assert_int_equal(result.orders, tally.orders);
    assert_int_equal(result.fills, tally.fills);
    assert_int_equal(result.trial.refused, tally.refusals);
    assert_int_equal(result.trial.trades, tally.trades);
    assert_true(money_compare(result.trial.final, tally.equity) == 0);
    assert_true(!trades || tally.trades > 5);
    stage_markets_free(&stage);
}

/* ---- candles as files ---------------------------------------------------------------------- */

/* Minutes of a generated market as Binance's columns; every `hole`-th hour lacks some. */
static void write_candles(const char *name, const CandleSeries *candles, size_t hole) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs("open_time,open,high,low,close,volume,close_time,quote_volume,trades,"
          "taker_buy_base,taker_buy_quote,ignore\n",
          file);
    for (size_t row = 0; row < candles->count; row++) {
        char open[DECIMAL_TEXT_MAX], high[DECIMAL_TEXT_MAX], low[DECIMAL_TEXT_MAX],
            close[DECIMAL_TEXT_MAX];
        if (hole && row % hole > hole - 5) continue;
        Bar bar = candle_series_bar(candles, row);
        price_to_text(bar.open, open);
        price_to_text(bar.high, high);
        price_to_text(bar.low, low);
        price_to_text(bar.close, close);
        long long ms = bar.time_us / 1000;
        fprintf(file, "%lld,%s,%s,%s,%s,%.17g,%lld,%.17g,%u,%.17g,,\n", ms, open, high, low, close,
                bar.volume, ms + candles->length_us / 1000 - 1, bar.quote_volume, bar.trades,
                bar.taker_volume);
    }
    assert_int_equal(fclose(file), 0);
}

static void test_a_replay_and_the_lab_leave_the_same_journal(void **state) {
    (void)state;
    StageMarkets stage = stage_generated(7, 2, 6, INTERVAL_1M);
    const char *paths[] = {"BTCUSDC-1m.csv", "ETHUSDC-1m.csv"};
    write_candles(paths[0], &stage.markets[0].candles, 0);
    write_candles(paths[1], &stage.markets[1].candles, 700); /* a gap twice a day */
    stage_markets_free(&stage);
    expect_same_journal(paths, 2, true);
}

/* Readings on the hour, within it, twice at one instant, before the first and after the last. */
static void write_readings(void) {
    StoredReadings rows = {.at = NULL};
    Error error;
    size_t added;
    double none = (double)NAN;
    static const AssetName names[] = {{"BTC"}, {"ETH"}, {"*"}};
    for (int hour = -400; hour < 200; hour++)
        for (unsigned asset = 0; asset < 3; asset++) {
            StoredReading row = {
                .asset = names[asset],
                .reading = {.source = OUTSIDE_FILE,
                            .time = LAB_START + hour * INSTANT_HOUR_US,
                            .metrics = {1000 + hour, 5000 + 3 * hour, 100, (hour % 7 + 7) % 7 / 6.0,
                                        none, none, none},
                            .weighted_sentiment = none}};
            row.reading.known =
                row.reading.time + (asset == 1 ? 17 * INSTANT_MINUTE_US + 5 : INSTANT_HOUR_US);
            assert_true(social_store_push(&rows, &row, &error));
        }
    SocialShelf shelf = {OUTSIDE_FILE, INSTANT_HOUR_US};
    assert_true(social_store_add(".", &shelf, &rows, LAB_START, &added, &error));
    assert_int_equal(added, 1800);
    social_store_free(&rows);
    StoredNews news = {.at = NULL};
    for (int hour = -100; hour < 200; hour += 3) {
        Headline headline = {.published = LAB_START + hour * INSTANT_HOUR_US,
                             .known = LAB_START + hour * INSTANT_HOUR_US + 7 * INSTANT_MINUTE_US,
                             .sentiment = none,
                             .engagement = none,
                             .source = "Test"};
        snprintf(headline.title, sizeof headline.title, "Bitcoin %s, says number %d",
                 hour % 2 ? "rallies to a record high" : "falls after an exploit", hour);
        headline_identify(&headline, slice_of(headline.title));
        assert_true(news_store_push(&news, &headline, &error));
    }
    assert_true(news_store_add(".", &news, &added, &error));
    assert_int_equal(added, 100);
    news_store_free(&news);
}

static void test_social_history_stands_in_one_line_with_the_candles(void **state) {
    (void)state;
    StageMarkets stage = stage_generated(7, 2, 6, INTERVAL_1M);
    const char *paths[] = {"BTCUSDC-1m.csv", "ETHUSDC-1m.csv"};
    write_candles(paths[0], &stage.markets[0].candles, 0);
    write_candles(paths[1], &stage.markets[1].candles, 700);
    stage_markets_free(&stage);
    write_readings();
    social_root = ".";
    expect_same_journal(paths, 2, true);
    social_root = NULL;
}

static void test_hours_leave_the_same_journal(void **state) {
    (void)state;
    StageMarkets stage = stage_generated(3, 2, 40, INTERVAL_1H);
    const char *paths[] = {"BTCUSDC-1h.csv", "ETHUSDC-1h.csv"};
    write_candles(paths[0], &stage.markets[0].candles, 300);
    write_candles(paths[1], &stage.markets[1].candles, 0);
    stage_markets_free(&stage);
    expect_same_journal(paths, 2, true);
}

static void test_real_minutes_leave_the_same_journal(void **state) {
    (void)state;
    char absolute[2][PATH_MAX];
    const char *names[] = {REAL_BTC, REAL_ETH}, *paths[2];
    assert_int_equal(chdir(temporary_home), 0);
    for (unsigned i = 0; i < 2; i++)
        paths[i] = realpath(shared_data(names[i]), absolute[i]);
    assert_int_equal(chdir(temporary_directory), 0);
    expect_same_journal(paths, 2, true);
}

static void test_real_hours_leave_the_same_journal(void **state) {
    (void)state;
    char absolute[PATH_MAX];
    assert_int_equal(chdir(temporary_home), 0);
    const char *path = realpath(shared_data(REAL_HOURS), absolute);
    assert_int_equal(chdir(temporary_directory), 0);
    expect_same_journal(&path, 1, true);
}

/* ---- warm-up ------------------------------------------------------------------------------- */

typedef struct Updates {
    Sha256 said; /* canonical bytes of market updates from `from_us` on */
    int64_t from_us;
    unsigned count, early, with_data, of_minutes, signals;
} Updates;

static void hear_update(void *context, const Message *message) {
    Updates *updates = context;
    const MarketUpdate *update = message->payload;
    uint8_t bytes[LIMIT_PAYLOAD];
    updates->signals += message->topic == TOPIC_TRADING_SIGNALS;
    if (message->topic != TOPIC_MARKET_UPDATES) return;
    if (message->time_us < updates->from_us) {
        updates->early++;
        return;
    }
    size_t size = codec_encode(topic_message(TOPIC_MARKET_UPDATES), update, bytes, sizeof bytes);
    sha256_add(&updates->said, bytes, size);
    updates->count++;
    updates->of_minutes += !isnan(update->rsi_3m) || !isnan(update->rsi_15m) ||
                           !isnan(update->price_change_15m) || !isnan(update->atr_15m_fraction);
    updates->with_data += !isnan(update->rsi) || !isnan(update->rsi_15m) ||
                          !isnan(update->avg_volume) || update->donchian_high_20.units > 0;
}

static Updates hear_updates(const StageMarkets *stage, size_t warm, int64_t from_us) {
    Settings settings;
    Updates updates = {.from_us = from_us};
    settings_presets(&settings);
    stage_name_symbols(stage, &settings);
    StageMarkets cut = *stage;
    for (unsigned i = 0; i < cut.count; i++)
        cut.markets[i].first = warm;
    LabPlan plan = stage_plan(&cut, &settings);
    plan.watch = hear_update;
    plan.watch_context = &updates;
    sha256_init(&updates.said);
    LabResult result = stage_run_lab(&plan, NULL);
    assert_int_equal(result.trial.bars, cut.count * (stage->markets[0].end - warm));
    return updates;
}

/* Warm-up says nothing, and leaves every indicator, of every interval, as if it had been lived
 * through: also where it ends inside of longer bars. */
static void test_warm_up_leaves_what_living_leaves(void **state) {
    (void)state;
    StageMarkets stage = stage_generated(11, 2, 4, INTERVAL_1M);
    const size_t warm = 3 * 1440 + 7 * 60 + 11;
    int64_t from_us = stage.markets[0].candles.time_us[warm];
    Updates lived = hear_updates(&stage, 0, from_us), warmed = hear_updates(&stage, warm, from_us);
    assert_int_equal(warmed.early, 0);
    assert_true(lived.early > 0 && warmed.count > 0);
    assert_int_equal(warmed.count, lived.count);
    assert_int_equal(warmed.with_data, warmed.count);
    assert_memory_equal(&warmed.said, &lived.said, sizeof lived.said);
    stage_markets_free(&stage);
}

/* What was measured on hours is not passed off as minutes, and is there as what it is. */
static void test_hours_have_no_data_of_minutes(void **state) {
    (void)state;
    StageMarkets stage = stage_generated(3, 1, 60, INTERVAL_1H);
    Updates updates = hear_updates(&stage, 0, 0);
    assert_int_equal(updates.count, 60 * 24);
    assert_int_equal(updates.of_minutes, 0);
    assert_int_equal(updates.with_data, 60 * 24 - 14); /* behind the warm-up of the RSI */
    assert_true(updates.signals > 10);
    stage_markets_free(&stage);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void expect_refused(const LabPlan *plan, const char *words) {
    void *memory = stage_lab_memory(plan);
    Error error = {.code = ERROR_NONE};
    assert_null(lab_open(plan, memory, NULL, &error));
    if (!strstr(error.message, words)) fail_msg("\"%s\" lacks \"%s\"", error.message, words);
    free(memory);
}

static void test_what_cannot_be_run_is_refused(void **state) {
    (void)state;
    Settings settings;
    settings_presets(&settings);
    StageMarkets stage = stage_generated(1, 2, 1, INTERVAL_1M);
    stage_name_symbols(&stage, &settings);
    const LabPlan sound = stage_plan(&stage, &settings);
    LabPlan plan = sound;
    plan.balance = money_of(0);
    expect_refused(&plan, "balance is not positive");
    plan = sound;
    plan.market_count = 0;
    expect_refused(&plan, "1 to 32 symbols");
    StageMarkets other = stage;
    plan = sound;
    plan.markets = other.markets;
    other.markets[1] = other.markets[0];
    expect_refused(&plan, "named twice");
    other = stage;
    other.markets[1].first = other.markets[1].end;
    expect_refused(&plan, "no candles between");
    other = stage;
    other.markets[1].candles.length_us = INSTANT_HOUR_US;
    expect_refused(&plan, "several intervals");
    other = stage;
    strcpy(other.markets[1].symbol.quote.text, "EUR");
    expect_refused(&plan, "different quote assets");
    other = stage;
    other.markets[0].candles.length_us = other.markets[1].candles.length_us = 7 * INSTANT_MINUTE_US;
    expect_refused(&plan, "do not know");
    strcpy(settings.trading.symbols, "BTCUSDC");
    plan = sound;
    expect_refused(&plan, "do not name");
    stage_markets_free(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_warm_up_leaves_what_living_leaves),
        cmocka_unit_test(test_hours_have_no_data_of_minutes),
        cmocka_unit_test(test_what_cannot_be_run_is_refused),
        cmocka_unit_test_setup_teardown(test_a_replay_and_the_lab_leave_the_same_journal,
                                        temporary_enter, temporary_leave),
        cmocka_unit_test_setup_teardown(test_social_history_stands_in_one_line_with_the_candles,
                                        temporary_enter, temporary_leave),
        cmocka_unit_test_setup_teardown(test_hours_leave_the_same_journal, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_real_minutes_leave_the_same_journal, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_real_hours_leave_the_same_journal, temporary_enter,
                                        temporary_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
