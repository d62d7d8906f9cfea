/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases as every released version of this program has left them (tests/golden/state, as SQL),
 * opened by this one: read as they are, migrated, read again with the same content, sealed, and
 * from then on no change of a row goes unnoticed. What is called golden here is never made again.
 */
#include "check_aborts.h"
#include "unit.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "core/base/digest.h"
#include "shell/store/store.h"
#include "shell/store/store_check.h"
#include "shell/sys/files.h"

#define ROWS_MAX (1u << 20)

static const char *const versions[] = {"version_1", "version_2"};
enum { VERSIONS = sizeof versions / sizeof versions[0] };

static char directory[64];

static int make_directory(void **state) {
    (void)state;
    strcpy(directory, "/tmp/trader-golden-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state) {
    (void)state;
    char command[120];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static void execute(const char *sql) {
    char path[80], *why = NULL;
    sqlite3 *database;
    snprintf(path, sizeof path, "%s/trader.db", directory);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s", why);
    sqlite3_close(database);
}

static void lay_out(const char *version) {
    char path[120], *sql;
    size_t length;
    Error error;
    snprintf(path, sizeof path, "%s/trader.db", directory);
    unlink(path);
    snprintf(path, sizeof path, "tests/golden/state/%s.sql", version);
    if (!files_read(path, ROWS_MAX, &sql, &length, &error)) fail_msg("%s", error.message);
    execute(sql);
    free(sql);
}

static Store *opened(bool read_only) {
    Error error = {.code = ERROR_NONE};
    Store *store = store_open(directory, read_only, &error);
    if (!store) fail_msg("%s: %s", error.where, error.message);
    return store;
}

/* Of the fields that both versions have. */
static uint64_t digest_of(Store *store, uint64_t *rows) {
    static char memory[ROWS_MAX];
    const StoreQuery all = {.limit = INT32_MAX};
    const char *first;
    uint64_t digest = 0;
    *rows = 0;
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++) {
        if (topic_shapes[topic].store == STORE_NONE || store_count(store, topic) == 0) continue;
        Text text = text_in(memory, sizeof memory);
        JsonWriter writer = json_writer(&text);
        store_write_rows(store, topic, &all, true, &writer);
        assert_false(text.overflow);
        *rows += store_count(store, topic);
        uint64_t parts[2] = {digest, hash64(text.at, text.length)};
        digest = hash64(parts, sizeof parts);
    }
    if (store_damage(store, &first)) fail_msg("%s", first);
    return digest;
}

static void expect_sound(void) {
    char memory[200];
    Text finding = TEXT_IN(memory);
    Error error;
    assert_true(store_check(directory, &finding, &error));
    if (finding.length) fail_msg("%s", text_end(&finding));
}

/* ---- tests --------------------------------------------------------------------------------- */

static void every_version_is_read_and_migrated(void **state) {
    (void)state;
    uint64_t before_rows, after_rows;
    for (unsigned i = 0; i < VERSIONS; i++) {
        AccountFact account;
        lay_out(versions[i]);
        Store *reader = opened(true);
        uint64_t before = digest_of(reader, &before_rows);
        store_close(reader);
        Store *store = opened(false);
        assert_true(digest_of(store, &after_rows) == before);
        assert_int_equal(before_rows, after_rows);
        assert_int_equal(after_rows, 98);
        assert_int_equal(store_count(store, TOPIC_TRADES), 3);
        assert_int_equal(store_count(store, TOPIC_TRADE_EXECUTIONS), 6);
        assert_true(store_latest(store, TOPIC_ACCOUNT_FACTS, NULL, &account));
        assert_string_equal(account.asset, "USDC");
        Bar bars[8];
        assert_int_equal(store_bars(store, "BTCUSDC", INTERVAL_1M, bars, 8), 3);
        store_close(store);
        expect_sound();
    }
}

/* The seals that were written then are the seals that are made now. */
static void a_change_behind_our_back_is_noticed(void **state) {
    (void)state;
    static const char *const changes[] = {
        "UPDATE postings SET amount = '1' WHERE sequence = (SELECT max(sequence) FROM postings)",
        "DELETE FROM trade_executions WHERE side = 'SELL'",
        "UPDATE candles SET close = '1' WHERE interval = '4h'",
        "UPDATE totals SET rows = rows + 1 WHERE name = 'orders'",
        "UPDATE account_facts SET row_seal = row_seal + 1"};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        for (unsigned version = 0; version < VERSIONS; version++) {
            char memory[200];
            Text finding = TEXT_IN(memory);
            Error error;
            lay_out(versions[version]);
            store_close(opened(false));
            expect_sound();
            execute(changes[i]);
            assert_true(store_check(directory, &finding, &error));
            if (finding.length == 0) fail_msg("unnoticed: %s", changes[i]);
        }
}

#define GOLDEN(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {GOLDEN(every_version_is_read_and_migrated),
                                       GOLDEN(a_change_behind_our_back_is_noticed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
