/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/trade_merge.h"

#include <stdlib.h>

#include "shell/store/candle_file.h"
#include "shell/store/filters_file.h"

#define GRID_ROWS 5000 /* that say a grid: so many prices end in a digit of each kind */

typedef struct TradeSource {
    CandleFile *file;
    const char *path;
    unsigned symbol;
    TradeRow row; /* the next of this file */
    bool has_row;
} TradeSource;

struct TradeMerge {
    unsigned source_count;
    TradeSource *sources;
    SymbolTable symbols;
};

/* ---- one file ------------------------------------------------------------------------------ */

static bool name_path(const TradeSource *source, Error *error) {
    char memory[sizeof error->where];
    Text where = TEXT_IN(memory);
    text_format(&where, "%s, %s", source->path, error->where);
    text_end(&where);
    if (!slice_copy(slice_of(memory), error->where, sizeof error->where)) error->where[0] = 0;
    return false;
}

/* Reads the next row, if there is one. */
static bool read_row(TradeSource *source, Error *error) {
    Slice line;
    source->has_row = false;
    CandleAnswer answer = candle_file_text(source->file, &line, error);
    if (answer == CANDLE_BAR && candle_file_line(source->file) == 1 && trade_csv_is_header(line))
        answer = candle_file_text(source->file, &line, error);
    if (answer == CANDLE_ENDED) return true;
    if (answer != CANDLE_BAR) return false;
    source->has_row = trade_csv_row(line, candle_file_line(source->file), &source->row, error);
    return source->has_row || name_path(source, error);
}

static int64_t finer(int64_t grid, int64_t units) {
    while (grid > 1 && units % grid != 0)
        grid /= 10;
    return grid;
}

/* The grids of price and quantity by the first rows, as a decimal power. */
static bool scan_grids(const char *path, int64_t *tick, int64_t *step, Error *error) {
    TradeSource source = {.path = path, .file = candle_file_open_lines(path, error)};
    bool sound = source.file != NULL;
    for (unsigned i = 0; i < GRID_ROWS && sound; i++) {
        sound = read_row(&source, error);
        if (!source.has_row) break;
        *tick = finer(*tick, source.row.price.units);
        *step = finer(*step, source.row.quantity.units);
    }
    if (source.file) candle_file_close(source.file);
    return sound;
}

/* ---- symbols ------------------------------------------------------------------------------- */

static bool describe(const TradeMergePlan *plan, const char *path, Symbol *symbol, Error *error) {
    bool found = false;
    int64_t tick = DECIMAL_SCALE, step = DECIMAL_SCALE;
    if (plan->filters_path && !filters_file_find(plan->filters_path, symbol, &found, error))
        return false;
    if (found) return true;
    if (!symbol_split(&symbol->name, &symbol->base, &symbol->quote))
        return error_set(error, ERROR_DATA, "the symbol ends in no known quote asset",
                         symbol->name.text, "describe it in config/filters.json");
    if (!scan_grids(path, &tick, &step, error)) return false;
    symbol->filters = (Filters){.tick = price_of(tick),
                                .price_min = price_of(tick),
                                .step = quantity_of(step),
                                .quantity_min = quantity_of(step),
                                /* the venue's smallest for its main quotes */
                                .notional_min = money_of(5 * (__int128)DECIMAL_SCALE)};
    return true;
}

static bool add(TradeMerge *merge, const TradeMergePlan *plan, const char *path, Error *error) {
    TradeSource *source = &merge->sources[merge->source_count];
    Symbol symbol = {.name = {{0}}};
    if (!candle_file_symbol(path, &symbol.name))
        return error_set(error, ERROR_DATA, "the name does not begin with a symbol", path,
                         "as in BTCUSDC-aggTrades-2026-01-01.zip");
    int index = symbol_table_find(&merge->symbols, &symbol.name);
    if (index < 0) {
        if (!describe(plan, path, &symbol, error)) return false;
        index = symbol_table_put(&merge->symbols, &symbol);
    }
    if (index < 0) return error_set(error, ERROR_LIMIT, "too many symbols", path, NULL);
    source->file = candle_file_open_lines(path, error);
    if (!source->file) return false;
    merge->source_count++;
    source->path = path;
    source->symbol = (unsigned)index;
    return read_row(source, error);
}

/* ---- the stream ---------------------------------------------------------------------------- */

TradeMerge *trade_merge_open(const TradeMergePlan *plan, Error *error) {
    TradeMerge *merge = calloc(1, sizeof *merge);
    if (merge) merge->sources = calloc(plan->path_count, sizeof *merge->sources);
    if (!merge || !merge->sources) {
        error_set(error, ERROR_LIMIT, "out of memory", NULL, NULL);
        trade_merge_close(merge);
        return NULL;
    }
    for (unsigned i = 0; i < plan->path_count; i++) {
        if (add(merge, plan, plan->paths[i], error)) continue;
        trade_merge_close(merge);
        return NULL;
    }
    return merge;
}

unsigned trade_merge_symbol_count(const TradeMerge *merge) {
    return merge->symbols.count;
}

const Symbol *trade_merge_symbol(const TradeMerge *merge, unsigned index) {
    return &merge->symbols.symbols[index];
}

bool trade_merge_next(TradeMerge *merge, TradeRow *row, unsigned *symbol, bool *ended,
                      Error *error) {
    TradeSource *first = NULL;
    for (unsigned i = 0; i < merge->source_count; i++) {
        TradeSource *at = &merge->sources[i];
        if (at->has_row && (!first || at->row.time_us < first->row.time_us)) first = at;
    }
    *ended = !first;
    if (!first) return true;
    *row = first->row;
    *symbol = first->symbol;
    if (!read_row(first, error)) return false;
    /* The venue's files rise; one that does not would play the past again. */
    return !first->has_row || first->row.time_us >= row->time_us ||
           error_set(error, ERROR_DATA, "the trades are out of order", first->path,
                     "sort the file by time");
}

void trade_merge_close(TradeMerge *merge) {
    if (!merge) return;
    for (unsigned i = 0; i < merge->source_count; i++)
        candle_file_close(merge->sources[i].file);
    free(merge->sources);
    free(merge);
}
