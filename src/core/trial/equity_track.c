/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/equity_track.h"

#include <math.h>
#include <string.h>

typedef double Doubles __attribute__((vector_size(64)));
typedef int64_t Integers __attribute__((vector_size(64)));

#define RUN_BLOCKS 4 /* blocks of eight between two looks at the peak */

void equity_track_begin(EquityTrack *track, double opening) {
    *track = (EquityTrack){.equity = opening, .peak = opening, .lowest = opening};
}

static void see(EquityTrack *track, double equity) {
    if (equity < track->lowest) track->lowest = equity;
    if (equity < track->peak) return;
    double drawdown = 1 - track->lowest / track->peak;
    if (drawdown > track->deepest) track->deepest = drawdown;
    track->peak = track->lowest = equity;
}

static void step(EquityTrack *track, double equity, size_t bar) {
    double gain = equity / track->equity - 1;
    track->sums[bar % EQUITY_LANES] += gain;
    track->squares[bar % EQUITY_LANES] += gain * gain;
    track->equity = equity;
    see(track, equity);
}

void equity_track_step(EquityTrack *track, double equity) {
    step(track, equity, track->count++);
}

/* Equity at 8 closes, and the gains against the closes before: sums in lanes. */
static inline void step_block(const EquityHolding *holding, const double *close, Doubles *equity,
                              Doubles *sums, Doubles *squares) {
    Doubles now, before;
    memcpy(&now, close, sizeof now);
    memcpy(&before, close - 1, sizeof before);
    now = now * holding->quantity + holding->cash;
    before = before * holding->quantity + holding->cash;
    Doubles gain = now / before - 1.0;
    *sums += gain;
    *squares += gain * gain;
    *equity = now;
}

static inline void widen(const Doubles *equity, Doubles *least, Doubles *most) {
    Integers lower = *equity<*least, higher = *equity> * most;
    *least = (Doubles)(((Integers)*equity & lower) | ((Integers)*least & ~lower));
    *most = (Doubles)(((Integers)*equity & higher) | ((Integers)*most & ~higher));
}

static void see_run(EquityTrack *track, const Doubles *equity, unsigned blocks,
                    const Doubles *least, const Doubles *most) {
    double lowest = (*least)[0], highest = (*most)[0];
    for (unsigned lane = 1; lane < EQUITY_LANES; lane++) {
        if ((*least)[lane] < lowest) lowest = (*least)[lane];
        if ((*most)[lane] > highest) highest = (*most)[lane];
    }
    if (highest < track->peak) {
        if (lowest < track->lowest) track->lowest = lowest;
        return;
    }
    for (unsigned block = 0; block < blocks; block++)
        for (unsigned lane = 0; lane < EQUITY_LANES; lane++)
            see(track, equity[block][lane]);
}

/* Whole blocks, the first of which begins at a bar that 8 divides. */
static void step_blocks(EquityTrack *track, const EquityHolding *holding, const double *close,
                        size_t blocks) {
    Doubles sums, squares, equity[RUN_BLOCKS];
    memcpy(&sums, track->sums, sizeof sums);
    memcpy(&squares, track->squares, sizeof squares);
    for (size_t done = 0; done < blocks;) {
        unsigned run = blocks - done < RUN_BLOCKS ? (unsigned)(blocks - done) : RUN_BLOCKS;
        Doubles least, most;
        for (unsigned block = 0; block < run; block++, done++, close += EQUITY_LANES) {
            step_block(holding, close, &equity[block], &sums, &squares);
            if (block == 0) least = most = equity[0];
            widen(&equity[block], &least, &most);
        }
        see_run(track, equity, run, &least, &most);
        track->equity = equity[run - 1][EQUITY_LANES - 1];
    }
    memcpy(track->sums, &sums, sizeof sums);
    memcpy(track->squares, &squares, sizeof squares);
}

void equity_track_span(EquityTrack *track, const EquityHolding *holding, const double *close,
                       size_t from, size_t end) {
    if (from >= end) return;
    track->count += end - from;
    size_t bar = from;
    /* The first step starts at another holding's equity, those up to a whole block are single. */
    for (; bar < end && (bar == from || bar % EQUITY_LANES); bar++)
        step(track, close[bar] * holding->quantity + holding->cash, bar);
    size_t blocks = (end - bar) / EQUITY_LANES;
    step_blocks(track, holding, close + bar, blocks);
    for (bar += blocks * EQUITY_LANES; bar < end; bar++)
        step(track, close[bar] * holding->quantity + holding->cash, bar);
}

static double sum_of(const double *lanes) {
    double sum = 0;
    for (unsigned lane = 0; lane < EQUITY_LANES; lane++)
        sum += lanes[lane];
    return sum;
}

double equity_track_mean(const EquityTrack *track) {
    return track->count ? sum_of(track->sums) / (double)track->count : (double)NAN;
}

double equity_track_deviation(const EquityTrack *track) {
    if (track->count < 2) return (double)NAN;
    double mean = equity_track_mean(track);
    double about = sum_of(track->squares) - mean * mean * (double)track->count;
    return about > 0 ? sqrt(about / (double)(track->count - 1)) : 0;
}

double equity_track_drawdown(const EquityTrack *track) {
    double last = 1 - track->lowest / track->peak;
    return last > track->deepest ? last : track->deepest;
}
