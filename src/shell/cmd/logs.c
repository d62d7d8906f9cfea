/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/store/log_tail.h"
#include "shell/store/state_dir.h"
#include "shell/sys/files.h"

#define LINES_PRESET  20
#define LINES_HIGHEST 100000
#define LINE_BYTES    8192       /* a log line has at most 240 characters of text */
#define PAUSE_NS      250000000L /* new lines are shown within a quarter of a second */
#define MINE          "./logs"

typedef struct Printer {
    bool json, color, stream, begun;
} Printer;

/* ---- printing ------------------------------------------------------------------------------ */

static void key_slice(JsonWriter *writer, const char *key, Slice slice) {
    json_key(writer, key);
    json_slice(writer, slice);
}

/* "2024-11-24 21:33:45,400" as ISO 8601 */
static void time_json(JsonWriter *writer, Slice time) {
    char memory[32];
    Text text = TEXT_IN(memory);
    json_key(writer, "time");
    if (time.length != 23) {
        json_null(writer);
        return;
    }
    text_format(&text, "%ST%S.%SZ", (Slice){time.at, 10}, (Slice){time.at + 11, 8},
                (Slice){time.at + 20, 3});
    json_string(writer, text_end(&text));
}

static void print_json(Printer *printer, const LogEntry *entry) {
    char memory[LINE_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "service");
    json_string(&writer, entry->service);
    time_json(&writer, entry->time);
    key_slice(&writer, "level", entry->level);
    key_slice(&writer, "text", entry->time.length ? entry->text : entry->line);
    json_object_end(&writer);
    if (text.overflow) return; /* no line of ours is that long */
    const char *before = printer->stream ? "" : printer->begun ? "," : "[";
    printf("%s%s%s", before, text_end(&text), printer->stream ? "\n" : "");
    printer->begun = true;
}

static void print_entry(void *context, const LogEntry *entry) {
    Printer *printer = context;
    if (printer->json) {
        print_json(printer, entry);
        return;
    }
    Style style = slice_is(entry->level, "ERROR")     ? STYLE_BAD
                  : slice_is(entry->level, "WARNING") ? STYLE_WARN
                                                      : STYLE_PLAIN;
    printf("%s%.*s%s\n", paint_begin(style, printer->color), (int)entry->line.length,
           entry->line.at, paint_end(style, printer->color));
}

/* ---- which --------------------------------------------------------------------------------- */

/* The setting, else those of the state, else ./logs, where the default states have theirs. */
static bool find_directory(CommandCall *call, char target[static 544], Error *error) {
    const Settings *settings;
    StateDir state;
    Error ignored;
    if (!call_settings(call, &settings, error)) return false;
    if (settings->logging.log_directory[0]) {
        snprintf(target, 544, "%s", settings->logging.log_directory);
        return true;
    }
    snprintf(target, 544, MINE);
    bool found = state_find(call_state(call), &state, call_state(call) ? error : &ignored);
    if (!found) return call_state(call) == NULL;
    char inside[544];
    snprintf(inside, sizeof inside, "%s/logs", state.path);
    if (files_is_directory(inside)) snprintf(target, 544, "%s", inside);
    return true;
}

/* "market-monitor" and "market_monitor_service" mean market_monitor. */
static void service_name(const char *word, char target[static 64]) {
    Text text = text_in(target, 64);
    for (; *word; word++)
        text_char(&text, *word == '-' ? '_' : *word);
    text_end(&text);
    size_t length = strlen(target), tail = strlen("_service");
    if (length > tail && strcmp(target + length - tail, "_service") == 0) target[length - tail] = 0;
}

static bool take_lines(const CommandCall *call, unsigned *lines, Error *error) {
    int64_t value = LINES_PRESET;
    const char *word = call_value(call, "lines");
    if (word && (!slice_int(slice_of(word), &value) || value < 1 || value > LINES_HIGHEST))
        return error_set(error, ERROR_USAGE, "--lines wants a whole number from 1 to 100000", word,
                         "trader logs --lines 50");
    *lines = (unsigned)value;
    return true;
}

/* ---- following ----------------------------------------------------------------------------- */

static volatile sig_atomic_t stopped;

static void stop(int number) {
    (void)number;
    stopped = 1;
}

static bool follow(LogTail *tail, Printer *printer, Error *error) {
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    while (!stopped && !ferror(stdout)) {
        fflush(stdout);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        if (!log_tail_more(tail, print_entry, printer, error)) return false;
    }
    return true;
}

static int run(CommandCall *call, Error *error) {
    const char *const *words;
    char directory[544], service[64];
    unsigned lines = LINES_PRESET;
    Printer printer = {.json = call_json(call), .color = call_color(call)};
    printer.stream = call_has(call, "follow");
    unsigned count = call_arguments(call, &words);
    if (count) service_name(words[0], service);
    if (!take_lines(call, &lines, error) || !find_directory(call, directory, error))
        return error_exit_code(error->code);
    LogTail *tail = log_tail_open(directory, count ? service : NULL, error);
    if (!tail) return error_exit_code(error->code);
    bool good = log_tail_last(tail, lines, print_entry, &printer, error);
    if (good && printer.json && !printer.stream) puts(printer.begun ? "]" : "[]");
    if (good && printer.stream) good = follow(tail, &printer, error);
    log_tail_close(tail);
    return good ? 0 : error_exit_code(error->code);
}

const Command command_logs = {
    .name = "logs",
    .group = "look",
    .sentence = "The newest log lines of one service or of all.",
    .arguments = "[SERVICE]",
    .examples = {"trader logs -f", "trader logs trade_executor --lines 100"},
    .options = {{"follow", OPTION_SWITCH, "f", "go on with what is written from now on", NULL},
                {"lines", OPTION_VALUE, "N", "so many at most (20)", NULL}},
    .run = run,
};
