/* SPDX-License-Identifier: Apache-2.0 */
/* A result's document back into a Result. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/bus/shape.h"
#include "shell/backtest/result_figures.h"
#include "shell/sys/files.h"

#define DOCUMENT_MAX (512u << 20) /* a million trades have 300 MB */

typedef struct Reading {
    JsonReader json;
    Result *result;
    size_t room; /* of the list that grows now */
} Reading;

static bool take_text(JsonReader *json, char *target, size_t capacity) {
    Slice raw;
    return json_take_string(json, &raw) && json_unescape(json, target, capacity);
}

static bool take_time(JsonReader *json, int64_t *time_us) {
    Slice raw;
    return json_take_string(json, &raw) && instant_parse(raw, time_us);
}

static bool take_null(JsonReader *json) {
    JsonReader before = *json;
    if (json_next(json) == JSON_NULL) return true;
    *json = before;
    return false;
}

/* A number or null, which is NaN. */
static bool take_real(JsonReader *json, double *value) {
    *value = (double)NAN;
    return take_null(json) || json_take_double(json, value);
}

static bool take_money(JsonReader *json, Money *value) {
    return json_next(json) == JSON_NUMBER && money_parse(json->slice, value);
}

static bool take_wide(JsonReader *json, uint64_t *value) {
    int64_t number;
    if (!json_take_int(json, &number) || number < 0) return false;
    *value = (uint64_t)number;
    return true;
}

static bool take_count(JsonReader *json, unsigned *value) {
    uint64_t number;
    if (!take_wide(json, &number) || number > UINT32_MAX) return false;
    *value = (unsigned)number;
    return true;
}

static bool take_reason(JsonReader *json, TradeReason *reason) {
    Slice raw;
    if (!json_take_string(json, &raw)) return false;
    for (int i = 0; i < TradeReason_COUNT; i++) {
        *reason = (TradeReason)i;
        if (slice_is(raw, TradeReason_text(*reason))) return true;
    }
    return false;
}

