/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/backtest/canary_watch.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"

#define DAYS_PRESET 3 /* of minutes: the daily session's two, and one more */
#define CUTS_PRESET 4
#define ROWS_MAX    200000 /* more candles make it slow and show nothing new */
#define LINE_BYTES  2048

/* ---- what was found ------------------------------------------------------------------------ */

/* A document that is whole or not there: it is kept until all is known. */
typedef struct Told {
    bool json, color;
    unsigned count;
    FILE *kept;
    char *bytes;
    size_t size;
} Told;

static void tell_json(const Told *told, const char *kind, const char *name, const char *words) {
    char memory[LINE_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "kind");
    json_string(&writer, kind);
    json_key(&writer, "name");
    json_string(&writer, name);
    json_key(&writer, "text");
    json_string(&writer, words);
    json_object_end(&writer);
    fprintf(told->kept, "%s%s", told->count ? "," : "", text_end(&text));
}

static void tell(void *context, const char *kind, const char *name, const char *words) {
    Told *told = context;
    if (told->json) {
        tell_json(told, kind, name, words);
    } else {
        paint_mark(stdout, MARK_BAD, told->color);
        printf(" %s %s: %s\n", kind, name, words);
    }
    told->count++;
}

static void print_totals(const CanaryTotals *totals, const Told *told) {
    if (told->json) {
        printf("{\"findings\":[%.*s],\"indicators\":%u,\"strategies\":%u,\"services\":%u,\"warm_"
               "ups\":%u,"
               "\"without_promise\":%u,\"too_short\":%u,\"compared\":%llu}\n",
               (int)told->size, told->bytes, totals->indicators, totals->strategies,
               totals->services, totals->warmups, totals->no_promise, totals->too_short,
               (unsigned long long)totals->compared);
        return;
    }
    paint_mark(stdout, totals->findings ? MARK_BAD : MARK_GOOD, told->color);
    printf(" %u indicators, %u strategies (as stream, batch, trial and in the lab), %u services: "
           "%llu values and decisions the same in every changed future, %u findings\n",
           totals->indicators, totals->strategies, totals->services,
           (unsigned long long)totals->compared, totals->findings);
    printf("  warm-up: %u indicators forget where the history begins, as they say; %u remember "
           "it by their nature; for %u there are too few candles\n",
           totals->warmups, totals->no_promise, totals->too_short);
}

/* ---- the candles --------------------------------------------------------------------------- */

static bool take_number(const CommandCall *call, const char *option, int64_t least, int64_t most,
                        int64_t *number, Error *error) {
    const char *value = call_value(call, option);
    if (!value) return true;
    return (slice_int(slice_of(value), number) && *number >= least && *number <= most) ||
           error_set(error, ERROR_USAGE, "not a whole number in its bounds", option, "as in 3");
}

static Feed *open_feed(const CommandCall *call, int64_t seed, int64_t days, Error *error) {
    static const SymbolName symbols[] = {{"BTCUSDC"}, {"ETHUSDC"}};
    const char *const *paths;
    unsigned count = call_list(call, "data", &paths);
    FeedReplayPlan replay = {.paths = paths, .path_count = count};
    FeedGeneratedPlan generated = {.seed = (uint64_t)seed,
                                   .days = (unsigned)days,
                                   .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                                   .symbols = symbols,
                                   .symbol_count = 2};
    return count ? feed_replay_open(&replay, error) : feed_generated_open(&generated, error);
}

static bool read_candles(const CommandCall *call, int64_t seed, int64_t days, BarColumns *columns,
                         Error *error) {
    Feed *feed = open_feed(call, seed, days, error);
    if (!feed) return false;
    bool sound = bar_columns_of_feed(columns, feed, error);
    feed->close(feed);
    for (unsigned i = 0; sound && i < columns->count; i++) {
        LabMarket *market = &columns->markets[i];
        if (market->candles.count > ROWS_MAX) market->candles.count = ROWS_MAX;
        market->end = market->candles.count;
        sound = market->end > 0 || error_set(error, ERROR_DATA, "there are no candles of a symbol",
                                             market->symbol.name.text, NULL);
    }
    return sound;
}

/* ---- the command --------------------------------------------------------------------------- */

static bool verify(CommandCall *call, CanaryTotals *totals, Error *error) {
    const Settings *settings;
    int64_t seed = 1, days = DAYS_PRESET, cuts = CUTS_PRESET;
    BarColumns columns = {0};
    Told told = {.json = call_json(call), .color = call_color(call)};
    bool sound = call_settings(call, &settings, error) &&
                 take_number(call, "seed", 0, INT64_MAX, &seed, error) &&
                 take_number(call, "days", 1, 60, &days, error) &&
                 take_number(call, "cuts", 1, 100, &cuts, error) &&
                 read_candles(call, seed, days, &columns, error);
    CanaryWatch watch = {
        .columns = &columns, .cuts = (unsigned)cuts, .tell = tell, .context = &told};
    if (sound) watch.settings = settings;
    told.kept = open_memstream(&told.bytes, &told.size);
    if (sound && !told.kept) sound = error_set(error, ERROR_LIMIT, "out of memory", "canary", NULL);
    sound = sound && canary_watch_all(&watch, totals, error);
    bar_columns_free(&columns);
    if (told.kept) fclose(told.kept);
    if (sound) print_totals(totals, &told);
    free(told.bytes);
    return sound;
}

static int run(CommandCall *call, Error *error) {
    CanaryTotals totals;
    if (!verify(call, &totals, error)) return error_exit_code(error->code);
    return totals.findings ? error_exit_code(ERROR_FINDINGS) : 0;
}

const Command command_backtest_verify = {
    .name = "backtest verify",
    .group = "backtest",
    .sentence = "The look-ahead canary: changes the future, and everything computed and decided "
                "before it must stay the same.",
    .examples = {"trader backtest verify", "trader backtest verify --data BTCUSDT-1h.csv.gz"},
    .options = {{"data", OPTION_LIST, "FILE", "candle files; else a generated market", NULL},
                {"seed", OPTION_VALUE, "N", "of the generated market (1)", NULL},
                {"days", OPTION_VALUE, "N", "of the generated market (3)", NULL},
                {"cuts", OPTION_VALUE, "N",
                 "instants behind which the future is changed (4), and as many behind gaps", NULL}},
    .run = run,
};
