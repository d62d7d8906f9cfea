/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The volume profile of the last n bars: their price range cut into equal bins, each bar's volume
 * spread evenly over its own range. Point of control: the middle of the bin with the most. Value
 * area: the bins around it, grown one at a time towards the greater neighbour until they hold the
 * wanted share; contiguous by construction. Bins that differ by roundings count as equal, and then
 * the lower bin is the point of control and the upper neighbour joins first. Where nothing was
 * traded all bars weigh the same. Taker delta: bought minus sold by takers as a share of the volume
 * of those bars whose source says it, 0 where none does. Bins hold whole units of a power of two,
 * fine enough that roundings stay far below what counts as equal: so a bar that leaves takes away
 * exactly what it brought, and a bar costs O(bins). When the range changes every bin does: O(n).
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"
#include "core/num/moments.h"
#include "core/num/ratio.h"
#include "core/num/sliding.h"
#include "core/num/window.h"

#include <math.h>
#include <string.h>

enum { VOLUME_PROFILE_PERIOD, VOLUME_PROFILE_BINS, VOLUME_PROFILE_AREA };

#define VOLUME_PROFILE_MOST 100 /* bins: the bound of the option */
/* Of the units in the heaviest bar: 500 bars are below 2^53, where doubles are exact. */
#define VOLUME_PROFILE_BITS     44
#define VOLUME_PROFILE_ALIKE    0x1p43   /* units of every bar where nothing was traded */
#define VOLUME_PROFILE_STEEPEST 1000     /* the greatest power of two but for a margin */
#define VOLUME_PROFILE_ROUNDER  0x1.8p52 /* added and taken away, it rounds |x| < 2^51 */
/* Of all volume; sums of 500 parts differ by roundings of 1e-13. */
#define VOLUME_PROFILE_SAME 1e-9

typedef struct VolumeProfileState {
    double area;
    uint64_t bins;
    double highest, lowest; /* of the prices that `volume` was made for */
    double heaviest, unit;  /* the most that a bar has, and units in 1 of volume; 0: no volume */
    double volume[VOLUME_PROFILE_MOST]; /* in each bin: whole units, so that sums are exact */
} VolumeProfileState; /* what VolumeProfileParts points at follows, in its order */

typedef struct VolumeProfileParts {
    Channel *channel;
    Window *highs, *lows, *volumes;
    Sliding *delta, *told;
    Extreme *heaviest; /* volumes */
} VolumeProfileParts;

typedef struct VolumeProfileBins {
    const double *volume;
    double all;
    unsigned count;
} VolumeProfileBins;

static VolumeProfileParts volume_profile_parts(VolumeProfileState *profile) {
    VolumeProfileParts parts = {.channel = (Channel *)(void *)(profile + 1)};
    parts.highs = channel_end(parts.channel);
    parts.lows = window_end(parts.highs);
    parts.volumes = window_end(parts.lows);
    parts.delta = window_end(parts.volumes);
    parts.told = sliding_end(parts.delta);
    parts.heaviest = sliding_end(parts.told);
    return parts;
}

static unsigned volume_profile_warmup(const double *options) {
    return (unsigned)options[VOLUME_PROFILE_PERIOD] - 1;
}

static unsigned volume_profile_window(const double *options) {
    return volume_profile_warmup(options) + 1;
}

static size_t volume_profile_state_size(const double *options) {
    return sizeof(VolumeProfileState) + channel_size((unsigned)options[VOLUME_PROFILE_PERIOD]) +
           3 * window_size((unsigned)options[VOLUME_PROFILE_PERIOD]) +
           2 * sliding_size((unsigned)options[VOLUME_PROFILE_PERIOD]) +
           extreme_size((unsigned)options[VOLUME_PROFILE_PERIOD]);
}

static void volume_profile_init(void *state, const double *options) {
    VolumeProfileState *profile = state;
    *profile = (VolumeProfileState){.area = options[VOLUME_PROFILE_AREA],
                                    .bins = (uint64_t)options[VOLUME_PROFILE_BINS]};
    unsigned period = (unsigned)options[VOLUME_PROFILE_PERIOD];
    Channel *channel = (Channel *)(void *)(profile + 1);
    channel_init(channel, period);
    Window *window = channel_end(channel);
    for (unsigned index = 0; index < 3; index++, window = window_end(window))
        window_init(window, period);
    Sliding *delta = (Sliding *)(void *)window;
    sliding_init(delta, period);
    Sliding *told = sliding_end(delta);
    sliding_init(told, period);
    extreme_init(sliding_end(told), period);
}

