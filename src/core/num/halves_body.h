/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of halves.h for one type of number: HALVES_NUMBER is a double, or a vector of
 * them, and HALVES(name) makes a name of its own out of each. The text is included once for each
 * type, so that a vector's lanes hold the bits that the step computes. Stateless.
 */

/* The values of one half: their sum; the sum of their squared distances from their mean (SPREAD);
 * the sum of their weights, and that of weight x distance from their plain mean (WEIGHTED). */
typedef struct HALVES(Half) {
    HALVES_NUMBER sum, spread, weight, lean;
} HALVES(Half);

/* The same of several halves, with their mean in place of the sum. */
typedef struct HALVES(Run) {
    HALVES_NUMBER mean, spread, weight, lean;
} HALVES(Run);

/* Two single values: what holds for halves, without what is zero of them. */
HALVES_INLINE HALVES(Half)
    HALVES(pair)(const HALVES(Half) * newer, const HALVES(Half) * older, HalvesKind kind) {
    HALVES(Half) both = {.sum = newer->sum + older->sum};
    HALVES_NUMBER apart = newer->sum - older->sum;
    if (kind == HALVES_SPREAD) both.spread = (apart * apart) * 0.5;
    if (kind == HALVES_WEIGHTED) {
        both.weight = newer->weight + older->weight;
        both.lean = (apart * 0.5) * (newer->weight - older->weight);
    }
    return both;
}

/* Two halves of equal width; share: 1 / (2 x width). */
HALVES_INLINE HALVES(Half) HALVES(join)(const HALVES(Half) * newer, const HALVES(Half) * older,
                                        double share, HalvesKind kind) {
    HALVES(Half) both = {.sum = newer->sum + older->sum};
    HALVES_NUMBER apart = newer->sum - older->sum;
    if (kind == HALVES_SPREAD)
        both.spread = (newer->spread + older->spread) + (apart * apart) * share;
    if (kind == HALVES_WEIGHTED) {
        both.weight = newer->weight + older->weight;
        both.lean = (newer->lean + older->lean) + (apart * share) * (newer->weight - older->weight);
    }
    return both;
}

HALVES_INLINE HALVES(Run) HALVES(begin)(const HALVES(Half) * half, const HalvesPart *part) {
    return (HALVES(Run)){half->sum * part->inverse, half->spread, half->weight, half->lean};
}

/* An older half behind the run. */
HALVES_INLINE HALVES(Run) HALVES(attach)(const HALVES(Run) * run, const HALVES(Half) * half,
                                         const HalvesPart *part, HalvesKind kind) {
    HALVES_NUMBER own = half->sum * part->inverse, apart = own - run->mean;
    HALVES(Run) all = {.mean = run->mean + apart * part->share};
    if (kind == HALVES_SPREAD)
        all.spread = (run->spread + half->spread) + (apart * apart) * part->cross;
    if (kind == HALVES_WEIGHTED) {
        all.weight = run->weight + half->weight;
        all.lean = (run->lean + half->lean) +
                   (run->weight * (run->mean - all.mean) + half->weight * (own - all.mean));
    }
    return all;
}
