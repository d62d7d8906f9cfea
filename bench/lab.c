/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lab, measured: a million one-minute bars of the generated market (seed 1), as one symbol and
 * as five, through the kernel with every service of the program, with the journal as a running
 * hash. Each rate is the median of several whole runs; the same runs without the hash stand beside
 * it, so that what the hash costs is seen in one run. Memory is what the lab itself asks for and
 * touches, without the candles, which are the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/figure.h"
#include "core/base/check.h"
#include "core/lab/lab.h"
#include "core/sim/market_model.h"

enum { BARS = 1000000, RUNS = 3, COLUMNS = 7 };
#define START_US 1577836800000000 /* 2020-01-01 */
#define BALANCE  10000

static const char *const names[] = {"BNBUSDC", "BTCUSDC", "ETHUSDC", "SOLUSDC", "XRPUSDC"};

typedef struct Bench {
    Settings settings;
    MarketModel model;
    LabMarket markets[LIMIT_SYMBOLS];
    LabPlan plan;
} Bench;

static void *pages(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED, "no memory");
    return memory;
}

/* One block a symbol: time, four prices, two volumes. */
static void make_columns(CandleSeries *candles, size_t count) {
    int64_t *block = malloc(COLUMNS * count * sizeof *block);
    CHECK(block, "no memory");
    *candles = (CandleSeries){.length_us = INSTANT_MINUTE_US,
                              .count = count,
                              .time_us = block,
                              .open = block + count,
                              .high = block + 2 * count,
                              .low = block + 3 * count,
                              .close = block + 4 * count,
                              .volume = (double *)(block + 5 * count),
                              .quote_volume = (double *)(block + 6 * count)};
}

static void put_bar(const CandleSeries *candles, size_t row, const Bar *bar) {
    int64_t *block = (int64_t *)(uintptr_t)candles->time_us;
    const int64_t units[] = {bar->time_us, bar->open.units, bar->high.units, bar->low.units,
                             bar->close.units};
    for (unsigned i = 0; i < sizeof units / sizeof units[0]; i++)
        block[i * candles->count + row] = units[i];
    memcpy(&block[5 * candles->count + row], &bar->volume, sizeof bar->volume);
    memcpy(&block[6 * candles->count + row], &bar->quote_volume, sizeof bar->quote_volume);
}

static void make_markets(Bench *bench, unsigned symbols, const char *const *chosen) {
    SymbolName wanted[LIMIT_SYMBOLS] = {0};
    Bar bars[LIMIT_SYMBOLS];
    Error error;
    size_t rows = BARS / symbols;
    for (unsigned i = 0; i < symbols; i++)
        CHECK(symbol_name_set(&wanted[i], slice_of(chosen[i])), "a symbol's name");
    CHECK(market_model_init(&bench->model, 1, START_US, wanted, symbols, &error), "the market");
    for (unsigned i = 0; i < symbols; i++) {
        bench->markets[i] = (LabMarket){.symbol = bench->model.assets[i].symbol, .end = rows};
        make_columns(&bench->markets[i].candles, rows);
    }
    for (size_t row = 0; row < rows; row++) {
        market_model_minute(&bench->model, bars);
        for (unsigned i = 0; i < symbols; i++)
            put_bar(&bench->markets[i].candles, row, &bars[i]);
    }
}

static void drop_markets(Bench *bench, unsigned symbols) {
    for (unsigned i = 0; i < symbols; i++)
        free((void *)(uintptr_t)bench->markets[i].candles.time_us);
}

static double megabytes_touched(void *memory, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = (size + page - 1) / page, touched = 0;
    unsigned char *resident = calloc(count, 1);
    CHECK(resident && mincore(memory, size, resident) == 0, "mincore");
    for (size_t i = 0; i < count; i++)
        touched += resident[i] & 1;
    free(resident);
    return (double)(touched * page) / (1 << 20);
}

static double run_once(Bench *bench, LabResult *result, double *memory_mb) {
    Error error;
    size_t size = lab_memory(&bench->plan);
    void *memory = pages(size);
    double begin = figure_now_ns();
    bool sound = lab_run(&bench->plan, memory, NULL, result, &error);
    double spent = figure_now_ns() - begin;
    CHECK(sound && result->trial.bars == BARS && result->signals > 0, "the run");
    *memory_mb = megabytes_touched(memory, size);
    munmap(memory, size);
    return BARS / (spent / 1e9);
}

static void measure(Bench *bench, unsigned symbols, const char *title) {
    char with[96], without[96], memory[96];
    double hashed[RUNS], plain[RUNS], memory_mb = 0;
    LabResult first = {0}, again;
    bench->plan.hash = true;
    for (unsigned i = 0; i < RUNS; i++) {
        hashed[i] = run_once(bench, i ? &again : &first, &memory_mb);
        CHECK(i == 0 || memcmp(first.journal, again.journal, SHA256_SIZE) == 0, "the same hash");
    }
    bench->plan.hash = false;
    for (unsigned i = 0; i < RUNS; i++)
        plain[i] = run_once(bench, &again, &memory_mb);
    snprintf(with, sizeof with, "lab, %s", title);
    snprintf(without, sizeof without, "lab without the hash, %s", title);
    snprintf(memory, sizeof memory, "lab, %s, memory", title);
    figure_put(&(Figure){with, "bars/s", figure_median(hashed, RUNS), 200000, 1000000, 1});
    figure_put(&(Figure){without, "bars/s", figure_median(plain, RUNS), 0, 0, 1});
    figure_put(&(Figure){memory, "MB", memory_mb, 0, 0, 0});
    fprintf(stderr, "bench lab: %s: %u symbols, %u trades, hash %02x%02x%02x%02x\n", title, symbols,
            first.trial.trades, first.journal[0], first.journal[1], first.journal[2],
            first.journal[3]);
}

int main(void) {
    Bench *bench = calloc(1, sizeof *bench);
    CHECK(bench, "no memory");
    settings_presets(&bench->settings);
    bench->plan = (LabPlan){.settings = &bench->settings,
                            .services = service_table,
                            .service_count = service_count,
                            .markets = bench->markets,
                            .balance = money_of((__int128)BALANCE * DECIMAL_SCALE)};
    const unsigned symbols[] = {1, 5};
    const char *const titles[] = {"1e6 bars of one symbol", "1e6 bars of five symbols"};
    for (unsigned i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        bench->plan.market_count = symbols[i];
        make_markets(bench, symbols[i], symbols[i] == 1 ? names + 1 : names);
        measure(bench, symbols[i], titles[i]);
        drop_markets(bench, symbols[i]);
    }
    free(bench);
    return 0;
}
