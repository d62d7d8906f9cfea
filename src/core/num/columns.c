/* SPDX-License-Identifier: Apache-2.0 */
#include "core/num/columns.h"

#include "core/num/moments.h"

#ifndef COLUMNS_BYTES
#define COLUMNS_BYTES 16 /* of a vector register that every machine has */
#endif

/* ---- recursions side by side --------------------------------------------------------------- */

typedef double Pair __attribute__((vector_size(16)));

static void smooth_alone(const SmoothLane *lane, size_t count) {
    double value = lane->smooth->value, weight = lane->smooth->weight;
    for (size_t at = 0; at < count; at++) {
        value += weight * (lane->values[at] - value);
        lane->smoothed[at] = value;
    }
    lane->smooth->value = value;
}

typedef struct PairLane {
    Pair value, weight;
    const double *left, *right;
    double *left_out, *right_out;
} PairLane;

static inline PairLane pair_of(const SmoothLane *lanes) {
    return (PairLane){{lanes[0].smooth->value, lanes[1].smooth->value},
                      {lanes[0].smooth->weight, lanes[1].smooth->weight},
                      lanes[0].values,
                      lanes[1].values,
                      lanes[0].smoothed,
                      lanes[1].smoothed};
}

static inline void pair_step(PairLane *pair, size_t at) {
    Pair value = {pair->left[at], pair->right[at]};
    pair->value += pair->weight * (value - pair->value);
    pair->left_out[at] = pair->value[0];
    pair->right_out[at] = pair->value[1];
}

static inline void pair_end(const PairLane *pair, const SmoothLane *lanes) {
    lanes[0].smooth->value = pair->value[0];
    lanes[1].smooth->value = pair->value[1];
}

static void smooth_two(const SmoothLane *lanes, size_t count) {
    PairLane pair = pair_of(lanes);
    for (size_t at = 0; at < count; at++)
        pair_step(&pair, at);
    pair_end(&pair, lanes);
}

static void smooth_four(const SmoothLane *lanes, size_t count) {
    PairLane first = pair_of(lanes), second = pair_of(lanes + 2);
    for (size_t at = 0; at < count; at++) {
        pair_step(&first, at);
        pair_step(&second, at);
    }
    pair_end(&first, lanes);
    pair_end(&second, lanes + 2);
}

static void smooth_eight(const SmoothLane *lanes, size_t count) {
    PairLane first = pair_of(lanes), second = pair_of(lanes + 2);
    PairLane third = pair_of(lanes + 4), fourth = pair_of(lanes + 6);
    for (size_t at = 0; at < count; at++) {
        pair_step(&first, at);
        pair_step(&second, at);
        pair_step(&third, at);
        pair_step(&fourth, at);
    }
    pair_end(&first, lanes);
    pair_end(&second, lanes + 2);
    pair_end(&third, lanes + 4);
    pair_end(&fourth, lanes + 6);
}

/* Lanes that are missing up to four or eight are filled with copies that write nowhere: several
 * lanes take no longer than one. */
static void smooth_filled(const SmoothLane *lanes, unsigned lane_count, size_t count) {
    SmoothLane all[COLUMNS_LANES];
    Smooth copy = *lanes[0].smooth;
    double nowhere[COLUMNS_BLOCK];
    for (unsigned lane = 0; lane < COLUMNS_LANES; lane++)
        all[lane] = lane < lane_count ? lanes[lane] : (SmoothLane){&copy, lanes[0].values, nowhere};
    if (lane_count > 4)
        smooth_eight(all, count);
    else
        smooth_four(all, count);
}

void columns_smooth(const SmoothLane *lanes, unsigned lane_count, size_t count) {
    CHECK(lane_count <= COLUMNS_LANES, "a processor has so many registers");
    if (lane_count == 8)
        smooth_eight(lanes, count);
    else if (lane_count > 2)
        smooth_filled(lanes, lane_count, count);
    else if (lane_count == 2)
        smooth_two(lanes, count);
    else if (lane_count == 1)
        smooth_alone(lanes, count);
}

