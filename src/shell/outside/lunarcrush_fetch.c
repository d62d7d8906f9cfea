/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/outside/lunarcrush_fetch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/venues/lunarcrush.h"
#include "shell/store/social_store.h"
#include "shell/sys/clock.h"

#define SERVICE     "backtest_fetch"
#define PAGES_MAX   10  /* of the coin list: the first 400 by capitalisation */
#define WINDOW      100 /* hours a request: an hour has about 430 bytes, an answer room for 60,000 */
#define TRIES       3   /* of one question */
#define WAIT_MAX_MS 120000 /* longer is another day's matter */
#define NAP_MS      100    /* a stop is heard within it */

static const SocialShelf shelf = {OUTSIDE_LUNARCRUSH, INSTANT_HOUR_US};

typedef struct Fetch {
    const LunarcrushFetchPlan *plan;
    LunarcrushFetched *fetched;
    OutsideRequest *request;
    OutsideReply *reply;
    int64_t asked_us; /* monotonic, of the last request; 0: none */
    int64_t coins[LIMIT_SYMBOLS];
} Fetch;

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "LunarCrush", NULL);
}

/* ---- pace ---------------------------------------------------------------------------------- */

static bool is_stopped(const Fetch *fetch) {
    return fetch->plan->stop && atomic_load(fetch->plan->stop);
}

static void sleep_until(const Fetch *fetch, int64_t due_us) {
    for (;;) {
        int64_t left_us = due_us - clock_monotonic_us();
        if (left_us <= 0 || is_stopped(fetch)) return;
        int64_t nap_us = left_us < NAP_MS * 1000 ? left_us : NAP_MS * 1000;
        struct timespec nap = {.tv_nsec = nap_us * 1000};
        nanosleep(&nap, NULL);
    }
}

static bool may_ask(Fetch *fetch, Error *error) {
    if ((int64_t)fetch->fetched->requests >= fetch->plan->calls_per_day)
        return error_set(error, ERROR_LIMIT, "the plan's requests of a day are used up",
                         "LunarCrush", "the same command goes on from here tomorrow");
    if (fetch->asked_us)
        sleep_until(fetch, fetch->asked_us + INSTANT_MINUTE_US / fetch->plan->calls_per_minute);
    return !is_stopped(fetch) || error_set(error, ERROR_INTERRUPTED, "stopped", "LunarCrush",
                                           "the same command goes on from here");
}

/* ---- one question -------------------------------------------------------------------------- */

static const char *status_words(int64_t status) {
    switch (status) {
    case 401:
        return "the key is not accepted";
    case 402:
    case 403:
        return "the key's plan does not hold this";
    case 404:
        return "it does not know that coin";
    case 429:
        return "it is asked too often";
    default:
        return "it does not answer as it should";
    }
}

static bool refuse(const Fetch *fetch, Error *error) {
    char message[200];
    Text text = TEXT_IN(message);
    const OutsideReply *reply = fetch->reply;
    if (reply->outcome != OUTSIDE_ANSWERED)
        text_format(&text, "no answer: %s", reply->body);
    else
        text_format(&text, "%s (status %D)", status_words(reply->status), reply->status);
    return error_set(error, reply->status == 401 ? ERROR_CREDENTIALS : ERROR_NETWORK,
                     text_end(&text), "LunarCrush", "what had come is stored");
}

/* Worth another try; sleeps as long as the source says. */
static bool wait_for_another(const Fetch *fetch) {
    const OutsideReply *reply = fetch->reply;
    bool busy = reply->status == 429 || reply->status >= 500 || reply->outcome == OUTSIDE_LOST;
    int64_t wait_ms = reply->retry_after_ms >= 0 ? reply->retry_after_ms : 1000;
    if (!busy || wait_ms > WAIT_MAX_MS) return false;
    sleep_until(fetch, clock_monotonic_us() + wait_ms * 1000);
    return !is_stopped(fetch);
}

