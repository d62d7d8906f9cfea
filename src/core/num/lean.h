/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readings of different indicators brought to one scale, -1 to 1, and put together without a jump:
 * a hair's breadth in a price may never turn a whole opinion, so there are ramps where others have
 * thresholds. Two leans agree by the weaker of them and by nothing if they point apart; of three
 * the middle one is what at least two support. Pure functions; nothing is owned.
 */
#ifndef CORE_NUM_LEAN_H
#define CORE_NUM_LEAN_H

static inline double lean_clip(double value, double lowest, double highest) {
    if (value < lowest) return lowest;
    return value > highest ? highest : value;
}

/* The weaker of two leans that point the same way, else 0. What a rising odd function bends may be
 * bent behind it, once. */
static inline double lean_agree(double left, double right) {
    if (left > 0 && right > 0) return left < right ? left : right;
    if (left < 0 && right < 0) return left > right ? left : right;
    return 0;
}

/* The middle of three. */
static inline double lean_middle(double a, double b, double c) {
    double low = a < b ? a : b, high = a < b ? b : a;
    return lean_clip(c, low, high);
}

/* How far a reading between 0 and 100 stands in the outer zones of `zone` each: 0 between them, 1
 * at 100, -1 at 0. */
static inline double lean_extreme(double reading, double zone) {
    double above = reading - (100 - zone), below = zone - reading;
    if (above > 0) return lean_clip(above / zone, 0, 1);
    return below > 0 ? -lean_clip(below / zone, 0, 1) : 0;
}

#endif
