/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a command line, sorted: flags in any order, lists, values, what is refused and how.
 */
#include "unit.h"

#include "shell/call/options.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

static const Command subject = {
    .name = "subject",
    .options = {{"start_date", OPTION_VALUE, "D", "from", NULL},
                {"symbols", OPTION_LIST, "S", "which", NULL},
                {"follow", OPTION_SWITCH, "f", "go on", NULL},
                {"live", OPTION_MAYBE_VALUE, "WORD", "real", NULL}},
};
static const Command open_subject = {.name = "open_subject",
                                     .any_option = true,
                                     .options = {{"input", OPTION_VALUE, "F", "file", NULL}}};

static Options options;

#define WORDS_MAX 16

static bool parse(const Command *command, Error *error, const char *line) {
    static char name[] = "trader", memory[512], *words[WORDS_MAX];
    int count = 0;
    strcpy(memory, line);
    words[count++] = name;
    for (char *word = strtok(memory, " "); word; word = strtok(NULL, " "))
        if (count < WORDS_MAX) words[count++] = word;
    *error = (Error){0};
    return options_parse(&options, command, count, words, error);
}

static const OptionGiven *row(const char *name) {
    int at = options_row(options.command, name);
    assert_true(at >= 0);
    return &options.rows[at];
}

static const char *value(const char *name, unsigned index) {
    assert_true(index < row(name)->count);
    return options.values[row(name)->first + index];
}

static void good(const char *line) {
    Error error;
    if (parse(&subject, &error, line)) return;
    print_error("%s: %s\n", line, error.message);
    fail();
}

static void refused(const char *line, const char *message, const char *hint) {
    Error error;
    assert_false(parse(&subject, &error, line));
    assert_int_equal(error.code, ERROR_USAGE);
    assert_string_equal(error.message, message);
    assert_string_equal(error.hint, hint);
}

static void dashes_and_underscores_are_alike(void **state) {
    (void)state;
    static const char *const lines[] = {"--start-date 2024-01-01", "--start_date 2024-01-01",
                                        "--start-date=2024-01-01", "--start_date=2024-01-01"};
    for (size_t i = 0; i < 4; i++) {
        good(lines[i]);
        assert_string_equal(value("start_date", 0), "2024-01-01");
        options_close(&options);
    }
}

static void lists_take_blanks_and_commas(void **state) {
    (void)state;
    static const char *const lines[] = {"--symbols A B C --follow", "--symbols A,B,C --follow",
                                        "--follow --symbols=A,B,C", "--symbols A, B ,C -f",
                                        "--symbols A --follow --symbols B C"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        good(lines[i]);
        assert_int_equal(row("symbols")->count, 3);
        assert_string_equal(value("symbols", 0), "A");
        assert_string_equal(value("symbols", 1), "B");
        assert_string_equal(value("symbols", 2), "C");
        assert_true(row("follow")->given);
        options_close(&options);
    }
}

static void flags_stand_anywhere(void **state) {
    (void)state;
    good("one --json two --state here three --");
    assert_int_equal(options.argument_count, 3);
    assert_string_equal(options.arguments[0], "one");
    assert_string_equal(options.arguments[2], "three");
    assert_true(row("json")->given);
    assert_string_equal(value("state", 0), "here");
    options_close(&options);
}

static void two_dashes_end_the_flags(void **state) {
    (void)state;
    good("one -- --json -f");
    assert_int_equal(options.argument_count, 3);
    assert_string_equal(options.arguments[1], "--json");
    assert_false(row("json")->given);
    options_close(&options);
}

static void a_value_may_be_negative(void **state) {
    (void)state;
    good("--start-date -5 -3");
    assert_string_equal(value("start_date", 0), "-5");
    assert_string_equal(options.arguments[0], "-3");
    options_close(&options);
}

