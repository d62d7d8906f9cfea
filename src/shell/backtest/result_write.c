/* SPDX-License-Identifier: Apache-2.0 */
/* A result as its document, and the document into its folder. */
#include <math.h>
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/json.h"
#include "core/bus/shape.h"
#include "shell/backtest/result_figures.h"
#include "shell/sys/files.h"

/* The document is written in pieces, each of which fits here: the head is the largest. */
#define PIECE_BYTES 16384

static void flush(Text *text, FILE *file) {
    CHECK(!text->overflow, "a piece of a result fits into its memory");
    fwrite(text->at, 1, text->length, file);
    text_clear(text);
}

static void put_text(JsonWriter *writer, const char *key, const char *value) {
    json_key(writer, key);
    json_string(writer, value);
}

static void put_money(JsonWriter *writer, const char *key, Money value) {
    json_key(writer, key);
    json_money(writer, value);
}

static void put_int(JsonWriter *writer, const char *key, int64_t value) {
    json_key(writer, key);
    json_int(writer, value);
}

static void put_strategy(const Result *result, JsonWriter *writer) {
    put_text(writer, "strategy", result->strategy);
    json_key(writer, "parameters");
    json_object_begin(writer);
    for (unsigned i = 0; i < result->parameter_count; i++)
        json_key_double(writer, result->parameters[i].name, result->parameters[i].value);
    json_object_end(writer);
    json_key(writer, "symbols");
    json_array_begin(writer);
    for (unsigned i = 0; i < result->symbol_count; i++)
        json_string(writer, result->symbols[i].text);
    json_array_end(writer);
}

static void put_what(const Result *result, JsonWriter *writer) {
    put_text(writer, "result_id", result->id);
    put_text(writer, "engine", result->engine);
    json_key_time(writer, "created", result->created_us);
    put_strategy(result, writer);
    put_text(writer, "quote_asset", result->quote.text);
    put_text(writer, "interval", result->interval);
    json_key(writer, "resolve");
    if (result->resolve[0])
        json_string(writer, result->resolve);
    else
        json_null(writer);
    json_key_time(writer, "start", result->start_us);
    json_key_time(writer, "end", result->end_us);
    json_key_double(writer, "fee_bps", result->fee_bps);
    json_key_double(writer, "spread_bps", result->spread_bps);
    json_key_double(writer, "slippage_bps", result->slippage_bps);
}

static void put_figure(const Result *result, const ResultFigure *figure, JsonWriter *writer) {
    double value;
    if (!result_metric(result, figure->name, &value)) return;
    json_key(writer, figure->name);
    if (figure->kind == FIGURE_COUNT)
        json_int(writer, (int64_t)value);
    else
        json_double(writer, value);
}

static void put_sharpe_interval(const Metrics *metrics, JsonWriter *writer) {
    json_key(writer, "sharpe_ci95");
    if (isnan(metrics->sharpe_low) || isnan(metrics->sharpe_high)) {
        json_null(writer);
        return;
    }
    json_array_begin(writer);
    json_double(writer, metrics->sharpe_low);
    json_double(writer, metrics->sharpe_high);
    json_array_end(writer);
}

static void put_social(const Result *result, JsonWriter *writer) {
    bool any = result->social_readings > 0;
    put_int(writer, "social_readings", (int64_t)result->social_readings);
    json_key(writer, "social_from");
    any ? json_time(writer, result->social_from_us) : json_null(writer);
    json_key(writer, "social_to");
    any ? json_time(writer, result->social_to_us) : json_null(writer);
}

static void put_figures(const Result *result, JsonWriter *writer) {
    put_money(writer, "initial_balance", result->initial);
    put_money(writer, "final_balance", result->final);
    for (unsigned i = 0; i < result_figure_count; i++)
        put_figure(result, &result_figures[i], writer);
    put_sharpe_interval(&result->metrics, writer);
    put_money(writer, "fees", result->fees);
    put_money(writer, "slippage", result->slippage);
    put_social(result, writer);
    put_int(writer, "bars", (int64_t)result->bars);
    put_int(writer, "refused", (int64_t)result->refused);
    put_int(writer, "calls", (int64_t)result->calls);
    put_int(writer, "ai_missing", (int64_t)result->ai_missing);
    put_int(writer, "ai_recallable", (int64_t)result->ai_recallable);
    json_key_double(writer, "cost_usd", result->cost_usd);
    json_key(writer, "trials");
    if (result->trials > 0)
        json_int(writer, result->trials);
    else
        json_null(writer);
    json_key(writer, "trials_lost");
    json_bool(writer, result->trials_lost);
    put_text(writer, "trials_mark", result->trials_mark);
    put_text(writer, "settings_hash", result->settings_hash);
    put_text(writer, "trades_hash", result->trades_hash);
    put_text(writer, "note", result->note);
    put_int(writer, "curve_step", result->curve_step);
}

