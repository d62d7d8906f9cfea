/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/market_files.h"

#include <stdlib.h>
#include <string.h>

#include "shell/store/candle_merge.h"

/* The files of one symbol. */
typedef struct Group {
    SymbolName symbol;
    CandleSource *sources;
    unsigned count;
    uint64_t rows;
    int64_t spacing_us;
} Group;

typedef struct Groups {
    Group groups[LIMIT_SYMBOLS];
    unsigned count;
} Groups;

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "candle files", "close other programs");
}

/* ---- which file belongs to whom -------------------------------------------------------------- */

static bool is_wanted(const MarketWish *wish, const SymbolName *symbol) {
    for (unsigned i = 0; i < wish->symbol_count; i++)
        if (strcmp(wish->symbols[i], symbol->text) == 0) return true;
    return wish->symbol_count == 0;
}

static bool name_of(const MarketWish *wish, const char *path, SymbolName *symbol, Error *error) {
    if (candle_file_symbol(path, symbol)) return true;
    if (wish->symbol_count == 1 && symbol_name_set(symbol, slice_of(wish->symbols[0]))) return true;
    return error_set(error, ERROR_USAGE, "the name of the file does not begin with a symbol", path,
                     "give one with --symbols");
}

static Group *group_of(Groups *groups, const SymbolName *symbol) {
    for (unsigned i = 0; i < groups->count; i++)
        if (symbol_name_equal(&groups->groups[i].symbol, symbol)) return &groups->groups[i];
    if (groups->count == LIMIT_SYMBOLS) return NULL;
    Group *group = &groups->groups[groups->count++];
    *group = (Group){.symbol = *symbol};
    return group;
}

static bool add_file(Groups *groups, const MarketWish *wish, const char *path, Error *error) {
    SymbolName symbol;
    if (!name_of(wish, path, &symbol, error)) return false;
    if (!is_wanted(wish, &symbol)) return true;
    Group *group = group_of(groups, &symbol);
    if (!group) return error_set(error, ERROR_USAGE, "more than 32 symbols", path, NULL);
    CandleSource *grown = realloc(group->sources, (group->count + 1) * sizeof group->sources[0]);
    if (!grown) return no_memory(error);
    group->sources = grown;
    CandleSource *source = &grown[group->count];
    if (!candle_scan_read(path, &source->scan, error)) return false;
    source->path = strdup(path);
    if (!source->path) return no_memory(error);
    group->count++;
    group->rows += source->scan.rows;
    int64_t spacing_us = source->scan.spacing_us;
    if (group->spacing_us && spacing_us && spacing_us != group->spacing_us)
        return error_set(error, ERROR_USAGE, "the files of a symbol have different intervals", path,
                         NULL);
    if (spacing_us) group->spacing_us = spacing_us;
    return true;
}

static int compare_sources(const void *a, const void *b) {
    const CandleSource *left = a, *right = b;
    if (left->scan.first_us != right->scan.first_us)
        return left->scan.first_us < right->scan.first_us ? -1 : 1;
    return strcmp(left->path, right->path);
}

static void free_groups(Groups *groups) {
    for (unsigned i = 0; i < groups->count; i++) {
        for (unsigned k = 0; k < groups->groups[i].count; k++)
            free(groups->groups[i].sources[k].path);
        free(groups->groups[i].sources);
    }
}

/* ---- rows into columns ----------------------------------------------------------------------- */

#define COLUMN_BYTES 8 /* every column but that of the trades */
#define COLUMNS      8

typedef struct Columns {
    int64_t *time_us, *open, *high, *low, *close;
    double *volume, *quote_volume, *taker;
    uint32_t *trades;
} Columns;

static Columns columns_in(void *memory, uint64_t rows) {
    int64_t *whole = memory;
    double *real = (double *)memory + 5 * rows;
    return (Columns){.time_us = whole,
                     .open = whole + rows,
                     .high = whole + 2 * rows,
                     .low = whole + 3 * rows,
                     .close = whole + 4 * rows,
                     .volume = real,
                     .quote_volume = real + rows,
                     .taker = real + 2 * rows,
                     .trades = (uint32_t *)(void *)(real + 3 * rows)};
}

static void put(Columns *columns, size_t row, const Bar *bar) {
    columns->time_us[row] = bar->time_us;
    columns->open[row] = bar->open.units;
    columns->high[row] = bar->high.units;
    columns->low[row] = bar->low.units;
    columns->close[row] = bar->close.units;
    columns->volume[row] = bar->volume;
    columns->quote_volume[row] = bar->quote_volume;
    columns->taker[row] = bar->taker_volume;
    columns->trades[row] = bar->trades;
}

static bool read_rows(MarketFiles *files, CandleMerge *merge, CandleSeries *series,
                      Columns *columns, Error *error) {
    Bar bar;
    Error refusal;
    for (;;) {
        CandleAnswer answer = candle_merge_next(merge, &bar, &refusal);
        if (answer == CANDLE_ENDED) return true;
        if (answer == CANDLE_FAILED) {
            if (error) *error = refusal;
            return false;
        }
        if (answer == CANDLE_REFUSED || bar_fault(&bar, series->length_us))
            files->refused++;
        else
            put(columns, series->count++, &bar);
    }
}

static bool read_group(MarketFiles *files, Group *group, const MarketWish *wish, Error *error) {
    if (group->spacing_us == 0) group->spacing_us = wish->length_us;
    if (group->spacing_us == 0 || (wish->length_us && wish->length_us != group->spacing_us))
        return error_set(error, ERROR_USAGE, "the files are of another interval",
                         group->symbol.text, "import them, or leave --intervals away");
    CandleSeries *series = &files->series[files->count];
    void *memory = malloc(group->rows * (COLUMNS * COLUMN_BYTES + sizeof(uint32_t)));
    if (!memory) return no_memory(error);
    files->columns[files->count++] = memory;
    Columns columns = columns_in(memory, group->rows);
    *series = (CandleSeries){.symbol = group->symbol,
                             .length_us = group->spacing_us,
                             .time_us = columns.time_us,
                             .open = columns.open,
                             .high = columns.high,
                             .low = columns.low,
                             .close = columns.close,
                             .volume = columns.volume,
                             .quote_volume = columns.quote_volume,
                             .taker = columns.taker,
                             .trades = columns.trades};
    qsort(group->sources, group->count, sizeof group->sources[0], compare_sources);
    CandleMerge *merge = candle_merge_open(group->sources, group->count, error);
    bool sound = merge && read_rows(files, merge, series, &columns, error);
    candle_merge_close(merge);
    return sound && (series->count > 0 ||
                     error_set(error, ERROR_DATA, "no sound candles", group->symbol.text, NULL));
}

bool market_files_read(MarketFiles *files, const MarketWish *wish, Error *error) {
    Groups groups = {.count = 0};
    bool sound = true;
    *files = (MarketFiles){.count = 0};
    for (unsigned i = 0; sound && i < wish->file_count; i++)
        sound = add_file(&groups, wish, wish->files[i], error);
    for (unsigned i = 0; sound && i < groups.count; i++)
        sound = read_group(files, &groups.groups[i], wish, error);
    if (sound && files->count == 0)
        sound =
            error_set(error, ERROR_USAGE, "none of the files is of these symbols", "symbols", NULL);
    free_groups(&groups);
    if (!sound) market_files_free(files);
    return sound;
}

void market_files_free(MarketFiles *files) {
    for (unsigned i = 0; i < files->count; i++)
        free(files->columns[i]);
    *files = (MarketFiles){.count = 0};
}
