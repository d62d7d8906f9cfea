/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/headline_sentiment.h"

#include <math.h>

#include "core/trade/headline_words.h"

/* How far words reach, in words: typical gaps between subject, verb and object of headlines. */
#define REACH_SUBJECT 5
#define REACH_OBJECT  5
#define REACH_THING   3 /* of a verb that moves what stands behind it: raises its rates */
#define REACH_NOT     5
#define REACH_DEGREE  2

#define TURNED  0.8 /* what is turned around is weaker than its opposite */
#define HARDER  1.4
#define SOFTER  0.6
#define ASIDE   0.25 /* behind "despite" */
#define BEHIND  0.5  /* behind "after", "as", "amid": why, not what */
#define BEFORE  0.4  /* before "but" */
#define GUESSED 0.7  /* could, may */
#define ASKED   0.15 /* a question or an explanation says nothing */
/* score = sum / sqrt(sum^2 + SPREAD), the form of Hutto and Gilbert (VADER, 2014) with a constant
 * for our weights: one strong word (2) gives 0.71. */
#define SPREAD 4.0

/* A judgement: a word, or words that were joined. */
typedef struct Unit {
    unsigned first, last; /* words */
    WordRole role;        /* as long as it is one word */
    double value;
    bool gone; /* joined to another */
} Unit;

typedef struct Units {
    Unit at[HEADLINE_WORDS_MAX];
    unsigned count;
    const HeadlineWords *words;
} Units;

/* ---- units --------------------------------------------------------------------------------- */

static bool judges(WordRole role) {
    return role >= WORD_UP && role <= WORD_SOFT;
}

static void collect(const HeadlineWords *words, Units *units) {
    units->words = words;
    for (unsigned i = 0; i < words->count; i += words->at[i].length)
        if (judges(words->at[i].role))
            units->at[units->count++] = (Unit){.first = i,
                                               .last = i + words->at[i].length - 1,
                                               .role = words->at[i].role,
                                               .value = words->at[i].weight};
}

/* Nothing between the two words parts sentences. */
static bool same_clause(const Units *units, unsigned from, unsigned to) {
    for (unsigned i = from; i < to; i++) {
        WordRole role = units->words->at[i].role;
        if (role == WORD_BREAK || role == WORD_DESPITE || role == WORD_BECAUSE || role == WORD_BUT)
            return false;
    }
    return true;
}

static bool is_move(const Unit *unit) {
    return unit->role == WORD_UP || unit->role == WORD_DOWN;
}

static bool is_thing(const Unit *unit) {
    return unit->role >= WORD_GOOD && unit->role <= WORD_GROWS_BADLY;
}

/* A unit that an ending or a negation can act on: not a bare modifier. */
static bool is_target(const Unit *unit) {
    return !unit->gone && unit->role <= WORD_FADE;
}

/* ---- joining ------------------------------------------------------------------------------- */

static bool reaches(const Units *units, const Unit *a, const Unit *b, unsigned reach) {
    return b->first - a->last <= reach && same_clause(units, a->last + 1, b->first);
}

/* The nearest unit before (step -1) or behind (1) that `fits`, within reach; NULL: none. */
static Unit *neighbour(Units *units, unsigned index, int step, unsigned reach,
                       bool (*fits)(const Unit *)) {
    for (int i = (int)index + step; i >= 0 && i < (int)units->count; i += step) {
        Unit *other = &units->at[i], *self = &units->at[index];
        bool near =
            step < 0 ? reaches(units, other, self, reach) : reaches(units, self, other, reach);
        if (!near) return NULL;
        if (!other->gone && fits(other)) return other;
    }
    return NULL;
}

static double larger(double a, double b) {
    return fabs(a) > fabs(b) ? fabs(a) : fabs(b);
}

static void join(Unit *unit, Unit *into, double value) {
    into->first = unit->first < into->first ? unit->first : into->first;
    into->last = unit->last > into->last ? unit->last : into->last;
    into->value = value;
    unit->gone = true;
}

static double thing_sign(const Unit *thing) {
    WordRole role = thing->role;
    return role == WORD_GOOD || role == WORD_HOPE || role == WORD_GROWS_WELL ? 1 : -1;
}

static bool is_one_of(const HeadlineWords *words, unsigned index, const char *const *list) {
    for (; index < words->count && *list; list++)
        if (strcmp(words->at[index].text, *list) == 0) return true;
    return false;
}

/* Fears of a collapse, hopes for a cut; hack fears, rate cut hopes: one thing, with the sign of the
 * feeling. */
static void join_feelings(Units *units) {
    static const char *const of[] = {"of", "for", "over", "about", "from", "that", NULL};
    for (unsigned i = 0; i < units->count; i++) {
        Unit *feeling = &units->at[i], *thing = NULL;
        if (feeling->role != WORD_HOPE && feeling->role != WORD_FEAR) continue;
        if (is_one_of(units->words, feeling->last + 1, of))
            thing = neighbour(units, i, 1, REACH_OBJECT, is_thing);
        if (!thing) thing = neighbour(units, i, -1, 1, is_thing);
        double size = thing ? larger(feeling->value, thing->value) : 0;
        if (thing) join(thing, feeling, feeling->role == WORD_HOPE ? size : -size);
    }
}

/* A preposition between a move and what stands behind it parts them ("falls in heavy selling"),
 * except in "a surge in fees". */
