/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The candle store over a million one-minute bars: opening (the header is judged, the file mapped),
 * reading every checksum, appending a page of the venue, and folding to hours. The file is warm, as
 * it is for the second command over the same history.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/figure.h"
#include "core/base/check.h"
#include "shell/store/candle_history.h"
#include "shell/store/candle_write.h"

#define ROWS      1000000u
#define PAGE_ROWS 1000u
#define FIRST_US  1577836800000000LL /* 2020-01-01 */
#define TIMES     15

static char directory[] = "/tmp/trader-bench-candles-XXXXXX";

static void must(bool sound, const Error *error) {
    if (sound) return;
    fprintf(stderr, "bench candles: %s (%s)\n", error->message, error->where);
    exit(1);
}

static CandleKey key(int64_t length_us) {
    CandleKey made = {.venue = CANDLE_VENUE, .length_us = length_us};
    CHECK(symbol_name_set(&made.symbol, SLICE("BTCUSDT")), "a symbol");
    return made;
}

static void fill(CandleBatch *batch, size_t first, size_t count) {
    Error error;
    candle_batch_init(batch);
    for (size_t i = first; i < first + count; i++) {
        int64_t price = 3000000000000LL + (int64_t)(i * 7919 % 100003) * 100000;
        Bar bar = {.time_us = FIRST_US + (int64_t)i * INSTANT_MINUTE_US,
                   .open = {price},
                   .high = {price + 900000},
                   .low = {price - 900000},
                   .close = {price + 100000},
                   .volume = (double)(i % 97) / 8,
                   .quote_volume = (double)(i % 89) * 100,
                   .taker_volume = (double)(i % 83) / 16,
                   .trades = (uint32_t)(i % 1009)};
        must(candle_batch_add(batch, &bar, CANDLE_ALL_KNOWN, i, &error), &error);
    }
}

static void put(size_t first, size_t count) {
    CandleBatch batch;
    CandlePut result;
    Error error;
    CandleKey minutes = key(INSTANT_MINUTE_US);
    fill(&batch, first, count);
    must(candle_store_put(directory, &minutes, &batch, &result, &error), &error);
    candle_batch_deinit(&batch);
}

/* Median of TIMES, in milliseconds. */
static void measure(const char *name, double limit, double aim, void (*step)(unsigned)) {
    double spent[TIMES];
    for (unsigned i = 0; i < TIMES; i++) {
        double start = figure_now_ns();
        step(i);
        spent[i] = (figure_now_ns() - start) / 1e6;
    }
    Figure figure = {.name = name,
                     .unit = "ms",
                     .value = figure_median(spent, TIMES),
                     .limit = limit,
                     .aim = aim};
    figure_put(&figure);
}

static void step_open(unsigned turn) {
    StoredCandles stored;
    Error error;
    CandleKey minutes = key(INSTANT_MINUTE_US);
    (void)turn;
    must(candle_store_open(directory, &minutes, &stored, &error), &error);
    CHECK(stored.series.close[stored.series.count - 1] > 0, "the last close is read");
    candle_store_close(&stored);
}

static void step_history(unsigned turn) {
    CandleHistory history;
    Error error;
    CandleKey minutes = key(INSTANT_MINUTE_US);
    (void)turn;
    must(candle_history_open(directory, &minutes, INT64_MIN, INT64_MAX, &history, &error), &error);
    candle_history_close(&history);
}

static void step_fold(unsigned turn) {
    CandleHistory history;
    Error error;
    CandleKey hours = key(INSTANT_HOUR_US);
    (void)turn;
    must(candle_history_open(directory, &hours, INT64_MIN, INT64_MAX, &history, &error), &error);
    CHECK(history.series.count >= ROWS / 60, "all hours are there");
    candle_history_close(&history);
}

static void step_append(unsigned turn) {
    put(ROWS + turn * PAGE_ROWS, PAGE_ROWS);
}

int main(void) {
    char command[80];
    if (!mkdtemp(directory)) return 1;
    put(0, ROWS);
    measure("open 1e6 stored bars", 10, 1, step_open);
    measure("open 1e6 stored bars, all checksums read", 0, 20, step_history);
    measure("1e6 stored minutes to hours", 0, 60, step_fold);
    measure("append 1,000 bars to 1e6, on the disk", 0, 50, step_append);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}
