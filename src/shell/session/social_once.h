/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The social monitor's work, once, without a run: the very service alone in a kernel, fed either by
 * its sources, asked now, or by stored history up to an instant. What it says at the end is the
 * result: one SocialUpdate for each symbol of which anything is known. Nothing is written.
 */
#ifndef SHELL_SESSION_SOCIAL_ONCE_H
#define SHELL_SESSION_SOCIAL_ONCE_H

#include "core/base/error.h"
#include "core/bus/message.h"
#include "core/bus/settings.h"
#include "core/market/symbol.h"
#include "shell/config/dotenv.h"

typedef struct SocialOnce {
    const Settings *settings;
    const Dotenv *dotenv;
    const SymbolName *symbols;
    unsigned symbol_count;
    SocialUpdate updates[LIMIT_SYMBOLS]; /* filled, in order of symbols */
    unsigned update_count;
} SocialOnce;

/* Asks every source that the settings allow and waits for the answers, two minutes at most; lines
 * of the monitor (a rate limit, a key that is missing) go to standard error. */
bool social_once_ask(SocialOnce *once, Error *error) MUST_USE;
/* The picture at `until_us` from the social history below `root`, the end of history if that is 0.
 * ERROR_DATA if nothing was known by then. */
bool social_once_recall(SocialOnce *once, const char *root, int64_t until_us,
                        Error *error) MUST_USE;

#endif
