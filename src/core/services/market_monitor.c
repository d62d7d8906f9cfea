/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The market monitor: folds closed one-minute bars into 3m, 5m, 15m, 1h, 4h and 1d, runs the
 * indicators on them, and says the mission's Market Data for every symbol at every close. Where the
 * bars that come in are longer (a history of hours), they are the shortest there are: what is told
 * of shorter intervals is "no data". Only closed bars become indicators. Bars of the past
 * (HISTORY_BARS) warm everything up without a word. Bad bars never get here: the feed's guard and
 * kernel_input refuse them; a bar that is not younger than the last is skipped and logged.
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

/* One indicator on one interval, and where its outputs go in the message. */
typedef struct Gauge {
    const char *indicator;
    Interval interval;
    double option; /* of the first option; 0: its preset */
    struct {
        const char *output;
        uint32_t offset;
    } targets[TARGETS_MAX];
} Gauge;

static const Gauge gauges[] = {
    {"rsi", INTERVAL_1M, 0, {{"rsi", AT(rsi)}}},
    {"rsi", INTERVAL_3M, 0, {{"rsi", AT(rsi_3m)}}},
    {"rsi", INTERVAL_5M, 0, {{"rsi", AT(rsi_5m)}}},
    {"rsi", INTERVAL_15M, 0, {{"rsi", AT(rsi_15m)}}},
    {"stoch", INTERVAL_1M, 0, {{"stoch_k", AT(stoch_k)}, {"stoch_d", AT(stoch_d)}}},
    {"macd", INTERVAL_1M, 0, {{"macd", AT(macd)}}},
    {"macd", INTERVAL_3M, 0, {{"macd", AT(macd_3m)}}},
    {"macd", INTERVAL_5M, 0, {{"macd", AT(macd_5m)}}},
    {"macd", INTERVAL_15M, 0, {{"macd", AT(macd_15m)}}},
    {"williams_r", INTERVAL_1M, 0, {{"williams_r", AT(williams_r)}}},
    {"bollinger", INTERVAL_1M, 0, {{"bb_position", AT(bb_position)}, {"bb_width", AT(bb_width)}}},
    {"atr", INTERVAL_1M, 0, {{"atr", AT(atr)}}},
    {"atr", INTERVAL_15M, 0, {{"atr", AT(atr_15m_fraction)}}}, /* divided by the price below */
    {"adx", INTERVAL_1M, 0, {{"adx", AT(adx)}}},
    {"sma", INTERVAL_1M, 20, {{"sma", AT(sma_20)}}},
    {"ema", INTERVAL_1M, 20, {{"ema", AT(ema_20)}}},
    {"trend", INTERVAL_1M, 0, {{"trend", NOWHERE}, {"trend_strength", AT(trend_strength)}}},
    {"trend", INTERVAL_15M, 0, {{"trend", NOWHERE}, {"trend_strength", AT(trend_strength_15m)}}},
    {"price_change", INTERVAL_1M, 1, {{"price_change", AT(price_change_1m)}}},
    {"price_change", INTERVAL_1M, 3, {{"price_change", AT(price_change_3m)}}},
    {"price_change", INTERVAL_1M, 5, {{"price_change", AT(price_change_5m)}}},
    {"price_change", INTERVAL_1M, 15, {{"price_change", AT(price_change_15m)}}},
};
#define GAUGE_COUNT   (sizeof gauges / sizeof gauges[0])
#define VOLUME_BARS   20 /* avg_volume: mean of the last 20 closed bars (READING 2) */
#define DONCHIAN_BARS 20

typedef struct GaugeState {
    uint32_t plug;               /* index into indicator_table */
    uint32_t state_offset;       /* into the symbol's block of indicator states */
    uint8_t output[TARGETS_MAX]; /* index of each target's output */
} GaugeState;

typedef struct MarketSymbol {
    CandleFold folds[INTERVAL_COUNT]; /* [INTERVAL_1M] is not used */
    History histories[INTERVAL_COUNT];
    double values[GAUGE_COUNT][INDICATOR_OUTPUTS_MAX];
    uint64_t channel_of; /* quarter hours heard when the channel was learnt */
    Price channel_high, channel_low;
    Interval base; /* shortest heard, from which the longer ones are folded; INTERVAL_COUNT: none */
} MarketSymbol;

typedef struct MarketMonitor {
    SymbolTable symbols;
    GaugeState gauges[GAUGE_COUNT];
    uint8_t trend_gauges[INTERVAL_COUNT]; /* which gauge is an interval's trend */
    uint32_t gauge_bytes;                 /* indicator states of one symbol */
    uint32_t desk_count;                  /* symbols that there is memory for */
    MarketSymbol desks[];                 /* desk_count of them, then their indicator states */
} MarketMonitor;

/* ---- options ------------------------------------------------------------------------------- */

