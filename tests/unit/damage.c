/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What survives, damaged: a file of a state is flipped in one bit, cut, blanked, taken away or
 * swapped for an older copy, and the state is recovered as a live world. Each damage must be told
 * (by an error or a line: "told"; "same" where the truth is whole all the same, because another
 * copy or the journal had it) or harmless (the truth is the same and nothing was said); none may be
 * silent.
 *
 *   DAMAGE=100000 SEED=1 build/tests/unit/damage      (make damage N=100000)
 *
 * Prints a table: kind of file and of damage against what became of it.
 */
#include "damage_stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#define CASES_PRESET 1000
#define BATCH        500 /* cases of a child: what one leaks or breaks ends with it */
#define JOBS_MAX     32
#define PAGE         4096
#define HEAD_BYTES   256 /* headers, schemas and roots stand there: worth more than their share */

typedef enum Harm { HARM_FLIP, HARM_CUT, HARM_BLANK, HARM_GONE, HARM_OLDER, HARM_COUNT } Harm;
typedef enum Became {
    BECAME_TOLD,
    BECAME_SAME,
    BECAME_HARMLESS,
    BECAME_SILENT,
    BECAME_COUNT
} Became;

static const char *const harm_names[] = {"bit flipped", "cut", "page blanked", "gone",
                                         "older copy"};
static const char *const became_names[] = {"told", "same", "harmless", "SILENT"};

