/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/store_check.h"

#include <sqlite3.h>
#include <stdio.h>

#define WAIT_MS 2000 /* a writer holds the file for milliseconds */

static bool refused(sqlite3 *database, const char *path, Error *error) {
    return error_set(error, ERROR_STATE, database ? sqlite3_errmsg(database) : "out of memory",
                     path, "restore the state from a copy, or start another with --state DIR");
}

/* One row "ok", or a row for each fault; the first one is told. */
static int read_answer(sqlite3_stmt *statement, Text *finding) {
    int step = sqlite3_step(statement);
    if (step != SQLITE_ROW) return step;
    const char *answer = (const char *)sqlite3_column_text(statement, 0);
    if (answer && !slice_is(slice_of(answer), "ok")) text_put(finding, answer);
    return SQLITE_DONE;
}

bool store_check(const char *directory, Text *finding, Error *error) {
    char path[600];
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    snprintf(path, sizeof path, "%s/trader.db", directory);
    int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK) sqlite3_busy_timeout(database, WAIT_MS);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(database, "PRAGMA integrity_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK) code = read_answer(statement, finding);
    bool good = code == SQLITE_DONE || refused(database, path, error);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return good;
}
