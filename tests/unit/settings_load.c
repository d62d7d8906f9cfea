/* SPDX-License-Identifier: Apache-2.0 */
/* Settings from files, .env, environment and flags: who wins, where a value came from, and what is
 * refused, with its line. Each variable of the environment is set once and its effect looked at. */
#include "unit.h"

#include "temporary.h"

#include "shell/config/config_edit.h"
#include "shell/config/config_text.h"
#include "shell/config/settings_load.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

static SettingsLoad load;
static Error error;

static void loads(void) {
    error = (Error){0};
    if (settings_load(&load, NULL, NULL, 0, &error)) return;
    print_error("%s: %s\n", error.where, error.message);
    fail();
}

static const char *origin_of(const char *path) {
    return load.origins[setting_find(slice_of(path)) - setting_table];
}

/* A refusal names its place, and what to do. */
static void refused(const char *message, const char *where, const char *hint) {
    error = (Error){0};
    assert_false(settings_load(&load, NULL, NULL, 0, &error));
    assert_int_equal(error.code, ERROR_CONFIG);
    assert_string_equal(error.message, message);
    assert_string_equal(error.where, where);
    assert_string_equal(error.hint, hint);
    settings_load_close(&load);
}

static void nothing_given_means_built_in(void **state) {
    (void)state;
    Settings presets;
    settings_presets(&presets);
    loads();
    for (unsigned i = 0; i < setting_count; i++) {
        char left[1200], right[1200];
        Text a = TEXT_IN(left), b = TEXT_IN(right);
        setting_write(&load.settings, &setting_table[i], &a);
        setting_write(&presets, &setting_table[i], &b);
        assert_string_equal(text_end(&a), text_end(&b));
        if (!load.shipped) assert_string_equal(load.origins[i], "built-in");
    }
    settings_load_close(&load);
}

static void the_later_place_wins(void **state) {
    (void)state;
    const SettingFlag flag = {"port", "dashboard.port", "6"};
    mkdir(".config", 0755);
    mkdir(".config/trader", 0755);
    temporary_write(".config/trader/config.json",
                    "{\"dashboard\": {\"port\": 2, \"host\": \"::1\"}}");
    loads();
    assert_int_equal(load.settings.dashboard.port, 2);
    settings_load_close(&load);
    temporary_write("config.json", "// mine\n{\"dashboard\": {\n\"port\": /* three */ 3}}");
    loads();
    assert_int_equal(load.settings.dashboard.port, 3);
    assert_string_equal(origin_of("dashboard.port"), "./config.json:3");
    assert_string_equal(load.settings.dashboard.host, "::1");
    settings_load_close(&load);
    temporary_write(".env", "DASHBOARD_PORT=4\n");
    loads();
    assert_int_equal(load.settings.dashboard.port, 4);
    assert_string_equal(origin_of("dashboard.port"), ".env");
    settings_load_close(&load);
    setenv("DASHBOARD_PORT", "5", 1);
    loads();
    assert_int_equal(load.settings.dashboard.port, 5);
    assert_string_equal(origin_of("dashboard.port"), "environment");
    settings_load_close(&load);
    assert_true(settings_load(&load, NULL, &flag, 1, &error));
    assert_int_equal(load.settings.dashboard.port, 6);
    assert_string_equal(origin_of("dashboard.port"), "flag");
    settings_load_close(&load);
    unsetenv("DASHBOARD_PORT");
}

static void the_shipped_file_is_second_choice(void **state) {
    (void)state;
    mkdir("config", 0755);
    mkdir(".config", 0755);
    mkdir(".config/trader", 0755);
    temporary_write(".config/trader/config.json", "{\"trading_params\": {\"max_positions\": 3}}");
    temporary_write("config/config.json", "{\"trading_params\": {\"max_positions\": 5,\n"
                                          "\"stop_loss_pct\": 3}}");
    loads();
    assert_true(load.shipped);
    assert_int_equal(load.settings.trading.max_positions, 3); /* 5 is built-in: it says nothing */
    assert_close(load.settings.trading.stop_loss_pct, 3, 0);
    assert_string_equal(origin_of("trading_params.stop_loss_pct"), "config/config.json:2");
    settings_load_close(&load);
    temporary_write("config.json", "{\"trading_params\": {\"max_positions\": 5}}");
    loads();
    assert_int_equal(load.settings.trading.max_positions, 5);
    assert_close(load.settings.trading.stop_loss_pct, 2, 0); /* not merged */
    settings_load_close(&load);
}

