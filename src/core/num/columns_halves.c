/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The halves of all windows along a line at once (halves.h): level by level, those of 2, 4, 8 ...
 * values that end at each place of the line. The levels that fit into a vector are made from
 * registers; the ones above read whole vectors.
 */
#include "core/num/columns.h"

#include "core/num/columns_near.h"
#include "core/num/halves.h"

#define HALVES_NUMBER Near
#define HALVES(name)  near_##name
#include "core/num/halves_body.h"
#undef HALVES_NUMBER
#undef HALVES

#define FIELDS 3

/* What ends at place p of the room stands at [p]; level 0 are the values themselves. */
typedef struct Levels {
    const double *values, *weights; /* rooms */
    unsigned part_count;
    unsigned wanted;   /* bit k: level k is read once more */
    size_t first, end; /* places: of the first window's end, and behind the last's */
    double *means, *spreads;
    bool streamed;
    HalvesPart parts[HALVES_LEVELS];
    double fields[HALVES_LEVELS - 1][FIELDS][COLUMNS_ROOM] __attribute__((aligned(64)));
} Levels;

HALVES_INLINE near_Half level_at(const Levels *levels, unsigned level, size_t place,
                                 HalvesKind kind) {
    near_Half half = {0};
    if (level == 0) {
        half.sum = near_load(levels->values + place);
        if (kind == HALVES_WEIGHTED) half.weight = near_load(levels->weights + place);
        return half;
    }
    const double(*fields)[COLUMNS_ROOM] = levels->fields[level - 1];
    half.sum = near_load(fields[0] + place);
    if (kind == HALVES_SPREAD) half.spread = near_load(fields[1] + place);
    if (kind == HALVES_WEIGHTED) {
        half.weight = near_load(fields[1] + place);
        half.lean = near_load(fields[2] + place);
    }
    return half;
}

HALVES_INLINE void level_put(Levels *levels, unsigned level, size_t place, const near_Half *half,
                             HalvesKind kind) {
    if (!(levels->wanted >> level & 1)) return;
    double(*fields)[COLUMNS_ROOM] = levels->fields[level - 1];
    near_store(fields[0] + place, half->sum);
    if (kind == HALVES_SPREAD) near_store(fields[1] + place, half->spread);
    if (kind == HALVES_WEIGHTED) {
        near_store(fields[1] + place, half->weight);
        near_store(fields[2] + place, half->lean);
    }
}

#define HALF_BACK(back, before, now)                                                               \
    (near_Half) {                                                                                  \
        back((before).sum, (now).sum), back((before).spread, (now).spread),                        \
            back((before).weight, (now).weight), back((before).lean, (now).lean)                   \
    }

/* Levels within a vector. */
HALVES_INLINE void low_levels(Levels *levels, unsigned top, HalvesKind kind) {
    (void)top;
    near_Half single_before = {0};
#if NEAR_LEVELS > 1
    near_Half pair_before = {0};
#endif
#if NEAR_LEVELS > 2
    near_Half four_before = {0};
#endif
    for (size_t place = 0; place < levels->end; place += NEAR_LANES) {
        near_Half single = level_at(levels, 0, place, kind);
        near_ask(levels->values + place, COLUMNS_BLOCK);
        if (kind == HALVES_WEIGHTED) near_ask(levels->weights + place, COLUMNS_BLOCK);
        near_Half older = HALF_BACK(NEAR_BACK_1, single_before, single);
        near_Half both = near_pair(&single, &older, kind);
        level_put(levels, 1, place, &both, kind);
        single_before = single;
#if NEAR_LEVELS > 1
        if (top < 2) continue;
        older = HALF_BACK(NEAR_BACK_2, pair_before, both);
        near_Half four = near_join(&both, &older, 0.25, kind);
        level_put(levels, 2, place, &four, kind);
        pair_before = both;
#endif
#if NEAR_LEVELS > 2
        if (top < 3) continue;
        older = HALF_BACK(NEAR_BACK_4, four_before, four);
        near_Half eight = near_join(&four, &older, 0.125, kind);
        level_put(levels, 3, place, &eight, kind);
        four_before = four;
#endif
    }
}

