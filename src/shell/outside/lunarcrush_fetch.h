/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LunarCrush's hourly series of the past into the store (shell/store/social_store.h), through the
 * port that holds the key. Coins are found in the list by their tickers. Hours that are stored are
 * not asked for again, and what comes is stored request by request, so that a fetch that was cut
 * goes on where it stood. It keeps the plan's pace and stops at the plan's day; when the source
 * says that it is asked too often, it waits for as long as it is told. One thread; the caller owns
 * plan and result.
 */
#ifndef SHELL_OUTSIDE_LUNARCRUSH_FETCH_H
#define SHELL_OUTSIDE_LUNARCRUSH_FETCH_H

#include <stdatomic.h>

#include "core/market/symbol.h"
#include "shell/drivers/outside_port.h"

typedef struct LunarcrushFetchPlan {
    const char *root;
    OutsidePort *port; /* social sources are live */
    const AssetName *assets;
    unsigned asset_count;     /* at most LIMIT_SYMBOLS */
    int64_t start_us, now_us; /* hours from the start to the last that is over */
    int64_t calls_per_minute, calls_per_day, timeout_ms;
    const atomic_bool *stop;
} LunarcrushFetchPlan;

typedef struct LunarcrushFetched {
    unsigned found; /* assets that it knows */
    uint64_t hours, added, refused, requests;
} LunarcrushFetched;

/* False with an Error when it could not go on; what had come is stored. */
bool lunarcrush_fetch(const LunarcrushFetchPlan *plan, LunarcrushFetched *fetched,
                      Error *error) MUST_USE;

#endif
