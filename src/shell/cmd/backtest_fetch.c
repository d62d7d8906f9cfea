/* SPDX-License-Identifier: Apache-2.0 */
/* History from the venue into the store, and social history beside it: the Fear & Greed index, and
 * with a key LunarCrush's hourly series. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/drivers/candle_fetch.h"
#include "shell/drivers/social_fetch.h"
#include "shell/outside/lunarcrush_fetch.h"
#include "shell/outside/outside_open.h"
#include "shell/screen/paint.h"
#include "shell/store/candle_catalog.h"
#include "shell/sys/clock.h"

#define DAYS_PRESET   30
#define DAYS_MAX      7300   /* 20 years: no symbol is older */
#define REDRAW_US     100000 /* ten pictures a second are smooth */
#define BAR_WIDTH     24
#define REFUSED_SHOWN 20

static atomic_bool stopping;

static void stop(int signal_number) {
    (void)signal_number;
    atomic_store(&stopping, true);
}

typedef struct Fetch {
    CandleFetchPlan plan;
    CandleFetchTotals totals;
    SymbolName symbols[LIMIT_SYMBOLS];
    Interval intervals[INTERVAL_COUNT];
    CandleGaps gaps;
    SocialFetched social;
    Error social_error; /* ERROR_NONE: none */
    bool has_key;       /* of LunarCrush */
    unsigned assets;
    LunarcrushFetched lunarcrush;
    Error lunarcrush_error;
    bool wants_social, json, draws;
    int64_t drawn_us, started_us;
    uint64_t refused_shown;
} Fetch;

/* --- what is wanted --------------------------------------------------------------------------- */

static bool add_symbol(Fetch *fetch, Slice word, Error *error) {
    SymbolName name;
    word = slice_trim(word);
    if (word.length == 0) return true;
    CandleKey key = {.venue = CANDLE_VENUE, .length_us = INSTANT_MINUTE_US};
    if (!symbol_name_set(&name, word))
        return error_set(error, ERROR_USAGE, "no symbol", "--symbols", "as in BTCUSDC,ETHUSDC");
    key.symbol = name;
    if (candle_key_fault(&key))
        return error_set(error, ERROR_USAGE, candle_key_fault(&key), name.text,
                         "as in BTCUSDC,ETHUSDC");
    for (unsigned i = 0; i < fetch->plan.symbol_count; i++)
        if (symbol_name_equal(&fetch->symbols[i], &name)) return true;
    if (fetch->plan.symbol_count == LIMIT_SYMBOLS)
        return error_set(error, ERROR_USAGE, "at most 32 symbols at once", "--symbols",
                         "fetch the others afterwards");
    fetch->symbols[fetch->plan.symbol_count++] = name;
    return true;
}

static bool take_symbols(const CommandCall *call, const Settings *settings, Fetch *fetch,
                         Error *error) {
    const char *const *words;
    unsigned count = call_list(call, "symbols", &words);
    for (unsigned i = 0; i < count; i++)
        if (!add_symbol(fetch, slice_of(words[i]), error)) return false;
    if (count > 0) return true;
    for (const char *at = settings->trading.symbols; *at;) {
        size_t length = strcspn(at, ",");
        if (!add_symbol(fetch, (Slice){at, length}, error)) return false;
        at += length + (at[length] == ',');
    }
    return true;
}

static bool take_intervals(const CommandCall *call, Fetch *fetch, Error *error) {
    const char *const *words;
    unsigned count = call_list(call, "intervals", &words);
    if (count == 0) fetch->intervals[fetch->plan.interval_count++] = INTERVAL_1H;
    for (unsigned i = 0; i < count; i++) {
        Interval interval;
        bool again = false;
        if (!interval_parse(slice_of(words[i]), &interval))
            return error_set(error, ERROR_USAGE, "not an interval that is fetched", words[i],
                             "1m, 3m, 5m, 15m, 1h, 4h or 1d; others are made from shorter ones");
        for (unsigned k = 0; k < fetch->plan.interval_count; k++)
            again |= fetch->intervals[k] == interval;
        if (!again) fetch->intervals[fetch->plan.interval_count++] = interval;
    }
    return true;
}

static bool take_days(const CommandCall *call, Fetch *fetch, Error *error) {
    int64_t days = DAYS_PRESET;
    const char *word = call_value(call, "days");
    if (word && (!slice_int(slice_of(word), &days) || days < 1 || days > DAYS_MAX))
        return error_set(error, ERROR_USAGE, "--days wants a whole number from 1 to 7300", word,
                         "as in --days 365");
    fetch->plan.days = (unsigned)days;
    return true;
}

