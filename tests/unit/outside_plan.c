/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be asked of the outside: modes by wish, feed, key and budget; addresses; where keys come
 * from and that they leave their places.
 */
#include "unit.h"

#include "check_aborts.h"
#include "shell/outside/outside_plan.h"
#include "temporary.h"

static Settings settings;
static OutsidePlan plan;
static OutsideWish wish;
static Error error;

static void reset(void) {
    static const char *const names[] = {"OPENAI_API_KEY", "OPENAI_API_KEY_1", "LUNARCRUSH_API_KEY",
                                        "CRYPTOPANIC_API_KEY", "OPENAI_API_KEY_FILE"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    settings_presets(&settings);
    wish = (OutsideWish){.is_live = true};
    error = (Error){.code = ERROR_NONE};
}

static int begin(void **state) {
    reset();
    return temporary_enter(state);
}

static bool make(void) {
    return outside_plan_make(&settings, &wish, &plan, &error);
}

static void set(char *target, const char *words) {
    strcpy(target, words);
}

static void expect_modes(const char *ai, const char *social) {
    if (!make()) fail_msg("%s: %s", error.where, error.message);
    assert_string_equal(settings.ai.mode, ai);
    assert_string_equal(settings.social.mode, social);
}

static void test_without_a_key_nothing_is_asked_of_a_model(void **state) {
    (void)state;
    expect_modes("off", "live");
    setenv("OPENAI_API_KEY", "your_openai_api_key", 1);
    reset();
    setenv("OPENAI_API_KEY", "your_openai_api_key", 1);
    expect_modes("off", "live"); /* a filler is no key */
    reset();
    wish.is_live = false;
    setenv("OPENAI_API_KEY", "sk-1234567", 1);
    expect_modes("off", "replay");
}

static void test_with_a_key_a_live_feed_asks(void **state) {
    (void)state;
    setenv("OPENAI_API_KEY", "sk-1234567", 1);
    expect_modes("live", "live");
    assert_string_equal(plan.models[0].key, "sk-1234567");
    assert_string_equal(plan.models[0].url, "https://api.openai.com/v1");
    assert_true(plan.models[0].is_secure && !plan.models[0].is_own);
    assert_null(getenv("OPENAI_API_KEY")); /* nothing that we start inherits it */
    assert_int_equal(plan.feed_count, 6);
    assert_string_equal(plan.feeds[0].url, "https://www.coindesk.com/arc/outboundfeeds/rss/");
    assert_string_equal(plan.directory, "data/answers");
    outside_plan_wipe(&plan);
    assert_int_equal(plan.models[0].key[0], 0);
}

static void test_keys_from_files(void **state) {
    (void)state;
    temporary_write("key", "sk-from-a-file\n");
    setenv("OPENAI_API_KEY_FILE", "key", 1);
    expect_modes("live", "live");
    assert_string_equal(plan.models[0].key, "sk-from-a-file");
}

static void expect_refused(ErrorCode code, const char *where) {
    assert_false(make());
    if (error.code != code || strcmp(error.where, where) != 0)
        print_error("%s: %s\n", error.where, error.message);
    assert_int_equal(error.code, code);
    assert_string_equal(error.where, where);
    error = (Error){.code = ERROR_NONE};
}

static void test_what_costs_needs_key_and_budget(void **state) {
    (void)state;
    set(settings.ai.mode, "live");
    expect_refused(ERROR_CREDENTIALS, "OPENAI_API_KEY");
    setenv("OPENAI_API_KEY", "sk-1234567", 1);
    wish.is_live = false;
    expect_refused(ERROR_GUARD, "ai_budget");
    setenv("OPENAI_API_KEY", "sk-1234567", 1);
    set(settings.ai.mode, "cached");
    wish.is_budget_given = true;
    settings.ai.budget_per_run_usd = 0;
    expect_refused(ERROR_GUARD, "openai.budget_per_run_usd");
    setenv("OPENAI_API_KEY", "sk-1234567", 1);
    settings.ai.budget_per_run_usd = 0.5;
    expect_modes("cached", "replay");
    reset();
    set(settings.ai.mode, "replay"); /* costs nothing and needs nothing */
    wish.is_live = false;
    expect_modes("replay", "replay");
    set(settings.ai.mode, "loud");
    expect_refused(ERROR_CONFIG, "openai.mode");
}

static void test_a_server_of_ones_own_needs_no_key(void **state) {
    (void)state;
    set(settings.ai.base_url, "http://localhost:11434/v1/");
    set(settings.ai.mode, "live");
    expect_modes("live", "live");
    assert_string_equal(plan.models[0].url, "http://localhost:11434/v1");
    assert_true(plan.models[0].is_own);
}

static void test_addresses_are_judged_before_anything_is_asked(void **state) {
    (void)state;
    setenv("OPENAI_API_KEY", "sk-1234567", 1);
    set(settings.ai.base_url, "http://models.example/v1");
    expect_refused(ERROR_CONFIG, "openai.base_url");
    reset();
    set(settings.news.feeds, "https://a.example/rss, http://b.example/rss");
    expect_refused(ERROR_CONFIG, "news.feeds");
    settings.feed.allow_plain_http = true;
    expect_modes("off", "live");
    assert_int_equal(plan.feed_count, 2);
    assert_string_equal(plan.feeds[1].url, "http://b.example/rss");
    set(settings.social.fear_greed_url, "ftp://x.example");
    settings.social.mode[0] = 0;
    expect_refused(ERROR_CONFIG, "social.fear_greed_url");
    set(settings.social.mode, "off");
    expect_modes("off", "off"); /* what is not asked is not judged */
}

/* What looks like a host that one trusts may be a user's name for another one. */
static void test_an_address_names_one_host_and_nobody(void **state) {
    (void)state;
    static const char *const addresses[] = {
        "https://user:word@models.example/v1", "https://api.openai.com:443@models.example/v1",
        "https://[::1]:443@models.example/v1", "http://localhost:80@models.example/v1",
        "https://models.example/v1\x1b[2J",    "https://models.ex\xC3\xA4mple/v1",
    };
    for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        reset();
        setenv("OPENAI_API_KEY", "sk-1234567", 1);
        set(settings.ai.base_url, addresses[i]);
        expect_refused(ERROR_CONFIG, "openai.base_url");
    }
    reset();
    setenv("OPENAI_API_KEY", "sk-1234567", 1);
    set(settings.ai.base_url, "https://models.example:8443/a@b?c=@d"); /* behind the host */
    expect_modes("live", "live");
}

