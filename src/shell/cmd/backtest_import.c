/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candle files from elsewhere into the store, and files of social history beside them (known by
 * their headers, shell/store/social_import.h). Files are taken one by one: what is wrong with one
 * is said, and the others are stored all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/bus/shape.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/store/candle_catalog.h"
#include "shell/store/candle_import.h"
#include "shell/store/candle_store.h"
#include "shell/store/social_import.h"
#include "shell/sys/clock.h"

#define REFUSALS_SHOWN 20 /* a page; the rest is counted */
#define GAPS_SHOWN     10

typedef struct Totals {
    const char *root;
    bool json;
    CandleCatalog touched;
    uint64_t files, bars, duplicates, improved, refused, failed;
    uint64_t social_files, readings, social_gaps, social_missing; /* of social history */
    CandleGaps gaps; /* in what is stored now, of the series touched */
    uint64_t shown, gaps_shown;
    Error first;    /* file that was refused whole */
    char *refusals; /* JSON, separated by commas */
    size_t refusals_length;
} Totals;

/* --- telling ---------------------------------------------------------------------------------- */

static void keep_refusal(Totals *totals, const Error *reason) {
    char memory[1024];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "where");
    json_string(&writer, reason->where);
    json_key(&writer, "message");
    json_string(&writer, reason->message);
    json_object_end(&writer);
    size_t needed = totals->refusals_length + text.length + 2;
    char *grown = realloc(totals->refusals, needed);
    if (!grown) return; /* they are still counted */
    totals->refusals = grown;
    if (totals->refusals_length) grown[totals->refusals_length++] = ',';
    memcpy(grown + totals->refusals_length, text_end(&text), text.length + 1);
    totals->refusals_length += text.length;
}

static void tell_refused(void *context, const Error *reason) {
    Totals *totals = context;
    if (totals->shown++ >= REFUSALS_SHOWN) return;
    if (totals->json)
        keep_refusal(totals, reason);
    else
        fprintf(stderr, "left out: %s: %s\n", reason->where, reason->message);
}

static void tell_file(const Totals *totals, const char *path, const CandleImported *imported) {
    if (totals->json) return;
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    printf("%s: %s %s, %llu new", name, imported->key.symbol.text,
           candle_length_name(imported->key.length_us), (unsigned long long)imported->added);
    if (imported->duplicates)
        printf(", %llu known already", (unsigned long long)imported->duplicates);
    if (imported->improved)
        printf(" (%llu now with more fields)", (unsigned long long)imported->improved);
    if (imported->refused) printf(", %llu rows left out", (unsigned long long)imported->refused);
    putchar('\n');
}

static void tell_gap(void *context, const CandleKey *key, const CandleGap *gap) {
    Totals *totals = context;
    char from[25], until[25];
    if (totals->json || totals->gaps_shown++ >= GAPS_SHOWN) return;
    instant_to_iso(gap->from_us, from);
    instant_to_iso(gap->until_us, until);
    printf("  gap in %s %s: %llu missing from %.16s until %.16s\n", key->symbol.text,
           candle_length_name(key->length_us), (unsigned long long)gap->bars, from, until);
}

/* --- doing ------------------------------------------------------------------------------------ */

static void tell_readings(Totals *totals, const char *path, const SocialImported *imported) {
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    uint64_t known = imported->rows - imported->refused - imported->added;
    totals->readings += imported->added;
    totals->duplicates += known;
    totals->refused += imported->refused;
    totals->social_gaps += imported->gaps;
    totals->social_missing += imported->missing;
    if (totals->json) return;
    char from[25], until[25], what[64];
    snprintf(what, sizeof what, "social history of %s", OutsideSource_text(imported->source));
    instant_to_iso(imported->first_us, from);
    instant_to_iso(imported->last_us, until);
    printf("%s: %s from %.10s to %.10s, %llu new", name, imported->is_news ? "headlines" : what,
           from, until, (unsigned long long)imported->added);
    if (known) printf(", %llu known already", (unsigned long long)known);
    if (imported->gaps)
        printf(", %llu gaps (%llu hours or days without a row)", (unsigned long long)imported->gaps,
               (unsigned long long)imported->missing);
    if (imported->refused) printf(", %llu rows left out", (unsigned long long)imported->refused);
    putchar('\n');
}

/* What no file can be stored after is no matter of this file. */
static bool count_failure(Totals *totals, const Error *reason, Error *error) {
    bool fatal = reason->code == ERROR_DISK_FULL || reason->code == ERROR_IO;
    if (totals->failed++ == 0) totals->first = *reason;
    if (totals->failed > 1 && !totals->json)
        fprintf(stderr, "refused: %s: %s\n", reason->where, reason->message);
    if (fatal) *error = *reason;
    return !fatal;
}

static bool import_readings(Totals *totals, const char *path, Error *error) {
    SocialImported imported;
    Error reason;
    totals->files++;
    totals->social_files++;
    SocialImportPlan plan = {.root = totals->root,
                             .now_us = clock_wall_us(),
                             .on_refused = tell_refused,
                             .context = totals};
    if (!social_import(&plan, path, &imported, &reason))
        return count_failure(totals, &reason, error);
    tell_readings(totals, path, &imported);
    return true;
}

