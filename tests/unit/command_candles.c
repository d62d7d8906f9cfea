/* SPDX-License-Identifier: Apache-2.0 */
/* `backtest import`, `list`, `fetch` and `db` over candles as a user and a script see them: exit
 * codes, one line of error, the fields of the JSON. */
#include "unit.h"

#include "program.h"

#define ROWS                                                                                       \
    "time,open,high,low,close,volume\n1679004900000,1,2,0.5,1.5,10\n1679004960000,1,2,0.5,1,10\n"
#define LATER "time,open,high,low,close,volume\n1679005200000,1,2,0.5,1.5,10\n"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static void test_import_and_list(void **state) {
    (void)state;
    works_as_json("backtest list --json");
    holds("[]");
    temporary_write("BTCUSDT-1m-a.csv", ROWS);
    temporary_write("BTCUSDT-1m-b.csv", LATER "x,1,1,1,1,1\n1679005260000,1,1,1,1,1\n");
    works_as_json("backtest import BTCUSDT-1m-a.csv BTCUSDT-1m-b.csv --json");
    holds("\"files\":2,\"bars\":4,\"gaps\":1,\"missing\":3,\"duplicates\":0,\"improved\":0,"
          "\"refused\":1");
    holds("\"where\":\"BTCUSDT-1m-b.csv, line 3, column 1 (time)\"");
    works_as_json("backtest import BTCUSDT-1m-a.csv --json");
    holds("\"bars\":0,\"gaps\":1,\"missing\":3,\"duplicates\":2");
    works_as_json("backtest list --json");
    holds("[{\"venue\":\"binance\",\"symbol\":\"BTCUSDT\",\"interval\":\"1m\","
          "\"start\":\"2023-03-16T22:15:00.000Z\",\"end\":\"2023-03-16T22:22:00.000Z\","
          "\"bars\":4,\"gaps\":1,\"missing\":3,\"damage\":null}]");
    works_as_json("backtest list --symbols ETHUSDT --json");
    holds("[]");
    works("backtest list");
    holds("BTCUSDT");
    works("backtest import BTCUSDT-1m-b.csv --venue other --data-dir elsewhere");
    works_as_json("backtest list --data-dir elsewhere --json");
    holds("\"venue\":\"other\"");
}

static void test_files_that_are_refused(void **state) {
    (void)state;
    temporary_write("BTCUSDT-1m-a.csv", ROWS);
    temporary_write("BTCUSDT-1m-c.csv", "time,open,high,low,close,volume\n"
                                        "1679004960000,1,2,0.5,1.25,10\n1679005020000,1,1,1,1,1\n");
    works("backtest import BTCUSDT-1m-a.csv");
    assert_int_equal(trader("backtest import BTCUSDT-1m-c.csv --json"), 6);
    holds("{\"error\":{\"code\":\"data\"");
    holds("BTCUSDT-1m-c.csv, line 2");
    assert_int_equal(trader("backtest import absent.csv BTCUSDT-1m-a.csv"), 2); /* no symbol */
    assert_int_equal(trader("backtest import BTCUSDT-absent.csv --json"), 6);
    temporary_write("posts.csv", "coin,hour,tweet\nBTC,2021-09-01 05:00,3\n");
    temporary_write("news.csv", "time,headline\n2021-09-01T05:00:00Z,Miners sell\n");
    temporary_write("prices.csv", "time,open,high,low,close\n1679004960000,1,2,0.5,1.25\n");
    assert_int_equal(trader("backtest import posts.csv"), 6);
    assert_non_null(strstr(err, "the form of the file is not known by its header: posts.csv"));
    assert_non_null(strstr(err, "coin,hour,tweets,likes,retweets,replies"));
    assert_non_null(strstr(err, "(docs/CANDLES.md)"));
    assert_int_equal(trader("backtest import news.csv --symbols BTCUSDT"), 6);
    assert_non_null(strstr(err, "the form of the file is not known"));
    assert_int_equal(trader("backtest import prices.csv"), 2);
    assert_non_null(strstr(err, "the file's name does not say its symbol"));
    assert_int_equal(trader("backtest import --json"), 2);
    assert_int_equal(trader("backtest import BTCUSDT-1m-a.csv --interval 7m --json"), 2);
    assert_int_equal(trader("backtest import BTCUSDT-1m-a.csv --venue ../up --json"), 6);
    works_as_json("backtest list --json");
    holds("\"bars\":2,");
    /* One bad file keeps no good one out. */
    temporary_write("ETHUSDT-1m-a.csv", ROWS);
    assert_int_equal(trader("backtest import BTCUSDT-1m-c.csv ETHUSDT-1m-a.csv"), 6);
    works_as_json("backtest list --symbols ETHUSDT --json");
    holds("\"bars\":2,");
}

