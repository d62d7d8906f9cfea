/* SPDX-License-Identifier: Apache-2.0 */
/* The recorded answers of LunarCrush v4 and an export of its v2 daily series, read into the
 * mission's structure: every metric of the recordings, and nothing that they do not say. */
#include "check_aborts.h"
#include "unit.h"

#include "core/venues/headline_item.h"
#include "core/venues/lunarcrush.h"
#include "core/venues/lunarcrush_v2.h"

static char body_memory[1 << 20];

static Slice read_body(const char *path) {
    FILE *file = fopen(shared_data(path), "rb");
    assert_non_null(file);
    size_t length = fread(body_memory, 1, sizeof body_memory, file);
    fclose(file);
    assert_true(length > 0 && length < sizeof body_memory);
    return (Slice){body_memory, length};
}

static Slice only_item(Slice body, const char *list) {
    ForeignItems items;
    Slice item, none;
    assert_true(foreign_items_open(body, list, &items));
    assert_true(foreign_items_next(&items, &item));
    assert_false(foreign_items_next(&items, &none));
    assert_false(items.cut);
    return item;
}

static void topic(void **state) {
    (void)state;
    SocialReading reading;
    Slice body = read_body("api/lunarcrush/v4/topic.json");
    assert_null(lunarcrush_topic(body, &reading));
    assert_close(reading.metrics.social_volume, 264764, 0);
    assert_close(reading.metrics.social_engagement, 83998832, 0);
    assert_close(reading.metrics.social_contributors, 90751, 0);
    assert_close(reading.metrics.twitter_volume, 202878, 0);
    assert_close(reading.metrics.reddit_volume, 11298, 0);
    assert_close(reading.metrics.news_volume, 931, 0);
    assert_true(isnan(reading.metrics.social_sentiment)); /* it stands in the list */
    double weighted =
        (76.0 * 136956 + 74.0 * 61019860 + 78.0 * 11607141 + 69.0 * 10971746 + 76.0 * 263129) /
        (136956.0 + 61019860 + 11607141 + 10971746 + 263129) / 100;
    assert_close(reading.weighted_sentiment, weighted, 1e-15);
    assert_int_equal(reading.time, 1750604578LL * 1000000);
}

static void coins(void **state) {
    (void)state;
    static const char *const lists[] = {"coins_list", "coins_list_v2"};
    for (unsigned i = 0; i < 2; i++) {
        char path[64];
        LunarcrushCoin coin;
        snprintf(path, sizeof path, "api/lunarcrush/v4/%s.json", lists[i]);
        Slice body = read_body(path);
        assert_null(lunarcrush_coin(only_item(body, "data"), &coin));
        assert_int_equal(coin.id, 1);
        assert_int_equal(coin.rank, 1);
        assert_string_equal(coin.ticker, "BTC");
        assert_string_equal(coin.topic, "btc bitcoin");
        assert_close(coin.metrics.social_volume, 154647, 0);
        assert_close(coin.metrics.social_engagement, 83998832, 0);
        assert_close(coin.metrics.social_sentiment, 0.73, 1e-15);
        assert_true(isnan(coin.metrics.social_contributors));
    }
}

static void series(void **state) {
    (void)state;
    static const struct {
        const char *file;
        double posts, interactions, contributors, sentiment;
    } wanted[] = {{"coins_time_series", 12368, 1270862, 7291, 0.83},
                  {"topic_time_series", 25526, 3041957, 13585, 0.78},
                  {"topic_time_series_v2", 25526, 3041957, 13585, 0.78}};
    for (unsigned i = 0; i < 3; i++) {
        char path[64];
        SocialReading reading;
        snprintf(path, sizeof path, "api/lunarcrush/v4/%s.json", wanted[i].file);
        Slice body = read_body(path);
        assert_null(lunarcrush_bucket(only_item(body, "data"), INSTANT_HOUR_US,
                                      lunarcrush_generated(body), &reading));
        assert_close(reading.metrics.social_volume, wanted[i].posts, 0);
        assert_close(reading.metrics.social_engagement, wanted[i].interactions, 0);
        assert_close(reading.metrics.social_contributors, wanted[i].contributors, 0);
        assert_close(reading.metrics.social_sentiment, wanted[i].sentiment, 1e-15);
        assert_int_equal(reading.time, 1749945600LL * 1000000);
        assert_int_equal(reading.known, reading.time + INSTANT_HOUR_US);
    }
}

static void news(void **state) {
    (void)state;
    static const struct {
        const char *file, *source, *title;
        double sentiment, engagement;
    } wanted[] = {
        {"topic_news", "CryptoSlate", "Oil markets tense amid U.S. airstrikes on Iran", 0.475, 773},
        {"category_news", "CryptoSlate", "Oil markets tense amid U.S. airstrikes", 0.475, 773},
        {"topic_posts", "Mario Nawfal", "", 0.5125, 85530}};
    for (unsigned i = 0; i < 3; i++) {
        char path[64];
        Headline headline;
        snprintf(path, sizeof path, "api/lunarcrush/v4/%s.json", wanted[i].file);
        assert_null(
            headline_read(&headline_lunarcrush, only_item(read_body(path), "data"), &headline));
        assert_memory_equal(headline.title, wanted[i].title, strlen(wanted[i].title));
        assert_true(strlen(headline.title) > 70 && !strchr(headline.title, '\n'));
        assert_string_equal(headline.source, wanted[i].source);
        assert_close(headline.sentiment, wanted[i].sentiment, 1e-15);
        assert_close(headline.engagement, wanted[i].engagement, 0);
        assert_true(headline.published > 1750000000LL * 1000000);
    }
}

static void daily_series_of_v2(void **state) {
    (void)state;
    Slice body = read_body("social/lunarcrush_v2_daily_2021-09_2021-10.csv");
    LunarcrushV2 columns;
    unsigned rows = 0, first = 1, sentiments = 0, reddit = 0;
    for (const char *at = body.at, *end = body.at + body.length; at < end; first = 0) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        Slice line = {at, (size_t)((stop ? stop : end) - at)};
        AssetName asset;
        SocialReading reading;
        at = stop ? stop + 1 : end;
        if (first) {
            assert_true(lunarcrush_v2_header(line, &columns));
            continue;
        }
        assert_null(lunarcrush_v2_row(&columns, line, &asset, &reading));
        if (rows++ == 0) {
            assert_string_equal(asset.text, "ADA");
            assert_close(reading.metrics.social_volume, 39498, 0);
            assert_close(reading.metrics.social_engagement, 63593965, 0);
            assert_close(reading.metrics.social_contributors, 33012, 0);
            assert_close(reading.metrics.social_sentiment, 0.65, 1e-12);
            assert_close(reading.metrics.news_volume, 37, 0);
            assert_int_equal(reading.known - reading.time, INSTANT_DAY_US);
        }
        sentiments += isnan(reading.metrics.social_sentiment) ? 0 : 1;
        reddit += isnan(reading.metrics.reddit_volume) ? 0 : 1;
    }
    assert_int_equal(rows, 11 * 61);
    assert_int_equal(sentiments, rows);
    assert_true(reddit > 0 && reddit < rows); /* absent is absent */
    AssetName asset;
    SocialReading reading;
    assert_non_null(lunarcrush_v2_row(&columns, SLICE("ADA,2021-09-01,1"), &asset, &reading));
    assert_false(lunarcrush_v2_header(SLICE("time,open,high,low,close"), &columns));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topic),
        cmocka_unit_test(coins),
        cmocka_unit_test(series),
        cmocka_unit_test(news),
        cmocka_unit_test(daily_series_of_v2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
