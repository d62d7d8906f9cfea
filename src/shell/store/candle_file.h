/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of candles as a stream of rows: CSV or JSON (candle_file_json.c), plain, gzip or zip
 * (packed_file.h). One
 * line at a time is held, in a buffer of fixed size, so that a file of any length costs the same
 * memory (about 300 KiB with zlib's window). A row that does not parse, and one that is a duplicate
 * or out of order, is answered with CANDLE_REFUSED and its reason, and reading goes on behind it.
 * The opener owns the CandleFile and closes it.
 */
#ifndef SHELL_STORE_CANDLE_FILE_H
#define SHELL_STORE_CANDLE_FILE_H

#include "core/base/error.h"
#include "core/market/candle_csv.h"
#include "core/market/symbol.h"

typedef enum CandleAnswer {
    CANDLE_BAR,     /* the bar or row is filled */
    CANDLE_REFUSED, /* one row was bad: the error says why; ask again for the next */
    CANDLE_ENDED,
    CANDLE_FAILED /* the file cannot be read on: the error says why */
} CandleAnswer;

typedef struct CandleFile CandleFile;

/* `needed`: the columns without which the file is of no use (CANDLE_FULL for candle_file_bar). NULL
 * with an Error: ERROR_DATA for a file that is missing, empty, of another format or without those
 * columns. */
CandleFile *candle_file_open(const char *path, unsigned needed, Error *error);
const CandleColumns *candle_file_columns(const CandleFile *file);
/* The next exact bar; times stand on whole minutes and rise strictly. */
CandleAnswer candle_file_bar(CandleFile *file, Bar *bar, Error *error);
/* The same in the order of the file, whatever it is. */
CandleAnswer candle_file_bar_unordered(CandleFile *file, Bar *bar, Error *error);
/* CANDLE_BITs of the optional columns that the bar read last came with (candle_csv_known). */
unsigned candle_file_known(const CandleFile *file);
/* The next row as doubles, in the order of the file. */
CandleAnswer candle_file_row(CandleFile *file, CandleRow *row, Error *error);
/* The same formats as lines of anything: opened without columns, the next line that is not blank.
 */
CandleFile *candle_file_open_lines(const char *path, Error *error);
CandleAnswer candle_file_text(CandleFile *file, Slice *line, Error *error);
/* The number of the line read last (in a JSON array: of the row), and its significant decimals of
 * volume. */
uint64_t candle_file_line(const CandleFile *file);
unsigned candle_file_volume_decimals(const CandleFile *file);
void candle_file_close(CandleFile *file);

/* The symbol that a file's name begins with: the leading [A-Z0-9]{5,20}, at least one of them a
 * letter, or such a name in two parts as in BTC_USDT-1m.json. */
bool candle_file_symbol(const char *path, SymbolName *name) MUST_USE;

#endif
