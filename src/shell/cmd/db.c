/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/drivers/database_repair.h"
#include "shell/screen/paint.h"
#include "shell/store/journal_verify.h"
#include "shell/store/state_dir.h"
#include "shell/store/store_check.h"

typedef struct Checked {
    char database[240], journal[240]; /* what is damaged; empty: sound */
    uint64_t records;
} Checked;

/* ---- check --------------------------------------------------------------------------------- */

static bool check(const StateDir *state, Checked *checked, Error *error) {
    Text database = TEXT_IN(checked->database), journal = TEXT_IN(checked->journal);
    Error damaged = {.code = ERROR_NONE};
    if (!store_check(state->path, &database, &damaged)) {
        if (damaged.code == ERROR_STATE && error) *error = damaged; /* a newer version's */
        if (damaged.code == ERROR_STATE) return false;
        text_put(&database, damaged.message);
    }
    checked->records = journal_verify(state->path, NULL, NULL, &journal);
    text_end(&database);
    text_end(&journal);
    return true;
}

static void put_finding(JsonWriter *writer, const char *key, const char *finding) {
    json_key(writer, key);
    if (finding[0])
        json_string(writer, finding);
    else
        json_null(writer);
}

static void print_checked(const CommandCall *call, const Checked *checked) {
    char memory[4096];
    Text text = TEXT_IN(memory);
    if (call_json(call)) {
        JsonWriter writer = json_writer(&text);
        json_object_begin(&writer);
        json_key(&writer, "sound");
        json_bool(&writer, !checked->database[0] && !checked->journal[0]);
        put_finding(&writer, "database", checked->database);
        put_finding(&writer, "journal", checked->journal);
        json_key(&writer, "records");
        json_int(&writer, (int64_t)checked->records);
        json_object_end(&writer);
        puts(text_end(&text));
        return;
    }
    paint_mark(stdout, checked->database[0] ? MARK_BAD : MARK_GOOD, call_color(call));
    printf(" database  %s\n",
           checked->database[0] ? checked->database : "every page, row and total is sound");
    if (checked->database[0]) puts("            fix: trader db repair");
    paint_mark(stdout, checked->journal[0] ? MARK_BAD : MARK_GOOD, call_color(call));
    printf(" journal   %llu records, %s\n", (unsigned long long)checked->records,
           checked->journal[0] ? checked->journal : "all sound, chained to the first");
    if (checked->journal[0])
        puts("            fix: restore the journal from a copy of the state (docs/RECOVERY.md)");
}

static int run_check(CommandCall *call, const StateDir *state, Error *error) {
    static Checked checked;
    if (!check(state, &checked, error)) return error_exit_code(error->code);
    print_checked(call, &checked);
    return checked.database[0] || checked.journal[0] ? error_exit_code(ERROR_FINDINGS) : 0;
}

/* ---- repair -------------------------------------------------------------------------------- */

static void print_repaired(const CommandCall *call, const DatabaseRepair *repair) {
    char memory[2048];
    Text text = TEXT_IN(memory);
    if (call_json(call)) {
        JsonWriter writer = json_writer(&text);
        json_object_begin(&writer);
        json_key(&writer, "salvaged");
        json_int(&writer, (int64_t)repair->salvaged);
        json_key(&writer, "replayed");
        json_bool(&writer, repair->replayed);
        json_key(&writer, "events");
        json_int(&writer, (int64_t)repair->events);
        put_finding(&writer, "aside", repair->aside);
        json_object_end(&writer);
        puts(text_end(&text));
        return;
    }
    printf("%llu sound rows kept", (unsigned long long)repair->salvaged);
    if (repair->replayed)
        printf("; the rest made again from %llu records of the journal\n",
               (unsigned long long)repair->events);
    else
        puts("; what the journal has in full was made again");
    if (repair->aside[0]) printf("the damaged database is now %s\n", repair->aside);
}

static int run_repair(CommandCall *call, StateDir *state, Error *error) {
    static DatabaseRepair repair;
    if (!state_lock(state, error)) return error_exit_code(error->code);
    bool sound = database_repair(state->path, &repair, error);
    state_unlock(state);
    if (!sound) return error_exit_code(error->code);
    print_repaired(call, &repair);
    return 0;
}

static int run(CommandCall *call, Error *error) {
    const char *const *words;
    StateDir state;
    unsigned count = call_arguments(call, &words);
    bool repair = count == 1 && strcmp(words[0], "repair") == 0;
    if (!repair && (count != 1 || strcmp(words[0], "check") != 0)) {
        error_set(error, ERROR_USAGE, "say what to do: check or repair", "db", "trader help db");
        return error_exit_code(ERROR_USAGE);
    }
    if (!state_find(call_state(call), &state, error)) return error_exit_code(error->code);
    if (!call_json(call)) fprintf(stderr, "state %s\n", state.path);
    return repair ? run_repair(call, &state, error) : run_check(call, &state, error);
}

const Command command_db = {
    .name = "db",
    .group = "set up",
    .sentence = "Is the stored state what was written? check reads all of it; repair makes the "
                "database again from its sound rows and the journal.",
    .arguments = "check | repair",
    .examples = {"trader db check", "trader db repair --state state/demo"},
    .run = run,
};
