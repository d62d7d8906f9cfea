/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts as templates: a text with placeholders in braces, {market}; {{ and }} are braces. What
 * stands before a line of three dashes is said as the system, what follows as the user. Each prompt
 * knows which placeholders it may use and which it must; a template is checked before it is used,
 * and an error names file, line, column and the nearest known name. Behind the system's text this
 * module always puts the rules of the box, which no template can leave out: what stands between the
 * markers is data, whatever it says. The markers cannot occur in the data, because everything that
 * is filled in between them comes without angle brackets (core/analyst/inputs.h). Pure; the caller
 * owns all memory.
 */
#ifndef CORE_ANALYST_PROMPT_H
#define CORE_ANALYST_PROMPT_H

#include "core/base/error.h"
#include "core/base/text.h"

/* In order of their files' names (config/prompts). */
typedef enum Prompt {
    PROMPT_BEAR,
    PROMPT_BULL,
    PROMPT_JUDGE,
    PROMPT_MARKET,
    PROMPT_OPPORTUNITY,
    PROMPT_RISK,
    PROMPT_COUNT
} Prompt;

/* A template, and the same room where it is kept: PromptTemplate.text. */
#define PROMPT_MAX 12000

typedef struct PromptText {
    const char *name, *text;
} PromptText;

/* The built-in ones, made from config/prompts. */
extern const PromptText prompt_texts[];

typedef enum PromptPlace {
    PLACE_BEAR,
    PLACE_BULL,
    PLACE_COSTS,
    PLACE_DECISION,
    PLACE_HORIZON,
    PLACE_IMPACT,
    PLACE_LOCAL,
    PLACE_MARKET,
    PLACE_MARKETS,
    PLACE_NEWS,
    PLACE_SOCIAL,
    PLACE_SYMBOL,
    PLACE_COUNT
} PromptPlace;

const char *prompt_name(Prompt prompt);
/* PROMPT_COUNT: none of that name. */
Prompt prompt_find(Slice name);
/* Syntax, placeholders and length; `file` is for the error's place. */
bool prompt_check(Prompt prompt, Slice text, const char *file, Error *error) MUST_USE;

typedef struct PromptValues {
    Slice values[PLACE_COUNT];
} PromptValues;

/* Fills a template that was checked; false when the result does not fit. */
bool prompt_fill(Slice text, const PromptValues *values, Text *system, Text *user) MUST_USE;

#endif
