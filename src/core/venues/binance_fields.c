/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_fields.h"

#include "core/base/number_text.h"
#include "core/market/symbol.h"
#include "core/venues/binance_stream.h"
#include "core/venues/binance_word.h"

bool binance_fail(Error *error, const JsonReader *reader, const char *noun, const char *reason) {
    char message[200], where[40];
    Text text = TEXT_IN(message), place = TEXT_IN(where);
    text_format(&text, "%s: %s", noun, reason);
    text_format(&place, "byte %D", (int64_t)json_position(reader));
    return error_set(error, ERROR_DATA, text_end(&text), text_end(&place), NULL);
}

static bool fail_key(Error *error, const JsonReader *reader, const FieldTable *table,
                     const char *problem, const char *key) {
    char reason[120];
    Text text = TEXT_IN(reason);
    text_format(&text, "%s \"%s\"", problem, key);
    return binance_fail(error, reader, table->noun, text_end(&text));
}

bool binance_take_volume(JsonReader *reader, double *value) {
    JsonToken token = json_next(reader);
    if (token != JSON_STRING && token != JSON_NUMBER) return false;
    return !(token == JSON_STRING && reader->escaped) && number_from_slice(reader->slice, value);
}

bool binance_take_stamp(JsonReader *reader, int64_t *time_us) {
    int64_t value;
    return json_take_int(reader, &value) && binance_stamp(value, time_us);
}

static bool take_money(JsonReader *reader, Money *value) {
    JsonToken token = json_next(reader);
    return (token == JSON_STRING || token == JSON_NUMBER) && money_parse(reader->slice, value);
}

static bool take_count(JsonReader *reader, uint32_t *value) {
    int64_t number;
    if (!json_take_int(reader, &number) || number < 0 || number > UINT32_MAX) return false;
    *value = (uint32_t)number;
    return true;
}

static bool take_symbol(JsonReader *reader, SymbolName *name) {
    char plain[LIMIT_SYMBOL_TEXT];
    if (json_next(reader) != JSON_STRING) return false;
    if (!reader->escaped) return symbol_name_set(name, reader->slice);
    return json_unescape(reader, plain, sizeof plain) && symbol_name_set(name, slice_of(plain));
}

/* Names of assets and ids go on as bytes of fixed arrays: what is behind their end is zero. */
static bool take_short(JsonReader *reader, char *target, size_t capacity, bool may_be_null) {
    JsonToken token = json_next(reader);
    memset(target, 0, capacity);
    if (token == JSON_NULL) return may_be_null;
    return token == JSON_STRING && json_unescape(reader, target, capacity);
}

static bool take_value(JsonReader *reader, JsonReader *kept) {
    *kept = *reader;
    return json_skip(reader);
}

static bool field_take(JsonReader *reader, FieldType type, void *target) {
    switch (type) {
    case FIELD_STAMP:
        return binance_take_stamp(reader, target);
    case FIELD_INT:
        return json_take_int(reader, target);
    case FIELD_COUNT:
        return take_count(reader, target);
    case FIELD_PRICE:
        return json_take_price(reader, target);
    case FIELD_QUANTITY:
        return json_take_quantity(reader, target);
    case FIELD_MONEY:
        return take_money(reader, target);
    case FIELD_VOLUME:
        return binance_take_volume(reader, target);
    case FIELD_BOOL:
        return json_take_bool(reader, target);
    case FIELD_SYMBOL:
        return take_symbol(reader, target);
    case FIELD_ASSET:
        return take_short(reader, target, sizeof(AssetName), true);
    case FIELD_CLIENT:
        return take_short(reader, target, sizeof(ClientId), false);
    case FIELD_SLICE:
        return json_take_string(reader, target);
    case FIELD_VALUE:
        return take_value(reader, target);
    }
    return false;
}

/* Index of the row of the key just read, or the count of rows. */
static unsigned field_find(const JsonReader *reader, const FieldTable *table) {
    Slice key = reader->slice;
    if (reader->escaped || key.length == 0) return table->count;
    unsigned index = 0;
    while (index < table->count &&
           (table->fields[index].key[0] != key.at[0] || !slice_is(key, table->fields[index].key)))
        index++;
    return index;
}

static bool member_read(JsonReader *reader, const FieldTable *table, void *target, uint32_t *seen,
                        Error *error) {
    unsigned index = field_find(reader, table);
    if (index == table->count) {
        return json_skip(reader) || binance_fail(error, reader, table->noun, "malformed JSON");
    }
    const Field *field = &table->fields[index];
    if (*seen >> index & 1) return fail_key(error, reader, table, "key comes twice:", field->key);
    *seen |= 1u << index;
    return field_take(reader, field->type, (char *)target + field->at) ||
           fail_key(error, reader, table, "bad value of", field->key);
}

static bool all_required(const JsonReader *reader, const FieldTable *table, uint32_t seen,
                         Error *error) {
    for (unsigned i = 0; i < table->count; i++)
        if (table->fields[i].required && !(seen >> i & 1))
            return fail_key(error, reader, table, "missing", table->fields[i].key);
    return true;
}

bool binance_fields_read(JsonReader *reader, const FieldTable *table, void *target, uint32_t *seen,
                         Error *error) {
    uint32_t found = 0;
    CHECK(table->count <= FIELDS_MAX, "rows of a field table");
    for (;;) {
        JsonToken token = json_next(reader);
        if (token == JSON_OBJECT_END) break;
        if (token != JSON_KEY) return binance_fail(error, reader, table->noun, "malformed JSON");
        if (!member_read(reader, table, target, &found, error)) return false;
    }
    if (seen) *seen = found;
    return all_required(reader, table, found, error);
}

bool binance_fields_inside(JsonReader value, const FieldTable *table, void *target, Error *error) {
    if (json_next(&value) != JSON_OBJECT_BEGIN) {
        return binance_fail(error, &value, table->noun, "not an object");
    }
    return binance_fields_read(&value, table, target, NULL, error);
}

static bool at_end(JsonReader *reader, const char *noun, Error *error) {
    return json_next(reader) == JSON_END ||
           binance_fail(error, reader, noun, "something follows the answer");
}

bool binance_fields_whole(Slice body, const FieldTable *table, void *target, uint32_t *seen,
                          Error *error) {
    JsonReader reader = json_reader(body);
    if (json_next(&reader) != JSON_OBJECT_BEGIN) {
        return binance_fail(error, &reader, table->noun, "not an object");
    }
    return binance_fields_read(&reader, table, target, seen, error) &&
           at_end(&reader, table->noun, error);
}

bool binance_fields_each(JsonReader *array, const char *noun, BinanceTake *take, void *target,
                         Error *error) {
    JsonToken token = json_next(array);
    if (token != JSON_ARRAY_BEGIN) return binance_fail(error, array, noun, "not an array");
    while ((token = json_next(array)) == JSON_OBJECT_BEGIN)
        if (!take(array, target, error)) return false;
    return token == JSON_ARRAY_END || binance_fail(error, array, noun, "not an array of objects");
}

bool binance_fields_list(Slice body, const char *noun, BinanceTake *take, void *target,
                         Error *error) {
    JsonReader reader = json_reader(body);
    return binance_fields_each(&reader, noun, take, target, error) && at_end(&reader, noun, error);
}
