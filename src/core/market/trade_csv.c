/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/trade_csv.h"

#include "core/base/instant.h"

#define COLUMNS_MAX 8
#define TRADES      7 /* columns of each kind */
#define AGG_TRADES  8

static const char *const names[2][COLUMNS_MAX] = {
    {"id", "price", "qty", "quoteQty", "time", "isBuyerMaker", "isBestMatch"},
    {"aggId", "price", "qty", "firstId", "lastId", "time", "isBuyerMaker", "isBestMatch"}};

static unsigned split(Slice line, Slice fields[static COLUMNS_MAX + 1]) {
    unsigned count = 0;
    line = slice_trim(line);
    for (;;) {
        const char *comma = line.length ? memchr(line.at, ',', line.length) : NULL;
        size_t length = comma ? (size_t)(comma - line.at) : line.length;
        fields[count++] = slice_trim((Slice){line.at, length});
        if (!comma || count > COLUMNS_MAX) return count;
        line = (Slice){comma + 1, line.length - length - 1};
    }
}

bool trade_csv_is_header(Slice line) {
    line = slice_trim(line);
    return line.length > 0 && (line.at[0] < '0' || line.at[0] > '9');
}

static bool take_flag(Slice field, bool *flag) {
    *flag = slice_is(field, "True") || slice_is(field, "true") || slice_is(field, "TRUE");
    return *flag || slice_is(field, "False") || slice_is(field, "false") ||
           slice_is(field, "FALSE");
}

bool trade_csv_row(Slice line, uint64_t line_number, TradeRow *row, Error *error) {
    Slice fields[COLUMNS_MAX + 1];
    unsigned count = split(line, fields), bad = COLUMNS_MAX;
    int64_t stamp = 0;
    char memory[64];
    Text where = TEXT_IN(memory);
    if (count != TRADES && count != AGG_TRADES) {
        text_format(&where, "line %D", (int64_t)line_number);
        return error_set(error, ERROR_DATA, "not a row of trades", text_end(&where),
                         "7 columns of a trades file, or 8 of an aggTrades file");
    }
    unsigned time = count == TRADES ? 4 : 5;
    if (!slice_int(fields[0], &row->id) || row->id < 0)
        bad = 0;
    else if (!price_parse(fields[1], &row->price) || row->price.units <= 0)
        bad = 1;
    else if (!quantity_parse(fields[2], &row->quantity) || row->quantity.units <= 0)
        bad = 2;
    else if (!slice_int(fields[time], &stamp) || !instant_from_stamp(stamp, &row->time_us))
        bad = time;
    else if (!take_flag(fields[time + 1], &row->buyer_is_maker))
        bad = time + 1;
    if (bad == COLUMNS_MAX) return true;
    text_format(&where, "line %D, column %d (%s)", (int64_t)line_number, (int)bad + 1,
                names[count == AGG_TRADES][bad]);
    return error_set(error, ERROR_DATA, "not a value of this column", text_end(&where), NULL);
}
