/* SPDX-License-Identifier: Apache-2.0 */
/* messages.def with its fields left out: the includer defines ROWS_MESSAGES(Type, NAME, sentence).
 * No guard. */
#define MESSAGE(Type, NAME, sentence) ROWS_MESSAGES(Type, NAME, sentence)
#define END(Type)
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
#define OPTIONAL(...)
#include "core/bus/messages.def"
#include "core/bus/rows_end.h"
#undef ROWS_MESSAGES
