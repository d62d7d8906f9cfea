/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's words to the kill switch: files, markers and signals, each with the others dead. A
 * limit on the size of files stands for a full disk: both refuse each byte of a write. */
#include "unit.h"

#include "temporary.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "shell/store/state_dir.h"
#include "shell/sys/files.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

static const KillLevel levels[] = {KILL_PAUSE, KILL_STOP, KILL_FLATTEN};
static const char *const names[] = {"s/PAUSE", "s/STOP", "s/FLATTEN"};

static volatile sig_atomic_t heard, heard_level;

static void hear(int number, siginfo_t *about, void *context) {
    (void)number, (void)context;
    heard++;
    heard_level = control_signal_level(about->si_value.sival_int);
}

static int enter(void **state) {
    struct sigaction action = {.sa_sigaction = hear, .sa_flags = SA_SIGINFO};
    StateDir made;
    Error error;
    sigaction(SIGUSR2, &action, NULL);
    signal(SIGXFSZ, SIG_IGN);
    heard = heard_level = 0;
    if (temporary_enter(state) != 0) return -1;
    return state_dir_create(&made, "s", &error) ? 0 : -1;
}

static void disk_is_full(bool full) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = full ? 0 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static KillLevel standing(const char *by) {
    Control control;
    Error error;
    bool found;
    assert_true(control_read("s", &control, &found, &error));
    if (by) assert_string_equal(control.by, by);
    return found ? control.level : KILL_NONE;
}

static Control word(KillLevel level) {
    return (Control){.level = level, .by = "cli", .reason = "a test"};
}

/* touch STATE/STOP is a kill switch; the strongest of several holds. */
static void an_empty_file_is_a_word(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        temporary_write(names[i], "");
        assert_int_equal(standing("file"), levels[i]);
    }
    remove(names[2]);
    assert_int_equal(standing("file"), KILL_STOP);
    temporary_write("s/control", "{broken");
    assert_int_equal(standing("file"), KILL_STOP);
    Control control = word(KILL_FLATTEN);
    Error error;
    assert_true(control_write("s", &control, &error));
    assert_int_equal(standing("cli"), KILL_FLATTEN);
}

/* A written word takes the markers with it, also where it is weaker. */
static void resuming_takes_the_markers_away(void **state) {
    (void)state;
    Error error;
    for (unsigned i = 0; i < 3; i++)
        temporary_write(names[i], "");
    Control control = word(KILL_NONE);
    assert_true(control_write("s", &control, &error));
    assert_int_equal(standing(NULL), KILL_NONE);
    for (unsigned i = 0; i < 3; i++)
        assert_false(files_exist(names[i]));
}

static void each_level_is_kept_on_a_full_disk(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        Control control = word(levels[i]);
        ControlTold told;
        Error error;
        disk_is_full(true);
        bool done = control_tell("s", &control, &told, &error);
        disk_is_full(false);
        assert_true(done);
        assert_true(told.kept);
        assert_int_equal(told.holder, 0);
        assert_int_equal(told.fault.code, ERROR_DISK_FULL);
        assert_int_equal(standing("file"), levels[i]);
    }
}

/* Trading on is a word that has to be written. */
static void nothing_resumes_on_a_full_disk(void **state) {
    (void)state;
    temporary_write("s/STOP", "");
    Control control = word(KILL_NONE);
    ControlTold told;
    Error error;
    disk_is_full(true);
    bool done = control_tell("s", &control, &told, &error);
    disk_is_full(false);
    assert_false(done);
    assert_int_equal(error.code, ERROR_DISK_FULL);
    assert_int_equal(standing("file"), KILL_STOP);
}

/* A directory stands where each file would: neither a word nor a marker can be kept, and the level
 * goes with the signal. */
static void each_level_is_signalled_where_nothing_can_be_kept(void **state) {
    (void)state;
    StateDir holder;
    Error error;
    assert_true(state_dir_create(&holder, "s", &error));
    assert_true(state_lock(&holder, &error));
    mkdir("s/control", 0700);
    temporary_write("s/control/x", "");
    for (unsigned i = 0; i < 3; i++) {
        char inside[16];
        mkdir(names[i], 0700);
        snprintf(inside, sizeof inside, "%s/x", names[i]);
        temporary_write(inside, "");
    }
    for (unsigned i = 0; i < 3; i++) {
        Control control = word(levels[i]);
        ControlTold told;
        heard = 0;
        assert_true(control_tell("s", &control, &told, &error));
        assert_false(told.kept);
        assert_int_equal(told.holder, getpid());
        assert_int_equal(heard, 1);
        assert_int_equal(heard_level, (int)levels[i]);
        assert_false(control_write("s", &control, &error)); /* it was not kept */
    }
    state_unlock(&holder);
    Control control = word(KILL_STOP);
    ControlTold told;
    assert_false(control_tell("s", &control, &told, &error)); /* and nobody is there to hear it */
}

/* With a word in the file the signal only says "look". */
static void a_written_word_is_looked_for(void **state) {
    (void)state;
    StateDir holder;
    Error error;
    Control control = word(KILL_STOP);
    assert_true(state_dir_create(&holder, "s", &error));
    assert_true(state_lock(&holder, &error));
    assert_true(control_write("s", &control, &error));
    assert_int_equal(heard, 1);
    assert_int_equal(heard_level, -1);
    state_unlock(&holder);
}

static void each_word_has_another_stamp(void **state) {
    (void)state;
    uint64_t stamps[40];
    Error error;
    stamps[0] = control_stamp("s");
    for (unsigned i = 1; i < 40; i++) {
        Control control = word(i % 2 ? KILL_PAUSE : KILL_NONE);
        assert_true(control_write("s", &control, &error));
        stamps[i] = control_stamp("s");
        assert_true(stamps[i] != stamps[i - 1]);
    }
    temporary_write("s/STOP", "");
    assert_true(control_stamp("s") != stamps[39]);
    assert_true(control_changed_us("s") > 0);
    assert_int_equal(control_changed_us("nowhere"), 0);
}

static void other_values_are_no_levels(void **state) {
    (void)state;
    static const int values[] = {0, 1, 2, 3, -1, 0x74720000, 0x74720004, 0x74730001, INT32_MAX};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(control_signal_level(values[i]), -1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_file_is_a_word),
        TEST(resuming_takes_the_markers_away),
        TEST(each_level_is_kept_on_a_full_disk),
        TEST(nothing_resumes_on_a_full_disk),
        TEST(each_level_is_signalled_where_nothing_can_be_kept),
        TEST(a_written_word_is_looked_for),
        TEST(each_word_has_another_stamp),
        TEST(other_values_are_no_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