/* By name; the first that fits. */
static const struct {
    const char *part, *name;
} kinds[] = {{".seg.gz", "journal, compressed"},
             {".seg", "journal"},
             {"snapshot.", "snapshot"},
             {"trader.db-wal", "database, log"},
             {"trader.db-shm", "database, index"},
             {"trader.db", "database"},
             {"world.json", "world"},
             {"control", "control"},
             {"run.json", "result"}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

typedef struct Case {
    unsigned state; /* of the two */
    unsigned kind;
    Harm harm;
    char file[STAGE_PATH];
    bool newest_segment;
    int64_t at;
} Case;

/* A child that works on a batch. */
typedef struct Job {
    pid_t pid;
    unsigned from, at;
} Job;

typedef struct Score {
    unsigned counts[KINDS][HARM_COUNT][BECAME_COUNT];
    Job jobs[JOBS_MAX];
} Score;

static Original originals[2];
static Score *score; /* shared with the children that do the work */

/* ---- files --------------------------------------------------------------------------------- */

static int kind_of(const char *file) {
    for (unsigned i = 0; i < KINDS; i++)
        if (strstr(file, kinds[i].part)) return (int)i;
    return -1;
}

/* ---- harm ---------------------------------------------------------------------------------- */

static bool is_newest_segment(const Original *original, const char *file) {
    if (!strstr(file, ".seg")) return false;
    for (unsigned i = 0; i < original->count; i++)
        if (strstr(original->files[i], ".seg") && strcmp(original->files[i], file) > 0)
            return false;
    return true;
}

static Case draw(Random *random) {
    Case drawn = {.state = random_below(random, 2)};
    const Original *original = &originals[drawn.state];
    unsigned kind, file, chance = random_below(random, 100);
    do { /* each kind as often, then a file of it */
        kind = random_below(random, KINDS);
        file = random_below(random, original->count);
        for (unsigned i = 0; i < original->count && kind_of(original->files[file]) != (int)kind;
             i++)
            file = (file + 1) % original->count;
    } while (kind_of(original->files[file]) != (int)kind);
    drawn.kind = kind;
    strcpy(drawn.file, original->files[file]);
    drawn.newest_segment = is_newest_segment(original, drawn.file);
    drawn.harm = chance < 70   ? HARM_FLIP
                 : chance < 84 ? HARM_CUT
                 : chance < 92 ? HARM_BLANK
                 : chance < 94 ? HARM_GONE
                               : HARM_OLDER;
    return drawn;
}

static void harm_bytes(Case *drawn, const char *path, Random *random) {
    struct stat about;
    uint8_t page[PAGE] = {0};
    int file = open(path, O_RDWR);
    assert_true(file >= 0 && fstat(file, &about) == 0);
    if (about.st_size == 0) {
        close(file);
        return;
    }
    bool head = random_below(random, 5) == 0 && about.st_size > HEAD_BYTES;
    drawn->at = random_below(random, head ? HEAD_BYTES : (uint32_t)about.st_size);
    if (drawn->harm == HARM_CUT) {
        assert_int_equal(ftruncate(file, drawn->at), 0);
    } else if (drawn->harm == HARM_BLANK) {
        off_t from = drawn->at / PAGE * PAGE;
        size_t count = about.st_size - from < PAGE ? (size_t)(about.st_size - from) : PAGE;
        assert_int_equal(pwrite(file, page, count, from), count);
    } else {
        assert_int_equal(pread(file, page, 1, drawn->at), 1);
        page[0] ^= (uint8_t)(1u << random_below(random, 8));
        assert_int_equal(pwrite(file, page, 1, drawn->at), 1);
    }
    close(file);
}

static void do_harm(Case *drawn, Random *random) {
    char path[2 * STAGE_PATH], old[2 * STAGE_PATH];
    snprintf(path, sizeof path, "%s%s", work, drawn->file);
    snprintf(old, sizeof old, "%s%s", originals[drawn->state].old, drawn->file);
    if (drawn->harm == HARM_GONE)
        unlink(path);
    else if (drawn->harm == HARM_OLDER && access(old, R_OK) == 0)
        stage_copy_file(old, path);
    else if (drawn->harm == HARM_OLDER)
        unlink(path); /* there was none then */
    else
        harm_bytes(drawn, path, random);
}

/* ---- judgement ----------------------------------------------------------------------------- */

/* A journal that is shorter by what came in after the last look of database and snapshot is the
 * journal of a program that was killed a moment sooner; that it was killed is said. */
static bool is_killed_sooner(const Case *drawn, const Truth *truth, const Truth *wanted) {
    return drawn->newest_segment && drawn->harm != HARM_FLIP && truth->unclean &&
           truth->sequence <= wanted->sequence;
}

static Became judge(const Case *drawn, const Truth *truth, bool told) {
    const Truth *wanted = &originals[drawn->state].truth;
    if (stage_equal(truth, wanted)) return told ? BECAME_SAME : BECAME_HARMLESS;
    if (told || is_killed_sooner(drawn, truth, wanted)) return BECAME_TOLD;
    return BECAME_SILENT;
}

static void tell_silent(FILE *out, unsigned number, const Case *drawn, const Truth *truth) {
    const Truth *wanted = &originals[drawn->state].truth;
    fprintf(out, "SILENT: case %u, state %u, %s at %lld of %s:%s%s%s%s%s\n", number, drawn->state,
            harm_names[drawn->harm], (long long)drawn->at, drawn->file,
            truth->opened ? "" : " not opened", strcmp(truth->hash, wanted->hash) ? " hash" : "",
            truth->kernel != wanted->kernel ? " kernel" : "",
            truth->rows != wanted->rows ? " rows" : "",
            truth->files != wanted->files ? " files" : "");
    fflush(out);
}

/* What is written to standard error meanwhile is the telling. */
static void run_cases(Job *job, unsigned to, uint64_t seed, FILE *out) {
    for (unsigned number = job->from; number < to; number++) {
        Random random = random_stream(seed, number);
        Case drawn = draw(&random);
        stage_copy(&originals[drawn.state]);
        do_harm(&drawn, &random);
        assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
        lseek(STDERR_FILENO, 0, SEEK_SET);
        job->at = number;
        Truth truth = stage_recover(work);
        bool told = truth.told || lseek(STDERR_FILENO, 0, SEEK_END) > 0;
        Became became = judge(&drawn, &truth, told);
        __atomic_fetch_add(&score->counts[drawn.kind][drawn.harm][became], 1, __ATOMIC_RELAXED);
        if (became == BECAME_SILENT) tell_silent(out, number, &drawn, &truth);
    }
}

static void lines_of(const Job *job, char path[static 2 * STAGE_PATH]) {
    snprintf(path, 2 * STAGE_PATH, "%s/lines-%u", stage_root, job->from);
}

/* A copy and a standard error of its own, so that several can work at once. A signal ends it as it
 * would end the program. */
static void start_apart(Job *job, unsigned to, uint64_t seed) {
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        FILE *out = fdopen(dup(STDOUT_FILENO), "w");
        char lines[2 * STAGE_PATH];
        signal(SIGSEGV, SIG_DFL);
        signal(SIGABRT, SIG_DFL);
        snprintf(work, sizeof work, "%s/work-%u", stage_root, job->from);
        lines_of(job, lines);
        if (!out || !freopen(lines, "w+", stderr)) _exit(2);
        setvbuf(stderr, NULL, _IONBF, 0);
        run_cases(job, to, seed, out);
        stage_empty(work);
        unlink(lines);
        _exit(0);
    }
    job->pid = child;
}