static bool is_key(const Reading *reading, const char *key) {
    return slice_is(reading->json.slice, key);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void *grown(void *list, size_t *room, size_t count, size_t size) {
    if (count < *room) return list;
    *room = *room ? 2 * *room : 64;
    return realloc(list, *room * size);
}

static bool read_fill(Reading *reading, ResultTrade *trade) {
    JsonReader *json = &reading->json;
    if (is_key(reading, "symbol")) return take_text(json, trade->symbol.text, LIMIT_SYMBOL_TEXT);
    if (is_key(reading, "entry_time")) return take_time(json, &trade->entry_us);
    if (is_key(reading, "exit_time")) return take_time(json, &trade->exit_us);
    if (is_key(reading, "entry_price")) return json_take_price(json, &trade->entry);
    if (is_key(reading, "exit_price")) return json_take_price(json, &trade->exit);
    if (is_key(reading, "quantity")) return json_take_quantity(json, &trade->quantity);
    return json_skip(json);
}

static bool read_trade_field(Reading *reading, ResultTrade *trade) {
    JsonReader *json = &reading->json;
    if (is_key(reading, "gain")) return take_money(json, &trade->gain);
    if (is_key(reading, "fees")) return take_money(json, &trade->fees);
    if (is_key(reading, "slippage")) return take_money(json, &trade->slippage);
    if (is_key(reading, "return_pct")) return take_real(json, &trade->return_pct);
    if (is_key(reading, "worst_pct")) return take_real(json, &trade->worst_pct);
    if (is_key(reading, "best_pct")) return take_real(json, &trade->best_pct);
    if (is_key(reading, "bars")) return take_count(json, &trade->bars);
    if (is_key(reading, "reason")) return take_reason(json, &trade->reason);
    return read_fill(reading, trade);
}

static bool read_trade(Reading *reading) {
    Result *result = reading->result;
    JsonToken token;
    ResultTrade *list =
        grown(result->trades, &reading->room, result->trade_count, sizeof result->trades[0]);
    if (!list) return false;
    result->trades = list;
    ResultTrade *trade = &list[result->trade_count++];
    *trade = (ResultTrade){.bars = 0};
    while ((token = json_next(&reading->json)) == JSON_KEY)
        if (!read_trade_field(reading, trade)) return false;
    return token == JSON_OBJECT_END;
}

static bool read_trades(Reading *reading) {
    JsonToken token;
    if (reading->result->trades || json_next(&reading->json) != JSON_ARRAY_BEGIN) return false;
    reading->room = 0;
    while ((token = json_next(&reading->json)) == JSON_OBJECT_BEGIN)
        if (!read_trade(reading)) return false;
    return token == JSON_ARRAY_END;
}

static bool read_point_field(Reading *reading, ResultPoint *point) {
    JsonReader *json = &reading->json;
    if (is_key(reading, "time")) return take_time(json, &point->time_us);
    if (is_key(reading, "equity")) return take_real(json, &point->equity);
    if (is_key(reading, "drawdown_pct")) return take_real(json, &point->drawdown_pct);
    return json_skip(json);
}

static bool read_point(Reading *reading, ResultPoint *point) {
    JsonToken token;
    while ((token = json_next(&reading->json)) == JSON_KEY)
        if (!read_point_field(reading, point)) return false;
    return token == JSON_OBJECT_END;
}

static bool read_equity(Reading *reading) {
    Result *result = reading->result;
    JsonToken token;
    if (result->points || json_next(&reading->json) != JSON_ARRAY_BEGIN) return false;
    reading->room = 0;
    while ((token = json_next(&reading->json)) == JSON_OBJECT_BEGIN) {
        ResultPoint *list =
            grown(result->points, &reading->room, result->point_count, sizeof result->points[0]);
        if (!list) return false;
        result->points = list;
        list[result->point_count] = (ResultPoint){0};
        if (!read_point(reading, &list[result->point_count++])) return false;
    }
    return token == JSON_ARRAY_END;
}

/* The curve of drawdown stands behind that of equity and has the same times. */
static bool read_drawdown(Reading *reading) {
    Result *result = reading->result;
    unsigned count = 0;
    JsonToken token;
    if (json_next(&reading->json) != JSON_ARRAY_BEGIN) return false;
    while ((token = json_next(&reading->json)) == JSON_OBJECT_BEGIN)
        if (count == result->point_count || !read_point(reading, &result->points[count++]))
            return false;
    return token == JSON_ARRAY_END && count == result->point_count;
}

static bool read_parameters(Reading *reading) {
    Result *result = reading->result;
    JsonToken token;
    if (json_next(&reading->json) != JSON_OBJECT_BEGIN) return false;
    while ((token = json_next(&reading->json)) == JSON_KEY) {
        if (result->parameter_count == STRATEGY_PARAMETERS_MAX) return false;
        ResultParameter *parameter = &result->parameters[result->parameter_count++];
        if (!json_unescape(&reading->json, parameter->name, sizeof parameter->name) ||
            !take_real(&reading->json, &parameter->value))
            return false;
    }
    return token == JSON_OBJECT_END;
}

static bool read_symbols(Reading *reading) {
    Result *result = reading->result;
    JsonToken token;
    if (json_next(&reading->json) != JSON_ARRAY_BEGIN) return false;
    while ((token = json_next(&reading->json)) == JSON_STRING) {
        if (result->symbol_count == LIMIT_SYMBOLS) return false;
        SymbolName *symbol = &result->symbols[result->symbol_count++];
        if (!json_unescape(&reading->json, symbol->text, sizeof symbol->text)) return false;
    }
    return token == JSON_ARRAY_END;
}

/* ---- single values --------------------------------------------------------------------------- */

static bool read_sharpe_interval(Reading *reading) {
    Metrics *metrics = &reading->result->metrics;
    metrics->sharpe_low = metrics->sharpe_high = (double)NAN;
    return take_null(&reading->json) || (json_next(&reading->json) == JSON_ARRAY_BEGIN &&
                                         take_real(&reading->json, &metrics->sharpe_low) &&
                                         take_real(&reading->json, &metrics->sharpe_high) &&
                                         json_next(&reading->json) == JSON_ARRAY_END);
}

static bool read_figure(Reading *reading, const ResultFigure *figure) {
    char *at = (char *)reading->result + figure->offset;
    double value;
    unsigned count;
    if (figure->kind == FIGURE_REAL) {
        if (!take_real(&reading->json, &value)) return false;
        memcpy(at, &value, sizeof value);
        return true;
    }
    if (!take_count(&reading->json, &count)) return false;
    memcpy(at, &count, sizeof count);
    return true;
}

typedef enum SingleKind {
    SINGLE_TEXT,
    SINGLE_TIME,
    SINGLE_REAL,
    SINGLE_MONEY,
    SINGLE_WIDE,
    SINGLE_SWITCH
} SingleKind;

typedef struct Single {
    const char *name;
    SingleKind kind;
    size_t offset, size;
} Single;

#define SINGLE(name, kind, member)                                                                 \
    { name, kind, offsetof(Result, member), sizeof((Result *)0)->member }

static const Single singles[] = {
    SINGLE("result_id", SINGLE_TEXT, id),
    SINGLE("engine", SINGLE_TEXT, engine),
    SINGLE("strategy", SINGLE_TEXT, strategy),
    SINGLE("quote_asset", SINGLE_TEXT, quote.text),
    SINGLE("interval", SINGLE_TEXT, interval),
    SINGLE("resolve", SINGLE_TEXT, resolve),
    SINGLE("settings_hash", SINGLE_TEXT, settings_hash),
    SINGLE("trades_hash", SINGLE_TEXT, trades_hash),
    SINGLE("note", SINGLE_TEXT, note),
    SINGLE("created", SINGLE_TIME, created_us),
    SINGLE("start", SINGLE_TIME, start_us),
    SINGLE("end", SINGLE_TIME, end_us),
    SINGLE("fee_bps", SINGLE_REAL, fee_bps),
    SINGLE("spread_bps", SINGLE_REAL, spread_bps),
    SINGLE("slippage_bps", SINGLE_REAL, slippage_bps),
    SINGLE("initial_balance", SINGLE_MONEY, initial),
    SINGLE("final_balance", SINGLE_MONEY, final),
    SINGLE("fees", SINGLE_MONEY, fees),
    SINGLE("slippage", SINGLE_MONEY, slippage),
    SINGLE("social_readings", SINGLE_WIDE, social_readings),
    SINGLE("social_from", SINGLE_TIME, social_from_us),
    SINGLE("social_to", SINGLE_TIME, social_to_us),
    SINGLE("bars", SINGLE_WIDE, bars),
    SINGLE("refused", SINGLE_WIDE, refused),
    SINGLE("calls", SINGLE_WIDE, calls),
    SINGLE("ai_missing", SINGLE_WIDE, ai_missing),
    SINGLE("ai_recallable", SINGLE_WIDE, ai_recallable),
    SINGLE("cost_usd", SINGLE_REAL, cost_usd),
    SINGLE("trials", SINGLE_WIDE, trials),
    SINGLE("trials_mark", SINGLE_TEXT, trials_mark),
    SINGLE("trials_lost", SINGLE_SWITCH, trials_lost),
};

/* Null leaves a text empty, a count and a time 0. */
static bool read_single(Reading *reading, const Single *single) {
    JsonReader *json = &reading->json;
    char *at = (char *)reading->result + single->offset;
    switch (single->kind) {
    case SINGLE_TEXT:
        return take_null(json) || take_text(json, at, single->size);
    case SINGLE_TIME:
        return take_null(json) || take_time(json, (int64_t *)(void *)at);
    case SINGLE_REAL:
        return take_real(json, (double *)(void *)at);
    case SINGLE_SWITCH:
        return json_take_bool(json, (bool *)(void *)at);
    case SINGLE_MONEY:
        return take_money(json, (Money *)(void *)at);
    default:
        return take_null(json) || take_wide(json, (uint64_t *)(void *)at);
    }
}

static bool read_named(Reading *reading) {
    for (unsigned i = 0; i < result_figure_count; i++)
        if (is_key(reading, result_figures[i].name))
            return read_figure(reading, &result_figures[i]);
    for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++)
        if (is_key(reading, singles[i].name)) return read_single(reading, &singles[i]);
    return json_skip(&reading->json);
}

