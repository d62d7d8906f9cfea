/* SPDX-License-Identifier: Apache-2.0 */
#include "core/num/columns.h"

#include "core/num/moments.h"

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

void columns_smooth(const SmoothLane *lanes, unsigned lane_count, size_t count) {
    for (; lane_count >= 8; lane_count -= 8, lanes += 8)
        smooth_eight(lanes, count);
    for (; lane_count >= 4; lane_count -= 4, lanes += 4)
        smooth_four(lanes, count);
    for (; lane_count >= 2; lane_count -= 2, lanes += 2)
        smooth_two(lanes, count);
    if (lane_count) smooth_alone(lanes, count);
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

/* Four neighbouring windows at once, each in its own lane. */
typedef double Quad __attribute__((vector_size(32), aligned(8), may_alias));
#define QUAD(at) (*(const Quad *)(const void *)(at))

static inline void mean_four(const double *line, size_t length, double *means) {
    Quad sum0 = {0}, sum1 = {0}, sum2 = {0}, sum3 = {0}, count = {0};
    size_t at = 0;
    count += (double)length;
    for (; at + 4 <= length; at += 4) {
        sum0 += QUAD(line + at);
        sum1 += QUAD(line + at + 1);
        sum2 += QUAD(line + at + 2);
        sum3 += QUAD(line + at + 3);
    }
    if (at < length) sum0 += QUAD(line + at);
    if (at + 1 < length) sum1 += QUAD(line + at + 1);
    if (at + 2 < length) sum2 += QUAD(line + at + 2);
    Quad rough = ((sum0 + sum1) + (sum2 + sum3)) / count;
    sum0 = sum1 = sum2 = sum3 = (Quad){0};
    for (at = 0; at + 4 <= length; at += 4) {
        sum0 += QUAD(line + at) - rough;
        sum1 += QUAD(line + at + 1) - rough;
        sum2 += QUAD(line + at + 2) - rough;
        sum3 += QUAD(line + at + 3) - rough;
    }
    if (at < length) sum0 += QUAD(line + at) - rough;
    if (at + 1 < length) sum1 += QUAD(line + at + 1) - rough;
    if (at + 2 < length) sum2 += QUAD(line + at + 2) - rough;
    *(Quad *)(void *)means = rough + ((sum0 + sum1) + (sum2 + sum3)) / count;
}

void columns_mean(const double *line, size_t length, size_t count, double *means) {
    size_t bar = 0;
    for (; bar + 4 <= count; bar += 4)
        mean_four(line + bar, length, means + bar);
    for (; bar < count; bar++)
        means[bar] = moments_mean(line + bar, length);
}

static inline void squares_four(const double *line, size_t length, const double *means,
                                double *squares) {
    Quad sum0 = {0}, sum1 = {0}, sum2 = {0}, sum3 = {0}, mean = QUAD(means), apart;
    size_t at = 0;
    for (; at + 4 <= length; at += 4) {
        apart = QUAD(line + at) - mean;
        sum0 += apart * apart;
        apart = QUAD(line + at + 1) - mean;
        sum1 += apart * apart;
        apart = QUAD(line + at + 2) - mean;
        sum2 += apart * apart;
        apart = QUAD(line + at + 3) - mean;
        sum3 += apart * apart;
    }
    for (unsigned lane = 0; at < length; at++, lane++) {
        apart = QUAD(line + at) - mean;
        if (lane == 0) sum0 += apart * apart;
        if (lane == 1) sum1 += apart * apart;
        if (lane == 2) sum2 += apart * apart;
    }
    *(Quad *)(void *)squares = (sum0 + sum1) + (sum2 + sum3);
}

void columns_squares(const double *line, size_t length, size_t count, const double *means,
                     double *squares) {
    size_t bar = 0;
    for (; bar + 4 <= count; bar += 4)
        squares_four(line + bar, length, means + bar, squares + bar);
    for (; bar < count; bar++)
        squares[bar] = moments_squares_about(line + bar, length, means[bar]);
}

void columns_products(const double *line, const double *weights, size_t length, size_t count,
                      const double *means, double *products, double *sums) {
    size_t bar = 0;
    for (; bar + 4 <= count; bar += 4) {
        Quad product = {0}, sum = {0}, mean = QUAD(means + bar);
        for (size_t at = bar; at < bar + length; at++) {
            Quad weight = QUAD(weights + at);
            product += (QUAD(line + at) - mean) * weight;
            sum += weight;
        }
        *(Quad *)(void *)(products + bar) = product;
        *(Quad *)(void *)(sums + bar) = sum;
    }
    for (; bar < count; bar++) {
        products[bar] = sums[bar] = 0;
        for (size_t at = bar; at < bar + length; at++) {
            products[bar] += (line[at] - means[bar]) * weights[at];
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

static void double_window(const double *restrict from, size_t apart, size_t count,
                          double *restrict into) {
    for (size_t at = 0; at < count; at++)
        into[at] = higher(from[at], from[at + apart]);
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
    while (reached < length) {
        size_t more = 2 * reached <= length ? reached : length - reached;
        double_window(from, more, before + count - reached - more + 1, free);
        double *swap = from;
        from = free;
        free = swap;
        reached += more;
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
