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
#include <sys/mman.h>
#include <sys/sendfile.h>

#define CASES_PRESET 1000
#define FILES_MAX    96
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

typedef struct Score {
    unsigned counts[KINDS][HARM_COUNT][BECAME_COUNT];
    unsigned done;
} Score;

typedef struct Original {
    char path[STAGE_PATH], old[STAGE_PATH];
    char files[FILES_MAX][STAGE_PATH];
    unsigned count;
    Truth truth;
} Original;

static Original originals[2];
static Score *score; /* shared with the child that does the work */
static char work[STAGE_PATH];

/* ---- files --------------------------------------------------------------------------------- */

static int kind_of(const char *file) {
    for (unsigned i = 0; i < KINDS; i++)
        if (strstr(file, kinds[i].part)) return (int)i;
    return -1;
}

static void list_files(Original *original, const char *below) {
    char path[2 * STAGE_PATH];
    snprintf(path, sizeof path, "%s%s", original->path, below);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char name[STAGE_PATH];
        if (entry->d_name[0] == '.') continue;
        snprintf(name, sizeof name, "%.80s/%.80s", below, entry->d_name);
        if (entry->d_type == DT_DIR)
            list_files(original, name);
        else if (kind_of(name) >= 0 && original->count < FILES_MAX)
            strcpy(original->files[original->count++], name);
    }
    closedir(directory);
}

static void copy_file(const char *from, const char *to) {
    struct stat about;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0 && fstat(in, &about) == 0);
    for (off_t at = 0; at < about.st_size;)
        assert_true(sendfile(out, in, &at, (size_t)(about.st_size - at)) > 0);
    close(in);
    close(out);
}

static void empty(const char *path) {
    DIR *directory = opendir(path);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char name[2 * STAGE_PATH];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(name, sizeof name, "%.190s/%.190s", path, entry->d_name);
        if (unlink(name) != 0) empty(name);
    }
    closedir(directory);
    rmdir(path);
}

static void fresh_copy(const Original *original) {
    char path[2 * STAGE_PATH], from[2 * STAGE_PATH];
    empty(work);
    snprintf(path, sizeof path, "%s/journal", work);
    assert_true(mkdir(work, 0700) == 0 && mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/results", work);
    assert_int_equal(mkdir(path, 0700), 0);
    for (unsigned i = 0; i < original->count; i++) {
        snprintf(from, sizeof from, "%s%s", original->path, original->files[i]);
        snprintf(path, sizeof path, "%s%s", work, original->files[i]);
        copy_file(from, path);
    }
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
        copy_file(old, path);
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
static void run_cases(unsigned from, unsigned to, uint64_t seed, FILE *out) {
    for (unsigned number = from; number < to; number++) {
        Random random = random_stream(seed, number);
        Case drawn = draw(&random);
        fresh_copy(&originals[drawn.state]);
        do_harm(&drawn, &random);
        assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
        lseek(STDERR_FILENO, 0, SEEK_SET);
        score->done = number;
        Truth truth = stage_recover(work);
        bool told = truth.told || lseek(STDERR_FILENO, 0, SEEK_END) > 0;
        Became became = judge(&drawn, &truth, told);
        score->counts[drawn.kind][drawn.harm][became]++;
        if (became == BECAME_SILENT) tell_silent(out, number, &drawn, &truth);
    }
}

static bool run_apart(unsigned from, unsigned to, uint64_t seed) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        FILE *out = fdopen(dup(STDOUT_FILENO), "w");
        char lines[2 * STAGE_PATH];
        snprintf(lines, sizeof lines, "%s/lines", stage_root);
        if (!freopen(lines, "w+", stderr)) _exit(2);
        setvbuf(stderr, NULL, _IONBF, 0);
        run_cases(from, to, seed, out);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    print_error("case %u of seed %llu ended the program (status %d)\n", score->done,
                (unsigned long long)seed, status);
    return false;
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
        list_files(original, "");
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
        fresh_copy(&originals[i]);
        originals[i].truth = stage_recover(work);
        const Truth *truth = &originals[i].truth;
        if (truth->said[0]) fail_msg("%s", truth->said);
        assert_true(truth->opened && truth->unclean == (i == 1));
        print_message("%s: %d files, %d orders, %d fills, %d trades\n", i ? "killed" : "closed",
                      (int)originals[i].count, (int)truth->tally.orders, (int)truth->tally.fills,
                      (int)truth->tally.trades);
        assert_true(truth->tally.fills >= 2 && truth->tally.trades >= 1);
        fresh_copy(&originals[i]);
        Truth again = stage_recover(work);
        assert_true(stage_equal(truth, &again));
    }
}

static void test_no_damage_is_silent(void **state) {
    (void)state;
    unsigned cases = (unsigned)number_of("DAMAGE", CASES_PRESET);
    uint64_t seed = number_of("SEED", 1);
    bool whole = true;
    for (unsigned from = (unsigned)number_of("FROM", 0); from < cases; from += 500)
        whole = run_apart(from, from + 500 < cases ? from + 500 : cases, seed) && whole;
    unsigned silent = print_table();
    print_message("damage: %u cases of seed %llu, %u silent\n", cases, (unsigned long long)seed,
                  silent);
    assert_true(whole);
    assert_int_equal(silent, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sound_states_are_sound),
                                       cmocka_unit_test(test_no_damage_is_silent)};
    return cmocka_run_group_tests(tests, make_states, remove_states);
}
