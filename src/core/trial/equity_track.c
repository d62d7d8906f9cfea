/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/equity_track.h"

#include <math.h>

void equity_track_begin(EquityTrack *track, double opening) {
    *track = (EquityTrack){.growth = {.cash = opening, .peak = opening, .lowest = opening},
                           .equity = opening};
}

void equity_track_hold(EquityTrack *track, double cash, double quantity) {
    track->growth.cash = cash;
    track->growth.quantity = quantity;
}

double equity_track_value(const EquityTrack *track, double price) {
    return price * track->growth.quantity + track->growth.cash;
}

static void see(EquityTrack *track, double equity) {
    WideGrowth *growth = &track->growth;
    if (equity < growth->lowest) growth->lowest = equity;
    if (equity < growth->peak) return;
    double drawdown = 1 - growth->lowest / growth->peak;
    if (drawdown > track->deepest) track->deepest = drawdown;
    growth->peak = growth->lowest = equity;
}

static void step(EquityTrack *track, double equity, size_t bar) {
    double gain = equity / track->equity - 1;
    track->growth.sums[bar % WIDE_LANES] += gain;
    track->growth.squares[bar % WIDE_LANES] += gain * gain;
    track->equity = equity;
    see(track, equity);
}

void equity_track_step(EquityTrack *track, double equity) {
    step(track, equity, track->count++);
}

/* Whole blocks, the first of which begins at a bar that 8 divides. */
static void step_blocks(EquityTrack *track, const WideKernels *wide, const double *close,
                        size_t blocks) {
    if (blocks == 0) return;
    for (size_t done = 0; done < blocks;) {
        bool reached;
        size_t some =
            wide->grow(&track->growth, close + done * WIDE_LANES, blocks - done, &reached);
        size_t run = (some - 1) % WIDE_RUN + 1; /* blocks of the last run */
        done += some;
        for (size_t i = (done - run) * WIDE_LANES; reached && i < done * WIDE_LANES; i++)
            see(track, equity_track_value(track, close[i]));
    }
    track->equity = equity_track_value(track, close[blocks * WIDE_LANES - 1]);
}

void equity_track_span(EquityTrack *track, const WideKernels *wide, const double *close,
                       size_t from, size_t end) {
    if (from >= end) return;
    track->count += end - from;
    size_t bar = from;
    /* The first step starts at another holding's equity, those up to a whole block are single. */
    for (; bar < end && (bar == from || bar % WIDE_LANES); bar++)
        step(track, equity_track_value(track, close[bar]), bar);
    size_t blocks = (end - bar) / WIDE_LANES;
    step_blocks(track, wide, close + bar, blocks);
    for (bar += blocks * WIDE_LANES; bar < end; bar++)
        step(track, equity_track_value(track, close[bar]), bar);
}

static double sum_of(const double *lanes) {
    double sum = 0;
    for (unsigned lane = 0; lane < WIDE_LANES; lane++)
        sum += lanes[lane];
    return sum;
}

double equity_track_mean(const EquityTrack *track) {
    return track->count ? sum_of(track->growth.sums) / (double)track->count : (double)NAN;
}

double equity_track_deviation(const EquityTrack *track) {
    if (track->count < 2) return (double)NAN;
    double mean = equity_track_mean(track);
    double about = sum_of(track->growth.squares) - mean * mean * (double)track->count;
    return about > 0 ? sqrt(about / (double)(track->count - 1)) : 0;
}

double equity_track_drawdown(const EquityTrack *track) {
    double last = 1 - track->growth.lowest / track->growth.peak;
    return last > track->deepest ? last : track->deepest;
}
