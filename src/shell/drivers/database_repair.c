/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/database_repair.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shell/drivers/journal_check.h"
#include "shell/store/journal.h"
#include "shell/store/store.h"
#include "shell/sys/files.h"

#define PATH_BYTES 640
#define FOLDER     "repair" /* below the state, so that a rename moves no bytes */

static const char *const endings[] = {"", "-wal", "-shm"};
enum { ENDINGS = sizeof endings / sizeof endings[0] };

static void place(const char *directory, const char *name, const char *ending,
                  char target[static PATH_BYTES]) {
    snprintf(target, PATH_BYTES, "%.500s/%.100s%s", directory, name, ending);
}

/* Of an earlier repair that did not come to its end. */
static void clear(const char *folder) {
    char path[PATH_BYTES];
    for (unsigned i = 0; i < ENDINGS; i++) {
        place(folder, "trader.db", endings[i], path);
        unlink(path);
    }
}

static bool move(const char *from, const char *to, Error *error) {
    if (rename(from, to) == 0 || errno == ENOENT) return true;
    return files_refused(error, "move the database", from);
}

/* The log goes with its file: what is committed in it belongs to it. */
static bool move_aside(const char *directory, DatabaseRepair *repair, Error *error) {
    char from[PATH_BYTES], to[PATH_BYTES], name[64];
    snprintf(name, sizeof name, "trader.db.damaged-%lld", (long long)time(NULL));
    place(directory, "trader.db", "", from);
    if (!files_exist(from)) return true;
    place(directory, name, "", repair->aside);
    for (unsigned i = 0; i < ENDINGS; i++) {
        place(directory, "trader.db", endings[i], from);
        place(directory, name, endings[i], to);
        if (!move(from, to, error)) return false;
    }
    return true;
}

static bool put_in_place(const char *directory, const char *folder, DatabaseRepair *repair,
                         Error *error) {
    char from[PATH_BYTES], to[PATH_BYTES];
    if (!move_aside(directory, repair, error)) return false;
    place(folder, "trader.db", "", from);
    place(directory, "trader.db", "", to);
    if (!move(from, to, error)) return false;
    files_flush_directory_of(to);
    rmdir(folder);
    return true;
}

/* A journal whose beginning was dropped, or that another version made, does not come out again. */
static bool fill(const char *directory, Store *store, DatabaseRepair *repair, Error *error) {
    JournalVerdict verdict = {.equal = false};
    Error why = {.code = ERROR_NONE};
    repair->salvaged = store_salvage(store, directory);
    if (journal_first(directory) == 0) return store_flush(store, error);
    repair->replayed = journal_first(directory) == 1 &&
                       journal_check_into(directory, store, &verdict, &why) && verdict.equal;
    repair->events = verdict.events;
    return store_flush(store, error) &&
           (repair->replayed || store_refill(store, directory, 0, UINT64_MAX, false, error));
}

bool database_repair(const char *state_directory, DatabaseRepair *repair, Error *error) {
    char folder[PATH_BYTES];
    memset(repair, 0, sizeof *repair);
    place(state_directory, FOLDER, "", folder);
    if (!files_make_directory(folder, error)) return false;
    clear(folder);
    Store *store = store_open(folder, false, error);
    bool sound = store && fill(state_directory, store, repair, error);
    store_close(store);
    return sound && put_in_place(state_directory, folder, repair, error);
}
