/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/checkup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "shell/store/journal_verify.h"
#include "shell/store/store.h"
#include "shell/store/store_check.h"
#include "shell/sys/files.h"
#include "shell/sys/ports.h"
#include "shell/sys/program.h"

#define FREE_LOW       (1LL << 30)   /* CONTRACTS 3: below 1 GiB a warning */
#define FREE_LOWEST    (200LL << 20) /* below 200 MiB no entries */
#define GROWTH_SECONDS 3600          /* a younger state says nothing about a day's growth */

Finding *checkup_add(Checkup *checkup, const char *name, Mark mark, const char *text,
                     const char *fix) {
    CHECK(checkup->count < FINDINGS_MAX, "checkup: too many checks");
    Finding *finding = &checkup->findings[checkup->count++];
    *finding = (Finding){.mark = mark};
    Text title = TEXT_IN(finding->name);
    text_put(&title, name);
    text_end(&title);
    Text words = TEXT_IN(finding->text), advice = TEXT_IN(finding->fix);
    text_put(&words, text);
    text_put(&advice, fix ? fix : "");
    text_end(&words);
    text_end(&advice);
    return finding;
}

void checkup_add_error(Checkup *checkup, const char *name, const Error *error) {
    char memory[420];
    Text text = TEXT_IN(memory);
    text_put(&text, error->message);
    if (error->where[0]) text_format(&text, ": %s", error->where);
    checkup_add(checkup, name, MARK_BAD, text_end(&text), error->hint);
}

/* ---- the program and its settings ---------------------------------------------------------- */

void checkup_binary(Checkup *checkup) {
    Hardening hardening;
    Error error = {0};
    char memory[300];
    Text text = TEXT_IN(memory);
    if (!program_hardening(&hardening, &error)) {
        checkup_add_error(checkup, "binary", &error);
        return;
    }
    bool hard = hardening.position_independent && hardening.relocations_read_only &&
                hardening.stack_not_executable;
    text_format(&text, "%s %s; ", TRADER_VERSION, hard ? "hardened" : "not hardened");
    program_libraries(&text);
    checkup_add(
        checkup, "binary", hard ? MARK_GOOD : MARK_WARN, text_end(&text),
        hard ? NULL
             : "build it with make, whose flags are -pie -Wl,-z,relro,-z,now,-z,noexecstack");
}

static bool differs(const Settings *settings, const Setting *setting) {
    Settings presets;
    char left[1200], right[1200];
    Text a = TEXT_IN(left), b = TEXT_IN(right);
    settings_presets(&presets);
    setting_write(&presets, setting, &a);
    setting_write(settings, setting, &b);
    return !slice_equal((Slice){a.at, a.length}, (Slice){b.at, b.length});
}

void checkup_config(Checkup *checkup) {
    if (!checkup->settings) return;
    unsigned changed = 0;
    for (unsigned i = 0; i < setting_count; i++)
        changed += differs(checkup->settings, &setting_table[i]);
    char memory[80];
    Text text = TEXT_IN(memory);
    text_format(&text, "valid, %d of %d settings differ from the built-in ones", (int)changed,
                (int)setting_count);
    checkup_add(checkup, "config", MARK_GOOD, text_end(&text), NULL);
}

void checkup_dotenv(Checkup *checkup, unsigned keys) {
    struct stat status;
    char memory[200];
    Text text = TEXT_IN(memory);
    if (stat(".env", &status) != 0) {
        checkup_add(checkup, ".env", MARK_GOOD, "none; no key is needed for paper trading", NULL);
        return;
    }
    if (status.st_mode & S_IROTH) {
        char mode[8];
        snprintf(mode, sizeof mode, "%04o", (unsigned)status.st_mode & 07777u);
        text_format(&text, "mode %s, others can read it", mode);
        checkup_add(checkup, ".env", MARK_WARN, text_end(&text), "chmod 600 .env");
        return;
    }
    text_format(&text, "readable by you only, %d keys", (int)keys);
    checkup_add(checkup, ".env", MARK_GOOD, text_end(&text), NULL);
}

/* ---- the machine --------------------------------------------------------------------------- */