/* ---- windows ------------------------------------------------------------------------------- */

static void window_push_all(Window *window, const double *values, size_t count) {
    size_t length = window->length, skipped = count > length ? count - length : 0;
    window->next = (uint32_t)((window->next + skipped) % length);
    for (size_t at = skipped; at < count;) {
        size_t part = length - window->next < count - at ? length - window->next : count - at;
        memcpy(window->values + window->next, values + at, part * sizeof(double));
        memcpy(window->values + window->next + length, values + at, part * sizeof(double));
        window->next = (uint32_t)((window->next + part) % length);
        at += part;
    }
}

void columns_line(Window *window, size_t before, const double *values, size_t count, double *line) {
    memcpy(line, window_last(window, (unsigned)before), before * sizeof(double));
    memcpy(line + before, values, count * sizeof(double));
    window_push_all(window, values, count);
}

/* Neighbouring windows at once, each in its own lane; the additions of one are those of moments.h.
 */
typedef double Near __attribute__((vector_size(COLUMNS_BYTES), aligned(8), may_alias));
#define NEAR_LANES (COLUMNS_BYTES / sizeof(double))
#define NEAR(at)   (*(const Near *)(const void *)(at))

static inline Near near_sum(const double *line, size_t length, Near centre) {
    Near sum0 = {0}, sum1 = {0}, sum2 = {0}, sum3 = {0};
    size_t at = 0;
    for (; at + 4 <= length; at += 4) {
        sum0 += NEAR(line + at) - centre;
        sum1 += NEAR(line + at + 1) - centre;
        sum2 += NEAR(line + at + 2) - centre;
        sum3 += NEAR(line + at + 3) - centre;
    }
    if (at < length) sum0 += NEAR(line + at) - centre;
    if (at + 1 < length) sum1 += NEAR(line + at + 1) - centre;
    if (at + 2 < length) sum2 += NEAR(line + at + 2) - centre;
    return (sum0 + sum1) + (sum2 + sum3);
}

void columns_mean(const double *line, size_t length, size_t count, double *means) {
    size_t bar = 0;
    double inverse = 1 / (double)length;
    for (; bar + NEAR_LANES <= count; bar += NEAR_LANES) {
        Near rough = near_sum(line + bar, length, (Near){0}) * inverse;
        rough += near_sum(line + bar, length, rough) * inverse;
        *(Near *)(void *)(means + bar) = rough;
    }
    for (; bar < count; bar++)
        means[bar] = moments_mean(line + bar, length);
}

static inline Near near_square(const double *at, Near mean) {
    Near apart = NEAR(at) - mean;
    return apart * apart;
}

static inline Near near_squares(const double *line, size_t length, Near mean) {
    Near sum0 = {0}, sum1 = {0}, sum2 = {0}, sum3 = {0};
    size_t at = 0;
    for (; at + 4 <= length; at += 4) {
        sum0 += near_square(line + at, mean);
        sum1 += near_square(line + at + 1, mean);
        sum2 += near_square(line + at + 2, mean);
        sum3 += near_square(line + at + 3, mean);
    }
    if (at < length) sum0 += near_square(line + at, mean);
    if (at + 1 < length) sum1 += near_square(line + at + 1, mean);
    if (at + 2 < length) sum2 += near_square(line + at + 2, mean);
    return (sum0 + sum1) + (sum2 + sum3);
}

void columns_squares(const double *line, size_t length, size_t count, const double *means,
                     double *squares) {
    size_t bar = 0;
    for (; bar + NEAR_LANES <= count; bar += NEAR_LANES)
        *(Near *)(void *)(squares + bar) = near_squares(line + bar, length, NEAR(means + bar));
    for (; bar < count; bar++)
        squares[bar] = moments_squares_about(line + bar, length, means[bar]);
}

