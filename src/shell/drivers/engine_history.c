/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a live feed's history means after a restart. Bars that the monitor holds already would only
 * be ignored and fill the journal: they are skipped. The minutes since the stop were missed, not
 * history: they are lived through as bars whose range is still to be judged, so that stops and
 * targets of open positions fill as they would have at the venue, outcomes are scored, and signals
 * out of them are too old to be traded.
 */
#include "core/services/market_monitor.h"
#include "shell/drivers/engine_parts.h"

static const History *history_of(const Engine *engine, Interval interval, int *symbol) {
    const void *monitor = kernel_service_state(engine->kernel, "market_monitor");
    *symbol = symbol_table_find(market_monitor_symbols(monitor), &engine->taken.event.symbol);
    return *symbol < 0 ? NULL : market_monitor_history(monitor, (unsigned)*symbol, interval);
}

void engine_history_learn(Engine *engine) {
    const void *monitor = kernel_service_state(engine->kernel, "market_monitor");
    const SymbolTable *symbols = market_monitor_symbols(monitor);
    for (unsigned i = 0; i < symbols->count; i++)
        engine->had_bars[i] = market_monitor_history(monitor, i, INTERVAL_1M)->count > 0;
}

bool engine_history_is_known(const Engine *engine) {
    int symbol;
    const FeedEvent *event = &engine->taken.event;
    if (event->kind != FEED_HISTORY || engine->plan->feed->is_virtual) return false;
    const History *history = history_of(engine, event->candle.interval, &symbol);
    const Bar *newest = history ? history_bar(history, INT64_MAX, 0) : NULL;
    return newest && newest->time_us >= event->candle.bar.time_us;
}

void engine_history_relive(Engine *engine) {
    int symbol;
    FeedEvent *event = &engine->taken.event;
    bool minute = event->kind == FEED_HISTORY && event->candle.interval == INTERVAL_1M;
    if (!minute || engine->plan->feed->is_virtual) return;
    if (!history_of(engine, INTERVAL_1M, &symbol) || !engine->had_bars[symbol]) return;
    event->kind = FEED_BAR;
    event->candle.missed = true;
}
