/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as JSON, both ways (codec.h). */
#include <math.h>
#include <string.h>

#include "core/bus/codec.h"

Slice field_json_name(const Field *field) {
    Slice name = slice_of(field->name);
    if (name.length > 0 && name.at[name.length - 1] == '_') name.length--;
    return name;
}

static int64_t int_at(const void *at) {
    int64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static double real_at(const void *at) {
    double value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t count_at(const Field *field, const uint8_t *message) {
    uint32_t count;
    memcpy(&count, message + field->count_offset, sizeof count);
    return count;
}

/* A part that may be null starts with the flag that says whether it is there. */
static bool part_present(const Field *field, const uint8_t *at) {
    return field->type == FIELD_PART || *(const bool *)at;
}

static void write_elements(const Field *field, const uint8_t *message, JsonWriter *writer) {
    const uint8_t *at = message + field->offset;
    uint32_t count = count_at(field, message);
    bool map = field->type == FIELD_MAP;
    if (map)
        json_object_begin(writer);
    else
        json_array_begin(writer);
    for (uint32_t i = 0; i < count; i++) {
        const MessageShape *part = &message_shapes[field->part];
        const NamedNumber *number = (const NamedNumber *)(const void *)at + i;
        if (map) {
            json_key(writer, number->name);
            json_double(writer, number->value);
        } else if (field->type == FIELD_TEXTS) {
            json_string(writer, (const char *)at + (size_t)i * field->length);
        } else {
            codec_write_json(part, at + (size_t)i * part->size, writer);
        }
    }
    if (map)
        json_object_end(writer);
    else
        json_array_end(writer);
}

static void write_number(const Field *field, const uint8_t *at, JsonWriter *writer) {
    switch (field->type) {
    case FIELD_INT:
        json_int(writer, int_at(at));
        break;
    case FIELD_TIME:
        json_time(writer, int_at(at));
        break;
    case FIELD_REAL:
    case FIELD_MAYBE:
        json_double(writer, real_at(at));
        break;
    case FIELD_QUANTITY:
        json_quantity(writer, quantity_of(int_at(at)));
        break;
    case FIELD_MONEY:
        json_money(writer, *(const Money *)(const void *)at);
        break;
    default:
        json_price(writer, price_of(int_at(at)));
    }
}

static bool is_null(const Field *field, const uint8_t *at) {
    switch (field->type) {
    case FIELD_MAYBE_TIME:
    case FIELD_MAYBE_PRICE:
        return int_at(at) == 0;
    case FIELD_MAYBE:
        return isnan(real_at(at));
    case FIELD_MAYBE_TEXT:
        return *(const char *)at == 0;
    case FIELD_MAYBE_PART:
        return !part_present(field, at);
    default:
        return false;
    }
}

static void write_field(const Field *field, const uint8_t *message, JsonWriter *writer) {
    const uint8_t *at = message + field->offset;
    if (is_null(field, at)) {
        json_null(writer);
        return;
    }
    unsigned choice;
    switch (field->type) {
    case FIELD_FLAG:
        json_bool(writer, *(const bool *)at);
        break;
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        json_string(writer, (const char *)at);
        break;
    case FIELD_CHOICE:
        memcpy(&choice, at, sizeof choice);
        json_string(writer, choice_text(field->choices, choice));
        break;
    case FIELD_PART:
    case FIELD_MAYBE_PART:
        codec_write_json(&message_shapes[field->part], at, writer);
        break;
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_MAP:
        write_elements(field, message, writer);
        break;
    case FIELD_MAYBE_TIME:
        json_time(writer, int_at(at));
        break;
    default:
        write_number(field, at, writer);
    }
}

/* The flag of a part that may be null is not a field of its JSON. */
static bool is_presence(const Field *field) {
    return field->type == FIELD_FLAG && strcmp(field->name, "present") == 0;
}

static void key_of(const Field *field, JsonWriter *writer) {
    char memory[64];
    Text key = TEXT_IN(memory);
    text_slice(&key, field_json_name(field));
    json_key(writer, text_end(&key));
}

void codec_write_json(const MessageShape *shape, const void *message, JsonWriter *writer) {
    json_object_begin(writer);
    for (unsigned i = 0; i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        if (is_presence(field)) continue;
        key_of(field, writer);
        write_field(field, message, writer);
    }
    json_object_end(writer);
}

/* ---- bounds -------------------------------------------------------------------------------- */

static bool text_sound(const uint8_t *at, uint32_t capacity) {
    return memchr(at, 0, capacity) != NULL;
}

static bool elements_sound(const Field *field, const uint8_t *message) {
    uint32_t count = count_at(field, message);
    if (count > field->capacity) return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *at = message + field->offset;
        const MessageShape *part = &message_shapes[field->part];
        if (field->type == FIELD_LIST && codec_fault(part, at + (size_t)i * part->size))
            return false;
        if (field->type == FIELD_TEXTS &&
            !text_sound(at + (size_t)i * field->length, field->length))
            return false;
        const NamedNumber *number = (const NamedNumber *)(const void *)at + i;
        if (field->type == FIELD_MAP &&
            (!isfinite(number->value) ||
             !text_sound((const uint8_t *)number->name, sizeof number->name)))
            return false;
    }
    return true;
}

static bool field_sound(const Field *field, const uint8_t *message) {
    const uint8_t *at = message + field->offset;
    unsigned choice;
    switch (field->type) {
    case FIELD_INT:
        return (double)int_at(at) >= field->lowest && (double)int_at(at) <= field->highest;
    case FIELD_MAYBE:
        if (isnan(real_at(at))) return true;
        /* fall through */
    case FIELD_REAL:
        return real_at(at) >= field->lowest && real_at(at) <= field->highest;
    case FIELD_TIME: /* what cannot be written as ISO 8601 is no time; sums with it would overflow
                      */
    case FIELD_MAYBE_TIME:
        return int_at(at) >= 0 && int_at(at) <= INSTANT_LAST_US;
    case FIELD_PRICE:
    case FIELD_MAYBE_PRICE:
    case FIELD_QUANTITY:
        return int_at(at) >= 0;
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        return text_sound(at, field->capacity);
    case FIELD_CHOICE:
        memcpy(&choice, at, sizeof choice);
        return choice_text(field->choices, choice) != NULL;
    case FIELD_PART:
    case FIELD_MAYBE_PART:
        return !part_present(field, at) || codec_fault(&message_shapes[field->part], at) == NULL;
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_MAP:
        return elements_sound(field, message);
    default:
        return true;
    }
}

const char *codec_fault(const MessageShape *shape, const void *message) {
    for (unsigned i = 0; i < shape->field_count; i++)
        if (!field_sound(&shape->fields[i], message)) return shape->fields[i].name;
    return NULL;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool read_object(const MessageShape *shape, JsonReader *reader, void *message, Error *error);

static bool read_element(const Field *field, JsonReader *reader, uint8_t *at, uint32_t index,
                         Error *error) {
    const MessageShape *part = &message_shapes[field->part];
    if (field->type == FIELD_LIST)
        return read_object(part, reader, at + (size_t)index * part->size, error);
    NamedNumber *number = (NamedNumber *)(void *)at + index;
    if (field->type == FIELD_MAP) return json_take_double(reader, &number->value);
    Slice raw;
    return json_take_string(reader, &raw) &&
           json_unescape(reader, (char *)at + (size_t)index * field->length, field->length);
}

/* Elements up to the end token of the array or object; a map's names are its keys. */
static bool read_elements(const Field *field, JsonReader *reader, uint8_t *message, Error *error) {
    bool map = field->type == FIELD_MAP;
    if (json_next(reader) != (map ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN)) return false;
    uint32_t count = 0;
    for (;;) {
        JsonReader before = *reader;
        JsonToken token = json_next(reader);
        if (token == JSON_ARRAY_END || token == JSON_OBJECT_END) break;
        if (token == JSON_ERROR || count == field->capacity) return false;
        NamedNumber *number = (NamedNumber *)(void *)(message + field->offset) + count;
        if (!map)
            *reader = before;
        else if (!json_unescape(reader, number->name, sizeof number->name))
            return false;
        if (!read_element(field, reader, message + field->offset, count, error)) return false;
        count++;
    }
    memcpy(message + field->count_offset, &count, sizeof count);
    return true;
}

static bool read_money(JsonReader *reader, Money *money) {
    JsonToken token = json_next(reader);
    return (token == JSON_NUMBER || token == JSON_STRING) && money_parse(reader->slice, money);
}

static bool read_time(JsonReader *reader, int64_t *time_us) {
    Slice raw;
    return json_take_string(reader, &raw) && instant_parse(raw, time_us);
}

static bool read_choice(const Field *field, JsonReader *reader, void *at) {
    Slice raw;
    if (!json_take_string(reader, &raw)) return false;
    int value = choice_value(field->choices, raw);
    unsigned choice = (unsigned)value;
    memcpy(at, &choice, sizeof choice);
    return value >= 0;
}

static bool read_value(const Field *field, JsonReader *reader, uint8_t *message, Error *error) {
    void *at = message + field->offset;
    Slice raw;
    switch (field->type) {
    case FIELD_INT:
        return json_take_int(reader, at);
    case FIELD_REAL:
    case FIELD_MAYBE:
        return json_take_double(reader, at);
    case FIELD_FLAG:
        return json_take_bool(reader, at);
    case FIELD_TIME:
    case FIELD_MAYBE_TIME:
        return read_time(reader, at);
    case FIELD_PRICE:
    case FIELD_MAYBE_PRICE:
        return json_take_price(reader, at);
    case FIELD_QUANTITY:
        return json_take_quantity(reader, at);
    case FIELD_MONEY:
        return read_money(reader, at);
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        return json_take_string(reader, &raw) && json_unescape(reader, at, field->capacity);
    case FIELD_CHOICE:
        return read_choice(field, reader, at);
    case FIELD_MAYBE_PART:
        *(bool *)at = true;
        return read_object(&message_shapes[field->part], reader, at, error);
    case FIELD_PART:
        return read_object(&message_shapes[field->part], reader, at, error);
    default:
        return read_elements(field, reader, message, error);
    }
}

static bool may_be_null(const Field *field) {
    return field->type == FIELD_MAYBE || field->type == FIELD_MAYBE_TIME ||
           field->type == FIELD_MAYBE_PRICE || field->type == FIELD_MAYBE_TEXT ||
           field->type == FIELD_MAYBE_PART;
}

static void clear_maybes(const MessageShape *shape, uint8_t *message) {
    const double no_data = (double)NAN;
    for (unsigned i = 0; i < shape->field_count; i++)
        if (shape->fields[i].type == FIELD_MAYBE)
            memcpy(message + shape->fields[i].offset, &no_data, sizeof no_data);
}

static const Field *field_of(const MessageShape *shape, Slice key, unsigned *index) {
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (is_presence(&shape->fields[i])) continue;
        if (!slice_equal(field_json_name(&shape->fields[i]), key)) continue;
        *index = i;
        return &shape->fields[i];
    }
    return NULL;
}

static bool read_field(const Field *field, JsonReader *reader, uint8_t *message, Error *error) {
    JsonReader before = *reader;
    if (may_be_null(field) && json_next(reader) == JSON_NULL) return true;
    if (may_be_null(field)) *reader = before;
    if (read_value(field, reader, message, error) && field_sound(field, message)) return true;
    if (error && error->code != ERROR_NONE) return false;
    return error_set(error, ERROR_DATA, "field has a wrong type or is out of bounds", field->name,
                     field->sentence);
}

static bool read_object(const MessageShape *shape, JsonReader *reader, void *message,
                        Error *error) {
    uint64_t seen = 0;
    _Static_assert(sizeof seen * 8 >= 64, "fields are counted in a 64-bit set");
    CHECK(shape->field_count <= 64, "a message has more than 64 fields");
    clear_maybes(shape, message);
    if (json_next(reader) != JSON_OBJECT_BEGIN)
        return error_set(error, ERROR_SYNTAX, "an object is wanted", shape->name, NULL);
    for (;;) {
        JsonToken token = json_next(reader);
        if (token == JSON_OBJECT_END) break;
        if (token != JSON_KEY)
            return error_set(error, ERROR_SYNTAX, "broken JSON", shape->name, NULL);
        unsigned index = 0;
        const Field *field = field_of(shape, reader->slice, &index);
        if (!field && !json_skip(reader))
            return error_set(error, ERROR_SYNTAX, "broken JSON", shape->name, NULL);
        if (!field) continue;
        if (!read_field(field, reader, message, error)) return false;
        seen |= 1ULL << index;
    }
    for (unsigned i = 0; i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        if (seen >> i & 1 || may_be_null(field) || is_presence(field) ||
            field_is_optional(shape, field))
            continue;
        return error_set(error, ERROR_DATA, "field is missing", field->name, shape->name);
    }
    return true;
}

bool codec_read_json(const MessageShape *shape, JsonReader *reader, void *message, Error *error) {
    Error inner = {.code = ERROR_NONE};
    memset(message, 0, shape->size);
    if (read_object(shape, reader, message, &inner)) return true;
    if (error) *error = inner;
    return false;
}
