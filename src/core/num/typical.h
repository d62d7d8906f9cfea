/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The typical price of a bar, (high + low + close) / 3, and whether it rose. Three equal prices
 * give exactly theirs. Two bars with the same sum of other prices differ in the last bits only,
 * which is no rise. Pure functions; nothing is owned.
 */
#ifndef CORE_NUM_TYPICAL_H
#define CORE_NUM_TYPICAL_H

#define TYPICAL_SAME                                                                               \
    1e-12 /* of the price; the roundings come to 1e-15, the finest tick of a venue to 1e-9 */

#define TYPICAL_THIRD (1.0 / 3) /* multiplied by: a division takes as long as ten of these */

/* Added to the low as a third of the distances, so that three equal prices give exactly theirs. */
static inline double typical_price(double high, double low, double close) {
    return low + ((high - low) + (close - low)) * TYPICAL_THIRD;
}

/* now - before, or exactly 0 where they differ by roundings only. */
static inline double typical_change(double now, double before) {
    double change = now - before, least = TYPICAL_SAME * before;
    return change > least || change < -least ? change : 0;
}

#endif
