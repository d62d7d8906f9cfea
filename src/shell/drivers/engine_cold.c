/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cold start: the state was made by another version or under other settings, so its snapshot cannot
 * be read and its journal would decide anew. Orders, fills and postings are facts: the account and
 * its positions come back as they were booked, the analyst's measured outcomes and the news of the
 * day from their rows, the indicators from stored bars. All of it enters as inputs and is
 * journaled, so that the history stays one line and can be replayed.
 */
#include <stdlib.h>
#include <string.h>

#include "core/bus/codec.h"
#include "core/bus/convert.h"
#include "core/services/market_monitor.h"
#include "core/trade/news_desk.h"
#include "shell/drivers/engine_parts.h"

/* Ends what a cold start feeds: its symbols and bars are not the feed's. */
#define RESTORED_NOTE "{\"restored\":true}"
#define COLD_WORDS    "\"cold\":true"

#define HISTORY_TURN 1000 /* bars a turn: far below LIMIT_TURN_MESSAGES */

/* ---- the place ----------------------------------------------------------------------------- */

static bool note_holds(const Record *note, const char *words) {
    size_t length = strlen(words);
    for (size_t i = 0; i + length <= note->length; i++)
        if (memcmp(note->payload + i, words, length) == 0) return true;
    return false;
}

typedef union Asked {
    ModelCall call;
    OutsideReply reply;
} Asked;

/* What cannot be read is not counted. */
static void count_asked(RunTally *tally, const Record *record) {
    Asked asked;
    Error unreadable;
    if (record->topic != TOPIC_MODEL_CALLS && record->topic != TOPIC_OUTSIDE_REPLIES) return;
    if (!codec_decode(topic_message((Topic)record->topic), record->payload, record->length, &asked,
                      &unreadable))
        return;
    if (record->topic == TOPIC_MODEL_CALLS)
        engine_count_call(tally, &asked.call);
    else
        tally->calls += outside_reply_is_paid(&asked.reply);
}

static void count_record(RunTally *tally, const Record *record, bool from_feed) {
    bool input = record->kind == RECORD_INPUT && from_feed;
    tally->feed_events += input && feed_message_is_topic(record->topic);
    tally->bars += record->topic == TOPIC_BARS;
    tally->signals += record->topic == TOPIC_TRADING_SIGNALS;
    tally->orders += record->topic == TOPIC_ORDER_REQUESTS;
    tally->fills += record->topic == TOPIC_TRADE_EXECUTIONS;
    tally->refusals += record->topic == TOPIC_REFUSALS;
    tally->trades += record->topic == TOPIC_TRADES;
    count_asked(tally, record);
}

bool engine_cold_place(Engine *engine, JournalMark *mark, Error *error) {
    JournalReader *reader = journal_reader_open(engine->plan->state_directory, mark, error);
    if (!reader) return false;
    RunTally counting = engine->tally;
    int64_t time_us = 0;
    bool from_feed = true;
    Record record;
    const uint8_t *bytes;
    size_t size;
    while (journal_read(reader, &record, &bytes, &size) == JOURNAL_RECORD) {
        if (record.kind == RECORD_INPUT || record.kind == RECORD_EFFECT)
            count_record(&counting, &record, from_feed);
        if (record.kind == RECORD_NOTE && note_holds(&record, COLD_WORDS)) from_feed = false;
        if (record.kind == RECORD_NOTE && note_holds(&record, RESTORED_NOTE)) from_feed = true;
        if (record.kind != RECORD_TURN && record.kind != RECORD_NOTE) continue;
        *mark = *journal_reader_mark(reader);
        engine->tally = counting;
        time_us = record.time_us;
    }
    journal_reader_close(reader);
    if (time_us == 0) time_us = engine->snapshot_time_us;
    kernel_resume(engine->kernel, mark->sequence, time_us);
    return engine_cold_bars(engine, error);
}

/* ---- what comes back ----------------------------------------------------------------------- */

typedef struct Rebuild {
    Engine *engine;
    Topic topic; /* under which rows go in again */
    Error *error;
    int64_t time_us;
} Rebuild;

static bool put_row(void *context, const Message *message) {
    Rebuild *rebuild = context;
    return kernel_input(rebuild->engine->kernel, rebuild->topic, rebuild->time_us, message->payload,
                        rebuild->error);
}

/* The price of each symbol at its last close. */
static bool put_price(void *context, const Message *message) {
    Rebuild *rebuild = context;
    const MarketUpdate *update = message->payload;
    PriceMove move = {.price = update->current_price,
                      .high = update->current_price,
                      .low = update->current_price};
    memcpy(move.symbol, update->symbol, sizeof move.symbol);
    return kernel_input(rebuild->engine->kernel, TOPIC_PRICES, rebuild->time_us, &move,
                        rebuild->error);
}

static bool put_rows(Rebuild *rebuild, Topic from, Topic to) {
    rebuild->topic = to;
    return store_visit(rebuild->engine->store, from, put_row, rebuild, rebuild->error);
}