static void the_last_value_wins(void **state) {
    (void)state;
    good("--start-date 1 --start-date 2");
    assert_int_equal(row("start_date")->count, 2);
    assert_string_equal(value("start_date", 1), "2");
    options_close(&options);
}

static void a_value_may_be_left_out_where_it_may(void **state) {
    (void)state;
    good("--live WORD");
    assert_true(row("live")->given);
    assert_int_equal(row("live")->count, 0);
    assert_string_equal(options.arguments[0], "WORD");
    options_close(&options);
    good("--live=WORD");
    assert_string_equal(value("live", 0), "WORD");
    options_close(&options);
}

static void letters_are_short_switches(void **state) {
    (void)state;
    good("-fy");
    assert_true(row("follow")->given);
    assert_true(row("yes")->given);
    options_close(&options);
}

static void what_is_wrong_is_named(void **state) {
    (void)state;
    refused("--simbols A", "unknown option --simbols", "did you mean --symbols?");
    refused("--start-dat 1", "unknown option --start-dat", "did you mean --start-date?");
    refused("--quite-another", "unknown option --quite-another", "trader help subject");
    refused("-x", "unknown option -x", "trader help subject");
    refused("--start-date", "--start-date needs a value", "trader help subject");
    refused("--start-date --follow", "--start-date needs a value", "trader help subject");
    refused("--symbols --follow", "--symbols needs a value", "trader help subject");
    refused("--symbols=,", "--symbols needs a value", "trader help subject");
    refused("--follow=yes", "--follow takes no value", "trader help subject");
}

static void an_unknown_command_has_a_neighbour(void **state) {
    (void)state;
    Error error;
    assert_false(parse(NULL, &error, "confg show"));
    assert_int_equal(error.code, ERROR_USAGE);
    assert_string_equal(error.hint, "did you mean config?");
    assert_true(parse(NULL, &error, "--json config show"));
    assert_string_equal(options.command->name, "config");
    assert_true(row("json")->given);
    options_close(&options);
}

static void other_words_are_kept_where_they_may_stand(void **state) {
    (void)state;
    Error error;
    assert_true(parse(&open_subject, &error, "rsi --input f.csv --period 14 --slow-period=3"));
    assert_int_equal(options.other_count, 2);
    assert_string_equal(options.other_names[0], "period");
    assert_string_equal(options.other_values[0], "14");
    assert_string_equal(options.other_names[1], "slow-period");
    assert_string_equal(options.other_values[1], "3");
    assert_string_equal(value("input", 0), "f.csv");
    assert_string_equal(options.arguments[0], "rsi");
    options_close(&options);
}

/* Every option of every command has a sentence, and none hides a global one. */
static void the_commands_are_complete(void **state) {
    (void)state;
    assert_true(command_count >= 14);
    for (unsigned i = 0; i < command_count; i++) {
        const Command *command = command_table[i];
        assert_non_null(command->group);
        assert_non_null(command->sentence);
        assert_non_null(command->run);
        for (unsigned k = 0; k < COMMAND_OPTIONS_MAX && command->options[k].name; k++) {
            const CommandOption *option = &command->options[k];
            assert_non_null(option->sentence);
            assert_int_equal(options_row(command, option->name), OPTIONS_GLOBALS_MAX + (int)k);
            if (option->setting) assert_non_null(setting_find(slice_of(option->setting)));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dashes_and_underscores_are_alike),
        cmocka_unit_test(lists_take_blanks_and_commas),
        cmocka_unit_test(flags_stand_anywhere),
        cmocka_unit_test(two_dashes_end_the_flags),
        cmocka_unit_test(a_value_may_be_negative),
        cmocka_unit_test(the_last_value_wins),
        cmocka_unit_test(a_value_may_be_left_out_where_it_may),
        cmocka_unit_test(letters_are_short_switches),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(an_unknown_command_has_a_neighbour),
        cmocka_unit_test(other_words_are_kept_where_they_may_stand),
        cmocka_unit_test(the_commands_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