/* From level to level + 1, whose halves stand whole vectors apart. */
HALVES_INLINE void high_level(Levels *levels, unsigned level, HalvesKind kind) {
    size_t width = (size_t)1 << level;
    double share = 0.5 / (double)width;
    for (size_t place = width; place < levels->end; place += NEAR_LANES) {
        near_Half newer = level_at(levels, level, place, kind);
        near_Half older = level_at(levels, level, place - width, kind);
        near_Half both = near_join(&newer, &older, share, kind);
        level_put(levels, level + 1, place, &both, kind);
    }
}

/* The window that ends at this place, and its neighbours. */
HALVES_INLINE near_Run read_run(const Levels *levels, size_t place, HalvesKind kind) {
    near_Half half = level_at(levels, levels->parts[0].level, place, kind);
    near_Run run = near_begin(&half, &levels->parts[0]);
    for (unsigned index = 1; index < levels->part_count; index++) {
        const HalvesPart *part = &levels->parts[index];
        half = level_at(levels, part->level, place - part->newer, kind);
        run = near_attach(&run, &half, part, kind);
    }
    return run;
}

HALVES_INLINE void read_runs(const Levels *levels, HalvesKind kind) {
    size_t count = levels->end - levels->first;
    for (size_t bar = 0; bar < count; bar += NEAR_LANES) {
        near_Run run = read_run(levels, levels->first + bar, kind);
        if (kind == HALVES_WEIGHTED) {
            NearBits heavy = run.weight > RATIO_LEAST;
            run.mean += (Near)((NearBits)(run.lean / run.weight) & heavy);
        }
        near_put(levels->means, bar, count, run.mean, levels->streamed);
        if (kind == HALVES_SPREAD) near_put(levels->spreads, bar, count, run.spread, false);
    }
}

/* The place of line[length - 1] in its room; columns.h says how a line stands in it. */
static size_t first_place(size_t length) {
    size_t before = length - 1;
    return (before + COLUMNS_ALIGN - 1) / COLUMNS_ALIGN * COLUMNS_ALIGN;
}

static void levels_init(Levels *levels, const double *line, const double *weights, size_t length,
                        size_t count) {
    size_t first = first_place(length), pad = first - (length - 1);
    levels->part_count = halves_cut(length, levels->parts);
    levels->values = line - pad;
    levels->weights = weights ? weights - pad : NULL;
    levels->wanted = (unsigned)length;
    for (unsigned level = NEAR_LEVELS; level < levels->parts[0].level; level++)
        levels->wanted |= 1U << level;
    levels->first = first;
    levels->end = first + count;
    levels->streamed = false;
}

HALVES_INLINE void levels_run(Levels *levels, HalvesKind kind) {
    unsigned top = levels->parts[0].level;
    if (top >= 3) low_levels(levels, 3, kind);
    if (top == 2) low_levels(levels, 2, kind);
    if (top == 1) low_levels(levels, 1, kind);
    for (unsigned level = NEAR_LEVELS; level < top; level++)
        high_level(levels, level, kind);
    read_runs(levels, kind);
}

void columns_mean(const double *line, size_t length, size_t count, double *means, bool streamed) {
    Levels levels;
    levels_init(&levels, line, NULL, length, count);
    levels.streamed = streamed;
    levels.means = means;
    levels_run(&levels, HALVES_MEAN);
}

void columns_spread(const double *line, size_t length, size_t count, double *means,
                    double *spreads) {
    Levels levels;
    levels_init(&levels, line, NULL, length, count);
    levels.means = means;
    levels.spreads = spreads;
    levels_run(&levels, HALVES_SPREAD);
}

void columns_weighted(const double *line, const double *weights, size_t length, size_t count,
                      double *means, bool streamed) {
    Levels levels;
    levels_init(&levels, line, weights, length, count);
    levels.streamed = streamed;
    levels.means = means;
    levels_run(&levels, HALVES_WEIGHTED);
}