static void test_todays_news_are_no_news_of_the_past(void **state) {
    (void)state;
    set(settings.social.mode, "live");
    wish.is_live = false;
    expect_refused(ERROR_GUARD, "social.mode");
}

static void test_an_arena_gets_no_foreign_key(void **state) {
    (void)state;
    setenv("OPENAI_API_KEY", "sk-1234567", 1);
    setenv("OPENAI_API_KEY_2", "sk-of-the-second", 1);
    set(settings.ai.arena, "gpt-4.1, llama@https://a.example/v1,other@https://b.example/v1, ");
    expect_modes("live", "live");
    assert_int_equal(plan.model_count, 4);
    assert_string_equal(plan.models[1].key, "sk-1234567"); /* the same host */
    assert_string_equal(plan.models[2].url, "https://a.example/v1");
    assert_string_equal(plan.models[2].key, "sk-of-the-second");
    assert_string_equal(plan.models[3].key, "");
    assert_ptr_equal(outside_plan_place(&plan, OUTSIDE_MODEL, 3), &plan.models[3]);
    assert_null(outside_plan_place(&plan, OUTSIDE_MODEL, 4));
    assert_null(outside_plan_place(&plan, OUTSIDE_RSS, 63));
    assert_null(outside_plan_place(&plan, OUTSIDE_FILE, 0));
}

static void test_where_the_record_stands(void **state) {
    (void)state;
    wish.data_root = "elsewhere";
    expect_modes("off", "live");
    assert_string_equal(plan.directory, "elsewhere/answers");
    set(settings.history.answers_directory, "/tmp/answers");
    assert_true(make());
    assert_string_equal(plan.directory, "/tmp/answers");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_a_key_nothing_is_asked_of_a_model, begin,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_with_a_key_a_live_feed_asks, begin, temporary_leave),
        cmocka_unit_test_setup_teardown(test_keys_from_files, begin, temporary_leave),
        cmocka_unit_test_setup_teardown(test_what_costs_needs_key_and_budget, begin,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_a_server_of_ones_own_needs_no_key, begin,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_addresses_are_judged_before_anything_is_asked, begin,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_an_address_names_one_host_and_nobody, begin,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_todays_news_are_no_news_of_the_past, begin,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_an_arena_gets_no_foreign_key, begin, temporary_leave),
        cmocka_unit_test_setup_teardown(test_where_the_record_stands, begin, temporary_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