static void put_trade(const ResultTrade *trade, JsonWriter *writer) {
    json_object_begin(writer);
    put_text(writer, "symbol", trade->symbol.text);
    json_key_time(writer, "entry_time", trade->entry_us);
    json_key_time(writer, "exit_time", trade->exit_us);
    json_key(writer, "entry_price");
    json_price(writer, trade->entry);
    json_key(writer, "exit_price");
    json_price(writer, trade->exit);
    json_key(writer, "quantity");
    json_quantity(writer, trade->quantity);
    put_money(writer, "gain", trade->gain);
    put_money(writer, "fees", trade->fees);
    put_money(writer, "slippage", trade->slippage);
    json_key_double(writer, "return_pct", trade->return_pct);
    json_key_double(writer, "worst_pct", trade->worst_pct);
    json_key_double(writer, "best_pct", trade->best_pct);
    put_int(writer, "bars", trade->bars);
    put_text(writer, "reason", TradeReason_text(trade->reason));
    json_object_end(writer);
}

static void put_trades(const Result *result, Text *text, FILE *file) {
    fputs(",\"trades\":[", file);
    for (unsigned i = 0; i < result->trade_count; i++) {
        JsonWriter writer = json_writer(text);
        if (i) fputc(',', file);
        put_trade(&result->trades[i], &writer);
        flush(text, file);
    }
    fputc(']', file);
}

void result_write_trades(const Result *result, FILE *file) {
    char memory[PIECE_BYTES];
    Text text = TEXT_IN(memory);
    for (unsigned i = 0; i < result->trade_count; i++) {
        JsonWriter writer = json_writer(&text);
        put_trade(&result->trades[i], &writer);
        flush(&text, file);
        fputc('\n', file);
    }
}

static void put_curve(const Result *result, const char *key, bool drawdown, FILE *file) {
    char memory[256];
    Text text = TEXT_IN(memory);
    fprintf(file, ",\"%s\":[", key);
    for (unsigned i = 0; i < result->point_count; i++) {
        const ResultPoint *point = &result->points[i];
        JsonWriter writer = json_writer(&text);
        if (i) fputc(',', file);
        json_object_begin(&writer);
        json_key_time(&writer, "time", point->time_us);
        json_key_double(&writer, drawdown ? "drawdown_pct" : "equity",
                        drawdown ? point->drawdown_pct : point->equity);
        json_object_end(&writer);
        flush(&text, file);
    }
    fputc(']', file);
}

void result_write(const Result *result, FILE *file) {
    char memory[PIECE_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    put_what(result, &writer);
    put_figures(result, &writer);
    flush(&text, file); /* the object stays open for the lists */
    put_trades(result, &text, file);
    put_curve(result, "equity_curve", false, file);
    put_curve(result, "drawdown_curve", true, file);
    fputc('}', file);
}

bool result_store(const Result *result, const char *folder, Error *error) {
    char path[600], *bytes = NULL;
    size_t length = 0;
    Text text = TEXT_IN(path);
    if (!files_make_directory(folder, error)) return false;
    text_format(&text, "%s/%s.json", folder, result->id);
    text_end(&text);
    FILE *file = open_memstream(&bytes, &length);
    if (!file) return error_set(error, ERROR_LIMIT, "out of memory", "result", NULL);
    result_write(result, file);
    fputc('\n', file);
    bool whole = fclose(file) == 0;
    bool sound = whole ? files_write(path, bytes, length, 0644, error)
                       : error_set(error, ERROR_LIMIT, "out of memory", "result", NULL);
    free(bytes);
    return sound;
}

void result_curve(Result *result, const double *equity, const int64_t *time_us, size_t count,
                  ResultPoint *points) {
    double peak = money_double(result->initial), deepest = 0;
    size_t step = count / RESULT_POINTS + 1;
    result->points = points;
    result->point_count = 0;
    result->curve_step = (unsigned)step;
    for (size_t i = 0; i < count; i++) {
        if (equity[i] > peak) peak = equity[i];
        double drawdown = peak > 0 ? 100 * (peak - equity[i]) / peak : 0;
        if (drawdown > deepest) deepest = drawdown;
        if ((i + 1) % step != 0 && i + 1 != count) continue;
        points[result->point_count++] = (ResultPoint){time_us[i], equity[i], deepest};
        deepest = 0;
    }
}