static bool read_field(Reading *reading) {
    if (is_key(reading, "parameters")) return read_parameters(reading);
    if (is_key(reading, "symbols")) return read_symbols(reading);
    if (is_key(reading, "sharpe_ci95")) return read_sharpe_interval(reading);
    if (is_key(reading, "trades")) return read_trades(reading);
    if (is_key(reading, "equity_curve")) return read_equity(reading);
    if (is_key(reading, "drawdown_curve")) return read_drawdown(reading);
    if (is_key(reading, "curve_step"))
        return take_count(&reading->json, &reading->result->curve_step);
    return read_named(reading);
}

/* Files are named by it: it leads nowhere else. */
static bool names_a_file(const char *id) {
    for (const char *at = id; *at; at++) {
        bool word = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
                    (*at >= 'A' && *at <= 'Z') || strchr("_-.", *at);
        if (!word) return false;
    }
    return id[0] && id[0] != '.';
}

static bool read_document(Reading *reading) {
    JsonToken token;
    if (json_next(&reading->json) != JSON_OBJECT_BEGIN) return false;
    while ((token = json_next(&reading->json)) == JSON_KEY)
        if (!read_field(reading)) return false;
    return token == JSON_OBJECT_END && json_next(&reading->json) == JSON_END &&
           names_a_file(reading->result->id);
}

bool result_read(const char *path, Result *result, Error *error) {
    char *bytes, message[120];
    size_t length;
    *result = (Result){.deflated_sharpe_p = (double)NAN};
    if (!files_read(path, DOCUMENT_MAX, &bytes, &length, error)) return false;
    Reading reading = {.json = json_reader((Slice){bytes, length}), .result = result};
    bool sound = read_document(&reading);
    if (!sound) {
        Text text = TEXT_IN(message);
        text_format(&text, "not the result of a backtest (byte %D)",
                    (int64_t)json_position(&reading.json));
        error_set(error, ERROR_DATA, text_end(&text), path, "trader backtest run makes one");
        result_free(result);
    }
    free(bytes);
    return sound;
}

void result_free(Result *result) {
    free(result->trades);
    free(result->points);
    result->trades = NULL;
    result->points = NULL;
    result->trade_count = result->point_count = 0;
}
