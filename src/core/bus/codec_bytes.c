/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical bytes of messages (codec.h). */
#include <math.h>
#include <string.h>

#include "core/bus/codec.h"

#define NO_DATA_BITS 0x7ff8000000000000ULL /* the one NaN that is written */

typedef struct Bytes {
    uint8_t *at; /* reading casts the const away on entry and never writes */
    size_t used, capacity;
    bool fault;
} Bytes;

static void bytes_put(Bytes *bytes, const void *from, size_t count) {
    if (bytes->fault || bytes->capacity - bytes->used < count) {
        bytes->fault = true;
        return;
    }
    memcpy(bytes->at + bytes->used, from, count);
    bytes->used += count;
}

static void bytes_take(Bytes *bytes, void *to, size_t count) {
    if (bytes->fault || bytes->capacity - bytes->used < count) {
        bytes->fault = true;
        memset(to, 0, count);
        return;
    }
    memcpy(to, bytes->at + bytes->used, count);
    bytes->used += count;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the journal's byte order is this machine's");

static void put_double(Bytes *bytes, double value) {
    uint64_t bits = NO_DATA_BITS;
    if (!isnan(value)) memcpy(&bits, &value, sizeof bits);
    bytes_put(bytes, &bits, sizeof bits);
}

static void put_text(Bytes *bytes, const char *text, size_t capacity) {
    uint16_t length = (uint16_t)strnlen(text, capacity - 1);
    bytes_put(bytes, &length, sizeof length);
    bytes_put(bytes, text, length);
}

static void take_text(Bytes *bytes, char *text, size_t capacity) {
    uint16_t length = 0;
    bytes_take(bytes, &length, sizeof length);
    if (length >= capacity) bytes->fault = true;
    if (bytes->fault) return;
    bytes_take(bytes, text, length);
    if (memchr(text, 0, length)) bytes->fault = true;
}

static void put_message(Bytes *bytes, const MessageShape *shape, const uint8_t *message);
static void take_message(Bytes *bytes, const MessageShape *shape, uint8_t *message);

static uint32_t count_of(const Field *field, const uint8_t *message) {
    uint32_t count;
    memcpy(&count, message + field->count_offset, sizeof count);
    CHECK(count <= field->capacity, "a list holds more than its capacity");
    return count;
}

static void put_elements(Bytes *bytes, const Field *field, const uint8_t *message) {
    uint32_t count = count_of(field, message);
    const uint8_t *at = message + field->offset;
    bytes_put(bytes, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        if (field->type == FIELD_LIST) {
            const MessageShape *part = &message_shapes[field->part];
            put_message(bytes, part, at + (size_t)i * part->size);
        } else if (field->type == FIELD_TEXTS) {
            put_text(bytes, (const char *)at + (size_t)i * field->length, field->length);
        } else {
            const NamedNumber *number = (const NamedNumber *)(const void *)at + i;
            put_text(bytes, number->name, sizeof number->name);
            put_double(bytes, number->value);
        }
    }
}

static void take_elements(Bytes *bytes, const Field *field, uint8_t *message) {
    uint32_t count = 0;
    uint8_t *at = message + field->offset;
    bytes_take(bytes, &count, sizeof count);
    if (count > field->capacity) bytes->fault = true;
    if (bytes->fault) return;
    memcpy(message + field->count_offset, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        if (field->type == FIELD_LIST) {
            const MessageShape *part = &message_shapes[field->part];
            take_message(bytes, part, at + (size_t)i * part->size);
        } else if (field->type == FIELD_TEXTS) {
            take_text(bytes, (char *)at + (size_t)i * field->length, field->length);
        } else {
            NamedNumber *number = (NamedNumber *)(void *)at + i;
            take_text(bytes, number->name, sizeof number->name);
            bytes_take(bytes, &number->value, sizeof number->value);
        }
    }
}

/* Bytes in memory of the fields that are written as they stand. */
static size_t plain_size(FieldType type) {
    switch (type) {
    case FIELD_FLAG:
        return sizeof(bool);
    case FIELD_MONEY:
        return sizeof(Money);
    case FIELD_CHOICE:
        return sizeof(Decision);
    default:
        return sizeof(int64_t);
    }
}

static void put_field(Bytes *bytes, const Field *field, const uint8_t *message) {
    const uint8_t *at = message + field->offset;
    double number;
    switch (field->type) {
    case FIELD_REAL:
    case FIELD_MAYBE:
        memcpy(&number, at, sizeof number);
        put_double(bytes, number);
        break;
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        put_text(bytes, (const char *)at, field->capacity);
        break;
    case FIELD_PART:
    case FIELD_MAYBE_PART:
        put_message(bytes, &message_shapes[field->part], at);
        break;
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_MAP:
        put_elements(bytes, field, message);
        break;
    default:
        bytes_put(bytes, at, plain_size(field->type));
    }
}

static void take_field(Bytes *bytes, const Field *field, uint8_t *message) {
    uint8_t *at = message + field->offset;
    uint8_t flag;
    switch (field->type) {
    case FIELD_FLAG: /* a byte that is neither 0 nor 1 must not become a bool */
        bytes_take(bytes, &flag, sizeof flag);
        if (flag > 1) bytes->fault = true;
        *at = flag & 1;
        break;
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        take_text(bytes, (char *)at, field->capacity);
        break;
    case FIELD_PART:
    case FIELD_MAYBE_PART:
        take_message(bytes, &message_shapes[field->part], at);
        break;
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_MAP:
        take_elements(bytes, field, message);
        break;
    default:
        bytes_take(bytes, at, plain_size(field->type));
    }
}

static void put_message(Bytes *bytes, const MessageShape *shape, const uint8_t *message) {
    for (unsigned i = 0; i < shape->field_count; i++)
        put_field(bytes, &shape->fields[i], message);
}

static void take_message(Bytes *bytes, const MessageShape *shape, uint8_t *message) {
    for (unsigned i = 0; i < shape->field_count && !bytes->fault; i++)
        take_field(bytes, &shape->fields[i], message);
}

size_t codec_encode(const MessageShape *shape, const void *message, uint8_t *target,
                    size_t capacity) {
    Bytes bytes = {.at = target, .capacity = capacity};
    put_message(&bytes, shape, message);
    return bytes.fault ? 0 : bytes.used;
}

bool codec_decode(const MessageShape *shape, const uint8_t *from, size_t count, void *message,
                  Error *error) {
    Bytes bytes = {.at = (uint8_t *)(uintptr_t)from, .capacity = count};
    memset(message, 0, shape->size);
    take_message(&bytes, shape, message);
    if (bytes.fault || bytes.used != count)
        return error_set(error, ERROR_DATA, "canonical bytes do not fit the message", shape->name,
                         "the record is damaged or from another version");
    const char *fault = codec_fault(shape, message);
    if (fault) return error_set(error, ERROR_RANGE, "field out of its bounds", fault, shape->name);
    return true;
}
