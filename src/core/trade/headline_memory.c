/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/headline_memory.h"

#include "core/base/digest.h"
#include "core/trade/headline_words.h"

/* ---- word pairs ---------------------------------------------------------------------------- */

static void insert(HeadlineStory *story, uint32_t hash) {
    uint32_t at = story->count;
    while (at > 0 && story->pairs[at - 1] >= hash)
        at--;
    bool known = at < story->count && story->pairs[at] == hash;
    if (known || story->count == HEADLINE_SHINGLES) return;
    for (uint32_t i = story->count; i > at; i--)
        story->pairs[i] = story->pairs[i - 1];
    story->pairs[at] = hash;
    story->count++;
}

/* Pairs of neighbouring words; of one word, itself. */
static HeadlineStory story_of(const Headline *headline) {
    HeadlineWords words;
    HeadlineStory story = {.known_us = headline->known};
    const char *last = "";
    headline_words_of(slice_of(headline->title), &words);
    for (unsigned i = 0; i < words.count; i++) {
        char pair[2 * HEADLINE_WORD_TEXT];
        Text text = TEXT_IN(pair);
        if (!words.at[i].text[0]) continue;
        text_format(&text, "%s %s", last, words.at[i].text);
        insert(&story, (uint32_t)hash64(text.at, text.length));
        last = words.at[i].text;
    }
    return story;
}

static double similarity(const HeadlineStory *a, const HeadlineStory *b) {
    uint32_t both = 0;
    for (uint32_t i = 0, k = 0; i < a->count && k < b->count;) {
        both += a->pairs[i] == b->pairs[k];
        bool step = a->pairs[i] <= b->pairs[k];
        k += a->pairs[i] >= b->pairs[k];
        i += step;
    }
    uint32_t all = a->count + b->count - both;
    return all ? (double)both / all : 0;
}

/* ---- memory -------------------------------------------------------------------------------- */

static uint32_t held(uint32_t ever, uint32_t room) {
    return ever < room ? ever : room;
}

static double novelty_of(const HeadlineMemory *memory, const HeadlineStory *story) {
    double most = 0;
    for (uint32_t i = 0; i < held(memory->story_count, HEADLINE_MEMORY_STORIES); i++) {
        const HeadlineStory *other = &memory->stories[i];
        if (story->known_us - other->known_us > HEADLINE_MEMORY_US) continue;
        double same = similarity(story, other);
        most = same > most ? same : most;
    }
    return 1 - most;
}

bool headline_memory_take(HeadlineMemory *memory, Headline *headline) {
    uint64_t id = hash64(headline->id, strlen(headline->id));
    for (uint32_t i = 0; i < held(memory->id_count, HEADLINE_MEMORY_IDS); i++)
        if (memory->ids[i] == id) return false;
    memory->ids[memory->id_count++ % HEADLINE_MEMORY_IDS] = id;
    HeadlineStory story = story_of(headline);
    headline->novelty = novelty_of(memory, &story);
    memory->stories[memory->story_count++ % HEADLINE_MEMORY_STORIES] = story;
    return true;
}
