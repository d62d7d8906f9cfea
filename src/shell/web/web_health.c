/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For machines: /health, /ready, and /metrics in the text format 0.0.4 of Prometheus. What is not
 * known is left out, never shown as zero.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shell/web/web_parts.h"

/* One service of the named text `health`: an array of objects that the engine writes. NaN: not
 * said. */
typedef struct Health {
    char service[32], state[16];
    double errors, in, out;
} Health;

static void take_member(JsonReader *reader, Slice key, Health *health) {
    JsonReader at = *reader;
    double number;
    Slice text;
    if (slice_is(key, "service") && json_take_string(&at, &text) &&
        !slice_copy(text, health->service, 32))
        health->service[0] = 0;
    at = *reader;
    if (slice_is(key, "state") && json_take_string(&at, &text) &&
        !slice_copy(text, health->state, 16))
        health->state[0] = 0;
    at = *reader;
    if (!json_take_double(&at, &number)) return;
    if (slice_is(key, "errors")) health->errors = number;
    if (slice_is(key, "in")) health->in = number;
    if (slice_is(key, "out")) health->out = number;
}

static bool next_health(JsonReader *reader, Health *health) {
    *health = (Health){.errors = (double)NAN, .in = (double)NAN, .out = (double)NAN};
    if (json_next(reader) != JSON_OBJECT_BEGIN) return false;
    for (;;) {
        JsonToken token = json_next(reader);
        if (token == JSON_OBJECT_END) return true;
        if (token != JSON_KEY) return false;
        take_member(reader, reader->slice, health);
        if (!json_skip(reader)) return false;
    }
}

/* The text stands in the web's scratch until the next one is read. An absent text is an empty
 * array. */
static JsonReader health_reader(Web *web) {
    Store *store = web_store(web);
    char *text = web->stream.scratch;
    bool found = store && store_meta(store, "health", text, WEB_META_MAX);
    JsonReader reader = json_reader(found ? slice_of(text) : SLICE("[]"));
    if (json_next(&reader) != JSON_ARRAY_BEGIN) reader = json_reader(SLICE(""));
    return reader;
}

static void reply_in(WebReply *reply, unsigned status, const char *type, char *bytes,
                     const Text *text) {
    reply->status = status;
    reply->type = type;
    reply->owned = bytes;
    reply->bytes = bytes;
    reply->length = text->length;
}

void web_health_answer(const WebCall *call) {
    Health health;
    JsonReader reader = health_reader(call->web);
    bool sound = !call->web->has_state || web_store(call->web);
    char *bytes = malloc(WEB_ANSWER);
    Text text = text_in(bytes, bytes ? WEB_ANSWER : 0);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "services");
    json_object_begin(&writer);
    while (next_health(&reader, &health)) {
        json_key(&writer, health.service);
        json_string(&writer, health.state);
        if (strcmp(health.state, "error") == 0) sound = false;
    }
    json_object_end(&writer);
    json_key(&writer, "ready");
    json_bool(&writer, atomic_load(&call->web->ready));
    json_key(&writer, "version");
    json_string(&writer, TRADER_VERSION);
    json_key(&writer, "status");
    json_string(&writer, sound ? "ok" : "failing");
    json_object_end(&writer);
    reply_in(call->reply, sound ? 200 : 503, "application/json", bytes, &text);
}

void web_ready_answer(const WebCall *call) {
    static const char yes[] = "{\"ready\":true}", no[] = "{\"ready\":false}";
    bool ready = atomic_load(&call->web->ready);
    call->reply->status = ready ? 200 : 503;
    call->reply->type = "application/json";
    call->reply->bytes = ready ? yes : no;
    call->reply->length = ready ? sizeof yes - 1 : sizeof no - 1;
}

/* ---- metrics ------------------------------------------------------------------------------- */

