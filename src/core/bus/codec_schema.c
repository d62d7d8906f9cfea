/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Schemas (draft 2020-12) of messages, from the same tables as the codecs (codec.h). */
#include <math.h>

#include "core/bus/codec.h"

static void write_type(JsonWriter *writer, const char *type, bool nullable) {
    json_key(writer, "type");
    if (!nullable) {
        json_string(writer, type);
        return;
    }
    json_array_begin(writer);
    json_string(writer, type);
    json_string(writer, "null");
    json_array_end(writer);
}

static void write_bounds(const Field *field, JsonWriter *writer) {
    json_key(writer, "minimum");
    json_double(writer, field->lowest);
    json_key(writer, "maximum");
    json_double(writer, field->highest);
}

static void write_choices(const ChoiceShape *choices, JsonWriter *writer) {
    json_key(writer, "enum");
    json_array_begin(writer);
    for (unsigned i = 0; i < choices->count; i++)
        json_string(writer, choices->texts[i]);
    json_array_end(writer);
}

static void write_items(const Field *field, JsonWriter *writer) {
    write_type(writer, "array", false);
    json_key(writer, "maxItems");
    json_int(writer, field->capacity);
    json_key(writer, "items");
    if (field->type == FIELD_LIST) {
        codec_write_schema(&message_shapes[field->part], writer);
        return;
    }
    json_object_begin(writer);
    write_type(writer, "string", false);
    json_object_end(writer);
}

static void write_part(const Field *field, JsonWriter *writer) {
    if (field->type == FIELD_PART) {
        codec_write_schema(&message_shapes[field->part], writer);
        return;
    }
    json_object_begin(writer);
    json_key(writer, "anyOf");
    json_array_begin(writer);
    codec_write_schema(&message_shapes[field->part], writer);
    json_object_begin(writer);
    write_type(writer, "null", false);
    json_object_end(writer);
    json_array_end(writer);
    json_object_end(writer);
}

static void write_property(const Field *field, JsonWriter *writer) {
    if (field->type == FIELD_PART || field->type == FIELD_MAYBE_PART) {
        write_part(field, writer);
        return;
    }
    json_object_begin(writer);
    switch (field->type) {
    case FIELD_INT:
        write_type(writer, "integer", false);
        write_bounds(field, writer);
        break;
    case FIELD_REAL:
    case FIELD_MAYBE:
        write_type(writer, "number", field->type == FIELD_MAYBE);
        write_bounds(field, writer);
        break;
    case FIELD_FLAG:
        write_type(writer, "boolean", false);
        break;
    case FIELD_CHOICE:
        write_choices(field->choices, writer);
        break;
    case FIELD_LIST:
    case FIELD_TEXTS:
        write_items(field, writer);
        break;
    case FIELD_MAP:
        write_type(writer, "object", false);
        break;
    case FIELD_PRICE:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
    case FIELD_MAYBE_PRICE:
        write_type(writer, "number", field->type == FIELD_MAYBE_PRICE);
        break;
    case FIELD_TIME:
    case FIELD_MAYBE_TIME:
        write_type(writer, "string", field->type == FIELD_MAYBE_TIME);
        json_key(writer, "format");
        json_string(writer, "date-time");
        break;
    default:
        write_type(writer, "string", field->type == FIELD_MAYBE_TEXT);
    }
    json_key(writer, "description");
    json_string(writer, field->sentence);
    json_object_end(writer);
}

static bool is_written(const Field *field) {
    return !(field->type == FIELD_FLAG && slice_is(slice_of(field->name), "present"));
}

/* What codec_read_json insists on. */
static bool is_required(const MessageShape *shape, const Field *field) {
    bool nullable = field->type == FIELD_MAYBE || field->type == FIELD_MAYBE_TIME ||
                    field->type == FIELD_MAYBE_PRICE || field->type == FIELD_MAYBE_TEXT ||
                    field->type == FIELD_MAYBE_PART;
    return !nullable && !field_is_optional(shape, field);
}

static void write_key(const Field *field, JsonWriter *writer) {
    char memory[64];
    Text key = TEXT_IN(memory);
    text_slice(&key, field_json_name(field));
    json_key(writer, text_end(&key));
}

void codec_write_schema(const MessageShape *shape, JsonWriter *writer) {
    json_object_begin(writer);
    json_key(writer, "title");
    json_string(writer, shape->name);
    json_key(writer, "description");
    json_string(writer, shape->sentence);
    write_type(writer, "object", false);
    json_key(writer, "properties");
    json_object_begin(writer);
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (!is_written(&shape->fields[i])) continue;
        write_key(&shape->fields[i], writer);
        write_property(&shape->fields[i], writer);
    }
    json_object_end(writer);
    json_key(writer, "required");
    json_array_begin(writer);
    for (unsigned i = 0; i < shape->field_count; i++) {
        char memory[64];
        Text name = TEXT_IN(memory);
        if (!is_written(&shape->fields[i]) || !is_required(shape, &shape->fields[i])) continue;
        text_slice(&name, field_json_name(&shape->fields[i]));
        json_string(writer, text_end(&name));
    }
    json_array_end(writer);
    json_object_end(writer);
}

/* ---- what a language model may answer ------------------------------------------------------ */

static void write_answer_type(const Field *field, JsonWriter *writer) {
    switch (field->type) {
    case FIELD_REAL:
        write_type(writer, "number", false);
        break;
    case FIELD_INT:
        write_type(writer, "integer", false);
        break;
    case FIELD_FLAG:
        write_type(writer, "boolean", false);
        break;
    case FIELD_CHOICE:
        write_type(writer, "string", false);
        write_choices(field->choices, writer);
        break;
    case FIELD_TEXTS:
        write_type(writer, "array", false);
        json_key(writer, "items");
        json_object_begin(writer);
        write_type(writer, "string", false);
        json_object_end(writer);
        break;
    default:
        CHECK(field->type == FIELD_TEXT, "an answer has a field that a strict schema cannot hold");
        write_type(writer, "string", false);
    }
}

void codec_write_answer_schema(const MessageShape *shape, JsonWriter *writer) {
    json_object_begin(writer);
    write_type(writer, "object", false);
    json_key(writer, "additionalProperties");
    json_bool(writer, false);
    json_key(writer, "properties");
    json_object_begin(writer);
    for (unsigned i = 0; i < shape->field_count; i++) {
        json_key(writer, shape->fields[i].name);
        json_object_begin(writer);
        write_answer_type(&shape->fields[i], writer);
        json_key(writer, "description");
        json_string(writer, shape->fields[i].sentence);
        json_object_end(writer);
    }
    json_object_end(writer);
    json_key(writer, "required");
    json_array_begin(writer);
    for (unsigned i = 0; i < shape->field_count; i++)
        json_string(writer, shape->fields[i].name);
    json_array_end(writer);
    json_object_end(writer);
}
