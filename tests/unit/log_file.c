/* SPDX-License-Identifier: Apache-2.0 */
/* Log files: the mission's form of a line, rotation without a lost or cut line, text that cannot
 * forge a line. */
#include "unit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "shell/store/log_file.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

#define TIME_US  1732484025400000LL /* 2024-11-24 21:33:45.400 */
#define MEGABYTE 1000000LL

static char directory[64];

static int set_up(void **state) {
    (void)state;
    strcpy(directory, "/tmp/trader-logs-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static LogFiles *opened(uint64_t rotate_bytes) {
    LogFilesPlan plan = {.directory = directory, .rotate_bytes = rotate_bytes, .keep_files = 5};
    Error error = {0};
    LogFiles *files = log_file_open(&plan, &error);
    assert_non_null(files);
    return files;
}

static void put(LogFiles *files, const char *text) {
    LogFileLine line = {.service = "trade_executor",
                        .label = "TradeExecutor",
                        .level = LOG_INFO,
                        .time_us = TIME_US,
                        .text = text};
    Error error = {0};
    if (!log_file_put(files, &line, &error)) fail_msg("%s", error.message);
}

static char *path_of(unsigned number) {
    static char path[160];
    snprintf(path, sizeof path, number ? "%s/trade_executor.log.%u" : "%s/trade_executor.log",
             directory, number);
    return path;
}

static bool present(unsigned number) {
    return access(path_of(number), F_OK) == 0;
}

/* Reads a file whose lines end with their number: they must follow one another, whole. Returns how
 * many. */
static long count_lines(unsigned number, long *next) {
    FILE *file = fopen(path_of(number), "r");
    assert_non_null(file);
    char line[4096];
    long count = 0;
    while (fgets(line, sizeof line, file)) {
        assert_memory_equal(line, "2024-11-24 21:33:45,400 - INFO - [TradeExecutor] ", 49);
        assert_int_equal(line[strlen(line) - 1], '\n');
        const char *digits = strrchr(line, '#');
        assert_non_null(digits);
        if (*next >= 0) assert_int_equal(strtol(digits + 1, NULL, 10), (*next)++);
        if (*next < 0) *next = strtol(digits + 1, NULL, 10) + 1;
        count++;
    }
    fclose(file);
    return count;
}

static long long put_many(LogFiles *files, long long bytes, long *number) {
    char text[200];
    long long written = 0;
    while (written < bytes) {
        snprintf(text, sizeof text, "%.*s #%ld", (int)(*number % 100),
                 "order filled at the venue, order filled at the venue, "
                 "order filled at the venue, order filled at the venue, ....",
                 (*number));
        ++*number;
        put(files, text);
        written += (long long)strlen(text) + 50;
    }
    Error error = {0};
    assert_true(log_file_flush(files, &error));
    return written;
}

static void a_line_has_the_form_of_the_mission(void **state) {
    (void)state;
    LogFiles *files = opened(10485760);
    put(files, "Order executed: BUY 0.1 BTCUSDC");
    log_file_close(files);
    char text[200] = "";
    FILE *file = fopen(path_of(0), "r");
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(
        text, "2024-11-24 21:33:45,400 - INFO - [TradeExecutor] Order executed: BUY 0.1 BTCUSDC\n");
}

static void eleven_megabytes_are_two_files(void **state) {
    (void)state;
    LogFiles *files = opened(10485760);
    long number = 0, next = 0;
    put_many(files, 11 * MEGABYTE, &number);
    log_file_close(files);
    assert_true(present(0) && present(1) && !present(2));
    struct stat status;
    assert_int_equal(stat(path_of(1), &status), 0);
    assert_in_range(status.st_size, 10485760 - 250, 10485760);
    long older = count_lines(1, &next), newer = count_lines(0, &next);
    assert_int_equal(older + newer, number);
}

static void eighty_megabytes_are_six_files(void **state) {
    (void)state;
    LogFiles *files = opened(10485760);
    long number = 0, next = -1, counted = 0;
    put_many(files, 80 * MEGABYTE, &number);
    log_file_close(files);
    assert_true(present(5) && !present(6));
    for (unsigned i = 6; i-- > 0;)
        counted += count_lines(i, &next);
    assert_int_equal(next, number); /* the newest line is there, and none is missing before it */
    assert_true(counted < number);
}

static void a_line_cannot_be_forged(void **state) {
    (void)state;
    LogFiles *files = opened(10485760);
    put(files,
        "news\n2024-11-24 21:33:45,401 - INFO - [TradeExecutor] all sold\r\x1b[2J\x7f \xc2\x9b é");
    log_file_close(files);
    char text[400] = "", more[10];
    FILE *file = fopen(path_of(0), "r");
    assert_non_null(fgets(text, sizeof text, file));
    assert_null(fgets(more, sizeof more, file));
    fclose(file);
    assert_non_null(strstr(text, "news\\n2024-11-24"));
    assert_non_null(strstr(text, "sold\\r\\x1b[2J\\x7f \\x9b é\n"));
}

static void names_that_are_paths_are_refused(void **state) {
    (void)state;
    LogFiles *files = opened(10485760);
    static const char *const names[] = {"../x", "", "a/b", "a.b"};
    for (unsigned i = 0; i < 4; i++) {
        LogFileLine line = {.service = names[i], .label = "X", .level = LOG_INFO, .text = "x"};
        Error error = {0};
        assert_false(log_file_put(files, &line, &error));
        assert_int_equal(error.code, ERROR_LIMIT);
    }
    log_file_close(files);
}

static void a_restart_appends_and_ends_a_torn_line(void **state) {
    (void)state;
    FILE *file = fopen(path_of(0), "w");
    fputs("2024-11-24 21:33:45,400 - INFO - [TradeExecutor] half #0", file);
    fclose(file);
    LogFiles *files = opened(10485760);
    put(files, "whole #1");
    log_file_close(files);
    long next = 0;
    assert_int_equal(count_lines(0, &next), 2);
}

static void a_full_disk_loses_no_line(void **state) {
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    LogFiles *files = opened(10485760);
    struct rlimit old, tight;
    getrlimit(RLIMIT_FSIZE, &old);
    tight = old;
    tight.rlim_cur = 100001;
    setrlimit(RLIMIT_FSIZE, &tight);
    char text[64];
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "line #%d", i);
        put(files, text);
    }
    Error error = {0};
    bool flushed = log_file_flush(files, &error);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_false(flushed);
    assert_int_equal(error.code, ERROR_DISK_FULL);
    assert_true(log_file_flush(files, &error));
    log_file_close(files);
    long next = 0;
    assert_int_equal(count_lines(0, &next), 5000);
}

int main(void) {
#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_line_has_the_form_of_the_mission),
        LOG_TEST(eleven_megabytes_are_two_files),
        LOG_TEST(eighty_megabytes_are_six_files),
        LOG_TEST(a_line_cannot_be_forged),
        LOG_TEST(names_that_are_paths_are_refused),
        LOG_TEST(a_restart_appends_and_ends_a_torn_line),
        LOG_TEST(a_full_disk_loses_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
