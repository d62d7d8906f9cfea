/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/trade/version_score.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/session/model_record.h"
#include "shell/store/model_inbox.h"
#include "shell/store/state_dir.h"

#define COMPARE_LEAST 10 /* outcomes of both, below which a difference says nothing at all */

/* ---- JSON ---------------------------------------------------------------------------------- */

static void begin_json(Text *text, JsonWriter *writer) {
    static char memory[64 * LIMIT_PAYLOAD]; /* 500 versions of 4 KiB, or events of 0.5 KiB */
    *text = text_in(memory, sizeof memory);
    *writer = json_writer(text);
}

static void end_json(Text *text) {
    CHECK(!text->overflow, "models: the registry outgrew its memory");
    puts(text_end(text));
}

static void write_version(const ModelVersion *version, JsonWriter *writer) {
    codec_write_json(&message_shapes[MESSAGE_MODEL_VERSION], version, writer);
}

/* ---- numbers ------------------------------------------------------------------------------- */

static void put_share(Text *text, double share) {
    text_clear(text);
    if (isnan(share)) {
        text_put(text, "-");
        return;
    }
    number_fixed(text, share * 100, 1, false);
    text_put(text, " %");
}

static void put_ratio(Text *text, double ratio) {
    text_clear(text);
    if (isnan(ratio))
        text_put(text, "-");
    else
        number_fixed(text, ratio, 2, false);
}

/* With its interval: 37.3 % (27.7 to 48.1). */
static void put_win_rate(Text *text, const VersionMetrics *metrics) {
    double low, high;
    put_share(text, metrics->win_rate);
    version_share_interval(metrics->successful_trades, metrics->total_trades,
                           metrics->separate_trades, &low, &high);
    if (isnan(low)) return;
    text_put(text, " (");
    number_fixed(text, low * 100, 1, false);
    text_put(text, " to ");
    number_fixed(text, high * 100, 1, false);
    text_char(text, ')');
}

/* ---- list ---------------------------------------------------------------------------------- */

static void print_row(Table *table, const ModelVersion *version) {
    const VersionMetrics *metrics = &version->performance_metrics;
    char memory[96], time[25];
    Text text = TEXT_IN(memory);
    bool champion = strcmp(version->status, "champion") == 0;
    table_cell(table, STYLE_BOLD, version->version_id);
    table_cell(table, STYLE_PLAIN, version->version_name);
    table_cell(table, champion ? STYLE_GOOD : STYLE_DIM, version->status);
    number_count(&text, metrics->total_trades);
    table_cell(table, STYLE_PLAIN, text_end(&text));
    put_win_rate(&text, metrics);
    table_cell(table, STYLE_PLAIN, text_end(&text));
    put_share(&text, metrics->accuracy);
    table_cell(table, STYLE_PLAIN, text_end(&text));
    put_ratio(&text, metrics->profit_factor);
    table_cell(table, STYLE_PLAIN, text_end(&text));
    instant_to_iso(version->registration_date, time);
    time[10] = 0;
    table_cell(table, STYLE_DIM, time);
}

static int list(const CommandCall *call, const ModelRecord *record, const char *state) {
    static const char *const titles[] = {"ID",       "VERSION", "STATUS", "SCORED", "WIN RATE 95 %",
                                         "ACCURACY", "PROFIT",  "SINCE",  NULL};
    if (call_json(call)) {
        Text text;
        JsonWriter writer;
        begin_json(&text, &writer);
        json_array_begin(&writer);
        for (unsigned i = 0; i < record->count; i++)
            write_version(&record->versions[i], &writer);
        json_array_end(&writer);
        end_json(&text);
        return 0;
    }
    if (record->count == 0) {
        printf("no versions yet in %s\n", state);
        return 0;
    }
    Table *table = table_open(titles, 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6);
    for (unsigned i = 0; i < record->count; i++)
        print_row(table, &record->versions[i]);
    table_print(table, call_color(call), stdout);
    table_close(table);
    printf("\n%s   next: trader models show ID\n", state);
    return 0;
}

/* ---- show ---------------------------------------------------------------------------------- */

static void print_line(const char *title, const char *text) {
    printf("  %-14s %s\n", title, text[0] ? text : "-");
}

static void print_time(const char *title, int64_t time_us) {
    char time[25] = "";
    if (time_us) instant_to_iso(time_us, time);
    print_line(title, time);
}

