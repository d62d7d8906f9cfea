/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A headline cut into words, and the words that the lexicon (headline_words.def, all of it ours)
 * knows, with what they do: move (up, down), are good or bad, are good or bad to grow, end what
 * they act on, negate, strengthen, weaken, or part sentences. Nothing is judged here. A plain value
 * over no memory but its own; the title may go.
 */
#ifndef CORE_TRADE_HEADLINE_WORDS_H
#define CORE_TRADE_HEADLINE_WORDS_H

#include "core/base/text.h"

#define HEADLINE_WORDS_MAX 40 /* a title of 199 bytes has no more that count */
#define HEADLINE_WORD_TEXT 20 /* longer words are in no lexicon */

typedef enum WordRole {
    WORD_PLAIN,
    WORD_BREAK, /* punctuation that parts clauses */
    WORD_UP,
    WORD_DOWN,
    WORD_GOOD,
    WORD_HOPE,
    WORD_BAD,
    WORD_FEAR,
    WORD_GROWS_WELL,
    WORD_GROWS_BADLY,
    WORD_END,
    WORD_FADE,
    WORD_NOT,
    WORD_HARD,
    WORD_SOFT,
    WORD_DESPITE,
    WORD_BECAUSE,
    WORD_BUT,
    WORD_MAYBE,
    WORD_ASKS
} WordRole;

typedef struct HeadlineWord {
    char text[HEADLINE_WORD_TEXT]; /* lower case, ASCII; empty for a break */
    WordRole role;
    double weight;
    unsigned length; /* words of a phrase whose first word this is; the others are plain */
} HeadlineWord;

typedef struct HeadlineWords {
    HeadlineWord at[HEADLINE_WORDS_MAX];
    unsigned count;
    bool question; /* ends with a question mark */
} HeadlineWords;

/* Cuts a plain title (plain_text.h) and looks its words up. */
void headline_words_of(Slice title, HeadlineWords *words);

#endif
