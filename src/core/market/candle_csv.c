/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/candle_csv.h"

#include <math.h>
#include <string.h>

#include "core/base/number_text.h"

static const char *const column_names[CANDLE_COLUMN_COUNT] = {
    [CANDLE_TIME] = "time",
    [CANDLE_OPEN] = "open",
    [CANDLE_HIGH] = "high",
    [CANDLE_LOW] = "low",
    [CANDLE_CLOSE] = "close",
    [CANDLE_VOLUME] = "volume",
    [CANDLE_QUOTE_VOLUME] = "quote_volume",
    [CANDLE_TRADES] = "trades",
    [CANDLE_TAKER_VOLUME] = "taker_volume",
};

/* Names in headers of common exporters (the venue's dumps, ccxt, freqtrade, Yahoo,
 * CryptoDataDownload), in small letters without blanks, underscores and dashes. Earlier names of
 * the time win: a file may have several. */
static const struct {
    const char *name;
    CandleColumn column;
} known_names[] = {
    {"opentime", CANDLE_TIME},
    {"timestamp", CANDLE_TIME},
    {"time", CANDLE_TIME},
    {"unix", CANDLE_TIME},
    {"ts", CANDLE_TIME},
    {"datetime", CANDLE_TIME},
    {"date", CANDLE_TIME},
    {"open", CANDLE_OPEN},
    {"openprice", CANDLE_OPEN},
    {"high", CANDLE_HIGH},
    {"highprice", CANDLE_HIGH},
    {"low", CANDLE_LOW},
    {"lowprice", CANDLE_LOW},
    {"close", CANDLE_CLOSE},
    {"closeprice", CANDLE_CLOSE},
    {"volume", CANDLE_VOLUME},
    {"basevolume", CANDLE_VOLUME},
    {"vol", CANDLE_VOLUME},
    {"quotevolume", CANDLE_QUOTE_VOLUME},
    {"quoteassetvolume", CANDLE_QUOTE_VOLUME},
    {"trades", CANDLE_TRADES},
    {"count", CANDLE_TRADES},
    {"tradecount", CANDLE_TRADES},
    {"tradescount", CANDLE_TRADES},
    {"numberoftrades", CANDLE_TRADES},
    {"numtrades", CANDLE_TRADES},
    {"takerbuybase", CANDLE_TAKER_VOLUME},
    {"takerbuyvolume", CANDLE_TAKER_VOLUME},
    {"takerbuybasevolume", CANDLE_TAKER_VOLUME},
    {"takerbuybaseassetvolume", CANDLE_TAKER_VOLUME},
    {"takervolume", CANDLE_TAKER_VOLUME},
};
#define KNOWN_NAMES (sizeof known_names / sizeof known_names[0])

typedef struct Fields {
    Slice field[CANDLE_CSV_COLUMNS_MAX];
    unsigned count;
} Fields;

const char *candle_column_name(CandleColumn column) {
    CHECK((unsigned)column < CANDLE_COLUMN_COUNT, "candle column in range");
    return column_names[column];
}

bool candle_csv_blank(Slice line) {
    return slice_trim(line).length == 0;
}

static Slice strip(Slice field) {
    field = slice_trim(field);
    if (field.length >= 2 && field.at[0] == '"' && field.at[field.length - 1] == '"')
        field = slice_trim((Slice){field.at + 1, field.length - 2});
    return field;
}

/* False when there are more fields than the limit. A comma inside of quotes does not separate. */
static bool split(Slice line, Fields *fields) {
    const char *end = line.at + line.length, *start = line.at;
    bool quoted = false;
    fields->count = 0;
    for (const char *at = line.at; at <= end; at++) {
        if (at < end && *at == '"') quoted = !quoted;
        if (at < end && (*at != ',' || quoted)) continue;
        if (fields->count == CANDLE_CSV_COLUMNS_MAX) return false;
        fields->field[fields->count++] = strip((Slice){start, (size_t)(at - start)});
        start = at + 1;
    }
    return true;
}