static void check_disk(Checkup *checkup) {
    int64_t bytes = files_free_bytes(checkup->has_state ? checkup->state.path : ".");
    char memory[80];
    Text text = TEXT_IN(memory);
    if (bytes < 0) {
        checkup_add(checkup, "disk", MARK_WARN, "free space is unknown", NULL);
        return;
    }
    number_bytes(&text, bytes);
    text_put(&text, " free");
    if (bytes < FREE_LOWEST)
        checkup_add(checkup, "disk", MARK_BAD, text_end(&text),
                    "below 200 MiB there are no entries; free some");
    else if (bytes < FREE_LOW)
        checkup_add(checkup, "disk", MARK_WARN, text_end(&text),
                    "below 1 GiB it gets narrow; free some");
    else
        checkup_add(checkup, "disk", MARK_GOOD, text_end(&text), NULL);
}

static void check_port(Checkup *checkup) {
    Error error = {0};
    bool is_free;
    char memory[120];
    Text text = TEXT_IN(memory);
    if (!checkup->settings) return;
    unsigned port = (unsigned)checkup->settings->dashboard.port;
    if (port == 0) {
        checkup_add(checkup, "port", MARK_GOOD, "a free one is taken", NULL);
        return;
    }
    if (!ports_free(checkup->settings->dashboard.host, port, &is_free, &error)) {
        checkup_add_error(checkup, "port", &error);
        return;
    }
    int holder = checkup->has_state ? state_holder(checkup->state.path) : 0;
    text_format(&text, "%d is %s", (int)port,
                is_free  ? "free"
                : holder ? "in use, an instance is running"
                         : "in use by another program");
    bool good = is_free || holder;
    checkup_add(checkup, "port", good ? MARK_GOOD : MARK_WARN, text_end(&text),
                good ? NULL : "stop that program, or set DASHBOARD_PORT");
}

/* ---- the state ----------------------------------------------------------------------------- */

void checkup_database(Checkup *checkup) {
    Error error = {0};
    char memory[200], path[600];
    Text text = TEXT_IN(memory);
    snprintf(path, sizeof path, "%s/trader.db", checkup->state.path);
    if (!files_exist(path)) {
        checkup_add(checkup, "database", MARK_GOOD, "none yet", NULL);
        return;
    }
    if (!store_check(checkup->state.path, &text, &error)) {
        checkup_add_error(checkup, "database", &error);
        return;
    }
    bool sound = text.length == 0;
    if (sound) text_put(&text, "every page, row and total is sound");
    checkup_add(checkup, "database", sound ? MARK_GOOD : MARK_BAD, text_end(&text),
                sound ? NULL
                      : "trader db repair makes it again from its sound rows and the journal");
}

/* Reads the whole journal, as a replay would: each record has a checksum, each segment the digest
 * of all before it. */
void checkup_journal(Checkup *checkup) {
    char memory[300], words[240];
    Text text = TEXT_IN(memory), finding = TEXT_IN(words);
    uint64_t records = journal_verify(checkup->state.path, NULL, NULL, &finding);
    bool damaged = finding.length > 0;
    number_count(&text, (int64_t)records);
    text_format(&text, " records, %s", damaged ? text_end(&finding) : "all of them sound");
    checkup_add(checkup, "journal", damaged ? MARK_BAD : MARK_GOOD, text_end(&text),
                damaged ? "restore the journal from a copy of the state (docs/RECOVERY.md)" : NULL);
}

/* The two texts of the verdict that the running program left (engine_verify.c). */
static bool read_verdict(const char *json, char time[static 40], char finding[static 240]) {
    JsonReader reader = json_reader(slice_of(json));
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return false;
    while (json_next(&reader) == JSON_KEY) {
        Slice key = reader.slice;
        if (json_next(&reader) != JSON_STRING) continue;
        if (slice_is(key, "time") && !json_unescape(&reader, time, 40)) return false;
        if (slice_is(key, "finding") && !json_unescape(&reader, finding, 240)) return false;
    }
    return true;
}

