/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lab/lab_canary.h"

#include <math.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/bus/codec.h"

#define SAID_OF_A_BAR 24  /* on the mean: an update and the portfolio, and orders now and then */
#define SIGNALS_HELD  256 /* signals whose fills may still come */

typedef struct Listener {
    CanarySink *sink;
    int64_t signalled_us[SIGNALS_HELD]; /* by the signal's number */
} Listener;

size_t lab_canary_scratch(const LabPlan *plan, size_t readings) {
    return arena_rounded(sizeof(Listener)) + arena_rounded(readings * sizeof(SocialReading)) +
           arena_rounded(lab_memory(plan));
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

static void read_row(const CandleSeries *series, size_t row, SocialReading *reading) {
    double close = (double)series->close[row] / (double)DECIMAL_SCALE, none = (double)NAN;
    *reading = (SocialReading){.source = OUTSIDE_FILE,
                               .time = series->time_us[row],
                               .known = series->time_us[row],
                               .metrics = {series->volume[row], series->quote_volume[row], none,
                                           close - floor(close), none, none, none},
                               .weighted_sentiment = none};
    memcpy(reading->symbol, series->symbol.text, sizeof reading->symbol);
}

static size_t readings_of(const CandleSeries *series, unsigned count) {
    size_t readings = 0;
    for (unsigned i = 0; i < count; i++)
        readings += series[i].count;
    return readings;
}

/* In order of the moments from which they were known; at one moment in order of the series. */
static void merge_readings(const CandleSeries *series, unsigned count, SocialReading *readings) {
    size_t at[CANARY_SERIES_MAX] = {0}, total = readings_of(series, count);
    for (size_t said = 0; said < total; said++) {
        unsigned next = count;
        for (unsigned i = 0; i < count; i++)
            if (at[i] < series[i].count &&
                (next == count || series[i].time_us[at[i]] < series[next].time_us[at[next]]))
                next = i;
        read_row(&series[next], at[next]++, &readings[said]);
    }
}

static bool run_lab(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                    void *scratch, CanarySink *sink, Error *error) {
    LabPlan plan = *(const LabPlan *)subject->context;
    LabMarket markets[CANARY_SERIES_MAX];
    LabResult result;
    Listener *listener = scratch;
    CHECK(plan.market_count <= count, "a series for every market");
    const CandleSeries *social = series + plan.market_count;
    unsigned social_count = count - plan.market_count;
    size_t readings = readings_of(social, social_count);
    uint8_t *behind = (uint8_t *)scratch + arena_rounded(sizeof *listener);
    memset(scratch, 0, lab_canary_scratch(&plan, readings) - LIMIT_TURN_BYTES);
    listener->sink = sink;
    merge_readings(social, social_count, (SocialReading *)(void *)behind);
    plan.social = (const SocialReading *)(const void *)behind;
    plan.social_count = readings;
    for (unsigned i = 0; i < plan.market_count; i++) {
        markets[i] = plan.markets[i];
        markets[i].candles = series[i];
        if (markets[i].end > series[i].count) markets[i].end = series[i].count;
    }
    plan.markets = markets;
    plan.flatten = plan.hash = false;
    plan.watch = hear;
    plan.watch_context = listener;
    return lab_run(&plan, behind + arena_rounded(readings * sizeof(SocialReading)), NULL, &result,
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
