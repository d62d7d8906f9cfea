/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social history into the store: a file comes in once, each value with the moment from which it was
 * known; what is no such file, no sound row, or not over yet, is left out by its line; changes,
 * headlines and floods.
 */
#include "social_stage.h"

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

/* Hours take the place of their own days alone, and nothing of what was known before them. */
static void test_later_hours_change_nothing_before_they_are_known(void **state) {
    (void)state;
    static const char *const names[] = {"BTCUSDT"};
#define OWN                                                                                        \
    "asset,time,known,social_volume,social_engagement,social_contributors,social_sentiment,"       \
    "twitter_volume,reddit_volume,news_volume,weighted_sentiment\n"
    write_file("days.csv", OWN "BTC,2021-09-01,2021-09-02T00:00:00Z,100,,,,,,,\n"
                               "BTC,2021-09-02,2021-09-03T00:00:00Z,200,,,,,,,\n"
                               "BTC,2021-09-03,2021-09-04T00:00:00Z,300,,,,,,,\n"
                               "BTC,2021-09-04,2021-09-05T00:00:00Z,400,,,,,,,\n"
                               "BTC,2021-09-05,2021-09-06T00:00:00Z,500,,,,,,,\n");
    write_file("hours.csv", OWN "BTC,2021-09-03T00:00:00Z,2021-09-03T01:00:00Z,3,,,,,,,\n"
                                "BTC,2021-09-04T23:00:00Z,2021-09-05T00:00:00Z,4,,,,,,,\n");
    assert_int_equal(import("days.csv").added, 5);
    SocialHistory days = history_of(names, 1);
    assert_int_equal(days.count, 5);
    assert_int_equal(import("hours.csv").added, 2);
    SocialHistory both = history_of(names, 1);
    static const double volumes[] = {100, 200, 3, 4, 500};
    assert_int_equal(both.count, 5);
    for (size_t i = 0; i < both.count; i++)
        assert_close(both.at[i].metrics.social_volume, volumes[i], 0);
    int64_t first_us = instant_of(2021, 9, 3, 1, 0, 0); /* the first hour is known */
    for (size_t i = 0; i < days.count && days.at[i].known < first_us; i++)
        assert_true(days.at[i].known == both.at[i].known && days.at[i].time == both.at[i].time);
    social_history_close(&days);
    social_history_close(&both);
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

#define INSIDE(test) cmocka_unit_test_setup_teardown(test, temporary_enter, temporary_leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        INSIDE(test_what_is_no_social_file_is_left_to_others),
        INSIDE(test_each_value_is_known_when_it_could_be_counted),
        INSIDE(test_a_changed_value_is_known_later),
        INSIDE(test_an_hour_that_is_not_over_is_not_there_yet),
        INSIDE(test_the_stores_own_form_comes_in),
        INSIDE(test_later_hours_change_nothing_before_they_are_known),
        INSIDE(test_headlines_come_in_once_and_are_known_behind_their_date),
        INSIDE(test_a_flood_of_headlines_is_cut),
        INSIDE(test_a_flood_of_corrections_is_one_reading),
        INSIDE(test_a_damaged_file_names_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
