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

/* A stretch of a column. Of the values around it, those before it that the state has taken in, and
 * those behind it, may be read where they are. */
typedef struct ColumnsPart {
    const double *values;
    size_t count, behind, ahead; /* behind: readable before values[0]; ahead: at values[count] on */
} ColumnsPart;

/* Whether `before` values before the part's can be read there (with a vector's slack). */
static inline bool columns_reaches(const ColumnsPart *part, size_t before) {
    return part->behind >= before + COLUMNS_ALIGN;
}

/* Whether the state must know the part: nothing follows, or what follows cannot reach back. */
static inline bool columns_keeps(const ColumnsPart *part, size_t before) {
    return part->ahead == 0 || part->behind + part->count < before + COLUMNS_ALIGN;
}

/* Whether whole vectors may be read up to the part's end. */
static inline bool columns_ends_well(const ColumnsPart *part) {
    return part->ahead >= COLUMNS_ALIGN || part->count % COLUMNS_ALIGN == 0;
}

/* A line are the newest length - 1 values of a full window and the part's values behind them. It is
 * where the column is, or in the room, placed so that what follows the first length - 1 is aligned.
 * The window takes the part in, or will never be asked for it. */
const double *columns_line(Window *window, const ColumnsPart *part,
                           double room[static COLUMNS_ROOM]);
/* The same for values that the caller writes: a line without them, and when they are there
 * (line + length - 1) the window takes them in. */
double *columns_line_open(const Window *window, double room[static COLUMNS_ROOM]);
void columns_line_close(Window *window, double *line, size_t count);
/* Where a line with `before` values in front stands in a room. */
double *columns_line_place(size_t before, double room[static COLUMNS_ROOM]);

/* target[count] = values[count], past the caches; other threads see them behind columns_settle. */
void columns_stream(double *target, const double *values, size_t count);
void columns_settle(void);
/* The same, or plainly. */
static inline void columns_copy(double *target, const double *values, size_t count, bool streamed) {
    if (streamed)
        columns_stream(target, values, count);
    else
        memcpy(target, values, count * sizeof(double));
}

/* Of lines. Streamed: to a column that is aligned to COLUMNS_ALIGN doubles, past the caches.
 * means[bar] = halves_mean(line + bar, length). */
void columns_mean(const double *line, size_t length, size_t count, double *means, bool streamed);
/* means[bar] and spreads[bar]: of the halves_run of line[bar .. bar + length). */
void columns_spread(const double *line, size_t length, size_t count, double *means,
                    double *spreads);
/* means[bar] = halves_weighted_mean of their run. */
void columns_weighted(const double *line, const double *weights, size_t length, size_t count,
                      double *means, bool streamed);

/* Channels over the same bars. */
typedef struct ColumnsChannels {
    Channel *channels[3];
    unsigned count;
    ColumnsPart high, low;
    size_t before; /* set by columns_channels: bars that the longest looks back */
} ColumnsChannels;

/* channel_step over highs and lows; the channels are full. Whole vectors are written: a column has
 * room for COLUMNS_BLOCK values. */
void columns_channels(ColumnsChannels *channels, double (*highest)[COLUMNS_BLOCK],
                      double (*lowest)[COLUMNS_BLOCK]);

#endif