/* Rows by the thousand: in turns of their own. */
static bool put_many(void *context, const Message *message) {
    Rebuild *rebuild = context;
    Engine *engine = rebuild->engine;
    if (!put_row(rebuild, message)) return false;
    if (message->sequence % HISTORY_TURN != 0) return true;
    return engine_finish_turn(engine, rebuild->error);
}

/* The last signal's number, so that new ones go on behind it: an outcome without a direction counts
 * for nothing else. */
static bool put_last_signal(Rebuild *rebuild) {
    static Signal signal; /* 6 KiB are too much for a stack frame among others */
    SignalOutcome last = {.decision = DECISION_HOLD};
    if (!store_latest(rebuild->engine->store, TOPIC_TRADING_SIGNALS, NULL, &signal)) return true;
    memcpy(last.signal_id, signal.id, sizeof last.signal_id);
    memcpy(last.symbol, signal.symbol, sizeof last.symbol);
    return kernel_input(rebuild->engine->kernel, TOPIC_RESTORED_OUTCOMES, rebuild->time_us, &last,
                        rebuild->error);
}

/* The news that the desk of a fresh monitor can hold. */
static bool put_news(Rebuild *rebuild) {
    StoreQuery newest = {.limit = NEWS_DESK_ENTRIES};
    rebuild->topic = TOPIC_NEWS_HISTORY;
    return store_select(rebuild->engine->store, TOPIC_NEWS_UPDATES, &newest, put_row, rebuild,
                        rebuild->error);
}

static bool put_bars(Rebuild *rebuild, const char *symbol, Interval interval, const Bar *bars,
                     unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        MarketBar message;
        message_from_bar(symbol, interval, &bars[i], &message);
        if (!kernel_input(rebuild->engine->kernel, TOPIC_HISTORY_BARS, rebuild->time_us, &message,
                          rebuild->error))
            return false;
        if ((i + 1) % HISTORY_TURN != 0 && i + 1 < count) continue;
        if (!engine_finish_turn(rebuild->engine, rebuild->error)) return false;
    }
    return true;
}

static bool put_histories(Rebuild *rebuild, const SymbolTable *symbols) {
    Bar *bars = malloc(LIMIT_CANDLES * sizeof *bars);
    bool sound =
        bars || error_set(rebuild->error, ERROR_LIMIT, "out of memory", "cold start", NULL);
    for (unsigned i = 0; sound && i < symbols->count; i++)
        for (Interval interval = INTERVAL_1M; sound && interval < INTERVAL_COUNT; interval++) {
            const char *symbol = symbols->symbols[i].name.text;
            unsigned count =
                store_bars(rebuild->engine->store, symbol, interval, bars, LIMIT_CANDLES);
            sound = put_bars(rebuild, symbol, interval, bars, count);
        }
    free(bars);
    return sound;
}

/* Inputs of HISTORY_BARS that come from here are not the feed's. */
bool engine_cold_rebuild(Engine *engine, Error *error) {
    uint64_t taken = engine->tally.feed_events;
    Rebuild rebuild = {.engine = engine, .error = error, .time_us = kernel_time(engine->kernel)};
    bool sound = put_rows(&rebuild, TOPIC_SYMBOL_FILTERS, TOPIC_SYMBOL_FILTERS) &&
                 store_visit(engine->store, TOPIC_MARKET_UPDATES, put_price, &rebuild, error) &&
                 put_rows(&rebuild, TOPIC_ACCOUNT_FACTS, TOPIC_RESTORED_ACCOUNTS) &&
                 put_rows(&rebuild, TOPIC_POSITION_FACTS, TOPIC_RESTORED_POSITIONS) &&
                 put_rows(&rebuild, TOPIC_MODEL_VERSIONS, TOPIC_RESTORED_VERSIONS) &&
                 engine_venue_restore(engine, rebuild.time_us, error) &&
                 put_last_signal(&rebuild) && put_news(&rebuild) &&
                 engine_finish_turn(engine, error) && engine_learn_written(engine);
    if (!sound) return false;
    rebuild.topic = TOPIC_RESTORED_CALLS;
    sound = store_visit(engine->store, TOPIC_MODEL_CALLS, put_many, &rebuild, error) &&
            engine_finish_turn(engine, error);
    if (!sound) return false;
    rebuild.topic = TOPIC_RESTORED_OUTCOMES;
    sound = store_visit(engine->store, TOPIC_SIGNAL_OUTCOMES, put_many, &rebuild, error) &&
            engine_finish_turn(engine, error);
    const SymbolTable *symbols =
        market_monitor_symbols(kernel_service_state(engine->kernel, "market_monitor"));
    sound = sound && put_histories(&rebuild, symbols);
    engine->tally.feed_events = taken;
    return sound &&
           journal_note(engine->journal, kernel_time(engine->kernel), RESTORED_NOTE, error);
}
