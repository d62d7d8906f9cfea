/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/result_export.h"

#include <math.h>
#include <string.h>

#include "core/bus/shape.h"

/* With a comma; nothing before it where a document had null. */
static void put_real(Text *text, double value) {
    if (isfinite(value)) text_double(text, value);
    text_char(text, ',');
}

static void trades_csv(const Result *result, FILE *file) {
    fputs("symbol,entry_time,exit_time,entry_price,exit_price,quantity,gain,fees,slippage,"
          "return_pct,worst_pct,best_pct,bars,reason\n",
          file);
    for (unsigned i = 0; i < result->trade_count; i++) {
        const ResultTrade *trade = &result->trades[i];
        char memory[1024], entry_time[25], exit_time[25], price[2][DECIMAL_TEXT_MAX],
            quantity[DECIMAL_TEXT_MAX], money[3][DECIMAL_TEXT_MAX];
        Text text = TEXT_IN(memory);
        instant_to_iso(trade->entry_us, entry_time);
        instant_to_iso(trade->exit_us, exit_time);
        price_to_text(trade->entry, price[0]);
        price_to_text(trade->exit, price[1]);
        quantity_to_text(trade->quantity, quantity);
        money_to_text(trade->gain, money[0]);
        money_to_text(trade->fees, money[1]);
        money_to_text(trade->slippage, money[2]);
        text_format(&text, "%s,%s,%s,%s,%s,%s,", trade->symbol.text, entry_time, exit_time,
                    price[0], price[1], quantity);
        text_format(&text, "%s,%s,%s,", money[0], money[1], money[2]);
        put_real(&text, trade->return_pct);
        put_real(&text, trade->worst_pct);
        put_real(&text, trade->best_pct);
        text_format(&text, "%D,%s\n", (int64_t)trade->bars, TradeReason_text(trade->reason));
        fputs(text_end(&text), file);
    }
}

static void equity_csv(const Result *result, FILE *file) {
    fputs("time,equity,drawdown_pct\n", file);
    for (unsigned i = 0; i < result->point_count; i++) {
        const ResultPoint *point = &result->points[i];
        char memory[160], iso[25];
        Text text = TEXT_IN(memory);
        instant_to_iso(point->time_us, iso);
        text_format(&text, "%s,", iso);
        put_real(&text, point->equity);
        put_real(&text, point->drawdown_pct);
        text.at[--text.length] = 0; /* behind the last there is no comma */
        fprintf(file, "%s\n", text.at);
    }
}

static void json(const Result *result, FILE *file) {
    result_write(result, file);
    fputc('\n', file);
}

static void ndjson(const Result *result, FILE *file) {
    result_write_trades(result, file);
}

static const struct {
    const char *name, *suffix;
    void (*write)(const Result *result, FILE *file);
} formats[] = {{"trades_csv", "trades.csv", trades_csv},
               {"equity_csv", "equity.csv", equity_csv},
               {"json", "json", json},
               {"ndjson", "trades.ndjson", ndjson}};

#define FORMATS (sizeof formats / sizeof formats[0])

static size_t row_of(const char *format) {
    size_t row = 0;
    while (row < FORMATS && strcmp(formats[row].name, format) != 0)
        row++;
    return row;
}

bool result_export_known(const char *format) {
    return row_of(format) < FORMATS;
}

const char *result_export_suffix(const char *format) {
    size_t row = row_of(format);
    return row < FORMATS ? formats[row].suffix : format;
}

void result_export(const Result *result, const char *format, FILE *file) {
    formats[row_of(format)].write(result, file);
}