static void describe(Text *text, const char *name, const char *type, const char *help) {
    text_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_value(Text *text, const char *name, double value) {
    text_format(text, "%s ", name);
    text_double(text, value);
    text_char(text, '\n');
}

static void put_count(Text *text, const char *name, const char *help, double value) {
    describe(text, name, "counter", help);
    if (isfinite(value)) put_value(text, name, value);
}

static double rows_of(Store *store, Topic topic) {
    return store ? (double)store_count(store, topic) : (double)NAN;
}

/* Updates heard by this server, or, beside a database only, what the market monitor says that it
 * sent. */
static double market_updates(Web *web) {
    Health health;
    if (!web->follow_store) return (double)atomic_load(&web->counts[TOPIC_MARKET_UPDATES]);
    JsonReader reader = health_reader(web);
    while (next_health(&reader, &health))
        if (strcmp(health.service, "market_monitor") == 0) return health.out;
    return (double)NAN;
}

static void put_services(Web *web, Text *text, const char *name, bool errors) {
    Health health;
    JsonReader reader = health_reader(web);
    while (next_health(&reader, &health)) {
        double value =
            errors ? health.errors : strcmp(health.state, "error") != 0 && health.state[0] != 0;
        if (!isfinite(value) || strcspn(health.service, "\\\"\n") != strlen(health.service))
            continue;
        text_format(text, "%s{service=\"%s\"} ", name, health.service);
        text_double(text, value);
        text_char(text, '\n');
    }
}

static double resident_bytes(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return (double)NAN;
    long all = 0, resident = 0;
    bool read = fscanf(file, "%ld %ld", &all, &resident) == 2;
    fclose(file);
    return read ? (double)resident * (double)sysconf(_SC_PAGESIZE) : (double)NAN;
}

static void put_process(Text *text) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    double resident = resident_bytes();
    describe(text, "process_resident_memory_bytes", "gauge", "Resident memory in bytes.");
    if (isfinite(resident)) put_value(text, "process_resident_memory_bytes", resident);
    put_count(text, "process_cpu_seconds_total", "User and system time in seconds.", seconds);
}

/* ---- what is said of the symbols ----------------------------------------------------------- */

typedef struct SocialGauge {
    Text *text;
    const char *name;
    bool volume; /* else the sentiment */
} SocialGauge;

static bool put_symbol(void *context, const Message *message) {
    const SocialGauge *gauge = context;
    const SocialUpdate *update = message->payload;
    double value =
        gauge->volume ? update->data.metrics.social_volume : update->data.weighted_sentiment;
    if (!isfinite(value) || strcspn(update->symbol, "\\\"\n") != strlen(update->symbol))
        return true;
    text_format(gauge->text, "%s{symbol=\"%s\"} ", gauge->name, update->symbol);
    text_double(gauge->text, value);
    text_char(gauge->text, '\n');
    return true;
}

/* No line where there is no data. */
static void put_social(Store *store, Text *text) {
    SocialGauge sentiment = {text, "crypto_trader_social_sentiment", false};
    SocialGauge volume = {text, "crypto_trader_social_volume", true};
    SocialAccuracy accuracy;
    StoreQuery all = {.limit = LIMIT_SYMBOLS};
    Error error;
    describe(text, sentiment.name, "gauge", "0 bad, 0.5 neutral, 1 good.");
    if (store && !store_select(store, TOPIC_SOCIAL_UPDATES, &all, put_symbol, &sentiment, &error))
        return;
    describe(text, volume.name, "gauge", "Posts in 24 hours.");
    if (store && !store_select(store, TOPIC_SOCIAL_UPDATES, &all, put_symbol, &volume, &error))
        return;
    describe(text, "crypto_trader_social_sentiment_accuracy", "gauge",
             "Share of hours in which the sign of sentiment matched the next hour's return.");
    if (store && store_latest(store, TOPIC_SOCIAL_ACCURACY, "*", &accuracy) && accuracy.hours > 0)
        put_value(text, "crypto_trader_social_sentiment_accuracy",
                  (double)accuracy.matched / (double)accuracy.hours);
}

static void put_metrics(Web *web, Text *text) {
    Store *store = web_store(web);
    Holdings holdings;
    describe(text, "crypto_trader_portfolio_value_usd", "gauge",
             "Cash and positions, in the quote asset.");
    if (store && store_latest(store, TOPIC_HOLDINGS, NULL, &holdings))
        put_value(text, "crypto_trader_portfolio_value_usd", money_double(holdings.total_value));
    put_count(text, "crypto_trader_trading_signals_total", "Signals of this state.",
              rows_of(store, TOPIC_TRADING_SIGNALS));
    put_count(text, "crypto_trader_trades_executed_total", "Fills of this state.",
              rows_of(store, TOPIC_TRADE_EXECUTIONS));
    put_count(text, "crypto_trader_market_data_updates_total", "Market updates since the start.",
              market_updates(web));
    put_social(store, text);
    describe(text, "crypto_trader_errors_total", "counter", "Errors by service.");
    put_services(web, text, "crypto_trader_errors_total", true);
    describe(text, "crypto_trader_service_health", "gauge", "1: the service works.");
    put_services(web, text, "crypto_trader_service_health", false);
    put_process(text);
}

void web_metrics_answer(const WebCall *call) {
    char *bytes = malloc(WEB_ANSWER);
    Text text = text_in(bytes, bytes ? WEB_ANSWER : 0);
    put_metrics(call->web, &text);
    reply_in(call->reply, 200, "text/plain; version=0.0.4; charset=utf-8", bytes, &text);
}
