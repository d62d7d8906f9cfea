/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lab from the shell: brings the markets into the order of their names, names them in the
 * settings, finds the memory, runs, and gives back a result whose trades speak of the caller's
 * markets. Everything handed in stays the caller's.
 */
#ifndef SHELL_BACKTEST_LAB_RUN_H
#define SHELL_BACKTEST_LAB_RUN_H

#include "core/lab/lab.h"

typedef struct LabRun {
    const Settings *settings;
    const LabMarket *markets; /* in any order */
    unsigned market_count;
    const SocialReading *social; /* as LabPlan's */
    size_t social_count;
    const Headline *news;
    size_t news_count;
    Money balance;
    bool flatten;
    Outside outside; /* zero: nothing is asked of sources and models */
    void (*watch)(void *context, const Message *message);
    void *watch_context;
} LabRun;

/* With every service of the program. */
bool lab_run_all(const LabRun *run, TrialOutput *output, LabResult *result, Error *error) MUST_USE;
/* Puts the markets' names into the settings, in place of those that are there. */
bool lab_run_name_symbols(Settings *settings, const LabMarket *markets, unsigned count,
                          Error *error) MUST_USE;

#endif
