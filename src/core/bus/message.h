/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of the program as C structs, made from messages.def, and the topics on which they
 * travel, from topic.def. A Message on its way is a header and a payload: number, time, topic,
 * origin. Payloads are plain blocks without pointers, so that they can be copied, journaled and put
 * into a snapshot. A service may read a payload only while it handles the message; the kernel owns
 * the memory.
 */
#ifndef CORE_BUS_MESSAGE_H
#define CORE_BUS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/decimal.h"
#include "core/base/instant.h"
#include "core/base/limits.h"
#include "core/market/choices.h"

#define NUMBER_KEY_MAX 32
typedef struct NamedNumber {
    char name[NUMBER_KEY_MAX];
    double value;
} NamedNumber;

#define MESSAGE(Type, NAME, sentence)                                                              \
    typedef struct Type Type;                                                                      \
    struct Type {
#define END(Type)                                                                                  \
    }                                                                                              \
    ;
#define INT(Owner, field, low, high, unit, sentence)   int64_t field;
#define REAL(Owner, field, low, high, unit, sentence)  double field;
#define MAYBE(Owner, field, low, high, unit, sentence) double field;
#define FLAG(Owner, field, sentence)                   bool field;
#define TIME(Owner, field, sentence)                   int64_t field;
#define MAYBE_TIME(Owner, field, sentence)             int64_t field;
#define PRICE(Owner, field, sentence)                  Price field;
#define MAYBE_PRICE(Owner, field, sentence)            Price field;
#define QUANTITY(Owner, field, sentence)               Quantity field;
#define MONEY(Owner, field, sentence)                  Money field;
#define TEXT(Owner, field, capacity, sentence)         char field[capacity];
#define MAYBE_TEXT(Owner, field, capacity, sentence)   char field[capacity];
#define CHOICE(Owner, Choices, field, sentence)        Choices field;
#define PART(Owner, Type, NAME, field, sentence)       Type field;
#define MAYBE_PART(Owner, Type, NAME, field, sentence) Type field;
#define LIST(Owner, Type, NAME, field, capacity, sentence)                                         \
    uint32_t field##_count;                                                                        \
    Type field[capacity];
#define TEXTS(Owner, field, capacity, length, sentence)                                            \
    uint32_t field##_count;                                                                        \
    char field[capacity][length];
#define MAP(Owner, field, capacity, sentence)                                                      \
    uint32_t field##_count;                                                                        \
    NamedNumber field[capacity];
#define OPTIONAL(Owner, field)
#include "core/bus/messages.def"
#include "core/bus/rows_end.h"

typedef enum MessageKind {
#define ROWS_MESSAGES(Type, NAME, sentence) MESSAGE_##NAME,
#include "core/bus/rows_messages.h"
    MESSAGE_KIND_COUNT
} MessageKind;

typedef enum Topic {
#define TOPIC(NAME, text, Type, MESSAGE, journal, store, sentence) TOPIC_##NAME,
#include "core/bus/topic.def"
#undef TOPIC
    TOPIC_COUNT
} Topic;

_Static_assert(TOPIC_COUNT <= 64, "sets of topics are 64-bit masks");

#define ORIGIN_INPUT                                                                               \
    255 /* origin of what came from outside; services have their index in the table */

typedef struct Message {
    uint64_t sequence; /* 1, 2, 3 ... over the life of a state */
    int64_t time_us;
    uint32_t size; /* of the payload, bytes */
    uint8_t topic; /* Topic */
    uint8_t origin;
    const void *payload;
} Message;

#endif