/* Dumps are Binance's: with another venue's REST host they would be another market's. */
static const char *dumps_for(const Settings *settings) {
    const char *rest = settings->feed.binance_rest_url, *dump = settings->history.dump_url;
    const Setting *setting = setting_find(SLICE("data.dump_url"));
    bool preset = setting && strcmp(dump, setting->preset_words) == 0;
    bool own = (strstr(rest, "binance.com") || strstr(rest, "binance.vision")) &&
               !strstr(rest, "testnet") && !strstr(rest, "demo");
    return preset && !own ? "" : dump;
}

/* --- telling ---------------------------------------------------------------------------------- */

static void wipe_line(const Fetch *fetch) {
    if (fetch->draws) fputs("\r\033[K", stderr);
}

static void tell_refused(void *context, const Error *reason) {
    Fetch *fetch = context;
    if (fetch->refused_shown++ >= REFUSED_SHOWN || fetch->json) return;
    wipe_line(fetch);
    fprintf(stderr, "left out: %s: %s\n", reason->where, reason->message);
}

static void draw(const Fetch *fetch, const CandleFetchProgress *progress) {
    char memory[200];
    Text text = TEXT_IN(memory);
    int64_t span_us = progress->until_us - progress->from_us;
    double done = span_us > 0 ? (double)(progress->at_us - progress->from_us) / (double)span_us : 1;
    double share = (progress->series + done) / progress->series_count;
    int64_t spent_us = clock_monotonic_us() - fetch->started_us;
    int filled = (int)(done * BAR_WIDTH);
    wipe_line(fetch);
    fprintf(stderr, "%-10s %-3s [", progress->symbol, progress->interval);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputc(i < filled ? '#' : '.', stderr);
    number_count(&text, (int64_t)progress->totals->bars);
    fprintf(stderr, "] %3d %%  %s bars", (int)(share * 100), text_end(&text));
    if (share > 0.02 && spent_us > INSTANT_SECOND_US) {
        text_clear(&text);
        number_duration(&text, (int64_t)((double)spent_us * (1 - share) / share / 1e6));
        fprintf(stderr, "  %s left", text_end(&text));
    }
    fflush(stderr);
}

static void tell_progress(void *context, const CandleFetchProgress *progress) {
    Fetch *fetch = context;
    int64_t now_us = clock_monotonic_us();
    if (!fetch->draws || now_us - fetch->drawn_us < REDRAW_US) return;
    fetch->drawn_us = now_us;
    draw(fetch, progress);
}

static void put_count(JsonWriter *writer, const char *key, uint64_t count) {
    json_key(writer, key);
    json_int(writer, (int64_t)count);
}

static void put_lunarcrush(JsonWriter *writer, const Fetch *fetch) {
    json_key(writer, "lunarcrush");
    if (fetch->has_key) {
        json_object_begin(writer);
        put_count(writer, "assets", fetch->lunarcrush.found);
        put_count(writer, "hours", fetch->lunarcrush.hours);
        put_count(writer, "added", fetch->lunarcrush.added);
        put_count(writer, "refused", fetch->lunarcrush.refused);
        put_count(writer, "requests", fetch->lunarcrush.requests);
        json_object_end(writer);
    } else {
        json_null(writer);
    }
    json_key(writer, "lunarcrush_error");
    if (fetch->lunarcrush_error.code == ERROR_NONE)
        json_null(writer);
    else
        json_string(writer, fetch->lunarcrush_error.message);
}

static void print_json(const Fetch *fetch) {
    char memory[2048];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    put_count(&writer, "files", fetch->totals.series);
    put_count(&writer, "bars", fetch->totals.bars);
    put_count(&writer, "gaps", fetch->gaps.gaps);
    put_count(&writer, "missing", fetch->gaps.missing);
    put_count(&writer, "duplicates", fetch->totals.duplicates);
    put_count(&writer, "refused", fetch->totals.refused);
    put_count(&writer, "requests", fetch->totals.requests);
    put_count(&writer, "dumps", fetch->totals.dumps);
    json_key(&writer, "social");
    if (fetch->wants_social && fetch->social_error.code == ERROR_NONE) {
        json_object_begin(&writer);
        put_count(&writer, "days", fetch->social.days);
        put_count(&writer, "added", fetch->social.added);
        json_object_end(&writer);
    } else {
        json_null(&writer);
    }
    json_key(&writer, "social_error");
    if (fetch->social_error.code == ERROR_NONE)
        json_null(&writer);
    else
        json_string(&writer, fetch->social_error.message);
    put_lunarcrush(&writer, fetch);
    json_object_end(&writer);
    puts(text_end(&text));
}

