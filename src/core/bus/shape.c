/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the tables of shape.h from the three .def files. */
#include "core/bus/shape.h"

#include <stddef.h>

#define CHOICES(Type, sentence)      static const char *const texts_##Type[] = {
#define CHOICE_ROW(Type, name, text) [name] = text,
#define CHOICES_END(Type)                                                                          \
    }                                                                                              \
    ;
#include "core/market/choices.def"
#undef CHOICES
#undef CHOICE_ROW
#undef CHOICES_END

#define CHOICES(Type, about)                                                                       \
    static const ChoiceShape choices_##Type = {                                                    \
        .name = #Type, .sentence = (about), .texts = texts_##Type, .count = Type##_COUNT};
#define CHOICE_ROW(Type, name, text)
#define CHOICES_END(Type)
#include "core/market/choices.def"
#undef CHOICES
#undef CHOICES_END

#define CHOICES(Type, about)                                                                       \
    const char *Type##_text(Type value) {                                                          \
        const char *text = choice_text(&choices_##Type, (unsigned)value);                          \
        return text ? text : "?";                                                                  \
    }
#define CHOICES_END(Type)
#include "core/market/choices.def"
#undef CHOICES
#undef CHOICE_ROW
#undef CHOICES_END

#define ROW(kind, Owner, field, ...)                                                               \
    {.type = (kind), .name = #field, .offset = (uint32_t)offsetof(Owner, field), __VA_ARGS__},
#define NUMBER(kind, Owner, field, low, high, about_unit, about)                                   \
    ROW(kind, Owner, field, .lowest = (low), .highest = (high), .unit = (about_unit),              \
        .sentence = (about))
#define INT(...)                         NUMBER(FIELD_INT, __VA_ARGS__)
#define REAL(...)                        NUMBER(FIELD_REAL, __VA_ARGS__)
#define MAYBE(...)                       NUMBER(FIELD_MAYBE, __VA_ARGS__)
#define FLAG(Owner, field, about)        ROW(FIELD_FLAG, Owner, field, .sentence = (about))
#define TIME(Owner, field, about)        ROW(FIELD_TIME, Owner, field, .sentence = (about))
#define MAYBE_TIME(Owner, field, about)  ROW(FIELD_MAYBE_TIME, Owner, field, .sentence = (about))
#define PRICE(Owner, field, about)       ROW(FIELD_PRICE, Owner, field, .sentence = (about))
#define MAYBE_PRICE(Owner, field, about) ROW(FIELD_MAYBE_PRICE, Owner, field, .sentence = (about))
#define QUANTITY(Owner, field, about)    ROW(FIELD_QUANTITY, Owner, field, .sentence = (about))
#define MONEY(Owner, field, about)       ROW(FIELD_MONEY, Owner, field, .sentence = (about))
#define TEXT(Owner, field, size, about)                                                            \
    ROW(FIELD_TEXT, Owner, field, .capacity = (size), .sentence = (about))
#define MAYBE_TEXT(Owner, field, size, about)                                                      \
    ROW(FIELD_MAYBE_TEXT, Owner, field, .capacity = (size), .sentence = (about))
#define CHOICE(Owner, Choices, field, about)                                                       \
    ROW(FIELD_CHOICE, Owner, field, .choices = &choices_##Choices, .sentence = (about))
#define PART(Owner, Type, NAME, field, about)                                                      \
    ROW(FIELD_PART, Owner, field, .part = MESSAGE_##NAME, .sentence = (about))
#define MAYBE_PART(Owner, Type, NAME, field, about)                                                \
    ROW(FIELD_MAYBE_PART, Owner, field, .part = MESSAGE_##NAME, .sentence = (about))
#define COUNTED(kind, Owner, field, ...)                                                           \
    ROW(kind, Owner, field, .count_offset = (uint32_t)offsetof(Owner, field##_count), __VA_ARGS__)
#define LIST(Owner, Type, NAME, field, elements, about)                                            \
    COUNTED(FIELD_LIST, Owner, field, .part = MESSAGE_##NAME, .capacity = (elements),              \
            .sentence = (about))
#define TEXTS(Owner, field, elements, bytes, about)                                                \
    COUNTED(FIELD_TEXTS, Owner, field, .capacity = (elements), .length = (bytes),                  \
            .sentence = (about))
#define MAP(Owner, field, elements, about)                                                         \
    COUNTED(FIELD_MAP, Owner, field, .capacity = (elements), .sentence = (about))
#define MESSAGE(Type, NAME, sentence) static const Field fields_##Type[] = {
#define END(Type)                                                                                  \
    }                                                                                              \
    ;
#define OPTIONAL(Owner, field)
#include "core/bus/messages.def"
#include "core/bus/rows_end.h"

/* The same rows again: only which fields a document may lack. */
static const struct OptionalRow {
    const Field *fields; /* of the message */
    uint32_t offset;
} optional_rows[] = {
#define MESSAGE(...)
#define END(...)
#define INT(...)
#define REAL(...)
#define MAYBE(...)
#define FLAG(...)
#define TIME(...)
#define MAYBE_TIME(...)
#define PRICE(...)
#define MAYBE_PRICE(...)
#define QUANTITY(...)
#define MONEY(...)
#define TEXT(...)
#define MAYBE_TEXT(...)
#define CHOICE(...)
#define PART(...)
#define MAYBE_PART(...)
#define LIST(...)
#define TEXTS(...)
#define MAP(...)
#define OPTIONAL(Owner, field) {fields_##Owner, (uint32_t)offsetof(Owner, field)},
#include "core/bus/messages.def"
#include "core/bus/rows_end.h"
};

bool field_is_optional(const MessageShape *shape, const Field *field) {
    for (unsigned i = 0; i < sizeof optional_rows / sizeof optional_rows[0]; i++)
        if (optional_rows[i].fields == shape->fields && optional_rows[i].offset == field->offset)
            return true;
    return false;
}

const MessageShape message_shapes[MESSAGE_KIND_COUNT] = {
#define ROWS_MESSAGES(Type, NAME, about)                                                           \
    [MESSAGE_##NAME] = {.name = #Type,                                                             \
                        .sentence = (about),                                                       \
                        .fields = fields_##Type,                                                   \
                        .field_count = sizeof fields_##Type / sizeof fields_##Type[0],             \
                        .size = sizeof(Type)},
#include "core/bus/rows_messages.h"
};

#define ROWS_MESSAGES(Type, NAME, about)                                                           \
    _Static_assert(sizeof(Type) <= LIMIT_PAYLOAD, "a message must fit LIMIT_PAYLOAD");
#include "core/bus/rows_messages.h"

const TopicShape topic_shapes[TOPIC_COUNT] = {
#define TOPIC(NAME, text, Type, MESSAGE, mode, keep, about)                                        \
    [TOPIC_##NAME] = {.name = (text),                                                              \
                      .sentence = (about),                                                         \
                      .kind = MESSAGE_##MESSAGE,                                                   \
                      .journal = JOURNAL_##mode,                                                   \
                      .store = STORE_##keep},
#include "core/bus/topic.def"
#undef TOPIC
};

const char *choice_text(const ChoiceShape *choices, unsigned value) {
    return value < choices->count ? choices->texts[value] : NULL;
}

int choice_value(const ChoiceShape *choices, Slice text) {
    for (unsigned i = 0; i < choices->count; i++)
        if (slice_is(text, choices->texts[i])) return (int)i;
    return -1;
}

int topic_find(Slice name) {
    for (int i = 0; i < TOPIC_COUNT; i++)
        if (slice_is(name, topic_shapes[i].name)) return i;
    return -1;
}

const MessageShape *topic_message(Topic topic) {
    return &message_shapes[topic_shapes[topic].kind];
}