/* Two groups of lanes at once: a sum in order waits for each addition. */
static inline void near_products(const double *line, const double *weights, size_t length,
                                 double *products, double *sums) {
    Near product = {0}, sum = {0}, mean = NEAR(products);
    Near other_product = {0}, other_sum = {0}, other_mean = NEAR(products + NEAR_LANES);
    for (size_t at = 0; at < length; at++) {
        Near weight = NEAR(weights + at), other = NEAR(weights + at + NEAR_LANES);
        product += (NEAR(line + at) - mean) * weight;
        other_product += (NEAR(line + at + NEAR_LANES) - other_mean) * other;
        sum += weight;
        other_sum += other;
    }
    *(Near *)(void *)products = product;
    *(Near *)(void *)(products + NEAR_LANES) = other_product;
    *(Near *)(void *)sums = sum;
    *(Near *)(void *)(sums + NEAR_LANES) = other_sum;
}

void columns_products(const double *line, const double *weights, size_t length, size_t count,
                      double *products, double *sums) {
    size_t bar = 0;
    for (; bar + 2 * NEAR_LANES <= count; bar += 2 * NEAR_LANES)
        near_products(line + bar, weights + bar, length, products + bar, sums + bar);
    for (; bar < count; bar++) {
        double mean = products[bar];
        products[bar] = sums[bar] = 0;
        for (size_t at = bar; at < bar + length; at++) {
            products[bar] += (line[at] - mean) * weights[at];
            sums[bar] += weights[at];
        }
    }
}

/* ---- exact sums of a window ---------------------------------------------------------------- */

/* A value is cut at a grid into an upper and a lower part. With the grid 2^40 below the greatest
 * value, sums of 512 upper parts fit into 53 bits; so do those of the lower parts as long as the
 * least value lies not more than 2^30 below the greatest. */
#define GRID_BITS  40
#define SPAN       0x1p30
#define LARGEST    0x1p900 /* far from where 2^52 grids overflow */
#define LEAST      0x1p-900
#define GRID_ROUND (1.5 * 0x1p52) /* in grids: what is added rounds to a whole one */

/* The constant that rounds to the grid of these values; 0 if they lie too far apart. */
static double grid_of(const double *line, size_t count) {
    double most = 0, least = INFINITY;
    for (size_t at = 0; at < count; at++) {
        double size = fabs(line[at]);
        if (!(size <= LARGEST)) return 0;
        most = size > most ? size : most;
        double some = size > 0 ? size : least;
        least = some < least ? some : least;
    }
    if (most == 0) return GRID_ROUND;
    if (least < LEAST || most > SPAN * least) return 0;
    int exponent;
    (void)frexp(most, &exponent);
    return ldexp(GRID_ROUND, exponent - GRID_BITS);
}

static void sliding_plain(Sliding *sliding, const double *values, size_t count, double *means) {
    for (size_t at = 0; at < count; at++) {
        sliding_push(sliding, values[at]);
        means[at] = sliding_mean(sliding);
    }
}

/* upper[at] + lower[at]: what enters at this bar, less what leaves. */
static void sliding_moves(const double *restrict line, size_t length, size_t count, double round,
                          double *restrict upper, double *restrict lower) {
    for (size_t at = 0; at < count; at++) {
        double leaves = (line[at] + round) - round, enters = (line[at + length] + round) - round;
        upper[at] = enters - leaves;
        lower[at] = (line[at + length] - enters) - (line[at] - leaves);
    }
}