static void print_text(const Fetch *fetch) {
    wipe_line(fetch);
    printf("%llu new bars of %llu series (%llu requests, %llu dumps); %llu gaps (%llu bars), "
           "%llu refused\n",
           (unsigned long long)fetch->totals.bars, (unsigned long long)fetch->totals.series,
           (unsigned long long)fetch->totals.requests, (unsigned long long)fetch->totals.dumps,
           (unsigned long long)fetch->gaps.gaps, (unsigned long long)fetch->gaps.missing,
           (unsigned long long)fetch->totals.refused);
    if (fetch->social_error.code != ERROR_NONE)
        fprintf(stderr, "no social history: %s: %s\n", fetch->social_error.where,
                fetch->social_error.message);
    else if (fetch->wants_social)
        printf("Fear & Greed index: %llu days, %llu new\n", (unsigned long long)fetch->social.days,
               (unsigned long long)fetch->social.added);
    if (fetch->has_key)
        printf("LunarCrush: %u of %u assets, %llu hours, %llu new (%llu requests)\n",
               fetch->lunarcrush.found, fetch->assets, (unsigned long long)fetch->lunarcrush.hours,
               (unsigned long long)fetch->lunarcrush.added,
               (unsigned long long)fetch->lunarcrush.requests);
    if (fetch->lunarcrush_error.code != ERROR_NONE)
        fprintf(stderr, "LunarCrush: %s: %s\n", fetch->lunarcrush_error.message,
                fetch->lunarcrush_error.hint);
}

/* --- doing ------------------------------------------------------------------------------------ */

static bool count_gaps(Fetch *fetch, Error *error) {
    CandleCatalog touched = {0};
    bool good = true;
    for (unsigned i = 0; good && i < fetch->plan.symbol_count; i++) {
        for (unsigned k = 0; good && k < fetch->plan.interval_count; k++) {
            char path[CANDLE_PATH_MAX];
            CandleKey key = {.symbol = fetch->symbols[i],
                             .length_us = interval_us(fetch->intervals[k])};
            (void)!slice_copy(slice_of(fetch->plan.venue), key.venue, sizeof key.venue);
            good = candle_key_path(fetch->plan.root, &key, path, error) &&
                   (access(path, F_OK) != 0 || candle_catalog_add(&touched, &key, error));
        }
    }
    good = good && candle_catalog_gaps(fetch->plan.root, &touched, &fetch->gaps, error);
    candle_catalog_free(&touched);
    return good;
}

static bool prepare(const CommandCall *call, const Settings *settings, Fetch *fetch, Error *error) {
    const char *venue = call_value(call, "venue");
    fetch->plan = (CandleFetchPlan){.root = settings->history.directory,
                                    .venue = venue ? venue : CANDLE_VENUE,
                                    .rest_url = settings->feed.binance_rest_url,
                                    .dump_url = dumps_for(settings),
                                    .allow_plain_http = settings->feed.allow_plain_http,
                                    .symbols = fetch->symbols,
                                    .intervals = fetch->intervals,
                                    .stop = &stopping,
                                    .on_progress = tell_progress,
                                    .on_refused = tell_refused,
                                    .context = fetch};
    fetch->json = call_json(call);
    fetch->draws = !fetch->json && isatty(STDERR_FILENO);
    fetch->started_us = clock_monotonic_us();
    fetch->wants_social = !call_has(call, "no_social") && settings->history.fear_greed_url[0];
    if (strlen(fetch->plan.venue) >= sizeof((CandleKey *)0)->venue)
        return error_set(error, ERROR_USAGE, "the venue's name is too long", "--venue", NULL);
    return take_symbols(call, settings, fetch, error) && take_intervals(call, fetch, error) &&
           take_days(call, fetch, error);
}

/* The base assets of the symbols, each once. */
static unsigned list_assets(const Fetch *fetch, AssetName assets[static LIMIT_SYMBOLS]) {
    unsigned count = 0;
    for (unsigned i = 0; i < fetch->plan.symbol_count; i++) {
        AssetName base, quote;
        bool again = !symbol_split(&fetch->symbols[i], &base, &quote);
        for (unsigned k = 0; k < count && !again; k++)
            again = strcmp(assets[k].text, base.text) == 0;
        if (!again) assets[count++] = base;
    }
    return count;
}

