/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recursions side by side: each lane of a vector is one of them. A square of values (as many bars
 * as lanes) is read along the bars, turned, stepped through, and turned back.
 */
#include "core/num/columns.h"

#include "core/base/check.h"
#include "core/num/abreast.h"

static void smooth_alone(const SmoothLane *lane, size_t first, size_t count) {
    double value = lane->smooth->value, weight = lane->smooth->weight;
    for (size_t at = first; at < count; at++) {
        value += weight * (lane->values[at] - value);
        lane->smoothed[at] = value;
    }
    lane->smooth->value = value;
}

#define GROUPS_MOST (NEAR_LANES == 2 ? 4 : 2)

/* `groups` vectors of lanes, so that the processor has something to do while each waits for its own
 * last result. */
ABREAST_INLINE void smooth_groups(const SmoothLane *lanes, unsigned groups, size_t count) {
    Near value[GROUPS_MOST], weight[GROUPS_MOST];
    for (unsigned lane = 0; lane < groups * NEAR_LANES; lane++) {
        value[lane / NEAR_LANES][lane % NEAR_LANES] = lanes[lane].smooth->value;
        weight[lane / NEAR_LANES][lane % NEAR_LANES] = lanes[lane].smooth->weight;
    }
    size_t whole = count - count % NEAR_LANES;
    for (size_t at = 0; at < whole; at += NEAR_LANES) {
        Near rows[GROUPS_MOST][NEAR_LANES];
        for (unsigned lane = 0; lane < groups * NEAR_LANES; lane++)
            rows[lane / NEAR_LANES][lane % NEAR_LANES] = near_load(lanes[lane].values + at);
        for (unsigned group = 0; group < groups; group++)
            abreast_turn(rows[group]);
        for (unsigned bar = 0; bar < NEAR_LANES; bar++)
            for (unsigned group = 0; group < groups; group++) {
                value[group] += weight[group] * (rows[group][bar] - value[group]);
                rows[group][bar] = value[group];
            }
        for (unsigned group = 0; group < groups; group++)
            abreast_turn(rows[group]);
        for (unsigned lane = 0; lane < groups * NEAR_LANES; lane++)
            near_store(lanes[lane].smoothed + at, rows[lane / NEAR_LANES][lane % NEAR_LANES]);
    }
    for (unsigned lane = 0; lane < groups * NEAR_LANES; lane++) {
        lanes[lane].smooth->value = value[lane / NEAR_LANES][lane % NEAR_LANES];
        smooth_alone(&lanes[lane], whole, count);
    }
}

/* Lanes that are missing are filled with copies that write nowhere: a vector takes no longer than a
 * value. */
static void smooth_some(const SmoothLane *lanes, unsigned lane_count, size_t count) {
    SmoothLane all[GROUPS_MOST * NEAR_LANES];
    Smooth copy = *lanes[0].smooth;
    double nowhere[COLUMNS_BLOCK];
    for (unsigned lane = 0; lane < GROUPS_MOST * NEAR_LANES; lane++)
        all[lane] = lane < lane_count ? lanes[lane] : (SmoothLane){&copy, lanes[0].values, nowhere};
    if (lane_count > 2 * NEAR_LANES)
        smooth_groups(all, GROUPS_MOST, count);
    else if (lane_count > NEAR_LANES)
        smooth_groups(all, 2, count);
    else
        smooth_groups(all, 1, count);
}

void columns_smooth(const SmoothLane *lanes, unsigned lane_count, size_t count) {
    CHECK(lane_count <= COLUMNS_LANES && count <= COLUMNS_BLOCK, "there is room for so many");
    const unsigned most = GROUPS_MOST * NEAR_LANES;
    for (; lane_count > 1; lanes += most) {
        unsigned some = lane_count < most ? lane_count : most;
        smooth_some(lanes, some, count);
        lane_count -= some;
        if (lane_count == 0) return;
    }
    if (lane_count == 1) smooth_alone(lanes, 0, count);
}
