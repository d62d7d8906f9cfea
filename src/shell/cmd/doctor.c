/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/config/environment.h"
#include "shell/screen/paint.h"
#include "shell/store/journal_verify.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"
#include "shell/store/store_check.h"
#include "shell/sys/files.h"
#include "shell/sys/ports.h"
#include "shell/sys/program.h"

#define CHECKS_MAX     16
#define FREE_LOW       (1LL << 30)   /* CONTRACTS 3: below 1 GiB a warning */
#define FREE_LOWEST    (200LL << 20) /* below 200 MiB no entries */
#define GROWTH_SECONDS 3600          /* a younger state says nothing about a day's growth */

typedef struct Finding {
    const char *name;
    Mark mark;
    char text[320];
    char fix[200];
} Finding;

typedef struct Doctor {
    CommandCall *call;
    Finding findings[CHECKS_MAX];
    unsigned count;
    bool has_state;
    StateDir state;
    const Settings *settings; /* NULL: the configuration is not valid */
} Doctor;

static Finding *add(Doctor *doctor, const char *name, Mark mark, const char *text,
                    const char *fix) {
    CHECK(doctor->count < CHECKS_MAX, "doctor: too many checks");
    Finding *finding = &doctor->findings[doctor->count++];
    *finding = (Finding){.name = name, .mark = mark};
    Text words = TEXT_IN(finding->text), advice = TEXT_IN(finding->fix);
    text_put(&words, text);
    text_put(&advice, fix ? fix : "");
    text_end(&words);
    text_end(&advice);
    return finding;
}

static void add_error(Doctor *doctor, const char *name, const Error *error) {
    char memory[420];
    Text text = TEXT_IN(memory);
    text_put(&text, error->message);
    if (error->where[0]) text_format(&text, ": %s", error->where);
    add(doctor, name, MARK_BAD, text_end(&text), error->hint);
}

/* ---- the program and its settings ---------------------------------------------------------- */

