/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/call/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "shell/call/first_screen.h"
#include "shell/screen/paint.h"

#define FLAGS_MAX         COMMAND_OPTIONS_MAX
#define FLAG_VALUES_BYTES 8192 /* all values of flags that set settings; symbols have 512 */

/* ---- what a command may ask of its call ---------------------------------------------------- */

const Command *command_find(const char *name) {
    for (unsigned i = 0; i < command_count; i++)
        if (slice_same_name(slice_of(name), command_table[i]->name)) return command_table[i];
    return NULL;
}

static const OptionGiven *given(const CommandCall *call, const char *option) {
    int row = options_row(call->options.command, option);
    CHECK(row >= 0, "call: a command asks for an option that it does not declare");
    return &call->options.rows[row];
}

bool call_has(const CommandCall *call, const char *option) {
    return given(call, option)->given;
}

const char *call_value(const CommandCall *call, const char *option) {
    const OptionGiven *at = given(call, option);
    return at->count ? call->options.values[at->first + at->count - 1] : NULL;
}

unsigned call_list(const CommandCall *call, const char *option, const char *const **values) {
    const OptionGiven *at = given(call, option);
    *values = call->options.values + at->first;
    return at->count;
}

unsigned call_arguments(const CommandCall *call, const char *const **arguments) {
    *arguments = call->options.arguments;
    return call->options.argument_count;
}

const char *call_other(const CommandCall *call, unsigned index, const char **value) {
    if (index >= call->options.other_count) return NULL;
    *value = call->options.other_values[index];
    return call->options.other_names[index];
}

bool call_json(const CommandCall *call) {
    return call_has(call, "json");
}

bool call_color(const CommandCall *call) {
    return !call_has(call, "no_color") && paint_wanted(STDOUT_FILENO);
}

const char *call_state(const CommandCall *call) {
    return call_value(call, "state");
}

const char *call_config(const CommandCall *call) {
    return call_value(call, "config");
}

/* The flags that set settings, as the loader takes them; a list becomes one text with commas. */
static unsigned flags_of(const CommandCall *call, SettingFlag flags[static FLAGS_MAX], Text *text) {
    unsigned count = 0;
    for (unsigned row = OPTIONS_GLOBALS_MAX; row < OPTIONS_ROWS; row++) {
        const CommandOption *option = options_option(call->options.command, row);
        const OptionGiven *at = &call->options.rows[row];
        if (!option || !option->setting || !at->given) continue;
        const char *value = text->at + text->length;
        if (option->type == OPTION_SWITCH) text_put(text, "true");
        for (unsigned i = 0; i < at->count; i++) {
            if (i) text_char(text, ',');
            text_put(text, call->options.values[at->first + i]);
        }
        text_char(text, 0);
        flags[count++] = (SettingFlag){option->name, option->setting, value};
    }
    return count;
}

static void warn_of_dotenv(const Dotenv *dotenv) {
    if (!dotenv->readable_by_others) return;
    fprintf(stderr, "trader: warning: .env: mode %04o, others can read it; chmod 600 .env\n",
            dotenv->mode);
}

bool call_settings(CommandCall *call, const Settings **settings, Error *error) {
    SettingFlag flags[FLAGS_MAX];
    char memory[FLAG_VALUES_BYTES];
    Text text = TEXT_IN(memory);
    *settings = &call->load.settings;
    if (call->loaded) return true;
    unsigned count = flags_of(call, flags, &text);
    if (text.overflow)
        return error_set(error, ERROR_USAGE, "the values of the flags are too long", NULL, NULL);
    if (!settings_load(&call->load, call_config(call), flags, count, error)) return false;
    call->loaded = true;
    if (!call->dotenv_read) warn_of_dotenv(&call->load.dotenv);
    return true;
}

const char *call_origin(const CommandCall *call, const Setting *setting) {
    return call->loaded ? call->load.origins[setting - setting_table] : "built-in";
}

const char *call_secret(CommandCall *call, const char *variable) {
    VariableValue value;
    if (!call->loaded && !call->dotenv_read) {
        Error ignored;
        call->dotenv_read = true;
        if (!dotenv_open(&call->dotenv, ".env", &ignored)) return NULL;
        warn_of_dotenv(&call->dotenv);
    }
    const Dotenv *dotenv = call->loaded ? &call->load.dotenv : &call->dotenv;
    if (!variable_get(variable, dotenv, &value, NULL) || value.place == PLACE_NONE) return NULL;
    memcpy(call->secret, value.text, sizeof call->secret);
    explicit_bzero(&value, sizeof value);
    return call->secret;
}

