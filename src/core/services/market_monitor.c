/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The market monitor: folds the shortest candles that come in, one minute live, into the longer
 * ones, runs the indicators on them, and says the mission's Market Data for every symbol at every
 * close. Where only longer candles come in (a history of hours), they are the base: what bears no
 * interval in its name is on them, and what names one that they do not add up to is "no data". The
 * analyst's direction is on the slower candles of the base (interval_slower). Only closed bars
 * become indicators. Bars of the past (HISTORY_BARS) warm everything up without a word. Bad bars
 * never get here: the feed's guard and kernel_input refuse them; a bar that is not younger than the
 * last is skipped and logged.
 */
#include "core/services/market_monitor.h"

#include <math.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/indicators/indicator.h"

/* ---- state --------------------------------------------------------------------------------- */

#define TARGETS_MAX 4
#define NOWHERE     UINT32_MAX /* an output that the message does not carry */
#define AT(field)   ((uint32_t)offsetof(MarketUpdate, field))

/* Which candles a gauge hears. The base is the shortest interval that comes in. */
typedef enum Place { ON_BASE, ON_SLOW, ON_3M, ON_5M, ON_15M, PLACE_COUNT } Place;

/* One indicator in one place, and where its outputs go in the message. */
typedef struct Gauge {
    const char *indicator;
    Place place;
    unsigned bars;    /* its first option; 0: the preset */
    unsigned minutes; /* else it looks so far back, in candles of the base */
    struct {
        const char *output;
        uint32_t offset;
    } targets[TARGETS_MAX];
} Gauge;

#define ONE_SLOW UINT32_MAX /* of `minutes`: as far as one slow candle is long */

static const Gauge gauges[] = {
    {"rsi", ON_BASE, 0, 0, {{"rsi", AT(rsi)}}},
    {"rsi", ON_3M, 0, 0, {{"rsi", AT(rsi_3m)}}},
    {"rsi", ON_5M, 0, 0, {{"rsi", AT(rsi_5m)}}},
    {"rsi", ON_15M, 0, 0, {{"rsi", AT(rsi_15m)}}},
    {"rsi", ON_SLOW, 0, 0, {{"rsi", AT(rsi_slow)}}},
    {"stoch", ON_BASE, 0, 0, {{"stoch_k", AT(stoch_k)}, {"stoch_d", AT(stoch_d)}}},
    {"macd", ON_BASE, 0, 0, {{"macd", AT(macd)}}},
    {"macd", ON_3M, 0, 0, {{"macd", AT(macd_3m)}}},
    {"macd", ON_5M, 0, 0, {{"macd", AT(macd_5m)}}},
    {"macd", ON_15M, 0, 0, {{"macd", AT(macd_15m)}}},
    {"macd", ON_SLOW, 0, 0, {{"macd", AT(macd_slow_fraction)}}}, /* divided by the price below */
    {"williams_r", ON_BASE, 0, 0, {{"williams_r", AT(williams_r)}}},
    {"bollinger", ON_BASE, 0, 0, {{"bb_position", AT(bb_position)}, {"bb_width", AT(bb_width)}}},
    {"atr", ON_BASE, 0, 0, {{"atr", AT(atr)}}},
    {"atr", ON_15M, 0, 0, {{"atr", AT(atr_15m_fraction)}}}, /* these two as well */
    {"atr", ON_SLOW, 0, 0, {{"atr", AT(atr_slow_fraction)}}},
    {"adx", ON_BASE, 0, 0, {{"adx", AT(adx)}}},
    {"sma", ON_BASE, 20, 0, {{"sma", AT(sma_20)}}},
    {"ema", ON_BASE, 20, 0, {{"ema", AT(ema_20)}}},
    {"trend", ON_BASE, 0, 0, {{"trend", NOWHERE}, {"trend_strength", AT(trend_strength)}}},
    {"trend", ON_15M, 0, 0, {{"trend", NOWHERE}, {"trend_strength", AT(trend_strength_15m)}}},
    {"trend", ON_SLOW, 0, 0, {{"trend", NOWHERE}, {"trend_strength", AT(trend_strength_slow)}}},
    {"price_change", ON_BASE, 0, 1, {{"price_change", AT(price_change_1m)}}},
    {"price_change", ON_BASE, 0, 3, {{"price_change", AT(price_change_3m)}}},
    {"price_change", ON_BASE, 0, 5, {{"price_change", AT(price_change_5m)}}},
    {"price_change", ON_BASE, 0, 15, {{"price_change", AT(price_change_15m)}}},
    {"price_change", ON_BASE, 0, ONE_SLOW, {{"price_change", AT(price_change_slow)}}},
};
#define GAUGE_COUNT   (sizeof gauges / sizeof gauges[0])
#define SPAN_BARS_MAX 15 /* most candles that a gauge of `minutes` looks back: 15m of 1m */
#define VOLUME_BARS   20 /* avg_volume: of the last 20 closed bars (READING 2) */
#define DONCHIAN_BARS 20