/* How prices become bins and volumes become whole numbers, for as long as both stand. */
typedef struct VolumeProfileGrid {
    double lowest, scale, unit;
    int32_t top; /* the last bin */
} VolumeProfileGrid;

static VolumeProfileGrid volume_profile_grid(const VolumeProfileState *profile) {
    return (VolumeProfileGrid){profile->lowest,
                               (double)profile->bins / (profile->highest - profile->lowest),
                               profile->unit, (int32_t)profile->bins - 1};
}

/* What a bar adds: to the first and the last bin that it touches, and to every bin between. */
typedef struct VolumeProfileShare {
    double head, tail, between;
    int32_t first, last;
} VolumeProfileShare;

static inline double volume_profile_whole(double value) {
    return (value + VOLUME_PROFILE_ROUNDER) - VOLUME_PROFILE_ROUNDER;
}

/* Without a branch: `apart` is 1 for a bar that touches several bins, `wide` for one with bins
 * between. Where nothing was traded all bars weigh the same. */
static inline VolumeProfileShare volume_profile_share(const VolumeProfileGrid *grid, double high,
                                                      double low, double volume) {
    double weight = grid->unit > 0 ? volume * grid->unit : VOLUME_PROFILE_ALIKE;
    double from = (low - grid->lowest) * grid->scale, to = (high - grid->lowest) * grid->scale;
    int32_t first = (int32_t)from, last = (int32_t)to;
    first = first < grid->top ? first : grid->top;
    last = last < grid->top ? last : grid->top;
    double apart = first < last, wide = first + 1 < last;
    double density = apart * weight / (to - from + (1 - apart));
    double head = density * (first + 1 - from) + (1 - apart) * weight;
    return (VolumeProfileShare){volume_profile_whole(head),
                                volume_profile_whole(density * (to - last)),
                                volume_profile_whole(wide * density), first, last};
}

/* All bars anew. `slope` collects, bin by bin, how `between` changes, so that a wide bar costs no
 * more than a narrow one. */
static void volume_profile_fill(VolumeProfileState *profile, const VolumeProfileParts *parts) {
    double slope[VOLUME_PROFILE_MOST + 1] = {0}, between = 0;
    const double *highs = window_all(parts->highs), *lows = window_all(parts->lows);
    const double *volumes = window_all(parts->volumes);
    VolumeProfileGrid grid = volume_profile_grid(profile);
    memset(profile->volume, 0, sizeof profile->volume);
    for (uint32_t bar = 0; bar < parts->volumes->length; bar++) {
        VolumeProfileShare share = volume_profile_share(&grid, highs[bar], lows[bar], volumes[bar]);
        profile->volume[share.first] += share.head;
        profile->volume[share.last] += share.tail;
        slope[share.first + 1] += share.between;
        slope[share.last] -= share.between;
    }
    for (unsigned bin = 0; bin < profile->bins; bin++) {
        between += slope[bin];
        profile->volume[bin] += between;
    }
}

/* Units in which the heaviest bar of the window is below 2^VOLUME_PROFILE_BITS; 0 where all are
 * without volume. */
static double volume_profile_unit(double heaviest) {
    int exponent;
    if (!(heaviest > 0)) return 0;
    (void)frexp(heaviest, &exponent);
    int wanted = VOLUME_PROFILE_BITS - exponent;
    return ldexp(1, wanted < VOLUME_PROFILE_STEEPEST ? wanted : VOLUME_PROFILE_STEEPEST);
}

/* Adds a bar (sign 1) or takes it away (-1). */
static void volume_profile_count(VolumeProfileState *profile, const IndicatorBar *bar,
                                 double sign) {
    VolumeProfileGrid grid = volume_profile_grid(profile);
    VolumeProfileShare share = volume_profile_share(&grid, bar->high, bar->low, bar->volume);
    profile->volume[share.first] += sign * share.head;
    profile->volume[share.last] += sign * share.tail;
    for (int32_t bin = share.first + 1; bin < share.last; bin++)
        profile->volume[bin] += sign * share.between;
}

/* Whether the bins are those of the grid that the window asks for now; else it is laid anew. */
static bool volume_profile_stands(VolumeProfileState *profile, const Channel *channel,
                                  double heaviest) {
    bool stands = channel->highest == profile->highest && channel->lowest == profile->lowest;
    profile->highest = channel->highest;
    profile->lowest = channel->lowest;
    if (heaviest == profile->heaviest) return stands;
    double unit = volume_profile_unit(heaviest);
    stands = stands && unit == profile->unit;
    profile->heaviest = heaviest;
    profile->unit = unit;
    return stands;
}

