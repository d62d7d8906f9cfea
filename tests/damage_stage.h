/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage of the damage tests: small states with orders, positions and trades, made from a seed
 * by the program's own engine (one closed properly, one killed, and an older copy of each); a state
 * recovered as a live world would be, in this process; and the truth of it: what it knows about
 * account, orders, positions, fills, postings, kill level and history. Directories stand in memory
 * (/dev/shm) where there is one. The caller removes what it made.
 */
#ifndef TESTS_DAMAGE_STAGE_H
#define TESTS_DAMAGE_STAGE_H

#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/base/random.h"
#include "shell/drivers/engine_parts.h"
#include "shell/store/sealed_file.h"
#include "shell/store/state_dir.h"
#include "shell/sys/files.h"

#define STAGE_SEED  42 /* trades once and ends with an open position */
#define STAGE_ROWS  (8u << 20)
#define STAGE_PATH  200
#define STAGE_WHOLE 9000 /* messages of the life of a state */

static char stage_root[64];
static pid_t stage_owner; /* a child that fails takes nothing away from the others */

static inline void stage_begin(void) {
    stage_owner = getpid();
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(stage_root, sizeof stage_root, "%s/trader-damage-XXXXXX", memory);
    assert_non_null(mkdtemp(stage_root));
}

static inline void stage_shell(const char *format, const char *a, const char *b) {
    char command[600];
    snprintf(command, sizeof command, format, a, b);
    assert_int_equal(system(command), 0);
}

static inline void stage_end(void) {
    if (getpid() != stage_owner) return;
    stage_shell("rm -rf '%s'%s", stage_root, "");
}

static inline Settings stage_settings(void) {
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC");
    settings.journal.snapshot_records = 800;
    settings.journal.segment_bytes = 65536;
    return settings;
}

static inline Feed *stage_market(bool live) {
    static const SymbolName symbols[] = {{"BTCUSDC"}};
    FeedGeneratedPlan plan = {.seed = STAGE_SEED,
                              .days = 1,
                              .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                              .symbols = symbols,
                              .symbol_count = 1};
    Error error;
    Feed *feed = feed_generated_open(&plan, &error);
    assert_non_null(feed);
    feed->is_virtual = !live; /* what a live market said is said once: nothing lost is made again */
    return feed;
}

static inline EnginePlan stage_plan(const Settings *settings, const char *state, Feed *feed) {
    return (EnginePlan){.settings = settings,
                        .state_directory = state,
                        .log_directory = state,
                        .mode = "PAPER",
                        .world = "test",
                        .feed = feed,
                        .endless = true,
                        .opening = money_of((__int128)10000 * DECIMAL_SCALE)};
}

/* ---- making states ------------------------------------------------------------------------- */

typedef struct StageLife {
    uint64_t stop_after, kill_after, seen;
    Engine *engine;
} StageLife;

static inline void stage_watch(void *context, const Message *message) {
    StageLife *life = context;
    (void)message;
    life->seen++;
    if (life->seen == life->stop_after) engine_stop();
    if (life->seen == life->kill_after) _exit(9);
    /* As on a live market, the database is never far behind. */
    Error error;
    if (life->seen % 350 == 0) assert_true(engine_write_out(life->engine, false, &error));
}

static inline void stage_files(const char *state, KillLevel level) {
    char path[STAGE_PATH];
    Error error;
    const World world = {.kind = "paper-binance", .description = "a test", .version = "1"};
    const Control control = {.level = level, .by = "test", .reason = "a word"};
    assert_true(world_write(state, &world, &error));
    assert_true(control_write(state, &control, &error));
    snprintf(path, sizeof path, "%s/results", state);
    assert_true(files_make_directory(path, &error));
    snprintf(path, sizeof path, "%.180s/results/run.json", state);
    assert_true(sealed_write(path, "{\"bars\":2880,\"equity\":10001}\n", 0600, &error));
}

/* In a child of its own: a kill ends it, and engine_stop sets a flag for its life. */
static inline void stage_live(const char *state, uint64_t stop_after, uint64_t kill_after) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        Settings settings = stage_settings();
        StageLife life = {.stop_after = stop_after, .kill_after = kill_after};
        EnginePlan plan = stage_plan(&settings, state, stage_market(false));
        Error error;
        plan.watch = stage_watch;
        plan.watch_context = &life;
        life.engine = engine_open(&plan, NULL, &error);
        if (!life.engine || engine_run(life.engine, &error) == ENGINE_FAILED) _exit(1);
        _exit(engine_close(life.engine, &error) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), kill_after ? 9 : 0);
}

/* STATE as it is, and OLD as it was some time before. */
static inline void stage_make(const char *state, const char *old, bool killed) {
    Error error;
    assert_true(files_make_directory(state, &error));
    stage_live(state, STAGE_WHOLE / 2, 0);
    stage_files(state, KILL_PAUSE);
    assert_true(journal_tidy(state, INSTANT_DAY_US, 0, &error));
    stage_shell("cp -a '%s' '%s'", state, old);
    stage_files(state, KILL_NONE);
    stage_live(state, killed ? 0 : STAGE_WHOLE / 2, killed ? STAGE_WHOLE / 2 - 150 : 0);
    stage_files(state, KILL_STOP);
    assert_true(journal_tidy(state, INSTANT_DAY_US, 0, &error));
}

/* ---- the truth ----------------------------------------------------------------------------- */

typedef struct Truth {
    bool opened;
    char hash[65];
    uint64_t kernel; /* of the whole block of the kernel's state: account, orders, positions... */
    uint64_t rows;   /* of every row that stays */
    uint64_t files;  /* world, control, result as read */
    char said[500];  /* why it did not open, or the first thing that was found */
    bool told;       /* on standard error or as an error */
    bool unclean;    /* the note says that the last run did not end properly */
    uint64_t sequence;
    RunTally tally;
} Truth;

