/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The price channel of the last `length` bars: highest high and lowest low, and where between them
 * a price lies. The stochastic oscillator and Williams' %R are two readings of it. A plain block of
 * channel_size(length) bytes without pointers, owned by the caller; the next block may begin at
 * channel_end.
 */
#ifndef CORE_NUM_CHANNEL_H
#define CORE_NUM_CHANNEL_H

#include "core/num/extreme.h"

#include <stdbool.h>

typedef struct Channel {
    double highest;
    double lowest;
    uint32_t length;
    uint32_t seen; /* bars taken in, at most length */
} Channel;         /* two Extreme blocks follow: the highs, and the lows negated */

static inline size_t channel_size(unsigned length) {
    return sizeof(Channel) + 2 * extreme_size(length);
}

static inline Extreme *channel_highs(Channel *channel) {
    return (Extreme *)(void *)(channel + 1);
}

static inline Extreme *channel_lows(Channel *channel) {
    return extreme_end(channel_highs(channel));
}

static inline void *channel_end(Channel *channel) {
    return extreme_end(channel_lows(channel));
}

static inline void channel_init(Channel *channel, unsigned length) {
    *channel = (Channel){.length = length};
    extreme_init(channel_highs(channel), length);
    extreme_init(channel_lows(channel), length);
}

/* True once `length` bars have been seen. */
static inline bool channel_step(Channel *channel, double high, double low) {
    channel->highest = extreme_push(channel_highs(channel), high);
    channel->lowest = -extreme_push(channel_lows(channel), -low);
    if (channel->seen < channel->length) channel->seen++;
    return channel->seen == channel->length;
}

/* True if no price of the channel differs from another: a place within it does not exist. */
static inline bool channel_flat(const Channel *channel) {
    return !(channel->highest > channel->lowest);
}

#endif