/* The request's path and parameters are filled; `reply` gets a 200. */
static bool ask(Fetch *fetch, Error *error) {
    const Outside *outside = &fetch->plan->port->outside;
    for (unsigned tries = 0; tries < TRIES; tries++) {
        if (!may_ask(fetch, error)) return false;
        fetch->asked_us = clock_monotonic_us();
        fetch->request->id = (int64_t)++fetch->fetched->requests;
        outside->ask(outside->context, fetch->request, fetch->reply);
        if (fetch->reply->outcome == OUTSIDE_ANSWERED && fetch->reply->status == 200) return true;
        if (!wait_for_another(fetch)) break;
    }
    return refuse(fetch, error);
}

static void begin(Fetch *fetch, const char *purpose, Text *path, Text *parameters) {
    OutsideRequest *request = fetch->request;
    *request = (OutsideRequest){
        .service = SERVICE, .source = OUTSIDE_LUNARCRUSH, .timeout_ms = fetch->plan->timeout_ms};
    Text text = TEXT_IN(request->purpose);
    text_put(&text, purpose);
    text_end(&text);
    *path = TEXT_IN(request->path);
    *parameters = TEXT_IN(request->parameters);
}

/* ---- coins --------------------------------------------------------------------------------- */

/* The list is in order of capitalisation: of several coins of one ticker the first is meant. */
static void note_coin(Fetch *fetch, const LunarcrushCoin *coin) {
    for (unsigned i = 0; i < fetch->plan->asset_count; i++) {
        if (fetch->coins[i] || strcmp(fetch->plan->assets[i].text, coin->ticker) != 0) continue;
        fetch->coins[i] = coin->id;
        fetch->fetched->found++;
    }
}

static bool read_page(Fetch *fetch, unsigned page, bool *more, Error *error) {
    Text path, parameters;
    ForeignItems items;
    Slice item;
    LunarcrushCoin coin;
    begin(fetch, "coin list", &path, &parameters);
    lunarcrush_list_path(page, &path, &parameters);
    text_end(&path);
    text_end(&parameters);
    *more = false;
    if (!ask(fetch, error)) return false;
    if (!foreign_items_open(slice_of(fetch->reply->body), "data", &items))
        return error_set(error, ERROR_DATA, "the coin list has another shape", "LunarCrush", NULL);
    while (foreign_items_next(&items, &item)) {
        *more = true;
        if (!lunarcrush_coin(item, &coin)) note_coin(fetch, &coin);
    }
    return true;
}

static bool find_coins(Fetch *fetch, Error *error) {
    bool more = true;
    for (unsigned page = 0; page < PAGES_MAX && more; page++) {
        if (fetch->fetched->found == fetch->plan->asset_count) break;
        if (!read_page(fetch, page, &more, error)) return false;
    }
    return true;
}

/* ---- hours --------------------------------------------------------------------------------- */

/* One coin's hours: which of them are stored. */
typedef struct Series {
    const AssetName *asset;
    int64_t coin, start_us; /* of hour 0 */
    size_t hours;
    bool *stored;
} Series;

static bool learn_stored(const Fetch *fetch, Series *series, Error *error) {
    StoredReadings readings;
    if (!social_store_read(fetch->plan->root, &shelf, &readings, error)) return false;
    for (size_t i = 0; i < readings.count; i++) {
        int64_t past_us = readings.at[i].reading.time - series->start_us;
        if (past_us < 0 || strcmp(readings.at[i].asset.text, series->asset->text) != 0) continue;
        size_t hour = (size_t)(past_us / INSTANT_HOUR_US);
        if (hour < series->hours) series->stored[hour] = true;
    }
    social_store_free(&readings);
    return true;
}