static void print_metrics(const char *title, const VersionMetrics *metrics) {
    char memory[96];
    Text text = TEXT_IN(memory);
    put_win_rate(&text, metrics);
    printf("  %-14s %lld scored, win rate %s, accuracy ", title, (long long)metrics->total_trades,
           text_end(&text));
    put_share(&text, metrics->accuracy);
    printf("%s, profit factor ", text_end(&text));
    put_ratio(&text, metrics->profit_factor);
    printf("%s, confidence ", text_end(&text));
    put_share(&text, metrics->avg_confidence);
    puts(text_end(&text));
}

static void print_events(const ModelRecord *record, const char *id) {
    for (unsigned i = 0; i < record->event_count; i++) {
        const VersionEvent *event = &record->events[i];
        char time[25];
        if (strcmp(event->version_id, id) != 0) continue;
        instant_to_iso(event->time, time);
        printf("  %.10s %.8s  %s by %s: %s\n", time, time + 11, ModelAction_text(event->action),
               event->by, event->text);
    }
}

static int show(const CommandCall *call, const ModelRecord *record, const char *id, Error *error) {
    const ModelVersion *version = model_record_find(record, id, error);
    if (!version) return error_exit_code(error->code);
    if (call_json(call)) {
        Text text;
        JsonWriter writer;
        begin_json(&text, &writer);
        write_version(version, &writer);
        end_json(&text);
        return 0;
    }
    printf("%s%s%s %s\n", paint_begin(STYLE_BOLD, call_color(call)), version->version_name,
           paint_end(STYLE_BOLD, call_color(call)), version->status);
    print_line("id", version->version_id);
    print_line("type", version->model_type);
    print_line("made from", version->parent_id);
    print_time("created", version->creation_date);
    print_time("registered", version->registration_date);
    print_time("data from", version->data_from);
    print_time("data to", version->data_to);
    print_line("config", version->config);
    print_line("settings", version->settings_hash);
    print_metrics("live", &version->performance_metrics);
    if (version->out_of_sample.total_trades)
        print_metrics("out of sample", &version->out_of_sample);
    else
        print_line("out of sample", ""); /* it was not measured: that is not "0 scored" */
    print_time("as of", version->last_updated);
    print_events(record, version->version_id);
    return 0;
}

/* ---- compare ------------------------------------------------------------------------------- */

static void print_comparison(const ModelVersion *one, const ModelVersion *other,
                             const VersionTest *test) {
    print_metrics(one->version_id, &one->performance_metrics);
    print_metrics(other->version_id, &other->performance_metrics);
    if (isnan(test->difference)) {
        printf("  not comparable: %u and %u outcomes on record, %d of both are the least\n",
               test->champion_count, test->challenger_count, COMPARE_LEAST);
        return;
    }
    printf("  %s earns %+.3f %% more a signal than %s (%s, %u and %u outcomes on %u days)\n",
           other->version_id, test->difference, one->version_id,
           test->paired ? "the same closes" : "two samples", test->champion_count,
           test->challenger_count, test->days);
    if (isnan(test->p))
        printf("  whether that is luck cannot be said of %u days: %d are the least\n", test->days,
               VERSION_DAYS_MIN);
    else
        printf(
            "  p %.4f of so much by luck, if it is no better. Look once: each further look finds "
            "more by luck\n",
            test->p);
}

static void write_comparison(const ModelVersion *one, const ModelVersion *other,
                             const VersionTest *test) {
    Text text;
    JsonWriter writer;
    begin_json(&text, &writer);
    json_object_begin(&writer);
    json_key(&writer, "versions");
    json_array_begin(&writer);
    write_version(one, &writer);
    write_version(other, &writer);
    json_array_end(&writer);
    json_key(&writer, "paired");
    json_bool(&writer, test->paired);
    json_key(&writer, "outcomes");
    json_array_begin(&writer);
    json_int(&writer, test->champion_count);
    json_int(&writer, test->challenger_count);
    json_array_end(&writer);
    json_key(&writer, "days");
    json_int(&writer, test->days);
    json_key(&writer, "difference_pct");
    json_double(&writer, test->difference);
    json_key(&writer, "p_value");
    json_double(&writer, test->p);
    json_object_end(&writer);
    end_json(&text);
}

static int compare(const CommandCall *call, const ModelRecord *record, Store *store,
                   const char *const *ids, Error *error) {
    static VersionOutcomes outcomes[2];
    const ModelVersion *one = model_record_find(record, ids[0], error);
    const ModelVersion *other = one ? model_record_find(record, ids[1], error) : NULL;
    if (!other || !model_record_outcomes(store, one, &outcomes[0], error) ||
        !model_record_outcomes(store, other, &outcomes[1], error))
        return error_exit_code(error->code);
    VersionTest test = version_test(&outcomes[0], &outcomes[1], 0, COMPARE_LEAST, 1);
    if (call_json(call))
        write_comparison(one, other, &test);
    else
        print_comparison(one, other, &test);
    return 0;
}

