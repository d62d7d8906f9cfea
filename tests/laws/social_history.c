/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of social history: nothing is heard before the moment from which it was known; a trial reads
 * at each bar what the same strategy hears in the lab, and makes the same trades; and on recorded
 * data the integrator runs from end to end, finds no more in shuffled series than its level allows,
 * and takes the daily series as what it is.
 */
#include "lab_stage.h"

#include "core/base/random.h"
#include "core/lab/social_columns.h"
#include "core/trade/impact_rows.h"
#include "core/trial/strategy_choice.h"
#include "core/venues/headline_item.h"
#include "shell/drivers/feed.h"
#include "social_stage.h"

#define MINUTES "ohlcv/1m/%s-1m-2021-09-17_2021-10-17.csv.gz"
#define POSTS   "social/influencer_tweets_hourly_2021-09_2021-10.csv.gz"
#define DAILY   "social/lunarcrush_v2_daily_2021-09_2021-10.csv"
#define INDEX   "social/fear_greed_2018-02-01_2024-12-31.csv"

/* ---- trial and lab --------------------------------------------------------------------------- */

static SocialHistory generated_history(const StageMarkets *stage, uint64_t seed) {
    SocialHistory history = {.count = 0};
    const CandleSeries *candles = &stage->markets[0].candles;
    Random random = random_stream(seed, 1);
    double mood = 0, none = (double)NAN;
    history.at = calloc(candles->count, sizeof *history.at);
    assert_non_null(history.at);
    for (size_t row = 0; row < candles->count; row += 3) {
        SocialReading *reading = &history.at[history.count++];
        mood = 0.8 * mood + 0.2 * random_normal(&random);
        *reading =
            (SocialReading){.source = OUTSIDE_FILE,
                            .time = candles->time_us[row],
                            .known = candles->time_us[row] + 20 * INSTANT_MINUTE_US,
                            .metrics = {random_below(&random, 30000), random_below(&random, 20000),
                                        500, fmin(1, fmax(0, 0.5 + mood)), none, none, none},
                            .weighted_sentiment = none};
        memcpy(reading->symbol, stage->markets[0].symbol.name.text, sizeof reading->symbol);
    }
    history.news = calloc(candles->count, sizeof *history.news);
    assert_non_null(history.news);
    for (size_t row = 1; row < candles->count; row += 11) {
        Headline *headline = &history.news[history.news_count++];
        *headline = (Headline){.published = candles->time_us[row],
                               .known = candles->time_us[row] + 25 * INSTANT_MINUTE_US,
                               .sentiment = none,
                               .engagement = none,
                               .source = "Test"};
        snprintf(headline->title, sizeof headline->title, "Bitcoin %s: story %zu",
                 row % 3 ? "rallies to a record high" : "plunges after a large theft", row);
        headline_identify(headline, slice_of(headline->title));
    }
    return history;
}

typedef struct Columns {
    double *at[EXTERNAL_COUNT];
} Columns;

static Columns columns_of(const StageMarkets *stage, const Settings *settings,
                          const SocialHistory *history) {
    Columns columns;
    SocialColumnsPlan plan = {.monitor = service_find("social_monitor"),
                              .settings = settings,
                              .market = &stage->markets[0],
                              .social = history->at,
                              .social_count = history->count,
                              .news = history->news,
                              .news_count = history->news_count};
    assert_non_null(plan.monitor);
    size_t size = (social_columns_memory(&plan) + 15) & ~(size_t)15;
    void *memory = aligned_alloc(16, size);
    assert_non_null(memory);
    memset(memory, 0, size);
    for (unsigned i = 0; i < EXTERNAL_COUNT; i++) {
        columns.at[i] = calloc(stage->markets[0].candles.count, sizeof(double));
        assert_non_null(columns.at[i]);
    }
    social_columns_fill(&plan, memory, columns.at);
    free(memory);
    return columns;
}

static void test_a_trial_reads_what_the_lab_hears(void **state) {
    (void)state;
    unsigned trades = 0;
    StageMarkets stage = stage_generated(9, 1, 120, INTERVAL_1H);
    SocialHistory history = generated_history(&stage, 4);
    for (unsigned i = 0; i < strategy_count; i++) {
        const Strategy *strategy = strategy_table[i];
        if (!strategy->needs_social) continue;
        Settings settings = stage_free_settings(&stage, strategy);
        TrialMarket markets[LIMIT_SYMBOLS];
        TrialPlan trial = stage_trial_plan(&stage, &settings, strategy, markets);
        Columns columns = columns_of(&stage, &settings, &history);
        for (unsigned k = 0; k < EXTERNAL_COUNT; k++)
            markets[0].external[k] = columns.at[k];
        TrialResult alone = stage_run_trial(&trial, NULL);
        LabPlan plan = stage_plan(&stage, &settings);
        plan.flatten = true;
        plan.social = history.at;
        plan.social_count = history.count;
        plan.news = history.news;
        plan.news_count = history.news_count;
        LabResult lab = stage_run_lab(&plan, NULL);
        print_message("  %-18s %u trades, and %u in the lab\n", strategy->name, alone.trades,
                      lab.trial.trades);
        assert_int_equal(lab.trial.trades, alone.trades);
        assert_true(lab.trial.hash == alone.hash);
        assert_true(money_compare(lab.trial.final, alone.final) == 0);
        trades += alone.trades;
        for (unsigned k = 0; k < EXTERNAL_COUNT; k++)
            free(columns.at[k]);
    }
    assert_true(trades > 50);
    social_history_close(&history);
    stage_markets_free(&stage);
}