static void wrong_files_are_refused_with_their_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *message, *where, *hint;
    } rows[] = {
        {"{\n\"trading_params\": {\n\"max_position\": 3}}",
         "unknown key 'trading_params.max_position'", "./config.json:3",
         "did you mean trading_params.max_positions?"},
        {"{\"treding_params\": {}}", "unknown key 'treding_params'", "./config.json:1", NULL},
        {"{\n\n\"max_positions\": 3}", "unknown key 'max_positions'", "./config.json:3",
         "did you mean trading_params.max_positions?"},
        {"{\"trading_params\": {\"position_size\": 20}}", "'20' is out of bounds",
         "./config.json:1 (trading_params.position_size)",
         "give a number from 0.001 to 1 (fraction of equity)"},
        {"{\"trading_params\": {\n\"position_size\": \"20 %\"}}",
         "trading_params.position_size is \"20 %\", not a number", "./config.json:2",
         "give a number from 0.001 to 1 (fraction of equity)"},
        {"{\"trading_params\": {\"max_positions\": 2.5}}", "'2.5' is not a whole number",
         "./config.json:1 (trading_params.max_positions)",
         "give a number from 1 to 32 (positions)"},
        {"{\"risk_management\": {\"trailing_stop_loss_enabled\": 1}}",
         "risk_management.trailing_stop_loss_enabled is 1, not true or false", "./config.json:1",
         "give true or false"},
        {"{\"dashboard\": {\"host\": null}}", "dashboard.host is null, not text in double quotes",
         "./config.json:1", "give text in double quotes"},
        {"{\"dashboard\": 8050}", "dashboard is a section, not a value", "./config.json:1",
         "write { ... } with its keys inside"},
        {"{\"dashboard\": {\"port\": 1,\n\"port\": 2}}",
         "dashboard.port is given twice, first in line 1", "./config.json:2", "remove one of them"},
        {"{\n\"dashboard\": {\"port\": 1,}\n}", "this is not valid JSON", "./config.json:2:25",
         "look for a missing comma or quote, or a comma before a closing brace"},
        {"{} /* open", "a comment begins with /* and never ends", "./config.json:1",
         "close it with */"},
        {"{\"trading_params\": {\n\"ai_analysis_interval\": 100}}",
         "the decision grid is not a multiple of 60 seconds",
         "./config.json:2 (trading_params.ai_analysis_interval)", "give 60, 300, 900 ..."},
        {"{\"feed\": {\"binance_rest_url\": \"http://example.org\"}}",
         "'http://example.org' is not encrypted, which is accepted for loopback only",
         "./config.json:1 (feed.binance_rest_url)",
         "feed.allow_plain_http accepts addresses without encryption"},
        {"{\"trading_params\": {\"symbols\": \" , \"}}", "no symbol is given",
         "./config.json:1 (trading_params.symbols)", "give 1 to 32 symbols, separated by commas"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        temporary_write("config.json", rows[i].text);
        error = (Error){0};
        assert_false(settings_load(&load, NULL, NULL, 0, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
        assert_string_equal(error.message, rows[i].message);
        assert_string_equal(error.where, rows[i].where);
        if (rows[i].hint) assert_string_equal(error.hint, rows[i].hint);
        settings_load_close(&load);
    }
}

static void comments_stand_anywhere_but_in_text(void **state) {
    (void)state;
    temporary_write("config.json", "/* a\n * b */ { // c \"{\n\"dashboard\": { // d\n"
                                   "\"host\": \"a//b/*c*/\\\"//\" /* e */ } }\n// f");
    loads();
    assert_string_equal(load.settings.dashboard.host, "a//b/*c*/\"//");
    assert_string_equal(origin_of("dashboard.host"), "./config.json:4");
    settings_load_close(&load);
}

static void dotenv_lines_are_read(void **state) {
    (void)state;
    static const char *const wanted[][2] = {
        {"A", "plain"},      {"B", "two words"}, {"C", "it's # here"}, {"D", "a\nb \"q\" $x"},
        {"E", "value"},      {"F", ""},          {"G", "a#b"},         {"H", "last"},
        {"I", "your_thing"}, {"J", ""},
    };
    temporary_write(".env", "# comment\n\nA=plain\n  export B = two words  # why\r\n"
                            "C='it'\\''s'\n");
    assert_false(settings_load(&load, NULL, NULL, 0, &error)); /* quotes do not join */
    assert_string_equal(error.where, ".env:5");
    temporary_write(".env", "# comment\n\nA=plain\n  export B = two words  # why\r\n"
                            "C=\"it's # here\"\nD=\"a\\nb \\\"q\\\" \\$x\"\nE='value' # x\nF=\n"
                            "G=a#b\nH=first\nH=last\nI=your_thing\nJ= # nothing");
    loads();
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const DotenvPair *pair = dotenv_find(&load.dotenv, wanted[i][0]);
        assert_non_null(pair);
        assert_string_equal(pair->value, wanted[i][1]);
    }
    settings_load_close(&load);
    temporary_write(".env", "A=1\nnonsense\n");
    refused("this line is not KEY=VALUE", ".env:2", "write KEY=VALUE, or begin the line with #");
    temporary_write(".env", "A=\"open\n");
    refused("the closing quote is missing, or something follows it", ".env:1",
            "write KEY=VALUE, or begin the line with #");
}

static void others_may_not_read_dotenv(void **state) {
    (void)state;
    temporary_write(".env", "A=1\n");
    chmod(".env", 0644);
    loads();
    assert_true(load.dotenv.readable_by_others);
    settings_load_close(&load);
    chmod(".env", 0600);
    loads();
    assert_false(load.dotenv.readable_by_others);
    settings_load_close(&load);
}

static void secrets_come_from_three_places(void **state) {
    (void)state;
    VariableValue value;
    Dotenv dotenv;
    temporary_write("key", "from-file\n");
    temporary_write(".env", "OPENAI_API_KEY=your_openai_api_key\nOPENAI_API_KEY_FILE=key\n");
    assert_true(dotenv_open(&dotenv, ".env", &error));
    assert_true(variable_get("OPENAI_API_KEY", &dotenv, &value, &error));
    assert_int_equal(value.place, PLACE_FILE);
    assert_string_equal(value.text, "from-file");
    dotenv_close(&dotenv);
    temporary_write(".env", "OPENAI_API_KEY=sk-1\nOPENAI_API_KEY_FILE=key\n");
    assert_true(dotenv_open(&dotenv, ".env", &error));
    assert_true(variable_get("OPENAI_API_KEY", &dotenv, &value, &error));
    assert_string_equal(value.text, "sk-1");
    setenv("OPENAI_API_KEY", "sk-2", 1);
    assert_true(variable_get("OPENAI_API_KEY", &dotenv, &value, &error));
    assert_string_equal(value.text, "sk-2");
    setenv("OPENAI_API_KEY", "", 1);
    assert_true(variable_get("OPENAI_API_KEY", &dotenv, &value, &error));
    assert_string_equal(value.text, "sk-1");
    unsetenv("OPENAI_API_KEY");
    dotenv_close(&dotenv);
    remove(".env");
    setenv("OPENAI_API_KEY_FILE", "absent", 1);
    refused("there is no such file", "absent", "");
    unsetenv("OPENAI_API_KEY_FILE");
}

/* What a variable sets, a sound and a wrong value; wrong NULL: any text will do. */
static const struct {
    const char *name, *sound, *wrong, *setting, *json;
} variables[] = {
    {"BINANCE_API_KEY", "k", "a b", NULL, NULL},
    {"BINANCE_API_SECRET", "s", "a b", NULL, NULL},
    {"BINANCE_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----", "MC4CAQ", NULL, NULL},
    {"OPENAI_API_KEY", "k", "a b", NULL, NULL},
    {"LUNARCRUSH_API_KEY", "k", "a b", NULL, NULL},
    {"MARKET_MONITOR_PORT", "8001", "0", NULL, NULL},
    {"TRADE_EXECUTOR_PORT", "8002", "65536", NULL, NULL},
    {"AI_ANALYZER_PORT", "8003", "x", NULL, NULL},
    {"STRATEGY_EVOLUTION_PORT", "8004", "-1", NULL, NULL},
    {"SOCIAL_MONITOR_PORT", "8005", "8005.5", NULL, NULL},
    {"MODEL_REGISTRY_PORT", "8006", "0", NULL, NULL},
    {"AI_EXPLAINABILITY_PORT", "8007", "0", NULL, NULL},
    {"SOCIAL_RISK_PORT", "8008", "0", NULL, NULL},
    {"MONTE_CARLO_PORT", "8009", "0", NULL, NULL},
    {"NEURAL_NETWORK_PORT", "8010", "0", NULL, NULL},
    {"PORTFOLIO_RISK_PORT", "8011", "0", NULL, NULL},
    {"FEATURE_IMPORTANCE_PORT", "8012", "0", NULL, NULL},
    {"MARKET_REGIME_PORT", "8013", "0", NULL, NULL},
    {"STRATEGY_SELECTION_PORT", "8014", "0", NULL, NULL},
    {"SOCIAL_STRATEGY_PORT", "8015", "0", NULL, NULL},
    {"REDIS_HOST", "redis", "a/b", NULL, NULL},
    {"REDIS_PORT", "6379", "0", NULL, NULL},
    {"REDIS_PASSWORD", "p", "a b", NULL, NULL},
    {"TRADING_PAIRS", "ETHUSDC, BTCUSDC", ",", "trading_params.symbols", "\"ETHUSDC,BTCUSDC\""},
    {"DASHBOARD_HOST", "0.0.0.0", NULL, "dashboard.host", "\"0.0.0.0\""},
    {"DASHBOARD_PORT", "9000", "70000", "dashboard.port", "9000"},
    {"DASHBOARD_REFRESH_INTERVAL", "1000", "1", "dashboard.refresh_interval", "1000"},
    {"BINANCE_REST_URL", "http://127.0.0.1:9", "ftp://x", "feed.binance_rest_url",
     "\"http://127.0.0.1:9\""},
    {"BINANCE_WS_URL", "wss://x.example", "ws://x.example", "feed.binance_ws_url",
     "\"wss://x.example\""},
    {"BINANCE_WS_API_URL", "wss://x.example", "https://x.example", "venue.ws_api_url",
     "\"wss://x.example\""},
    {"OPENAI_BASE_URL", "https://x.example/v1", "http://x.example", "openai.base_url",
     "\"https://x.example/v1\""},
    {"OPENAI_MODEL", "o4-mini", NULL, "openai.model", "\"o4-mini\""},
    {"OPENAI_API_KEY_1", "k", "a b", NULL, NULL},
    {"LUNARCRUSH_BASE_URL", "https://x.example", "https://", "lunarcrush.base_url",
     "\"https://x.example\""},
    {"CRYPTOPANIC_API_KEY", "k", "a b", NULL, NULL},
    {"CRYPTOPANIC_BASE_URL", "https://x.example", "x.example", "news.cryptopanic_url",
     "\"https://x.example\""},
    {"GDELT_BASE_URL", "https://x.example", "http://x.example", "news.gdelt_url",
     "\"https://x.example\""},
    {"REDDIT_CLIENT_ID", "k", "a b", NULL, NULL},
    {"REDDIT_CLIENT_SECRET", "k", "a b", NULL, NULL},
    {"REDDIT_BASE_URL", "https://x.example", "http://x.example", "news.reddit_url",
     "\"https://x.example\""},
};

static void each_variable_has_its_effect(void **state) {
    (void)state;
    assert_int_equal(sizeof variables / sizeof variables[0], variable_count);
    for (unsigned i = 0; i < variable_count; i++) {
        VariableValue value;
        setenv(variables[i].name, variables[i].sound, 1);
        loads();
        assert_true(variable_get(variables[i].name, &load.dotenv, &value, &error));
        assert_string_equal(value.text, variables[i].sound);
        if (variables[i].setting) {
            char memory[600];
            Text text = TEXT_IN(memory);
            setting_write(&load.settings, setting_find(slice_of(variables[i].setting)), &text);
            assert_string_equal(text_end(&text), variables[i].json);
            assert_string_equal(origin_of(variables[i].setting), "environment");
        }
        settings_load_close(&load);
        if (variables[i].wrong) {
            setenv(variables[i].name, variables[i].wrong, 1);
            assert_false(settings_load(&load, NULL, NULL, 0, &error));
            assert_int_equal(error.code, ERROR_CONFIG);
            assert_true(strstr(error.message, "secret") ||
                        strstr(error.message, variables[i].wrong) ||
                        strstr(error.message, "no symbol"));
            settings_load_close(&load);
        }
        unsetenv(variables[i].name);
    }
}

/* A key never stands in a message. */
static void a_wrong_secret_is_not_printed(void **state) {
    (void)state;
    setenv("BINANCE_API_SECRET", "hunter 2", 1);
    assert_false(settings_load(&load, NULL, NULL, 0, &error));
    assert_null(strstr(error.message, "hunter"));
    assert_string_equal(error.where, "environment variable BINANCE_API_SECRET");
    unsetenv("BINANCE_API_SECRET");
}

static void the_written_file_reads_back(void **state) {
    (void)state;
    static char memory[CONFIG_TEXT_MAX];
    Text text = TEXT_IN(memory);
    Settings settings;
    settings_presets(&settings);
    settings.trading.max_positions = 7;
    settings.trailing.trail_percent = 1.25;
    strcpy(settings.dashboard.host, "a\"b\\c");
    config_write_file(&settings, &text);
    temporary_write("config.json", text_end(&text));
    loads();
    assert_memory_equal(&load.settings.trading.max_positions, &settings.trading.max_positions, 8);
    assert_close(load.settings.trailing.trail_percent, 1.25, 0);
    assert_string_equal(load.settings.dashboard.host, settings.dashboard.host);
    settings_load_close(&load);
}

static void one_value_is_changed_in_place(void **state) {
    (void)state;
    static const struct {
        const char *before, *path, *value, *after;
    } rows[] = {
        {"{ // x\n\"dashboard\": {\"port\": 1 /* y */, \"host\": \"h\"}}", "dashboard.port", "22",
         "{ // x\n\"dashboard\": {\"port\": 22 /* y */, \"host\": \"h\"}}"},
        {"{\"dashboard\": {\"host\": \"h\"}}", "dashboard.port", "2",
         "{\"dashboard\": {\n    \"port\": 2,\"host\": \"h\"}}"},
        {"{\"dashboard\": {}}", "dashboard.port", "2", "{\"dashboard\": {\n    \"port\": 2}}"},
        {"// only\n{}", "dashboard.port", "2", "// only\n{\n    \"dashboard\": {\"port\": 2}}"},
        {"{\"risk_management\": {\"risk_per_trade\": 0.01}}",
         "risk_management.trailing_stop_settings.step_size", "0.5",
         "{\"risk_management\": {\n    \"trailing_stop_settings\": {\"step_size\": "
         "0.5},\"risk_per_trade\": 0.01}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char memory[600];
        Text text = TEXT_IN(memory);
        assert_true(config_edit("f", slice_of(rows[i].before), rows[i].path,
                                slice_of(rows[i].value), &text, &error));
        assert_string_equal(text_end(&text), rows[i].after);
        temporary_write("config.json", memory);
        loads();
        settings_load_close(&load);
    }
}

int main(void) {
    for (unsigned i = 0; i < variable_count; i++)
        unsetenv(variable_table[i].name);
#define PLACED(name) cmocka_unit_test_setup_teardown(name, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        PLACED(nothing_given_means_built_in),
        PLACED(the_later_place_wins),
        PLACED(the_shipped_file_is_second_choice),
        PLACED(wrong_files_are_refused_with_their_line),
        PLACED(comments_stand_anywhere_but_in_text),
        PLACED(dotenv_lines_are_read),
        PLACED(others_may_not_read_dotenv),
        PLACED(secrets_come_from_three_places),
        PLACED(each_variable_has_its_effect),
        PLACED(a_wrong_secret_is_not_printed),
        PLACED(the_written_file_reads_back),
        PLACED(one_value_is_changed_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
