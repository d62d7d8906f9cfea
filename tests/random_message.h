/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of any shape with every field random but within its bounds, for tests of what must come
 * back as it went in. The caller owns the message, which comes zeroed.
 */
#ifndef TESTS_RANDOM_MESSAGE_H
#define TESTS_RANDOM_MESSAGE_H

#include "unit.h"

#include "core/base/random.h"
#include "core/bus/shape.h"

static inline void fill(const MessageShape *shape, uint8_t *message, Random *random);

static inline void fill_text(char *at, size_t capacity, Random *random, bool maybe_empty) {
    static const char *const words[] = {"a", "'",      "\"", "\\",   "é", "\n",
                                        "0", "RSI 61", "€",  "x;--", " "};
    Text text = text_in(at, capacity);
    unsigned count = random_below(random, maybe_empty ? 5 : 4) + (maybe_empty ? 0 : 1);
    for (unsigned i = 0; i < count; i++) {
        const char *word = words[random_below(random, sizeof words / sizeof words[0])];
        if (strlen(word) + text.length < capacity) text_put(&text, word);
    }
    text_end(&text);
}

static inline double fill_number(const Field *field, Random *random) {
    double place =
        random_below(random, 8) == 0 ? (double)random_below(random, 2) : random_uniform(random);
    double value = field->lowest + (field->highest - field->lowest) * place;
    return value > field->highest ? field->highest : value;
}

static inline void fill_elements(const Field *field, uint8_t *message, Random *random) {
    uint32_t count = random_below(random, field->capacity + 1);
    memcpy(message + field->count_offset, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *at = message + field->offset;
        NamedNumber *number = (NamedNumber *)(void *)at + i;
        if (field->type == FIELD_LIST) {
            fill(&message_shapes[field->part], at + (size_t)i * message_shapes[field->part].size,
                 random);
        } else if (field->type == FIELD_TEXTS) {
            fill_text((char *)at + (size_t)i * field->length, field->length, random, true);
        } else {
            snprintf(number->name, sizeof number->name, "n%u", i);
            number->value = random_normal(random);
        }
    }
}

static inline void fill_field(const Field *field, uint8_t *message, Random *random) {
    uint8_t *at = message + field->offset;
    double number = fill_number(field, random);
    int64_t whole = (int64_t)(random_u64(random) >> 2 >> random_below(random, 40));
    if ((field->type == FIELD_MAYBE_PRICE || field->type == FIELD_MAYBE_TIME) &&
        random_below(random, 3) == 0)
        whole = 0;
    /* JSON holds times in milliseconds: inside a part the rest would not come back. */
    if (field->type == FIELD_TIME || field->type == FIELD_MAYBE_TIME)
        whole = whole % 4000000000000LL * 1000;
    unsigned choice = field->choices ? random_below(random, field->choices->count) : 0;
    Money money = {(__int128)whole * (random_below(random, 2) ? 1 : -1000003)};
    switch (field->type) {
    case FIELD_MAYBE:
        if (random_below(random, 3) == 0) number = (double)NAN;
        /* fall through */
    case FIELD_REAL:
        memcpy(at, &number, sizeof number);
        break;
    case FIELD_INT:
        whole = (int64_t)number;
        memcpy(at, &whole, sizeof whole);
        break;
    case FIELD_FLAG:
        *(bool *)at = random_below(random, 2);
        break;
    case FIELD_MONEY:
        memcpy(at, &money, sizeof money);
        break;
    case FIELD_CHOICE:
        memcpy(at, &choice, sizeof choice);
        break;
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        fill_text((char *)at, field->capacity, random, field->type == FIELD_MAYBE_TEXT);
        break;
    case FIELD_PART:
    case FIELD_MAYBE_PART:
        fill(&message_shapes[field->part], at, random);
        break;
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_MAP:
        fill_elements(field, message, random);
        break;
    default:
        memcpy(at, &whole, sizeof whole);
    }
}

static inline void fill(const MessageShape *shape, uint8_t *message, Random *random) {
    for (unsigned i = 0; i < shape->field_count; i++)
        fill_field(&shape->fields[i], message, random);
}

#endif
