/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of social history: a file comes in once, each value with the moment from which it was known;
 * nothing is heard before that moment; a trial reads at each bar what the same strategy hears in
 * the lab, and makes the same trades; and on recorded data the integrator runs from end to end,
 * finds no more in shuffled series than its level allows, and takes the daily series as what it is.
 */
#include "lab_stage.h"

#include "core/base/random.h"
#include "core/lab/social_columns.h"
#include "core/trade/impact_rows.h"
#include "core/trial/strategy_choice.h"
#include "shell/drivers/feed.h"
#include "shell/store/social_history.h"
#include "shell/store/social_import.h"
#include "temporary.h"

#define MINUTES "ohlcv/1m/%s-1m-2021-09-17_2021-10-17.csv.gz"
#define POSTS   "social/influencer_tweets_hourly_2021-09_2021-10.csv.gz"
#define DAILY   "social/lunarcrush_v2_daily_2021-09_2021-10.csv"
#define INDEX   "social/fear_greed_2018-02-01_2024-12-31.csv"

/* ---- files ----------------------------------------------------------------------------------- */

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

typedef struct Refusals {
    unsigned count;
    Error first;
} Refusals;

static Refusals refusals;

static void keep_refusal(void *context, const Error *reason) {
    Refusals *kept = context;
    if (kept->count++ == 0) kept->first = *reason;
}

static SocialImported import_at(const char *path, int64_t now_us) {
    SocialImportPlan plan = {
        .root = ".", .now_us = now_us, .on_refused = keep_refusal, .context = &refusals};
    SocialImported imported;
    Error error = {.code = ERROR_NONE};
    assert_true(social_import_knows(path));
    refusals = (Refusals){.count = 0};
    bool good = social_import(&plan, path, &imported, &error);
    if (!good) print_error("%s: %s\n", error.where, error.message);
    assert_true(good);
    return imported;
}

static SocialImported import(const char *path) {
    return import_at(path, instant_of(2026, 6, 1, 0, 0, 0));
}

static SocialHistory history_of(const char *const *names, unsigned count) {
    SocialHistory history;
    Symbol symbols[4];
    Error error;
    for (unsigned i = 0; i < count; i++) {
        assert_true(symbol_name_set(&symbols[i].name, slice_of(names[i])));
        assert_true(symbol_split(&symbols[i].name, &symbols[i].base, &symbols[i].quote));
    }
    SocialSpan all = {INT64_MIN, INT64_MAX};
    assert_true(social_history_open(&history, ".", symbols, count, all, &error));
    return history;
}

static void test_what_is_no_social_file_is_left_to_others(void **state) {
    (void)state;
    write_file("a.csv", "open_time,open,high,low,close,volume\n1,2,3,4,5,6\n");
    write_file("b.csv", "");
    assert_false(social_import_knows("a.csv"));
    assert_false(social_import_knows("b.csv"));
    assert_false(social_import_knows("absent.csv"));
}

static void test_each_value_is_known_when_it_could_be_counted(void **state) {
    (void)state;
    static const char *const names[] = {"BTCUSDT", "BTCUSDC", "ADAUSDT"};
    write_file("posts.csv", "coin,hour,tweets,likes,retweets,replies\n"
                            "BTC,2021-09-01 05:00:00,3,10,20,30\n"
                            "ADA,2021-09-01 05:00:00,1,1,1,1\n"
                            "ADA,2021-09-01 05:00:00,1,1,1,1\n"
                            "XRP,2021-09-01 05:00:00,1,1,1,1\n"
                            "BTC,noon,3,10,20,30\n"
                            "BTC,2021-09-01 06:00:00,-3,10,20,30\n");
    write_file("index.csv", "Date,fng_value,fng_class\n2021-08-31,25,Fear\n2021-09-01,101,Greed\n");
    write_file("days.csv", "asset,time,average_sentiment,social_volume\nBTC,2021-08-31,4,100\n");
    SocialImported posts = import("posts.csv");
    assert_int_equal(posts.rows, 6);
    assert_int_equal(posts.added, 3);
    assert_int_equal(posts.refused, 2);
    assert_int_equal(refusals.count, 2);
    assert_non_null(strstr(refusals.first.where, "posts.csv, line 6"));
    assert_int_equal(import("posts.csv").added, 0);
    assert_int_equal(import("index.csv").added, 1);
    assert_int_equal(import("days.csv").added, 1);
    SocialHistory history = history_of(names, 3);
    assert_int_equal(history.count, 6); /* day and posts for both BTC symbols, ADA, the index */
    for (size_t i = 1; i < history.count; i++)
        assert_true(history.at[i - 1].known <= history.at[i].known);
    assert_string_equal(history.at[0].symbol, "BTCUSDC");
    assert_close(history.at[0].metrics.social_sentiment, 0.75, 1e-15);
    assert_true(history.at[0].known == instant_of(2021, 9, 1, 0, 0, 0));
    assert_string_equal(history.at[2].symbol, "*");
    assert_close(history.at[2].metrics.social_sentiment, 0.25, 1e-15);
    assert_true(history.at[2].known == instant_of(2021, 9, 1, 0, 0, 0));
    assert_string_equal(history.at[3].symbol, "ADAUSDT");
    assert_close(history.at[4].metrics.social_engagement, 60, 0);
    assert_true(history.at[4].known == instant_of(2021, 9, 1, 6, 0, 0));
    assert_true(isnan(history.at[4].metrics.social_sentiment));
    social_history_close(&history);
}

