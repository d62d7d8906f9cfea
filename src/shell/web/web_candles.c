/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candles of a symbol with the indicators of the chart, in columns. Indicators are computed here,
 * by the same plugs that the services use, over all stored bars of the interval, so that those
 * shown first are warm where they can be. The open bar is folded from the one-minute bars after the
 * last closed bucket and the newest price.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/number_text.h"
#include "core/indicators/indicator.h"
#include "shell/web/web_parts.h"

#define CANDLES_PRESET   1500
#define MINUTES_OF_A_DAY 1440
#define STATE_BYTES_MAX                                                                            \
    65536 /* of one indicator with its preset options; the largest has under 2 KiB */

typedef struct Column {
    const char *name, *indicator, *output;
    bool price_scaled;
} Column;

static const Column columns[] = {
    {"bb_upper", "bollinger", "bb_upper", true},
    {"bb_middle", "bollinger", "bollinger", true},
    {"bb_lower", "bollinger", "bb_lower", true},
    {"rsi", "rsi", "rsi", false},
    {"macd", "macd", "macd", true},
    {"macd_signal", "macd", "macd_signal", true},
    {"macd_histogram", "macd", "macd_histogram", true},
};
#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

typedef struct Chart {
    Bar bars[LIMIT_CANDLES];
    unsigned count, first; /* bars stored; the first that is shown */
    Bar minutes[MINUTES_OF_A_DAY];
    double values[COLUMN_COUNT][LIMIT_CANDLES];
    _Alignas(16) uint8_t state[STATE_BYTES_MAX];
    int decimals;
} Chart;

static int output_index(const Indicator *indicator, const char *name) {
    for (unsigned i = 0; i < indicator_output_count(indicator); i++)
        if (strcmp(indicator->outputs[i].name, name) == 0) return (int)i;
    return -1;
}

static void compute(Chart *chart, const Column *column, double *target) {
    const Indicator *indicator = indicator_find(column->indicator);
    CHECK(indicator, "the chart wants an indicator that is not there");
    int index = output_index(indicator, column->output);
    double options[INDICATOR_OPTIONS_MAX], outputs[INDICATOR_OUTPUTS_MAX];
    indicator_presets(indicator, options);
    CHECK(index >= 0 && indicator->state_size(options) <= sizeof chart->state,
          "indicator unfit for the chart");
    indicator->init(chart->state, options);
    for (unsigned i = 0; i < chart->count; i++) {
        IndicatorBar step = indicator_bar(&chart->bars[i]);
        indicator->step(chart->state, &step, outputs);
        target[i] = outputs[index];
    }
}

/* ---- the open bar -------------------------------------------------------------------------- */

typedef struct LastPrice {
    PriceMove move;
    int64_t time_us;
    bool found;
} LastPrice;

static bool keep_price(void *context, const Message *message) {
    LastPrice *last = context;
    memcpy(&last->move, message->payload, sizeof last->move);
    last->time_us = message->time_us;
    last->found = true;
    return true;
}

static void fold(Bar *bar, const Bar *part) {
    if (bar->bars == 0) {
        *bar = *part;
        bar->bars = 1;
        return;
    }
    if (part->high.units > bar->high.units) bar->high = part->high;
    if (part->low.units < bar->low.units) bar->low = part->low;
    bar->close = part->close;
    bar->volume += part->volume;
    bar->bars++;
}

/* False when nothing is known of the bucket after the last closed one. A volume that is not known
 * is NaN. */
