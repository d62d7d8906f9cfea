/* SPDX-License-Identifier: Apache-2.0 */
/* State directories: one instance at a time, which world, which one is meant, the operator's word.
 */
#include "unit.h"

#include "temporary.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <utime.h>

#include "shell/store/state_dir.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

static Error error;

static StateDir made(const char *path) {
    StateDir state;
    assert_true(state_dir_create(&state, path, &error));
    return state;
}

static void world_at(const char *path, const char *kind, time_t changed) {
    World world = {.finished = false};
    char name[600];
    strcpy(world.kind, kind);
    made(path);
    assert_true(world_write(path, &world, &error));
    snprintf(name, sizeof name, "%s/world.json", path);
    const struct utimbuf times = {changed, changed};
    assert_int_equal(utime(name, &times), 0);
}

static void parents_are_made(void **state) {
    (void)state;
    StateDir one = made("a/b/c"), again = made("a/b/c");
    assert_string_equal(one.path, "a/b/c");
    assert_int_equal(again.lock_descriptor, -1);
    temporary_write("a/file", "x");
    assert_false(state_dir_create(&one, "a/file/d", &error));
    assert_int_equal(error.code, ERROR_IO);
}

static void a_second_instance_is_refused(void **state) {
    (void)state;
    StateDir first = made("s"), second = made("s");
    char wanted[80];
    assert_int_equal(state_holder("s"), 0);
    assert_true(state_lock(&first, &error));
    assert_int_equal(state_holder("s"), getpid());
    assert_false(state_lock(&second, &error));
    assert_int_equal(error.code, ERROR_STATE);
    snprintf(wanted, sizeof wanted, "the state is in use by the instance with pid %d", getpid());
    assert_string_equal(error.message, wanted);
    assert_string_equal(error.where, "s");
    state_unlock(&first);
    assert_int_equal(state_holder("s"), 0);
    assert_true(state_lock(&second, &error));
    state_unlock(&second);
}

static void a_killed_holder_leaves_the_lock_free(void **state) {
    (void)state;
    StateDir here = made("s");
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        if (state_lock(&here, NULL) && write(told[1], "x", 1) == 1) pause();
        _exit(1);
    }
    char byte;
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_int_equal(state_holder("s"), child);
    assert_false(state_lock(&here, &error));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(state_holder("s"), 0);
    assert_true(state_lock(&here, &error));
    state_unlock(&here);
}

static void a_world_reads_back(void **state) {
    (void)state;
    World world = {.kind = "replay",
                   .description = "replay of \"x\"\\y",
                   .finished = true,
                   .version = "0.1.0"},
          read;
    bool found = true;
    memset(world.fingerprint, 'a', 64);
    made("s");
    assert_true(world_read("s", &read, &found, &error));
    assert_false(found);
    assert_true(world_write("s", &world, &error));
    assert_true(world_read("s", &read, &found, &error));
    assert_true(found);
    assert_string_equal(read.kind, world.kind);
    assert_string_equal(read.fingerprint, world.fingerprint);
    assert_string_equal(read.description, world.description);
    assert_string_equal(read.version, world.version);
    assert_true(read.finished);
    static const char *const broken[] = {"",
                                         "{",
                                         "[]",
                                         "{\"kind\":1}",
                                         "{\"kind\":\"\"}",
                                         "{\"kind\":\"demo\"} x",
                                         "{\"finished\":\"yes\"}"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        unlink("s/world.json.copy"); /* else it would be made again from there */
        temporary_write("s/world.json", broken[i]);
        assert_false(world_read("s", &read, &found, &error));
        assert_int_equal(error.code, ERROR_STATE);
        assert_string_equal(error.where, "s/world.json");
    }
}

static void the_running_state_is_meant_else_the_newest(void **state) {
    (void)state;
    StateDir found;
    assert_false(state_find(NULL, &found, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_true(error.hint[0]);
    world_at("state/demo", "demo", 1000);
    world_at("state/runs/r1", "replay", 3000);
    world_at("state/runs/r2", "replay", 2000);
    made("state/empty");
    assert_true(state_find(NULL, &found, &error));
    assert_string_equal(found.path, "state/runs/r1");
    StateDir demo = made("state/demo");
    assert_true(state_lock(&demo, &error));
    assert_true(state_find(NULL, &found, &error));
    assert_string_equal(found.path, "state/demo");
    state_unlock(&demo);
    assert_true(state_find("state/runs/r2", &found, &error));
    assert_string_equal(found.path, "state/runs/r2");
    assert_false(state_find("state/none", &found, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_string_equal(error.where, "state/none");
}

static volatile sig_atomic_t signals;

static void count_signal(int number) {
    (void)number;
    signals++;
}

static void the_word_is_written_and_the_holder_told(void **state) {
    (void)state;
    Control control = {.level = KILL_FLATTEN, .by = "cli", .reason = "a \"reason\""}, read;
    StateDir here = made("s");
    bool found;
    signal(SIGUSR2, count_signal);
    assert_true(control_read("s", &read, &found, &error));
    assert_false(found);
    assert_true(control_write("s", &control, &error));
    assert_int_equal(signals, 0);
    assert_true(control_read("s", &read, &found, &error));
    assert_true(found);
    assert_int_equal(read.level, KILL_FLATTEN);
    assert_string_equal(read.by, "cli");
    assert_string_equal(read.reason, "a \"reason\"");
    assert_true(state_lock(&here, &error));
    assert_true(control_write("s", &control, &error));
    assert_int_equal(signals, 1);
    state_unlock(&here);
    temporary_write("s/control", "{\"level\":\"maybe\",\"by\":\"x\",\"reason\":\"\"}");
    assert_false(control_read("s", &read, &found, &error));
    assert_string_equal(error.where, "s/control");
}

int main(void) {
#define PLACED(name) cmocka_unit_test_setup_teardown(name, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        PLACED(parents_are_made),
        PLACED(a_second_instance_is_refused),
        PLACED(a_killed_holder_leaves_the_lock_free),
        PLACED(a_world_reads_back),
        PLACED(the_running_state_is_meant_else_the_newest),
        PLACED(the_word_is_written_and_the_holder_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