/* What the running program found when it read all that is older than its last start. */
void checkup_verified(Checkup *checkup) {
    Error error = {0};
    char verdict[1024], damage[400] = "", time[40] = "", finding[240] = "", text[320];
    Store *store = store_open(checkup->state.path, true, &error);
    bool known = store && store_meta(store, "verified", verdict, sizeof verdict);
    bool damaged = store && store_meta(store, "damage", damage, sizeof damage) && damage[0];
    store_close(store);
    if (damaged)
        checkup_add(checkup, "damage", MARK_WARN, damage,
                    "the last start told it: trader db check");
    if (!known || !read_verdict(verdict, time, finding)) return;
    snprintf(text, sizeof text, "%s; read in the background at %s",
             finding[0] ? finding : "all older history is sound", time);
    checkup_add(checkup, "verified", finding[0] ? MARK_BAD : MARK_GOOD, text,
                finding[0] ? "trader db check" : NULL);
}

void checkup_world(Checkup *checkup) {
    World world;
    Error error = {0};
    bool found;
    char memory[300];
    Text text = TEXT_IN(memory);
    if (!world_read(checkup->state.path, &world, &found, &error)) {
        checkup_add_error(checkup, "state", &error);
        return;
    }
    int holder = state_holder(checkup->state.path);
    text_format(&text, "%s, %s, %s", checkup->state.path, found ? world.kind : "of no world yet",
                holder           ? "running"
                : world.finished ? "finished"
                                 : "not running");
    checkup_add(checkup, "state", MARK_GOOD, text_end(&text), NULL);
}

static int64_t age_seconds(const char *path) {
    struct statx status;
    int code = statx(AT_FDCWD, path, 0, STATX_BTIME, &status);
    if (code != 0 || !(status.stx_mask & STATX_BTIME)) return 0;
    return (int64_t)time(NULL) - status.stx_btime.tv_sec;
}

/* What the state has taken since it began, spread over its life, against what is free. */
void checkup_growth(Checkup *checkup) {
    static const char *const parts[] = {"trader.db", "journal", "logs"};
    char memory[200], path[600];
    Text text = TEXT_IN(memory);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", checkup->state.path, parts[i]);
        if (!files_exist(path)) continue;
        text_format(&text, "%s%s ", text.length ? ", " : "", parts[i]);
        number_bytes(&text, files_used_bytes(path));
    }
    if (!text.length) text_put(&text, "nothing yet");
    int64_t age = age_seconds(checkup->state.path), used = files_used_bytes(checkup->state.path);
    int64_t room = files_free_bytes(checkup->state.path) - FREE_LOWEST;
    if (age < GROWTH_SECONDS || used <= 0 || room <= 0) {
        checkup_add(checkup, "growth", MARK_GOOD, text_end(&text), NULL);
        return;
    }
    double days = (double)room / ((double)used / (double)age) / 86400;
    text_put(&text, "; at this pace ");
    number_fixed(&text, days, 0, false);
    text_put(&text, " days left");
    checkup_add(checkup, "growth", days < 30 ? MARK_WARN : MARK_GOOD, text_end(&text),
                days < 30 ? "lower journal.journal_keep_days, or free some space" : NULL);
}

void checkup_candles(Checkup *checkup) {
    const Settings *settings = checkup->settings; /* NULL: they could not be read */
    const char *root = settings ? settings->history.directory : "data";
    char memory[400], place[320];
    Text text = TEXT_IN(memory), path = TEXT_IN(place);
    text_format(&path, "%s/candles", root);
    bool relative = root[0] != '/' && root[0] != '.';
    text_format(&text, files_is_directory(text_end(&path)) ? "%s%s " : "no candles stored in %s%s",
                relative ? "./" : "", place);
    if (files_is_directory(place)) number_bytes(&text, files_used_bytes(place));
    checkup_add(checkup, "data", MARK_GOOD, text_end(&text), NULL);
}

void checkup_machine(Checkup *checkup) {
    check_disk(checkup);
    check_port(checkup);
}

/* ---- all of it ----------------------------------------------------------------------------- */

void checkup_begin(Checkup *checkup, const Settings *settings, const char *state) {
    checkup->count = 0;
    checkup->settings = settings;
    checkup->state = (StateDir){.lock_descriptor = -1};
    checkup->has_state =
        state && slice_copy(slice_of(state), checkup->state.path, sizeof checkup->state.path);
}

unsigned checkup_count(const Checkup *checkup, Mark mark) {
    unsigned count = 0;
    for (unsigned i = 0; i < checkup->count; i++)
        count += checkup->findings[i].mark == mark;
    return count;
}