typedef struct GaugeState {
    uint32_t plug;               /* index into indicator_table */
    uint32_t state_offset;       /* into the symbol's block of indicator states */
    uint8_t output[TARGETS_MAX]; /* index of each target's output */
} GaugeState;

typedef struct MarketSymbol {
    CandleFold folds[INTERVAL_COUNT]; /* of those that the base adds up to, but itself */
    History histories[INTERVAL_COUNT];
    double values[GAUGE_COUNT][INDICATOR_OUTPUTS_MAX];
    uint64_t channel_of; /* slow bars heard when the channel was learnt */
    Price channel_high, channel_low;
    Interval base; /* shortest heard, from which the longer ones are folded; INTERVAL_COUNT: none */
    Interval heard[GAUGE_COUNT]; /* by each gauge; INTERVAL_COUNT: the base cannot feed it */
} MarketSymbol;

typedef struct MarketMonitor {
    SymbolTable symbols;
    GaugeState gauges[GAUGE_COUNT];
    uint8_t trend_gauges[PLACE_COUNT]; /* which gauge is a place's trend */
    uint32_t gauge_bytes;              /* indicator states of one symbol */
    uint32_t desk_count;               /* symbols that there is memory for */
    MarketSymbol desks[];              /* desk_count of them, then their indicator states */
} MarketMonitor;

/* ---- options ------------------------------------------------------------------------------- */

/* `span`: how many candles a gauge of `minutes` looks back. */
static void gauge_options(const Gauge *gauge, const Indicator *indicator, unsigned span,
                          double options[static INDICATOR_OPTIONS_MAX]) {
    indicator_presets(indicator, options);
    if (gauge->bars > 0) options[0] = gauge->bars;
    if (gauge->minutes > 0) options[0] = span;
}

static Interval place_interval(Place place, Interval base) {
    static const Interval fixed[PLACE_COUNT] = {
        [ON_3M] = INTERVAL_3M, [ON_5M] = INTERVAL_5M, [ON_15M] = INTERVAL_15M};
    if (place == ON_BASE) return base;
    return place == ON_SLOW ? interval_slower(base) : fixed[place];
}

/* In candles of the base; 0: its minutes are no whole number of them. */
static unsigned gauge_span(const Gauge *gauge, Interval base) {
    int64_t candle_us = interval_us(base), back_us = gauge->minutes * INSTANT_MINUTE_US;
    if (gauge->minutes == ONE_SLOW) back_us = interval_us(interval_slower(base));
    return back_us % candle_us == 0 ? (unsigned)(back_us / candle_us) : 0;
}

/* What it hears on such a base; INTERVAL_COUNT: nothing. */
static Interval gauge_interval(const Gauge *gauge, Interval base) {
    Interval interval = place_interval(gauge->place, base);
    bool fed = interval_adds_up(base, interval);
    if (gauge->minutes > 0) fed = gauge_span(gauge, base) > 0;
    return fed ? interval : INTERVAL_COUNT;
}

static const Indicator *gauge_plug(const Gauge *gauge) {
    const Indicator *indicator = indicator_find(gauge->indicator);
    CHECK(indicator, "the market monitor names an indicator that does not exist");
    return indicator;
}

