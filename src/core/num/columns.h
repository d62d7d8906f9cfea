/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of this folder over columns: many values at once, in forms that a processor likes. Each
 * gives the bits that its plain step gives, value by value, and leaves the step's state so that
 * either may go on. A recursion waits for its own last result, so several run side by side
 * (columns_smooth.c); neighbouring windows share their halves (columns_halves.c); extremes of a
 * window are found by doubling (the highest of 2, 4, 8 ... values).
 *
 * At most COLUMNS_BLOCK values a call, so that all of it stays in the first caches. The caller owns
 * all arrays; those written do not overlap those read.
 */
#ifndef CORE_NUM_COLUMNS_H
#define CORE_NUM_COLUMNS_H

#include "core/num/channel.h"
#include "core/num/smooth.h"
#include "core/num/window.h"

#define COLUMNS_BLOCK  512 /* 4 KiB a column: eight of them fill the first cache */
#define COLUMNS_WINDOW 512 /* the longest window; the longest period of an indicator is 500 */
#define COLUMNS_LINE   (COLUMNS_WINDOW + COLUMNS_BLOCK)
#define COLUMNS_LANES  16 /* recursions in one call */
#define COLUMNS_ALIGN  8  /* doubles of the widest vector */
/* A line, and what is read around it. */
#define COLUMNS_ROOM (COLUMNS_LINE + 2 * COLUMNS_ALIGN)

/* One recursion, seeded; values and smoothed may be the same array. */
typedef struct SmoothLane {
    Smooth *smooth;
    const double *values;
    double *smoothed;
} SmoothLane;

/* smooth_step over values[count] of each lane; lane_count <= COLUMNS_LANES. */
void columns_smooth(const SmoothLane *lanes, unsigned lane_count, size_t count);

/* In the room a line of before + count values: the newest `before` values of a full window, then
 * `values`. It is placed so that line[before] is COLUMNS_ALIGN doubles aligned if the room is.
 * Takes the values into the window as window_push does. */
double *columns_line(Window *window, size_t before, const double *values, size_t count,
                     double room[static COLUMNS_ROOM]);

/* target[count] = values[count], past the caches; other threads see them behind columns_settle. */
void columns_stream(double *target, const double *values, size_t count);
void columns_settle(void);

/* Of lines with before = length - 1. means[bar] = halves_mean(line + bar, length). */
void columns_mean(const double *line, size_t length, size_t count, double *means);
/* means[bar] = halves_spread(line + bar, length, &spreads[bar]). */
void columns_spread(const double *line, size_t length, size_t count, double *means,
                    double *spreads);
/* means[bar] = halves_weighted(line + bar, weights + bar, length). */
void columns_weighted(const double *line, const double *weights, size_t length, size_t count,
                      double *means);

/* channel_step over highs and lows; the channel is full. */
void columns_channel(Channel *channel, const double *highs, const double *lows, size_t count,
                     double *highest, double *lowest);

#endif
