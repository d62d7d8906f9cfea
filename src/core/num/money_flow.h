/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chaikin's money flow multiplier: where in its range a bar closed, -1 at the low, 1 at the high, 0
 * in the middle and for a bar without height. A pure function; nothing is owned.
 */
#ifndef CORE_NUM_MONEY_FLOW_H
#define CORE_NUM_MONEY_FLOW_H

static inline double money_flow_multiplier(double high, double low, double close) {
    return high > low ? ((close - low) - (high - close)) / (high - low) : 0;
}

#endif
