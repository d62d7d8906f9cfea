/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a language model is shown: numbers as compact JSON, and the words of strangers as quoted,
 * shortened, plain text between markers (prompt.h). Nothing else enters a prompt; the core holds no
 * secret, so none can. Masked, the model sees no name, date, price, count or headline: prices are
 * an index of 100, so that it cannot recall what came next. For a counterfactual one group of
 * inputs is made neutral and everything else stays. Pure; the caller owns all memory.
 */
#ifndef CORE_ANALYST_INPUTS_H
#define CORE_ANALYST_INPUTS_H

#include "core/analyst/prompt.h"
#include "core/bus/settings.h"
#include "core/trade/judgement.h"

/* What was seen of a symbol when a question was asked. */
typedef struct Sight {
    MarketUpdate market;
    bool has_social, has_impact;
    SocialSample social;
    SocialImpact impact;
    Judgement judgement;
} Sight;

JudgementInputs sight_inputs(const Sight *sight);

typedef enum InputGroup {
    INPUTS_ALL, /* nothing is made neutral */
    INPUTS_TECHNICAL,
    INPUTS_SOCIAL,
    INPUTS_NEWS,
    INPUTS_GROUPS
} InputGroup;

const char *input_group_name(InputGroup group);
/* A sight with one group neutral: indicators at their middle, no social data, no news. */
void sight_neutral(Sight *sight, InputGroup group);

/* Room for all that is filled in; the texts live in `memory`. */
#define INPUTS_MAX 12000

typedef struct InputTexts {
    Text text; /* over `memory` */
    PromptValues values;
    char memory[INPUTS_MAX];
} InputTexts;

void inputs_open(InputTexts *inputs);
/* Everything of one symbol. `now_us` tells ages. */
void inputs_of_symbol(InputTexts *inputs, const Sight *sight, bool mask, int64_t now_us);
void inputs_of_terms(InputTexts *inputs, const Settings *settings);
/* A stranger's words: another model's argument. */
void inputs_quote(InputTexts *inputs, PromptPlace place, const char *words);
void inputs_word(InputTexts *inputs, PromptPlace place, const char *word);
/* One row of the whole market after the other, between begin and end. */
void inputs_market_begin(InputTexts *inputs);
void inputs_market_row(InputTexts *inputs, const Sight *sight, unsigned index, bool mask);
void inputs_market_end(InputTexts *inputs);
/* The news of a sight alone; NULL: there are none. */
void inputs_of_news(InputTexts *inputs, const Sight *sight, bool mask, int64_t now_us);
/* False when something did not fit. */
bool inputs_whole(const InputTexts *inputs) MUST_USE;

#endif
