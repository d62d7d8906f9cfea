/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/recorded_run.h"

#include <stdlib.h>
#include <string.h>

#include "core/bus/codec.h"
#include "core/bus/convert.h"
#include "shell/drivers/journal_check.h"
#include "shell/store/journal.h"

#define ROOM_FIRST 256

typedef struct Reading {
    RecordedRun *run;
    bool started, opened;
    bool traded[LIMIT_SYMBOLS];   /* its bars are no longer history */
    Interval base[LIMIT_SYMBOLS]; /* shortest bars heard */
    uint8_t settings[SHA256_SIZE];
} Reading;

/* ---- lists --------------------------------------------------------------------------------- */

static void *room_for(void *list, size_t count, size_t *room, size_t width, Error *error) {
    if (count < *room) return list;
    size_t wanted = *room ? 2 * *room : ROOM_FIRST;
    void *grown = realloc(list, wanted * width);
    if (grown)
        *room = wanted;
    else
        error_set(error, ERROR_LIMIT, "out of memory", "journal", NULL);
    return grown;
}

static bool add_mark(RecordedRun *run, RunMarkKind kind, const Record *record, const char *symbol,
                     const char *words, Error *error) {
    RunMark *marks = room_for(run->marks, run->mark_count, &run->mark_room, sizeof *marks, error);
    if (!marks) return false;
    run->marks = marks;
    RunMark *mark = &marks[run->mark_count++];
    *mark = (RunMark){.kind = kind, .time_us = record->time_us};
    Text text = TEXT_IN(mark->text), name = TEXT_IN(mark->symbol);
    text_put(&text, words);
    text_end(&text);
    text_put(&name, symbol);
    text_end(&name);
    return true;
}

static bool add_trade(RecordedRun *run, const Trade *trade, Error *error) {
    Trade *trades =
        room_for(run->trades, run->trade_count, &run->trade_room, sizeof *trades, error);
    if (!trades) return false;
    run->trades = trades;
    trades[run->trade_count++] = *trade;
    return true;
}

static bool add_reading(RecordedRun *run, const SocialReading *reading, Error *error) {
    SocialReading *readings =
        room_for(run->readings, run->reading_count, &run->reading_room, sizeof *readings, error);
    if (!readings) return false;
    run->readings = readings;
    readings[run->reading_count++] = *reading;
    return true;
}

static bool add_headline(RecordedRun *run, const Headline *headline, Error *error) {
    Headline *news = room_for(run->news, run->news_count, &run->news_room, sizeof *news, error);
    if (!news) return false;
    run->news = news;
    news[run->news_count++] = *headline;
    return true;
}

/* ---- records ------------------------------------------------------------------------------- */

static bool hear_first_start(Reading *reading, const JournalStart *start) {
    RecordedRun *run = reading->run;
    reading->started = true;
    run->settings = start->settings;
    memcpy(run->version, start->version, sizeof run->version);
    settings_hash(&start->settings, reading->settings);
    return true;
}

static bool hear_note(Reading *reading, const Record *note, Error *error) {
    JournalStart start;
    Error fault = {.code = ERROR_NONE};
    uint8_t digest[SHA256_SIZE];
    RecordedRun *run = reading->run;
    if (!journal_start_read(note, &start, &fault)) {
        if (fault.code != ERROR_NONE && error) *error = fault;
        return fault.code == ERROR_NONE;
    }
    if (!reading->started) return hear_first_start(reading, &start);
    settings_hash(&start.settings, digest);
    if (strcmp(start.version, run->version) != 0 &&
        !add_mark(run, MARK_OTHER_BUILD, note, "", start.version, error))
        return false;
    if (memcmp(digest, reading->settings, sizeof digest) != 0 &&
        !add_mark(run, MARK_OTHER_SETTINGS, note, "", "started again under other settings", error))
        return false;
    return !start.cold || add_mark(run, MARK_REBUILT, note, "",
                                   "started anew from orders and positions on record", error);
}

static bool hear_symbol(RecordedRun *run, const SymbolFilters *filters, Error *error) {
    Symbol symbol;
    if (!symbol_from_filters(filters, &symbol)) return true;
    int known = bar_columns_find(&run->columns, symbol.name.text);
    int64_t length_us = known < 0 ? 0 : run->columns.markets[known].candles.length_us;
    return bar_columns_symbol(&run->columns, &symbol, length_us) >= 0 ||
           error_set(error, ERROR_LIMIT, "more than 32 symbols", "journal", NULL);
}

/* Only the shortest bars: longer ones are folded from them again. */
static bool hear_bar(Reading *reading, const MarketBar *heard, bool history, Error *error) {
    RecordedRun *run = reading->run;
    int index = bar_columns_find(&run->columns, heard->symbol);
    if (index < 0) return true;
    LabMarket *market = &run->columns.markets[index];
    Interval interval = (Interval)heard->interval;
    bool first = market->candles.length_us == 0;
    if (!first && interval > reading->base[index]) return true;
    if (!first && interval < reading->base[index]) market->candles.count = 0;
    reading->base[index] = interval;
    market->candles.length_us = interval_us(interval);
    run->live |= heard->live;
    Bar bar = bar_from_message(heard);
    if (!history && !reading->traded[index]) market->first = market->candles.count;
    reading->traded[index] |= !history;
    if (bar.time_us + market->candles.length_us > run->end_us)
        run->end_us = bar.time_us + market->candles.length_us;
    return bar_columns_add(&run->columns, (unsigned)index, &bar, error);
}

