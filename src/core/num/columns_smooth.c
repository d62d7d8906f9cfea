/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recursions side by side: each lane of a vector is one of them. A square of values (as many bars
 * as lanes) is read along the bars, turned, stepped through, and turned back.
 */
#include "core/num/columns.h"

#include "core/base/check.h"
#include "core/num/columns_near.h"

static void smooth_alone(const SmoothLane *lane, size_t first, size_t count) {
    double value = lane->smooth->value, weight = lane->smooth->weight;
    for (size_t at = first; at < count; at++) {
        value += weight * (lane->values[at] - value);
        lane->smoothed[at] = value;
    }
    lane->smooth->value = value;
}

/* Rows become columns: neighbours first, then pairs, then fours. */
#if NEAR_LANES == 8
#define TURN_1(a, b, odd)                                                                          \
    __builtin_shufflevector((a), (b), 0 + odd, 8 + odd, 2 + odd, 10 + odd, 4 + odd, 12 + odd,      \
                            6 + odd, 14 + odd)
#define TURN_2(a, b, odd)                                                                          \
    __builtin_shufflevector((a), (b), 0 + 2 * odd, 1 + 2 * odd, 8 + 2 * odd, 9 + 2 * odd,          \
                            4 + 2 * odd, 5 + 2 * odd, 12 + 2 * odd, 13 + 2 * odd)
#define TURN_4(a, b, odd)                                                                          \
    __builtin_shufflevector((a), (b), 0 + 4 * odd, 1 + 4 * odd, 2 + 4 * odd, 3 + 4 * odd,          \
                            8 + 4 * odd, 9 + 4 * odd, 10 + 4 * odd, 11 + 4 * odd)
#elif NEAR_LANES == 4
#define TURN_1(a, b, odd) __builtin_shufflevector((a), (b), 0 + odd, 4 + odd, 2 + odd, 6 + odd)
#define TURN_2(a, b, odd)                                                                          \
    __builtin_shufflevector((a), (b), 0 + 2 * odd, 1 + 2 * odd, 4 + 2 * odd, 5 + 2 * odd)
#else
#define TURN_1(a, b, odd) __builtin_shufflevector((a), (b), 0 + odd, 2 + odd)
#endif

#define TURN(step, rows)                                                                           \
    for (unsigned row = 0; row < NEAR_LANES; row++) {                                              \
        if (row & step) continue;                                                                  \
        Near even = TURN_##step(rows[row], rows[row + step], 0);                                   \
        rows[row + step] = TURN_##step(rows[row], rows[row + step], 1);                            \
        rows[row] = even;                                                                          \
    }

#define SMOOTH_INLINE static inline __attribute__((always_inline))

SMOOTH_INLINE void turn(Near rows[NEAR_LANES]) {
    TURN(1, rows)
#if NEAR_LANES > 2
    TURN(2, rows)
#endif
#if NEAR_LANES > 4
    TURN(4, rows)
#endif
}

#define GROUPS_MOST (NEAR_LANES == 2 ? 4 : 2)

/* `groups` vectors of lanes, so that the processor has something to do while each waits for its own
 * last result. */
SMOOTH_INLINE void smooth_groups(const SmoothLane *lanes, unsigned groups, size_t count) {
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
            turn(rows[group]);
        for (unsigned bar = 0; bar < NEAR_LANES; bar++)
            for (unsigned group = 0; group < groups; group++) {
                value[group] += weight[group] * (rows[group][bar] - value[group]);
                rows[group][bar] = value[group];
            }
        for (unsigned group = 0; group < groups; group++)
            turn(rows[group]);
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