static bool import_file(Totals *totals, const CandleImportPlan *plan, const char *path,
                        Error *error) {
    CandleImported imported;
    Error reason;
    if (social_import_knows(path)) return import_readings(totals, path, error);
    totals->files++;
    if (!social_import_refuse_strange(path, &reason)) return count_failure(totals, &reason, error);
    if (candle_import(plan, path, &imported, &reason)) {
        totals->bars += imported.added;
        totals->improved += imported.improved;
        tell_file(totals, path, &imported);
        totals->duplicates += imported.duplicates;
        totals->refused += imported.refused;
        return candle_catalog_add(&totals->touched, &imported.key, error);
    }
    return count_failure(totals, &reason, error);
}

static void put_count(JsonWriter *writer, const char *key, uint64_t count) {
    json_key(writer, key);
    json_int(writer, (int64_t)count);
}

static void print_json(const Totals *totals) {
    char memory[1024];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    put_count(&writer, "files", totals->files);
    put_count(&writer, "bars", totals->bars);
    put_count(&writer, "gaps", totals->gaps.gaps);
    put_count(&writer, "missing", totals->gaps.missing);
    put_count(&writer, "duplicates", totals->duplicates);
    put_count(&writer, "improved", totals->improved);
    put_count(&writer, "refused", totals->refused);
    put_count(&writer, "readings", totals->readings);
    put_count(&writer, "social_gaps", totals->social_gaps);
    put_count(&writer, "social_missing", totals->social_missing);
    printf("%s,\"refusals\":[%s]}\n", text_end(&text), totals->refusals ? totals->refusals : "");
}

static void print_totals(const Totals *totals) {
    if (!totals->json && totals->social_files < totals->files)
        printf("%llu bars stored from %llu files; %llu gaps (%llu bars), %llu duplicates, "
               "%llu refused\n",
               (unsigned long long)totals->bars, (unsigned long long)totals->files,
               (unsigned long long)totals->gaps.gaps, (unsigned long long)totals->gaps.missing,
               (unsigned long long)totals->duplicates, (unsigned long long)totals->refused);
    if (!totals->json && totals->social_files)
        printf("%llu rows of social history stored from %llu files\n",
               (unsigned long long)totals->readings, (unsigned long long)totals->social_files);
    if (totals->json) print_json(totals);
}

static bool make_plan(const CommandCall *call, Totals *totals, CandleImportPlan *plan,
                      Error *error) {
    const char *const *symbols;
    const char *interval = call_value(call, "interval"), *venue = call_value(call, "venue");
    unsigned count = call_list(call, "symbols", &symbols);
    *plan = (CandleImportPlan){.root = totals->root,
                               .venue = venue ? venue : CANDLE_VENUE,
                               .symbol = count ? symbols[0] : NULL,
                               .on_refused = tell_refused,
                               .context = totals};
    if (count > 1)
        return error_set(error, ERROR_USAGE, "one symbol at a time can be given to files",
                         "--symbols", "name the files after their symbols: BTCUSDT-1h.csv");
    if (interval && !candle_length_parse(slice_of(interval), &plan->length_us))
        return error_set(error, ERROR_USAGE, "no interval", interval,
                         "1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h or 1d");
    return true;
}

static bool import_all(const CommandCall *call, Totals *totals, Error *error) {
    const char *const *paths;
    CandleImportPlan plan;
    unsigned count = call_arguments(call, &paths);
    if (count == 0)
        return error_set(error, ERROR_USAGE, "say which files", "backtest import",
                         "trader backtest import BTCUSDT-1h-2024-01.zip");
    if (!make_plan(call, totals, &plan, error)) return false;
    for (unsigned i = 0; i < count; i++)
        if (!import_file(totals, &plan, paths[i], error)) return false;
    totals->gaps = (CandleGaps){.on_gap = tell_gap, .context = totals};
    if (!candle_catalog_gaps(totals->root, &totals->touched, &totals->gaps, error)) return false;
    if (totals->failed == 0 || !totals->json) print_totals(totals);
    if (totals->failed) *error = totals->first;
    return totals->failed == 0;
}

static int run(CommandCall *call, Error *error) {
    const Settings *settings;
    if (!call_settings(call, &settings, error)) return error_exit_code(error->code);
    Totals totals = {.root = settings->history.directory, .json = call_json(call)};
    bool good = import_all(call, &totals, error);
    candle_catalog_free(&totals.touched);
    free(totals.refusals);
    return good ? 0 : error_exit_code(error->code);
}

const Command command_backtest_import = {
    .name = "backtest import",
    .group = "backtest",
    .sentence =
        "Takes candle files into the store: the venue's dumps, CSV, freqtrade and ccxt JSON, "
        "also .gz and .zip; and files of social history.",
    .arguments = "FILE...",
    .examples = {"trader backtest import BTCUSDT-1h-2024-01.zip", "trader backtest import *.csv.gz",
                 "trader backtest import BTC_USDT-1m.json",
                 "trader backtest import lunarcrush_daily.csv fear_greed.csv"},
    .options = {{"symbols", OPTION_LIST, "S", "symbol of files whose names do not say it", NULL},
                {"interval", OPTION_VALUE, "I", "their interval, if it is not the smallest spacing",
                 NULL},
                {"venue", OPTION_VALUE, "NAME", "whose candles they are (binance)", NULL},
                {"data_dir", OPTION_VALUE, "DIR", "another data directory", "data.directory"}},
    .run = run,
};