static size_t gauge_memory(void) {
    size_t size = 0;
    for (unsigned i = 0; i < GAUGE_COUNT; i++) {
        double options[INDICATOR_OPTIONS_MAX];
        const Indicator *indicator = gauge_plug(&gauges[i]);
        gauge_options(&gauges[i], indicator, SPAN_BARS_MAX, options);
        size += arena_rounded(indicator->state_size(options));
    }
    return size;
}

/* The configured symbols bound the memory: nobody pays for 32 when five are watched. */
static unsigned symbols_wanted(const Settings *settings) {
    unsigned count = 1;
    for (const char *c = settings->trading.symbols; *c; c++)
        count += *c == ',';
    return count < LIMIT_SYMBOLS ? count : LIMIT_SYMBOLS;
}

static size_t desks_end(unsigned symbols) {
    return arena_rounded(sizeof(MarketMonitor) + symbols * sizeof(MarketSymbol));
}

static size_t market_monitor_state_size(const Settings *settings) {
    unsigned symbols = symbols_wanted(settings);
    return desks_end(symbols) + symbols * gauge_memory();
}

static uint8_t output_index(const Indicator *indicator, const char *name) {
    for (unsigned i = 0; i < indicator_output_count(indicator); i++)
        if (strcmp(indicator->outputs[i].name, name) == 0) return (uint8_t)i;
    CHECK(false, "the market monitor names an output that does not exist");
}

static void learn_gauge(MarketMonitor *monitor, unsigned index) {
    GaugeState *state = &monitor->gauges[index];
    const Indicator *indicator = gauge_plug(&gauges[index]);
    double options[INDICATOR_OPTIONS_MAX];
    gauge_options(&gauges[index], indicator, SPAN_BARS_MAX, options);
    while (indicator_table[state->plug] != indicator)
        state->plug++;
    if (strcmp(gauges[index].indicator, "trend") == 0)
        monitor->trend_gauges[gauges[index].place] = (uint8_t)index;
    state->state_offset = monitor->gauge_bytes;
    for (unsigned i = 0; i < TARGETS_MAX && gauges[index].targets[i].output; i++)
        state->output[i] = output_index(indicator, gauges[index].targets[i].output);
    monitor->gauge_bytes += (uint32_t)arena_rounded(indicator->state_size(options));
}

static void market_monitor_init(void *state, const Settings *settings) {
    MarketMonitor *monitor = state;
    monitor->desk_count = symbols_wanted(settings);
    for (unsigned i = 0; i < GAUGE_COUNT; i++)
        learn_gauge(monitor, i);
}

/* ---- step ---------------------------------------------------------------------------------- */

static uint8_t *gauge_state(MarketMonitor *monitor, unsigned symbol, unsigned gauge) {
    return (uint8_t *)monitor + desks_end(monitor->desk_count) +
           (size_t)symbol * monitor->gauge_bytes + monitor->gauges[gauge].state_offset;
}

static void open_desk(MarketMonitor *monitor, unsigned symbol) {
    MarketSymbol *desk = &monitor->desks[symbol];
    desk->base = INTERVAL_COUNT;
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++) {
        candle_fold_init(&desk->folds[interval], interval);
        history_init(&desk->histories[interval], interval);
    }
}

static void clear_gauge(MarketMonitor *monitor, unsigned symbol, unsigned gauge) {
    MarketSymbol *desk = &monitor->desks[symbol];
    double options[INDICATOR_OPTIONS_MAX];
    const Indicator *indicator = indicator_table[monitor->gauges[gauge].plug];
    unsigned span = gauge_span(&gauges[gauge], desk->base);
    CHECK(span <= SPAN_BARS_MAX, "a gauge has memory for what it looks back");
    gauge_options(&gauges[gauge], indicator, span ? span : 1, options);
    indicator->init(gauge_state(monitor, symbol, gauge), options);
    for (unsigned k = 0; k < INDICATOR_OUTPUTS_MAX; k++)
        desk->values[gauge][k] = (double)NAN;
}

