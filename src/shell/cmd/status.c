/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/bus/service.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"
#include "shell/sys/files.h"

#define LINES 2000 /* newest log lines that the table of services counts (topic.def: RECENT) */

typedef struct ServiceHealth {
    char name[24];
    unsigned warnings, errors;
    int64_t last_us;
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
    uint64_t signals, fills;
    ServiceHealth services[LIMIT_SERVICES];
    unsigned service_count;
} Status;

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static ServiceHealth *health_of(Status *status, const char *name) {
    for (unsigned i = 0; i < status->service_count; i++)
        if (strcmp(status->services[i].name, name) == 0) return &status->services[i];
    if (status->service_count == LIMIT_SERVICES) return NULL;
    ServiceHealth *health = &status->services[status->service_count++];
    *health = (ServiceHealth){0};
    if (!slice_copy(slice_of(name), health->name, sizeof health->name)) health->name[0] = 0;
    return health;
}

static bool count_line(void *context, const Message *message) {
    const LogLine *line = message->payload;
    ServiceHealth *health = health_of(context, line->service);
    if (!health) return true;
    health->warnings += line->level == LOG_WARNING;
    health->errors += line->level == LOG_ERROR;
    if (message->time_us > health->last_us) health->last_us = message->time_us;
    return true;
}

static bool read_store(Status *status, Error *error) {
    Store *store = store_open(status->state.path, true, error);
    if (!store) return false;
    StoreQuery query = {.limit = LINES};
    for (unsigned i = 0; i < service_count; i++) (void)!health_of(status, service_table[i]->name);
    status->has_holdings = store_latest(store, TOPIC_HOLDINGS, NULL, &status->holdings);
    status->has_feed = store_latest(store, TOPIC_FEED_STATUS, NULL, &status->feed);
    if (!store_latest(store, TOPIC_KILL_STATE, NULL, &status->kill))
        status->kill = (KillState){.level = KILL_NONE};
    status->signals = store_count(store, TOPIC_TRADING_SIGNALS);
    status->fills = store_count(store, TOPIC_TRADE_EXECUTIONS);
    bool good = store_select(store, TOPIC_LOG_LINES, &query, count_line, status, error);
    store_close(store);
    return good;
}

static bool read_status(const CommandCall *call, Status *status, Error *error) {
    if (!state_find(call_state(call), &status->state, error)) return false;
    const char *path = status->state.path;
    char lock[544];
    bool there;
    snprintf(lock, sizeof lock, "%s/lock", path);
    status->pid = state_holder(path);
    if (status->pid) status->uptime_seconds = (int64_t)time(NULL) - files_changed_us(lock) / 1000000;
    if (!world_read(path, &status->world, &status->has_world, error)) return false;
    if (!control_read(path, &status->control, &there, error)) return false;
    if (!read_store(status, error)) return false;
    status->control_waits =
        there && !status->pid && status->control.level != status->kill.level;
    return true;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

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

static void services_json(const Status *status, JsonWriter *writer) {
    json_key(writer, "services");
    json_array_begin(writer);
    for (unsigned i = 0; i < status->service_count; i++) {
        const ServiceHealth *health = &status->services[i];
        json_object_begin(writer);
        json_key(writer, "name");
        json_string(writer, health->name);
        json_key(writer, "warnings");
        json_int(writer, health->warnings);
        json_key(writer, "errors");
        json_int(writer, health->errors);
        json_key(writer, "last_line");
        if (health->last_us)
            json_time(writer, health->last_us);
        else
            json_null(writer);
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void print_json(const Status *status) {
    static char memory[65536]; /* 32 services of 120 bytes and four texts of a message */
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
    services_json(status, &writer);
    json_object_end(&writer);
    CHECK(!text.overflow, "status: the document outgrew its memory");
    puts(text_end(&text));
}

/* ---- the screen -------------------------------------------------------------------------------------------------- */

static void print_mode(const Status *status, bool color) {
    char memory[200];
    Text text = TEXT_IN(memory);
    char mode[24];
    snprintf(mode, sizeof mode, "%s", status->has_world ? status->world.kind : "unknown");
    mode[strcspn(mode, "-")] = 0;
    for (char *letter = mode; *letter; letter++)
        if (*letter >= 'a' && *letter <= 'z') *letter = (char)(*letter - 32);
    printf("%s%s%s  ", paint_begin(STYLE_BOLD, color), mode, paint_end(STYLE_BOLD, color));
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
        printf("; %s waits for the next start",
               status->control.level == KILL_NONE ? "resume"
                                                  : KillLevel_text(status->control.level));
    puts("");
    if (status->has_feed)
        printf("feed %s: %s\n", FeedCondition_text(status->feed.condition), status->feed.text);
}

static void print_services(const Status *status, bool color) {
    static const char *const titles[] = {"SERVICE", "WARNINGS", "ERRORS", "LAST LINE (UTC)", NULL};
    Table *table = table_open(titles, 6);
    for (unsigned i = 0; i < status->service_count; i++) {
        const ServiceHealth *health = &status->services[i];
        char memory[40], time[25];
        Text text = TEXT_IN(memory);
        instant_to_iso(health->last_us, time);
        table_cell(table, STYLE_PLAIN, health->name);
        text_int(&text, health->warnings);
        table_cell(table, health->warnings ? STYLE_WARN : STYLE_DIM, text_end(&text));
        text_clear(&text);
        text_int(&text, health->errors);
        table_cell(table, health->errors ? STYLE_BAD : STYLE_DIM, text_end(&text));
        text_clear(&text);
        if (health->last_us) text_format(&text, "%S %S", (Slice){time, 10}, (Slice){time + 11, 8});
        table_cell(table, STYLE_DIM, text_end(&text));
    }
    puts("");
    table_print(table, color, stdout);
    table_close(table);
}

static void print_screen(const CommandCall *call, const Status *status) {
    bool color = call_color(call);
    print_mode(status, color);
    print_equity(status, color);
    print_switch(status, color);
    print_services(status, color);
    printf("\nnext: trader %s\n", status->pid ? "signals, trader portfolio, trader logs -f"
                                              : "run continues it; trader portfolio");
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
    .sentence = "what is running, its equity, kill switch, feed and services",
    .examples = {"trader status", "trader status --check && echo up"},
    .options = {{"check", OPTION_SWITCH, NULL,
                 "say nothing; exit code 0 if an instance is running, 3 if not", NULL}},
    .run = run,
};
