/* SPDX-License-Identifier: Apache-2.0 */
/* The program itself, called as people and scripts call it: output, exit codes, one line for each
 * failure, valid JSON, and the committed documents that are made from its tables. */
#include "unit.h"

#include "program.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

/* ---- the words ----------------------------------------------------------------------------- */

static void first_screen_and_help(void **state) {
    (void)state;
    works("");
    holds("Educational use; not financial advice");
    holds("trader help");
    works("--help");
    holds("COMMAND");
    static const char *const names[] = {"version",   "help", "completion", "list",  "compute",
                                        "config",    "init", "status",     "logs",  "signals",
                                        "portfolio", "kill", "resume",     "token", "doctor"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char words[80];
        works("help");
        holds(names[i]);
        snprintf(words, sizeof words, "%s --help", names[i]);
        works(words);
        snprintf(words, sizeof words, "trader %s", names[i]);
        holds(words);
    }
    works_as_json("version --json");
    works("--version");
    assert_int_equal(strncmp(out, "trader ", 7), 0);
}

static void wrong_words_exit_2(void **state) {
    (void)state;
    fails("portfolo", 2, "trader: there is no command 'portfolo'; did you mean portfolio?\n");
    fails("signals --limt 3", 2, "trader: unknown option --limt: signals; did you mean --limit?\n");
    fails("signals --limit x", 2,
          "trader: --limit wants a whole number from 1 to 100000: x; trader signals --limit 20\n");
    fails("list nothing", 2,
          "trader: there is no such list: nothing; indicators, strategies, services, learners, "
          "networks, venues or topics\n");
    fails("kill --level softly", 2,
          "trader: there is no such level: softly; pause: no new entries; stop: and open orders "
          "are cancelled; flatten: and positions are sold\n");
    fails("config nonsense", 2,
          "trader: this is none of its forms: config; show | get KEY | set KEY VALUE | validate "
          "[FILE] | schema | path | defaults\n");
}

static void other_names_mean_commands(void **state) {
    (void)state;
    char command[PATH_MAX + 80];
    static const char *const names[][2] = {{"run_trader", "run"}, {"dashboard", "dashboard"}};
    for (size_t i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "%s", names[i][0]);
        assert_int_equal(symlink(program, command), 0);
        char kept[PATH_MAX];
        strcpy(kept, program);
        snprintf(program, sizeof program, "./%s", names[i][0]);
        works("--help");
        snprintf(command, sizeof command, "trader %s", names[i][1]);
        strcpy(program, kept);
        holds(command);
    }
}

/* ---- settings ------------------------------------------------------------------------------ */

static void settings_are_shown_and_changed(void **state) {
    (void)state;
    works_as_json("config show --json");
    works_as_json("config show --origin --json");
    works_as_json("config schema");
    works_as_json("config path --json");
    works("config get trading_params.max_positions");
    assert_string_equal(out, "5\n");
    works("config set trading_params.max_positions 7");
    works("config get trading_params.max_positions");
    assert_string_equal(out, "7\n");
    works("config set trading_params.symbols ETHUSDC,BTCUSDC");
    works("config get trading_params.symbols");
    assert_string_equal(out, "ETHUSDC,BTCUSDC\n");
    works("config validate");
    works("config validate config.json");
    works("config show --origin");
    holds("./config.json:");
    fails("config set trading_params.max_positions 33", 3,
          "trader: '33' is out of bounds: trading_params.max_positions; give a number from 1 to "
          "32 (positions)\n");
    fails("config get trading_params.max_position", 3,
          "trader: there is no setting 'trading_params.max_position': config; did you mean "
          "trading_params.max_positions?\n");
    fails("config set trading_params.position_size 0.5", 3,
          "trader: an entry may be larger than a position: trading_params.position_size; keep it "
          "at or below risk_management.max_portfolio_allocation\n");
    works("config get trading_params.position_size");
    assert_string_equal(out, "0.2\n"); /* a refused change leaves the file as it was */
}

