/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a frame to a judged signal, measured: the text of a closed kline as the venue sends it goes
 * through the codec, becomes the feed's event and message, enters a kernel with every service of
 * the program, and the turn runs until nothing is left to say. By then all indicators have moved,
 * the analyst has spoken or not, and every signal stands on the bus with the risk service's verdict
 * and the order or the named refusal of the gate. The frames come from the generated market (seed
 * 1, five symbols), a frame a turn as on a live feed, after five days that only warm up.
 *
 * Decisions are forced: the analyst decides at every close (ai_analysis_interval 60) and a small
 * score is enough to speak (signal_score_threshold 0.05) and to speak again (signal_horizon_minutes
 * 5), so that a good part of the turns carry a signal. Turns with and without one are counted
 * apart. Opens and timers between the closes run too, as in the program, but are not timed. Writing
 * the journal and the database comes after the turn and is measured in bench/rates.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/figure.h"
#include "core/base/check.h"
#include "core/bus/feed_message.h"
#include "core/kernel/kernel.h"
#include "core/sim/market_model.h"
#include "core/venues/binance_stream.h"
#include "shell/drivers/engine.h"

enum {
    WARM_MINUTES =
        5 * 24 * 60, /* beyond the longest warm-up: 35 quarter hours of MACD, 100 of the trend */
    TIMED_MINUTES = 6000,
    FRAME_BYTES = 640
};
#define START_US 1704067200000000 /* 2024-01-01 */
#define BALANCE  10000

static const char *const names[] = {"BTCUSDC", "ETHUSDC", "BNBUSDC", "SOLUSDC", "XRPUSDC"};
enum { NAMES = sizeof names / sizeof names[0], TURNS_MAX = NAMES * TIMED_MINUTES };

typedef struct Bench {
    Settings settings;
    KernelPlan plan;
    Kernel *kernel;
    MarketModel model;
    double quiet[TURNS_MAX], said[TURNS_MAX]; /* nanoseconds of turns without and with a signal */
    unsigned quiet_count, said_count, orders, refusals;
} Bench;

static void must(bool sound, const Error *error) {
    if (sound) return;
    fprintf(stderr, "bench turn: %s (%s)\n", error->message, error->where);
    exit(1);
}

static size_t put_frame(char *target, const char *symbol, const Bar *bar) {
    char open[DECIMAL_TEXT_MAX], high[DECIMAL_TEXT_MAX], low[DECIMAL_TEXT_MAX],
        close[DECIMAL_TEXT_MAX];
    long long start = bar->time_us / 1000;
    price_to_text(bar->open, open);
    price_to_text(bar->high, high);
    price_to_text(bar->low, low);
    price_to_text(bar->close, close);
    return (size_t)snprintf(target, FRAME_BYTES,
                            "{\"stream\":\"%s@kline_1m\",\"data\":{\"e\":\"kline\",\"E\":%lld,"
                            "\"s\":\"%s\",\"k\":{\"t\":%lld,\"T\":%lld,"
                            "\"s\":\"%s\",\"i\":\"1m\",\"f\":1,\"L\":%u,\"o\":\"%s\",\"c\":\"%s\","
                            "\"h\":\"%s\",\"l\":\"%s\","
                            "\"v\":\"%.8f\",\"n\":%u,\"x\":true,\"q\":\"%.8f\",\"V\":\"%.8f\","
                            "\"Q\":\"%.8f\",\"B\":\"0\"}}}",
                            symbol, start + 60021, symbol, start, start + 59999, symbol,
                            bar->trades, open, close, high, low, bar->volume, bar->trades,
                            bar->quote_volume, bar->taker_volume, bar->quote_volume / 2);
}

/* What the live feed and the engine do with a frame. */
static void take_frame(Bench *bench, Slice frame, int64_t time_us) {
    BinanceEvent heard;
    Error error;
    must(binance_stream_read(frame, (BinanceLevels){0}, &heard, &error), &error);
    FeedEvent event = {.kind = FEED_BAR, .time_us = time_us, .symbol = heard.symbol};
    event.candle.bar = heard.kline.bar;
    event.candle.interval = heard.kline.interval;
    FeedPayload payload;
    Topic topic = feed_message(&event, true, &payload);
    must(kernel_input(bench->kernel, topic, time_us, &payload, &error), &error);
    kernel_turn(bench->kernel);
}

static bool count_turn(Bench *bench) {
    bool said = false;
    for (const Message *message = kernel_first(bench->kernel); message;
         message = kernel_next(bench->kernel, message)) {
        said |= message->topic == TOPIC_RISK_ENRICHED_SIGNALS;
        bench->orders += message->topic == TOPIC_ORDER_REQUESTS;
        bench->refusals += message->topic == TOPIC_REFUSALS;
    }
    return said;
}