/* ---- orders -------------------------------------------------------------------------------- */

static void tell(const CommandCall *call, const ModelOrder *order, const char *state, int holder) {
    const char *word = ModelAction_text(order->action);
    if (call_json(call)) {
        printf("{\"state\":\"%s\",\"action\":\"%s\",\"version_id\":\"%s\",\"heard\":\"%s\"}\n",
               state, word, order->version_id, holder ? "now" : "at_next_start");
        return;
    }
    printf("%s %s: ", word, order->version_id);
    if (holder)
        printf("told the instance with pid %d (%s)\n", holder, state);
    else
        printf("nothing runs on %s; it is heard at the next start\n", state);
    puts("It changes who is champion in the registry; which version decides, the settings say.");
}

static int put_order(const CommandCall *call, const ModelRecord *record, ModelAction action,
                     const char *id, const char *state, Error *error) {
    ModelOrder order = {.action = action, .by = "cli"};
    const char *reason = call_value(call, "reason");
    const ModelVersion *version =
        id ? model_record_find(record, id, error) : model_record_champion(record, error);
    int holder = 0;
    if (!version) return error_exit_code(error->code);
    memcpy(order.version_id, version->version_id, sizeof order.version_id);
    if (!slice_copy(slice_of(reason ? reason : "trader models"), order.reason,
                    sizeof order.reason)) {
        error_set(error, ERROR_USAGE, "the reason is longer than 159 characters", "models", NULL);
        return error_exit_code(ERROR_USAGE);
    }
    if (!model_inbox_put(state, &order, &holder, error)) return error_exit_code(error->code);
    tell(call, &order, state, holder);
    return 0;
}

/* ---- the word ------------------------------------------------------------------------------ */

typedef struct Word {
    const char *name;
    unsigned arguments;
    ModelAction action; /* of an order */
} Word;

static const Word words[] = {{"list", 0, 0},
                             {"show", 1, 0},
                             {"compare", 2, 0},
                             {"promote", 1, VERSION_PROMOTE},
                             {"rollback", 0, VERSION_ROLL_BACK},
                             {"retire", 1, VERSION_RETIRE},
                             {"challenge", 1, VERSION_CHALLENGE}};

static const Word *word_of(const CommandCall *call, Error *error) {
    const char *const *arguments;
    unsigned count = call_arguments(call, &arguments);
    if (count == 0) return &words[0];
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].name, arguments[0]) != 0) continue;
        if (count == words[i].arguments + 1) return &words[i];
        error_set(error, ERROR_USAGE, "so many versions are not what it works on", arguments[0],
                  "show ID, compare A B, promote ID, rollback, retire ID, challenge ID");
        return NULL;
    }
    error_set(error, ERROR_USAGE, "there is no such word", arguments[0],
              "list, show, compare, promote, rollback, retire, challenge");
    return NULL;
}

static int carry_out(const CommandCall *call, const Word *word, Store *store, const char *state,
                     Error *error) {
    const char *const *arguments;
    ModelRecord record;
    call_arguments(call, &arguments);
    const char *const *ids = arguments + 1;
    if (!model_record_read(store, &record, error)) return error_exit_code(error->code);
    int code;
    if (word->action != VERSION_REGISTER)
        code =
            put_order(call, &record, word->action, word->arguments ? ids[0] : NULL, state, error);
    else if (word->arguments == 2)
        code = compare(call, &record, store, ids, error);
    else if (word->arguments == 1)
        code = show(call, &record, ids[0], error);
    else
        code = list(call, &record, state);
    model_record_free(&record);
    return code;
}

static int run(CommandCall *call, Error *error) {
    StateDir state;
    const Word *word = word_of(call, error);
    if (!word || !state_find(call_state(call), &state, error)) return error_exit_code(error->code);
    Store *store = store_open(state.path, true, error);
    if (!store) return error_exit_code(error->code);
    int code = carry_out(call, word, store, state.path, error);
    store_close(store);
    return code;
}

const Command command_models = {
    .name = "models",
    .group = "look",
    .sentence =
        "The versions of what decides: their records, comparison, champion and challengers.",
    .arguments =
        "[list | show ID | compare A B | promote ID | rollback | retire ID | challenge ID]",
    .examples = {"trader models", "trader models compare 629a1f1a a1b2c3d4",
                 "trader models challenge a1b2c3d4 --reason \"new prompt\""},
    .options = {{"reason", OPTION_VALUE, "TEXT", "of an order: why; it stands in the journal",
                 NULL}},
    .run = run,
};
