/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tick path, measured: one decrypted WebSocket frame to a parsed and validated event. Frames
 * are made in the venue's own layout with prices and volumes that differ from frame to frame, so
 * that no branch is learnt by heart; the figure is the median over many batches. Beside the codec
 * stand its general path (any order of keys) and, where their headers were found at build time, two
 * libraries doing the same work: parse the frame, find the same fields, convert prices to exact
 * units and volumes to doubles. Every batch is read by each of them in turn, so that a change in
 * the machine's pace meets all of them alike. The libraries are never linked into the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/figure.h"
#include "bench/tick_peers.h"
#include "core/venues/binance_stream.h"

enum { FRAMES = 1000, BATCHES = 201, FRAME_BYTES = 512 };
#define LIMIT_NS 800
#define AIM_NS   350

static char frames[FRAMES][FRAME_BYTES];
static size_t lengths[FRAMES];

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static uint32_t draw(void) { /* Numerical Recipes' linear congruence: only to vary the digits */
    static uint32_t state = 1;
    return state = state * 1664525u + 1013904223u;
}

static size_t make_kline(char *target) {
    unsigned open = 6100000 + draw() % 50000, low = open - draw() % 900, high = open + draw() % 900;
    unsigned close = low + draw() % (high - low + 1), volume = draw() % 900000000;
    long long start = 1790000040000 + 60000ll * (draw() % 9000);
    bool closed = draw() % 30 == 0;
    return (size_t)snprintf(
        target, FRAME_BYTES,
        "{\"stream\":\"btcusdt@kline_1m\",\"data\":{\"e\":\"kline\",\"E\":%lld,\"s\":\"BTCUSDT\","
        "\"k\":{\"t\":%lld,\"T\":%lld,\"s\":\"BTCUSDT\",\"i\":\"1m\",\"f\":%u,\"L\":%u,"
        "\"o\":\"%u.%02u000000\",\"c\":\"%u.%02u000000\",\"h\":\"%u.%02u000000\","
        "\"l\":\"%u.%02u000000\",\"v\":\"%u.%05u000\",\"n\":%u,\"x\":%s,\"q\":\"%u.%08u\","
        "\"V\":\"%u.%05u000\",\"Q\":\"%u.%08u\",\"B\":\"0\"}}}",
        start + 60021, start, start + 59999, 5000000 + draw() % 1000, 5010000 + draw() % 1000,
        open / 100, open % 100, close / 100, close % 100, high / 100, high % 100, low / 100,
        low % 100, volume / 10000000, volume % 100000, draw() % 9000, closed ? "true" : "false",
        draw() % 3000000, draw() % 100000000, volume / 20000000, volume % 100000, draw() % 1000000,
        draw() % 100000000);
}

static size_t make_trade(char *target) {
    unsigned price = 6100000 + draw() % 50000;
    long long now = 1790000040000 + draw() % 90000000;
    return (size_t)snprintf(
        target, FRAME_BYTES,
        "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":%lld,\"s\":\"BTCUSDT\","
        "\"t\":%u,\"p\":\"%u.%02u000000\",\"q\":\"0.%05u000\",\"T\":%lld,\"m\":%s,\"M\":true}}",
        now + 1, 3700000000u + draw() % 90000000, price / 100, price % 100, 1 + draw() % 90000, now,
        draw() % 2 ? "true" : "false");
}

typedef bool (*Reader)(Slice frame);

static bool read_layout(Slice frame) {
    BinanceEvent event;
    if (!binance_stream_read(frame, (BinanceLevels){0}, &event, NULL)) return false;
    tick_sink +=
        event.kind == BINANCE_KLINE ? event.kline.bar.close.units : event.trade.price.units;
    return true;
}

static bool read_general(Slice frame) {
    BinanceEvent event;
    if (!binance_stream_read_any(frame, (BinanceLevels){0}, &event, NULL)) return false;
    tick_sink +=
        event.kind == BINANCE_KLINE ? event.kline.bar.close.units : event.trade.price.units;
    return true;
}

static const struct {
    const char *name;
    Reader read;
    bool ours; /* held to the limit */
} readers[] = {
    {"trader", read_layout, true},
    {"trader, keys in any order", read_general, false},
#ifdef WITH_CJSON
    {"cJSON", tick_read_cjson, false},
#endif
#ifdef WITH_JANSSON
    {"jansson", tick_read_jansson, false},
#endif
};
enum { READERS = sizeof readers / sizeof readers[0] };

/* Nanoseconds a frame. */
static double read_batch(Reader read) {
    double begin = figure_now_ns();
    for (int i = 0; i < FRAMES; i++) {
        if (read((Slice){frames[i], lengths[i]})) continue;
        fprintf(stderr, "a reader refused: %s\n", frames[i]);
        exit(1);
    }
    return (figure_now_ns() - begin) / FRAMES;
}

static void run(const char *kind, size_t (*make)(char *target)) {
    static double batches[READERS][BATCHES];
    for (int i = 0; i < FRAMES; i++)
        lengths[i] = make(frames[i]);
    for (int batch = -5; batch < BATCHES; batch++) /* the first five warm up */
        for (unsigned reader = 0; reader < READERS; reader++) {
            double ns = read_batch(readers[reader].read);
            if (batch >= 0) batches[reader][batch] = ns;
        }
    for (unsigned reader = 0; reader < READERS; reader++) {
        char name[80];
        snprintf(name, sizeof name, "%s frame to message, %s", kind, readers[reader].name);
        double ns = figure_median(batches[reader], BATCHES);
        figure_put(readers[reader].ours ? &(Figure){name, "ns", ns, LIMIT_NS, AIM_NS, 0}
                                        : &(Figure){name, "ns", ns, 0, 0, 0});
    }
}

int main(void) {
    run("kline", make_kline);
    run("trade", make_trade);
    if (tick_sink == 0) fprintf(stderr, "bench tick: nothing was read\n");
    return tick_sink == 0;
}