/* Waits for the one that ends first; its place is free then. */
static bool end_apart(uint64_t seed) {
    char lines[2 * STAGE_PATH];
    int status;
    pid_t ended = wait(&status);
    Job *job = score->jobs;
    while (job < score->jobs + JOBS_MAX && job->pid != ended)
        job++;
    assert_true(ended > 0 && job < score->jobs + JOBS_MAX);
    job->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    print_error("case %u of seed %llu ended the program (status %d)\n", job->at,
                (unsigned long long)seed, status);
    lines_of(job, lines);
    stage_shell("sed 's/^/    /' '%s' >&2%s", lines, "");
    return false;
}

static Job *free_job(void) {
    Job *job = score->jobs;
    while (job->pid != 0)
        job++;
    return job;
}

static unsigned print_table(void) {
    unsigned silent = 0;
    print_message("%-22s %-14s %8s %8s %8s %8s\n", "file", "damage", became_names[0],
                  became_names[1], became_names[2], became_names[3]);
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned harm = 0; harm < HARM_COUNT; harm++) {
            const unsigned *counts = score->counts[kind][harm];
            if (counts[0] + counts[1] + counts[2] + counts[3] == 0) continue;
            print_message("%-22s %-14s %8u %8u %8u %8u\n", kinds[kind].name, harm_names[harm],
                          counts[0], counts[1], counts[2], counts[3]);
            silent += counts[BECAME_SILENT];
        }
    return silent;
}

/* ---- tests --------------------------------------------------------------------------------- */

static uint64_t number_of(const char *name, uint64_t preset) {
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : preset;
}

/* Other cases at each commit, the same ones at the same commit. */
static uint64_t seed_of_commit(void) {
    char digits[8] = "";
    FILE *git = popen("git rev-parse HEAD 2>/dev/null", "r");
    if (!git) return 1;
    bool read = fgets(digits, 5, git) != NULL;
    pclose(git);
    return read ? strtoull(digits, NULL, 16) : 1;
}

static int make_states(void **state) {
    (void)state;
    stage_begin();
    for (unsigned i = 0; i < 2; i++) {
        Original *original = &originals[i];
        snprintf(original->path, sizeof original->path, "%s/%s", stage_root,
                 i ? "killed" : "closed");
        snprintf(original->old, sizeof original->old, "%s/%s-old", stage_root,
                 i ? "killed" : "closed");
        stage_make(original->path, original->old, i == 1);
        stage_list(original, "");
        assert_true(original->count > 8);
    }
    snprintf(work, sizeof work, "%s/work", stage_root);
    score = mmap(NULL, sizeof *score, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return score == MAP_FAILED;
}

static int remove_states(void **state) {
    (void)state;
    stage_end();
    return 0;
}

/* Recovered twice as it is, a state is the same, and nothing is said about damage. */
static void test_sound_states_are_sound(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        stage_copy(&originals[i]);
        originals[i].truth = stage_recover(work);
        const Truth *truth = &originals[i].truth;
        if (truth->said[0]) fail_msg("%s", truth->said);
        assert_true(truth->opened && truth->unclean == (i == 1));
        print_message("%s: %d files, %d orders, %d fills, %d trades\n", i ? "killed" : "closed",
                      (int)originals[i].count, (int)truth->tally.orders, (int)truth->tally.fills,
                      (int)truth->tally.trades);
        assert_true(truth->tally.fills >= 2 && truth->tally.trades >= 1);
        stage_copy(&originals[i]);
        Truth again = stage_recover(work);
        assert_true(stage_equal(truth, &again));
    }
}

