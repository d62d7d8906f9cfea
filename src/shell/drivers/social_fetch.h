/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole history of the Fear & Greed index into DATA/social (social_file.h says what is kept).
 * One request, asked once: the source wants to be asked rarely. The caller owns plan and result.
 */
#ifndef SHELL_DRIVERS_SOCIAL_FETCH_H
#define SHELL_DRIVERS_SOCIAL_FETCH_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/base/error.h"

typedef struct SocialFetchPlan {
    const char *root, *url;
    bool allow_plain_http;
    const atomic_bool *stop;
} SocialFetchPlan;

typedef struct SocialFetched {
    uint64_t days, added, refused;
} SocialFetched;

bool social_fetch(const SocialFetchPlan *plan, SocialFetched *fetched, Error *error) MUST_USE;

#endif
