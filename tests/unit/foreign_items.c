/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of social sources item by item: one malformed among ten, bodies cut at every byte, random
 * damage, dates in every form that feeds use. */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/instant.h"
#include "core/base/random.h"
#include "core/venues/headline_item.h"
#include "core/venues/lunarcrush.h"

typedef struct Counted {
    unsigned kept, refused;
    bool opened, cut;
} Counted;

static Counted count(const HeadlineSource *source, Slice body) {
    ForeignItems items;
    Slice item;
    Counted counted = {.opened = foreign_items_open(body, source->list, &items)};
    if (!counted.opened) return counted;
    while (foreign_items_next(&items, &item)) {
        Headline headline;
        ForeignFault fault = headline_read(source, item, &headline);
        counted.kept += !fault;
        counted.refused += fault != NULL;
        assert_true(fault || (headline.title[0] && strlen(headline.id) == 32));
    }
    counted.cut = items.cut;
    return counted;
}

/* ---- one among ten ------------------------------------------------------------------------- */

static const char *const malformed[] = {
    "{\"title\":\"bad escape \\x\",\"link\":\"https://a.b/5\"}",
    "{\"title\":42.e,\"link\":\"\"}",
    "{\"title\":\"a\" \"link\":\"b\"}",
    "{\"title\":null,\"link\":\"https://a.b/5\"}",
    "{\"title\":\" \\u200b \",\"link\":\"https://a.b/5\"}",
    "{\"title\":[\"x\"],\"link\":\"https://a.b/5\"}",
    "{\"title\":\"time\",\"published\":\"yesterday\"}",
    "{\"title\":\"bytes \xFF\xFE\"}",
    "{\"title\":\"twice\",,\"link\":\"\"}",
    "null",
    "\"text\"",
    "17",
    "[{\"title\":\"inside\"}]",
};

static void one_malformed_among_ten(void **state) {
    (void)state;
    for (size_t bad = 0; bad < sizeof malformed / sizeof malformed[0]; bad++) {
        char body[4096];
        Text text = TEXT_IN(body);
        for (int i = 0; i < 10; i++) {
            text_put(&text, i ? ", " : "[");
            if (i == 5)
                text_put(&text, malformed[bad]);
            else
                text_format(&text, "{\"title\":\"News %d, \\\"quoted\\\" ] }\",\"guid\":\"g%d\"}",
                            i, i);
        }
        text_put(&text, "]");
        Counted counted = count(&headline_rss, slice_of(text_end(&text)));
        if (counted.kept != 9 || counted.refused != 1)
            fail_msg("%s: %u kept, %u refused", malformed[bad], counted.kept, counted.refused);
    }
}

static void a_cut_body_gives_its_complete_items(void **state) {
    (void)state;
    static const char body[] = "{\"config\":{\"generated\":1750604579,\"s\":\"}]\"},\"data\":["
                               "{\"post_title\":\"A ]\",\"id\":\"1\"},{\"post_title\":\"B\",\"id\":"
                               "\"2\"},{\"post_title\":\"C\",\"id\":\"3\"}]}";
    size_t first = (size_t)(strstr(body, "\"1\"}") - body) + 4,
           second = (size_t)(strstr(body, "\"2\"}") - body) + 4,
           third = (size_t)(strstr(body, "\"3\"}") - body) + 4;
    for (size_t length = 0; length < sizeof body; length++) {
        char *fenced = malloc(length + 1);
        memcpy(fenced, body, length);
        Counted counted = count(&headline_lunarcrush, (Slice){fenced, length});
        assert_int_equal(counted.kept, (length >= first) + (length >= second) + (length >= third));
        assert_int_equal(counted.refused, 0);
        assert_true(!counted.opened || counted.cut == (length <= third));
        free(fenced);
    }
}

static void damage_is_survived(void **state) {
    (void)state;
    Random random = random_stream(31, 5);
    static const char body[] =
        "{\"data\":{\"children\":[{\"data\":{\"title\":\"T &amp; t\","
        "\"ups\":5,\"created_utc\":1790000000.0}},{\"data\":{\"title\":\"U\","
        "\"num_comments\":\"7\"}}]}}";
    for (unsigned i = 0; i < 100000; i++) {
        char bytes[sizeof body];
        memcpy(bytes, body, sizeof body);
        for (unsigned k = random_below(&random, 5); k > 0; k--)
            bytes[random_below(&random, sizeof body - 1)] = (char)random_below(&random, 256);
        Counted counted = count(&headline_reddit, (Slice){bytes, sizeof body - 1});
        assert_true(counted.kept + counted.refused <= sizeof body);
    }
}

/* ---- fields -------------------------------------------------------------------------------- */

