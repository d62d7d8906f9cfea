/* SPDX-License-Identifier: Apache-2.0 */
/* The closed lists of words (choices.def) as C enumerations: the first member is 0, TYPE_COUNT ends
 * each. Constant. */
#ifndef CORE_MARKET_CHOICES_H
#define CORE_MARKET_CHOICES_H

#define CHOICES(Type, sentence)      typedef enum Type {
#define CHOICE_ROW(Type, name, text) name,
#define CHOICES_END(Type)                                                                          \
    Type##_COUNT                                                                                   \
    }                                                                                              \
    Type;
#include "core/market/choices.def"
#undef CHOICES
#undef CHOICE_ROW
#undef CHOICES_END

#endif
