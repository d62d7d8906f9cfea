/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The volume profile of the last n bars: their price range cut into equal bins, each bar's volume
 * spread evenly over its own range. Point of control: the middle of the bin with the most. Value
 * area: the bins around it, grown one at a time towards the greater neighbour until they hold the
 * wanted share; contiguous by construction. Bins that differ by roundings count as equal, and then
 * the lower bin is the point of control and the upper neighbour joins first. Where nothing was
 * traded all bars weigh the same. Taker delta: bought minus sold by takers as a share of the volume
 * of those bars whose source says it, 0 where none does. O(n + bins) a bar: when the range changes,
 * every bin does.
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"
#include "core/num/moments.h"
#include "core/num/ratio.h"
#include "core/num/sliding.h"
#include "core/num/window.h"

#include <math.h>

enum { VOLUME_PROFILE_PERIOD, VOLUME_PROFILE_BINS, VOLUME_PROFILE_AREA };

#define VOLUME_PROFILE_MOST    100 /* bins: the bound of the option */
#define VOLUME_PROFILE_LONGEST 500 /* bars: the same */
/* Of all volume; sums of 500 parts differ by roundings of 1e-13. */
#define VOLUME_PROFILE_SAME 1e-9

typedef struct VolumeProfileState {
    double area;
    uint64_t bins;
} VolumeProfileState; /* what VolumeProfileParts points at follows, in its order */

typedef struct VolumeProfileParts {
    Channel *channel;
    Window *highs, *lows, *volumes;
    Sliding *delta, *told;
} VolumeProfileParts;

typedef struct VolumeProfileBins {
    double volume[VOLUME_PROFILE_MOST];
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
           2 * sliding_size((unsigned)options[VOLUME_PROFILE_PERIOD]);
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
    sliding_init(sliding_end(delta), period);
}

/* What each bar of a window adds: to the first and the last bin that it touches, and to every bin
 * from the first to the last, but not the last, of those behind the first. */
typedef struct VolumeProfileShares {
    double head[VOLUME_PROFILE_LONGEST], tail[VOLUME_PROFILE_LONGEST];
    double density[VOLUME_PROFILE_LONGEST];
    int32_t first[VOLUME_PROFILE_LONGEST], last[VOLUME_PROFILE_LONGEST];
} VolumeProfileShares;

/* Without a branch, so that vectors do it: `apart` is 1 for a bar that touches several bins. */
static void volume_profile_share(const VolumeProfileParts *parts, double bin_count,
                                 const double *restrict volumes,
                                 VolumeProfileShares *restrict shares) {
    double lowest = parts->channel->lowest, scale = bin_count / (parts->channel->highest - lowest);
    const double *restrict highs = window_all(parts->highs);
    const double *restrict lows = window_all(parts->lows);
    int32_t top = (int32_t)bin_count - 1;
    uint32_t length = parts->volumes->length;
    for (uint32_t bar = 0; bar < length; bar++) {
        double from = (lows[bar] - lowest) * scale, to = (highs[bar] - lowest) * scale;
        int32_t first = (int32_t)from, last = (int32_t)to;
        first = first < top ? first : top;
        last = last < top ? last : top;
        double apart = first < last;
        double density = apart * volumes[bar] / (to - from + (1 - apart));
        shares->first[bar] = first;
        shares->last[bar] = last;
        shares->density[bar] = density;
        shares->head[bar] = density * (first + 1 - from) + (1 - apart) * volumes[bar];
        shares->tail[bar] = density * (to - last);
    }
}

/* Into two sets by turns, since neighbours touch the same bins and would wait for one another;
 * `slope` collects, bin by bin, how the density changes, so that a wide bar costs no more than a
 * narrow one. */
static void volume_profile_fill(const VolumeProfileParts *parts, VolumeProfileBins *bins) {
    double volume[2][VOLUME_PROFILE_MOST] = {{0}}, slope[2][VOLUME_PROFILE_MOST + 1] = {{0}};
    double density = 0;
    unsigned length = parts->volumes->length;
    VolumeProfileShares shares;
    const double *volumes = window_all(parts->volumes);
    double alike[VOLUME_PROFILE_LONGEST];
    bins->all = moments_sum_about(volumes, length, 0);
    if (!(bins->all > 0)) {
        for (unsigned bar = 0; bar < length; bar++)
            alike[bar] = 1;
        bins->all = length;
        volumes = alike;
    }
    volume_profile_share(parts, bins->count, volumes, &shares);
    for (unsigned bar = 0; bar < length; bar++) {
        int32_t first = shares.first[bar], last = shares.last[bar];
        volume[bar % 2][first] += shares.head[bar];
        volume[bar % 2][last] += shares.tail[bar];
        slope[bar % 2][first + 1] += shares.density[bar];
        slope[bar % 2][last] -= shares.density[bar];
    }
    for (unsigned bin = 0; bin < bins->count; bin++) {
        density += slope[0][bin] + slope[1][bin];
        bins->volume[bin] = volume[0][bin] + volume[1][bin] + density;
    }
}

static unsigned volume_profile_control(const VolumeProfileBins *bins) {
    unsigned control = 0;
    for (unsigned bin = 1; bin < bins->count; bin++)
        if (bins->volume[bin] > bins->volume[control] + VOLUME_PROFILE_SAME * bins->all)
            control = bin;
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

static void volume_profile_read(const VolumeProfileState *profile, const VolumeProfileParts *parts,
                                double *outputs) {
    double lowest = parts->channel->lowest, height = parts->channel->highest - lowest;
    outputs[0] = outputs[1] = outputs[2] = lowest;
    outputs[3] = ratio_or(sliding_sum(parts->delta), sliding_sum(parts->told), 0);
    if (channel_flat(parts->channel)) return;
    VolumeProfileBins bins;
    bins.count = (unsigned)profile->bins;
    volume_profile_fill(parts, &bins);
    unsigned control = volume_profile_control(&bins), low = control, high = control;
    volume_profile_grow(&bins, profile->area, &low, &high);
    outputs[0] = lowest + height * ((control + 0.5) / bins.count);
    outputs[1] = lowest + height * ((high + 1.0) / bins.count);
    outputs[2] = lowest + height * ((double)low / bins.count);
}

static void volume_profile_step(void *state, const IndicatorBar *bar, double *outputs) {
    VolumeProfileState *profile = state;
    VolumeProfileParts parts = volume_profile_parts(profile);
    bool told = bar->taker == bar->taker;
    for (unsigned index = 0; index < 4; index++)
        outputs[index] = (double)NAN;
    channel_step(parts.channel, bar->high, bar->low);
    window_push(parts.highs, bar->high);
    window_push(parts.lows, bar->low);
    sliding_push(parts.delta, told ? bar->taker - (bar->volume - bar->taker) : 0);
    sliding_push(parts.told, told ? bar->volume : 0);
    if (window_push(parts.volumes, bar->volume)) volume_profile_read(profile, &parts, outputs);
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
