/* SPDX-License-Identifier: Apache-2.0 */
#include "core/analyst/answer.h"

#include "core/base/plain_text.h"
#include "core/bus/codec.h"
#include "core/venues/openai.h"

static int field_index(const MessageShape *shape, Slice key) {
    for (unsigned i = 0; i < shape->field_count; i++)
        if (slice_is(key, shape->fields[i].name)) return (int)i;
    return -1;
}

/* Which of two equal fields was meant nobody can say. Escaped keys are no names of ours. */
static const char *field_told_twice(const MessageShape *shape, Slice object) {
    JsonReader reader = json_reader(object);
    uint64_t seen = 0;
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return NULL;
    while (json_next(&reader) == JSON_KEY) {
        int index = field_index(shape, reader.slice);
        if (index >= 0 && seen >> index & 1) return shape->fields[index].name;
        if (index >= 0) seen |= 1ULL << index;
        if (!json_skip(&reader)) return NULL;
    }
    return NULL;
}

static void make_plain(char *text, size_t capacity) {
    char memory[1024];
    CHECK(capacity <= sizeof memory, "a text of an answer is longer than expected");
    size_t length = plain_text_into(slice_of(text), memory, capacity);
    memcpy(text, memory, length);
    memset(text + length, 0, capacity - length);
}

static void make_texts_plain(const MessageShape *shape, uint8_t *answer) {
    for (unsigned i = 0; i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        char *at = (char *)answer + field->offset;
        if (field->type == FIELD_TEXT) make_plain(at, field->capacity);
        for (uint32_t k = 0; field->type == FIELD_TEXTS && k < field->capacity; k++)
            make_plain(at + (size_t)k * field->length, field->length);
    }
}

bool answer_read(MessageKind kind, Slice content, void *answer, Text *fault) {
    const MessageShape *shape = &message_shapes[kind];
    Slice object = openai_object_in(content);
    JsonReader reader = json_reader(object);
    Error error;
    const char *twice = field_told_twice(shape, object);
    if (object.length == 0 || !json_valid(object)) {
        text_put(fault, object.length ? "the JSON object is broken" : "there is no JSON object");
        return false;
    }
    if (twice) {
        text_format(fault, "%s: the field stands there twice", twice);
        return false;
    }
    if (!codec_read_json(shape, &reader, answer, &error)) {
        text_format(fault, "%s: %s", error.where, error.message);
        return false;
    }
    make_texts_plain(shape, answer);
    return true;
}
