/* SPDX-License-Identifier: Apache-2.0 */
/* Prompts of the operator's own on disk: read by name, checked with their place, nothing half. */
#include "check_aborts.h"
#include "unit.h"

#include "shell/config/prompt_files.h"
#include "shell/sys/files.h"

static char directory[64];
static PromptTemplate templates[PROMPT_COUNT];
static unsigned count;
static Error error;

static int make_directory(void **state) {
    (void)state;
    strcpy(directory, "/tmp/trader-prompts-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state) {
    (void)state;
    char command[120];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static void put(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    assert_true(files_write(path, text, strlen(text), 0600, &error));
}

#define SOUND "Own\n---\n{market}{social}{news}\n"

static void none_are_wanted(void **state) {
    (void)state;
    assert_true(prompt_files_read("", templates, &count, &error));
    assert_int_equal(count, 0);
}

static void those_that_are_there_are_read(void **state) {
    (void)state;
    put("opportunity.txt", SOUND);
    put("bear.txt", SOUND);
    put("README", "not a prompt");
    assert_true(prompt_files_read(directory, templates, &count, &error));
    assert_int_equal(count, 2);
    assert_string_equal(templates[0].name, "bear");
    assert_string_equal(templates[1].text, SOUND);
}

static void a_fault_is_told_with_file_line_and_column(void **state) {
    (void)state;
    put("opportunity.txt", "Own\n---\n{market}{sociall}{news}\n");
    assert_false(prompt_files_read(directory, templates, &count, &error));
    assert_non_null(strstr(error.where, "/opportunity.txt:3:10"));
    assert_non_null(strstr(error.hint, "{social}"));
}

static void a_misspelt_name_is_refused(void **state) {
    (void)state;
    put("oportunity.txt", SOUND);
    assert_false(prompt_files_read(directory, templates, &count, &error));
    assert_non_null(strstr(error.hint, "opportunity.txt"));
}

static void an_empty_or_absent_directory_is_refused(void **state) {
    (void)state;
    assert_false(prompt_files_read(directory, templates, &count, &error));
    assert_non_null(strstr(error.message, "holds no prompt"));
    assert_false(prompt_files_read("/nowhere/at/all", templates, &count, &error));
    assert_non_null(strstr(error.hint, "prompt_directory"));
}

static void a_prompt_that_is_too_long_is_refused(void **state) {
    (void)state;
    static char text[PROMPT_MAX + 100];
    memset(text, 'a', sizeof text - 1);
    put("risk.txt", text);
    assert_false(prompt_files_read(directory, templates, &count, &error));
}

#define IN_A_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_DIRECTORY(none_are_wanted),
        IN_A_DIRECTORY(those_that_are_there_are_read),
        IN_A_DIRECTORY(a_fault_is_told_with_file_line_and_column),
        IN_A_DIRECTORY(a_misspelt_name_is_refused),
        IN_A_DIRECTORY(an_empty_or_absent_directory_is_refused),
        IN_A_DIRECTORY(a_prompt_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