static void dates_of_feeds(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds; /* 0: none */
    } dates[] = {
        {"Sun, 22 Nov 2026 08:00:00 GMT", 1795334400},
        {"22 Nov 2026 08:00:00 +0000", 1795334400},
        {"Sun, 22 Nov 2026 10:30:00 +0230", 1795334400},
        {"Sun, 22 Nov 2026 03:00:00 EST", 1795334400},
        {"Sun, 22 Nov 2026 08:00 UT", 1795334400},
        {"2026-11-22T08:00:00Z", 1795334400},
        {"2026-11-22T09:00:00+01:00", 1795334400},
        {"20261122T080000Z", 1795334400},
        {"22-Nov-26 08:00:00 GMT", 1795334400},
        {"yesterday", 0},
        {"", 0},
        {"Sun, 31 Foo 2026 08:00:00 GMT", 0},
        {"Sun, 22 Nov 2026", 0},
        {"1010-09-01", 0},
        {"9999-12-31T23:59:59Z", 0},
        {"99 Nov 2026 08:00:00", 0},
    };
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        int64_t time_us = 0;
        bool good = foreign_time_read(slice_of(dates[i].text), &time_us);
        if (good != (dates[i].seconds != 0) || (good && time_us != dates[i].seconds * 1000000))
            fail_msg("%s: %d %lld", dates[i].text, good, (long long)time_us);
    }
}

static void headlines_are_what_the_item_says(void **state) {
    (void)state;
    static const char item[] =
        "{\"title\":\"<b>Big</b> &amp; bold\\u202e\",\"link\":\"javascript:alert(1)\","
        "\"guid\":\"urn:1\",\"published\":\"Sun, 22 Nov 2026 08:00:00 GMT\"}";
    Headline headline, other;
    assert_null(headline_read(&headline_rss, SLICE(item), &headline));
    assert_string_equal(headline.title, "Big & bold");
    assert_string_equal(headline.link, ""); /* no address of the web */
    assert_true(isnan(headline.sentiment) && isnan(headline.engagement));
    assert_int_equal(headline.published, 1795334400LL * 1000000);
    assert_null(
        headline_read(&headline_rss, SLICE("{\"title\":\"x\",\"guid\":\"urn:1\"}"), &other));
    assert_string_equal(other.id, headline.id);
    assert_null(headline_read(&headline_rss, SLICE("{\"title\":\"x\"}"), &other));
    assert_string_not_equal(other.id, headline.id);
    assert_non_null(headline_read(&headline_lunarcrush,
                                  SLICE("{\"post_title\":\"x\",\"post_sentiment\":5.1}"), &other));
    assert_null(headline_read(&headline_cryptopanic,
                              SLICE("{\"title\":\"x\",\"id\":7,\"source\":{\"title\":\"S\"},"
                                    "\"url\":\"https://e.org/x\"}"),
                              &other));
    assert_string_equal(other.source, "S");
    assert_string_equal(other.link, "https://e.org/x");
}

static void missing_metrics_are_no_numbers(void **state) {
    (void)state;
    LunarcrushCoin coin;
    SocialReading reading;
    assert_null(lunarcrush_coin(SLICE("{\"id\":7,\"symbol\":\"ABC\",\"sentiment\":null}"), &coin));
    assert_true(isnan(coin.metrics.social_sentiment) && isnan(coin.metrics.social_volume));
    assert_non_null(lunarcrush_coin(SLICE("{\"id\":7}"), &coin));
    assert_non_null(lunarcrush_coin(SLICE("{\"id\":7,\"symbol\":\"A\",\"sentiment\":101}"), &coin));
    assert_null(lunarcrush_topic(SLICE("{\"data\":{}}"), &reading));
    assert_true(isnan(reading.weighted_sentiment) && isnan(reading.metrics.news_volume));
    assert_null(lunarcrush_bucket(SLICE("{\"time\":1749945600}"), INSTANT_HOUR_US, 0, &reading));
    assert_int_equal(reading.known - reading.time, INSTANT_HOUR_US);
    assert_non_null(lunarcrush_bucket(SLICE("{\"time\":1749945600}"), INSTANT_HOUR_US,
                                      1749945600LL * 1000000 + INSTANT_HOUR_US - 1, &reading));
    assert_non_null(lunarcrush_bucket(SLICE("{\"interactions\":4}"), INSTANT_HOUR_US, 0, &reading));
}

static void paths_are_encoded(void **state) {
    (void)state;
    char path[128], parameters[128];
    Text text = TEXT_IN(path), more = TEXT_IN(parameters);
    lunarcrush_topic_path("btc bitcoin", &text);
    assert_string_equal(text_end(&text), "/public/topic/btc%20bitcoin/v1");
    text_clear(&text);
    lunarcrush_news_path("a/b?c", &text);
    assert_string_equal(text_end(&text), "/public/topic/a%2Fb%3Fc/news/v1");
    text_clear(&text);
    lunarcrush_list_path(2, &text, &more);
    assert_string_equal(text_end(&more), "sort=market_cap_rank&limit=40&page=2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_malformed_among_ten),
        cmocka_unit_test(a_cut_body_gives_its_complete_items),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(dates_of_feeds),
        cmocka_unit_test(headlines_are_what_the_item_says),
        cmocka_unit_test(missing_metrics_are_no_numbers),
        cmocka_unit_test(paths_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
