/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/drivers/database_repair.h"
#include "shell/screen/paint.h"
#include "shell/store/candle_catalog.h"
#include "shell/store/candle_repair.h"
#include "shell/store/journal_verify.h"
#include "shell/store/state_dir.h"
#include "shell/store/store_check.h"

typedef struct Checked {
    bool has_state;
    char database[240], journal[240]; /* what is damaged; empty: sound */
    uint64_t records;
    const char *root; /* of the candles */
    CandleCatalog catalog;
    uint64_t damaged; /* files of candles */
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

/* What is wrong with one file of candles; ERROR_NONE: nothing. */
static void check_candles(const Checked *checked, const CandleKey *key, Error *finding) {
    CandleDamage damage;
    char path[CANDLE_PATH_MAX];
    *finding = (Error){.code = ERROR_NONE};
    if (!candle_key_path(checked->root, key, path, finding)) return;
    if (candle_check(path, &damage, finding) && damage.header)
        error_set(finding, ERROR_DATA,
                  "one of two copies of the header or of the checksums is "
                  "damaged; no candle is",
                  path, "trader db repair");
}

/* Each file as it is read: years of minutes take seconds. */
static void print_candles(const CommandCall *call, Checked *checked, JsonWriter *writer) {
    Error finding;
    for (size_t i = 0; i < checked->catalog.count; i++) {
        check_candles(checked, &checked->catalog.keys[i], &finding);
        if (finding.code == ERROR_NONE) continue;
        checked->damaged++;
        if (writer) {
            json_object_begin(writer);
            put_finding(writer, "where", finding.where);
            put_finding(writer, "message", finding.message);
            json_object_end(writer);
            continue;
        }
        paint_mark(stdout, MARK_BAD, call_color(call));
        printf(" candles   %s: %s\n            fix: trader db repair\n", finding.where,
               finding.message);
    }
    if (writer || checked->damaged) return;
    paint_mark(stdout, MARK_GOOD, call_color(call));
    printf(" candles   %llu files, every block is sound\n",
           (unsigned long long)checked->catalog.count);
}

static void print_json(const CommandCall *call, Checked *checked) {
    static char memory[1 << 16]; /* 500 bytes a damaged file; what runs over is cut and told */
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_array_begin(&writer);
    print_candles(call, checked, &writer);
    json_array_end(&writer);
    text_end(&text);
    printf("{\"sound\":%s,\"candles\":{\"files\":%llu,\"damaged\":%s},",
           !checked->database[0] && !checked->journal[0] && !checked->damaged ? "true" : "false",
           (unsigned long long)checked->catalog.count, text.overflow ? "null" : memory);
    char rest[1024];
    text = TEXT_IN(rest);
    writer = json_writer(&text);
    json_object_begin(&writer);
    put_finding(&writer, "database", checked->database);
    put_finding(&writer, "journal", checked->journal);
    json_key(&writer, "records");
    json_int(&writer, (int64_t)checked->records);
    json_object_end(&writer);
    puts(text_end(&text) + 1);
}

static void print_state(const CommandCall *call, const Checked *checked) {
    if (!checked->has_state) return;
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

static int run_check(CommandCall *call, const StateDir *state, Checked *checked, Error *error) {
    if (checked->has_state && !check(state, checked, error)) return error_exit_code(error->code);
    if (call_json(call)) {
        print_json(call, checked);
    } else {
        print_state(call, checked);
        print_candles(call, checked, NULL);
    }
    bool sound = !checked->database[0] && !checked->journal[0] && checked->damaged == 0;
    return sound ? 0 : error_exit_code(ERROR_FINDINGS);
}

/* ---- repair -------------------------------------------------------------------------------- */

static void put_count(JsonWriter *writer, const char *key, uint64_t count) {
    json_key(writer, key);
    json_int(writer, (int64_t)count);
}

static void put_repaired(JsonWriter *writer, const DatabaseRepair *repair) {
    put_count(writer, "salvaged", repair->salvaged);
    json_key(writer, "replayed");
    json_bool(writer, repair->replayed);
    put_count(writer, "events", repair->events);
    put_finding(writer, "aside", repair->aside);
}

static void print_repaired(const DatabaseRepair *repair) {
    printf("%llu sound rows kept", (unsigned long long)repair->salvaged);
    if (repair->replayed)
        printf("; the rest made again from %llu records of the journal\n",
               (unsigned long long)repair->events);
    else
        puts("; what the journal has in full was made again");
    if (repair->aside[0]) printf("the damaged database is now %s\n", repair->aside);
}

static void print_candle_text(const char *path, const CandleRepair *repair) {
    printf("%s: %llu of %llu candles kept", path, (unsigned long long)repair->kept,
           (unsigned long long)repair->rows);
    if (repair->bytes) printf(", %llu damaged bytes put right", (unsigned long long)repair->bytes);
    if (repair->unknown)
        printf(", %llu lost a volume of takers, a quote volume or their count of trades",
               (unsigned long long)repair->unknown);
    if (repair->lost) {
        char first[25], last[25];
        instant_to_iso(repair->lost_first_us, first);
        instant_to_iso(repair->lost_last_us, last);
        printf(", %llu lost", (unsigned long long)repair->lost);
        if (repair->lost_first_us) printf(" (%.16s to %.16s)", first, last);
    }
    printf("; the damaged file is now %s\n", repair->aside);
}

static void put_candles(JsonWriter *writer, const char *path, const CandleRepair *repair) {
    json_object_begin(writer);
    put_finding(writer, "path", path);
    put_count(writer, "rows", repair->rows);
    put_count(writer, "kept", repair->kept);
    put_count(writer, "bytes", repair->bytes);
    put_count(writer, "unknown", repair->unknown);
    put_count(writer, "lost", repair->lost);
    put_finding(writer, "aside", repair->aside);
    json_object_end(writer);
}

/* `writer`: NULL for text. */
static bool repair_candles(const Checked *checked, JsonWriter *writer, Error *error) {
    CandleRepair repair;
    char path[CANDLE_PATH_MAX];
    bool good = true;
    for (size_t i = 0; i < checked->catalog.count; i++) {
        Error reason;
        if (!candle_key_path(checked->root, &checked->catalog.keys[i], path, error)) return false;
        if (!candle_repair(path, &repair, &reason)) {
            if (good) *error = reason;
            good = false; /* the others are repaired all the same */
        } else if (repair.aside[0] && writer) {
            put_candles(writer, path, &repair);
        } else if (repair.aside[0]) {
            print_candle_text(path, &repair);
        }
    }
    return good;
}

static bool repair_state(StateDir *state, DatabaseRepair *repair, Error *error) {
    if (!state_lock(state, error)) return false;
    bool sound = database_repair(state->path, repair, error);
    state_unlock(state);
    return sound;
}

static int run_repair(CommandCall *call, StateDir *state, const Checked *checked, Error *error) {
    static DatabaseRepair repair;
    static char memory[1 << 16]; /* 600 bytes a repaired file */
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    bool json = call_json(call);
    if (checked->has_state && !repair_state(state, &repair, error))
        return error_exit_code(error->code);
    json_object_begin(&writer);
    if (checked->has_state && json) put_repaired(&writer, &repair);
    if (checked->has_state && !json) print_repaired(&repair);
    json_key(&writer, "candles");
    json_array_begin(&writer);
    if (!repair_candles(checked, json ? &writer : NULL, error)) return error_exit_code(error->code);
    json_array_end(&writer);
    json_object_end(&writer);
    text_end(&text);
    if (json) puts(text.overflow ? "{\"candles\":null}" : memory);
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
    static Checked checked;
    const Settings *settings;
    if (!call_settings(call, &settings, error)) return error_exit_code(error->code);
    checked.root = settings->history.directory;
    if (!candle_catalog_read(checked.root, &checked.catalog, error))
        return error_exit_code(error->code);
    Error absent;
    checked.has_state = state_find(call_state(call), &state, &absent);
    /* Without a state the candles alone are looked at. */
    bool only_candles = !call_state(call) && checked.catalog.count > 0;
    if (!checked.has_state && !only_candles) {
        *error = absent;
        return error_exit_code(error->code);
    }
    if (checked.has_state && !call_json(call)) fprintf(stderr, "state %s\n", state.path);
    int code = repair ? run_repair(call, &state, &checked, error)
                      : run_check(call, &state, &checked, error);
    candle_catalog_free(&checked.catalog);
    return code;
}

const Command command_db = {
    .name = "db",
    .group = "set up",
    .sentence =
        "Are the stored state and the candles what was written? check reads all of it; "
        "repair makes the database again from its sound rows and the journal, and a damaged "
        "file of candles from its sound blocks.",
    .arguments = "check | repair",
    .examples = {"trader db check", "trader db repair --state state/demo"},
    .options = {{"data_dir", OPTION_VALUE, "DIR", "another data directory", "data.directory"}},
    .run = run,
};