void columns_sliding_mean(Sliding *sliding, const double *values, size_t count, double *means) {
    Window *window = sliding_window(sliding);
    size_t length = window->length;
    double line[COLUMNS_LINE], upper[COLUMNS_BLOCK], lower[COLUMNS_BLOCK];
    memcpy(line, window_all(window), length * sizeof(double));
    memcpy(line + length, values, count * sizeof(double));
    double round = grid_of(line, length + count), sum = 0, rest = 0;
    if (round == 0) {
        sliding_plain(sliding, values, count, means);
        return;
    }
    for (size_t at = 0; at < length; at++) {
        double whole = (line[at] + round) - round;
        sum += whole;
        rest += line[at] - whole;
    }
    sliding_moves(line, length, count, round, upper, lower);
    for (size_t at = 0; at < count; at++) {
        upper[at] = sum += upper[at];
        lower[at] = rest += lower[at];
    }
    double divisor = (double)length;
    for (size_t at = 0; at < count; at++) {
        Total total = {upper[at], lower[at], 0};
        means[at] = total_mean(&total, divisor);
    }
    sliding->total = total_of_two(sum, rest);
    window_push_all(window, values, count);
}

/* ---- extremes of a window ------------------------------------------------------------------ */

static inline double higher(double left, double right) {
    return left > right ? left : right;
}

/* The highest of four windows that begin at these distances from one another. */
static void join_windows(const double *restrict from, const size_t apart[static 3], size_t count,
                         double *restrict into) {
    const double *second = from + apart[0], *third = from + apart[1], *fourth = from + apart[2];
    for (size_t at = 0; at < count; at++)
        into[at] = higher(higher(from[at], second[at]), higher(third[at], fourth[at]));
}

/* The candidates as a line: in the place of each value the highest from there on. */
static void extreme_line(const Extreme *extreme, size_t before, double *line) {
    uint64_t turn = extreme->turn - before;
    for (uint32_t place = 0; place < extreme->count; place++) {
        const ExtremeCandidate *candidate = &extreme->ring[extreme_slot(extreme, place)];
        for (; turn <= candidate->turn; turn++)
            *line++ = candidate->value;
    }
}

/* As if the newest `length` values had been pushed: those higher than all behind them. */
static void extreme_rebuild(Extreme *extreme, const double *newest, double sign, size_t count) {
    uint32_t slot = extreme->length;
    extreme->turn += count;
    extreme->count = 0;
    for (uint32_t back = 1; back <= extreme->length; back++) {
        double value = sign * newest[-(ptrdiff_t)back];
        if (extreme->count && value <= extreme->ring[slot].value) continue;
        extreme->ring[--slot] = (ExtremeCandidate){value, extreme->turn - back};
        extreme->count++;
    }
    extreme->first = slot;
}

/* Highest of sign x values, and that times sign. */
static void columns_extreme(Extreme *extreme, const double *restrict values, double sign,
                            size_t count, double *restrict into) {
    double line[COLUMNS_LINE], other[COLUMNS_LINE], *from = line, *free = other;
    size_t length = extreme->length, reached = 1, before = length - 1;
    if (count < length) {
        for (size_t at = 0; at < count; at++)
            into[at] = sign * extreme_push(extreme, sign * values[at]);
        return;
    }
    extreme_line(extreme, before, line);
    for (size_t at = 0; at < count; at++)
        line[before + at] = sign * values[at];
    while (reached < length) { /* windows of `reached` values become those of up to four times */
        size_t wide = 4 * reached < length ? 4 * reached : length, last = wide - reached;
        size_t apart[3] = {reached < last ? reached : last, 2 * reached < last ? 2 * reached : last,
                           last};
        join_windows(from, apart, before + count - wide + 1, free);
        double *swap = from;
        from = free;
        free = swap;
        reached = wide;
    }
    for (size_t at = 0; at < count; at++)
        into[at] = sign * from[at];
    extreme_rebuild(extreme, values + count, sign, count);
}

void columns_channel(Channel *channel, const double *highs, const double *lows, size_t count,
                     double *highest, double *lowest) {
    columns_extreme(channel_highs(channel), highs, 1, count, highest);
    columns_extreme(channel_lows(channel), lows, -1, count, lowest);
    channel->highest = highest[count - 1];
    channel->lowest = lowest[count - 1];
}
