/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/candle_json.h"

#include "core/base/json.h"

#define PRICES_FIRST 1 /* open, high, low, close: the second to the fifth value */
#define PRICES_LAST  4
/* Beyond this no price could be meant (decimal.h: 11 digits before the point, 8 behind). */
#define EXPONENT_MAX 30

static bool refuse(Error *error, const char *message) {
    return error_set(error, ERROR_DATA, message, "",
                     "a candle is [time, open, high, low, close, volume]");
}

/* Where the exponent begins, or NULL. */
static const char *find_exponent(Slice number) {
    for (size_t i = 0; i < number.length; i++)
        if (number.at[i] == 'e' || number.at[i] == 'E') return number.at + i;
    return NULL;
}

/* The digits of 1.25e-05 with the point where it belongs: 0.0000125. What cannot be a price is
 * copied as it is, and refused by whoever reads the line. */
static void put_plain(Text *line, Slice number) {
    int64_t exponent = 0;
    const char *mark = find_exponent(number);
    if (!mark) {
        text_slice(line, number);
        return;
    }
    Slice digits = {number.at, (size_t)(mark - number.at)};
    const char *power = mark + 1 + (mark[1] == '+');
    bool known = slice_int((Slice){power, (size_t)(number.at + number.length - power)}, &exponent);
    if (!known || exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX || digits.length > 30) {
        text_slice(line, number);
        return;
    }
    size_t start = digits.at[0] == '-', point = start;
    while (point < digits.length && digits.at[point] != '.')
        point++;
    if (start) text_char(line, '-');
    int64_t whole = (int64_t)(point - start) + exponent; /* digits before the new point */
    if (whole <= 0) text_put(line, "0.");
    for (int64_t zeros = whole; zeros < 0; zeros++)
        text_char(line, '0');
    int64_t written = 0;
    for (size_t i = start; i < digits.length; i++) {
        if (digits.at[i] == '.') continue;
        if (written++ == whole && whole > 0) text_char(line, '.');
        text_char(line, digits.at[i]);
    }
    for (; written < whole; written++)
        text_char(line, '0');
}

static bool put_value(Text *line, unsigned index, JsonToken token, const JsonReader *reader,
                      Error *error) {
    bool price = index >= PRICES_FIRST && index <= PRICES_LAST;
    if (index > 0) text_char(line, ',');
    if (token == JSON_NULL) return true;
    if (token != JSON_NUMBER && token != JSON_STRING)
        return refuse(error, "a value of the candle is neither a number nor a string");
    for (size_t i = 0; i < reader->slice.length; i++)
        if (reader->slice.at[i] == ',' || reader->slice.at[i] == '\\')
            return refuse(error, "a text stands where a number should");
    if (price)
        put_plain(line, reader->slice);
    else
        text_slice(line, reader->slice);
    return true;
}

bool candle_json_line(Slice row, Text *line, Error *error) {
    JsonReader reader = json_reader(row);
    JsonToken token = json_next(&reader);
    unsigned count = 0;
    if (token != JSON_ARRAY_BEGIN) return refuse(error, "not an array of a candle's values");
    while ((token = json_next(&reader)) != JSON_ARRAY_END) {
        if (token == JSON_ERROR || token == JSON_END) return refuse(error, "malformed JSON");
        if (!put_value(line, count++, token, &reader, error)) return false;
    }
    if (json_next(&reader) != JSON_END) return refuse(error, "malformed JSON");
    if (count == 0) return refuse(error, "an empty array is no candle");
    text_end(line);
    return !line->overflow || refuse(error, "the candle's values are too long");
}
