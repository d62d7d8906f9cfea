/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A quotient of two sums of movements, with the answer for a market that does not move given by the
 * caller. In a dead market decaying averages halve and halve until their bits are lost in the
 * subnormals (below 1e-308) and their ratio is noise; long before that there is no movement worth
 * the name. Pure functions; nothing is owned.
 */
#ifndef CORE_NUM_RATIO_H
#define CORE_NUM_RATIO_H

#define RATIO_LEAST                                                                                \
    1e-280 /* below it: nothing moved; 1e28 above the subnormals, so all quotients keep 53 bits */

/* numerator / denominator, or `still` where the denominator (never negative) is as good as zero. */
static inline double ratio_or(double numerator, double denominator, double still) {
    return denominator > RATIO_LEAST ? numerator / denominator : still;
}

/* The same for a part of a whole: never above 1, where rounding could lift it by a last bit. */
static inline double ratio_part_or(double part, double whole, double still) {
    double ratio = ratio_or(part, whole, still);
    return ratio > 1 ? 1 : ratio;
}

#endif