static bool is_object(const Units *units, const Unit *move, const Unit *thing) {
    static const char *const parts[] = {"in", "to",   "by", "from",   "into", "for",
                                        "at", "with", "of", "brings", NULL};
    if (thing->first == move->last + 2) return true;
    for (unsigned i = move->last + 1; i < thing->first; i++)
        if (is_one_of(units->words, i, parts)) return false;
    return true;
}

/* Fees fall, rates are raised: what moves is the thing right before the verb, else the object
 * behind it, else the subject. */
static Unit *thing_of(Units *units, unsigned index) {
    Unit *move = &units->at[index];
    Unit *subject = neighbour(units, index, -1, REACH_SUBJECT, is_thing);
    if (subject && subject->last + 1 == move->first) return subject;
    Unit *object = neighbour(units, index, 1, REACH_THING, is_thing);
    return object && is_object(units, move, object) ? object : subject;
}

static void join_moves(Units *units) {
    for (unsigned i = 0; i < units->count; i++) {
        Unit *move = &units->at[i];
        Unit *thing = move->gone || !is_move(move) ? NULL : thing_of(units, i);
        if (!thing) continue;
        double size = larger(move->value, thing->value);
        join(thing, move, (move->value > 0 ? size : -size) * thing_sign(thing));
    }
}

/* "Ban lifted", "case dismissed by court": nothing can stand behind it. */
static bool is_passive(const Units *units, const Unit *end) {
    static const char *const by[] = {"by", NULL};
    const HeadlineWords *words = units->words;
    unsigned next = end->last + 1;
    return next >= words->count || is_one_of(words, next, by) ||
           !same_clause(units, next, next + 1);
}

static Unit *ended_by(Units *units, unsigned index) {
    const Unit *end = &units->at[index];
    bool fades = end->role == WORD_FADE;
    Unit *target = neighbour(units, index, 1, fades ? REACH_DEGREE : REACH_OBJECT, is_target);
    if (!target && (fades || is_passive(units, end)))
        target = neighbour(units, index, -1, REACH_SUBJECT, is_target);
    return target;
}

/* What ends or fades turns. Things that are good or bad to grow have a value only here. */
static void join_endings(Units *units) {
    for (unsigned i = units->count; i-- > 0;) {
        Unit *end = &units->at[i];
        if (end->gone || (end->role != WORD_END && end->role != WORD_FADE)) continue;
        Unit *target = ended_by(units, i);
        if (!target) continue;
        bool grows = target->role == WORD_GROWS_WELL || target->role == WORD_GROWS_BADLY;
        double value = grows ? thing_sign(target) : target->value;
        join(end, target, -TURNED * value);
        target->role = value > 0 ? WORD_BAD : WORD_GOOD;
    }
}

static void join_negations(Units *units) {
    for (unsigned i = units->count; i-- > 0;) {
        Unit *not = &units->at[i];
        if (not ->gone || not ->role != WORD_NOT) continue;
        Unit *target = neighbour(units, i, 1, REACH_NOT, is_target);
        if (!target) target = neighbour(units, i, -1, REACH_DEGREE, is_target);
        if (target) join(not, target, -TURNED * target->value);
    }
}

static void join_degrees(Units *units) {
    for (unsigned i = 0; i < units->count; i++) {
        Unit *degree = &units->at[i];
        if (degree->gone || (degree->role != WORD_HARD && degree->role != WORD_SOFT)) continue;
        Unit *target = neighbour(units, i, 1, REACH_DEGREE, is_target);
        if (!target) target = neighbour(units, i, -1, REACH_DEGREE, is_target);
        if (target)
            join(degree, target, target->value * (degree->role == WORD_HARD ? HARDER : SOFTER));
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* The weight of each word's clause. A clause that begins with "despite" ends at the next break. */
static void weigh_clauses(const HeadlineWords *words, double weights[static HEADLINE_WORDS_MAX]) {
    double weight = 1;
    for (unsigned i = 0; i < words->count; i++) {
        WordRole role = words->at[i].role;
        if (role == WORD_BREAK && weight < 1) weight = 1;
        if (role == WORD_MAYBE) weight *= GUESSED;
        if (role == WORD_DESPITE) weight = ASIDE;
        if (role == WORD_BECAUSE && weight > BEHIND) weight = BEHIND;
        if (role == WORD_BUT) {
            for (unsigned k = 0; k < i; k++)
                weights[k] *= BEFORE;
            weight = 1;
        }
        weights[i] = weight;
    }
}

static bool has(const HeadlineWords *words, WordRole role) {
    for (unsigned i = 0; i < words->count; i++)
        if (words->at[i].role == role) return true;
    return false;
}

double headline_sentiment(Slice title) {
    HeadlineWords words;
    Units units = {.count = 0};
    double weights[HEADLINE_WORDS_MAX] = {0}, sum = 0;
    headline_words_of(title, &words);
    collect(&words, &units);
    join_feelings(&units);
    join_moves(&units);
    join_endings(&units);
    join_negations(&units);
    join_degrees(&units);
    weigh_clauses(&words, weights);
    for (unsigned i = 0; i < units.count; i++)
        if (!units.at[i].gone) sum += units.at[i].value * weights[units.at[i].first];
    if (words.question || has(&words, WORD_ASKS)) sum *= ASKED;
    return 0.5 + 0.5 * sum / sqrt(sum * sum + SPREAD);
}
