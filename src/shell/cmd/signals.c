/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"

#define LIMIT_PRESET  20     /* one screen */
#define LIMIT_HIGHEST 100000 /* a signal has about 6 KiB in memory */

typedef struct Found {
    Signal *signals;
    unsigned count, capacity;
} Found;

static bool keep(void *context, const Message *message) {
    Found *found = context;
    if (found->count == found->capacity) {
        found->capacity = found->capacity ? 2 * found->capacity : LIMIT_PRESET;
        found->signals = realloc(found->signals, found->capacity * sizeof *found->signals);
        CHECK(found->signals, "signals: out of memory");
    }
    memcpy(&found->signals[found->count++], message->payload, sizeof(Signal));
    return true;
}

/* By time, then by number ("s-9" before "s-10"). */
static int in_time(const void *a, const void *b) {
    const Signal *left = a, *right = b;
    if (left->timestamp != right->timestamp) return left->timestamp < right->timestamp ? -1 : 1;
    size_t first = strlen(left->id), second = strlen(right->id);
    if (first != second) return first < second ? -1 : 1;
    return strcmp(left->id, right->id);
}

static bool read_signals(const CommandCall *call, Store *store, unsigned limit, Found *found,
                         Error *error) {
    const char *const *symbols;
    unsigned count = call_list(call, "symbols", &symbols);
    StoreQuery query = {.limit = limit};
    if (count == 0) return store_select(store, TOPIC_TRADING_SIGNALS, &query, keep, found, error);
    for (unsigned i = 0; i < count; i++) {
        query.symbol = symbols[i];
        if (!store_select(store, TOPIC_TRADING_SIGNALS, &query, keep, found, error)) return false;
    }
    if (found->count) qsort(found->signals, found->count, sizeof(Signal), in_time);
    return true;
}

static void print_json(const Signal *signals, unsigned count) {
    static char memory[8 * LIMIT_PAYLOAD]; /* names and escapes around a payload */
    putchar('[');
    for (unsigned i = 0; i < count; i++) {
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        codec_write_json(&message_shapes[MESSAGE_SIGNAL], &signals[i], &writer);
        CHECK(!text.overflow, "signals: a signal outgrew its memory");
        printf("%s%s", i ? "," : "", text_end(&text));
    }
    puts("]");
}

static void print_row(Table *table, const Signal *signal) {
    char memory[160], time[25];
    Text text = TEXT_IN(memory);
    Style style = signal->decision == DECISION_BUY    ? STYLE_GOOD
                  : signal->decision == DECISION_SELL ? STYLE_WARN
                                                      : STYLE_DIM;
    instant_to_iso(signal->timestamp, time);
    text_format(&text, "%S %S", (Slice){time, 10}, (Slice){time + 11, 8});
    table_cell(table, STYLE_DIM, text_end(&text));
    table_cell(table, STYLE_PLAIN, signal->id);
    table_cell(table, STYLE_BOLD, signal->symbol);
    table_cell(table, style, Decision_text(signal->decision));
    text_clear(&text);
    number_fixed(&text, signal->score, 2, true);
    table_cell(table, STYLE_PLAIN, text_end(&text));
    text_clear(&text);
    number_fixed(&text, signal->confidence * 100, 0, false);
    text_put(&text, signal->unproven ? " % unproven" : " %");
    table_cell(table, signal->unproven ? STYLE_DIM : STYLE_PLAIN, text_end(&text));
    text_clear(&text);
    number_price(&text, signal->price);
    table_cell(table, STYLE_PLAIN, text_end(&text));
    text_clear(&text);
    if (signal->fallback) text_put(&text, "in the model's place: ");
    for (unsigned i = 0; i < signal->key_indicators_count && i < 3; i++)
        text_format(&text, "%s%s", i ? ", " : "", signal->key_indicators[i]);
    table_cell(table, STYLE_PLAIN, text_end(&text));
}

static void print_table(const CommandCall *call, const char *state, const Found *found,
                        unsigned first) {
    static const char *const titles[] = {"TIME (UTC)", "ID",    "SYMBOL", "SAYS", "SCORE",
                                         "HIT RATE",   "PRICE", "WHY",    NULL};
    if (found->count == 0) {
        printf("no signals yet in %s\n", state);
        return;
    }
    Table *table = table_open(titles, 1u << 4 | 1u << 5 | 1u << 6);
    for (unsigned i = first; i < found->count; i++)
        print_row(table, &found->signals[i]);
    table_print(table, call_color(call), stdout);
    table_close(table);
    printf("\n%s   Not recommendations.   next: trader portfolio\n", state);
}

static bool take_limit(const CommandCall *call, unsigned *limit, Error *error) {
    int64_t value = LIMIT_PRESET;
    const char *word = call_value(call, "limit");
    if (word && (!slice_int(slice_of(word), &value) || value < 1 || value > LIMIT_HIGHEST))
        return error_set(error, ERROR_USAGE, "--limit wants a whole number from 1 to 100000", word,
                         "trader signals --limit 20");
    *limit = (unsigned)value;
    return true;
}

static int run(CommandCall *call, Error *error) {
    StateDir state;
    unsigned limit = LIMIT_PRESET;
    Found found = {0};
    if (!take_limit(call, &limit, error) || !state_find(call_state(call), &state, error))
        return error_exit_code(error->code);
    Store *store = store_open(state.path, true, error);
    if (!store) return error_exit_code(error->code);
    bool good = read_signals(call, store, limit, &found, error);
    unsigned first = found.count > limit ? found.count - limit : 0;
    if (good && call_json(call))
        print_json(found.signals ? found.signals + first : NULL, found.count - first);
    else if (good)
        print_table(call, state.path, &found, first);
    free(found.signals);
    store_close(store);
    return good ? 0 : error_exit_code(error->code);
}

const Command command_signals = {
    .name = "signals",
    .group = "look",
    .sentence = "The newest trading signals, with their reasons.",
    .examples = {"trader signals --limit 5", "trader signals --symbols BTCUSDC,ETHUSDC --json"},
    .options = {{"limit", OPTION_VALUE, "N", "so many at most (20), newest last", NULL},
                {"symbols", OPTION_LIST, "S", "only these", NULL}},
    .run = run,
};
