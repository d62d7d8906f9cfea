/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social history as one line of inputs: what sources said of symbols, and headlines, each at the
 * instant from which it was known; at one instant readings come before headlines, and what was
 * known before a run began is heard when it begins. Lab, replay and the columns of trials walk the
 * same line by these functions. Where one stands in it is a SocialPlace, a plain value. The rows
 * belong to whoever made the line, and outlive the run. Pure.
 */
#ifndef CORE_BUS_SOCIAL_LINE_H
#define CORE_BUS_SOCIAL_LINE_H

#include "core/bus/message.h"

typedef struct SocialLine {
    const SocialReading *readings; /* in order of `known` */
    const Headline *headlines;     /* likewise */
    size_t reading_count, headline_count;
} SocialLine;

typedef struct SocialPlace {
    size_t reading, headline; /* the next ones */
} SocialPlace;

/* When the next row is heard in a run that starts there; INT64_MAX behind the last. */
int64_t social_line_due(const SocialLine *line, const SocialPlace *place, int64_t start_us);
/* Takes that row; `topic` gets where it is said. */
const void *social_line_take(const SocialLine *line, SocialPlace *place, Topic *topic);

#endif