static bool open_bar(Chart *chart, Store *store, const char *symbol, Interval interval, Bar *bar) {
    const StoreQuery query = {.symbol = symbol, .limit = 1};
    LastPrice last = {.found = false};
    int64_t length = interval_us(interval);
    unsigned count = interval == INTERVAL_1M
                         ? 0
                         : store_bars(store, symbol, INTERVAL_1M, chart->minutes, MINUTES_OF_A_DAY);
    if (!store_select(store, TOPIC_PRICES, &query, keep_price, &last, NULL)) last.found = false;
    int64_t newest = last.found ? last.time_us : 0;
    if (count > 0 && chart->minutes[count - 1].time_us > newest)
        newest = chart->minutes[count - 1].time_us;
    int64_t begin = interval_floor(newest, length);
    if (newest == 0 || (chart->count > 0 && begin <= chart->bars[chart->count - 1].time_us))
        return false;
    *bar = (Bar){.bars = 0};
    for (unsigned i = 0; i < count; i++)
        if (chart->minutes[i].time_us >= begin) fold(bar, &chart->minutes[i]);
    double volume = bar->bars ? bar->volume : (double)NAN;
    int64_t minute_end = count ? chart->minutes[count - 1].time_us + INSTANT_MINUTE_US : 0;
    bool fresh = last.found && last.time_us >= begin && last.time_us >= minute_end;
    Bar price = {.open = last.move.price,
                 .high = last.move.high,
                 .low = last.move.low,
                 .close = last.move.price};
    if (fresh) fold(bar, &price);
    bar->time_us = begin;
    bar->volume = volume;
    return bar->bars > 0;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void write_fixed(JsonWriter *writer, double value, int decimals) {
    char digits[64];
    size_t length = isfinite(value) ? number_to_fixed(value, decimals, digits, sizeof digits) : 0;
    if (length > 0)
        json_raw(writer, (Slice){digits, length});
    else
        json_null(writer);
}

static Price price_of_bar(const Bar *bar, unsigned which) {
    const Price prices[] = {bar->open, bar->high, bar->low, bar->close};
    return prices[which];
}

static void write_bars(const Chart *chart, JsonWriter *writer) {
    static const char *const names[] = {"open", "high", "low", "close"};
    json_key(writer, "time");
    json_array_begin(writer);
    for (unsigned i = chart->first; i < chart->count; i++)
        json_int(writer, chart->bars[i].time_us / INSTANT_SECOND_US);
    json_array_end(writer);
    for (unsigned which = 0; which < 4; which++) {
        json_key(writer, names[which]);
        json_array_begin(writer);
        for (unsigned i = chart->first; i < chart->count; i++)
            json_price(writer, price_of_bar(&chart->bars[i], which));
        json_array_end(writer);
    }
    json_key(writer, "volume");
    json_array_begin(writer);
    for (unsigned i = chart->first; i < chart->count; i++)
        json_double(writer, chart->bars[i].volume);
    json_array_end(writer);
}

/* Two digits more than the price's own are finer than a pixel of any chart. */
static void write_indicators(Chart *chart, JsonWriter *writer) {
    json_key(writer, "indicators");
    json_object_begin(writer);
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        compute(chart, &columns[c], chart->values[c]);
        json_key(writer, columns[c].name);
        json_array_begin(writer);
        for (unsigned i = chart->first; i < chart->count; i++)
            write_fixed(writer, chart->values[c][i],
                        columns[c].price_scaled ? chart->decimals + 2 : 4);
        json_array_end(writer);
    }
    json_object_end(writer);
}

static void write_open_bar(const Bar *bar, JsonWriter *writer) {
    static const char *const names[] = {"open", "high", "low", "close"};
    json_object_begin(writer);
    json_key(writer, "time");
    json_int(writer, bar->time_us / INSTANT_SECOND_US);
    for (unsigned which = 0; which < 4; which++) {
        json_key(writer, names[which]);
        json_price(writer, price_of_bar(bar, which));
    }
    json_key(writer, "volume");
    json_double(writer, bar->volume);
    json_object_end(writer);
}

static int decimals_of(Price price) {
    int decimals = 8;
    for (int64_t units = price.units; decimals > 0 && units % 10 == 0; units /= 10)
        decimals--;
    return decimals;
}

/* The venue's grid where it is known, else the most decimals that the bars have. */
static int price_decimals(const Chart *chart, Store *store, const char *symbol) {
    SymbolFilters filters;
    if (store && store_latest(store, TOPIC_SYMBOL_FILTERS, symbol, &filters) &&
        filters.tick_size.units > 0)
        return decimals_of(filters.tick_size);
    int most = 0;
    for (unsigned i = 0; i < chart->count; i++)
        if (decimals_of(chart->bars[i].close) > most) most = decimals_of(chart->bars[i].close);
    return most;
}

static void write_chart(Chart *chart, Store *store, const char *symbol, Interval interval,
                        JsonWriter *writer) {
    Bar bar;
    chart->decimals = price_decimals(chart, store, symbol);
    json_object_begin(writer);
    json_key(writer, "symbol");
    json_string(writer, symbol);
    json_key(writer, "interval");
    json_string(writer, interval_name(interval));
    write_bars(chart, writer);
    write_indicators(chart, writer);
    json_key(writer, "open_bar");
    if (store && open_bar(chart, store, symbol, interval, &bar))
        write_open_bar(&bar, writer);
    else
        json_null(writer);
    json_key(writer, "price_decimals");
    json_int(writer, chart->decimals);
    json_object_end(writer);
}

bool web_write_candles(const WebCall *call, JsonWriter *writer, Error *error) {
    const WebQuery *query = &call->request->query;
    Interval interval = INTERVAL_1M;
    if (!query->symbol[0])
        return error_set(error, ERROR_USAGE, "a symbol is wanted", "symbol",
                         "candles?symbol=BTCUSDC&interval=1m");
    if (query->interval[0] && !interval_parse(slice_of(query->interval), &interval))
        return error_set(error, ERROR_USAGE, "no such interval", "interval",
                         "1m 3m 5m 15m 1h 4h 1d");
    Store *store = web_store(call->web);
    Chart *chart = malloc(sizeof *chart);
    if (!chart) return error_set(error, ERROR_LIMIT, "no memory for the candles", NULL, NULL);
    chart->count =
        store ? store_bars(store, query->symbol, interval, chart->bars, LIMIT_CANDLES) : 0;
    unsigned limit = query->limit ? query->limit : CANDLES_PRESET;
    chart->first = chart->count > limit ? chart->count - limit : 0;
    write_chart(chart, store, query->symbol, interval, writer);
    free(chart);
    return true;
}
