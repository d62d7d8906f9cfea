/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/session/session_world.h"
#include "shell/session/social_once.h"
#include "shell/store/social_import.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"
#include "shell/sys/clock.h"

#define NEWS_SHOWN 5

/* ---- where it comes from ------------------------------------------------------------------- */

static bool from_state(const CommandCall *call, SocialOnce *once, StateDir *state, Error *error) {
    static _Alignas(16) SocialUpdate update;
    if (!state_find(call_state(call), state, error)) return false;
    Store *store = store_open(state->path, true, error);
    if (!store) return false;
    for (unsigned i = 0; i < once->symbol_count; i++)
        if (store_latest(store, TOPIC_SOCIAL_UPDATES, once->symbols[i].text, &update))
            once->updates[once->update_count++] = update;
    store_close(store);
    return true;
}

static void remove_folder(const char *path) {
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.') unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder) closedir(folder);
    rmdir(path);
}

/* Files of others are read as `backtest import` reads them, into a folder of their own. */
static bool from_files(SocialOnce *once, const char *const *files, unsigned count, int64_t until_us,
                       Error *error) {
    char root[64] = "/tmp/trader-social-XXXXXX", inside[80];
    if (!mkdtemp(root))
        return error_set(error, ERROR_IO, "no folder for the files' readings", root, NULL);
    const SocialImportPlan plan = {.root = root, .now_us = clock_wall_us()};
    bool good = true;
    for (unsigned i = 0; i < count && good; i++) {
        SocialImported imported;
        good = social_import_knows(files[i])
                   ? social_import(&plan, files[i], &imported, error)
                   : error_set(error, ERROR_DATA, "not a file of social data", files[i],
                               "docs/SOCIAL.md says which files are read");
    }
    good = good && social_once_recall(once, root, until_us, error);
    snprintf(inside, sizeof inside, "%s/social", root);
    remove_folder(inside);
    remove_folder(root);
    return good;
}

/* ---- showing ------------------------------------------------------------------------------- */

static void print_json(const SocialOnce *once) {
    static char memory[4 * LIMIT_PAYLOAD];
    putchar('[');
    for (unsigned i = 0; i < once->update_count; i++) {
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        codec_write_json(&message_shapes[MESSAGE_SOCIAL_UPDATE], &once->updates[i], &writer);
        CHECK(!text.overflow, "social: an update outgrew its memory");
        printf("%s%s", i ? "," : "", text_end(&text));
    }
    puts("]");
}

static void cell(Table *table, double value, int decimals) {
    char memory[48];
    Text text = TEXT_IN(memory);
    if (isnan(value))
        text_put(&text, "no data");
    else if (decimals == 0)
        number_count(&text, (int64_t)value);
    else
        number_fixed(&text, value, decimals, false);
    table_cell(table, isnan(value) ? STYLE_DIM : STYLE_PLAIN, text_end(&text));
}

static void print_row(Table *table, const SocialUpdate *update) {
    const SocialMetrics *metrics = &update->data.metrics;
    table_cell(table, STYLE_BOLD, update->symbol);
    cell(table, update->data.weighted_sentiment, 2);
    cell(table, metrics->social_volume, 0);
    cell(table, metrics->social_engagement, 0);
    cell(table, metrics->social_contributors, 0);
    cell(table, metrics->news_volume, 0);
    cell(table, update->data.quality, 2);
    table_cell(table, STYLE_DIM, update->data.quality_flags);
}

static void print_news(const SocialUpdate *update, bool color) {
    for (unsigned i = 0; i < update->data.recent_news_count && i < NEWS_SHOWN; i++) {
        const NewsItem *item = &update->data.recent_news[i];
        char memory[16];
        Text text = TEXT_IN(memory);
        Style style = item->sentiment > 0.56   ? STYLE_GOOD
                      : item->sentiment < 0.44 ? STYLE_BAD
                                               : STYLE_DIM;
        number_fixed(&text, item->sentiment, 2, false);
        printf("  %s%s%s %s  %s(%s)%s\n", paint_begin(style, color), text_end(&text),
               paint_end(style, color), item->title, paint_begin(STYLE_DIM, color), item->source,
               paint_end(STYLE_DIM, color));
    }
}