static void a_wrong_file_stops_every_command(void **state) {
    (void)state;
    temporary_write("config.json",
                    "{\n  // mine\n  \"trading_params\": {\"max_position\": 3}\n}\n");
    static const char *const line =
        "trader: unknown key 'trading_params.max_position': ./config.json:3; did you mean "
        "trading_params.max_positions?\n";
    fails("config show", 3, line);
    fails("config validate", 3, line);
    fails("token", 3, line);
    assert_int_equal(trader("doctor"), 8);
    holds("max_position");
    assert_int_equal(trader("doctor --json"), 8);
    assert_true(json_valid(slice_of(out)));
    fails("config show --config absent.json", 3, "trader: there is no such file: absent.json\n");
}

static void variables_reach_the_program(void **state) {
    (void)state;
    temporary_write(".env", "export DASHBOARD_PORT='9001' # mine\nTRADING_PAIRS=ETHUSDC BTCUSDC\n");
    chmod(".env", 0600);
    works("config get dashboard.port");
    assert_string_equal(out, "9001\n");
    works("config get trading_params.symbols");
    assert_string_equal(out, "ETHUSDC,BTCUSDC\n");
    chmod(".env", 0644);
    works("config get dashboard.port");
    assert_string_equal(err,
                        "trader: warning: .env: mode 0644, others can read it; chmod 600 .env\n");
    assert_int_equal(trader("doctor"), 8);
    holds("chmod 600 .env");
    temporary_write(".env", "DASHBOARD_PORT=70000\n");
    chmod(".env", 0600);
    fails("config show", 3,
          "trader: '70000' is out of bounds: .env:1 (DASHBOARD_PORT); give a number from 0 to "
          "65535 (port)\n");
}

static void init_writes_once(void **state) {
    (void)state;
    struct stat status;
    works("init");
    works("config validate config.json");
    assert_int_equal(stat(".env", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    works("config set dashboard.port 9");
    fails("init", 7, "trader: the file is there already: config.json; --yes replaces it\n");
    works("config get dashboard.port");
    assert_string_equal(out, "9\n");
    temporary_write(".env", "DASHBOARD_PORT=10\n");
    chmod(".env", 0600);
    works("init --yes");
    works("config get dashboard.port");
    assert_string_equal(out, "10\n"); /* .env was left as it was */
}

/* ---- compute and list ---------------------------------------------------------------------- */

static void indicators_are_computed(void **state) {
    (void)state;
    temporary_write("prices.csv", "date,close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,6\n");
    works_as_json("compute sma --input prices.csv --period 2 --json --symbols X");
    assert_string_equal(out, "[{\"time\":\"2024-01-01T00:00:00.000Z\",\"sma\":null},"
                             "{\"time\":\"2024-01-02T00:00:00.000Z\",\"sma\":1.5},"
                             "{\"time\":\"2024-01-03T00:00:00.000Z\",\"sma\":4}]\n");
    works("compute --period=2 sma --input prices.csv");
    holds("2024-01-03 00:00");
    fails("compute smaa --input prices.csv", 2,
          "trader: there is no indicator 'smaa': compute; did you mean sma?\n");
    fails("compute sma", 2,
          "trader: say which file: compute; trader compute rsi --input candles.csv\n");
    fails("compute sma --input prices.csv --perod 3", 2,
          "trader: --perod is no option of this indicator: sma; --period 1 to 500 bars, whole\n");
    fails("compute sma --input prices.csv --period 2.5", 2,
          "trader: --period is out of bounds: sma; --period 1 to 500 bars, whole\n");
}

/* Bad input says what and where, with exit code 6, and prints no half result. */
static void bad_candles_exit_6(void **state) {
    (void)state;
    static const struct {
        const char *text, *where;
    } rows[] = {
        {"date,close\n2024-01-01,1\n2024-01-02,two\n", "line 3"},
        {"date,close\n2024-01-01,1\n2024-01-02,2,3\n", "line 3"},
        {"date,close\n2024-01-01,1\n2024-01-02\n", "line 3"},
        {"date,open\n2024-01-01,1\n", "bad.csv"},
        {"", "bad.csv"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        temporary_write("bad.csv", rows[i].text);
        assert_int_equal(trader("compute sma --period 1 --input bad.csv --json"), 6);
        assert_true(json_valid(slice_of(out)));
        assert_int_equal(strncmp(out, "{\"error\":{\"code\":\"", 18), 0);
        holds(rows[i].where);
        assert_int_equal(trader("compute sma --period 1 --input bad.csv"), 6);
        assert_string_equal(out, "");
        assert_string_equal(strchr(err, '\n'), "\n");
    }
    assert_int_equal(trader("compute sma --input absent.csv"), 6);
}

static void lists_are_json(void **state) {
    (void)state;
    static const char *const names[] = {"indicators", "strategies", "services", "learners",
                                        "networks",   "venues",     "topics"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char words[60];
        snprintf(words, sizeof words, "list %s --json", names[i]);
        works_as_json(words);
        assert_int_equal(out[0], '[');
        snprintf(words, sizeof words, "list %s", names[i]);
        works(words);
    }
    works_as_json("list indicators --json");
    holds("\"name\":\"rsi\"");
    holds("\"options\":[{\"name\":\"period\",\"default\":14");
    works_as_json("list strategies --json");
    holds("\"name\":\"trend_following\"");
    holds("\"enters\":\"sma(20) crosses above sma(50)\"");
}

/* ---- documents ----------------------------------------------------------------------------- */

/* What is committed is what the program prints; `make docs` writes them. */
static void documents_are_fresh(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"docs/cli.md", "help --markdown"},
        {"docs/trader.1", "help --man"},
        {"docs/CONFIGURATION.md", "config defaults --markdown"},
        {"config/config.json", "config defaults"},
        {".env.example", "config defaults --environment"},
    };
    static char committed[1 << 20];
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char name[PATH_MAX + 40];
        snprintf(name, sizeof name, "%s/%s", temporary_home, pairs[i][0]);
        slurp(name, committed, sizeof committed);
        works(pairs[i][1]);
        if (strcmp(out, committed) != 0) print_error("%s is old: make docs\n", pairs[i][0]);
        assert_string_equal(out, committed);
    }
}

