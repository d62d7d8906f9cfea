/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the parts are that carry a long run: canonical bytes and JSON of a message, the journal
 * from message to file, the digests, the generated market and the rows of a candle file. Every
 * figure is the median of several batches of one kind of work that another part of the program
 * waits for. The journal writes to a file in the folder given as the first word, as the program
 * does: checksummed, chained, handed to the system, not waited for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/figure.h"
#include "core/base/check.h"
#include "core/bus/codec.h"
#include "core/market/candle_csv.h"
#include "core/sim/market_model.h"
#include "shell/store/journal.h"
#include "shell/sys/files.h"

enum {
    BATCHES = 15,
    MESSAGES = 20000,
    RECORDS = 100000,
    TURN_RECORDS = 10,
    MINUTES = 4000,
    SYMBOLS = 5,
    ROWS = 20000
};
#define START_US 1704067200000000 /* 2024-01-01 */
#define MEGABYTE 1e6

static uint64_t sink; /* what was made is added up, so that nothing is left out */

static void must(bool sound, const Error *error) {
    if (sound) return;
    fprintf(stderr, "bench rates: %s (%s)\n", error->message, error->where);
    exit(1);
}

/* A signal as the analyst words it: three reasons, six contributions, an explanation. */
static void make_signal(Signal *signal) {
    static const char *const phrases[] = {"Close at 0.23 of the Bollinger bands",
                                          "MACD positive on 15m",
                                          "RSI at 56.5 on 15m, momentum up"};
    memset(signal, 0, sizeof *signal);
    strcpy(signal->id, "s-4450");
    strcpy(signal->symbol, "BTCUSDC");
    strcpy(signal->model_id, "629a1f1a");
    strcpy(signal->model_version, "ai_trader_local_629a1f1a");
    strcpy(signal->reasoning,
           "Score 0.31 of -1 to 1: Bollinger bands +0.12, MACD +0.10, RSI +0.06, Trend +0.03");
    strcpy(signal->explanation.summary, "BUY: Bollinger bands and MACD weigh most");
    signal->key_indicators_count = 3;
    for (unsigned i = 0; i < 3; i++)
        strcpy(signal->key_indicators[i], phrases[i]);
    signal->contributions_count = 6;
    for (unsigned i = 0; i < 6; i++) {
        strcpy(signal->contributions[i].factor, "Bollinger bands");
        signal->contributions[i].value = 0.0517 * i;
    }
    signal->confidence = 0.3965909090909091;
    signal->score = 0.31;
    signal->horizon_minutes = 240;
    signal->timestamp = signal->market_timestamp = START_US;
    signal->price = price_of(6123456000000);
}

static void make_bar(MarketBar *bar, unsigned number) {
    memset(bar, 0, sizeof *bar);
    strcpy(bar->symbol, "BTCUSDC");
    bar->open_time = START_US + number * INSTANT_MINUTE_US;
    bar->open = bar->low = price_of(6123456000000 + number);
    bar->high = bar->close = price_of(6124456000000 + number);
    bar->volume = 12.5 + number;
    bar->trades = 900;
}

/* ---- messages ------------------------------------------------------------------------------ */

static double encode_ns(const MessageShape *shape, const void *message) {
    uint8_t bytes[LIMIT_PAYLOAD];
    double batches[BATCHES];
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        double begin = figure_now_ns();
        for (unsigned i = 0; i < MESSAGES; i++)
            sink += codec_encode(shape, message, bytes, sizeof bytes);
        batches[batch] = (figure_now_ns() - begin) / MESSAGES;
    }
    return figure_median(batches, BATCHES);
}

static double json_ns(const MessageShape *shape, const void *message) {
    static char memory[4 * LIMIT_PAYLOAD];
    double batches[BATCHES];
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        double begin = figure_now_ns();
        for (unsigned i = 0; i < MESSAGES; i++) {
            Text text = text_in(memory, sizeof memory);
            JsonWriter writer = json_writer(&text);
            codec_write_json(shape, message, &writer);
            sink += text.length;
        }
        batches[batch] = (figure_now_ns() - begin) / MESSAGES;
    }
    return figure_median(batches, BATCHES);
}

static void bench_messages(void) {
    static _Alignas(16) Signal signal;
    MarketBar bar;
    make_signal(&signal);
    make_bar(&bar, 1);
    figure_put(&(Figure){"canonical bytes of a bar", "ns",
                         encode_ns(&message_shapes[MESSAGE_MARKET_BAR], &bar), 0, 0, 0});
    figure_put(&(Figure){"canonical bytes of a signal", "ns",
                         encode_ns(&message_shapes[MESSAGE_SIGNAL], &signal), 0, 0, 0});
    figure_put(&(Figure){"JSON of a signal", "ns",
                         json_ns(&message_shapes[MESSAGE_SIGNAL], &signal), 0, 0, 0});
}

/* ---- the journal --------------------------------------------------------------------------- */

static double journal_round(const char *directory, double *megabytes) {
    Error error;
    uint8_t record[RECORD_MAX];
    JournalMark start = journal_start();
    Journal *journal = journal_open(directory, &start, 1u << 30, &error);
    must(journal != NULL, &error);
    uint64_t bytes = 0;
    double begin = figure_now_ns();
    for (unsigned i = 0; i < RECORDS; i++) {
        MarketBar bar;
        make_bar(&bar, i);
        Message message = {.sequence = i + 1,
                           .time_us = bar.open_time,
                           .size = sizeof bar,
                           .topic = TOPIC_BARS,
                           .origin = ORIGIN_INPUT,
                           .payload = &bar};
        size_t size = record_of_message(&message, record);
        must(journal_append(journal, record, size, &error), &error);
        bytes += size;
        if (i % TURN_RECORDS == 0) must(journal_turn(journal, i, bar.open_time, &error), &error);
    }
    must(journal_flush(journal, false, &error), &error);
    double spent = figure_now_ns() - begin;
    journal_close(journal);
    *megabytes = (double)bytes / MEGABYTE / (spent / 1e9);
    return RECORDS / (spent / 1e9);
}