static bool take_bucket(Fetch *fetch, const Series *series, Slice item, StoredReadings *rows,
                        Error *error) {
    StoredReading row = {.asset = *series->asset, .bucket_us = INSTANT_HOUR_US};
    const char *fault = lunarcrush_bucket(item, INSTANT_HOUR_US, 0, &row.reading);
    int64_t past_us = row.reading.time - series->start_us;
    /* The last one is still being counted. */
    if (!fault && row.reading.known > fetch->plan->now_us) return true;
    bool inside = !fault && past_us >= 0 && past_us % INSTANT_HOUR_US == 0 &&
                  past_us / INSTANT_HOUR_US < (int64_t)series->hours;
    if (!inside) {
        fetch->fetched->refused++;
        return true;
    }
    fetch->fetched->hours++;
    return social_store_push(rows, &row, error);
}

static bool take_answer(Fetch *fetch, const Series *series, Error *error) {
    StoredReadings rows = {.at = NULL};
    ForeignItems items;
    Slice item;
    size_t added = 0;
    bool good = foreign_items_open(slice_of(fetch->reply->body), "data", &items) ||
                error_set(error, ERROR_DATA, "the series has another shape", "LunarCrush", NULL);
    while (good && foreign_items_next(&items, &item))
        good = take_bucket(fetch, series, item, &rows, error);
    good = good && (rows.count == 0 || social_store_add(fetch->plan->root, &shelf, &rows,
                                                        fetch->plan->now_us, &added, error));
    fetch->fetched->added += added;
    social_store_free(&rows);
    return good;
}

static bool ask_hours(Fetch *fetch, const Series *series, size_t from, size_t until, Error *error) {
    Text path, parameters;
    LunarcrushSpan span = {.coin = series->coin,
                           .start_us = series->start_us + (int64_t)from * INSTANT_HOUR_US,
                           .end_us = series->start_us + (int64_t)until * INSTANT_HOUR_US};
    begin(fetch, "time series", &path, &parameters);
    lunarcrush_series_path(&span, &path, &parameters);
    text_end(&path);
    text_end(&parameters);
    return ask(fetch, error) && take_answer(fetch, series, error);
}

static bool fetch_series(Fetch *fetch, Series *series, Error *error) {
    bool good = learn_stored(fetch, series, error);
    for (size_t hour = 0; good && hour < series->hours; hour++) {
        if (series->stored[hour]) continue;
        size_t until = hour + WINDOW < series->hours ? hour + WINDOW : series->hours;
        good = ask_hours(fetch, series, hour, until, error);
        hour = until - 1;
    }
    return good;
}

static bool fetch_asset(Fetch *fetch, unsigned index, Error *error) {
    const LunarcrushFetchPlan *plan = fetch->plan;
    int64_t start_us = (plan->start_us + INSTANT_HOUR_US - 1) / INSTANT_HOUR_US * INSTANT_HOUR_US;
    Series series = {
        .asset = &plan->assets[index], .coin = fetch->coins[index], .start_us = start_us};
    if (series.coin == 0 || plan->now_us < start_us) return true;
    series.hours = (size_t)((plan->now_us - start_us) / INSTANT_HOUR_US);
    series.stored = calloc(series.hours + 1, sizeof series.stored[0]);
    if (!series.stored) return no_memory(error);
    bool good = fetch_series(fetch, &series, error);
    free(series.stored);
    return good;
}

bool lunarcrush_fetch(const LunarcrushFetchPlan *plan, LunarcrushFetched *fetched, Error *error) {
    Fetch fetch = {.plan = plan, .fetched = fetched};
    *fetched = (LunarcrushFetched){.found = 0};
    fetch.request = calloc(1, sizeof *fetch.request);
    fetch.reply = calloc(1, sizeof *fetch.reply);
    bool good = fetch.request && fetch.reply ? find_coins(&fetch, error) : no_memory(error);
    for (unsigned i = 0; good && i < plan->asset_count; i++)
        good = fetch_asset(&fetch, i, error);
    free(fetch.request);
    free(fetch.reply);
    return good;
}
