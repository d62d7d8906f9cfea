/* SPDX-License-Identifier: Apache-2.0 */
/* Where the messages of a turn go: journal, database, logs, watchers; and what is told about the
 * run. */
#include <stdlib.h>
#include <string.h>

#include "core/bus/codec.h"
#include "core/bus/convert.h"
#include "core/services/market_monitor.h"
#include "shell/drivers/engine_parts.h"
#include "shell/sys/clock.h"

/* ---- counting ------------------------------------------------------------------------------ */

static void count_log_line(Engine *engine, const LogLine *line) {
    if (line->level != LOG_ERROR) return;
    for (unsigned i = 0; i < engine->kernel_plan.service_count; i++)
        if (strcmp(engine->kernel_plan.services[i]->name, line->service) == 0)
            engine->meters[i].errors++;
}

void engine_count_call(RunTally *tally, const ModelCall *call) {
    tally->ai_missing += call->end == CALL_MISSING;
    tally->cost_usd_micro += (uint64_t)call->cost_usd_micro;
}

static void count_topic(Engine *engine, const Message *message) {
    const EquityPoint *point = message->payload;
    const Opening *opening = message->payload;
    switch (message->topic) {
    case TOPIC_BARS:
        engine->tally.bars++;
        break;
    case TOPIC_TRADING_SIGNALS:
        engine->tally.signals++;
        break;
    case TOPIC_ORDER_REQUESTS:
        engine->tally.orders++;
        break;
    case TOPIC_TRADE_EXECUTIONS:
        engine->tally.fills++;
        break;
    case TOPIC_REFUSALS:
        engine->tally.refusals++;
        break;
    case TOPIC_TRADES:
        engine->tally.trades++;
        break;
    case TOPIC_OUTSIDE_REPLIES:
        engine->tally.calls += outside_reply_is_paid(message->payload);
        break;
    case TOPIC_MODEL_CALLS:
        engine_count_call(&engine->tally, message->payload);
        break;
    case TOPIC_LOG_LINES:
        count_log_line(engine, message->payload);
        break;
    case TOPIC_EQUITY:
        engine->tally.equity = point->equity;
        break;
    case TOPIC_OPENINGS:
        engine->tally.equity = opening->amount;
        memcpy(engine->tally.quote, opening->asset, sizeof engine->tally.quote);
        break;
    default:
        break;
    }
}

bool engine_count_message(Engine *engine, const Message *message) {
    bool from_feed = message->origin == ORIGIN_INPUT && feed_message_is_topic(message->topic);
    if (from_feed) engine->tally.feed_events++;
    count_topic(engine, message);
    return from_feed;
}

void engine_probe(void *context, unsigned service, bool begins) {
    ServiceMeter *meter = &((Engine *)context)->meters[service];
    uint64_t now = clock_monotonic_ns();
    if (begins) {
        meter->begun_ns = now;
        return;
    }
    uint64_t spent = (now - meter->begun_ns) | 1;
    unsigned bucket = 63 - (unsigned)__builtin_clzll(spent);
    meter->buckets[bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1]++;
}

/* ---- a turn's messages --------------------------------------------------------------------- */

static bool put_log(Engine *engine, const Message *message, Error *error) {
    const LogLine *line = message->payload;
    const Service *service = service_find(line->service);
    LogFileLine out = {.service = line->service,
                       .label = service ? service->label : line->service,
                       .level = line->level,
                       .time_us = message->time_us,
                       .text = line->text};
    return log_file_put(engine->logs, &out, error);
}

static bool journal_message(Engine *engine, const Message *message, Error *error) {
    uint8_t record[RECORD_MAX];
    size_t size = record_of_message(message, record);
    return size == 0 || journal_append(engine->journal, record, size, error);
}

/* Journal first, then the venue; what a database or a screen knows is never ahead of them, and no
 * order waits for them. */