const Dotenv *call_dotenv(const CommandCall *call) {
    return call->loaded ? &call->load.dotenv : &call->dotenv;
}

/* ---- failures ------------------------------------------------------------------------------ */

static void json_or_null(JsonWriter *writer, const char *key, const char *text) {
    json_key(writer, key);
    if (text[0])
        json_string(writer, text);
    else
        json_null(writer);
}

static void tell_json(const Error *error) {
    char memory[8192]; /* three texts of at most 240 bytes, each byte escaped to six */
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "error");
    json_object_begin(&writer);
    json_key(&writer, "code");
    json_string(&writer, error_name(error->code));
    json_key(&writer, "message");
    json_string(&writer, error->message);
    json_or_null(&writer, "where", error->where);
    json_or_null(&writer, "hint", error->hint);
    json_object_end(&writer);
    json_object_end(&writer);
    puts(text_end(&text));
}

static int tell(const Error *error, bool json) {
    if (error->code == ERROR_NONE) return EXIT_FAILURE;
    if (json) {
        tell_json(error);
        return error_exit_code(error->code);
    }
    fflush(stdout);
    fprintf(stderr, "trader: %s", error->message);
    if (error->where[0]) fprintf(stderr, ": %s", error->where);
    if (error->hint[0]) fprintf(stderr, "; %s", error->hint);
    fputc('\n', stderr);
    return error_exit_code(error->code);
}

/* For failures of the command line itself, where no option is known yet. */
static bool wants_json(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0) return true;
    return false;
}

/* A full disk behind a pipe is seen only when the last bytes go out. */
static int flush_result(int exit_code) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return exit_code;
    Error error;
    error_set(&error, errno == ENOSPC ? ERROR_DISK_FULL : ERROR_IO,
              "the result could not be written", "standard output", NULL);
    return tell(&error, false);
}

/* ---- the call ------------------------------------------------------------------------------ */

/* The mission's scripts, whose names the program bears when `make install` has linked them. */
static const char *meant_by_name(const char *program) {
    static const char *const names[][2] = {{"run_trader", "run"},
                                           {"run_backtest", "backtest"},
                                           {"dashboard", "dashboard"},
                                           {"run_ai_model_services", "serve"}};
    const char *slash = strrchr(program, '/');
    const char *base = slash ? slash + 1 : program;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(base, names[i][0]) == 0) return names[i][1];
    return NULL;
}

static bool find_by_name(const char *program, const Command **command, Error *error) {
    const char *name = meant_by_name(program);
    *command = name ? command_find(name) : NULL;
    if (!name || *command) return true;
    char message[240];
    Text what = TEXT_IN(message);
    text_format(&what, "this build has no command '%s' yet", name);
    return error_set(error, ERROR_USAGE, text_end(&what), program, "trader help lists what it has");
}

static int run(CommandCall *call, Error *error) {
    const Command *command = call->options.command;
    if (call_has(call, "help")) {
        command_write_help(command, call_color(call), stdout);
        return EXIT_SUCCESS;
    }
    return command->run(call, error);
}

static int without_command(CommandCall *call) {
    bool color = call_color(call);
    if (call_has(call, "help"))
        command_write_list(color, stdout);
    else
        first_screen(color, stdout);
    return EXIT_SUCCESS;
}

/* `trader --version`, as people type it. */
static bool asks_version(int argc, char **argv) {
    return argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0);
}

int call_main(int argc, char **argv) {
    static char version[] = "version";
    static CommandCall call; /* 20 KiB, once a process */
    Error error = {0};
    const Command *command;
    if (asks_version(argc, argv)) argv[1] = version;
    if (!find_by_name(argc ? argv[0] : "", &command, &error) ||
        !options_parse(&call.options, command, argc, argv, &error))
        return tell(&error, wants_json(argc, argv));
    int code = call.options.command ? run(&call, &error) : without_command(&call);
    if (error.code != ERROR_NONE) code = tell(&error, call_json(&call));
    code = flush_result(code);
    options_close(&call.options);
    settings_load_close(&call.load);
    dotenv_close(&call.dotenv);
    explicit_bzero(call.secret, sizeof call.secret);
    return code;
}