static unsigned volume_profile_control(const VolumeProfileBins *bins) {
    double most[2] = {0, 0}, same = VOLUME_PROFILE_SAME * bins->all;
    unsigned control = 0, bin = 0;
    for (; bin + 2 <= bins->count; bin += 2) {
        most[0] = bins->volume[bin] > most[0] ? bins->volume[bin] : most[0];
        most[1] = bins->volume[bin + 1] > most[1] ? bins->volume[bin + 1] : most[1];
    }
    if (bin < bins->count && bins->volume[bin] > most[0]) most[0] = bins->volume[bin];
    double least = (most[0] > most[1] ? most[0] : most[1]) - same;
    while (control + 1 < bins->count && bins->volume[control] < least)
        control++;
    return control;
}

/* Grows [*low, *high], bins, from the point of control. */
static void volume_profile_grow(const VolumeProfileBins *bins, double area, unsigned *low,
                                unsigned *high) {
    double held = bins->volume[*low], wanted = (area - VOLUME_PROFILE_SAME) * bins->all;
    while (held < wanted && (*low > 0 || *high + 1 < bins->count)) {
        double below = *low > 0 ? bins->volume[*low - 1] : -bins->all;
        double above = *high + 1 < bins->count ? bins->volume[*high + 1] : -bins->all;
        bool up = above >= below - VOLUME_PROFILE_SAME * bins->all;
        held += up ? above : below;
        if (up)
            ++*high;
        else
            --*low;
    }
}

static void volume_profile_read(const VolumeProfileState *profile, double *outputs) {
    VolumeProfileBins bins = {profile->volume, 0, (unsigned)profile->bins};
    bins.all = moments_sum_about(bins.volume, bins.count, 0);
    unsigned control = volume_profile_control(&bins), low = control, high = control;
    volume_profile_grow(&bins, profile->area, &low, &high);
    double lowest = profile->lowest, height = profile->highest - lowest;
    outputs[0] = lowest + height * ((control + 0.5) / bins.count);
    outputs[1] = lowest + height * ((high + 1.0) / bins.count);
    outputs[2] = lowest + height * ((double)low / bins.count);
}

static void volume_profile_step(void *state, const IndicatorBar *bar, double *outputs) {
    VolumeProfileState *profile = state;
    VolumeProfileParts parts = volume_profile_parts(profile);
    const IndicatorBar leaving = {.high = window_oldest(parts.highs),
                                  .low = window_oldest(parts.lows),
                                  .volume = window_oldest(parts.volumes)};
    bool told = bar->taker == bar->taker;
    for (unsigned index = 0; index < 4; index++)
        outputs[index] = (double)NAN;
    channel_step(parts.channel, bar->high, bar->low);
    double heaviest = extreme_push(parts.heaviest, bar->volume);
    window_push(parts.highs, bar->high);
    window_push(parts.lows, bar->low);
    sliding_push(parts.delta, told ? bar->taker - (bar->volume - bar->taker) : 0);
    sliding_push(parts.told, told ? bar->volume : 0);
    if (!window_push(parts.volumes, bar->volume)) return;
    outputs[0] = outputs[1] = outputs[2] = parts.channel->lowest;
    outputs[3] = ratio_or(sliding_sum(parts.delta), sliding_sum(parts.told), 0);
    bool stands = volume_profile_stands(profile, parts.channel, heaviest);
    if (channel_flat(parts.channel)) return;
    if (stands) {
        volume_profile_count(profile, &leaving, -1);
        volume_profile_count(profile, bar, 1);
    } else {
        volume_profile_fill(profile, &parts);
    }
    volume_profile_read(profile, outputs);
}

const Indicator indicator_volume_profile = {
    .name = "volume_profile",
    .group = GROUP_VOLUME,
    .sentence = "Volume profile of the last `period` bars in `bins` price bins: point of "
                "control, contiguous value area holding the share `area` of the volume, and "
                "the taker delta (bought minus sold as a share of the volume whose takers are "
                "known, -1 to 1).",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_VOLUME | INPUT_TAKER,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 100, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"bins", .preset = 20, .lowest = 2, .highest = 100, .unit = "bars", .whole = true},
                {"area", .preset = 0.7, .lowest = 0.05, .highest = 0.95, .unit = "fraction"}},
    .outputs = {{"volume_profile_poc", .lowest = 0, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"volume_profile_high", .lowest = 0, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"volume_profile_low", .lowest = 0, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"volume_profile_delta", .lowest = -1, .highest = 1, .flat = 0,
                 .unit = "fraction"}},
    .warmup = volume_profile_warmup,
    .window = volume_profile_window,
    .state_size = volume_profile_state_size,
    .init = volume_profile_init,
    .step = volume_profile_step,
};