bool engine_dispatch(Engine *engine, Error *error) {
    const Message *message;
    for (message = kernel_first(engine->kernel); message;
         message = kernel_next(engine->kernel, message))
        if (!journal_message(engine, message, error)) return false;
    if (!journal_turn(engine->journal, kernel_sequence(engine->kernel), kernel_time(engine->kernel),
                      error) ||
        !engine_venue_send(engine, error))
        return false;
    engine_outside_send(engine);
    for (message = kernel_first(engine->kernel); message;
         message = kernel_next(engine->kernel, message)) {
        engine_count_message(engine, message);
        if (!store_put(engine->store, message, error)) return false;
        if (message->topic == TOPIC_LOG_LINES && !put_log(engine, message, error)) return false;
        if (engine->plan->watch) engine->plan->watch(engine->plan->watch_context, message);
    }
    return true;
}

/* ---- now and then -------------------------------------------------------------------------- */

static bool write_bars(Engine *engine, const char *symbol, const History *history,
                       Interval interval, int64_t *written_us, Error *error) {
    unsigned closed = history_closed(history, INT64_MAX);
    unsigned fresh = 0;
    while (fresh < closed && history_bar(history, INT64_MAX, fresh)->time_us > *written_us)
        fresh++;
    for (unsigned age = fresh; age-- > 0;) {
        const Bar *bar = history_bar(history, INT64_MAX, age);
        if (!store_put_bar(engine->store, symbol, interval, bar, error)) return false;
        *written_us = bar->time_us;
    }
    return true;
}

/* The monitor holds the newest bars of each interval; those not yet in the database are written. */
static bool write_histories(Engine *engine, Error *error) {
    const void *monitor = kernel_service_state(engine->kernel, "market_monitor");
    const SymbolTable *symbols = market_monitor_symbols(monitor);
    for (unsigned i = 0; i < symbols->count; i++)
        for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++)
            if (!write_bars(engine, symbols->symbols[i].name.text,
                            market_monitor_history(monitor, i, interval), interval,
                            &engine->bars_written_us[i][interval], error))
                return false;
    return true;
}

/* What the database has already is not written again. */
bool engine_learn_written(Engine *engine) {
    const SymbolTable *symbols =
        market_monitor_symbols(kernel_service_state(engine->kernel, "market_monitor"));
    Bar newest;
    for (unsigned i = 0; i < symbols->count; i++)
        for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++)
            if (store_bars(engine->store, symbols->symbols[i].name.text, interval, &newest, 1) == 1)
                engine->bars_written_us[i][interval] = newest.time_us;
    return true;
}

/* At full speed most bars would be pruned again before anyone sees them. The kernel's rings hold
 * the newest, and the journal all of them, so they can wait for the next engine_write_out. */
bool engine_settle(Engine *engine, Error *error) {
    if (!engine->full_speed) return engine_write_out(engine, false, error);
    return journal_flush(engine->journal, false, error) && store_flush(engine->store, error) &&
           log_file_flush(engine->logs, error);
}

bool engine_write_out(Engine *engine, bool to_disk, Error *error) {
    engine->flushed_us = clock_monotonic_us();
    engine->turns_since_flush = 0;
    return journal_flush(engine->journal, to_disk, error) && write_histories(engine, error) &&
           store_flush(engine->store, error) && log_file_flush(engine->logs, error);
}

/* ---- what is told about the run ------------------------------------------------------------ */

static void time_or_null(JsonWriter *writer, const char *key, int64_t time_us) {
    json_key(writer, key);
    if (time_us)
        json_time(writer, time_us);
    else
        json_null(writer);
}

static void word(JsonWriter *writer, const char *key, const char *text) {
    json_key(writer, key);
    json_string(writer, text);
}

static void write_symbols(const Engine *engine, JsonWriter *writer) {
    const SymbolTable *symbols =
        market_monitor_symbols(kernel_service_state(engine->kernel, "market_monitor"));
    json_key(writer, "symbols");
    json_array_begin(writer);
    for (unsigned i = 0; i < symbols->count; i++)
        json_string(writer, symbols->symbols[i].name.text);
    json_array_end(writer);
}

