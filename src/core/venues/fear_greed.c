/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/fear_greed.h"

#include "core/base/instant.h"
#include "core/base/json.h"

const char *fear_greed_word(unsigned value) {
    if (value <= 24) return "Extreme Fear";
    if (value <= 44) return "Fear";
    if (value <= 55) return "Neutral";
    return value <= 75 ? "Greed" : "Extreme Greed";
}

static bool malformed(const JsonReader *reader, Error *error) {
    char place[48];
    Text where = TEXT_IN(place);
    text_format(&where, "byte %D", (int64_t)json_position(reader));
    return error_set(error, ERROR_DATA, "the Fear & Greed answer is malformed or of another shape",
                     text_end(&where), "try again later, or --no-social");
}

/* A whole number, bare or as text. */
static bool take_whole(JsonReader *reader, int64_t *value) {
    JsonToken token = json_next(reader);
    return (token == JSON_STRING || token == JSON_NUMBER) && slice_int(reader->slice, value);
}

/* One object, entered. */
static bool read_row(JsonReader *reader, FearGreed *row, bool *sound) {
    int64_t value = -1, stamp = -1;
    JsonToken token;
    while ((token = json_next(reader)) == JSON_KEY) {
        Slice key = reader->slice;
        bool good = slice_is(key, "value")       ? take_whole(reader, &value)
                    : slice_is(key, "timestamp") ? take_whole(reader, &stamp)
                                                 : json_skip(reader);
        if (!good) return false;
    }
    *sound = value >= 0 && value <= 100 && instant_from_stamp(stamp, &row->time_us);
    row->value = *sound ? (unsigned)value : 0;
    return token == JSON_OBJECT_END;
}

static bool read_rows(JsonReader *reader, FearGreed *rows, size_t capacity, size_t *count,
                      size_t *refused) {
    JsonToken token = json_next(reader);
    if (token != JSON_ARRAY_BEGIN) return false;
    while ((token = json_next(reader)) == JSON_OBJECT_BEGIN) {
        FearGreed row;
        bool sound;
        if (!read_row(reader, &row, &sound)) return false;
        if (sound && *count < capacity)
            rows[(*count)++] = row;
        else
            ++*refused;
    }
    return token == JSON_ARRAY_END;
}

bool fear_greed_read(Slice body, FearGreed *rows, size_t capacity, size_t *count, size_t *refused,
                     Error *error) {
    JsonReader reader = json_reader(body);
    JsonToken token = json_next(&reader);
    bool found = false;
    *count = *refused = 0;
    if (token != JSON_OBJECT_BEGIN) return malformed(&reader, error);
    while ((token = json_next(&reader)) == JSON_KEY) {
        bool rows_here = slice_is(reader.slice, "data");
        found |= rows_here;
        bool good =
            rows_here ? read_rows(&reader, rows, capacity, count, refused) : json_skip(&reader);
        if (!good) return malformed(&reader, error);
    }
    if (token != JSON_OBJECT_END || json_next(&reader) != JSON_END || !found)
        return malformed(&reader, error);
    return true;
}