static void test_fetch_without_a_network(void **state) {
    (void)state;
    setenv("BINANCE_REST_URL", "http://127.0.0.1:1", 1);
    assert_int_equal(trader("backtest fetch --symbols BTCUSDC --days 1 --no-social --json"), 5);
    holds("{\"error\":{\"code\":\"network\"");
    unsetenv("BINANCE_REST_URL");
    assert_int_equal(trader("backtest fetch --symbols BTCUSDC --days 0 --json"), 2);
    assert_int_equal(trader("backtest fetch --symbols BTC/USDC --json"), 2);
    assert_int_equal(trader("backtest fetch --symbols BTCUSDC --intervals 2h --json"), 2);
}

/* The address that the exchange in the background says, within 20 seconds. */
static bool exchange_url(char *url, size_t size) {
    for (int tries = 0; tries < 400; tries++, usleep(50000)) {
        char said[4096];
        if (access("exchange.out", R_OK) != 0) continue;
        slurp("exchange.out", said, sizeof said);
        const char *at = strstr(said, "http://");
        if (!at || !strchr(at, ' ')) continue;
        snprintf(url, size, "%.*s", (int)strcspn(at, " "), at);
        return true;
    }
    return false;
}

/* From a venue to a backtest, by the program alone. */
static void test_fetch_from_the_simulated_exchange(void **state) {
    (void)state;
    char command[PATH_MAX + 200], url[64] = "";
    snprintf(command, sizeof command,
             "'%s' exchange --generated --port 0 --symbols BTCUSDC >exchange.out 2>&1 </dev/null & "
             "echo $! >exchange.pid",
             program);
    assert_int_equal(system(command), 0);
    bool up = exchange_url(url, sizeof url);
    setenv("BINANCE_REST_URL", url, 1);
    int first = up ? trader("backtest fetch --symbols BTCUSDC --intervals 1m,1h --days 2 "
                            "--no-social --json")
                   : -1;
    bool complete = strstr(out, "\"files\":2,\"bars\":2928,\"gaps\":0") != NULL;
    int again = up ? trader("backtest fetch --symbols BTCUSDC --intervals 1h --days 3 --no-social "
                            "--json")
                   : -1;
    /* A day before what is stored; an hour more where one has just ended. */
    bool older = strstr(out, "\"bars\":24,\"gaps\":0,\"missing\":0,\"duplicates\":1") ||
                 strstr(out, "\"bars\":25,\"gaps\":0,\"missing\":0,\"duplicates\":2");
    assert_int_equal(system("kill $(cat exchange.pid)"), 0);
    unsetenv("BINANCE_REST_URL");
    assert_true(up);
    assert_int_equal(first, 0);
    assert_true(complete);
    assert_int_equal(again, 0);
    if (!older) print_error("%s\n", out);
    assert_true(older);
    works_as_json("db check --json");
    holds("\"files\":2,\"damaged\":[]");
    assert_int_equal(access("data/candles/binance/BTCUSDC/filters.json", R_OK), 0);
    works_as_json(
        "backtest run --symbols BTCUSDC --intervals 4h --days 2 --strategy trend_following "
        "--json");
}

static void damage(const char *path, long offset) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    fputs("damaged!", file);
    fclose(file);
}

static void test_check_and_repair(void **state) {
    (void)state;
    temporary_write("BTCUSDT-1m-a.csv", ROWS);
    works("backtest import BTCUSDT-1m-a.csv");
    works_as_json("db check --json"); /* no state: the candles alone */
    holds("\"sound\":true,\"candles\":{\"files\":1,\"damaged\":[]}");
    damage("data/candles/binance/BTCUSDT/1m.candles", 100); /* one copy of the header */
    assert_int_equal(trader("db check --json"), 8);
    holds("copies");
    works_as_json("db repair --json");
    holds("\"rows\":2,\"kept\":2");
    works_as_json("db check --json");
    assert_int_equal(trader("db check --state none --json"), 6); /* a state that is named must be */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        TEST(test_import_and_list),         TEST(test_files_that_are_refused),
        TEST(test_fetch_without_a_network), TEST(test_fetch_from_the_simulated_exchange),
        TEST(test_check_and_repair),
    };
    return program_prepare() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