/* A column changes at the first close behind the reading's beat, and never before it was known. */
static void test_no_column_knows_a_reading_early(void **state) {
    (void)state;
    Settings settings;
    settings_presets(&settings);
    StageMarkets stage = stage_generated(9, 1, 20, INTERVAL_1H);
    stage_name_symbols(&stage, &settings);
    SocialHistory history = generated_history(&stage, 5);
    Columns real = columns_of(&stage, &settings, &history);
    for (size_t from = 20; from < history.count; from += 29) {
        SocialHistory other = {.at = calloc(history.count, sizeof *other.at),
                               .count = history.count};
        assert_non_null(other.at);
        memcpy(other.at, history.at, history.count * sizeof *other.at);
        other.news_count = history.news_count;
        other.news = calloc(other.news_count, sizeof *other.news);
        assert_non_null(other.news);
        memcpy(other.news, history.news, other.news_count * sizeof *other.news);
        for (size_t i = from; i < other.count; i++) {
            other.at[i].metrics.social_sentiment = 1 - other.at[i].metrics.social_sentiment;
            other.at[i].metrics.social_volume += 7;
        }
        Columns changed = columns_of(&stage, &settings, &other);
        bool sings = false;
        const CandleSeries *candles = &stage.markets[0].candles;
        for (size_t row = 0; row < candles->count; row++) {
            bool same = memcmp(&real.at[EXTERNAL_SOCIAL_VOLUME][row],
                               &changed.at[EXTERNAL_SOCIAL_VOLUME][row], sizeof(double)) == 0 &&
                        memcmp(&real.at[EXTERNAL_SENTIMENT][row],
                               &changed.at[EXTERNAL_SENTIMENT][row], sizeof(double)) == 0;
            if (candles->time_us[row] + candles->length_us <= other.at[from].known)
                assert_true(same);
            sings |= !same;
        }
        assert_true(sings);
        for (unsigned k = 0; k < EXTERNAL_COUNT; k++)
            free(changed.at[k]);
        social_history_close(&other);
    }
    for (unsigned k = 0; k < EXTERNAL_COUNT; k++)
        free(real.at[k]);
    social_history_close(&history);
    stage_markets_free(&stage);
}

/* ---- recorded data --------------------------------------------------------------------------- */

typedef struct Heard {
    unsigned impacts, insufficient;
    SocialImpact last;
} Heard;

static void keep_impact(void *context, const Message *message) {
    Heard *heard = context;
    if (message->topic != TOPIC_SOCIAL_IMPACT) return;
    memcpy(&heard->last, message->payload, sizeof heard->last);
    heard->impacts++;
    heard->insufficient += heard->last.status == IMPACT_INSUFFICIENT;
}

static StageMarkets minutes_of(const char *symbol, const char *root) {
    char path[100], absolute[1200];
    snprintf(path, sizeof path, MINUTES, symbol);
    snprintf(absolute, sizeof absolute, "%s/%s", root, path);
    const char *paths[] = {absolute};
    FeedReplayPlan plan = {.paths = paths, .path_count = 1};
    Error error;
    Feed *feed = feed_replay_open(&plan, &error);
    if (!feed) fail_msg("%s: %s", error.where, error.message);
    return stage_of_feed(feed);
}

/* The shared data's place, absolute, since the test works in a folder of its own. */
static char shared_root[1024];

static Heard integrate(const StageMarkets *stage, const SocialHistory *history) {
    Heard heard = {.impacts = 0};
    Settings settings;
    settings_presets(&settings);
    stage_name_symbols(stage, &settings);
    LabPlan plan = stage_plan(stage, &settings);
    plan.social = history->at;
    plan.social_count = history->count;
    plan.watch = keep_impact;
    plan.watch_context = &heard;
    stage_run_lab(&plan, NULL);
    return heard;
}

static void import_shared(const char *path) {
    char absolute[1200];
    snprintf(absolute, sizeof absolute, "%s/%s", shared_root, path);
    if (!shared_root[0] || access(absolute, R_OK) != 0) {
        print_message("SKIP shared data absent: %s\n", path);
        skip();
    }
    SocialImported imported = import(absolute);
    assert_true(imported.added > 600);
    assert_int_equal(imported.refused, 0);
}