static void hear_symbol(MarketMonitor *monitor, const SymbolFilters *filters, Outbox *outbox) {
    Symbol symbol;
    if (!symbol_from_filters(filters, &symbol)) return;
    bool known = symbol_table_find(&monitor->symbols, &symbol.name) >= 0;
    if (!known && monitor->symbols.count == monitor->desk_count) {
        outbox_log(outbox, LOG_ERROR, "%s is not in trading_params.symbols: skipped",
                   filters->symbol);
        return;
    }
    int index = symbol_table_put(&monitor->symbols, &symbol);
    if (index >= 0 && !known) open_desk(monitor, (unsigned)index);
}

static void step_gauge(MarketMonitor *monitor, unsigned symbol, unsigned gauge, const Bar *bar) {
    IndicatorBar in = indicator_bar(bar);
    indicator_table[monitor->gauges[gauge].plug]->step(gauge_state(monitor, symbol, gauge), &in,
                                                       monitor->desks[symbol].values[gauge]);
}

/* A closed bar of an interval: into the history, and through the indicators of that interval. False
 * (and nothing happens) if it is not younger than the newest. */
static bool close_bar(MarketMonitor *monitor, unsigned symbol, Interval interval, const Bar *bar) {
    MarketSymbol *desk = &monitor->desks[symbol];
    if (!history_add(&desk->histories[interval], bar)) return false;
    for (unsigned i = 0; i < GAUGE_COUNT; i++)
        if (desk->heard[i] == interval) step_gauge(monitor, symbol, i, bar);
    return true;
}

/* A gauge begins anew with the bars that are held of what it hears: the past may bring longer
 * candles before it is known what the shortest are. */
static void begin_gauge(MarketMonitor *monitor, unsigned symbol, unsigned gauge) {
    MarketSymbol *desk = &monitor->desks[symbol];
    desk->heard[gauge] = gauge_interval(&gauges[gauge], desk->base);
    clear_gauge(monitor, symbol, gauge);
    if (desk->heard[gauge] == INTERVAL_COUNT) return;
    const History *bars = &desk->histories[desk->heard[gauge]];
    unsigned held = history_closed(bars, INT64_MAX);
    for (unsigned age = held; age-- > 0;)
        step_gauge(monitor, symbol, gauge, history_bar(bars, INT64_MAX, age));
}

/* What was folded from longer bars is void when shorter ones come. */
static void learn_base(MarketMonitor *monitor, unsigned symbol, Interval interval) {
    MarketSymbol *desk = &monitor->desks[symbol];
    if (interval >= desk->base) return;
    desk->base = interval;
    desk->channel_of = 0;
    desk->channel_high = desk->channel_low = price_of(0);
    for (Interval longer = interval + 1; longer < INTERVAL_COUNT; longer++)
        candle_fold_init(&desk->folds[longer], longer);
    for (unsigned i = 0; i < GAUGE_COUNT; i++)
        begin_gauge(monitor, symbol, i);
}

static void close_shortest(MarketMonitor *monitor, unsigned symbol, const Bar *bar) {
    MarketSymbol *desk = &monitor->desks[symbol];
    close_bar(monitor, symbol, desk->base, bar);
    for (Interval interval = desk->base + 1; interval < INTERVAL_COUNT; interval++) {
        Bar closed[2];
        if (!interval_adds_up(desk->base, interval)) continue;
        unsigned count = candle_fold_add(&desk->folds[interval], bar, closed);
        for (unsigned i = 0; i < count; i++)
            close_bar(monitor, symbol, interval, &closed[i]);
    }
}

/* ---- what is said at a close --------------------------------------------------------------- */

static double gauge_value(const MarketMonitor *monitor, const MarketSymbol *desk, unsigned gauge,
                          unsigned target) {
    return desk->values[gauge][monitor->gauges[gauge].output[target]];
}

static void fill_gauges(const MarketMonitor *monitor, const MarketSymbol *desk,
                        MarketUpdate *update) {
    for (unsigned i = 0; i < GAUGE_COUNT; i++)
        for (unsigned k = 0; k < TARGETS_MAX && gauges[i].targets[k].output; k++) {
            double value = gauge_value(monitor, desk, i, k);
            uint32_t offset = gauges[i].targets[k].offset;
            if (offset != NOWHERE) memcpy((uint8_t *)update + offset, &value, sizeof value);
        }
}

