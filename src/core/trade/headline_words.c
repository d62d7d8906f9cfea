/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/headline_words.h"

typedef struct LexiconRow {
    WordRole role;
    double weight;
    Slice entries;
} LexiconRow;

static const LexiconRow lexicon[] = {
#define HEADLINE_WORDS(role, weight, entries)                                                      \
    {WORD_##role, (weight), {(entries), sizeof(entries) - 1}},
#include "core/trade/headline_words.def"
#undef HEADLINE_WORDS
};

/* ---- cutting ------------------------------------------------------------------------------- */

static bool is_word_byte(char c) {
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '\'' ||
           c == '$' || c == '%' || (c & 0x80);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Bytes of the word at `at`. A point or comma between digits belongs to a number; a typographic
 * apostrophe is one; other characters beyond ASCII that are punctuation end it. */
static size_t word_length(const char *at, const char *end) {
    const char *from = at;
    for (; at < end; at++) {
        bool inside = at > from && at + 1 < end && is_digit(at[-1]) && is_digit(at[1]);
        if ((*at == '.' || *at == ',') && inside) continue;
        if (end - at > 2 && memcmp(at, "\xE2\x80", 2) == 0) {
            if (at[2] != '\x99') break;
            at += 2;
            continue;
        }
        if (!is_word_byte(*at)) break;
    }
    return (size_t)(at - from);
}

/* Lower case, with plain apostrophes, without a possessive. */
static void set_word(HeadlineWord *word, const char *at, size_t length) {
    size_t size = 0;
    for (size_t i = 0; i < length && size + 1 < sizeof word->text; i++) {
        bool apostrophe = length - i > 2 && memcmp(at + i, "\xE2\x80\x99", 3) == 0;
        char c = apostrophe ? '\'' : at[i];
        word->text[size++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
        i += apostrophe ? 2 : 0;
    }
    if (size > 2 && word->text[size - 2] == '\'' && word->text[size - 1] == 's') size -= 2;
    if (size > 1 && word->text[size - 1] == '\'') size--;
    word->text[size] = 0;
}

static bool breaks(const char *at, const char *end) {
    return strchr(",;:|", *at) || (end - at > 2 && memcmp(at, "\xE2\x80\x94", 3) == 0) ||
           (end - at > 2 && memcmp(at, "\xE2\x80\x93", 3) == 0) ||
           (*at == '-' && end - at > 1 && at[1] == ' ');
}

static void cut(Slice title, HeadlineWords *words) {
    const char *at = title.at, *end = at + title.length;
    while (at < end && words->count < HEADLINE_WORDS_MAX) {
        size_t length = word_length(at, end);
        HeadlineWord *word = &words->at[words->count];
        if (length) {
            set_word(word, at, length);
            words->count += word->text[0] != 0;
        } else if (breaks(at, end)) {
            word->role = WORD_BREAK;
            words->count++;
        }
        at += length ? length : 1;
    }
    words->question = title.length > 0 && memchr(title.at, '?', title.length);
}

/* ---- looking up ---------------------------------------------------------------------------- */

static bool ends_as(const char *rest, const char *const *endings) {
    for (; *endings; endings++)
        if (strcmp(rest, *endings) == 0) return true;
    return false;
}

/* Whether `word` is `entry` or an inflection of it. */
static bool is_form(const char *word, Slice entry) {
    static const char *const any[] = {"", "s", "es", "d", "ed", "ing", NULL};
    static const char *const vowel[] = {"ed", "ing", NULL}, *const ies[] = {"ies", "ied", NULL};
    size_t length = entry.length;
    char last = entry.at[length - 1];
    if (strncmp(word, entry.at, length - 1) != 0) return false;
    const char *rest = word + length - 1;
    if (length < 3) return strlen(word) == length && *rest == last;
    if (*rest == last && ends_as(rest + 1, any)) return true;
    if (*rest == last && rest[1] == last && ends_as(rest + 2, vowel)) return true;
    return (last == 'e' && ends_as(rest, vowel)) || (last == 'y' && ends_as(rest, ies));
}

/* Words of the entry if it begins at word `index`, else 0. */
static unsigned entry_at(const HeadlineWords *words, unsigned index, Slice entry) {
    unsigned count = 0;
    for (; entry.length; count++)
        if (index + count == words->count ||
            !is_form(words->at[index + count].text, slice_part(&entry, ' ')))
            return 0;
    return count;
}

static void look_up(HeadlineWords *words, unsigned index) {
    HeadlineWord *word = &words->at[index];
    word->length = 1;
    for (size_t row = 0; row < sizeof lexicon / sizeof lexicon[0]; row++)
        for (Slice rest = lexicon[row].entries; rest.length;) {
            unsigned length = entry_at(words, index, slice_part(&rest, ','));
            bool better = length > word->length || (length == 1 && word->role == WORD_PLAIN);
            if (better) {
                word->role = lexicon[row].role;
                word->weight = lexicon[row].weight;
                word->length = length;
            }
        }
}

void headline_words_of(Slice title, HeadlineWords *words) {
    *words = (HeadlineWords){.count = 0};
    cut(title, words);
    for (unsigned i = 0; i < words->count;) {
        if (words->at[i].role == WORD_BREAK) {
            words->at[i++].length = 1;
            continue;
        }
        look_up(words, i);
        i += words->at[i].length;
    }
}
