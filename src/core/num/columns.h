/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of this folder over columns: many values at once, in forms that a processor likes. Each
 * gives the bits that its plain step gives, value by value, and leaves the step's state so that
 * either may go on. A recursion waits for its own last result, so several run side by side; a
 * window is worked on for several values at once, in the order of additions of moments.h; extremes
 * of a window are found by doubling (the highest of 2, 4, 8 ... values); the exact sum of a window
 * (sliding.h) slides in two halves, none of which is ever rounded.
 *
 * At most COLUMNS_BLOCK values a call, so that all of it stays in the first cache. The caller owns
 * all arrays; those written do not overlap those read.
 */
#ifndef CORE_NUM_COLUMNS_H
#define CORE_NUM_COLUMNS_H

#include "core/num/channel.h"
#include "core/num/sliding.h"
#include "core/num/smooth.h"

#define COLUMNS_BLOCK  512 /* 4 KiB a column: eight of them fill the first cache */
#define COLUMNS_WINDOW 512 /* the longest window; the longest period of an indicator is 500 */
#define COLUMNS_LINE   (COLUMNS_WINDOW + COLUMNS_BLOCK)
#define COLUMNS_LANES  8 /* recursions side by side: as many additions as nine cycles take */

/* One recursion, seeded; values and smoothed may be the same array. */
typedef struct SmoothLane {
    Smooth *smooth;
    const double *values;
    double *smoothed;
} SmoothLane;

/* smooth_step over values[count] of each lane; lane_count <= COLUMNS_LANES. */
void columns_smooth(const SmoothLane *lanes, unsigned lane_count, size_t count);

/* line[before + count]: the newest `before` values of a full window, then `values`. Takes the
 * values into the window as window_push does. */
void columns_line(Window *window, size_t before, const double *values, size_t count, double *line);

/* means[bar] = moments_mean(line + bar, length); line[length - 1 + count]. */
void columns_mean(const double *line, size_t length, size_t count, double *means);
/* squares[bar] = moments_squares_about(line + bar, length, means[bar]). */
void columns_squares(const double *line, size_t length, size_t count, const double *means,
                     double *squares);
/* With i from the first of `length` on: products[bar], given as the means of the windows, becomes
 * the sum of (line[bar + i] - mean) * weights[bar + i], and sums[bar] that of the weights. */
void columns_products(const double *line, const double *weights, size_t length, size_t count,
                      double *products, double *sums);

/* sliding_push and sliding_mean over values[count]; the window is full. */
void columns_sliding_mean(Sliding *sliding, const double *values, size_t count, double *means);

/* channel_step over highs and lows; the channel is full. */
void columns_channel(Channel *channel, const double *highs, const double *lows, size_t count,
                     double *highest, double *lowest);

#endif