static Trend trend_of(const MarketMonitor *monitor, const MarketSymbol *desk, Place place) {
    double direction = gauge_value(monitor, desk, monitor->trend_gauges[place], 0);
    if (direction > 0) return TREND_UPTREND;
    return direction < 0 ? TREND_DOWNTREND : TREND_SIDEWAYS;
}

/* Of a minute, whatever the candles. */
static double average_volume(const MarketSymbol *desk, int64_t now_us) {
    const History *bars = &desk->histories[desk->base];
    if (history_closed(bars, now_us) < VOLUME_BARS) return (double)NAN;
    double sum = 0;
    const Bar *bar = history_bar(bars, now_us, VOLUME_BARS - 1);
    for (unsigned i = 0; i < VOLUME_BARS; i++, bar = history_after(bars, bar))
        sum += bar->quote_volume;
    return sum / (double)(VOLUME_BARS * (interval_us(desk->base) / INSTANT_MINUTE_US));
}

/* Extremes of the 20 slow bars before the newest one; none until there are that many. They stay
 * until a slow bar closes. */
static void learn_channel(MarketSymbol *desk, int64_t now_us) {
    const History *bars = &desk->histories[interval_slower(desk->base)];
    if (desk->channel_of == bars->count) return;
    desk->channel_of = bars->count;
    if (history_closed(bars, now_us) < DONCHIAN_BARS + 1) return;
    Price high = price_of(0), low = price_of(INT64_MAX);
    const Bar *bar = history_bar(bars, now_us, DONCHIAN_BARS);
    for (unsigned i = 0; i < DONCHIAN_BARS; i++, bar = history_after(bars, bar)) {
        if (bar->high.units > high.units) high = bar->high;
        if (bar->low.units < low.units) low = bar->low;
    }
    desk->channel_high = high;
    desk->channel_low = low;
}

static void name_interval(Interval interval, char *to, size_t capacity) {
    Text text = {.at = to, .capacity = capacity};
    text_put(&text, interval_name(interval));
    text_end(&text);
}

static void say_update(MarketMonitor *monitor, unsigned symbol, int64_t now_us, Outbox *outbox) {
    MarketSymbol *desk = &monitor->desks[symbol];
    const Bar *bar = history_bar(&desk->histories[desk->base], now_us, 0);
    if (!bar) return;
    learn_channel(desk, now_us);
    MarketUpdate *update = outbox_publish(outbox, TOPIC_MARKET_UPDATES);
    memcpy(update->symbol, monitor->symbols.symbols[symbol].name.text, sizeof update->symbol);
    update->current_price = bar->close;
    update->timestamp = bar->time_us + interval_us(desk->base) - 1;
    fill_gauges(monitor, desk, update);
    double price = price_double(bar->close);
    update->avg_volume = average_volume(desk, now_us);
    update->macd_fraction = update->macd / price;
    update->macd_15m_fraction = update->macd_15m / price;
    update->macd_slow_fraction /= price;
    update->atr_15m_fraction /= price;
    update->atr_slow_fraction /= price;
    update->trend = trend_of(monitor, desk, ON_BASE);
    update->trend_15m = trend_of(monitor, desk, ON_15M);
    update->trend_slow = trend_of(monitor, desk, ON_SLOW);
    name_interval(desk->base, update->interval, sizeof update->interval);
    name_interval(interval_slower(desk->base), update->slow_interval, sizeof update->slow_interval);
    update->donchian_high_20 = desk->channel_high;
    update->donchian_low_20 = desk->channel_low;
}

static int desk_of(const MarketMonitor *monitor, const char *symbol) {
    return symbol_table_find_text(&monitor->symbols, symbol);
}

static const char *misplaced(const MarketSymbol *desk, Interval interval, const Bar *bar) {
    const Bar *newest = history_bar(&desk->histories[interval], INT64_MAX, 0);
    if (interval > desk->base) return "longer than the bars before it";
    return newest && newest->time_us >= bar->time_us ? "out of order" : NULL;
}

