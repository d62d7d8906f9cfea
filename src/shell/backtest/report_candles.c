/* SPDX-License-Identifier: Apache-2.0 */
/* The market behind the trades: its candles with entries and exits, and how the strategy did in
 * which weather. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shell/backtest/chart.h"
#include "shell/backtest/report_parts.h"

#define TALL     300
#define CANDLES  160 /* drawn at most: a wide picture has room for no more */
#define MARKS    200 /* trades marked at most, the last ones */
#define HEADROOM 0.05

/* ---- candles --------------------------------------------------------------------------------- */

typedef struct Picture {
    const CandleSeries *candles;
    size_t first, end, stretch; /* rows a drawn candle stands for */
} Picture;

static ChartCandle merged(const Picture *picture, size_t from) {
    const CandleSeries *candles = picture->candles;
    size_t to = from + picture->stretch < picture->end ? from + picture->stretch : picture->end;
    int64_t high = candles->high[from], low = candles->low[from];
    for (size_t i = from; i < to; i++) {
        if (candles->high[i] > high) high = candles->high[i];
        if (candles->low[i] < low) low = candles->low[i];
    }
    double begin = (double)candles->time_us[from];
    double width = (double)candles->time_us[to - 1] + (double)candles->length_us - begin;
    return (ChartCandle){.x = begin + width / 2,
                         .width = width,
                         .open = price_double((Price){candles->open[from]}),
                         .high = price_double((Price){high}),
                         .low = price_double((Price){low}),
                         .close = price_double((Price){candles->close[to - 1]})};
}

static void span_of(const Picture *picture, double *low, double *high) {
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (size_t i = picture->first; i < picture->end; i++) {
        *low = fmin(*low, price_double((Price){picture->candles->low[i]}));
        *high = fmax(*high, price_double((Price){picture->candles->high[i]}));
    }
    double room = (*high - *low) * HEADROOM;
    *low -= room;
    *high += room;
}

static void mark_trades(const Result *result, const Chart *chart, const SymbolName *symbol) {
    unsigned marked = 0;
    for (unsigned i = result->trade_count; i > 0 && marked < MARKS; i--) {
        const ResultTrade *trade = &result->trades[i - 1];
        if (!symbol_name_equal(&trade->symbol, symbol)) continue;
        chart_mark(chart, (double)trade->entry_us, price_double(trade->entry), true);
        chart_mark(chart, (double)trade->exit_us, price_double(trade->exit), false);
        marked++;
    }
}

static void draw(const Result *result, const TrialMarket *market, FILE *file) {
    char title[160];
    Text text = TEXT_IN(title);
    size_t count = market->end - market->first;
    Picture picture = {.candles = &market->candles,
                       .first = market->first,
                       .end = market->end,
                       .stretch = (count + CANDLES - 1) / CANDLES};
    text_format(&text, "%s with entries (triangle up) and exits (down)",
                market->candles.symbol.text);
    if (picture.stretch > 1) text_format(&text, "; a candle is %D bars", (int64_t)picture.stretch);
    ChartPlan plan = {.title = text_end(&text),
                      .words = title,
                      .axis = CHART_TIME,
                      .x_low = (double)market->candles.time_us[market->first],
                      .x_high = (double)market->candles.time_us[market->end - 1] +
                                (double)market->candles.length_us,
                      .unit = "",
                      .height = TALL,
                      .wide = true};
    span_of(&picture, &plan.y_low, &plan.y_high);
    Chart chart = chart_open(&plan, file);
    for (size_t i = picture.first; i < picture.end; i += picture.stretch) {
        ChartCandle candle = merged(&picture, i);
        chart_candle(&chart, &candle);
    }
    mark_trades(result, &chart, &market->candles.symbol);
    chart_close(&chart);
}

void report_candles(const Result *result, const MarketLoad *load, FILE *file) {
    if (!load) {
        report_missing("Candles", "the candles of the run are not at hand", file);
        return;
    }
    for (unsigned i = 0; i < load->count; i++)
        draw(result, &load->markets[i], file);
}

/* ---- weather --------------------------------------------------------------------------------- */

