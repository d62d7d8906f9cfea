/* SPDX-License-Identifier: Apache-2.0 */
/* A sweep that was stopped has tried what it has tried: whoever counts next counts its sets. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "core/base/check.h"
#include "shell/backtest/sweep_file.h"
#include "shell/backtest/trial_count.h"
#include "temporary.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

#define CUT "results/sweep-trend_following-0123456789ab.ndjson"

static SweptRow row_of(uint64_t index) {
    return (SweptRow){
        .index = index, .fits = index % 5 != 4, .parameters = {2 + (double)index, 50}};
}

/* A sweep of 40 sets of which `rows` were finished, and half a line. Every fifth set does not fit.
 */
static void write_cut(uint64_t rows) {
    SweepHead head = {.sweep = "0123",
                      .strategy = "trend_following",
                      .sets = 40,
                      .bars = 100,
                      .shards = 1,
                      .length_us = INSTANT_HOUR_US,
                      .symbol_count = 1,
                      .symbols = {{"BTCUSDT"}},
                      .parameter_count = 2,
                      .names = {"fast", "slow"}};
    FILE *file = fopen(CUT, "w");
    assert_non_null(file);
    sweep_head_write(&head, file);
    for (uint64_t index = 0; index < rows; index++) {
        SweptRow row = row_of(index);
        sweep_row_write(&head, &row, file);
    }
    fputs("{\"index\":", file);
    fclose(file);
}

/* The number of trials on the symbol, once `count` sets from `first` on are counted. */
static int64_t trials_with(uint64_t first, uint64_t count) {
    SweptRow rows[40];
    Error error;
    Swept swept = {.path = "results/sweep-trend_following-ffffffffffff.ndjson",
                   .strategy = "trend_following",
                   .length_us = INSTANT_HOUR_US,
                   .symbol_count = 1,
                   .symbols = {{"BTCUSDT"}},
                   .parameter_count = 2,
                   .count = count,
                   .rows = rows};
    for (uint64_t index = 0; index < count; index++)
        rows[index] = row_of(first + index);
    TrialPlace place = {.root = ".", .results = "results"};
    if (!trial_count_sweep(&place, &swept, &error)) fail_msg("%s: %s", error.message, error.where);
    return swept.trials;
}

/* As if the file had been written before or after the ledger. */
static void set_age(int64_t seconds) {
    struct stat ledger;
    assert_int_equal(stat("trials.ledger", &ledger), 0);
    struct timespec times[2] = {ledger.st_mtim, ledger.st_mtim};
    times[0].tv_sec -= seconds;
    times[1].tv_sec -= seconds;
    assert_int_equal(utimensat(AT_FDCWD, CUT, times, 0), 0);
}

static void a_sweep_that_was_killed_is_counted(void **state) {
    (void)state;
    write_cut(10); /* eight of them fit */
    assert_int_equal(trials_with(100, 2), 10);
    assert_int_equal(trials_with(100, 2), 10);
}

static void once_and_only_while_it_is_news(void **state) {
    (void)state;
    assert_int_equal(trials_with(100, 2), 2);
    write_cut(10);
    set_age(60); /* older than the ledger: whoever wrote that has seen it */
    assert_int_equal(trials_with(101, 2), 3);
    write_cut(15); /* it went on: twelve fit */
    set_age(-60);
    assert_int_equal(trials_with(101, 2), 15);
    assert_int_equal(trials_with(0, 10), 15); /* the same sets again */
}

static void what_is_no_sweep_says_nothing(void **state) {
    (void)state;
    FILE *file = fopen(CUT, "w");
    fputs("{\"sweep\":3}\nnothing\n", file);
    fclose(file);
    assert_int_equal(trials_with(0, 4), 4);
    assert_int_equal(remove(CUT), 0);
    assert_int_equal(trials_with(4, 2), 5); /* set 4 does not fit */
}

static int enter(void **state) {
    return temporary_enter(state) || mkdir("results", 0755);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sweep_that_was_killed_is_counted, enter, temporary_leave),
        cmocka_unit_test_setup_teardown(once_and_only_while_it_is_news, enter, temporary_leave),
        cmocka_unit_test_setup_teardown(what_is_no_sweep_says_nothing, enter, temporary_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
