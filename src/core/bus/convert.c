/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bus/convert.h"

#include <string.h>

bool symbol_from_filters(const SymbolFilters *from, Symbol *symbol) {
    memset(symbol, 0, sizeof *symbol);
    symbol->filters = (Filters){.tick = from->tick_size,
                                .price_min = from->price_min,
                                .price_max = from->price_max,
                                .step = from->step_size,
                                .quantity_min = from->quantity_min,
                                .quantity_max = from->quantity_max,
                                .notional_min = from->notional_min,
                                .notional_max = from->notional_max};
    return symbol_name_set(&symbol->name, slice_of(from->symbol)) &&
           slice_copy(slice_of(from->base_asset), symbol->base.text, sizeof symbol->base.text) &&
           slice_copy(slice_of(from->quote_asset), symbol->quote.text, sizeof symbol->quote.text);
}

void filters_from_symbol(const Symbol *symbol, SymbolFilters *to) {
    memset(to, 0, sizeof *to);
    memcpy(to->symbol, symbol->name.text, sizeof to->symbol);
    memcpy(to->base_asset, symbol->base.text, sizeof to->base_asset);
    memcpy(to->quote_asset, symbol->quote.text, sizeof to->quote_asset);
    to->tick_size = symbol->filters.tick;
    to->price_min = symbol->filters.price_min;
    to->price_max = symbol->filters.price_max;
    to->step_size = symbol->filters.step;
    to->quantity_min = symbol->filters.quantity_min;
    to->quantity_max = symbol->filters.quantity_max;
    to->notional_min = symbol->filters.notional_min;
    to->notional_max = symbol->filters.notional_max;
}

Bar bar_from_message(const MarketBar *from) {
    return (Bar){.time_us = from->open_time,
                 .open = from->open,
                 .high = from->high,
                 .low = from->low,
                 .close = from->close,
                 .volume = from->volume,
                 .quote_volume = from->quote_volume,
                 .taker_volume = from->taker_volume,
                 .trades = (uint32_t)from->trades,
                 /* A message does not say which minutes were missing: all are taken to be there. */
                 .bars = (uint32_t)(interval_us((Interval)from->interval) / INSTANT_MINUTE_US)};
}

void message_from_bar(const char *symbol, Interval interval, const Bar *bar, MarketBar *to) {
    memset(to, 0, sizeof *to);
    memcpy(to->symbol, symbol, strnlen(symbol, sizeof to->symbol - 1));
    to->interval = interval;
    to->open_time = bar->time_us;
    to->open = bar->open;
    to->high = bar->high;
    to->low = bar->low;
    to->close = bar->close;
    to->volume = bar->volume;
    to->quote_volume = bar->quote_volume;
    to->taker_volume = bar->taker_volume;
    to->trades = bar->trades;
}

bool outside_reply_is_paid(const OutsideReply *reply) {
    return reply->source == OUTSIDE_MODEL && !reply->recorded &&
           (reply->outcome == OUTSIDE_ANSWERED || reply->outcome == OUTSIDE_LOST);
}
