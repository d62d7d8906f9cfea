/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/bar_columns.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 4096 /* rows: three days of minutes */

/* The columns are ours: what a series only shows may be written here. */
#define WRITABLE(column) ((void *)(uintptr_t)(column))

int bar_columns_find(const BarColumns *columns, const char *symbol) {
    for (unsigned i = 0; i < columns->count; i++)
        if (strcmp(columns->markets[i].symbol.name.text, symbol) == 0) return (int)i;
    return -1;
}

int bar_columns_symbol(BarColumns *columns, const Symbol *symbol, int64_t length_us) {
    int index = bar_columns_find(columns, symbol->name.text);
    if (index < 0 && columns->count == LIMIT_SYMBOLS) return -1;
    if (index < 0) index = (int)columns->count++;
    columns->markets[index].symbol = *symbol;
    columns->markets[index].candles.symbol = symbol->name;
    columns->markets[index].candles.length_us = length_us;
    return index;
}

static bool grow_one(void *column, size_t rows, size_t width) {
    void *old, *grown;
    memcpy(&old, column, sizeof old);
    grown = realloc(old, rows * width);
    if (grown) memcpy(column, &grown, sizeof grown);
    return grown != NULL;
}

static bool grow(CandleSeries *candles, size_t rows) {
    return grow_one(&candles->time_us, rows, sizeof *candles->time_us) &&
           grow_one(&candles->open, rows, sizeof *candles->open) &&
           grow_one(&candles->high, rows, sizeof *candles->high) &&
           grow_one(&candles->low, rows, sizeof *candles->low) &&
           grow_one(&candles->close, rows, sizeof *candles->close) &&
           grow_one(&candles->volume, rows, sizeof *candles->volume) &&
           grow_one(&candles->quote_volume, rows, sizeof *candles->quote_volume) &&
           grow_one(&candles->taker, rows, sizeof *candles->taker) &&
           grow_one(&candles->trades, rows, sizeof *candles->trades);
}

static void put_price(const int64_t *column, size_t row, Price price) {
    ((int64_t *)WRITABLE(column))[row] = price.units;
}

void bar_columns_set(BarColumns *columns, unsigned market, size_t row, const Bar *bar) {
    const CandleSeries *candles = &columns->markets[market].candles;
    ((int64_t *)WRITABLE(candles->time_us))[row] = bar->time_us;
    put_price(candles->open, row, bar->open);
    put_price(candles->high, row, bar->high);
    put_price(candles->low, row, bar->low);
    put_price(candles->close, row, bar->close);
    ((double *)WRITABLE(candles->volume))[row] = bar->volume;
    ((double *)WRITABLE(candles->quote_volume))[row] = bar->quote_volume;
    ((double *)WRITABLE(candles->taker))[row] = bar->taker_volume;
    ((uint32_t *)WRITABLE(candles->trades))[row] = bar->trades;
}

bool bar_columns_add(BarColumns *columns, unsigned market, const Bar *bar, Error *error) {
    CandleSeries *candles = &columns->markets[market].candles;
    if (candles->count && candles->time_us[candles->count - 1] >= bar->time_us) return true;
    if (candles->count == columns->room[market]) {
        size_t rows = columns->room[market] ? 2 * columns->room[market] : ROOM_FIRST;
        if (!grow(candles, rows))
            return error_set(error, ERROR_LIMIT, "out of memory", "candles",
                             "choose fewer symbols or a shorter time");
        columns->room[market] = rows;
    }
    bar_columns_set(columns, market, candles->count++, bar);
    columns->markets[market].end = candles->count;
    return true;
}

static bool take_event(BarColumns *columns, const FeedEvent *event, Error *error) {
    if (event->kind == FEED_SYMBOL)
        return bar_columns_symbol(columns, &event->listed, 0) >= 0 ||
               error_set(error, ERROR_LIMIT, "more than 32 symbols", event->symbol.text, NULL);
    int index = bar_columns_find(columns, event->symbol.text);
    if (event->kind != FEED_BAR || index < 0) return true;
    columns->markets[index].candles.length_us = interval_us(event->candle.interval);
    return bar_columns_add(columns, (unsigned)index, &event->candle.bar, error);
}

bool bar_columns_of_feed(BarColumns *columns, Feed *feed, Error *error) {
    FeedEvent event;
    FeedAnswer answer;
    while ((answer = feed->next(feed, &event, error)) == FEED_EVENT)
        if (!take_event(columns, &event, error)) return false;
    return answer == FEED_ENDED;
}

void bar_columns_free(BarColumns *columns) {
    for (unsigned i = 0; i < columns->count; i++) {
        const CandleSeries *candles = &columns->markets[i].candles;
        const void *all[] = {candles->time_us,      candles->open,  candles->high,
                             candles->low,          candles->close, candles->volume,
                             candles->quote_volume, candles->taker, candles->trades};
        for (unsigned k = 0; k < sizeof all / sizeof all[0]; k++)
            free(WRITABLE(all[k]));
    }
    memset(columns, 0, sizeof *columns);
}