/* By what the market did in the 30 days before an entry: its change (thresholds of the regime
 * service's rules, 5 percent each way) and its volatility against its own median. */
#define LOOK_BACK_US (30 * INSTANT_DAY_US)
#define TREND        0.05
#define LEAST_BARS   10
#define STORMY       1.5 /* times the run's own volatility */

typedef enum Weather {
    WEATHER_BULL,
    WEATHER_BEAR,
    WEATHER_RANGING,
    WEATHER_VOLATILE,
    WEATHER_UNKNOWN,
    WEATHER_COUNT
} Weather;

typedef struct Tally {
    unsigned count, won;
    double gain, return_pct;
} Tally;

static double deviation(const CandleSeries *candles, size_t first, size_t end) {
    double sum = 0, square = 0;
    for (size_t i = first + 1; i < end; i++) {
        double step = (double)candles->close[i] / (double)candles->close[i - 1] - 1;
        sum += step;
        square += step * step;
    }
    double count = (double)(end - first - 1);
    return sqrt(fmax(square - sum * sum / count, 0) / count);
}

static Weather weather_at(const TrialMarket *market, int64_t time_us) {
    const CandleSeries *candles = &market->candles;
    size_t end = candle_series_before(candles, time_us);
    size_t first = candle_series_before(candles, time_us - LOOK_BACK_US);
    if (end - first < LEAST_BARS || market->end - market->first < LEAST_BARS)
        return WEATHER_UNKNOWN;
    double change = (double)candles->close[end - 1] / (double)candles->close[first] - 1;
    double usual = deviation(candles, market->first, market->end);
    if (deviation(candles, first, end) > STORMY * usual) return WEATHER_VOLATILE;
    if (change > TREND) return WEATHER_BULL;
    return change < -TREND ? WEATHER_BEAR : WEATHER_RANGING;
}

static const TrialMarket *market_of(const MarketLoad *load, const SymbolName *symbol) {
    for (unsigned i = 0; i < load->count; i++)
        if (symbol_name_equal(&load->symbols[i].name, symbol)) return &load->markets[i];
    return NULL;
}

static void tally_row(const char *name, const Tally *tally, FILE *file) {
    fprintf(file, "<tr><td>%s</td><td class=\"n\">%u</td><td class=\"n\">", name, tally->count);
    report_real(100.0 * tally->won / tally->count, 1, " %", file);
    fputs("</td><td class=\"n\">", file);
    report_real(tally->return_pct / tally->count, 2, " %", file);
    fputs("</td><td class=\"n\">", file);
    report_real(tally->gain, 2, "", file);
    fputs("</td></tr>\n", file);
}

void report_regimes(const Result *result, const MarketLoad *load, FILE *file) {
    static const char *const names[] = {"bull", "bear", "ranging", "volatile",
                                        "too little history"};
    Tally tallies[WEATHER_COUNT] = {{.count = 0}};
    if (!load || result->trade_count == 0) {
        report_missing("By regime",
                       load ? "it never traded" : "the candles of the run are not at hand", file);
        return;
    }
    for (unsigned i = 0; i < result->trade_count; i++) {
        const ResultTrade *trade = &result->trades[i];
        const TrialMarket *market = market_of(load, &trade->symbol);
        Tally *tally = &tallies[market ? weather_at(market, trade->entry_us) : WEATHER_UNKNOWN];
        tally->count++;
        tally->won += trade->gain.units > 0;
        tally->gain += money_double(trade->gain);
        tally->return_pct += trade->return_pct;
    }
    fputs(
        "<section><h2>By regime</h2><p>Of the 30 days before the entry: volatile above 1.5 times "
        "the usual volatility, else bull above +5 %, bear below −5 %, ranging between.</p>"
        "<div class=\"scroll\"><table><tr><th>Regime</th><th class=\"n\">Trades</th>"
        "<th class=\"n\">Won</th><th class=\"n\">Mean return</th><th class=\"n\">Gain</th></tr>\n",
        file);
    for (unsigned i = 0; i < WEATHER_COUNT; i++)
        if (tallies[i].count) tally_row(names[i], &tallies[i], file);
    fputs("</table></div></section>\n", file);
}