static void bench_journal(const char *directory) {
    double records[BATCHES], megabytes[BATCHES];
    for (unsigned i = 0; i < BATCHES; i++)
        records[i] = journal_round(directory, &megabytes[i]);
    figure_put(&(Figure){"journal, bars from message to file", "records/s",
                         figure_median(records, BATCHES), 0, 0, 1});
    figure_put(&(Figure){"journal, bytes", "MB/s", figure_median(megabytes, BATCHES), 0, 0, 1});
}

/* ---- digests, market, rows ----------------------------------------------------------------- */

static void bench_digests(void) {
    static uint8_t block[1 << 20];
    double sha[BATCHES], crc[BATCHES];
    uint8_t digest[SHA256_SIZE];
    for (unsigned i = 0; i < BATCHES; i++) {
        block[i] = (uint8_t)i;
        double begin = figure_now_ns();
        sha256_of(block, sizeof block, digest);
        double middle = figure_now_ns();
        sink += digest[0] + crc32c(0, block, sizeof block);
        double end = figure_now_ns();
        sha[i] = sizeof block / MEGABYTE / ((middle - begin) / 1e9);
        crc[i] = sizeof block / MEGABYTE / ((end - middle) / 1e9);
    }
    figure_put(&(Figure){"SHA-256", "MB/s", figure_median(sha, BATCHES), 0, 0, 1});
    figure_put(&(Figure){"CRC-32C", "MB/s", figure_median(crc, BATCHES), 0, 0, 1});
}

static void open_model(MarketModel *model) {
    static const char *const names[SYMBOLS] = {"BTCUSDC", "ETHUSDC", "BNBUSDC", "SOLUSDC",
                                               "XRPUSDC"};
    SymbolName symbols[SYMBOLS];
    Error error;
    for (unsigned i = 0; i < SYMBOLS; i++)
        CHECK(symbol_name_set(&symbols[i], slice_of(names[i])), "a symbol's name");
    must(market_model_init(model, 1, START_US, symbols, SYMBOLS, &error), &error);
}

static void bench_market(void) {
    static MarketModel model;
    double rates[BATCHES];
    Bar bars[LIMIT_SYMBOLS];
    open_model(&model);
    for (unsigned i = 0; i < BATCHES; i++) {
        double begin = figure_now_ns();
        for (unsigned minute = 0; minute < MINUTES; minute++) {
            market_model_minute(&model, bars);
            sink += (uint64_t)bars[0].close.units;
        }
        rates[i] = MINUTES * SYMBOLS / ((figure_now_ns() - begin) / 1e9);
    }
    figure_put(&(Figure){"generated market", "bars/s", figure_median(rates, BATCHES), 0, 0, 1});
}

static Slice put_row(Text *text, const Bar *bar) {
    char open[DECIMAL_TEXT_MAX], high[DECIMAL_TEXT_MAX], low[DECIMAL_TEXT_MAX],
        close[DECIMAL_TEXT_MAX];
    size_t from = text->length;
    price_to_text(bar->open, open);
    price_to_text(bar->high, high);
    price_to_text(bar->low, low);
    price_to_text(bar->close, close);
    text_format(text, "%D,%s,%s,%s,%s,", bar->time_us / 1000, open, high, low, close);
    text_double(text, bar->volume);
    text_format(text, ",%D,", bar->time_us / 1000 + 59999);
    text_double(text, bar->quote_volume);
    text_format(text, ",%D,", (int64_t)bar->trades);
    text_double(text, bar->taker_volume);
    text_put(text, ",,0");
    return (Slice){text->at + from, text->length - from};
}

static double rows_round(const CandleColumns *columns, const Slice *rows) {
    Error error;
    Bar bar;
    double begin = figure_now_ns();
    for (unsigned i = 0; i < ROWS; i++) {
        must(candle_csv_bar(columns, rows[i], i + 1, &bar, &error), &error);
        sink += (uint64_t)bar.close.units;
    }
    return ROWS / ((figure_now_ns() - begin) / 1e9);
}

static void bench_rows(void) {
    static MarketModel model;
    static char memory[ROWS * 256];
    static Slice rows[ROWS];
    double rates[BATCHES];
    Text text = text_in(memory, sizeof memory);
    Bar bars[LIMIT_SYMBOLS];
    CandleColumns columns;
    Error error;
    open_model(&model);
    for (unsigned i = 0; i < ROWS; i++) {
        market_model_minute(&model, bars);
        rows[i] = put_row(&text, &bars[i % SYMBOLS]);
    }
    CHECK(!text.overflow, "room for the rows");
    must(candle_csv_columns(rows[0], 1, CANDLE_FULL, &columns, &error), &error);
    for (unsigned i = 0; i < BATCHES; i++)
        rates[i] = rows_round(&columns, rows);
    figure_put(
        &(Figure){"rows of a candle file", "rows/s", figure_median(rates, BATCHES), 0, 0, 1});
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "bench rates: name a folder for the journal\n");
        return 2;
    }
    bench_messages();
    bench_journal(words[1]);
    bench_digests();
    bench_market();
    bench_rows();
    if (sink == 0) fprintf(stderr, "bench rates: nothing was made\n");
    return sink == 0;
}