static void print_screen(const SocialOnce *once, bool color) {
    static const char *const titles[] = {
        "SYMBOL", "SENTIMENT", "POSTS", "ENGAGEMENT", "CONTRIBUTORS", "NEWS", "QUALITY", "", NULL};
    Table *table = table_open(titles, 0x7E);
    for (unsigned i = 0; i < once->update_count; i++)
        print_row(table, &once->updates[i]);
    table_print(table, color, stdout);
    table_close(table);
    for (unsigned i = 0; i < once->update_count; i++) {
        if (once->updates[i].data.recent_news_count == 0) continue;
        printf("\n%s\n", once->updates[i].symbol);
        print_news(&once->updates[i], color);
    }
    printf("\nsentiment: 0 bad, 0.5 neutral, 1 good; docs/SOCIAL.md says how. Not a "
           "recommendation.\n");
}

/* ---- the command --------------------------------------------------------------------------- */

static bool take_symbols(const CommandCall *call, const Settings *settings, SocialOnce *once,
                         SymbolName symbols[static LIMIT_SYMBOLS], Error *error) {
    const char *const *names;
    unsigned count = call_list(call, "symbols", &names);
    once->symbols = symbols;
    if (count == 0) return session_symbol_list(settings, symbols, &once->symbol_count, error);
    for (unsigned i = 0; i < count && i < LIMIT_SYMBOLS; i++)
        if (!symbol_name_set(&symbols[once->symbol_count++], slice_of(names[i])))
            return error_set(error, ERROR_USAGE, "no name of a symbol", names[i], "BTCUSDC");
    return true;
}

static bool gather(CommandCall *call, SocialOnce *once, Error *error) {
    const char *const *files;
    const char *end = call_value(call, "end_date");
    unsigned count = call_list(call, "input", &files);
    StateDir state;
    int64_t until_us = 0;
    if (end && !instant_parse(slice_of(end), &until_us))
        return error_set(error, ERROR_USAGE, "--end-date wants a date", end, "2024-11-24");
    if (call_has(call, "now")) return social_once_ask(once, error);
    if (count) return from_files(once, files, count, until_us, error);
    if (end) return social_once_recall(once, once->settings->history.directory, until_us, error);
    if (!from_state(call, once, &state, error)) return false;
    if (once->update_count > 0) return true;
    return error_set(error, ERROR_DATA, "no social data yet in this state", state.path,
                     "trader social --now asks the sources once");
}

static int run(CommandCall *call, Error *error) {
    static SocialOnce once;
    SymbolName symbols[LIMIT_SYMBOLS];
    const Settings *settings;
    if (!call_settings(call, &settings, error)) return error_exit_code(error->code);
    once = (SocialOnce){.settings = settings, .dotenv = call_dotenv(call)};
    if (!take_symbols(call, settings, &once, symbols, error) || !gather(call, &once, error))
        return error_exit_code(error->code);
    if (call_json(call))
        print_json(&once);
    else
        print_screen(&once, call_color(call));
    return 0;
}

const Command command_social = {
    .name = "social",
    .group = "look",
    .sentence = "Social data and news: of a state, asked now, or out of stored history.",
    .examples = {"trader social", "trader social --now --symbols BTCUSDC,ETHUSDC --json",
                 "trader social --end-date 2024-11-24 --symbols BTCUSDC"},
    .options = {{"symbols", OPTION_LIST, "S", "only these", NULL},
                {"now", OPTION_SWITCH, NULL, "ask the sources once (up to two minutes)", NULL},
                {"input", OPTION_LIST, "FILE", "files of social data in place of the state", NULL},
                {"end_date", OPTION_VALUE, "D", "as it was known then, from stored history", NULL},
                {"data_dir", OPTION_VALUE, "DIR", "where history is stored", "data.directory"}},
    .run = run,
};
