/* SPDX-License-Identifier: Apache-2.0 */
/* Headlines: which symbols they are about, how new they are, what weight they have and for how
 * long; and that none is known before it was heard. */
#include "check_aborts.h"
#include "unit.h"

#include "core/trade/headline_symbols.h"
#include "core/trade/news_desk.h"

#define NOW  (INSTANT_DAY_US * 20000)
#define HOUR INSTANT_HOUR_US

static SymbolTable watched;
static NewsDesk desk;
static const NewsRule rule = {.age_us_max = 24 * HOUR, .half_life_us = 6 * HOUR};

static int watch(void **state) {
    static const char *const bases[] = {"BTC", "ETH",  "SOL", "LINK", "NEAR", "SUI",
                                        "ONE", "AVAX", "BCH", "XRP",  "ABC",  "BTC"};
    (void)state;
    memset(&watched, 0, sizeof watched);
    for (unsigned i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        Symbol symbol = {0};
        snprintf(symbol.name.text, sizeof symbol.name.text, "%s%s", bases[i],
                 i == 11 ? "USDT" : "USDC");
        snprintf(symbol.base.text, sizeof symbol.base.text, "%s", bases[i]);
        assert_true(symbol_table_put(&watched, &symbol) >= 0);
    }
    memset(&desk, 0, sizeof desk);
    return 0;
}

static Headline headline_of(const char *title, int64_t known_us) {
    static int number;
    Headline headline = {.known = known_us, .sentiment = (double)NAN, .engagement = (double)NAN};
    snprintf(headline.title, sizeof headline.title, "%s", title);
    snprintf(headline.id, sizeof headline.id, "id-%d", ++number);
    return headline;
}

/* ---- entities ------------------------------------------------------------------------------ */

static const struct {
    const char *title, *symbols; /* in order of watching, separated by blanks */
} cases[] = {
    {"Bitcoin rises", "BTCUSDC BTCUSDT"},
    {"BITCOIN RISES", "BTCUSDC BTCUSDT"},
    {"btc and eth rise", "BTCUSDC ETHUSDC BTCUSDT"},
    {"Bitcoin Cash rises", "BCHUSDC"},
    {"Bitcoin Cash follows bitcoin", "BTCUSDC BCHUSDC BTCUSDT"},
    {"Ethereum Classic forks", ""},
    {"Ethereal music for traders", ""},
    {"Together we rise", ""},
    {"Solana outage", "SOLUSDC"},
    {"SOL jumps 5%", "SOLUSDC"},
    {"El sol sale", ""},
    {"One in three buyers is near the exit", ""},
    {"ONE IN THREE TOKEN BUYERS IS NEAR THE LINK", "*"},
    {"ONE token rallies", "ONEUSDC"},
    {"Follow the link to our live blog", ""},
    {"LINK price doubles", "LINKUSDC"},
    {"Chainlink signs bank", "LINKUSDC"},
    {"$NEAR and $SUI", "NEARUSDC SUIUSDC"},
    {"Analysts watch (SUI)", "SUIUSDC"},
    {"NEAR/USDT hits a high", "NEARUSDC"},
    {"Avalanche kills two skiers", ""},
    {"Avalanche network halts", "AVAXUSDC"},
    {"Ripple wins in court", ""},
    {"Ripple token wins in court", "XRPUSDC"},
    {"ABC reports quarterly figures", ""},
    {"ABC token listed", "ABCUSDC"},
    {"Crypto market wakes up", "*"},
    {"Fed leaves rates unchanged", "*"},
    {"Dogecoin soars", ""}, /* about another asset, not about the market */
    {"Rain expected on Sunday", ""},
    {"", ""},
};

static void names_and_tickers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char found[256];
        Text text = TEXT_IN(found);
        Headline headline = headline_of(cases[i].title, NOW);
        headline_find_symbols(&watched, &headline);
        for (uint32_t k = 0; k < headline.symbols_count; k++)
            text_format(&text, "%s%s", k ? " " : "", headline.symbols[k]);
        if (strcmp(text_end(&text), cases[i].symbols) != 0)
            fail_msg("%s: [%s], not [%s]", cases[i].title, found, cases[i].symbols);
        assert_true((headline.relevance > 0) == (headline.symbols_count > 0));
        assert_true(headline.relevance <= 1);
    }
}

static double relevance(const char *title) {
    Headline headline = headline_of(title, NOW);
    headline_find_symbols(&watched, &headline);
    return headline.relevance;
}

static void attention_is_shared(void **state) {
    (void)state;
    assert_close(relevance("Bitcoin rises"), 1, 0);
    assert_close(relevance("Bitcoin and ether rise"), 1 / 1.25, 1e-12);
    assert_close(relevance("Bitcoin, ether, solana and dogecoin rise"), 1 / 1.75, 1e-12);
    assert_true(relevance("LINK price doubles") < relevance("Chainlink doubles"));
    assert_true(relevance("Fed cuts rates") < relevance("Crypto market rallies"));
}

/* ---- novelty, impact ----------------------------------------------------------------------- */

static bool take(const char *title, int64_t known_us, Headline *headline) {
    *headline = headline_of(title, known_us);
    return news_desk_take(&desk, &rule, &watched, -1, 1, headline);
}

