/* SPDX-License-Identifier: Apache-2.0 */
/* Which state a reading command means when nobody says so. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "shell/store/state_dir.h"
#include "shell/sys/files.h"

typedef struct Search {
    StateDir best;
    int64_t changed_us;
    bool held, any;
} Search;

/* A state's age is that of its youngest file: the database's log while it is written, world.json
 * otherwise. */
static int64_t youngest(const char *path) {
    static const char *const names[] = {"world.json", "trader.db", "trader.db-wal", "control"};
    int64_t newest = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[640];
        int printed = snprintf(name, sizeof name, "%s/%s", path, names[i]);
        if (printed < 0 || (size_t)printed >= sizeof name) continue;
        int64_t changed = files_changed_us(name);
        if (changed > newest) newest = changed;
    }
    return newest;
}

static void consider(Search *search, const char *path) {
    char name[640];
    int printed = snprintf(name, sizeof name, "%s/world.json", path);
    if (printed < 0 || (size_t)printed >= sizeof name || !files_exist(name)) return;
    int64_t changed = youngest(path);
    bool held = state_holder(path) != 0;
    bool better = !search->any || held > search->held ||
                  (held == search->held && changed > search->changed_us);
    if (!better || !slice_copy(slice_of(path), search->best.path, sizeof search->best.path)) return;
    search->changed_us = changed;
    search->held = held;
    search->any = true;
}

static void look_below(Search *search, const char *path) {
    DIR *directory = opendir(path);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char child[512];
        if (entry->d_name[0] == '.') continue;
        int printed = snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (printed > 0 && (size_t)printed < sizeof child) consider(search, child);
    }
    closedir(directory);
}

bool state_find(const char *wanted, StateDir *state, Error *error) {
    *state = (StateDir){.lock_descriptor = -1};
    if (wanted) {
        if (!files_is_directory(wanted))
            return error_set(error, ERROR_DATA, "there is no such state", wanted,
                             "trader run --state DIR makes one");
        return slice_copy(slice_of(wanted), state->path, sizeof state->path) ||
               error_set(error, ERROR_LIMIT, "the path of the state is too long", wanted, NULL);
    }
    Search search = {.best.lock_descriptor = -1};
    look_below(&search, "state");
    look_below(&search, "state/runs");
    *state = search.best;
    return search.any || error_set(error, ERROR_DATA, "nothing has run here yet", "./state",
                                   "trader demo starts without keys or network; --state DIR names "
                                   "another place");
}
