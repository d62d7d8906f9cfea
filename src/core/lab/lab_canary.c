/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lab/lab_canary.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/bus/codec.h"

#define SAID_OF_A_BAR 24  /* on the mean: an update and the portfolio, and orders now and then */
#define SIGNALS_HELD  256 /* signals whose fills may still come */

typedef struct Listener {
    CanarySink *sink;
    int64_t signalled_us[SIGNALS_HELD]; /* by the signal's number */
} Listener;

size_t lab_canary_scratch(const LabPlan *plan) {
    return arena_rounded(sizeof(Listener)) + arena_rounded(lab_memory(plan));
}

size_t lab_canary_events(size_t rows) {
    return SAID_OF_A_BAR * rows + 1000;
}

/* "s-N" */
static unsigned place_of(const char *signal_id) {
    int64_t number = 0;
    Slice id = slice_of(signal_id);
    if (id.length < 3 || !slice_int((Slice){id.at + 2, id.length - 2}, &number)) return 0;
    return (unsigned)(number % SIGNALS_HELD);
}

/* Entries alone: an exit may be a stop, which fills when it is touched. */
static void hear_fill(Listener *listener, const Fill *fill, int64_t time_us) {
    int64_t decided_us = listener->signalled_us[place_of(fill->signal_id)];
    if (fill->side == SIDE_BUY && decided_us) canary_filled(listener->sink, decided_us, time_us);
}

static void hear(void *context, const Message *message) {
    Listener *listener = context;
    const Signal *signal = message->payload;
    uint8_t bytes[LIMIT_PAYLOAD];
    if (message->origin == ORIGIN_INPUT) return;
    if (message->topic == TOPIC_TRADING_SIGNALS)
        listener->signalled_us[place_of(signal->id)] = message->time_us;
    if (message->topic == TOPIC_TRADE_EXECUTIONS)
        hear_fill(listener, message->payload, message->time_us);
    size_t size =
        codec_encode(topic_message((Topic)message->topic), message->payload, bytes, sizeof bytes);
    canary_say(listener->sink, message->time_us, message->origin, bytes, size);
}

static bool run_lab(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                    void *scratch, CanarySink *sink, Error *error) {
    LabPlan plan = *(const LabPlan *)subject->context;
    LabMarket markets[CANARY_SERIES_MAX];
    LabResult result;
    Listener *listener = scratch;
    CHECK(plan.market_count <= count, "a series for every market");
    memset(scratch, 0, lab_canary_scratch(&plan) - LIMIT_TURN_BYTES);
    listener->sink = sink;
    for (unsigned i = 0; i < plan.market_count; i++) {
        markets[i] = plan.markets[i];
        markets[i].candles = series[i];
        if (markets[i].end > series[i].count) markets[i].end = series[i].count;
    }
    plan.markets = markets;
    plan.flatten = plan.hash = false;
    plan.watch = hear;
    plan.watch_context = listener;
    return lab_run(&plan, (uint8_t *)scratch + arena_rounded(sizeof *listener), NULL, &result,
                   error);
}

static const char *service_name(const CanarySubject *subject, unsigned part) {
    const LabPlan *plan = subject->context;
    return plan->services[part]->name;
}

CanarySubject lab_canary(const LabPlan *plan) {
    return (CanarySubject){.kind = "services",
                           .name = plan->settings->strategy.name[0] ? plan->settings->strategy.name
                                                                    : "ai_analyzer",
                           .context = plan,
                           .run = run_lab,
                           .part_name = service_name};
}