static void check_binary(Doctor *doctor) {
    Hardening hardening;
    Error error = {0};
    char memory[300];
    Text text = TEXT_IN(memory);
    if (!program_hardening(&hardening, &error)) {
        add_error(doctor, "binary", &error);
        return;
    }
    bool hard = hardening.position_independent && hardening.relocations_read_only &&
                hardening.stack_not_executable;
    text_format(&text, "%s %s; ", TRADER_VERSION, hard ? "hardened" : "not hardened");
    program_libraries(&text);
    add(doctor, "binary", hard ? MARK_GOOD : MARK_WARN, text_end(&text),
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

static void check_config(Doctor *doctor) {
    Error error = {0};
    if (!call_settings(doctor->call, &doctor->settings, &error)) {
        doctor->settings = NULL;
        add_error(doctor, "config", &error);
        return;
    }
    unsigned changed = 0;
    for (unsigned i = 0; i < setting_count; i++)
        changed += differs(doctor->settings, &setting_table[i]);
    char memory[80];
    Text text = TEXT_IN(memory);
    text_format(&text, "valid, %d of %d settings differ from the built-in ones", (int)changed,
                (int)setting_count);
    add(doctor, "config", MARK_GOOD, text_end(&text), NULL);
}

static void check_dotenv(Doctor *doctor) {
    struct stat status;
    char memory[200];
    Text text = TEXT_IN(memory);
    if (stat(".env", &status) != 0) {
        add(doctor, ".env", MARK_GOOD, "none; no key is needed for paper trading", NULL);
        return;
    }
    if (status.st_mode & S_IROTH) {
        char mode[8];
        snprintf(mode, sizeof mode, "%04o", (unsigned)status.st_mode & 07777u);
        text_format(&text, "mode %s, others can read it", mode);
        add(doctor, ".env", MARK_WARN, text_end(&text), "chmod 600 .env");
        return;
    }
    unsigned keys = 0;
    for (unsigned i = 0; i < variable_count; i++)
        if (variable_table[i].use == VARIABLE_SECRET)
            keys += call_secret(doctor->call, variable_table[i].name) != NULL;
    text_format(&text, "readable by you only, %d keys", (int)keys);
    add(doctor, ".env", MARK_GOOD, text_end(&text), NULL);
}

/* ---- the machine --------------------------------------------------------------------------- */

static void check_disk(Doctor *doctor) {
    int64_t bytes = files_free_bytes(doctor->has_state ? doctor->state.path : ".");
    char memory[80];
    Text text = TEXT_IN(memory);
    if (bytes < 0) {
        add(doctor, "disk", MARK_WARN, "free space is unknown", NULL);
        return;
    }
    number_bytes(&text, bytes);
    text_put(&text, " free");
    if (bytes < FREE_LOWEST)
        add(doctor, "disk", MARK_BAD, text_end(&text),
            "below 200 MiB there are no entries; free some");
    else if (bytes < FREE_LOW)
        add(doctor, "disk", MARK_WARN, text_end(&text), "below 1 GiB it gets narrow; free some");
    else
        add(doctor, "disk", MARK_GOOD, text_end(&text), NULL);
}

static void check_port(Doctor *doctor) {
    Error error = {0};
    bool is_free;
    char memory[120];
    Text text = TEXT_IN(memory);
    if (!doctor->settings) return;
    unsigned port = (unsigned)doctor->settings->dashboard.port;
    if (port == 0) {
        add(doctor, "port", MARK_GOOD, "a free one is taken", NULL);
        return;
    }
    if (!ports_free(doctor->settings->dashboard.host, port, &is_free, &error)) {
        add_error(doctor, "port", &error);
        return;
    }
    int holder = doctor->has_state ? state_holder(doctor->state.path) : 0;
    text_format(&text, "%d is %s", (int)port,
                is_free  ? "free"
                : holder ? "in use, an instance is running"
                         : "in use by another program");
    bool good = is_free || holder;
    add(doctor, "port", good ? MARK_GOOD : MARK_WARN, text_end(&text),
        good ? NULL : "stop that program, or set DASHBOARD_PORT");
}

/* ---- the state ----------------------------------------------------------------------------- */

static void check_database(Doctor *doctor) {
    Error error = {0};
    char memory[200], path[600];
    Text text = TEXT_IN(memory);
    snprintf(path, sizeof path, "%s/trader.db", doctor->state.path);
    if (!files_exist(path)) {
        add(doctor, "database", MARK_GOOD, "none yet", NULL);
        return;
    }
    if (!store_check(doctor->state.path, &text, &error)) {
        add_error(doctor, "database", &error);
        return;
    }
    bool sound = text.length == 0;
    if (sound) text_put(&text, "sound (integrity_check)");
    add(doctor, "database", sound ? MARK_GOOD : MARK_BAD, text_end(&text),
        sound ? NULL : "trader db repair makes it again from its sound rows and the journal");
}

/* Reads the whole journal, as a replay would: each record has a checksum, each segment the digest
 * of all before it. */
static void check_journal(Doctor *doctor) {
    char memory[300], words[240];
    Text text = TEXT_IN(memory), finding = TEXT_IN(words);
    uint64_t records = journal_verify(doctor->state.path, NULL, NULL, &finding);
    bool damaged = finding.length > 0;
    number_count(&text, (int64_t)records);
    text_format(&text, " records, %s", damaged ? text_end(&finding) : "all of them sound");
    add(doctor, "journal", damaged ? MARK_BAD : MARK_GOOD, text_end(&text),
        damaged ? "restore the journal from a copy of the state (docs/RECOVERY.md)" : NULL);
}

/* What the running program found when it read all that is older than its last start. */
static void check_verified(Doctor *doctor) {
    Error error = {0};
    char memory[1024], finding[240] = "";
    Store *store = store_open(doctor->state.path, true, &error);
    bool known = store && store_meta(store, "verified", memory, sizeof memory);
    bool damaged = store && store_meta(store, "damage", finding, sizeof finding);
    store_close(store);
    if (damaged && finding[0])
        add(doctor, "damage", MARK_WARN, finding, "found by the last start; see docs/RECOVERY.md");
    if (!known) return;
    JsonReader reader = json_reader(slice_of(memory));
    char time[40] = "", text[420];
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return;
    while (json_next(&reader) == JSON_KEY) {
        Slice key = reader.slice;
        JsonToken token = json_next(&reader);
        if (token != JSON_STRING) continue;
        if (slice_is(key, "time") && !json_unescape(&reader, time, sizeof time)) return;
        if (slice_is(key, "finding") && !json_unescape(&reader, finding, sizeof finding)) return;
    }
    bool sound = strstr(memory, "\"finding\":null") != NULL;
    snprintf(text, sizeof text, "%s, read in the background at %s",
             sound ? "all older history is sound" : finding, time);
    add(doctor, "verified", sound ? MARK_GOOD : MARK_BAD, text, sound ? NULL : "trader db check");
}

static void check_world(Doctor *doctor) {
    World world;
    Error error = {0};
    bool found;
    char memory[300];
    Text text = TEXT_IN(memory);
    if (!world_read(doctor->state.path, &world, &found, &error)) {
        add_error(doctor, "state", &error);
        return;
    }
    int holder = state_holder(doctor->state.path);
    text_format(&text, "%s, %s, %s", doctor->state.path, found ? world.kind : "of no world yet",
                holder           ? "running"
                : world.finished ? "finished"
                                 : "not running");
    add(doctor, "state", MARK_GOOD, text_end(&text), NULL);
}

static int64_t age_seconds(const char *path) {
    struct statx status;
    int code = statx(AT_FDCWD, path, 0, STATX_BTIME, &status);
    if (code != 0 || !(status.stx_mask & STATX_BTIME)) return 0;
    return (int64_t)time(NULL) - status.stx_btime.tv_sec;
}

/* What the state has taken since it began, spread over its life, against what is free. */
static void check_growth(Doctor *doctor) {
    static const char *const parts[] = {"trader.db", "journal", "logs"};
    char memory[200], path[600];
    Text text = TEXT_IN(memory);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", doctor->state.path, parts[i]);
        if (!files_exist(path)) continue;
        text_format(&text, "%s%s ", text.length ? ", " : "", parts[i]);
        number_bytes(&text, files_used_bytes(path));
    }
    if (!text.length) text_put(&text, "nothing yet");
    int64_t age = age_seconds(doctor->state.path), used = files_used_bytes(doctor->state.path);
    int64_t room = files_free_bytes(doctor->state.path) - FREE_LOWEST;
    if (age < GROWTH_SECONDS || used <= 0 || room <= 0) {
        add(doctor, "growth", MARK_GOOD, text_end(&text), NULL);
        return;
    }
    double days = (double)room / ((double)used / (double)age) / 86400;
    text_put(&text, "; at this pace ");
    number_fixed(&text, days, 0, false);
    text_put(&text, " days left");
    add(doctor, "growth", days < 30 ? MARK_WARN : MARK_GOOD, text_end(&text),
        days < 30 ? "lower journal.journal_keep_days, or free some space" : NULL);
}

static void check_candles(Doctor *doctor) {
    static const char *const place = "data/candles";
    char memory[120];
    Text text = TEXT_IN(memory);
    if (!files_is_directory(place)) {
        add(doctor, "data", MARK_GOOD, "no candles stored in ./data/candles", NULL);
        return;
    }
    text_put(&text, "./data/candles ");
    number_bytes(&text, files_used_bytes(place));
    add(doctor, "data", MARK_GOOD, text_end(&text), NULL);
}

/* ---- telling ------------------------------------------------------------------------------- */

static unsigned count_of(const Doctor *doctor, Mark mark) {
    unsigned count = 0;
    for (unsigned i = 0; i < doctor->count; i++)
        count += doctor->findings[i].mark == mark;
    return count;
}

static void print_json(const Doctor *doctor) {
    static const char *const levels[] = {"ok", "warning", "error"};
    static char memory[65536]; /* 16 findings of at most 520 bytes, escaped to six each */
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "errors");
    json_int(&writer, count_of(doctor, MARK_BAD));
    json_key(&writer, "warnings");
    json_int(&writer, count_of(doctor, MARK_WARN));
    json_key(&writer, "checks");
    json_array_begin(&writer);
    for (unsigned i = 0; i < doctor->count; i++) {
        const Finding *finding = &doctor->findings[i];
        json_object_begin(&writer);
        json_key(&writer, "name");
        json_string(&writer, finding->name);
        json_key(&writer, "level");
        json_string(&writer, levels[finding->mark]);
        json_key(&writer, "text");
        json_string(&writer, finding->text);
        json_key(&writer, "fix");
        if (finding->fix[0])
            json_string(&writer, finding->fix);
        else
            json_null(&writer);
        json_object_end(&writer);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    puts(text_end(&text));
}

static void print_screen(const Doctor *doctor) {
    bool color = call_color(doctor->call);
    for (unsigned i = 0; i < doctor->count; i++) {
        const Finding *finding = &doctor->findings[i];
        paint_mark(stdout, finding->mark, color);
        printf(" %-9s %s\n", finding->name, finding->text);
        if (finding->fix[0]) printf("%12sfix: %s\n", "", finding->fix);
    }
    unsigned errors = count_of(doctor, MARK_BAD), warnings = count_of(doctor, MARK_WARN);
    if (errors + warnings)
        printf("%u error%s, %u warning%s\n", errors, errors == 1 ? "" : "s", warnings,
               warnings == 1 ? "" : "s");
    else
        puts("all is well");
}

static int run(CommandCall *call, Error *error) {
    static Doctor doctor;
    Error ignored;
    doctor.call = call;
    doctor.has_state =
        state_find(call_state(call), &doctor.state, call_state(call) ? error : &ignored);
    if (!doctor.has_state && call_state(call)) return error_exit_code(error->code);
    check_binary(&doctor);
    check_config(&doctor);
    check_dotenv(&doctor);
    check_disk(&doctor);
    check_port(&doctor);
    if (doctor.has_state) {
        check_world(&doctor);
        check_database(&doctor);
        check_journal(&doctor);
        check_verified(&doctor);
        check_growth(&doctor);
    }
    check_candles(&doctor);
    if (call_json(call))
        print_json(&doctor);
    else
        print_screen(&doctor);
    bool found = count_of(&doctor, MARK_BAD) + count_of(&doctor, MARK_WARN) > 0;
    return found ? error_exit_code(ERROR_FINDINGS) : 0;
}

const Command command_doctor = {
    .name = "doctor",
    .group = "set up",
    .sentence = "Check the program, its settings, the machine and the state.",
    .examples = {"trader doctor", "trader doctor --state state/demo --json"},
    .run = run,
};