static void put_event(Bench *bench, const FeedEvent *event) {
    FeedPayload payload;
    Error error;
    Topic topic = feed_message(event, true, &payload);
    must(kernel_input(bench->kernel, topic, event->time_us, &payload, &error), &error);
    kernel_turn(bench->kernel);
}

static void open_market(Bench *bench) {
    Error error;
    SymbolName symbols[NAMES];
    for (unsigned i = 0; i < NAMES; i++)
        CHECK(symbol_name_set(&symbols[i], slice_of(names[i])), "a symbol's name");
    must(market_model_init(&bench->model, 1, START_US, symbols, NAMES, &error), &error);
    for (unsigned i = 0; i < NAMES; i++) {
        const Symbol *symbol = &bench->model.assets[i].symbol;
        put_event(bench, &(FeedEvent){.kind = FEED_SYMBOL,
                                      .time_us = START_US,
                                      .symbol = symbol->name,
                                      .listed = *symbol});
    }
    Opening opening = {.amount = money_of(BALANCE * 100000000LL), .asset = "USDC"};
    must(kernel_input(bench->kernel, TOPIC_OPENINGS, START_US, &opening, &error), &error);
    kernel_turn(bench->kernel);
}

static void timers_until(Bench *bench, int64_t time_us) {
    while (kernel_timer_due(bench->kernel) <= time_us) {
        kernel_input_timers(bench->kernel, kernel_timer_due(bench->kernel));
        kernel_turn(bench->kernel);
    }
}

static void close_symbol(Bench *bench, unsigned symbol, const Bar *bar, bool timed) {
    char text[FRAME_BYTES];
    size_t length = put_frame(text, bench->model.assets[symbol].symbol.name.text, bar);
    int64_t time_us = bar->time_us + INSTANT_MINUTE_US + 21000 +
                      symbol; /* as the frame says, one after the other */
    timers_until(bench, time_us);
    double begin = figure_now_ns();
    take_frame(bench, (Slice){text, length}, time_us);
    double spent = figure_now_ns() - begin;
    bool said = count_turn(bench);
    if (!timed) return;
    if (said)
        bench->said[bench->said_count++] = spent;
    else
        bench->quiet[bench->quiet_count++] = spent;
}

static void live_minute(Bench *bench, bool timed) {
    Bar bars[LIMIT_SYMBOLS];
    market_model_minute(&bench->model, bars);
    for (unsigned i = 0; i < NAMES; i++) {
        FeedEvent event = {.kind = FEED_PRICE,
                           .time_us = bars[i].time_us + INSTANT_SECOND_US + i,
                           .symbol = bench->model.assets[i].symbol.name};
        event.price.last = event.price.high = event.price.low = bars[i].open;
        timers_until(bench, event.time_us);
        put_event(bench, &event);
    }
    for (unsigned i = 0; i < NAMES; i++)
        close_symbol(bench, i, &bars[i], timed);
}

static void report(const char *p50, const char *p99, double *values, unsigned count, double limit,
                   double aim) {
    Figure half = {p50, "us", figure_median(values, count) / 1000, limit, aim, 0};
    Figure most = {p99, "us", figure_quantile(values, count, 0.99) / 1000, 0, 0, 0};
    figure_put(&half);
    figure_put(&most);
}

int main(void) {
    Bench *bench = calloc(1, sizeof *bench);
    CHECK(bench, "no memory");
    settings_presets(&bench->settings);
    bench->settings.trading.ai_analysis_interval = 60;
    bench->settings.trading.signal_score_threshold = 0.05;
    bench->settings.trading.signal_horizon_minutes = 5;
    bench->plan = engine_kernel_plan(&bench->settings);
    size_t size = (kernel_size(&bench->plan) + 15) & ~(size_t)15;
    void *memory = aligned_alloc(16, size);
    CHECK(memory, "no memory");
    memset(memory, 0, size);
    bench->kernel = kernel_init(memory, &bench->plan);
    open_market(bench);
    for (unsigned i = 0; i < WARM_MINUTES; i++)
        live_minute(bench, false);
    bench->orders = bench->refusals = 0;
    for (unsigned i = 0; i < TIMED_MINUTES; i++)
        live_minute(bench, true);
    bool sound = bench->said_count >= 1000 && bench->orders + bench->refusals > 0;
    if (!sound) fprintf(stderr, "bench turn: only %u turns had a signal\n", bench->said_count);
    report("frame to judged signal, p50", "frame to judged signal, p99", bench->said,
           bench->said_count, 20, 3);
    report("frame to indicators, no signal, p50", "frame to indicators, no signal, p99",
           bench->quiet, bench->quiet_count, 0, 0);
    figure_put(&(Figure){"turns timed with a signal", "turns", bench->said_count, 1000, 0, 1});
    figure_put(&(Figure){"of them orders asked for or refused", "turns",
                         bench->orders + bench->refusals, 1, 0, 1});
    free(memory);
    free(bench);
    return sound ? 0 : 1;
}
