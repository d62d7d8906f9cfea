/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/number_text.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/session/venue_told.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"
#include "shell/sys/files.h"

#define META_BYTES 16384 /* the engine writes at most 8 KiB (engine_tell) */

/* As the engine tells it once a second in the state's database. */
typedef struct ServiceHealth {
    char name[24], state[16];
    int64_t age_ms; /* -1: it has heard nothing yet */
    int64_t in, out, errors;
    double p95_us; /* NaN: unknown */
} ServiceHealth;

typedef struct Status {
    StateDir state;
    World world;
    bool has_world, has_holdings, has_feed, control_waits;
    int pid;
    int64_t uptime_seconds;
    Holdings holdings;
    KillState kill;
    FeedStatus feed;
    Control control;
    VenueTold venue;
    uint64_t signals, fills;
    ServiceHealth services[LIMIT_SERVICES];
    unsigned service_count;
    char health[META_BYTES], runtime[META_BYTES]; /* JSON, or empty */
} Status;

/* ---- reading ------------------------------------------------------------------------------- */

static bool take_field(JsonReader *reader, ServiceHealth *health) {
    const struct {
        const char *key;
        int64_t *at;
    } counts[] = {{"age_ms", &health->age_ms},
                  {"in", &health->in},
                  {"out", &health->out},
                  {"errors", &health->errors}};
    const Slice key = reader->slice;
    JsonToken token = json_next(reader);
    if (token == JSON_STRING && slice_is(key, "service"))
        return json_unescape(reader, health->name, sizeof health->name);
    if (token == JSON_STRING && slice_is(key, "state"))
        return json_unescape(reader, health->state, sizeof health->state);
    if (token == JSON_NUMBER && slice_is(key, "p95_us"))
        return number_from_slice(reader->slice, &health->p95_us);
    for (size_t i = 0; token == JSON_NUMBER && i < sizeof counts / sizeof counts[0]; i++)
        if (slice_is(key, counts[i].key)) return slice_int(reader->slice, counts[i].at);
    return token != JSON_ERROR && token != JSON_OBJECT_BEGIN && token != JSON_ARRAY_BEGIN;
}

/* The engine's array; what does not read is left out, for a screen is no place to fail. */
static void read_health(Status *status) {
    JsonReader reader = json_reader(slice_of(status->health));
    if (json_next(&reader) != JSON_ARRAY_BEGIN) return;
    while (status->service_count < LIMIT_SERVICES && json_next(&reader) == JSON_OBJECT_BEGIN) {
        ServiceHealth health = {.age_ms = -1, .p95_us = (double)NAN};
        JsonToken token;
        while ((token = json_next(&reader)) == JSON_KEY)
            if (!take_field(&reader, &health)) return;
        if (token != JSON_OBJECT_END) return;
        status->services[status->service_count++] = health;
    }
}

static bool read_store(Status *status, Error *error) {
    Store *store = store_open(status->state.path, true, error);
    if (!store) return false;
    if (!store_meta(store, "health", status->health, META_BYTES)) status->health[0] = 0;
    if (!store_meta(store, "runtime", status->runtime, META_BYTES)) status->runtime[0] = 0;
    status->has_holdings = store_latest(store, TOPIC_HOLDINGS, NULL, &status->holdings);
    status->has_feed = store_latest(store, TOPIC_FEED_STATUS, NULL, &status->feed);
    if (!store_latest(store, TOPIC_KILL_STATE, NULL, &status->kill))
        status->kill = (KillState){.level = KILL_NONE};
    venue_told_read(store, &status->venue);
    status->signals = store_count(store, TOPIC_TRADING_SIGNALS);
    status->fills = store_count(store, TOPIC_TRADE_EXECUTIONS);
    store_close(store);
    read_health(status);
    return true;
}