static void the_example_holds_the_missions_block(void **state) {
    (void)state;
    static const char block[] =
        "# Binance API credentials\nBINANCE_API_KEY=your_binance_api_key\n"
        "BINANCE_API_SECRET=your_binance_api_secret\n\n# OpenAI API credentials\n"
        "OPENAI_API_KEY=your_openai_api_key\n\n# LunarCrush API credentials\n"
        "LUNARCRUSH_API_KEY=your_lunarcrush_api_key\n\n# Service ports\n"
        "MARKET_MONITOR_PORT=8001\nTRADE_EXECUTOR_PORT=8002\nAI_ANALYZER_PORT=8003\n"
        "STRATEGY_EVOLUTION_PORT=8004\nSOCIAL_MONITOR_PORT=8005\nMODEL_REGISTRY_PORT=8006\n"
        "AI_EXPLAINABILITY_PORT=8007\nSOCIAL_RISK_PORT=8008\nMONTE_CARLO_PORT=8009\n\n"
        "# Redis configuration\nREDIS_HOST=redis\nREDIS_PORT=6379\n";
    works("config defaults --environment");
    holds(block);
}

static void completions_are_scripts(void **state) {
    (void)state;
    works("completion bash");
    temporary_write("script", out);
    assert_int_equal(system("bash -n script"), 0);
    works("completion zsh");
    holds("#compdef trader");
    works("completion fish");
    holds("complete -c trader");
    assert_int_equal(trader("completion csh"), 2);
}

static void a_full_disk_is_told(void **state) {
    (void)state;
    assert_int_equal(trader("config schema > /dev/full"), 1);
    assert_string_equal(err, "trader: the result could not be written: standard output\n");
}

int main(void) {
    if (!program_prepare()) return 1;
#define PLACED(name) cmocka_unit_test_setup_teardown(name, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        PLACED(first_screen_and_help),
        PLACED(wrong_words_exit_2),
        PLACED(other_names_mean_commands),
        PLACED(settings_are_shown_and_changed),
        PLACED(a_wrong_file_stops_every_command),
        PLACED(variables_reach_the_program),
        PLACED(init_writes_once),
        PLACED(indicators_are_computed),
        PLACED(bad_candles_exit_6),
        PLACED(lists_are_json),
        PLACED(documents_are_fresh),
        PLACED(the_example_holds_the_missions_block),
        PLACED(completions_are_scripts),
        PLACED(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