/* Said once, where the shortest bars are longer than a minute. */
static void tell_base(const MarketSymbol *desk, const char *symbol, Outbox *outbox) {
    const History *bars = &desk->histories[desk->base];
    if (desk->base == INTERVAL_1M || bars->count > 0) return;
    outbox_log(outbox, LOG_INFO,
               "%s comes in candles of %s: there are no data of shorter ones; the direction is "
               "that of %s",
               symbol, interval_name(desk->base), interval_name(interval_slower(desk->base)));
}

static void hear_bar(MarketMonitor *monitor, const MarketBar *heard, int64_t now_us,
                     Outbox *outbox) {
    int index = desk_of(monitor, heard->symbol);
    if (index < 0) return;
    Bar bar = bar_from_message(heard);
    MarketSymbol *desk = &monitor->desks[index];
    Interval interval = (Interval)heard->interval;
    const char *fault = bar_fault(&bar, interval_us(interval));
    if (!fault) fault = misplaced(desk, interval, &bar);
    if (fault) {
        outbox_log(outbox, LOG_WARNING, "Invalid market data for %s skipped: %s", heard->symbol,
                   fault);
        return;
    }
    learn_base(monitor, (unsigned)index, interval);
    tell_base(desk, heard->symbol, outbox);
    close_shortest(monitor, (unsigned)index, &bar);
    say_update(monitor, (unsigned)index, now_us, outbox);
}

/* Backfill brings each interval's own bars; the shortest among them also fill the unfinished longer
 * bars. */
static void hear_history(MarketMonitor *monitor, const MarketBar *heard) {
    int index = desk_of(monitor, heard->symbol);
    if (index < 0) return;
    MarketSymbol *desk = &monitor->desks[index];
    Bar bar = bar_from_message(heard);
    Interval own = (Interval)heard->interval;
    if (bar_fault(&bar, interval_us(own))) return;
    learn_base(monitor, (unsigned)index, own);
    bool added = close_bar(monitor, (unsigned)index, own, &bar);
    if (!added || own != desk->base) return;
    for (Interval interval = own + 1; interval < INTERVAL_COUNT; interval++) {
        Bar closed[2];
        if (interval_adds_up(own, interval)) candle_fold_add(&desk->folds[interval], &bar, closed);
    }
}

static void market_monitor_step(void *state, const Message *message, Outbox *outbox) {
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(state, message->payload, outbox);
        break;
    case TOPIC_HISTORY_BARS:
        hear_history(state, message->payload);
        break;
    case TOPIC_FEED_STATUS: {
        const FeedStatus *status = message->payload;
        bool bad = status->condition == CONDITION_STALE || status->condition == CONDITION_GAP ||
                   status->condition == CONDITION_REFUSED;
        outbox_log(outbox, bad ? LOG_WARNING : LOG_INFO, "%s %s: %s", status->symbol,
                   FeedCondition_text(status->condition), status->text);
        break;
    }
    default:
        hear_bar(state, message->payload, message->time_us, outbox);
    }
}

const SymbolTable *market_monitor_symbols(const void *state) {
    return &((const MarketMonitor *)state)->symbols;
}

Interval market_monitor_base(const void *state, unsigned symbol) {
    return ((const MarketMonitor *)state)->desks[symbol].base;
}

const History *market_monitor_history(const void *state, unsigned symbol, Interval interval) {
    return &((const MarketMonitor *)state)->desks[symbol].histories[interval];
}

const Service service_market_monitor = {
    .name = "market_monitor",
    .label = "MarketMonitor",
    .sentence = "Folds candles, runs the indicators on 1m to 1d, and says the market data of each "
                "symbol at each close.",
    .stage = STAGE_MARKET,
    .port = 8001,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_HISTORY_BARS, TOPIC_BARS, TOPIC_FEED_STATUS),
    SAYS(TOPIC_MARKET_UPDATES),
    .state_size = market_monitor_state_size,
    .init = market_monitor_init,
    .step = market_monitor_step,
};