static void gauge_options(const Gauge *gauge, const Indicator *indicator,
                          double options[static INDICATOR_OPTIONS_MAX]) {
    indicator_presets(indicator, options);
    if (gauge->option > 0) options[0] = gauge->option;
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
        gauge_options(&gauges[i], indicator, options);
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
    gauge_options(&gauges[index], indicator, options);
    while (indicator_table[state->plug] != indicator)
        state->plug++;
    if (strcmp(gauges[index].indicator, "trend") == 0)
        monitor->trend_gauges[gauges[index].interval] = (uint8_t)index;
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
    for (unsigned i = 0; i < GAUGE_COUNT; i++) {
        double options[INDICATOR_OPTIONS_MAX];
        const Indicator *indicator = indicator_table[monitor->gauges[i].plug];
        gauge_options(&gauges[i], indicator, options);
        indicator->init(gauge_state(monitor, symbol, i), options);
        for (unsigned k = 0; k < INDICATOR_OUTPUTS_MAX; k++)
            desk->values[i][k] = (double)NAN;
    }
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

/* A closed bar of an interval: into the history, and through the indicators of that interval. False
 * (and nothing happens) if it is not younger than the newest. */
static bool close_bar(MarketMonitor *monitor, unsigned symbol, Interval interval, const Bar *bar) {
    MarketSymbol *desk = &monitor->desks[symbol];
    if (!history_add(&desk->histories[interval], bar)) return false;
    IndicatorBar in = indicator_bar(bar);
    for (unsigned i = 0; i < GAUGE_COUNT; i++)
        if (gauges[i].interval == interval)
            indicator_table[monitor->gauges[i].plug]->step(gauge_state(monitor, symbol, i), &in,
                                                           desk->values[i]);
    return true;
}

/* What was folded from longer bars is void when shorter ones come. */
static void learn_base(MarketSymbol *desk, Interval interval) {
    if (interval >= desk->base) return;
    desk->base = interval;
    for (Interval longer = interval + 1; longer < INTERVAL_COUNT; longer++)
        candle_fold_init(&desk->folds[longer], longer);
}

static void close_shortest(MarketMonitor *monitor, unsigned symbol, const Bar *bar) {
    MarketSymbol *desk = &monitor->desks[symbol];
    close_bar(monitor, symbol, desk->base, bar);
    for (Interval interval = desk->base + 1; interval < INTERVAL_COUNT; interval++) {
        Bar closed[2];
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

static Trend trend_of(const MarketMonitor *monitor, const MarketSymbol *desk, Interval interval) {
    double direction = gauge_value(monitor, desk, monitor->trend_gauges[interval], 0);
    if (direction > 0) return TREND_UPTREND;
    return direction < 0 ? TREND_DOWNTREND : TREND_SIDEWAYS;
}

static double average_volume(const MarketSymbol *desk, int64_t now_us) {
    const History *minutes = &desk->histories[INTERVAL_1M];
    if (history_closed(minutes, now_us) < VOLUME_BARS) return (double)NAN;
    double sum = 0;
    const Bar *bar = history_bar(minutes, now_us, VOLUME_BARS - 1);
    for (unsigned i = 0; i < VOLUME_BARS; i++, bar = history_after(minutes, bar))
        sum += bar->quote_volume;
    return sum / VOLUME_BARS;
}

/* Extremes of the 20 quarter hours before the newest one; none until there are that many. They stay
 * until a quarter hour closes. */
static void learn_channel(MarketSymbol *desk, int64_t now_us) {
    const History *quarters = &desk->histories[INTERVAL_15M];
    if (desk->channel_of == quarters->count) return;
    desk->channel_of = quarters->count;
    if (history_closed(quarters, now_us) < DONCHIAN_BARS + 1) return;
    Price high = price_of(0), low = price_of(INT64_MAX);
    const Bar *bar = history_bar(quarters, now_us, DONCHIAN_BARS);
    for (unsigned i = 0; i < DONCHIAN_BARS; i++, bar = history_after(quarters, bar)) {
        if (bar->high.units > high.units) high = bar->high;
        if (bar->low.units < low.units) low = bar->low;
    }
    desk->channel_high = high;
    desk->channel_low = low;
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
    update->atr_15m_fraction = update->atr_15m_fraction / price;
    update->trend = trend_of(monitor, desk, INTERVAL_1M);
    update->trend_15m = trend_of(monitor, desk, INTERVAL_15M);
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
    outbox_log(outbox, LOG_INFO, "%s comes in candles of %s: there are no data of shorter ones",
               symbol, interval_name(desk->base));
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
    learn_base(desk, interval);
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
    learn_base(desk, own);
    bool added = close_bar(monitor, (unsigned)index, own, &bar);
    if (!added || own != desk->base) return;
    for (Interval interval = own + 1; interval < INTERVAL_COUNT; interval++) {
        Bar closed[2];
        candle_fold_add(&desk->folds[interval], &bar, closed);
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

const History *market_monitor_history(const void *state, unsigned symbol, Interval interval) {
    return &((const MarketMonitor *)state)->desks[symbol].histories[interval];
}

const Service service_market_monitor = {
    .name = "market_monitor",
    .label = "MarketMonitor",
    .sentence = "Folds bars, runs the indicators on 1m to 1d, and says the market data of each "
                "symbol at each close.",
    .stage = STAGE_MARKET,
    .port = 8001,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_HISTORY_BARS, TOPIC_BARS, TOPIC_FEED_STATUS),
    SAYS(TOPIC_MARKET_UPDATES),
    .state_size = market_monitor_state_size,
    .init = market_monitor_init,
    .step = market_monitor_step,
};