/* What the verification in the background finds stops entries until the operator has looked. */
static void test_a_finding_stops_entries(void **state) {
    (void)state;
    char path[2 * STAGE_PATH];
    uint8_t byte = 0;
    bool found;
    Error error = {.code = ERROR_NONE};
    Control control = {.level = KILL_NONE, .by = "test", .reason = "resume"};
    stage_copy(&originals[0]);
    assert_true(control_write(work, &control, &error));
    snprintf(path, sizeof path, "%s/journal/00000001.seg.gz", work);
    int file = open(path, O_RDWR);
    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, 3000), 1);
    byte ^= 1;
    assert_int_equal(pwrite(file, &byte, 1, 3000), 1);
    close(file);
    Truth truth = stage_recover(work);
    assert_true(truth.opened);
    assert_non_null(strstr(truth.said, "journal file 1 is damaged"));
    assert_true(control_read(work, &control, &found, &error) && found);
    assert_int_equal(control.level, KILL_PAUSE);
    assert_string_equal(control.by, "storage");
    assert_non_null(strstr(control.reason, "journal file 1 is damaged"));
}

/* As when the verification ends while the engine closes: its verdict is a row after the last
 * flush, and a row goes to the database behind the journal. */
static void test_rows_that_wait_at_the_end(void **state) {
    (void)state;
    char word[20];
    Settings settings = stage_settings();
    EnginePlan plan = stage_plan(&settings, work, stage_market(true));
    Error error = {.code = ERROR_NONE};
    stage_copy(&originals[0]);
    Engine *engine = engine_open(&plan, NULL, &error);
    assert_non_null(engine);
    assert_true(journal_note(engine->journal, kernel_time(engine->kernel), "{}", &error));
    assert_true(store_put_meta(engine->store, "late", "a word", &error));
    engine->failed = true; /* closed as it stands */
    assert_true(engine_close(engine, &error));
    plan.feed->close(plan.feed);
    Store *store = store_open(work, true, &error);
    assert_non_null(store);
    assert_true(store_meta(store, "late", word, sizeof word));
    assert_string_equal(word, "a word");
    store_close(store);
}

static void test_no_damage_is_silent(void **state) {
    (void)state;
    unsigned cases = (unsigned)number_of("DAMAGE", CASES_PRESET);
    uint64_t seed = number_of("SEED", seed_of_commit());
    unsigned jobs = (unsigned)number_of("JOBS", 1), running = 0;
    bool whole = true;
    assert_in_range(jobs, 1, JOBS_MAX);
    for (unsigned from = (unsigned)number_of("FROM", 0); from < cases; from += BATCH) {
        if (running == jobs) whole = end_apart(seed) && whole, running--;
        Job *job = free_job();
        job->from = job->at = from;
        start_apart(job, from + BATCH < cases ? from + BATCH : cases, seed);
        running++;
    }
    for (; running > 0; running--)
        whole = end_apart(seed) && whole;
    unsigned silent = print_table();
    print_message("damage: %u cases of seed %llu, %u silent\n", cases, (unsigned long long)seed,
                  silent);
    assert_true(whole);
    assert_int_equal(silent, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sound_states_are_sound),
                                       cmocka_unit_test(test_a_finding_stops_entries),
                                       cmocka_unit_test(test_rows_that_wait_at_the_end),
                                       cmocka_unit_test(test_no_damage_is_silent)};
    return cmocka_run_group_tests(tests, make_states, remove_states);
}