static bool paced(const Engine *engine) {
    return engine->plan->speed > 0 && kernel_time(engine->kernel) >= engine->plan->paced_from_us;
}

/* When the analyst decides next, of the first symbol; 0: nobody knows. */
static int64_t next_decision(const Engine *engine, int64_t now_us) {
    const void *monitor = kernel_service_state(engine->kernel, "market_monitor");
    int64_t grid_us = engine->plan->settings->trading.ai_analysis_interval * INSTANT_SECOND_US;
    if (!now_us || engine->feed_ended || market_monitor_symbols(monitor)->count == 0) return 0;
    Interval base = market_monitor_base(monitor, 0);
    return interval_next_on_grid(base < INTERVAL_COUNT ? base : INTERVAL_1M, grid_us, now_us);
}

static bool tell_runtime(Engine *engine, Error *error) {
    char memory[4096];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    int64_t now = kernel_time(engine->kernel);
    json_object_begin(&writer);
    word(&writer, "mode", engine->plan->mode);
    word(&writer, "world", engine->plan->world);
    word(&writer, "feed", engine->plan->feed->name);
    word(&writer, "venue", engine->plan->venue ? engine->plan->venue->name : "paper");
    word(&writer, "version", TRADER_VERSION);
    time_or_null(&writer, "time", now);
    write_symbols(engine, &writer);
    json_key(&writer, "quote_asset");
    if (engine->tally.quote[0])
        json_string(&writer, engine->tally.quote);
    else
        json_null(&writer);
    json_key(&writer, "speed");
    if (engine->plan->speed > 0)
        json_double(&writer, engine->plan->speed);
    else
        json_null(&writer);
    json_key(&writer, "full_speed");
    json_bool(&writer, engine->plan->feed->is_virtual && !paced(engine));
    time_or_null(&writer, "next_decision", next_decision(engine, now));
    time_or_null(&writer, "started", engine->started_us);
    time_or_null(&writer, "history_until", engine->plan->paced_from_us);
    json_key(&writer, "ended");
    json_bool(&writer, engine->feed_ended);
    json_object_end(&writer);
    return store_put_meta(engine->store, "runtime", text_end(&text), error);
}

/* Upper edge of the bucket below which 95 % of the steps lie, in microseconds. */
static double p95_us(const ServiceMeter *meter) {
    uint64_t total = 0, seen = 0;
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++)
        total += meter->buckets[i];
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        seen += meter->buckets[i];
        if (total && seen * 100 >= total * 95) return (double)(2ULL << i) / 1000;
    }
    return -1;
}

static void tell_service(const Engine *engine, unsigned index, JsonWriter *writer) {
    KernelCounts counts = kernel_counts(engine->kernel, index);
    double p95 = p95_us(&engine->meters[index]);
    bool heard = counts.last_us > 0;
    json_object_begin(writer);
    word(writer, "service", engine->kernel_plan.services[index]->name);
    word(writer, "state", heard ? "ok" : "idle");
    json_key(writer, "age_ms");
    if (heard)
        json_int(writer, (kernel_time(engine->kernel) - counts.last_us) / 1000);
    else
        json_null(writer);
    json_key(writer, "in");
    json_int(writer, (int64_t)counts.heard);
    json_key(writer, "out");
    json_int(writer, (int64_t)counts.said);
    json_key(writer, "errors");
    json_int(writer, engine->meters[index].errors);
    json_key(writer, "p95_us");
    if (p95 < 0)
        json_null(writer);
    else
        json_double(writer, p95);
    json_object_end(writer);
}

bool engine_tell(Engine *engine, Error *error) {
    char memory[8192];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    engine->told_us = clock_monotonic_us();
    json_array_begin(&writer);
    for (unsigned i = 0; i < engine->kernel_plan.service_count; i++)
        tell_service(engine, i, &writer);
    json_array_end(&writer);
    return tell_runtime(engine, error) &&
           store_put_meta(engine->store, "health", text_end(&text), error);
}