static bool read_status(const CommandCall *call, Status *status, Error *error) {
    if (!state_find(call_state(call), &status->state, error)) return false;
    const char *path = status->state.path;
    char lock[544];
    bool there;
    snprintf(lock, sizeof lock, "%s/lock", path);
    status->pid = state_holder(path);
    if (status->pid)
        status->uptime_seconds = (int64_t)time(NULL) - files_changed_us(lock) / 1000000;
    if (!world_read(path, &status->world, &status->has_world, error)) return false;
    if (!control_read(path, &status->control, &there, error)) return false;
    if (!read_store(status, error)) return false;
    status->control_waits = there && !status->pid && status->control.level != status->kill.level;
    return true;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void whole(JsonWriter *writer, const char *key, bool known, int64_t value) {
    json_key(writer, key);
    if (known)
        json_int(writer, value);
    else
        json_null(writer);
}

static void words(JsonWriter *writer, const char *key, bool known, const char *value) {
    json_key(writer, key);
    if (known)
        json_string(writer, value);
    else
        json_null(writer);
}

static void amount(JsonWriter *writer, const char *key, bool known, Money value) {
    json_key(writer, key);
    if (known)
        json_money(writer, value);
    else
        json_null(writer);
}

/* What the engine wrote as JSON goes out as it is. */
static void raw_or_null(JsonWriter *writer, const char *key, const char *json) {
    json_key(writer, key);
    if (json_valid(slice_of(json)))
        json_raw(writer, slice_of(json));
    else
        json_null(writer);
}

static void print_json(const Status *status) {
    static char memory[4 * META_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    bool holds = status->has_holdings;
    json_object_begin(&writer);
    words(&writer, "state", true, status->state.path);
    words(&writer, "world", status->has_world, status->world.kind);
    words(&writer, "description", status->has_world, status->world.description);
    json_key(&writer, "running");
    json_bool(&writer, status->pid != 0);
    whole(&writer, "pid", status->pid != 0, status->pid);
    whole(&writer, "uptime_seconds", status->pid != 0, status->uptime_seconds);
    json_key(&writer, "finished");
    json_bool(&writer, status->world.finished);
    amount(&writer, "equity", holds, status->holdings.total_value);
    words(&writer, "quote_asset", holds, status->holdings.quote_asset);
    whole(&writer, "positions", holds, status->holdings.positions_count);
    json_key(&writer, "time");
    if (holds)
        json_time(&writer, status->holdings.time);
    else
        json_null(&writer);
    whole(&writer, "signals", true, (int64_t)status->signals);
    whole(&writer, "fills", true, (int64_t)status->fills);
    json_key(&writer, "kill_switch");
    codec_write_json(&message_shapes[MESSAGE_KILL_STATE], &status->kill, &writer);
    words(&writer, "waiting", status->control_waits, KillLevel_text(status->control.level));
    words(&writer, "feed", status->has_feed, FeedCondition_text(status->feed.condition));
    words(&writer, "feed_text", status->has_feed, status->feed.text);
    venue_told_json(&status->venue, &writer);
    raw_or_null(&writer, "runtime", status->runtime);
    raw_or_null(&writer, "services", status->health);
    json_object_end(&writer);
    CHECK(!text.overflow, "status: the document outgrew its memory");
    puts(text_end(&text));
}

/* ---- the screen ---------------------------------------------------------------------------- */

static void print_mode(const Status *status, bool color) {
    char memory[200];
    Text text = TEXT_IN(memory);
    char mode[24];
    snprintf(mode, sizeof mode, "%s", status->has_world ? status->world.kind : "unknown");
    mode[strcspn(mode, "-")] = 0;
    for (char *letter = mode; *letter; letter++)
        if (*letter >= 'a' && *letter <= 'z') *letter = (char)(*letter - 32);
    Style style = strcmp(mode, "LIVE") == 0 ? STYLE_BAD : STYLE_BOLD;
    printf("%s%s%s  ", paint_begin(style, color), mode, paint_end(style, color));
    if (status->pid) {
        text_put(&text, "up ");
        number_duration(&text, status->uptime_seconds);
        text_format(&text, ", pid %d", status->pid);
    } else {
        text_put(&text, status->world.finished ? "finished" : "not running");
    }
    printf("%s   %s\n", text_end(&text), status->state.path);
}

/* Gain against what the account began with: total - results so far. */
static void print_equity(const Status *status, bool color) {
    const Holdings *holdings = &status->holdings;
    char memory[200];
    Text text = TEXT_IN(memory);
    if (!status->has_holdings) {
        puts("no portfolio yet");
        return;
    }
    Money gain = money_add(holdings->realised_pnl, holdings->unrealised_pnl);
    Money start = money_subtract(holdings->total_value, gain);
    number_money(&text, holdings->total_value, 2, false);
    printf("equity %s%s%s %s", paint_begin(STYLE_BOLD, color), text_end(&text),
           paint_end(STYLE_BOLD, color), holdings->quote_asset);
    text_clear(&text);
    if (start.units > 0) {
        double share = money_double(gain) / money_double(start);
        Style style = share > 0 ? STYLE_GOOD : share < 0 ? STYLE_WARN : STYLE_PLAIN;
        number_fixed(&text, share * 100, 2, true);
        printf("  (%s%s %%%s)", paint_begin(style, color), text_end(&text),
               paint_end(style, color));
    }
    text_clear(&text);
    text_format(&text, "   %d positions   ", (int)holdings->positions_count);
    number_count(&text, (int64_t)status->signals);
    text_put(&text, " signals   ");
    number_count(&text, (int64_t)status->fills);
    text_put(&text, " fills");
    puts(text_end(&text));
}

static void print_switch(const Status *status, bool color) {
    const KillState *kill = &status->kill;
    bool off = kill->level == KILL_NONE;
    if (!off || status->control_waits) paint_mark(stdout, MARK_WARN, color);
    printf("%skill switch %s%s%s", off && !status->control_waits ? "" : " ",
           off ? "off" : KillLevel_text(kill->level), kill->reason[0] && !off ? ": " : "",
           off ? "" : kill->reason);
    if (status->control_waits)
        printf("; %s waits for the next start", status->control.level == KILL_NONE
                                                    ? "resume"
                                                    : KillLevel_text(status->control.level));
    puts("");
    if (status->has_feed)
        printf("feed %s: %s\n", FeedCondition_text(status->feed.condition), status->feed.text);
}

static void cell_count(Table *table, Style style, int64_t count) {
    char memory[40];
    Text text = TEXT_IN(memory);
    number_count(&text, count);
    table_cell(table, style, text_end(&text));
}

/* Of an instance that has ended nothing is "ok" any more. */
static void print_service(Table *table, const ServiceHealth *health, bool running) {
    char memory[40];
    Text text = TEXT_IN(memory);
    bool good = running && strcmp(health->state, "ok") == 0;
    table_cell(table, STYLE_PLAIN, health->name);
    table_cell(table, good ? STYLE_GOOD : STYLE_DIM, running ? health->state : "ended");
    if (health->age_ms >= 0) number_duration(&text, health->age_ms / 1000);
    table_cell(table, STYLE_PLAIN, text_end(&text));
    text_clear(&text);
    number_fixed(&text, health->p95_us, 1, false);
    text_put(&text, " us");
    table_cell(table, STYLE_PLAIN, isfinite(health->p95_us) ? text_end(&text) : "");
    cell_count(table, STYLE_PLAIN, health->in);
    cell_count(table, STYLE_PLAIN, health->out);
    cell_count(table, health->errors ? STYLE_BAD : STYLE_DIM, health->errors);
}

static void print_services(const Status *status, bool color) {
    static const char *const titles[] = {"SERVICE", "STATE", "AGE",    "P95",
                                         "IN",      "OUT",   "ERRORS", NULL};
    if (status->service_count == 0) return;
    Table *table = table_open(titles, 0x7Cu); /* all but the two words are numbers */
    for (unsigned i = 0; i < status->service_count; i++)
        print_service(table, &status->services[i], status->pid != 0);
    puts("");
    table_print(table, color, stdout);
    table_close(table);
}

static void print_screen(const CommandCall *call, const Status *status) {
    bool color = call_color(call);
    print_mode(status, color);
    print_equity(status, color);
    print_switch(status, color);
    venue_told_print(&status->venue, status->pid != 0, color);
    print_services(status, color);
    printf("\nnext: trader signals, trader portfolio%s\n", status->pid ? ", trader logs -f" : "");
}

static int run(CommandCall *call, Error *error) {
    static Status status;
    bool check = call_has(call, "check");
    if (!read_status(call, &status, error)) return error_exit_code(error->code);
    if (check && !status.pid) {
        error_set(error, ERROR_STATE, "nothing is running", status.state.path, "trader run");
        return error_exit_code(ERROR_STATE);
    }
    if (call_json(call))
        print_json(&status);
    else if (!check)
        print_screen(call, &status);
    return 0;
}

const Command command_status = {
    .name = "status",
    .group = "look",
    .sentence = "What is running, its equity, kill switch, feed and services.",
    .examples = {"trader status", "trader status --check && echo up"},
    .options = {{"check", OPTION_SWITCH, NULL,
                 "say nothing; exit code 0 if an instance is running, 3 if not", NULL}},
    .run = run,
};