/* Index into known_names, or -1. */
static int known_name(Slice field) {
    char plain[32];
    size_t length = 0;
    for (size_t i = 0; i < field.length; i++) {
        char c = field.at[i];
        if (c == ' ' || c == '_' || c == '-') continue;
        if (length == sizeof plain - 1) return -1;
        plain[length++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    for (unsigned i = 0; i < KNOWN_NAMES; i++)
        if (slice_is((Slice){plain, length}, known_names[i].name)) return (int)i;
    return -1;
}

/* Spreadsheets put a byte order mark (EF BB BF) before the first name. */
static Slice without_mark(Slice line) {
    if (slice_starts(line, "\xEF\xBB\xBF")) return (Slice){line.at + 3, line.length - 3};
    return line;
}

bool candle_csv_is_header(Slice line) {
    Fields fields;
    if (!split(without_mark(line), &fields)) return false;
    for (unsigned i = 0; i < fields.count; i++)
        if (known_name(fields.field[i]) >= 0) return true;
    return false;
}

static bool refuse_line(uint64_t line_number, Error *error, const char *message, const char *hint) {
    char place[64];
    Text where = TEXT_IN(place);
    text_format(&where, "line %D", (int64_t)line_number);
    return error_set(error, ERROR_DATA, message, text_end(&where), hint);
}

static bool refuse_count(uint64_t line_number, unsigned found, unsigned expected, Error *error) {
    char memory[120];
    Text message = TEXT_IN(memory);
    text_format(&message, "the row has %d columns where %d are expected", (int)found,
                (int)expected);
    return refuse_line(line_number, error, text_end(&message),
                       "every row must have the columns of the first line");
}

static bool too_wide(uint64_t line_number, Error *error) {
    return refuse_line(line_number, error, "the line has more than 64 columns",
                       "is this a candle file with commas between the columns?");
}

static void map_dump(CandleColumns *columns) {
    static const uint8_t places[CANDLE_COLUMN_COUNT] = {
        [CANDLE_TIME] = 0,         [CANDLE_OPEN] = 1,   [CANDLE_HIGH] = 2,
        [CANDLE_LOW] = 3,          [CANDLE_CLOSE] = 4,  [CANDLE_VOLUME] = 5,
        [CANDLE_QUOTE_VOLUME] = 7, [CANDLE_TRADES] = 8, [CANDLE_TAKER_VOLUME] = 9,
    };
    columns->count = 12;
    columns->present = CANDLE_BIT(CANDLE_COLUMN_COUNT) - 1;
    memcpy(columns->place, places, sizeof places);
}

static bool refuse_twice(uint64_t line_number, CandleColumn column, Error *error) {
    char memory[120];
    Text message = TEXT_IN(memory);
    text_format(&message, "two columns are named %s", column_names[column]);
    return refuse_line(line_number, error, text_end(&message), "leave one of them");
}

static bool map_header(const Fields *fields, uint64_t line_number, CandleColumns *columns,
                       Error *error) {
    int best_time = KNOWN_NAMES;
    *columns = (CandleColumns){.count = fields->count};
    for (unsigned i = 0; i < fields->count; i++) {
        int name = known_name(fields->field[i]);
        if (name < 0) continue;
        CandleColumn column = known_names[name].column;
        bool again = columns->present & CANDLE_BIT(column);
        if (column == CANDLE_TIME) {
            if (name >= best_time) continue;
            best_time = name;
        } else if (again) {
            return refuse_twice(line_number, column, error);
        }
        columns->present |= CANDLE_BIT(column);
        columns->place[column] = (uint8_t)i;
    }
    return true;
}

static bool refuse_missing(const CandleColumns *columns, unsigned needed, uint64_t line_number,
                           Error *error) {
    char memory[200];
    Text message = TEXT_IN(memory);
    text_put(&message, "the header names no column");
    const char *between = " ";
    for (unsigned i = 0; i < CANDLE_COLUMN_COUNT; i++) {
        if (!(needed & ~columns->present & CANDLE_BIT(i))) continue;
        text_format(&message, "%s%s", between, column_names[i]);
        between = ", ";
    }
    return refuse_line(line_number, error, text_end(&message),
                       "the first line names the columns: time, open, high, low, close, volume");
}

bool candle_csv_columns(Slice line, uint64_t line_number, unsigned needed, CandleColumns *columns,
                        Error *error) {
    Fields fields;
    line = without_mark(line);
    if (!split(line, &fields)) return too_wide(line_number, error);
    if (!candle_csv_is_header(line)) {
        if (fields.count != 12) return refuse_count(line_number, fields.count, 12, error);
        map_dump(columns);
        columns->needed = needed;
        return true;
    }
    if (!map_header(&fields, line_number, columns, error)) return false;
    columns->needed = needed;
    return !(needed & ~columns->present) || refuse_missing(columns, needed, line_number, error);
}

/* --- rows ------------------------------------------------------------------------------------ */

typedef struct Row {
    Fields fields;
    const CandleColumns *columns;
    uint64_t line_number;
    Error *error;
} Row;

static bool refuse_field(const Row *row, CandleColumn column, const char *message) {
    char place[96], memory[200];
    Text where = TEXT_IN(place), text = TEXT_IN(memory);
    unsigned index = row->columns->place[column];
    text_format(&where, "line %D, column %d (%s)", (int64_t)row->line_number, (int)index + 1,
                column_names[column]);
    Slice field = row->fields.field[index];
    if (field.length > 40) field.length = 40; /* enough to recognise it */
    text_format(&text, "%s: \"%S\"", message, field);
    return error_set(row->error, ERROR_DATA, text_end(&text), text_end(&where),
                     "correct the row or remove it");
}

static bool row_open(Row *row, Slice line) {
    if (!split(line, &row->fields)) return too_wide(row->line_number, row->error);
    if (row->fields.count != row->columns->count)
        return refuse_count(row->line_number, row->fields.count, row->columns->count, row->error);
    return true;
}

static bool has(const Row *row, CandleColumn column) {
    return row->columns->present & CANDLE_BIT(column);
}

static Slice field_of(const Row *row, CandleColumn column) {
    return row->fields.field[row->columns->place[column]];
}

static bool take_time(const Row *row, int64_t *time_us) {
    Slice field = field_of(row, CANDLE_TIME);
    int64_t stamp;
    double number;
    if (slice_int(field, &stamp)) {
        if (instant_from_stamp(stamp, time_us)) return true;
        return refuse_field(row, CANDLE_TIME, "the time stamp is outside of 2001 to 2200");
    }
    if (instant_parse(field, time_us)) return true;
    /* Some exporters write whole stamps as doubles: 1679004900000.0, 1.6790049e+12. */
    if (number_from_slice(field, &number) && fabs(number) < 9e18 && number == trunc(number) &&
        instant_from_stamp((int64_t)number, time_us))
        return true;
    return refuse_field(row, CANDLE_TIME, "not a time stamp or an ISO date");
}

static const char *price_reason(Slice field) {
    double number;
    if (field.length == 0) return "the price is missing";
    if (!number_from_slice(field, &number)) return "not a price";
    if (memchr(field.at, 'e', field.length) || memchr(field.at, 'E', field.length))
        return "a price must not have an exponent";
    if (fabs(number) >= 9.2e10) return "the price is out of range"; /* decimal.h: below 9.2e10 */
    return "a price has at most 8 decimals";
}

static bool take_price(const Row *row, CandleColumn column, Price *price) {
    Slice field = field_of(row, column);
    if (price_parse(field, price)) return true;
    return refuse_field(row, column, price_reason(field));
}

static bool take_number(const Row *row, CandleColumn column, double *number) {
    Slice field = field_of(row, column);
    if (number_from_slice(field, number)) return true;
    return refuse_field(row, column, field.length ? "not a number" : "the number is missing");
}

/* Absent and empty are the same: the source does not know. */
static bool take_optional(const Row *row, CandleColumn column, double unknown, double *number) {
    *number = unknown;
    if (!has(row, column) || field_of(row, column).length == 0) return true;
    return take_number(row, column, number);
}

static bool take_trades(const Row *row, uint32_t *trades) {
    double number;
    if (!take_optional(row, CANDLE_TRADES, 0, &number)) return false;
    if (number < 0 || number > (double)UINT32_MAX || number != trunc(number))
        return refuse_field(row, CANDLE_TRADES, "not a count of trades");
    *trades = (uint32_t)number;
    return true;
}

static bool take_volumes(const Row *row, Bar *bar) {
    if (!take_number(row, CANDLE_VOLUME, &bar->volume)) return false;
    if (!take_optional(row, CANDLE_QUOTE_VOLUME, bar_typical_quote(bar), &bar->quote_volume))
        return false;
    return take_optional(row, CANDLE_TAKER_VOLUME, 0, &bar->taker_volume) &&
           take_trades(row, &bar->trades);
}

bool candle_csv_bar(const CandleColumns *columns, Slice line, uint64_t line_number, Bar *bar,
                    Error *error) {
    Row row = {.columns = columns, .line_number = line_number, .error = error};
    CHECK(!(CANDLE_FULL & ~columns->present), "a bar needs time, prices and volume");
    *bar = (Bar){.bars = 1};
    if (!row_open(&row, line)) return false;
    if (!take_time(&row, &bar->time_us)) return false;
    if (!take_price(&row, CANDLE_OPEN, &bar->open) || !take_price(&row, CANDLE_HIGH, &bar->high) ||
        !take_price(&row, CANDLE_LOW, &bar->low) || !take_price(&row, CANDLE_CLOSE, &bar->close))
        return false;
    if (!take_volumes(&row, bar)) return false;
    const char *fault = bar_fault(bar, 0);
    if (fault) return refuse_line(line_number, error, fault, "correct the row or remove it");
    return true;
}

bool candle_csv_row(const CandleColumns *columns, Slice line, uint64_t line_number,
                    CandleRow *candle, Error *error) {
    Row row = {.columns = columns, .line_number = line_number, .error = error};
    if (!row_open(&row, line)) return false;
    candle->time_us = 0;
    candle->number[CANDLE_TIME] = (double)NAN;
    if (has(&row, CANDLE_TIME) && !take_time(&row, &candle->time_us)) return false;
    for (unsigned i = CANDLE_OPEN; i < CANDLE_COLUMN_COUNT; i++) {
        CandleColumn column = (CandleColumn)i;
        candle->number[i] = (double)NAN;
        if (!(columns->needed & CANDLE_BIT(i))) {
            bool known =
                has(&row, column) && number_from_slice(field_of(&row, column), &candle->number[i]);
            if (!known) candle->number[i] = (double)NAN;
            continue;
        }
        bool sound = column >= CANDLE_QUOTE_VOLUME
                         ? take_optional(&row, column, (double)NAN, &candle->number[i])
                         : take_number(&row, column, &candle->number[i]);
        if (!sound) return false;
    }
    return true;
}

/* 1.2500e-03: four decimals written, two of them zeros at the end, three more by the exponent. */
static int decimals_of(Slice number) {
    int decimals = 0, exponent = 0, zeros = 0;
    bool point = false;
    for (size_t i = 0; i < number.length; i++) {
        char c = number.at[i];
        if (c == 'e' || c == 'E') {
            int64_t value = 0;
            size_t skip = i + 1 < number.length && number.at[i + 1] == '+' ? i + 2 : i + 1;
            if (slice_int((Slice){number.at + skip, number.length - skip}, &value) &&
                value > -400 && value < 400)
                exponent = (int)value;
            break;
        }
        point |= c == '.';
        decimals += point && c != '.';
        zeros = c == '0' ? zeros + 1 : c == '.' ? zeros : 0;
    }
    if (zeros > decimals) zeros = decimals;
    return decimals - zeros - exponent;
}

unsigned candle_csv_volume_decimals(const CandleColumns *columns, Slice line) {
    Fields fields;
    if (!(columns->present & CANDLE_BIT(CANDLE_VOLUME)) || !split(line, &fields) ||
        fields.count != columns->count)
        return 0;
    int decimals = decimals_of(fields.field[columns->place[CANDLE_VOLUME]]);
    return decimals < 0 ? 0 : decimals > 8 ? 8 : (unsigned)decimals;
}

unsigned candle_csv_known(const CandleColumns *columns, Slice line) {
    Fields fields;
    unsigned known = 0, optional = columns->present & ~CANDLE_FULL;
    if (!optional || !split(line, &fields) || fields.count != columns->count) return 0;
    for (unsigned i = CANDLE_QUOTE_VOLUME; i < CANDLE_COLUMN_COUNT; i++)
        if ((optional & CANDLE_BIT(i)) && fields.field[columns->place[i]].length > 0)
            known |= CANDLE_BIT(i);
    return known;
}
