/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shapes of messages as tables: what messages.def, choices.def and topic.def say, readable at
 * run time. Codecs, the database, the documentation and the tests walk these tables; none of them
 * knows a message by name. Constant.
 */
#ifndef CORE_BUS_SHAPE_H
#define CORE_BUS_SHAPE_H

#include "core/bus/message.h"

typedef enum FieldType {
    FIELD_INT,
    FIELD_REAL,
    FIELD_MAYBE,
    FIELD_FLAG,
    FIELD_TIME,
    FIELD_MAYBE_TIME,
    FIELD_PRICE,
    FIELD_MAYBE_PRICE,
    FIELD_QUANTITY,
    FIELD_MONEY,
    FIELD_TEXT,
    FIELD_MAYBE_TEXT,
    FIELD_CHOICE,
    FIELD_PART,
    FIELD_MAYBE_PART,
    FIELD_LIST,
    FIELD_TEXTS,
    FIELD_MAP
} FieldType;

typedef struct ChoiceShape {
    const char *name, *sentence;
    const char *const *texts;
    unsigned count;
} ChoiceShape;

typedef struct Field {
    const char *name; /* as in JSON */
    const char *unit, *sentence;
    double lowest, highest;
    const ChoiceShape *choices;
    FieldType type;
    MessageKind part;
    uint32_t offset, count_offset;
    uint32_t capacity; /* TEXT: bytes; LIST, TEXTS, MAP: elements */
    uint32_t length;   /* TEXTS: bytes of each */
} Field;

typedef struct MessageShape {
    const char *name, *sentence;
    const Field *fields;
    unsigned field_count;
    uint32_t size;
} MessageShape;

typedef enum JournalMode { JOURNAL_NONE, JOURNAL_FULL, JOURNAL_DIGEST } JournalMode;
typedef enum StoreMode { STORE_NONE, STORE_EACH, STORE_LATEST, STORE_RECENT } StoreMode;

typedef struct TopicShape {
    const char *name, *sentence;
    MessageKind kind;
    JournalMode journal;
    StoreMode store;
} TopicShape;

extern const MessageShape message_shapes[MESSAGE_KIND_COUNT];
extern const TopicShape topic_shapes[TOPIC_COUNT];

/* A document without the field is whole: it is not part of the mission's structure. */
bool field_is_optional(const MessageShape *shape, const Field *field);
/* The word of a choice field's value, NULL if out of range. */
const char *choice_text(const ChoiceShape *choices, unsigned value);
/* Value of a word, or -1. */
int choice_value(const ChoiceShape *choices, Slice text);
/* Words of the closed lists, for code that knows its type: decision_text(DECISION_BUY) is "BUY". */
#define CHOICES(Type, sentence) const char *Type##_text(Type value);
#define CHOICE_ROW(Type, name, text)
#define CHOICES_END(Type)
#include "core/market/choices.def"
#undef CHOICES
#undef CHOICE_ROW
#undef CHOICES_END

/* Topic of a name, or -1. */
int topic_find(Slice name);
const MessageShape *topic_message(Topic topic);

#endif