static bool hear_status(RecordedRun *run, const Record *record, const FeedStatus *status,
                        Error *error) {
    bool lost = status->condition == CONDITION_REFUSED || status->condition == CONDITION_GAP ||
                status->condition == CONDITION_STALE;
    return !lost || add_mark(run, MARK_REFUSED, record, status->symbol, status->text, error);
}

/* Topics whose messages tell something here; the others are passed over unread. */
static bool is_told(const Record *record) {
    if (record->kind == RECORD_EFFECT) return record->topic == TOPIC_TRADES;
    return record->topic == TOPIC_SYMBOL_FILTERS || record->topic == TOPIC_OPENINGS ||
           record->topic == TOPIC_HISTORY_BARS || record->topic == TOPIC_BARS ||
           record->topic == TOPIC_FEED_STATUS || record->topic == TOPIC_CONTROLS ||
           record->topic == TOPIC_SOCIAL_READINGS || record->topic == TOPIC_NEWS_HISTORY;
}

typedef union Told {
    SymbolFilters symbol;
    Opening opening;
    MarketBar bar;
    FeedStatus status;
    Control control;
    Trade trade;
    SocialReading reading;
    Headline headline;
} Told;

static bool hear(Reading *reading, const Record *record, Error *error) {
    RecordedRun *run = reading->run;
    Told told;
    /* Recorded candles have a price at their opens only. */
    if (record->kind == RECORD_INPUT && record->topic == TOPIC_PRICES)
        run->live |= record->time_us % INSTANT_MINUTE_US != 0;
    if (!is_told(record)) return true;
    const MessageShape *shape = topic_message((Topic)record->topic);
    if (!codec_decode(shape, record->payload, record->length, &told, error)) return false;
    switch (record->topic) {
    case TOPIC_SYMBOL_FILTERS:
        return hear_symbol(run, &told.symbol, error);
    case TOPIC_OPENINGS:
        run->opening = told.opening;
        reading->opened = true;
        return true;
    case TOPIC_FEED_STATUS:
        return hear_status(run, record, &told.status, error);
    case TOPIC_CONTROLS:
        return add_mark(run, MARK_OPERATOR, record, "", told.control.reason, error);
    case TOPIC_SOCIAL_READINGS:
        return add_reading(run, &told.reading, error);
    case TOPIC_NEWS_HISTORY:
        return add_headline(run, &told.headline, error);
    case TOPIC_TRADES:
        return add_trade(run, &told.trade, error);
    default:
        return hear_bar(reading, &told.bar, record->topic == TOPIC_HISTORY_BARS, error);
    }
}

/* ---- the journal --------------------------------------------------------------------------- */

static bool walk(Reading *reading, JournalReader *journal, Error *error) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    uint8_t digest[SHA256_SIZE];
    while (journal_read(journal, &record, &bytes, &size) == JOURNAL_RECORD) {
        if (record.kind == RECORD_TURN) continue;
        bool sound = record.kind == RECORD_NOTE ? hear_note(reading, &record, error)
                                                : hear(reading, &record, error);
        if (!sound) return false;
    }
    sha256_peek(&journal_reader_mark(journal)->chain, digest);
    Text hash = TEXT_IN(reading->run->journal_hash);
    text_hex(&hash, digest, sizeof digest);
    text_end(&hash);
    return true;
}

static bool judge(const Reading *reading, const char *state_directory, Error *error) {
    const RecordedRun *run = reading->run;
    if (!reading->started || !reading->opened)
        return error_set(error, ERROR_DATA,
                         "the journal does not begin with the opening of a paper account",
                         state_directory, "the state of a real venue cannot be run again on paper");
    for (unsigned i = 0; i < run->columns.count; i++)
        if (reading->traded[i]) return true;
    return error_set(error, ERROR_DATA, "the journal holds no candles", state_directory, NULL);
}

/* A symbol that said no bar while the run lasted is not traded. */
static void close_silent(Reading *reading) {
    BarColumns *columns = &reading->run->columns;
    for (unsigned i = 0; i < columns->count; i++)
        if (!reading->traded[i]) columns->markets[i].first = columns->markets[i].end;
}

bool recorded_run_read(const char *state_directory, RecordedRun *run, Error *error) {
    Reading reading = {.run = run};
    memset(run, 0, sizeof *run);
    if (journal_first(state_directory) > 1)
        return error_set(error, ERROR_DATA, "the beginning of the journal was dropped long ago",
                         state_directory, "journal.journal_keep_days says how long it is kept");
    JournalReader *journal = journal_reader_open(state_directory, NULL, error);
    if (!journal) return false;
    bool sound = walk(&reading, journal, error) && judge(&reading, state_directory, error);
    journal_reader_close(journal);
    if (sound) close_silent(&reading);
    if (!sound) recorded_run_free(run);
    return sound;
}

void recorded_run_free(RecordedRun *run) {
    bar_columns_free(&run->columns);
    free(run->trades);
    free(run->readings);
    free(run->news);
    free(run->marks);
    *run = (RecordedRun){0};
}
