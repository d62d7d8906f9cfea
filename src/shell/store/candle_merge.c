/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One open file and its next bar. */
typedef struct Head {
    CandleFile *file;
    const char *path;
    Bar bar;
    bool ready; /* `bar` is filled */
} Head;

struct CandleMerge {
    const CandleSource *sources;
    unsigned count;
    unsigned opened; /* sources[0 .. opened) have been opened */
    unsigned head_count;
    uint64_t overlaps;
    Head heads[]; /* room for all sources: at worst all span the same time */
};

CandleMerge *candle_merge_open(const CandleSource *sources, unsigned count, Error *error) {
    CandleMerge *merge = calloc(1, sizeof *merge + count * sizeof merge->heads[0]);
    if (!merge) {
        error_set(error, ERROR_LIMIT, "out of memory", "candle files", "close other programs");
        return NULL;
    }
    merge->sources = sources;
    merge->count = count;
    return merge;
}

static const Head *earliest(const CandleMerge *merge) {
    const Head *first = NULL;
    for (unsigned i = 0; i < merge->head_count; i++) {
        const Head *head = &merge->heads[i];
        if (!first || head->bar.time_us < first->bar.time_us) first = head;
    }
    return first;
}

static CandleAnswer open_one(CandleMerge *merge, Error *error) {
    const char *path = merge->sources[merge->opened++].path;
    CandleFile *file = candle_file_open(path, CANDLE_FULL, error);
    if (!file) return CANDLE_FAILED;
    merge->heads[merge->head_count++] = (Head){.file = file, .path = path};
    return CANDLE_BAR;
}

/* Reads the heads that were used up; a file at its end is closed and its place taken by the one
 * behind. Anything but CANDLE_BAR is for the caller, who asks again. */
static CandleAnswer fill_heads(CandleMerge *merge, Error *error) {
    unsigned i = 0;
    while (i < merge->head_count) {
        Head *head = &merge->heads[i];
        if (!head->ready) {
            CandleAnswer answer = candle_file_bar(head->file, &head->bar, error);
            if (answer == CANDLE_REFUSED || answer == CANDLE_FAILED) return answer;
            head->ready = answer == CANDLE_BAR;
        }
        if (head->ready) {
            i++;
            continue;
        }
        candle_file_close(head->file);
        merge->head_count--;
        for (unsigned k = i; k < merge->head_count; k++)
            merge->heads[k] = merge->heads[k + 1];
    }
    return CANDLE_BAR;
}

/* After this the heads hold every row that may be next. */
static CandleAnswer make_ready(CandleMerge *merge, Error *error) {
    for (;;) {
        CandleAnswer answer = fill_heads(merge, error);
        if (answer != CANDLE_BAR) return answer;
        const Head *first = earliest(merge);
        if (merge->opened == merge->count) return first ? CANDLE_BAR : CANDLE_ENDED;
        int64_t due_us = merge->sources[merge->opened].scan.first_us;
        if (first && first->bar.time_us < due_us) return CANDLE_BAR;
        answer = open_one(merge, error);
        if (answer != CANDLE_BAR) return answer;
    }
}

/* Volumes of two exporters may differ in the last digit that a double holds. */
bool candle_merge_agree(const Bar *a, const Bar *b) {
    return a->open.units == b->open.units && a->high.units == b->high.units &&
           a->low.units == b->low.units && a->close.units == b->close.units &&
           fabs(a->volume - b->volume) <= 1e-9 * fmax(a->volume, b->volume);
}

static bool knows_more(const Bar *a, const Bar *b) {
    if (a->trades != b->trades) return a->trades > b->trades;
    if (a->taker_volume != b->taker_volume) return a->taker_volume > b->taker_volume;
    return a->quote_volume > b->quote_volume;
}

/* A path that would push the line number out of an Error is cut to the file's name. */
static const char *short_path(const char *path) {
    const char *slash = strrchr(path, '/');
    return strlen(path) > 100 && slash ? slash + 1 : path;
}

static CandleAnswer conflict(const Head *a, const Head *b, Error *error) {
    char place[160], memory[240], iso[25];
    Text where = TEXT_IN(place), message = TEXT_IN(memory);
    instant_to_iso(a->bar.time_us, iso);
    text_format(&message, "two files disagree about the candle of %s (the other: %s, line %D)", iso,
                short_path(a->path), (int64_t)candle_file_line(a->file));
    text_format(&where, "%s, line %D", short_path(b->path), (int64_t)candle_file_line(b->file));
    error_set(error, ERROR_DATA, text_end(&message), text_end(&where),
              "files of one symbol must agree where they overlap: leave one out");
    return CANDLE_FAILED;
}

CandleAnswer candle_merge_next(CandleMerge *merge, Bar *bar, Error *error) {
    CandleAnswer answer = make_ready(merge, error);
    if (answer != CANDLE_BAR) return answer;
    const Head *first = earliest(merge);
    int64_t time_us = first->bar.time_us;
    *bar = first->bar;
    for (unsigned i = 0; i < merge->head_count; i++) {
        Head *head = &merge->heads[i];
        if (head->bar.time_us != time_us) continue;
        head->ready = false;
        if (head == first) continue;
        if (!candle_merge_agree(&first->bar, &head->bar)) return conflict(first, head, error);
        if (knows_more(&head->bar, bar)) *bar = head->bar;
        merge->overlaps++;
    }
    return CANDLE_BAR;
}

uint64_t candle_merge_overlaps(const CandleMerge *merge) {
    return merge->overlaps;
}

void candle_merge_close(CandleMerge *merge) {
    if (!merge) return;
    for (unsigned i = 0; i < merge->head_count; i++)
        candle_file_close(merge->heads[i].file);
    free(merge);
}