static void a_story_told_again_is_less_new(void **state) {
    Headline first, again, other;
    (void)watch(state);
    assert_true(take("Bitcoin jumps as fund is approved by regulator", NOW, &first));
    assert_close(first.novelty, 1, 0);
    assert_true(take("Bitcoin jumps as fund is approved by the regulator", NOW + HOUR, &again));
    assert_true(again.novelty < 0.4);
    assert_true(take("Ether falls after exploit", NOW + HOUR, &other));
    assert_close(other.novelty, 1, 0);
    Headline same = first;
    same.known = NOW + 2 * HOUR;
    assert_false(news_desk_take(&desk, &rule, &watched, -1, 1, &same)); /* the same id */
    assert_true(take("Bitcoin jumps as fund is approved by regulator", NOW + 96 * HOUR, &again));
    assert_close(again.novelty, 1, 0); /* forgotten after three days */
}

static void impact_is_the_product(void **state) {
    SocialSample sample = {0};
    Headline headline;
    (void)watch(state);
    assert_true(take("Bitcoin plunges after theft", NOW, &headline));
    double strength = fabs(headline.sentiment - 0.5) * 2;
    assert_true(headline.sentiment < 0.2);
    assert_close(headline.impact, strength, 1e-12);
    NewsMood mood = news_desk_mood(&desk, &rule, 0, NOW, &sample);
    assert_close(mood.impact, -strength, 1e-12);
    assert_close(sample.recent_news[0].impact, strength, 1e-12);
    sample.recent_news_count = 0;
    mood = news_desk_mood(&desk, &rule, 0, NOW + 6 * HOUR, &sample);
    assert_close(mood.impact, -strength / 2, 1e-12); /* the half-life */
    assert_int_equal(mood.today, 1);
    sample.recent_news_count = 0;
    mood = news_desk_mood(&desk, &rule, 0, NOW + 25 * HOUR, &sample);
    assert_true(isnan(mood.impact) && isnan(mood.sentiment) && mood.today == 0);
    assert_int_equal(sample.recent_news_count, 0);
    mood = news_desk_mood(&desk, &rule, 1, NOW, &sample);
    assert_true(isnan(mood.sentiment)); /* not about ether */
}

static void one_headline_is_no_mood_yet(void **state) {
    SocialSample sample = {0};
    Headline headline;
    (void)watch(state);
    assert_true(take("Bitcoin plunges after theft", NOW, &headline));
    NewsMood one = news_desk_mood(&desk, &rule, 0, NOW, &sample);
    assert_close(one.sentiment - 0.5, (headline.sentiment - 0.5) / 3, 1e-12);
    assert_true(take("Exchange insolvent, bitcoin crashes", NOW, &headline));
    assert_true(take("Regulator bans bitcoin funds", NOW, &headline));
    sample.recent_news_count = 0;
    NewsMood three = news_desk_mood(&desk, &rule, 0, NOW, &sample);
    assert_true(three.sentiment < one.sentiment);
    assert_true(three.impact >= -1);
    assert_int_equal(sample.recent_news_count, 3);
    assert_non_null(strstr(sample.recent_news[0].title, "Regulator")); /* newest first */
}

static void dates_cannot_be_used_against_us(void **state) {
    SocialSample sample = {0};
    Headline future = headline_of("Bitcoin soars", NOW), old = headline_of("Bitcoin soars", NOW);
    (void)watch(state);
    old.published = NOW - 25 * HOUR;
    assert_false(news_desk_take(&desk, &rule, &watched, -1, 1, &old));
    future.published = NOW + 300 * HOUR; /* would stay fresh for weeks */
    assert_true(news_desk_take(&desk, &rule, &watched, -1, 1, &future));
    (void)news_desk_mood(&desk, &rule, 0, NOW + 12 * HOUR, &sample);
    assert_close(sample.recent_news[0].impact, future.impact / 4, 1e-12);
}

static void a_source_may_name_the_symbol(void **state) {
    Headline headline = headline_of("Developers meet", NOW), market;
    (void)watch(state);
    assert_true(news_desk_take(&desk, &rule, &watched, 2, 0.5, &headline));
    assert_string_equal(headline.symbols[0], "SOLUSDC");
    assert_close(headline.relevance, 0.6, 0);
    market = headline_of("Crypto market rallies", NOW);
    assert_true(news_desk_take(&desk, &rule, &watched, 2, 0.5, &market));
    assert_int_equal(market.symbols_count, 1);
    assert_string_equal(market.symbols[0], "SOLUSDC");
    assert_close(market.impact, 0.6 * 0.5 * fabs(market.sentiment - 0.5) * 2, 1e-12);
}

static void the_desk_forgets_the_oldest(void **state) {
    SocialSample sample = {0};
    (void)watch(state);
    for (int i = 0; i < 3000; i++) {
        char title[64];
        Headline headline;
        snprintf(title, sizeof title, "Bitcoin rises for reason %d of %d", i, i * 7);
        assert_true(take(title, NOW + i, &headline));
    }
    NewsMood mood = news_desk_mood(&desk, &rule, 0, NOW + 3000, &sample);
    assert_int_equal(mood.today, NEWS_DESK_ENTRIES);
    assert_non_null(strstr(sample.recent_news[0].title, "2999"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_and_tickers, watch),
        cmocka_unit_test_setup(attention_is_shared, watch),
        cmocka_unit_test(a_story_told_again_is_less_new),
        cmocka_unit_test(impact_is_the_product),
        cmocka_unit_test(one_headline_is_no_mood_yet),
        cmocka_unit_test(dates_cannot_be_used_against_us),
        cmocka_unit_test(a_source_may_name_the_symbol),
        cmocka_unit_test(the_desk_forgets_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