static bool ask_lunarcrush(Fetch *fetch, const Settings *settings, OutsidePort *port,
                           Error *error) {
    AssetName assets[LIMIT_SYMBOLS];
    int64_t now_us = clock_wall_us();
    LunarcrushFetchPlan plan = {.root = fetch->plan.root,
                                .port = port,
                                .assets = assets,
                                .asset_count = list_assets(fetch, assets),
                                .start_us = now_us - fetch->plan.days * INSTANT_DAY_US,
                                .now_us = now_us,
                                .calls_per_minute = settings->lunarcrush.calls_per_minute,
                                .calls_per_day = settings->lunarcrush.calls_per_day,
                                .timeout_ms = settings->lunarcrush.timeout_ms,
                                .stop = &stopping};
    fetch->assets = plan.asset_count;
    if (fetch->draws)
        fprintf(stderr, "LunarCrush: hourly series of %u assets, %lld requests a minute\n",
                plan.asset_count, (long long)plan.calls_per_minute);
    return lunarcrush_fetch(&plan, &fetch->lunarcrush, error);
}

/* Without a key it is not asked, and nothing is said. */
static bool fetch_lunarcrush(const CommandCall *call, const Settings *settings, Fetch *fetch,
                             Error *error) {
    Settings own = *settings;
    OutsidePlan plan;
    OutsideWish wish = {
        .is_live = true, .data_root = fetch->plan.root, .dotenv = call_dotenv(call)};
    memcpy(own.social.mode, "live", sizeof "live");
    memcpy(own.ai.mode, "off", sizeof "off");
    if (!outside_plan_make(&own, &wish, &plan, error)) return false;
    fetch->has_key = plan.lunarcrush.key[0] != 0;
    OutsidePort *port = fetch->has_key ? outside_open(&plan, error) : NULL;
    outside_plan_wipe(&plan);
    if (!port) return !fetch->has_key;
    bool good = ask_lunarcrush(fetch, &own, port, error);
    port->close(port);
    return good;
}

static bool fetch_all(const CommandCall *call, const Settings *settings, Fetch *fetch,
                      Error *error) {
    struct sigaction action = {.sa_handler = stop};
    if (!prepare(call, settings, fetch, error)) return false;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    bool good = candle_fetch(&fetch->plan, &fetch->totals, error);
    wipe_line(fetch);
    if (!good && fetch->totals.bars && !fetch->json)
        fprintf(stderr, "%llu new bars are stored; the same command goes on from there\n",
                (unsigned long long)fetch->totals.bars);
    if (!good || !count_gaps(fetch, error)) return false;
    SocialFetchPlan social = {.root = fetch->plan.root,
                              .url = settings->history.fear_greed_url,
                              .allow_plain_http = fetch->plan.allow_plain_http,
                              .stop = &stopping};
    /* Candles without social history are of use: its absence is told, and is no failure. */
    if (fetch->wants_social) (void)!social_fetch(&social, &fetch->social, &fetch->social_error);
    if (!call_has(call, "no_social"))
        (void)!fetch_lunarcrush(call, settings, fetch, &fetch->lunarcrush_error);
    return true;
}

static int run(CommandCall *call, Error *error) {
    const Settings *settings;
    static Fetch fetch;
    bool good = call_settings(call, &settings, error) && fetch_all(call, settings, &fetch, error);
    if (!good) return error_exit_code(error->code);
    if (fetch.json)
        print_json(&fetch);
    else
        print_text(&fetch);
    return 0;
}

const Command command_backtest_fetch = {
    .name = "backtest fetch",
    .group = "backtest",
    .sentence = "History from Binance into the store, and social history; goes on where the last "
                "fetch stood.",
    .examples = {"trader backtest fetch --symbols BTCUSDC --intervals 1h --days 365",
                 "trader backtest fetch --symbols BTCUSDC,ETHUSDC --intervals 1m,1h --no-social"},
    .options = {{"symbols", OPTION_LIST, "S", "these (those of the settings)", NULL},
                {"intervals", OPTION_LIST, "I", "1m, 3m, 5m, 15m, 1h, 4h, 1d (1h)", NULL},
                {"days", OPTION_VALUE, "N", "so many days before now (30)", NULL},
                {"no_social", OPTION_SWITCH, NULL, "no Fear & Greed index, no LunarCrush", NULL},
                {"venue", OPTION_VALUE, "NAME", "store under this name (binance)", NULL},
                {"data_dir", OPTION_VALUE, "DIR", "another data directory", "data.directory"}},
    .run = run,
};