/* What its source says otherwise later is known from then on; the old row stays. */
static void test_a_changed_value_is_known_later(void **state) {
    (void)state;
    static const char *const names[] = {"BTCUSDT"};
    write_file("one.csv",
               "coin,hour,tweets,likes,retweets,replies\nBTC,2021-09-01 05:00,3,1,1,1\n");
    write_file("two.csv",
               "coin,hour,tweets,likes,retweets,replies\nBTC,2021-09-01 05:00,4,1,1,1\n");
    assert_int_equal(import("one.csv").added, 1);
    assert_int_equal(import("two.csv").added, 1);
    assert_int_equal(import("two.csv").added, 0);
    SocialHistory history = history_of(names, 1);
    assert_int_equal(history.count, 2);
    assert_close(history.at[0].metrics.social_volume, 3, 0);
    assert_true(history.at[1].known == instant_of(2026, 6, 1, 0, 0, 0));
    social_history_close(&history);
}

static void test_a_damaged_file_names_its_line(void **state) {
    (void)state;
    StoredReadings readings;
    SocialShelf hours = {OUTSIDE_FILE, INSTANT_HOUR_US};
    Error error;
    write_file("one.csv",
               "coin,hour,tweets,likes,retweets,replies\nBTC,2021-09-01 05:00,3,1,1,1\n");
    assert_int_equal(import("one.csv").added, 1);
    FILE *file = fopen("social/file_hourly.csv", "a");
    assert_non_null(file);
    fputs("BTC,2021-09-02T00:00:00.000Z,2021-09-01T00:00:00.000Z,1,1,1,1,1,1,1,1\n", file);
    assert_int_equal(fclose(file), 0); /* known before it was */
    assert_false(social_store_read(".", &hours, &readings, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_non_null(strstr(error.where, "line 3"));
}

static void test_an_hour_that_is_not_over_is_not_there_yet(void **state) {
    (void)state;
    write_file("now.csv", "coin,hour,tweets,likes,retweets,replies\n"
                          "BTC,2021-09-01 05:00,3,1,1,1\nBTC,2021-09-01 06:00,3,1,1,1\n");
    SocialImported imported = import_at("now.csv", instant_of(2021, 9, 1, 6, 30, 0));
    assert_int_equal(imported.added, 1);
    assert_int_equal(imported.refused, 1);
    assert_string_equal(refusals.first.message, "its hour or day is not over");
    assert_int_equal(import("now.csv").added, 1);
}

/* Our own form, which says itself from when on a row was known. */
static void test_the_stores_own_form_comes_in(void **state) {
    (void)state;
    static const char *const names[] = {"BTCUSDT"};
    write_file("own.csv",
               "asset,time,known,social_volume,social_engagement,social_contributors,"
               "social_sentiment,twitter_volume,reddit_volume,news_volume,weighted_sentiment\n"
               "BTC,2021-09-01,2021-09-02T08:00:00Z,100,,,0.7,,,,\n"
               "BTC,2021-09-02T05:00:00Z,2021-09-02T06:00:00Z,7,,,,,,,0.6\n"
               "BTC,2021-09-02T05:00:00Z,2021-09-02T05:59:00Z,7,,,,,,,0.6\n"
               "BTC,2021-09-02T05:10:00Z,2021-09-02T06:10:00Z,7,,,,,,,0.6\n"
               "BTC,2021-09-02T06:00:00Z,2021-09-02T07:00:00Z,7,,,1.5,,,,0.6\n");
    SocialImported imported = import("own.csv");
    assert_int_equal(imported.added, 2);
    assert_int_equal(imported.refused, 3);
    assert_int_equal(import("own.csv").added, 0);
    SocialHistory history = history_of(names, 1);
    assert_int_equal(history.count, 1); /* hours are heard where there are both */
    assert_close(history.at[0].weighted_sentiment, 0.6, 0);
    social_history_close(&history);
    assert_int_equal(unlink("social/file_hourly.csv"), 0);
    history = history_of(names, 1);
    assert_int_equal(history.count, 1);
    assert_true(history.at[0].known == instant_of(2021, 9, 2, 8, 0, 0));
    social_history_close(&history);
}

/* A title stands once, at the earliest moment; without a word of when it was known, that is when
 * feeds are asked again. Quotes and commas inside a title come through the store unchanged. */
static void test_headlines_come_in_once_and_are_known_behind_their_date(void **state) {
    (void)state;
    static const char *const names[] = {"BTCUSDT"};
    write_file("others.csv", "time,class,source,title\n"
                             "2021-10-12 20:00:00,1,A,\"Bitcoin \"\"up\"\", says one, or two\"\n"
                             "2021-10-12 19:00:00,1,B,Ethereum falls\n"
                             "2021-10-12 21:00:00,1,B,Ethereum falls\n"
                             "noon,1,B,Ethereum rises\n"
                             "2021-10-12 21:00:00,1,B,\n"
                             "2021-10-12 21:00:00,1,B,one,too many\n");
    write_file("own.csv", "title,known,time,source\n"
                          "Solana halts,2021-10-12T18:30:00Z,2021-10-12T18:00:00Z,C\n"
                          "Solana restarts,2021-10-12T17:30:00Z,2021-10-12T18:00:00Z,C\n");
    SocialImported imported = import("others.csv");
    assert_true(imported.is_news);
    assert_int_equal(imported.added, 2);
    assert_int_equal(imported.refused, 3);
    assert_int_equal(import("others.csv").added, 0);
    assert_int_equal(import("own.csv").added, 1);
    assert_int_equal(refusals.count, 1); /* known before it was published */
    assert_int_equal(import("social/headlines.csv").added, 0);
    SocialHistory history = history_of(names, 1);
    assert_int_equal(history.news_count, 3);
    assert_string_equal(history.news[0].title, "Solana halts");
    assert_true(history.news[0].known == instant_of(2021, 10, 12, 18, 30, 0));
    assert_string_equal(history.news[1].title, "Ethereum falls");
    assert_true(history.news[1].known == instant_of(2021, 10, 12, 19, 10, 0));
    assert_string_equal(history.news[2].title, "Bitcoin \"up\", says one, or two");
    assert_true(isnan(history.news[2].sentiment)); /* no label of others comes in */
    social_history_close(&history);
}

static void test_a_flood_of_headlines_is_cut(void **state) {
    (void)state;
    static const char *const names[] = {"BTCUSDT"};
    FILE *file = fopen("flood.csv", "w");
    assert_non_null(file);
    fputs("time,source,title\n", file);
    for (unsigned i = 0; i < 2000; i++)
        fprintf(file, "2021-10-%s,A,Bitcoin number %u\n", i < 1000 ? "12" : "13", i);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(import("flood.csv").added, 2000);
    SocialHistory history = history_of(names, 1);
    assert_int_equal(history.news_count, 2 * SOCIAL_HISTORY_NEWS_MAX);
    assert_true(history.news[SOCIAL_HISTORY_NEWS_MAX - 1].known <
                history.news[SOCIAL_HISTORY_NEWS_MAX].known);
    social_history_close(&history);
}

/* A file of other values for all of a year is one reading at the instant at which it came: a turn
 * has limits, and only the newest value can still decide. */
static void test_a_flood_of_corrections_is_one_reading(void **state) {
    (void)state;
    enum { HOURS = 9000 };
    static const char *const names[] = {"BTCUSDT"};
    int64_t start_us = instant_of(2021, 1, 1, 0, 0, 0);
    for (unsigned turn = 0; turn < 2; turn++) {
        FILE *file = fopen("posts.csv", "w");
        assert_non_null(file);
        fputs("coin,hour,tweets,likes,retweets,replies\n", file);
        for (int64_t hour = 0; hour < HOURS; hour++) {
            char iso[25];
            instant_to_iso(start_us + hour * INSTANT_HOUR_US, iso);
            fprintf(file, "BTC,%s,%u,1,1,1\n", iso, turn + 1);
        }
        assert_int_equal(fclose(file), 0);
        assert_int_equal(import("posts.csv").added, HOURS);
    }
    SocialHistory history = history_of(names, 1);
    assert_int_equal(history.count, HOURS + 1);
    const SocialReading *last = &history.at[HOURS];
    assert_close(last->metrics.social_volume, 2, 0);
    assert_true(last->time == start_us + (HOURS - 1) * INSTANT_HOUR_US);
    assert_true(last->known == instant_of(2026, 6, 1, 0, 0, 0));
    for (size_t i = 1; i < history.count; i++)
        assert_true(history.at[i - 1].time <= history.at[i].time);
    social_history_close(&history);
}

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
                              .social_count = history->count};
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
        INSIDE(test_what_is_no_social_file_is_left_to_others),
        INSIDE(test_each_value_is_known_when_it_could_be_counted),
        INSIDE(test_a_changed_value_is_known_later),
        INSIDE(test_an_hour_that_is_not_over_is_not_there_yet),
        INSIDE(test_the_stores_own_form_comes_in),
        INSIDE(test_headlines_come_in_once_and_are_known_behind_their_date),
        INSIDE(test_a_flood_of_headlines_is_cut),
        INSIDE(test_a_flood_of_corrections_is_one_reading),
        INSIDE(test_a_damaged_file_names_its_line),
        cmocka_unit_test(test_a_trial_reads_what_the_lab_hears),
        cmocka_unit_test(test_no_column_knows_a_reading_early),
        INSIDE(test_recorded_posts_run_from_end_to_end),
        INSIDE(test_the_recorded_daily_series_takes_a_daily_step),
        INSIDE(test_shuffled_recorded_posts_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
