/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream's thread that hangs is left behind when the program ends. Then nothing is cleared up
 * that it may still use (the TLS library frees its tables at exit), and the exit code stays.
 */
#include "unit.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shell/drivers/binance_socket.h"

#define CODE    7
#define HANGS_S 30 /* longer than close() waits and the test takes */

static int clearing[2]; /* a byte in this pipe: exit cleared up */
static atomic_bool hangs;

static bool hang(void *context) {
    (void)context;
    atomic_store(&hangs, true);
    sleep(HANGS_S);
    return false;
}

static void on_tick(void *context) {
    (void)context;
}

static void clear_up(void) {
    if (write(clearing[1], "x", 1) != 1) _exit(CODE + 2);
}

static void end_beside_a_thread_that_hangs(void) {
    static const BinanceAddress address = {.host = "127.0.0.1", .port = 9};
    const BinanceSocketPlan plan = {.address = &address,
                                    .path = "/stream",
                                    .pace = &binance_pace_standard,
                                    .on_tick = on_tick,
                                    .may_connect = hang};
    Error error;
    if (atexit(clear_up) != 0) _exit(CODE + 1);
    BinanceSocket *socket = binance_socket_open(&plan, &error);
    while (socket && !atomic_load(&hangs))
        usleep(1000);
    if (socket) binance_socket_close(socket);
    exit(CODE);
}

static void nothing_is_cleared_up_beside_it(void **state) {
    (void)state;
    int status;
    char byte;
    assert_int_equal(pipe(clearing), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) end_beside_a_thread_that_hangs();
    close(clearing[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), CODE);
    assert_int_equal(read(clearing[0], &byte, 1), 0);
    close(clearing[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_cleared_up_beside_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
