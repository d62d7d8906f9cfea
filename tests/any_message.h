/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random and extreme messages of any shape, made from the tables of shape.h: what codecs, kernel
 * and services are tried with. Everything that comes out is within its bounds; a message belongs to
 * the caller.
 */
#ifndef TESTS_ANY_MESSAGE_H
#define TESTS_ANY_MESSAGE_H

#include "unit.h"

#include "core/base/random.h"
#include "core/bus/codec.h"

typedef enum AnyStyle { ANY_RANDOM, ANY_LOWEST, ANY_HIGHEST } AnyStyle;

static inline void any_message(const MessageShape *shape, AnyStyle style, Random *random,
                               void *message);

static inline int64_t any_whole(AnyStyle style, Random *random, int64_t lowest, int64_t highest) {
    if (style == ANY_LOWEST) return lowest;
    if (style == ANY_HIGHEST) return highest;
    uint32_t kind = random_below(random, 8);
    if (kind == 0) return lowest;
    if (kind == 1) return highest;
    uint64_t span = (uint64_t)highest - (uint64_t)lowest;
    unsigned shift = random_below(random, 60); /* all magnitudes */
    uint64_t drawn = random_u64(random) >> shift;
    return (int64_t)((uint64_t)lowest + (span == UINT64_MAX ? drawn : drawn % (span + 1)));
}

static inline double any_real(const Field *field, AnyStyle style, Random *random) {
    if (style == ANY_LOWEST) return field->lowest;
    if (style == ANY_HIGHEST) return field->highest;
    uint32_t kind = random_below(random, 10);
    if (kind == 0) return field->lowest;
    if (kind == 1) return field->highest;
    double value = field->lowest + random_uniform(random) * (field->highest - field->lowest);
    return value > field->highest ? field->highest : value;
}

/* Letters, quotes, controls and a letter of two bytes; every prefix that is cut is whole UTF-8. */
static inline void any_text(AnyStyle style, Random *random, char *target, size_t capacity) {
    static const char *const pieces[] = {"a",  "Z",    "7",        " ", "\"", "\\",
                                         "\n", "\x01", "\xc3\xa9", "/", "<",  "{"};
    size_t wanted = style == ANY_LOWEST    ? 0
                    : style == ANY_HIGHEST ? capacity - 1
                                           : random_below(random, (uint32_t)capacity);
    size_t used = 0;
    memset(target, 0, capacity);
    while (used < wanted) {
        const char *piece = pieces[random_below(random, sizeof pieces / sizeof pieces[0])];
        if (used + strlen(piece) > wanted) piece = "x";
        memcpy(target + used, piece, strlen(piece));
        used += strlen(piece);
    }
}

static inline void any_elements(const Field *field, AnyStyle style, Random *random,
                                uint8_t *message) {
    uint32_t count = (uint32_t)any_whole(style, random, 0, field->capacity);
    uint8_t *at = message + field->offset;
    memcpy(message + field->count_offset, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        NamedNumber *number = (NamedNumber *)(void *)at + i;
        if (field->type == FIELD_LIST) {
            const MessageShape *part = &message_shapes[field->part];
            any_message(part, style, random, at + (size_t)i * part->size);
        } else if (field->type == FIELD_TEXTS) {
            any_text(style, random, (char *)at + (size_t)i * field->length, field->length);
        } else {
            snprintf(number->name, sizeof number->name, "name_%u", i);
            number->value = random_normal(random);
        }
    }
}

static inline Money any_money(AnyStyle style, Random *random) {
    const __int128 most =
        (__int128)INT64_MAX * DECIMAL_SCALE; /* 9.2e18 whole coins: beyond all there is */
    if (style == ANY_LOWEST) return money_of(-most);
    if (style == ANY_HIGHEST) return money_of(most);
    __int128 value = (__int128)any_whole(ANY_RANDOM, random, INT64_MIN + 1, INT64_MAX);
    return money_of(value * (random_below(random, 3) ? 1 : DECIMAL_SCALE));
}

static inline void any_field(const Field *field, AnyStyle style, Random *random, uint8_t *message) {
    uint8_t *at = message + field->offset;
    int64_t whole = 0;
    double real = 0;
    unsigned choice = 0;
    Money money;
    switch (field->type) {
    case FIELD_INT:
        whole = any_whole(style, random, (int64_t)field->lowest, (int64_t)field->highest);
        memcpy(at, &whole, sizeof whole);
        break;
    case FIELD_REAL:
    case FIELD_MAYBE:
        real = any_real(field, style, random);
        if (field->type == FIELD_MAYBE && style == ANY_RANDOM && random_below(random, 4) == 0)
            real = (double)NAN;
        memcpy(at, &real, sizeof real);
        break;
    case FIELD_FLAG:
        *at = (uint8_t)(style == ANY_RANDOM ? random_below(random, 2) : style == ANY_HIGHEST);
        break;
    case FIELD_TIME:
    case FIELD_MAYBE_TIME:
        whole = any_whole(style, random, 0, INSTANT_LAST_US);
        if (field->type == FIELD_MAYBE_TIME)
            whole -= whole % 1000; /* JSON has milliseconds, and 0 is null */
        memcpy(at, &whole, sizeof whole);
        break;
    case FIELD_PRICE:
    case FIELD_MAYBE_PRICE:
    case FIELD_QUANTITY:
        whole = any_whole(style, random, 0, INT64_MAX);
        memcpy(at, &whole, sizeof whole);
        break;
    case FIELD_MONEY:
        money = any_money(style, random);
        memcpy(at, &money, sizeof money);
        break;
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        any_text(style, random, (char *)at, field->capacity);
        break;
    case FIELD_CHOICE:
        choice = (unsigned)any_whole(style, random, 0, field->choices->count - 1);
        memcpy(at, &choice, sizeof choice);
        break;
    case FIELD_PART:
    case FIELD_MAYBE_PART:
        any_message(&message_shapes[field->part], style, random, at);
        break;
    default:
        any_elements(field, style, random, message);
    }
}

static inline void any_message(const MessageShape *shape, AnyStyle style, Random *random,
                               void *message) {
    memset(message, 0, shape->size);
    for (unsigned i = 0; i < shape->field_count; i++)
        any_field(&shape->fields[i], style, random, message);
}

#endif