static void test_recorded_posts_run_from_end_to_end(void **state) {
    (void)state;
    static const char *const names[] = {"BTCUSDT"};
    import_shared(POSTS);
    StageMarkets stage = minutes_of(names[0], shared_root);
    SocialHistory history = history_of(names, 1);
    Heard heard = integrate(&stage, &history);
    print_message("%u analyses; the last: %s, Granger p %.3f\n", heard.impacts, heard.last.text,
                  heard.last.causality_p);
    assert_int_equal(heard.impacts, 30);
    assert_int_equal(heard.last.step_minutes, 60);
    assert_true(heard.last.samples > 600 && heard.last.status >= IMPACT_NONE);
    assert_true(heard.last.lag_p > 0 && heard.last.causality_p > 0);
    social_history_close(&history);
    stage_markets_free(&stage);
}

static void test_the_recorded_daily_series_takes_a_daily_step(void **state) {
    (void)state;
    static const char *const names[] = {"BTCUSDT"};
    import_shared(DAILY);
    import_shared(INDEX);
    StageMarkets stage = minutes_of(names[0], shared_root);
    SocialHistory history = history_of(names, 1);
    Heard heard = integrate(&stage, &history);
    assert_int_equal(heard.impacts, 30);
    assert_int_equal(heard.last.step_minutes, 1440);
    assert_int_equal(heard.last.status, IMPACT_INSUFFICIENT);
    social_history_close(&history);
    stage_markets_free(&stage);
}

/* The recorded posts, each hour's given to another hour. */
static void test_shuffled_recorded_posts_find_nothing(void **state) {
    (void)state;
    enum { ROWS = 40 * 24 };
    static const char *const names[] = {"BTCUSDT"};
    static ImpactRow ring[ROWS], rows[ROWS], changed[ROWS];
    static double x[ROWS], y[ROWS], scratch[ROWS];
    import_shared(POSTS);
    StageMarkets stage = minutes_of(names[0], shared_root);
    SocialHistory history = history_of(names, 1);
    const CandleSeries *candles = &stage.markets[0].candles;
    for (size_t row = 0; row < candles->count; row++) {
        Bar bar = candle_series_bar(candles, row);
        impact_rows_bar(ring, ROWS, &bar, candles->length_us);
    }
    int64_t end_us = candles->time_us[candles->count - 1];
    for (size_t i = 0; i < history.count && history.at[i].known <= end_us; i++) {
        SocialUpdate update = {.data = {.fallback = true, .quality = 1}};
        update.data.metrics = history.at[i].metrics;
        if (history.at[i].known > candles->time_us[0])
            impact_rows_sample(ring, ROWS, &update, history.at[i].known);
    }
    size_t count = impact_rows_line(ring, ROWS, end_us, rows);
    Settings settings;
    settings_presets(&settings);
    ImpactRule rule = social_impact_rule(&settings);
    unsigned significant = 0, found = 0;
    for (unsigned seed = 0; seed < 100; seed++) {
        Random random = random_stream(31, seed);
        ImpactSeries series;
        SocialImpact impact;
        memcpy(changed, rows, sizeof rows);
        for (size_t i = count - 1; i > 0; i--) {
            size_t other = random_below(&random, (uint32_t)i + 1);
            double held = changed[i].engagement;
            changed[i].engagement = changed[other].engagement;
            changed[other].engagement = held;
        }
        social_impact_prepare(&rule, changed, count, x, y, &series);
        assert_int_equal(series.status, IMPACT_NONE);
        LeadLag wish = {.most = series.most, .block = 3, .divisor = series.divisor, .seed = seed};
        LeadLag test = lead_lag_begin(x, y, series.count, &wish);
        lead_lag_draw(&test, x, y, 199, scratch);
        social_impact_settle(&rule, &series, &test, &impact);
        significant += impact.lag_p <= rule.level;
        found += impact.status == IMPACT_FOUND;
    }
    print_message("of 100 shuffles of %zu hours %u significant at 5 %%, %u found\n", count,
                  significant, found);
    assert_true(significant <= 12 && found <= significant);
    social_history_close(&history);
    stage_markets_free(&stage);
}

#define INSIDE(test) cmocka_unit_test_setup_teardown(test, temporary_enter, temporary_leave)

int main(void) {
    const char *given = getenv("TRADER_DATA");
    char *place = realpath(given ? given : "../shared/data", NULL);
    snprintf(shared_root, sizeof shared_root, "%s", place ? place : "");
    free(place);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_trial_reads_what_the_lab_hears),
        cmocka_unit_test(test_no_column_knows_a_reading_early),
        INSIDE(test_recorded_posts_run_from_end_to_end),
        INSIDE(test_the_recorded_daily_series_takes_a_daily_step),
        INSIDE(test_shuffled_recorded_posts_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
