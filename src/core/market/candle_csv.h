/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of a candle file, read without allocation. A CandleColumns says which column of the file
 * holds what: it comes from a header line, whose names may be those of any common exporter and
 * stand in any order, or, for a file without a header, from the 12 columns of the venue's own dumps
 * ("Kline/Candlestick data": open time, open, high, low, close, volume, close time, quote volume,
 * trades, taker base, taker quote, ignore). From one map both forms of a row are read: a Bar with
 * exact prices, for trading, and a CandleRow of doubles, for computing over whatever columns there
 * are. Stamps may be seconds, milli- or microseconds, or ISO dates (instant.h); a line may end in
 * CR; fields may stand in quotes. What does not fit is an Error with line and column, never a
 * guess. All are plain values; slices point into the line, which the caller owns.
 */
#ifndef CORE_MARKET_CANDLE_CSV_H
#define CORE_MARKET_CANDLE_CSV_H

#include "core/base/error.h"
#include "core/market/candle.h"

#define CANDLE_CSV_COLUMNS_MAX                                                                     \
    64 /* widest export seen has 31; a line with more is no candle file */

typedef enum CandleColumn {
    CANDLE_TIME,
    CANDLE_OPEN,
    CANDLE_HIGH,
    CANDLE_LOW,
    CANDLE_CLOSE,
    CANDLE_VOLUME,
    CANDLE_QUOTE_VOLUME,
    CANDLE_TRADES,
    CANDLE_TAKER_VOLUME,
    CANDLE_COLUMN_COUNT
} CandleColumn;

/* Sets of columns, one bit each. */
#define CANDLE_BIT(column) (1u << (column))
#define CANDLE_PRICES                                                                              \
    (CANDLE_BIT(CANDLE_OPEN) | CANDLE_BIT(CANDLE_HIGH) | CANDLE_BIT(CANDLE_LOW) |                  \
     CANDLE_BIT(CANDLE_CLOSE))
/* What a Bar needs. */
#define CANDLE_FULL (CANDLE_BIT(CANDLE_TIME) | CANDLE_PRICES | CANDLE_BIT(CANDLE_VOLUME))

typedef struct CandleColumns {
    unsigned count;                     /* columns of the file; every row must have as many */
    unsigned present;                   /* CANDLE_BIT of those that the file has */
    unsigned needed;                    /* those that were asked for: only they must hold values */
    uint8_t place[CANDLE_COLUMN_COUNT]; /* from 0; meaningless where absent */
} CandleColumns;

/* A row as doubles. Absent columns are NaN, `time_us` 0 where there is no time. */
typedef struct CandleRow {
    int64_t time_us;
    double number[CANDLE_COLUMN_COUNT]; /* by CandleColumn; [CANDLE_TIME] is unused */
} CandleRow;

/* Nothing but blanks. */
bool candle_csv_blank(Slice line);
/* At least one field names a known column. */
bool candle_csv_is_header(Slice line);
/* The map of a file by its first line that is not blank: a header, or (12 columns) a row.
 * ERROR_DATA when a column of `needed` is missing, when two columns mean the same, or when rows
 * without header do not have 12 columns. */
bool candle_csv_columns(Slice line, uint64_t line_number, unsigned needed, CandleColumns *columns,
                        Error *error) MUST_USE;
/* A row as an exact bar. The map holds CANDLE_FULL. Optional columns that are absent or empty:
 * quote volume is volume x (high + low + close) / 3, trades and taker volume 0. ERROR_DATA, `where`
 * "line 12, column 3 (high)", when a field does not parse, a price has an exponent or a ninth
 * decimal, the count of columns is another than the map's, or bar_fault finds a fault. `bars` is 1.
 */
bool candle_csv_bar(const CandleColumns *columns, Slice line, uint64_t line_number, Bar *bar,
                    Error *error) MUST_USE;
/* The same as doubles, without judging the values; a column that was not needed may be empty or
 * anything, and is NaN then. */
bool candle_csv_row(const CandleColumns *columns, Slice line, uint64_t line_number, CandleRow *row,
                    Error *error) MUST_USE;
/* Significant decimals of the volume field of a row that parsed (12.500 has 1, 2e-05 has 5), at
 * most 8; 0 where there is no volume column. */
unsigned candle_csv_volume_decimals(const CandleColumns *columns, Slice line);
/* CANDLE_BITs of the optional columns (quote volume, trades, taker volume) that hold something in a
 * row that parsed: what candle_csv_bar did not make up. */
unsigned candle_csv_known(const CandleColumns *columns, Slice line);
/* "open", "taker_volume", ... */
const char *candle_column_name(CandleColumn column);

#endif