static inline uint64_t stage_rows(const char *state) {
    static char memory[STAGE_ROWS];
    uint64_t digest = 0;
    Error error;
    Store *store = store_open(state, true, &error);
    if (!store) return 0;
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++) {
        if (!(topic_shapes[topic].store == STORE_EACH || topic_shapes[topic].store == STORE_LATEST))
            continue;
        const StoreQuery all = {.limit = INT32_MAX};
        Text text = text_in(memory, sizeof memory);
        JsonWriter writer = json_writer(&text);
        store_write_rows(store, topic, &all, true, &writer);
        assert_false(text.overflow);
        uint64_t parts[2] = {digest, hash64(text.at, text.length)};
        digest = hash64(parts, sizeof parts);
    }
    store_close(store);
    return digest;
}

static inline bool stage_read_files(const char *state, Truth *truth) {
    struct {
        World world;
        Control control;
        char result[200];
    } read;
    char path[2 * STAGE_PATH], *text;
    bool found;
    Error error = {.code = ERROR_NONE};
    memset(&read, 0, sizeof read);
    snprintf(path, sizeof path, "%.180s/results/run.json", state);
    bool sound = world_read(state, &read.world, &found, &error) &&
                 control_read(state, &read.control, &found, &error) &&
                 sealed_read(path, &text, &found, &error);
    if (!sound) {
        snprintf(truth->said, sizeof truth->said, "%s: %s", error.where, error.message);
        return false;
    }
    if (found) snprintf(read.result, sizeof read.result, "%s", text);
    if (found) free(text);
    truth->files = hash64(&read, sizeof read);
    return true;
}

/* Opens the state as a live world, waits for the verification, and reads all. */
static inline Truth stage_recover(const char *state) {
    Truth truth = {.opened = false};
    Settings settings = stage_settings();
    EnginePlan plan = stage_plan(&settings, state, stage_market(true));
    Error error = {.code = ERROR_NONE};
    char memory[300];
    Text note = TEXT_IN(memory);
    Engine *engine = NULL;
    bool sound = stage_read_files(state, &truth);
    if (sound) engine = engine_open(&plan, &note, &error);
    if (sound && !engine)
        snprintf(truth.said, sizeof truth.said, "%s: %s", error.where, error.message);
    truth.told = !engine;
    if (engine) {
        size_t size;
        const void *block = kernel_state(engine->kernel, &size);
        truth.kernel = hash64(block, size);
        truth.opened = true;
        truth.unclean = strstr(text_end(&note), "did not end properly") != NULL;
        truth.tally = *engine_tally(engine);
        truth.sequence = kernel_sequence(engine->kernel);
        engine_journal_hash(engine, truth.hash);
        engine_verify_start(engine);
        engine_verify_settle(engine, true);
        if (engine->damages) snprintf(truth.said, sizeof truth.said, "%s", engine->damage);
        assert_true(engine_write_out(engine, false, &error));
        truth.rows = stage_rows(state);
        engine->failed = true; /* left as it stands */
        assert_true(engine_close(engine, &error));
    }
    plan.feed->close(plan.feed);
    return truth;
}

static inline bool stage_equal(const Truth *a, const Truth *b) {
    return a->opened && b->opened && strcmp(a->hash, b->hash) == 0 && a->kernel == b->kernel &&
           a->rows == b->rows && a->files == b->files;
}

/* ---- copies of it -------------------------------------------------------------------------- */

#define STAGE_FILES 96

typedef struct Original {
    char path[STAGE_PATH], old[STAGE_PATH];
    char files[STAGE_FILES][STAGE_PATH];
    unsigned count;
    Truth truth;
} Original;

static char work[STAGE_PATH]; /* where copies are harmed */

static inline void stage_list(Original *original, const char *below) {
    char path[2 * STAGE_PATH];
    snprintf(path, sizeof path, "%s%s", original->path, below);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char name[STAGE_PATH];
        if (entry->d_name[0] == '.') continue;
        snprintf(name, sizeof name, "%.80s/%.80s", below, entry->d_name);
        if (entry->d_type == DT_DIR)
            stage_list(original, name);
        else if (!strstr(name, ".log") && original->count < STAGE_FILES)
            strcpy(original->files[original->count++], name);
    }
    closedir(directory);
}

static inline void stage_copy_file(const char *from, const char *to) {
    struct stat about;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0 && fstat(in, &about) == 0);
    for (off_t at = 0; at < about.st_size;)
        assert_true(sendfile(out, in, &at, (size_t)(about.st_size - at)) > 0);
    close(in);
    close(out);
}

static inline void stage_empty(const char *path) {
    DIR *directory = opendir(path);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char name[2 * STAGE_PATH];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(name, sizeof name, "%.190s/%.190s", path, entry->d_name);
        if (unlink(name) != 0) stage_empty(name);
    }
    closedir(directory);
    rmdir(path);
}

static inline void stage_copy(const Original *original) {
    char path[2 * STAGE_PATH], from[2 * STAGE_PATH];
    stage_empty(work);
    snprintf(path, sizeof path, "%s/journal", work);
    assert_true(mkdir(work, 0700) == 0 && mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/results", work);
    assert_int_equal(mkdir(path, 0700), 0);
    for (unsigned i = 0; i < original->count; i++) {
        snprintf(from, sizeof from, "%s%s", original->path, original->files[i]);
        snprintf(path, sizeof path, "%s%s", work, original->files[i]);
        stage_copy_file(from, path);
    }
}

#endif
